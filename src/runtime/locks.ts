/**
 * What tasks share in turn: mutexes, semaphores, and counting those still at work. All are fair: who came
 * first is served first, and what is given back goes to the first one waiting directly, so that nobody who
 * comes later can snatch it.
 */
import { fault } from './errors';
import type { ErrorValue } from './errors';
import { readyNull } from './park';
import { currentTask } from './scheduler';
import type { Steps } from './task';
import { secondsText } from './task-waits';
import { QueuedWait, TIMED_OUT } from './timed-wait';
import { WaitQueue } from './wait-queue';

/** Waits for what `name` words; throws ETIMEDOUT, in the name of the built-in, at the timeout. */
class LockWait extends QueuedWait<null> {
  constructor(
    private readonly lock: { readonly name: string; waitText(): string },
    private readonly builtin: string,
    private readonly timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  override result(given: unknown): null {
    if (given === TIMED_OUT) {
      const text = `${this.builtin}: waited ${this.lock.waitText()} for ${secondsText(this.timeoutMs!)}`;
      throw fault('ETIMEDOUT', text, { function: this.builtin });
    }
    return null;
  }

  describe(): string {
    return this.lock.waitText();
  }
}

function refuse(code: string, builtin: string, message: string, hint?: string): ErrorValue {
  return fault(code, `${builtin}: ${message}`, { function: builtin, ...(hint === undefined ? {} : { hint }) });
}

export class Mutex {
  /** The task that holds it, 0 for none. It may be another one that unlocks. */
  private holder = 0;
  private readonly waiters = new WaitQueue<LockWait>();

  constructor(readonly name: string) {}

  lock(timeoutMs: number | null): Steps<null> {
    const me = currentTask().id;
    if (this.holder === 0) {
      this.holder = me;
      return readyNull();
    }
    if (this.holder === me) {
      throw refuse('EDEADLK', 'mutex_lock', `this task holds ${this.name} already and would wait for itself`);
    }
    const wait = new LockWait(this, 'mutex_lock', timeoutMs);
    this.waiters.join(wait);
    return wait.steps();
  }

  unlock(): null {
    if (this.holder === 0) {
      throw refuse(
        'EPERM',
        'mutex_unlock',
        `${this.name} is not locked`,
        'each mutex_unlock needs a mutex_lock before it',
      );
    }
    const next = this.waiters.next();
    this.holder = next === null ? 0 : next.task.id;
    next?.wake(null);
    return null;
  }

  waitText(): string {
    return `for ${this.name}, which task ${this.holder} holds`;
  }
}

export class Semaphore {
  private readonly waiters = new WaitQueue<LockWait>();

  constructor(
    readonly name: string,
    private free: number,
  ) {}

  acquire(timeoutMs: number | null): Steps<null> {
    if (this.free > 0) {
      this.free--;
      return readyNull();
    }
    const wait = new LockWait(this, 'semaphore_acquire', timeoutMs);
    this.waiters.join(wait);
    return wait.steps();
  }

  release(): null {
    const next = this.waiters.next();
    if (next === null) this.free++;
    else next.wake(null);
    return null;
  }

  waitText(): string {
    return `for ${this.name}`;
  }
}

export class WaitGroup {
  private count = 0;
  private readonly waiters = new WaitQueue<LockWait>();

  constructor(readonly name: string) {}

  add(n: number): null {
    this.count += n;
    return null;
  }

  done(): null {
    if (this.count === 0) {
      throw refuse(
        'ERANGE',
        'wait_group_done',
        `${this.name} counts nobody: it was called more often than wait_group_add counted`,
      );
    }
    if (--this.count === 0) {
      for (let next = this.waiters.next(); next !== null; next = this.waiters.next()) next.wake(null);
    }
    return null;
  }

  wait(timeoutMs: number | null): Steps<null> {
    if (this.count === 0) return readyNull();
    const wait = new LockWait(this, 'wait_group_wait', timeoutMs);
    this.waiters.join(wait);
    return wait.steps();
  }

  waitText(): string {
    return `for the ${this.count} that ${this.name} counts`;
  }
}
