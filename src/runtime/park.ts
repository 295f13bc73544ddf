/**
 * How a task parks. What the runtime waits with is no generator but one small object that serves at once as
 * the iterator of the `yield*` it is waited for with, as that iterator's results, and (for a `Wait`) as the
 * waitable itself: parking costs one allocation and resuming one call, half of what a generator takes.
 *
 * Whoever parks does it through a class of this file, never with a bare `yield waitable`: only these
 * understand an `Interruption`, which becomes an error at the very place where the task waits, so that the
 * error's stack shows the program there, and the probe, which only asks where that is.
 */
import { running, Trace } from './errors';
import type { Steps, Task, Waitable } from './task';
import type { Value } from './values';

/** Thrown into a parked task: the error is made where it waits. */
export class Interruption {
  constructor(readonly makeError: () => Value) {}
}

/** Thrown into a parked task to learn where it waits; the task stays parked. */
class Probe extends Interruption {
  found: Trace | null = null;
}

export const PROBE = new Probe(() => {
  throw new Error('the probe reached something that is not parked');
});

/** Notes where the running Sentra code is. */
export function traceHere(): Trace {
  return new Trace(running.task?.spawned ?? null);
}

/** What `throw` of a parked iterator does: throws in turn, or notes the place for the probe and returns to park again. */
export function interrupted(thrown: unknown): void {
  if (!(thrown instanceof Interruption)) throw thrown;
  if (thrown !== PROBE) throw thrown.makeError();
  PROBE.found = traceHere();
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
    if (this.begun) {
      this.done = true;
      this.value = this.result(given);
    } else {
      this.begun = true;
    }
    return this;
  }

  /** Makes the result of the wait, in the task, from what it was woken with. May throw. */
  protected result(given: unknown): T {
    return given as T;
  }

  throw(thrown: unknown): this {
    interrupted(thrown);
    return this;
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
