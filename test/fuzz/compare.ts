/** One program, two opinions: what the compiled program does and what the reference evaluator says of it. */
import { lineStarts, positionAt } from '../../src/diagnostics/lines';
import { compileText } from '../../src/program/compile';
import { ErrorValue, inspect } from '../../src/runtime/values';
import { parse } from '../../src/syntax/parser';
import { GivenUp, evaluate } from '../reference/evaluate';
import { RefError, toText } from '../reference/values';
import { executeNow } from '../lang/execute';

export interface Comparison {
  /** False where the program was refused before the run, or is too much for the evaluator. */
  readonly ran: boolean;
  /** Null when both agree. */
  readonly difference: { readonly expected: string; readonly actual: string } | null;
  readonly refused: string | null;
}

/** `plain` is evaluated, `text` is compiled: the same program, or one with waits in it. */
export function compare(plain: string, text: string = plain): Comparison {
  const { program, diagnostics } = compileText('fuzz.sn', text);
  if (program === null) {
    return { ran: false, difference: null, refused: diagnostics.find((each) => each.severity === 'error')?.message ?? 'no error' };
  }
  const expected = referenceResult(plain);
  if (expected === null) return { ran: false, difference: null, refused: null };
  const actual = compiledResult(program);
  return { ran: true, difference: expected === actual ? null : { expected, actual }, refused: null };
}

function referenceResult(text: string): string | null {
  const source = { name: 'fuzz.sn', text };
  try {
    const { output, thrown } = evaluate(parse(source).program);
    if (thrown === undefined) return output;
    if (!(thrown instanceof RefError)) return `${output}thrown: ${typeof thrown === 'string' ? JSON.stringify(thrown) : toText(thrown)}`;
    lineStarts(source);
    return `${output}error ${thrown.code} on line ${positionAt(source, thrown.at).line}`;
  } catch (error) {
    // The evaluator's own recursion is no measure for the compiled program.
    if (error instanceof GivenUp || error instanceof RangeError) return null;
    throw error;
  }
}

function compiledResult(program: Parameters<typeof executeNow>[0]): string {
  const { output, thrown, failed, deadlock } = executeNow(program);
  const rest = [...failed.map((each) => `failed task: ${inspect(each)}`), ...deadlock.map((each) => `deadlock: ${each}`)].join('; ');
  if (thrown === undefined) return output + rest;
  if (!(thrown instanceof ErrorValue)) return `${output}thrown: ${typeof thrown === 'string' ? JSON.stringify(thrown) : inspect(thrown)}${rest}`;
  const detail = thrown.code === 'EINTERNAL' ? ` (${thrown.message})` : '';
  return `${output}error ${thrown.code} on line ${String(thrown.get('line'))}${detail}${rest}`;
}
