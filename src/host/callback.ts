/**
 * From Node's two ways of saying that something is done to waits of tasks. The task that asked waits, all others
 * go on; the work itself is done by threads of the system.
 */
import type { ErrorValue } from '../runtime/errors';
import { operation } from '../runtime/operation';
import type { Steps } from '../runtime/task';
import type { Reported } from './reported';

/** Makes the error of the language in the task that waits. */
export type Wording = (error: NodeJS.ErrnoException) => ErrorValue;

/**
 * Waits for a callback `(error, result)`. What has begun cannot be stopped: when the task is cancelled, its result
 * is thrown away.
 */
export function called<T>(
  what: string,
  word: Wording,
  start: (done: (error: NodeJS.ErrnoException | null, result: T) => void) => void,
): Steps<T> {
  return operation<T>(what, (succeed, fail) => {
    start((error, result) => {
      if (error === null) succeed(result);
      else fail(() => word(error));
    });
  });
}

/** Told to work that goes on in the background: the task was cancelled, nobody wants the result. */
export class Cancelled {
  wanted = true;
  /** Called when it is no longer wanted, for work that can be stopped. */
  stop: () => void = () => {};
}

/**
 * Waits for a promise. The work asks `state.wanted` between its steps, and cleans up behind itself also when it is
 * no longer wanted. What is `seen` ends with the work: for the stream of events it is then closed, and has failed
 * where the work has.
 */
export function promised<T>(
  what: string,
  word: Wording,
  work: (state: Cancelled) => Promise<T>,
  ...seen: Reported[]
): Steps<T> {
  return operation<T>(what, (succeed, fail) => {
    const state = new Cancelled();
    work(state).then(
      (result) => {
        for (const each of seen) each.closed();
        succeed(result);
      },
      (error: unknown) => {
        for (const each of seen) {
          each.failed(error);
          each.closed();
        }
        fail(() => word(error as NodeJS.ErrnoException));
      },
    );
    return () => {
      state.wanted = false;
      state.stop();
    };
  });
}
