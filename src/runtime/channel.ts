/**
 * A channel without its tasks: what it holds, who waits at it, and what happens when a message, a receiver
 * or the end comes. Waiting itself is in `channel-operations.ts`.
 *
 * Always: receivers wait only while there is nothing to take; senders wait only while there is no room; a
 * closed channel has nobody waiting. A message is in the buffer, with a waiting sender, or with whoever
 * received it, and only in one of these places.
 */
import type { ErrorValue } from './errors';
import type { Value } from './values';
import { WaitQueue } from './wait-queue';
import type { Queued } from './wait-queue';

let lastId = 0;

/** A task that waits to receive, or a case of its `select`. */
export interface Receiver extends Queued {
  /** It has left the queue: wakes it with the message, with `undefined` when the channel was closed. */
  deliver(message: Value | undefined): void;
  /** It has left the queue: wakes it with this error. */
  failed(makeError: () => ErrorValue): void;
}

/** A task that waits to send, or a case of its `select`. */
export interface Sender extends Queued {
  readonly message: Value;
  /** It has left the queue: wakes it. */
  accepted(): void;
  /** It has left the queue, as the channel was closed: wakes it with an error. */
  refused(): void;
}

/** A ring that has grown larger than this is given back when it is empty. */
const MAX_KEPT_SLOTS = 1024;

export class Channel {
  readonly id = ++lastId;
  closed = false;
  readonly receivers = new WaitQueue<Receiver>();
  readonly senders = new WaitQueue<Sender>();
  /** The buffer: `count` messages from `head` on; its length is 0 or a power of two. */
  private ring: (Value | undefined)[] = [];
  private head = 0;
  private count = 0;

  /** So many messages wait in the channel without holding up their senders. */
  constructor(readonly capacity: number) {}

  /** Whether messages come from outside of the program; see `FedChannel`. */
  readonly external: boolean = false;

  /** A `for` that walked it is over, however it ended. */
  left(): void {}

  /** Messages that wait in the buffer. */
  get waiting(): number {
    return this.count;
  }

  canSend(): boolean {
    return this.count < this.capacity || this.receivers.first !== null;
  }

  /** True as well where closing is what it would receive. */
  canReceive(): boolean {
    return this.count > 0 || this.closed || this.senders.first !== null;
  }

  /** Hands a message to a receiver or to the buffer; false where its sender has to wait. Not for a closed channel. */
  offer(message: Value): boolean {
    const receiver = this.receivers.next();
    if (receiver !== null) {
      receiver.deliver(message);
      return true;
    }
    if (this.count >= this.capacity) return false;
    this.push(message);
    return true;
  }

  /** The message that is next; `undefined` where there is none. */
  take(): Value | undefined {
    if (this.count === 0) {
      const sender = this.senders.next();
      if (sender === null) return undefined;
      const { message } = sender;
      sender.accepted();
      return message;
    }
    const message = this.shift();
    const sender = this.senders.next();
    if (sender !== null) {
      this.push(sender.message);
      sender.accepted();
    }
    return message;
  }

  /** No more messages: who waits is woken. Those in the buffer can still be received. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (let receiver = this.receivers.next(); receiver !== null; receiver = this.receivers.next())
      receiver.deliver(undefined);
    for (let sender = this.senders.next(); sender !== null; sender = this.senders.next()) sender.refused();
  }

  private push(message: Value): void {
    if (this.count === this.ring.length) this.grow();
    this.ring[(this.head + this.count) & (this.ring.length - 1)] = message;
    this.count++;
  }

  private shift(): Value {
    const message = this.ring[this.head]!;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    if (--this.count === 0 && this.ring.length > MAX_KEPT_SLOTS) this.ring = [];
    return message;
  }

  private grow(): void {
    const larger = new Array<Value | undefined>(Math.max(4, this.ring.length * 2));
    for (let i = 0; i < this.count; i++) larger[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = larger;
    this.head = 0;
  }
}
