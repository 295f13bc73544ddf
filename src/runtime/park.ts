/**
 * How a task parks. What the runtime waits with is no generator but one small object that compiled code reads
 * `done` of: false for one that parks, whose `value` is yielded to the scheduler and whose `result` makes of
 * what the task is woken with what the call gives. Generators of the runtime wait for the same object with
 * `yield*`: it is an iterator too, and that iterator's results.
 *
 * A task that is interrupted at a wait is given `undefined`, which no wait is ever woken with. Whoever parks
 * asks for that, so that the error is made at the very place where the task waits and its stack shows the
 * program there; the probe, which only asks where that is, parks again. Therefore nothing is waited for with
 * a bare `yield waitable`, except where the compiler writes it with that test.
 */
import { running, Trace } from './errors';
import type { Steps, Task, Waitable } from './task';
import type { Value } from './values';

/** Brought to a parked task: the error is made where it waits. */
export class Interruption {
  constructor(readonly makeError: () => Value) {}
}

/** Brought to a parked task to learn where it waits; the task stays parked. */
class Probe extends Interruption {
  found: Trace | null = null;
}

export const PROBE = new Probe(() => {
  throw new Error('the probe reached something that is not parked');
});

/** What the task that is given `undefined` is interrupted with. */
let brought: Interruption | null = null;

/** Interrupts a parked task at its wait: its next step. */
export function stepInto(steps: Steps<unknown>, interruption: Interruption): IteratorResult<Waitable | null> {
  brought = interruption;
  return steps.next(undefined);
}

/** Notes where the running Sentra code is. */
export function traceHere(): Trace {
  return new Trace(running.task?.spawned ?? null);
}

/** A task was given `undefined` where it waits: throws, or notes the place for the probe; then it has to park again. */
function feel(): void {
  const interruption = brought;
  brought = null;
  if (interruption === null) throw new Error('a wait was woken with nothing');
  if (interruption !== PROBE) throw interruption.makeError();
  PROBE.found = traceHere();
}

/**
 * What compiled code still waits for, with `yield*`: all of it where that is no `Parked`, else nothing, as the task
 * was given `undefined` there, unless it was the probe.
 */
export function left<T>(steps: Steps<T> | Parked<T>): Steps<T> {
  if (!('again' in steps)) return steps;
  feel();
  return steps.again();
}

/** What compiled code parks with. */
export interface Parked<T> {
  readonly done: false;
  /** What is yielded to the scheduler. */
  readonly value: Waitable;
  result(given: unknown): T;
  /** The same wait once more. */
  again(): Steps<T>;
}

/** One wait as an iterator: the first step gives what is waited for, the second one the result. */
export class Park<T> {
  /** With `value`: the iterator result that every step gives. */
  done = false;
  value: unknown;
  protected begun = false;

  constructor(waitable: Waitable | null) {
    this.value = waitable;
  }

  next(given?: unknown): this {
    if (!this.begun) {
      this.begun = true;
    } else if (given === undefined) {
      feel();
    } else {
      this.done = true;
      this.value = this.result(given);
    }
    return this;
  }

  /** Makes the result of the wait, in the task, from what it was woken with. May throw. */
  result(given: unknown): T {
    return given as T;
  }

  again(): Steps<T> {
    this.begun = false;
    return this as unknown as Steps<T>;
  }

  throw(thrown: unknown): never {
    throw thrown;
  }

  return(value: unknown): { done: true; value: unknown } {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Parks the running task at `waitable`; gives what it is woken with. */
export function park<T>(waitable: Waitable): Steps<T> {
  return new Park<T>(waitable) as unknown as Steps<T>;
}

/** A waitable that parks the task that makes it: `yield* wait.steps()`. */
export abstract class Wait<T> extends Park<T> implements Waitable {
  readonly task: Task;
  abstract readonly external: boolean;

  constructor() {
    super(null);
    this.value = this;
    if (running.task === null) throw new Error('no task is running that could wait');
    this.task = running.task;
  }

  abstract abandon(task: Task): void;
  abstract describe(): string;

  steps(): Steps<T> {
    return this as unknown as Steps<T>;
  }
}

/** What needs no wait: steps that are over at once. */
class Ready {
  readonly done = true;
  constructor(readonly value: unknown) {}

  next(): this {
    return this;
  }

  throw(thrown: unknown): never {
    throw thrown;
  }

  return(value: unknown): { done: true; value: unknown } {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The result of something that may wait, and did not have to. */
export function ready<T>(value: T): Steps<T> {
  return new Ready(value) as unknown as Steps<T>;
}

const READY_NULL = ready(null);

export function readyNull(): Steps<null> {
  return READY_NULL;
}

/** Yielded by `turn`: as `TURN`, yet an interruption is made into an error in place. */
export const TURN_IN_PLACE: Waitable = {
  external: false,
  abandon() {},
  describe: () => 'for its turn',
};

/** Lets others run. */
export function turn(): Steps<null> {
  return new Park<null>(TURN_IN_PLACE) as unknown as Steps<null>;
}
