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
import { butGot, what } from './operand-wording';
import { Interruption, Park, ready, readyNull } from './park';
import { currentTask, resume, resumeWithError } from './scheduler';
import type { Steps, Task, Waitable } from './task';
import { QueuedWait, TIMED_OUT } from './timed-wait';
import { str } from './values';
import type { Value } from './values';
import { leaveQueue } from './wait-queue';
import type { Queued, WaitQueue } from './wait-queue';

export function isChannel(value: Value): value is Channel {
  return value instanceof Channel;
}

/** `channel <- message`. ETYPE for what is no channel, ECLOSED for a closed one. */
export function send(channel: Value, message: Value): Steps<null> {
  if (!(channel instanceof Channel)) {
    throw fault('ETYPE', (site) => `'<-' sends to a channel${butGot(site, 0, channel)}`);
  }
  return sendTo(channel, message, null);
}

/** `<-channel`: null when the channel is closed and empty. ETYPE for what is no channel. */
export function receive(channel: Value): Steps<Value> {
  if (!(channel instanceof Channel)) {
    throw fault('ETYPE', (site) => `'<-' needs a channel${butGot(site, 0, channel)}`);
  }
  return receiveFrom(channel, null);
}

/** For `for x in channel`: undefined, which is no message, when the channel is closed and empty. */
export function receiveNext(channel: Value): Steps<Value | undefined> {
  if (!(channel instanceof Channel)) {
    throw fault(
      'ETYPE',
      (site) =>
        `cannot walk ${what(site, 0)}: it is ${describe(channel)}; 'for' takes an array, a map, a string, a range or a channel`,
    );
  }
  const message = channel.take();
  if (message !== undefined || channel.closed) return ready(message);
  return join(channel.receivers, channelWait(channel, null, undefined, null));
}

/** A `for` that may have walked a channel is over. */
export function leaveWalk(walked: Value): void {
  if (walked instanceof Channel) walked.left();
}

/** Sends; `builtin` names the built-in for its errors, null for the operator. */
export function sendTo(channel: Channel, message: Value, builtin: string | null): Steps<null> {
  if (channel.closed) throw closedError(channel, builtin);
  if (channel.offer(message)) return readyNull();
  return join(channel.senders, channelWait(channel, message, null, builtin));
}

/** Receives; null when the channel is closed and empty, and at the timeout. */
export function receiveFrom(channel: Channel, timeoutMs: number | null): Steps<Value> {
  const message = channel.take();
  if (message !== undefined) return ready(message);
  if (channel.closed) return readyNull();
  if (timeoutMs === null) return join(channel.receivers, channelWait(channel, null, null, null));
  const wait = new LimitedReceive(channel, timeoutMs);
  channel.receivers.join(wait);
  return wait.steps();
}

function join<T>(queue: WaitQueue<Receiver> | WaitQueue<Sender>, wait: ChannelWait): Steps<T> {
  (queue as WaitQueue<Queued>).join(wait);
  return wait as unknown as Steps<T>;
}

/** For a message that can no longer be sent. */
export function closedError(channel: Channel, builtin: string | null): ErrorValue {
  return fault('ECLOSED', `${builtin === null ? '' : builtin + ': '}cannot send to ${str(channel)}: it is closed`, {
    ...(builtin === null ? {} : { function: builtin }),
    hint: 'the one that sends should be the one that closes, once it has sent everything',
  });
}

/**
 * A wait at a channel without a time limit: one flat class for both directions, and one object for all such
 * waits of a task, which can only be at one of them: a switch from task to task costs little more than
 * following its links.
 */
export class ChannelWait extends Park<Value | undefined> implements Waitable, Receiver, Sender {
  queue: WaitQueue<Queued> | null = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;
  external: boolean;
  /** Closing the channel is what ended it. */
  private closed = false;

  constructor(
    readonly task: Task,
    private channel: Channel,
    public message: Value,
    private none: Value | undefined,
    private builtin: string | null,
  ) {
    super(null);
    this.value = this;
    this.external = channel.external;
  }

  /** For the task's next wait. */
  renew(channel: Channel, message: Value, none: Value | undefined, builtin: string | null): this {
    this.begun = false;
    this.closed = false;
    if (this.channel !== channel) {
      this.channel = channel;
      this.external = channel.external;
    }
    this.message = message;
    this.none = none;
    this.builtin = builtin;
    if (this.done) {
      this.done = false;
      this.value = this;
    }
    return this;
  }

  override result(given: unknown): Value | undefined {
    return this.closed ? this.none : (given as Value);
  }

  deliver(message: Value | undefined): void {
    if (message === undefined) {
      this.closed = true;
      message = null;
    }
    resume(this.task, message);
  }
  failed(makeError: () => ErrorValue): void {
    resumeWithError(this.task, new Interruption(makeError));
  }
  accepted(): void {
    // The message is with the receiver alone from now on.
    this.message = null;
    resume(this.task, null);
  }
  refused(): void {
    const { channel, builtin } = this;
    resumeWithError(this.task, new Interruption(() => closedError(channel, builtin)));
  }
  abandon(): void {
    leaveQueue(this);
  }
  describe(): string {
    const sends = (this.queue as unknown) === this.channel.senders;
    return `${sends ? 'to send to' : 'to receive from'} ${str(this.channel)}`;
  }
}

function channelWait(channel: Channel, message: Value, none: Value | undefined, builtin: string | null): ChannelWait {
  const task = currentTask();
  const { channelWait: own } = task;
  if (own !== null) return own.renew(channel, message, none, builtin);
  return (task.channelWait = new ChannelWait(task, channel, message, none, builtin));
}

/** A wait for a message with a time limit. */
class LimitedReceive extends QueuedWait<Value> implements Receiver {
  constructor(
    private readonly channel: Channel,
    timeoutMs: number,
  ) {
    super(timeoutMs, channel.external);
  }

  deliver(message: Value | undefined): void {
    this.wake(message ?? null);
  }

  failed(makeError: () => ErrorValue): void {
    this.wakeWithError(new Interruption(makeError));
  }

  override result(given: unknown): Value {
    return given === TIMED_OUT ? null : (given as Value);
  }

  describe(): string {
    return `to receive from ${str(this.channel)}`;
  }
}
