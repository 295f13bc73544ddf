/**
 * `select`: waits until one of several channels is ready, and does just that one thing. A case is a member
 * of its channel's queue; the first one to be taken takes the others out of theirs, before anything else
 * happens, so that never two of them do.
 */
import { Channel } from './channel';
import type { Receiver, Sender } from './channel';
import { closedError } from './channel-operations';
import { describe } from './describe-value';
import { fault } from './errors';
import type { ErrorValue } from './errors';
import { butGot } from './operand-wording';
import { Interruption, ready } from './park';
import type { Steps } from './task';
import { TIMED_OUT, TimedWait } from './timed-wait';
import { str } from './values';
import type { Value } from './values';
import { leaveQueue } from './wait-queue';
import type { Queued, WaitQueue } from './wait-queue';

/** Which case was chosen, and what it received. */
export interface Selected {
  readonly index: number;
  readonly value: Value;
}

/** In place of the index of a case. */
export const SELECTED_TIMEOUT = -1;
export const SELECTED_DEFAULT = -2;

/**
 * Case i sends `values[i]` to `channels[i]`, or receives where that is undefined. Of several that are ready
 * any one is chosen, each as likely. A closed channel is ready to give null; sending to one throws ECLOSED.
 * Without a default it waits, at most `timeoutMs` milliseconds where that is not undefined.
 */
export function select(
  channels: readonly Value[],
  values: readonly (Value | undefined)[],
  timeoutMs: Value | undefined,
  hasDefault: boolean,
): Steps<Selected> {
  for (let i = 0; i < channels.length; i++) {
    const channel = channels[i]!;
    if (channel instanceof Channel) continue;
    throw fault('ETYPE', (site) => `a case of 'select' needs a channel${butGot(site, i, channel)}`);
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
    throw fault(
      'ETYPE',
      `the timeout of a 'select' must be a number of milliseconds, 0 or more, got ${describe(timeoutMs)}`,
    );
  }
  const chosen = chooseReady(channels as readonly Channel[], values);
  if (chosen >= 0) return ready({ index: chosen, value: perform(channels[chosen] as Channel, values[chosen]) });
  if (hasDefault) return ready({ index: SELECTED_DEFAULT, value: null });
  return new SelectWait(channels as readonly Channel[], values, timeoutMs ?? null).steps();
}

/** One of the cases that are ready, at random; -1 where none is. */
function chooseReady(channels: readonly Channel[], values: readonly (Value | undefined)[]): number {
  let chosen = -1;
  let found = 0;
  for (let i = 0; i < channels.length; i++) {
    if (!isReady(channels[i]!, values[i])) continue;
    found++;
    if (found === 1 || Math.random() * found < 1) chosen = i;
  }
  return chosen;
}

function isReady(channel: Channel, value: Value | undefined): boolean {
  return value === undefined ? channel.canReceive() : channel.closed || channel.canSend();
}

/** Does what was found to be possible at once. */
function perform(channel: Channel, value: Value | undefined): Value {
  if (value === undefined) return channel.take() ?? null;
  if (channel.closed) throw closedError(channel, null);
  channel.offer(value);
  return null;
}

class SelectWait extends TimedWait<Selected> {
  private readonly cases: SelectCase[];

  constructor(channels: readonly Channel[], values: readonly (Value | undefined)[], timeoutMs: number | null) {
    super(
      timeoutMs,
      channels.some((channel) => channel.external),
    );
    this.cases = channels.map((channel, i) => new SelectCase(this, i, channel, values[i] ?? null));
    for (const each of this.cases) {
      if (values[each.index] === undefined) each.channel.receivers.join(each);
      else each.channel.senders.join(each);
    }
  }

  protected leave(): void {
    for (const each of this.cases) leaveQueue(each);
  }

  /** One case was taken: that is the choice. */
  choose(taken: SelectCase): void {
    this.leave();
    this.wake(taken);
  }

  /** The channel of one case has failed: that is what the whole comes to. */
  fail(makeError: () => ErrorValue): void {
    this.leave();
    this.wakeWithError(new Interruption(makeError));
  }

  override result(given: unknown): Selected {
    if (given === TIMED_OUT) return { index: SELECTED_TIMEOUT, value: null };
    const { index, channel, refusedAtClose, received } = given as SelectCase;
    if (refusedAtClose) throw closedError(channel, null);
    return { index, value: received };
  }

  describe(): string {
    if (this.cases.length === 0) return "for nothing: its 'select' has no case";
    const names = this.cases.map((each) => `${each.sends ? 'to send to' : 'to receive from'} ${str(each.channel)}`);
    return names.join(' or ');
  }
}

class SelectCase implements Receiver, Sender {
  queue: WaitQueue<Queued> | null = null;
  ahead: Queued | null = null;
  behind: Queued | null = null;
  received: Value = null;
  refusedAtClose = false;

  constructor(
    private readonly select: SelectWait,
    readonly index: number,
    readonly channel: Channel,
    /** What it sends; of no meaning for one that receives. */
    readonly message: Value,
  ) {}

  get sends(): boolean {
    return (this.queue as unknown) === this.channel.senders;
  }

  deliver(message: Value | undefined): void {
    this.received = message ?? null;
    this.select.choose(this);
  }

  failed(makeError: () => ErrorValue): void {
    this.select.fail(makeError);
  }

  accepted(): void {
    this.select.choose(this);
  }

  refused(): void {
    this.refusedAtClose = true;
    this.select.choose(this);
  }
}
