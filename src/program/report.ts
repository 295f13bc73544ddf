/** What a person is told when something failed that the program did not handle: to standard error. */
import type { Diagnostic } from '../diagnostics/diagnostic';
import { renderDiagnostic, renderDiagnostics } from '../diagnostics/render-terminal';
import type { Style } from '../diagnostics/render-terminal';
import { colorsWanted, terminalColumns, terminalWidth, writeErr } from '../host/process';
import { renderError } from '../runtime/failures';
import type { Task, Value } from '../runtime/values';
import { deadlockDiagnostic } from './deadlock';

/** How the error stream is written to. */
export function errorStyle(): Style {
  const columns = terminalColumns(2);
  return { colors: colorsWanted(2), width: columns ?? terminalWidth(), wraps: columns !== null };
}

/** Findings of the compiler. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) writeErr(renderDiagnostics(diagnostics, errorStyle()) + '\n');
}

/** An error that nobody caught. */
export function reportFailure(error: Value): void {
  writeErr(renderError(error, errorStyle()) + '\n');
}

/** Every task waits for another, so that none can go on. */
export function reportDeadlock(tasks: Iterable<Task>): void {
  const diagnostic = deadlockDiagnostic(tasks);
  if (diagnostic !== null) writeErr(renderDiagnostic(diagnostic, errorStyle()) + '\n');
}
