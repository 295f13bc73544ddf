/** What tasks park at here: all of these are ended by the network or by a timer, never by another task alone. */
import type { EventEmitter } from 'node:events';
import { TIMED_OUT, TimedWait } from '../../runtime/timed-wait';
import { Wait } from '../../runtime/park';
import type { Queued, WaitQueue } from '../../runtime/wait-queue';
import { leaveQueue } from '../../runtime/wait-queue';
import type { Connection } from './connection';

/** What a wait is woken with when there is news: the task itself looks what it is. */
export const WOKEN = Symbol('woken');

/** For room in a connection's send buffer, or its end. */
export class RoomWait extends Wait<number> implements Queued {
  readonly external = true;
  queue: WaitQueue<Queued> | null = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly builtin: string,
    /** What it gives: the bytes sent. */
    private readonly count: number,
  ) {
    super();
  }

  override result(): number {
    this.connection.checkAlive(this.builtin);
    return this.count;
  }

  abandon(): void {
    leaveQueue(this);
  }

  describe(): string {
    return `for ${this.connection.handle} to take more`;
  }
}

/** For the first of some events of an emitter; gives its name, or "timeout". */
export class EventWait extends TimedWait<string> {
  override readonly external = true;
  private readonly listeners: (() => void)[];

  constructor(
    private readonly emitter: EventEmitter,
    private readonly events: readonly string[],
    private readonly what: string,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
    this.listeners = events.map((event) => () => {
      this.leave();
      this.wake(event);
    });
    events.forEach((event, i) => emitter.on(event, this.listeners[i]!));
  }

  protected override leave(): void {
    this.events.forEach((event, i) => this.emitter.off(event, this.listeners[i]!));
  }

  override result(given: unknown): string {
    return given === TIMED_OUT ? 'timeout' : (given as string);
  }

  describe(): string {
    return this.what;
  }
}
