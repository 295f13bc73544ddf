/**
 * A channel whose messages come from outside of the program: lines of a file, changes in a directory. The program
 * receives from it as from any other; nobody in the program can send to it.
 *
 * Always: what came before a failure is received before the failure is thrown, which happens once.
 */
import { Channel } from './channel';
import { fault } from './errors';
import type { ErrorValue } from './errors';
import type { Value } from './values';

export abstract class FedChannel extends Channel {
  private failure: (() => ErrorValue) | null = null;

  constructor() {
    super(0);
  }

  /** Something outside ends a wait for a message: it is no deadlock. */
  override readonly external = true;

  /** The next message that has come already; undefined where there is none. */
  protected abstract nextHere(): Value | undefined;

  protected abstract hasNext(): boolean;

  /** Asked when somebody wants a message and none is here: may bring one at once, or `serve` later. */
  protected abstract more(): void;

  override take(): Value | undefined {
    const message = this.nextHere();
    if (message !== undefined) return message;
    this.throwFailure();
    if (this.closed) return undefined;
    this.more();
    // It may have come, or failed, at once.
    const now = this.nextHere();
    if (now === undefined) this.throwFailure();
    return now;
  }

  override canReceive(): boolean {
    if (this.receivable()) return true;
    this.more();
    return this.receivable();
  }

  private receivable(): boolean {
    return this.hasNext() || this.closed || this.failure !== null;
  }

  private throwFailure(): void {
    const { failure } = this;
    if (failure === null) return;
    this.failure = null;
    throw failure();
  }

  override canSend(): boolean {
    return true;
  }

  override offer(_message: Value): never {
    throw fault('EINVAL', 'nothing can be sent to this channel: its messages come from outside of the program');
  }

  /** Hands what is here to those who wait for it. */
  protected serve(): void {
    while (this.receivers.first !== null) {
      const message = this.nextHere();
      if (message === undefined) return;
      this.receivers.next()!.deliver(message);
    }
  }

  /** No more messages will come, for this reason; what is here can still be received. */
  protected fail(makeError: () => ErrorValue): void {
    if (this.closed) return;
    const waiting = this.receivers.next();
    if (waiting === null) this.failure = makeError;
    else waiting.failed(makeError);
    super.close();
  }
}
