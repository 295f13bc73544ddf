/** One program, two opinions: what the compiled program does and what the reference evaluator says of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBuiltin } from '../../src/builtins/registry';
import { positionAt } from '../../src/diagnostics/lines';
import { compileText } from '../../src/program/compile';
import type { CompiledProgram } from '../../src/program/compile';
import { ErrorValue, inspect } from '../../src/runtime/values';
import type { Value as CompiledValue } from '../../src/runtime/values';
import { parse } from '../../src/syntax/parser';
import { GivenUp, evaluate } from '../reference/evaluate';
import { OWN_WORDS, RefError, toText } from '../reference/values';
import type { Value } from '../reference/values';
import { executeNow } from '../lang/execute';

export interface Comparison {
  /** False where the program was refused before the run, or is too much for the evaluator. */
  readonly ran: boolean;
  /** Null when both agree. */
  readonly difference: { readonly expected: string; readonly actual: string } | null;
  readonly refused: string | null;
}

/** What programs may import, for the evaluator on one line in the place of the import. */
const helpers = new Map(
  ['plain', 'waiting'].map((name) => {
    const path = join(__dirname, 'helpers', `${name}.sn`);
    const lines = readFileSync(path, 'utf8')
      .replace(/^\/\/.*\n/gm, '')
      .replaceAll('export ', '')
      .trim()
      .split('\n');
    return [path, lines.join('; ')];
  }),
);

/** Where generated programs find their helpers. */
export const helperPaths: readonly string[] = [...helpers.keys()];

export function compare(text: string): Comparison {
  const { program, diagnostics } = compileText('fuzz.sn', text);
  if (program === null) {
    return {
      ran: false,
      difference: null,
      refused: diagnostics.find((each) => each.severity === 'error')?.message ?? 'no error',
    };
  }
  const plain = text.replace(/^import \{[^}]*\} from "(.*)"$/m, (line, path: string) => helpers.get(path) ?? line);
  const expected = referenceResult(plain);
  if (expected === null || expected.includes(OWN_WORDS)) return { ran: false, difference: null, refused: null };
  const actual = compiledResult(program);
  return { ran: true, difference: agree(expected, actual) ? null : { expected, actual }, refused: null };
}

/**
 * Where both a variable is not set yet and what is called is no function, either may be said: `f(x)` looks at
 * `x` when it calls.
 */
function agree(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const either = (result: string): string => result.replace(/EUNSET|ETYPE( on line \d+)?/g, 'E');
  return expected.includes('EUNSET') && either(expected) === either(actual);
}

function referenceResult(text: string): string | null {
  const source = { name: 'fuzz.sn', text };
  const shown = (value: Value): string => {
    if (!(value instanceof RefError)) return typeof value === 'string' ? JSON.stringify(value) : toText(value);
    return value.code === 'EUNSET'
      ? 'error EUNSET'
      : `error ${value.code} on line ${positionAt(source, value.at).line}`;
  };
  try {
    const { output, thrown, thrownLate } = evaluate(parse(source).program, {
      isBuiltin: (name) => findBuiltin(name) !== undefined,
    });
    return output + [thrown, thrownLate].map((each) => (each === undefined ? '' : `thrown: ${shown(each)}\n`)).join('');
  } catch (error) {
    // The evaluator's own recursion is no measure for the compiled program.
    if (error instanceof GivenUp || error instanceof RangeError) return null;
    throw error;
  }
}

function compiledResult(program: CompiledProgram): string {
  const { output, thrown, thrownLate, failed, deadlock } = executeNow(program);
  const shown = (value: CompiledValue): string => {
    if (!(value instanceof ErrorValue)) return typeof value === 'string' ? JSON.stringify(value) : inspect(value);
    // The engine finds these itself and tells the line only of the generated code.
    if (value.code === 'EUNSET') return 'error EUNSET';
    return `error ${value.code} on line ${String(value.get('line'))}${value.code === 'EINTERNAL' ? ` (${value.message})` : ''}`;
  };
  return (
    output +
    [thrown, thrownLate].map((each) => (each === undefined ? '' : `thrown: ${shown(each)}\n`)).join('') +
    [...failed.map((each) => `failed task: ${shown(each)}\n`), ...deadlock.map((each) => `deadlock: ${each}\n`)].join(
      '',
    )
  );
}
