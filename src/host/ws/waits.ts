/** What tasks park at for WebSockets: messages, room to send, a pong, new clients. */
import { Wait } from '../../runtime/park';
import type { Woken } from '../../runtime/task';
import { QueuedWait, TIMED_OUT, TimedWait } from '../../runtime/timed-wait';
import type { Queued, WaitQueue } from '../../runtime/wait-queue';
import { leaveQueue } from '../../runtime/wait-queue';

export interface Message {
  readonly text: string;
  readonly binary: boolean;
}

interface Named {
  readonly handle: string;
}

/** What a reader wants of a message. */
export type Pick<T> = (message: Message) => T;

/** For a connection's next message; null at the timeout and at the end. */
export class MessageWait<T = unknown> extends QueuedWait<T | null> {
  override readonly external = true;

  constructor(
    private readonly connection: Named,
    private readonly pick: Pick<T>,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  override result(given: unknown): T | null {
    return given === TIMED_OUT || given === null ? null : this.pick(given as Message);
  }

  describe(): string {
    return `for a message on ${this.connection.handle}`;
  }
}

/** As `MessageWait`, ended also by news of any other client of the server: see `WsServer.poll`. */
export class PollWait extends MessageWait<string> {
  constructor(
    connection: Named,
    pick: Pick<string>,
    timeoutMs: number,
    private readonly pollers: Set<PollWait>,
    readonly givesWayTo: 'all' | 'messages' = 'all',
  ) {
    super(connection, pick, timeoutMs);
    pollers.add(this);
  }

  protected override leave(): void {
    super.leave();
    this.pollers.delete(this);
  }

  override wake(value: Woken): void {
    this.pollers.delete(this);
    super.wake(value);
  }

  /** Something else is there for the program to do. */
  giveWay(): void {
    this.leave();
    this.wake(null);
  }
}

/** For room in a connection's send buffer, or its end. */
export class SendWait extends Wait<true> implements Queued {
  readonly external = true;
  queue: WaitQueue<Queued> | null = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;

  constructor(
    private readonly connection: Named & { checkSendable(builtin: string): void },
    private readonly builtin: string,
  ) {
    super();
  }

  override result(): true {
    this.connection.checkSendable(this.builtin);
    return true;
  }

  abandon(): void {
    leaveQueue(this);
  }

  describe(): string {
    return `for ${this.connection.handle} to take more`;
  }
}

/** For the answer to a ping: gives milliseconds, or null at the timeout and at the end. */
export class PongWait extends TimedWait<number | null> {
  override readonly external = true;
  private readonly sentAt = performance.now();

  constructor(
    private readonly connection: Named & { pings: PongWait[] },
    readonly payload: Buffer,
    timeoutMs: number,
  ) {
    super(timeoutMs);
    connection.pings = [...connection.pings, this];
  }

  protected override leave(): void {
    this.connection.pings = this.connection.pings.filter((each) => each !== this);
  }

  answered(): void {
    this.wake(performance.now() - this.sentAt);
  }

  override result(given: unknown): number | null {
    return given === TIMED_OUT ? null : (given as number | null);
  }

  describe(): string {
    return `for ${this.connection.handle} to answer a ping`;
  }
}

/** For a new client of a server: gives it, or null at the timeout and when the server is stopped. */
export class ClientWait<T> extends QueuedWait<T | null> {
  override readonly external = true;

  constructor(
    private readonly server: Named,
    /** Gives null also when a message of another client waits: see `WsServer.accept`. */
    readonly givesWay: boolean,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  override result(given: unknown): T | null {
    return given === TIMED_OUT ? null : (given as T | null);
  }

  describe(): string {
    return `for a client of ${this.server.handle}`;
  }
}
