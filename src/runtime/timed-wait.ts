/**
 * Waits that may have a time limit. Their timer is an object of its own, made only where there is a limit:
 * most waits have none and stay small. Without a limit nothing outside the program ends such a wait.
 */
import { Wait } from './park';
import type { Interruption } from './park';
import { resume, resumeWithError } from './scheduler';
import type { Woken } from './task';
import { clearTimer, setTimer } from './timers';
import type { Timer } from './timers';
import type { Queued, WaitQueue } from './wait-queue';
import { leaveQueue } from './wait-queue';

/** What a wait is woken with when its time is over; never a value of the language. */
export const TIMED_OUT = Symbol('timed out');

class Limit implements Timer {
  index = -1;
  deadline = 0;
  order = 0;
  constructor(private readonly wait: TimedWait<unknown>) {}
  fire(): void {
    this.wait.expire();
  }
}

export abstract class TimedWait<T> extends Wait<T> {
  readonly external: boolean;
  private readonly limit: Limit | null;

  /** `timeoutMs`: null or Infinity for no limit. `served`: a timer of somebody else ends the wait. */
  constructor(timeoutMs: number | null, served = false) {
    super();
    if (timeoutMs === null || timeoutMs === Infinity) {
      this.external = served;
      this.limit = null;
    } else {
      this.external = true;
      this.limit = new Limit(this);
      setTimer(this.limit, timeoutMs);
    }
  }

  /** Without a limit, and waited for by compiled code, which leaves nothing in it: it may be waited for once more. */
  protected get renewable(): boolean {
    return this.limit === null && !this.begun;
  }

  /** Takes it out of wherever it waits. */
  protected abstract leave(): void;

  /** Wakes the task with `value`. It has already left. */
  wake(value: Woken): void {
    if (this.limit !== null) clearTimer(this.limit);
    resume(this.task, value);
  }

  /** Wakes the task with an error. It has already left. */
  wakeWithError(error: Interruption): void {
    if (this.limit !== null) clearTimer(this.limit);
    resumeWithError(this.task, error);
  }

  /** The time is over. */
  expire(): void {
    this.leave();
    resume(this.task, TIMED_OUT);
  }

  abandon(): void {
    if (this.limit !== null) clearTimer(this.limit);
    this.leave();
  }
}

/** A timed wait in a queue. */
export abstract class QueuedWait<T> extends TimedWait<T> implements Queued {
  queue: WaitQueue<Queued> | null = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;

  protected leave(): void {
    leaveQueue(this);
  }
}
