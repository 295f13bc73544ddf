/** How the output of commands is written to. */
import { MAX_WIDTH } from '../builtins/help-text';
import type { Style } from '../diagnostics/render-terminal';
import { colorsWanted, isTerminal, terminalColumns, terminalWidth } from '../host/process';

/** Columns for help: those of the terminal, but no more than read well. */
export function helpWidth(): number {
  return Math.min(MAX_WIDTH, terminalColumns(1) ?? MAX_WIDTH);
}

export function outputStyle(): Style {
  return { colors: colorsWanted(1), width: terminalWidth(), wraps: isTerminal(1) };
}
