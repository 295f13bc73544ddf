/** Compiles and runs one program in this process and gives what it printed; its failure fails the test. */
import assert from 'node:assert/strict';
import type { Diagnostic } from '../../src/diagnostics/diagnostic';
import { PLAIN_STYLE, renderDiagnostics } from '../../src/diagnostics/render-terminal';
import { compileText } from '../../src/program/compile';
import { renderError } from '../../src/runtime/failures';
import { execute } from '../lang/execute';

/** The lines that a program prints. It must compile and end well. */
export async function linesOf(text: string, name = 'main.sn'): Promise<string[]> {
  const { diagnostics, program } = compileText(name, text);
  assert.ok(program !== null, `does not compile:\n${renderDiagnostics(diagnostics, PLAIN_STYLE).slice(0, 2000)}`);
  const ran = await execute(program);
  const failures = [...ran.failed, ...(ran.thrown === undefined ? [] : [ran.thrown])];
  assert.equal(failures.map((each) => renderError(each, PLAIN_STYLE)).join('\n'), '');
  assert.deepEqual(ran.deadlock, []);
  return ran.output.split('\n').slice(0, -1);
}

/** What is found in a program before it runs. */
export function findingsIn(text: string, name = 'main.sn'): readonly Diagnostic[] {
  return compileText(name, text).diagnostics;
}

/** A string literal of the language that stands for `text`, with everything unusual escaped. */
export function literal(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
