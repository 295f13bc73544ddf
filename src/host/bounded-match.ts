/**
 * Two ways to keep a regular expression that backtracks without end from holding up the program. V8 runs a match in
 * one go, so nothing of the program can stop it; but V8 can be told to give up after a number of backtracks, and Node
 * ends a script of `vm` after a time, a match within it too.
 *
 * The first costs nothing, but giving up looks like "no match": it is told apart by the time it took. The second is
 * exact and costs a fifth of a millisecond, since it starts a thread.
 */
import { node } from './node';

/** Backtracks after which a bounded expression gives up: several milliseconds on any machine. */
const MAX_BACKTRACKS = 1_000_000;

type Make = (source: string, flags: string, limit: number) => RegExp;

/** V8's own function; null where it is not to be had. */
let make: Make | null | undefined;

function maker(): Make | null {
  const { v8 } = node;
  v8.setFlagsFromString('--allow-natives-syntax');
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the only way to call it; no text of a program
    return new Function(
      'source',
      'flags',
      'limit',
      'return %NewRegExpWithBacktrackLimit(source, flags, limit)',
    ) as Make;
  } catch {
    return null;
  } finally {
    v8.setFlagsFromString('--no-allow-natives-syntax');
  }
}

/**
 * A regular expression that gives up, as if nothing matched, after so many backtracks that the clock has moved by
 * then; null where V8 makes none.
 */
export function boundedExpression(source: string, flags: string): RegExp | null {
  if (make === undefined) make = maker();
  return make === null ? null : make(source, flags, MAX_BACKTRACKS);
}

interface Arena {
  readonly box: { job: (() => unknown) | null };
  readonly run: (timeoutMs: number) => unknown;
}

let arena: Arena | undefined;

function makeArena(): Arena {
  const box: Arena['box'] = { job: null };
  const context = node.vm.createContext(box);
  const script = new node.vm.Script('job()');
  return { box, run: (timeout) => script.runInContext(context, { timeout }) as unknown };
}

/** Runs `job`, which must not run any of the program's code, for at most this time. Null when it was not enough. */
export function runAtMost<T>(timeoutMs: number, job: () => T): { readonly result: T } | null {
  const { box, run } = (arena ??= makeArena());
  box.job = job;
  try {
    return { result: run(Math.ceil(timeoutMs)) as T };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    box.job = null;
  }
}
