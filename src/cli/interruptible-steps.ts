/**
 * The steps of a task that Ctrl-C can end even while it computes without a pause, where no handler of the
 * signal ever runs. The task then fails with ECANCELED; its `finally` and `defer` do not run.
 */
import { interruptible } from '../host/script';
import { fault } from '../runtime/errors';
import type { Steps, Waitable } from '../runtime/task';

type Result<T> = IteratorResult<Waitable | null, T>;

export class InterruptibleSteps<T> implements Steps<T> {
  /** In the midst of a step: Ctrl-C ends that, and is no signal. */
  running = false;
  interrupted = false;

  constructor(private readonly steps: Steps<T>) {}

  next(value?: unknown): Result<T> {
    return this.step(() => this.steps.next(value));
  }

  throw(error: unknown): Result<T> {
    return this.step(() => this.steps.throw(error));
  }

  return(value: T): Result<T> {
    return this.step(() => this.steps.return(value));
  }

  private step(take: () => Result<T>): Result<T> {
    const outcome: { result?: Result<T>; thrown?: unknown; threw: boolean } = { threw: false };
    this.running = true;
    const ended = interruptible(() => {
      try {
        outcome.result = take();
      } catch (error) {
        outcome.thrown = error;
        outcome.threw = true;
      }
    });
    this.running = false;
    if (!ended) {
      this.interrupted = true;
      throw fault('ECANCELED', 'stopped by Ctrl-C');
    }
    if (outcome.threw) throw outcome.thrown;
    return outcome.result!;
  }

  [Symbol.iterator](): this {
    return this;
  }

  readonly [Symbol.toStringTag] = 'InterruptibleSteps';
}
