/**
 * What one task waits for that something outside the program does: a connection, a look-up, the end of a file's
 * reading. For hosts that are told by callbacks.
 *
 * Always: whoever waits is woken once, by the first that comes of a success, a failure and a cancel.
 */
import { Park, ready } from './park';
import { cancelledError, currentTask, resume } from './scheduler';
import type { Steps, Task, Waitable } from './task';
import type { Value } from './values';

/**
 * An operation of the outside world that one task waits for. `yield* wait()` parks; `succeed` or `fail`
 * wakes the task, also when they come before the wait.
 *
 * A failure is made in the task when it goes on, not where the news arrives: only there does the error's
 * stack show the program.
 */
export class Operation<T> implements Waitable {
  readonly external = true;
  private task: Task | null = null;
  private result: T | undefined;
  private failure: (() => Value) | null = null;
  private over = false;

  constructor(
    private readonly what: string,
    private readonly onCancel: (() => void) | null = null,
  ) {}

  describe(): string {
    return this.what;
  }

  abandon(): void {
    this.task = null;
    this.over = true;
    this.failure = cancelledError;
    this.onCancel?.();
  }

  succeed(value: T): void {
    if (this.over) return;
    this.result = value;
    this.settle();
  }

  fail(makeError: () => Value): void {
    if (this.over) return;
    this.failure = makeError;
    this.settle();
  }

  private settle(): void {
    this.over = true;
    const task = this.task;
    this.task = null;
    if (task !== null) resume(task, null);
  }

  /** Waits for the end of the operation, from now on: `const socket = yield* operation.wait()`. */
  wait(): Steps<T> {
    if (this.over) return ready(this.outcome());
    if (this.task !== null) throw new Error(`two tasks wait ${this.what}`);
    this.task = currentTask();
    return new OperationWait<T>(this) as unknown as Steps<T>;
  }

  /** What the operation gave; throws what it failed with. */
  outcome(): T {
    if (this.failure !== null) throw this.failure();
    return this.result as T;
  }
}

class OperationWait<T> extends Park<T> {
  constructor(private readonly operation: Operation<T>) {
    super(operation);
  }

  override result(): T {
    return this.operation.outcome();
  }
}

/**
 * Parks until `start`'s callbacks are called. `start` may return a function that stops the operation
 * when the task is cancelled. `what` words the wait: "for a connection on tcp:127.0.0.1:80".
 */
export function* operation<T>(
  what: string,
  start: (succeed: (value: T) => void, fail: (makeError: () => Value) => void) => (() => void) | void,
): Steps<T> {
  const op = new Operation<T>(what, () => stop?.());
  const stop = start(
    (value) => op.succeed(value),
    (makeError) => op.fail(makeError),
  );
  return yield* op.wait();
}
