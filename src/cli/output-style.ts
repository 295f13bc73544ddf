/** How the output of commands is written to. */
import type { Style } from '../diagnostics/render-terminal';
import { colorsWanted, terminalWidth } from '../host/process';

export function outputStyle(): Style {
  return { colors: colorsWanted(1), width: terminalWidth() };
}
