/**
 * A token bucket: so many tokens a second flow in, at most `burst` stay. Tasks take them in the order in
 * which they came; one timer serves the first of those that wait, so that a cancelled one costs no token.
 */
import { readyNull } from './park';
import type { Steps } from './task';
import { QueuedWait } from './timed-wait';
import { clearTimer, setTimer } from './timers';
import type { Timer } from './timers';
import { WaitQueue } from './wait-queue';

/** What rounding may take from a whole token. */
const ROUNDING = 1e-9;

export class RateLimiter implements Timer {
  index = -1;
  deadline = 0;
  order = 0;
  private readonly waiters = new WaitQueue<RateWait>();
  private tokens: number;
  private filledAt = performance.now();

  constructor(
    readonly name: string,
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  /** Waits for a token. */
  take(): Steps<null> {
    if (this.waiters.first === null && this.hasToken()) {
      this.tokens--;
      return readyNull();
    }
    const wait = new RateWait(this);
    this.waiters.join(wait);
    this.arm();
    return wait.steps();
  }

  fire(): void {
    while (this.waiters.first !== null && this.hasToken()) {
      this.tokens--;
      this.waiters.next()!.wake(null);
    }
    this.arm();
  }

  /** Nobody may wait any more: then no timer either. */
  left(): void {
    if (this.waiters.first === null) clearTimer(this);
  }

  private hasToken(): boolean {
    const now = performance.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) * this.perSecond) / 1000);
    this.filledAt = now;
    return this.tokens >= 1 - ROUNDING;
  }

  private arm(): void {
    if (this.waiters.first !== null && this.index < 0) setTimer(this, ((1 - this.tokens) * 1000) / this.perSecond);
  }
}

class RateWait extends QueuedWait<null> {
  constructor(private readonly limiter: RateLimiter) {
    super(null, true);
  }

  override abandon(): void {
    super.abandon();
    this.limiter.left();
  }

  describe(): string {
    return `for ${this.limiter.name} to let it go on`;
  }
}
