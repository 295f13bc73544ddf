/** Runs every program under this folder and compares what it does with what its comments expect. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { positionAt } from '../../src/diagnostics/lines';
import type { Diagnostic } from '../../src/diagnostics/diagnostic';
import { compileFile, compileText } from '../../src/program/compile';
import type { Compilation } from '../../src/program/compile';
import { ErrorValue, inspect } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { execute } from './execute';
import type { Ran } from './execute';
import { casesOf } from './expectations';
import type { Case, Finding } from './expectations';

const root = __dirname;

/** The programs to run; what they import lies in folders named `lib`. */
const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.sn') && !entry.parentPath.endsWith('/lib'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => path.includes(process.env['SENTRA_LANG'] ?? ''))
  .sort();

for (const file of files) {
  const name = relative(root, file);
  const cases = casesOf(readFileSync(file, 'utf8'));
  if (cases.length === 1 && cases[0]!.title === '') {
    test(name, () => check(cases[0]!, compileFile(file), name));
  } else {
    describe(name, () => {
      for (const each of cases) test(each.title, () => check(each, compileText(name, each.text), name));
    });
  }
}

async function check(expected: Case, { diagnostics, program }: Compilation, name: string): Promise<void> {
  const errors = diagnostics.filter((each) => each.severity === 'error');
  const early = program === null ? expected.found : expected.found.filter((each) => each.severity === 'warning');
  for (const each of early) {
    const fits = diagnostics.some((diagnostic) => fitsFinding(diagnostic, each));
    assert.ok(
      fits,
      `expected the ${each.severity} '${each.message}' on line ${each.line}; found:\n${listed(diagnostics)}`,
    );
  }
  const unexpected = errors.filter((each) => !expected.found.some((finding) => fitsFinding(each, finding)));
  assert.equal(listed(unexpected), '', 'errors found before the run');
  if (program === null) {
    assert.ok(errors.length > 0, 'no program and no error');
    return;
  }
  const ran = await execute(program);
  compare(expected, ran, name);
}

function compare(expected: Case, ran: Ran, name: string): void {
  const elsewhere = expected.found.find((each) => each.severity === 'error');
  const error = expected.runtimeError ?? elsewhere ?? null;
  if (error === null && expected.deadlock === null) assert.equal(shown(ran.thrown), '', 'nobody caught an error');
  const printed = ran.output.split('\n').map((line) => line.trimEnd());
  if (printed.at(-1) === '') printed.pop();
  assert.equal(
    printed.join('\n'),
    expected.output.join('\n'),
    ran.thrown === undefined ? 'output' : `output, thrown: ${shown(ran.thrown)}`,
  );
  if (error !== null) assertThrown(ran.thrown, error, name);
  assert.equal(shown(ran.thrownLate), '', 'thrown by a deferred call');
  assert.deepEqual(
    ran.failed.filter((each, i) => !shown(each).includes(expected.failedTasks[i] ?? '\0')).map(shown),
    [],
    'tasks that failed',
  );
  assert.equal(ran.failed.length, expected.failedTasks.length, 'tasks that failed');
  if (expected.deadlock === null) assert.deepEqual(ran.deadlock, [], 'deadlock');
  else
    assert.ok(
      ran.deadlock.some((each) => each.includes(expected.deadlock!)),
      `expected a deadlock, got ${ran.deadlock.join(', ')}`,
    );
}

function assertThrown(thrown: Value | undefined, error: Finding, name: string): void {
  assert.notEqual(thrown, undefined, `expected the error '${error.message}' on line ${error.line}`);
  assert.ok(shown(thrown).includes(error.message), `expected '${error.message}', thrown: ${shown(thrown)}`);
  if (!(thrown instanceof ErrorValue)) return;
  assert.notEqual(thrown.code, 'EINTERNAL', thrown.message);
  const file = thrown.get('file');
  assert.ok(String(file).endsWith(error.file ?? name), `thrown in ${String(file)}`);
  assert.equal(thrown.get('line'), error.line, `the line of: ${thrown.message}`);
}

function fitsFinding(diagnostic: Diagnostic, finding: Finding): boolean {
  return (
    diagnostic.severity === finding.severity &&
    positionAt(diagnostic.source, diagnostic.span.start).line === finding.line &&
    (finding.file === null || diagnostic.source.name.endsWith(finding.file)) &&
    [diagnostic.message, diagnostic.label, diagnostic.hint].some((text) => text?.includes(finding.message))
  );
}

function listed(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .map((each) => {
      const { line, column } = positionAt(each.source, each.span.start);
      const hint = each.hint === undefined ? '' : ` (${each.hint})`;
      return `  ${each.severity}[${each.code}] ${each.source.name}:${line}:${column}: ${each.message}${hint}`;
    })
    .join('\n');
}

function shown(value: Value | undefined): string {
  if (value === undefined) return '';
  return value instanceof ErrorValue ? `${value.code}: ${value.message}` : inspect(value);
}
