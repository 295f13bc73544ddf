/**
 * `sentra check`: everything that can be told of programs without running them. Findings go to standard
 * output, as text or as JSON. Exit status 2 when there is an error; warnings alone are 0.
 */
import type { Diagnostic } from '../diagnostics/diagnostic';
import { renderJson } from '../diagnostics/render-json';
import { renderDiagnostics } from '../diagnostics/render-terminal';
import { isFile } from '../host/files';
import { exit, writeErr, writeOut } from '../host/process';
import { readInputNow } from '../host/read-input';
import { checkFile, compileText, UnreadableFile } from '../program/compile';
import { counted, filesBelow } from './files-below';
import { outputStyle } from './output-style';
import { unreadable } from './unreadable-file';
import { helpHint, optionsFirst, readCommandLine, UsageError } from './usage';
import type { OptionSpec } from './usage';

const OPTIONS: readonly OptionSpec[] = [{ names: ['--json'], takes: 'nothing' }];

export function check(args: readonly string[]): void {
  const { options, operands } = readCommandLine('sentra check', optionsFirst(args, OPTIONS), OPTIONS);
  if (operands.length === 0)
    throw new UsageError(
      'sentra check: which files? Give files or directories, or - for standard input',
      helpHint('sentra check'),
    );
  const files = operands.flatMap(programsAt);
  const findings = distinct(files.flatMap((file) => [...checkOne(file)]));
  if (options.has('--json')) writeOut(`${renderJson(findings)}\n`);
  else report(findings, files.length);
  exit(findings.some((each) => each.severity === 'error') ? 2 : 0);
}

/** A file, or all programs below a directory. */
function programsAt(path: string): string[] {
  if (path === '-' || isFile(path)) return [path];
  const found = filesBelow(path, (name) => name.endsWith('.sn'));
  return found.length > 0 ? found : [path];
}

function checkOne(file: string): readonly Diagnostic[] {
  if (file === '-') return compileText('<stdin>', readInputNow()).diagnostics;
  try {
    return checkFile(file);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const { message, hint } = unreadable(error);
    const source = { name: file, text: '' };
    const finding: Diagnostic = {
      code: 'unreadable-file',
      severity: 'error',
      message,
      source,
      span: { start: 0, end: 0 },
      ofFile: true,
    };
    return [hint === null ? finding : { ...finding, hint }];
  }
}

/** A file that several others import is reported once. */
function distinct(findings: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const each of findings) {
    const key = JSON.stringify([each.source.name, each.span.start, each.span.end, each.code, each.message]);
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

function report(findings: readonly Diagnostic[], files: number): void {
  if (findings.length > 0) writeOut(`${renderDiagnostics(findings, outputStyle())}\n\n`);
  const errors = findings.filter((each) => each.severity === 'error').length;
  const warnings = findings.length - errors;
  const found = [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : ''].filter(
    (each) => each !== '',
  );
  writeErr(`${found.length === 0 ? 'nothing found' : found.join(' and ')} in ${counted(files, 'file')}\n`);
}
