/**
 * Functions as values: which wait, calling them from the runtime, calls put off to the end of a function, and
 * calls that become tasks. A function value that may wait is a generator function; all others are called as
 * they are.
 */
import { caught, fault, running } from './errors';
import type { Site, SpawnTrace } from './errors';
import { describe } from './describe-value';
import { method, noMethod } from './operators';
import { spawnTask } from './scheduler';
import type { Steps, Task } from './task';
import type { FunctionValue, Value } from './values';

/** The constructor of what `function*` makes. */
export const GeneratorFunction = function* () {}.constructor as GeneratorFunctionConstructor;

/** The value to call later, or the error that it is no function. */
export function callable(value: Value): FunctionValue {
  if (typeof value === 'function') return value;
  throw fault('ETYPE', (site) => `cannot call ${operand(site)}: it is ${describe(value)}`);
}

function operand(site: Site | null): string {
  const text = site?.operands[0];
  return text === undefined || text === '' ? 'the value' : `'${text}'`;
}

/** `object.name(args)` to be made later: the function and all its arguments. */
export function laterMethod(
  object: Value,
  name: string,
  builtin: FunctionValue | null,
  args: Value[],
): [FunctionValue, Value[]] {
  const own = method(object, name);
  if (own !== undefined) return [own, args];
  if (builtin === null) noMethod(object, name);
  return [builtin, [object, ...args]];
}

// ---------------------------------------------------------------- deferred calls

/** Functions and their arguments in turn, as `defer` gathered them. */
export type Deferred = (FunctionValue | Value[])[];

/**
 * The lists of all functions that have not ended yet, with their tasks. Only here is what a function deferred that
 * Ctrl-C threw away.
 */
const gathering = new Map<Deferred, Task | null>();

/** An empty list, for the function that begins. */
export function gatherDeferred(): Deferred {
  const calls: Deferred = [];
  gathering.set(calls, running.task);
  return calls;
}

/** Runs what a task deferred that was thrown away in the midst of a step. */
export function* runLeftDeferred(task: Task | null): Steps<void> {
  const left = [...gathering].filter(([, owner]) => owner === task).reverse();
  for (const [calls] of left) yield* runDeferredWaiting(calls);
}

/**
 * Runs deferred calls, last one first. All run; the last error is thrown when they have, as a `finally` throws
 * its own in the place of an earlier one. For functions that cannot wait: what they defer does not wait either.
 */
export function runDeferred(calls: Deferred): void {
  let failure: { readonly error: Value } | null = null;
  while (calls.length > 0) {
    const args = calls.pop() as Value[];
    const f = calls.pop() as FunctionValue;
    try {
      const result = f(...args);
      if (f instanceof GeneratorFunction) runToEnd(result as Steps);
    } catch (error) {
      failure = { error: caught(error) };
    }
  }
  gathering.delete(calls);
  if (failure !== null) throw failure.error;
}

/** A built-in in its waiting form, called where nothing can wait: it ends without a wait. */
function runToEnd(steps: Steps): void {
  if (steps.next().done !== true) throw new Error('a deferred call waits in a function that cannot');
}

/** As `runDeferred`, for functions that can wait. */
export function* runDeferredWaiting(calls: Deferred): Steps<void> {
  let failure: { readonly error: Value } | null = null;
  while (calls.length > 0) {
    const args = calls.pop() as Value[];
    const f = calls.pop() as FunctionValue;
    try {
      if (f instanceof GeneratorFunction) yield* f(...args) as unknown as Steps;
      else f(...args);
    } catch (error) {
      failure = { error: caught(error) };
    }
  }
  gathering.delete(calls);
  if (failure !== null) throw failure.error;
}

// ---------------------------------------------------------------- tasks

/** The places in a module where it spawns tasks. */
export interface Spawner {
  readonly spawnSites: readonly { readonly site: Site; readonly function: string }[];
}

/** A task remembers at most this many places of tasks that spawned one another. */
const MAX_SPAWN_DEPTH = 8;

function spawnTrace(spawner: Spawner, number: number): SpawnTrace {
  const here = spawner.spawnSites[number]!;
  const parent = running.task?.spawned ?? null;
  const cut = parent !== null && parent.depth >= MAX_SPAWN_DEPTH;
  return {
    site: here.site,
    function: here.function,
    parent: cut ? null : parent,
    depth: cut || parent === null ? 1 : parent.depth + 1,
  };
}

/** `spawn { ... }` */
export function spawn(steps: Steps, spawner: Spawner, number: number): Task {
  return spawnTask(steps, spawnTrace(spawner, number));
}

/** `spawn f(x)` */
export function spawnCall(spawner: Spawner, number: number, f: FunctionValue, args: Value[]): Task {
  const steps = f instanceof GeneratorFunction ? (f(...args) as unknown as Steps) : plainSteps(f, args);
  return spawnTask(steps, spawnTrace(spawner, number));
}

// eslint-disable-next-line require-yield -- it ends without a wait, yet only when its turn comes
function* plainSteps(f: FunctionValue, args: Value[]): Steps {
  return f(...args);
}
