/**
 * Sending and receiving. What is possible at once happens at once, without parking; else the task parks in
 * the channel's queue, with one object for the wait. All of these are waited for as soon as they are called:
 * `yield* send(channel, message)`.
 */
import { Channel } from './channel';
import type { Receiver, Sender } from './channel';
import { describe } from './describe-value';
import { fault } from './errors';
import type { ErrorValue } from './errors';
import { named } from './operators';
import { ready, readyNull } from './park';
import type { Steps } from './task';
import { QueuedWait, TIMED_OUT } from './timed-wait';
import { str } from './values';
import type { Value } from './values';

export { select } from './select';
export type { Selected } from './select';

export function isChannel(value: Value): value is Channel {
  return value instanceof Channel;
}

/** `channel <- message`. ETYPE for what is no channel, ECLOSED for a closed one. */
export function send(channel: Value, message: Value): Steps<null> {
  if (!(channel instanceof Channel)) {
    throw fault('ETYPE', (site) => `'<-' sends to a channel, got ${describe(channel)}${named(site, 0, channel)}`);
  }
  return sendTo(channel, message, null);
}

/** `<-channel`: null when the channel is closed and empty. ETYPE for what is no channel. */
export function receive(channel: Value): Steps<Value> {
  if (!(channel instanceof Channel)) {
    throw fault('ETYPE', (site) => `'<-' needs a channel, got ${describe(channel)}${named(site, 0, channel)}`);
  }
  return receiveFrom(channel, null);
}

/** For `for x in channel`: undefined, which is no message, when the channel is closed and empty. */
export function receiveNext(channel: Value): Steps<Value | undefined> {
  if (!(channel instanceof Channel)) {
    throw fault('ETYPE', (site) => `'for' cannot walk ${describe(channel)}${named(site, 0, channel)}`);
  }
  const message = channel.take();
  if (message !== undefined || channel.closed) return ready(message);
  const wait = new ReceiveWait<Value | undefined>(channel, null, undefined);
  channel.receivers.join(wait);
  return wait.steps();
}

/** Sends; `builtin` names the built-in for its errors, null for the operator. */
export function sendTo(channel: Channel, message: Value, builtin: string | null): Steps<null> {
  if (channel.closed) throw closedError(channel, builtin);
  if (channel.offer(message)) return readyNull();
  const wait = new SendWait(channel, message, builtin);
  channel.senders.join(wait);
  return wait.steps();
}

/** Receives; null when the channel is closed and empty, and at the timeout. */
export function receiveFrom(channel: Channel, timeoutMs: number | null): Steps<Value> {
  const message = channel.take();
  if (message !== undefined) return ready(message);
  if (channel.closed) return readyNull();
  const wait = new ReceiveWait<Value>(channel, timeoutMs, null);
  channel.receivers.join(wait);
  return wait.steps();
}

/** For a message that can no longer be sent. */
export function closedError(channel: Channel, builtin: string | null): ErrorValue {
  return fault('ECLOSED', `${builtin === null ? '' : builtin + ': '}cannot send to ${str(channel)}: it is closed`, {
    ...(builtin === null ? {} : { function: builtin }),
    hint: 'the one that sends should be the one that closes, once it has sent everything',
  });
}

class ReceiveWait<T> extends QueuedWait<T> implements Receiver {
  constructor(
    private readonly channel: Channel,
    timeoutMs: number | null,
    /** What it gives in place of a message when none comes any more, or none in time. */
    private readonly none: T,
  ) {
    super(timeoutMs);
  }

  deliver(message: Value | undefined): void {
    this.wake(message);
  }

  protected override result(given: unknown): T {
    return given === undefined || given === TIMED_OUT ? this.none : (given as T);
  }

  describe(): string {
    return `to receive from ${str(this.channel)}`;
  }
}

const REFUSED = Symbol('the channel was closed');

class SendWait extends QueuedWait<null> implements Sender {
  constructor(
    private readonly channel: Channel,
    readonly message: Value,
    private readonly builtin: string | null,
  ) {
    super(null);
  }

  accepted(): void {
    this.wake(null);
  }

  refused(): void {
    this.wake(REFUSED);
  }

  protected override result(given: unknown): null {
    if (given === REFUSED) throw closedError(this.channel, this.builtin);
    return null;
  }

  describe(): string {
    return `to send to ${str(this.channel)}`;
  }
}
