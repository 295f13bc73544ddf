/**
 * A WebSocket connection as the program has it, of either role: its handle, what it is asked to do, and how it ended.
 *
 * Always: every message that arrived whole is given to the program once and in order, also after the end. After
 * the end nothing more is sent, and all who wait on the connection are woken.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { ready } from '../../runtime/park';
import type { Steps } from '../../runtime/task';
import {
  ABNORMAL,
  describeCode,
  GOING_AWAY,
  NO_STATUS,
  NORMAL,
  TRY_AGAIN_LATER,
} from '../../wire/websocket/close-codes';
import type { Rules } from '../../wire/websocket/decoder';
import { BINARY, PING, TEXT } from '../../wire/websocket/frame';
import type { Address, FrameType, Opening, Subject } from '../events';
import { reportClosed, reportError, reportFrame, reportOpened, tap } from '../events';
import { plainAddress, showAddress } from '../net/address';
import { newHandle } from '../handle-names';
import { register, unregister } from '../net/handles';
import type { Resource } from '../net/handles';
import { EventWait } from '../net/waits';
import { bytesOf } from '../text';
import { Inbox } from './inbox';
import type { Opened } from './library';
import { CLOSE_MS, Hold, Link } from './link';
import type { Ending } from './link';
import { Outgoing } from './outgoing';
import { remember } from './past-connections';
import { MessageWait, PongWait } from './waits';
import type { Message, Pick } from './waits';

const PING_MS = 10_000;

const NO_PINGS: never[] = [];

/** Whether it was sent something before the program first asked for a message of it: see `WsServer.poll`. */
enum Question {
  None,
  Asked,
  Over,
}

export type ConnectionState = 'open' | 'closing' | 'closed';

/** Who is told about a connection: the server it belongs to. */
export interface Keeper {
  /** A message has arrived that no task waited for. */
  messageWaits(connection: WsConnection): void;
  /** The connection is over, and messages of it wait. */
  leftMessages(connection: WsConnection): void;
  /** The connection is over, and nothing is left of it. */
  over(connection: WsConnection): void;
}

export class WsConnection extends Link implements Resource, Subject {
  readonly kind = 'WebSocket connection';
  readonly role = 'socket';
  override readonly handle: string;
  /** Of the answer to the opening handshake: "" for none. */
  readonly subprotocol: string;
  pings: PongWait[] = NO_PINGS;
  keeper: Keeper | null = null;
  /** Null until it is over. */
  ending: Ending | null = null;
  /** Pings of the server's heartbeat in a row that nothing was heard after. */
  missed = 0;
  private heardBytes = 0;
  private question = Question.None;
  private readonly inbox = new Inbox();
  private failureText: string | null = null;
  /** What this side closed it with. */
  private closing: Ending | null = null;
  private readonly opened: Opening;

  constructor(opened: Opened, rules: Rules, by: Opening) {
    super(opened, rules);
    this.opened = by;
    this.subprotocol = opened.subprotocol;
    this.handle = newHandle(this.protocol, showAddress(this.remote));
    register(this);
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }

  get protocol(): 'ws' | 'wss' {
    return 'encrypted' in this.net ? 'wss' : 'ws';
  }

  /** The socket knows it since the handle was made of it, also after its end. */
  get remote(): Address {
    return plainAddress(this.net.remoteAddress, this.net.remotePort);
  }

  /** Null once it is over. */
  get local(): Address | null {
    const { localAddress, localPort } = this.net;
    return localAddress === undefined ? null : plainAddress(localAddress, localPort);
  }

  get bytesIn(): number {
    return this.net.bytesRead;
  }

  get bytesOut(): number {
    return this.net.bytesWritten;
  }

  get state(): ConnectionState {
    if (this.ending !== null) return 'closed';
    return this.closing !== null || !this.isOpen ? 'closing' : 'open';
  }

  protected override report(direction: 'in' | 'out', type: FrameType, count: number): void {
    reportFrame(this, direction, type, count, this.opened);
  }

  // ---------------------------------------------------------------- receiving

  /** What `pick` gives of the next message, at once where one is there. Null at the timeout, and at the end. */
  receive<T>(pick: Pick<T>, timeoutMs: number | null): Steps<T | null> {
    const message = this.takeMessage();
    if (message !== null) return ready(pick(message));
    return this.ending !== null ? ready(null) : this.join(new MessageWait(this, pick, timeoutMs));
  }

  /** Parks a reader at the end of those who wait. */
  join<T>(wait: MessageWait<T>): Steps<T | null> {
    this.inbox.join(wait);
    this.release(Hold.Messages);
    return wait.steps();
  }

  /** The oldest message that nobody has taken. */
  takeMessage(): Message | null {
    const { inbox } = this;
    const message = inbox.take();
    if (message === null) return null;
    if (this.ending !== null && inbox.waiting === 0) this.dismiss();
    if (this.isHeld && inbox.hasRoom) this.release(Hold.Messages);
    return message;
  }

  /** How many messages wait to be taken. */
  get waiting(): number {
    return this.inbox.waiting;
  }

  protected override arrived(text: string, binary: boolean, bytes: number): void {
    if (tap.on !== null) this.report('in', binary ? 'binary' : 'text', bytes);
    if (!this.inbox.put({ text, binary })) return;
    if (this.inbox.isFull) this.hold(Hold.Messages);
    this.keeper?.messageWaits(this);
  }

  /** True once, where it was sent something before. */
  takeQuestion(): boolean {
    const asked = this.question === Question.Asked;
    this.question = Question.Over;
    return asked;
  }

  // ---------------------------------------------------------------- sending

  /** Sends one message, waiting for room. Errors: ECLOSED, EVALUE for text that is no UTF-8. */
  send(builtin: string, data: string | readonly number[], binary: boolean): Steps<true> {
    this.checkSendable(builtin);
    if (this.question === Question.None) this.question = Question.Asked;
    return this.sendMessage(builtin, outgoing(builtin, data, binary));
  }

  override checkSendable(builtin: string): void {
    if (this.state !== 'open') throw this.closedError(builtin);
  }

  closedError(builtin: string): ErrorValue {
    return endedError(builtin, this.handle, this.ending ?? this.closing);
  }

  // ---------------------------------------------------------------- pings

  /** Milliseconds until the answer. Errors: ECLOSED, ETIMEDOUT after 10 seconds. */
  *ping(builtin: string, data: string | readonly number[] | null): Steps<number> {
    this.checkSendable(builtin);
    const payload = bytesOf(data ?? `${performance.now()}`);
    const wait = new PongWait(this, payload, PING_MS);
    this.sendPing(payload);
    const ms = yield* wait.steps();
    if (ms !== null) return ms;
    if (this.ending !== null) throw this.closedError(builtin);
    throw fault('ETIMEDOUT', `${builtin}: ${this.handle} did not answer for ${PING_MS / 1000} seconds (ETIMEDOUT)`, {
      function: builtin,
      fields: { host: this.remote.host, port: this.remote.port },
      ...(this.isHeld ? { hint: 'messages wait to be received: until then nothing more is read' } : {}),
    });
  }

  sendPing(payload: Buffer): void {
    if (tap.on !== null) this.report('out', 'ping', payload.length);
    this.writeControl(PING, payload);
  }

  /** An answer to a ping answers those before it too (RFC 6455, section 5.5.3). */
  protected override ponged(payload: Buffer): void {
    const index = this.pings.findLastIndex((each) => each.payload.equals(payload));
    const answered = this.pings.slice(0, index + 1);
    this.pings = this.pings.slice(index + 1);
    for (const wait of answered) wait.answered();
  }

  /** Whether the peer was heard of since the last call; true also while this side is not reading. */
  heard(): boolean {
    const bytes = this.net.bytesRead;
    const heard = this.isHeld || bytes !== this.heardBytes;
    this.heardBytes = bytes;
    return heard;
  }

  // ---------------------------------------------------------------- the end

  /** Does the closing handshake; 2 seconds at most. Messages that were not received are dropped. */
  *close(code = NORMAL, reason = ''): Steps<null> {
    this.beginClose(code, reason);
    this.inbox.drop();
    if (this.ending === null) {
      // Twice: for the peer's close frame, and for it to end the connection.
      const over = new EventWait(this.net, ['close'], `for ${this.handle} to close`, 2 * CLOSE_MS);
      yield* over.steps();
    }
    this.dismiss();
    return null;
  }

  /** Sends a close frame after what was sent before; nothing more can be sent from now on. */
  beginClose(code: number, reason: string): void {
    if (this.state !== 'open') return;
    this.closing = { code, reason };
    this.wakeSenders();
    if (!this.hasQueue) this.sendClose(code, reason);
  }

  protected override flushed(): void {
    if (this.closing !== null) this.sendClose(this.closing.code, this.closing.reason);
    else super.flushed();
  }

  /** It does not read: it is told, and given up when it does not take even that. */
  dropSlow(): void {
    const reason = 'too slow: messages were not taken';
    if (tap.on !== null) {
      reportError(this, 'EOVERFLOW', `dropped with ${describeCode(TRY_AGAIN_LATER)}: ${reason}`, null, this.opened);
    }
    this.beginClose(TRY_AGAIN_LATER, reason);
  }

  /** It was not heard of for too long. */
  dropSilent(): void {
    this.failed('ETIMEDOUT', 'no answer to pings');
    this.terminate();
  }

  protected override failed(code: string, words: string): void {
    this.failureText ??= words;
    if (tap.on !== null) reportError(this, code, words, null, this.opened);
  }

  protected override closed(): void {
    this.ending = this.endingNow();
    if (tap.on !== null) reportClosed(this, this.opened, this.ending);
    this.inbox.wakeReaders();
    const { pings } = this;
    this.pings = NO_PINGS;
    for (const wait of pings) wait.wake(null);
    this.wakeSenders();
    if (this.waiting === 0) this.dismiss();
    else this.keeper?.leftMessages(this);
  }

  /** The peer's code; where it sent none, that of this side's own close frame. */
  private endingNow(): Ending {
    if (this.violation !== null) return this.violation;
    const { received, closing } = this;
    if (received !== null && received.code !== NO_STATUS) return received;
    return closing ?? received ?? { code: ABNORMAL, reason: this.failureText ?? '' };
  }

  /** Nothing more can come of it: only how it ended is remembered. */
  private dismiss(): void {
    if (this.ending === null) return;
    unregister(this);
    remember(this, this.ending);
    this.keeper?.over(this);
    this.keeper = null;
  }

  /** For a server that keeps too many that are over. */
  forgetMessages(): void {
    this.inbox.drop();
    this.dismiss();
  }

  sendLeft(): Steps<null> | null {
    this.endTurn();
    return this.buffered > 0 && this.ending === null ? this.close(GOING_AWAY) : null;
  }

  abandonNow(): void {
    if (this.ending !== null) return;
    // What was sent goes to the system now: the process is about to end.
    this.endTurn();
    this.beginClose(GOING_AWAY, '');
    this.terminate();
  }
}

export const textOf: Pick<string> = (message) => message.text;

/** Errors: EVALUE for text that is no UTF-8. */
export function outgoing(builtin: string, data: string | readonly number[], binary: boolean): Outgoing {
  if (!binary && typeof data === 'string' && !data.isWellFormed()) {
    throw fault('EVALUE', `${builtin}: the text holds bytes that are no UTF-8, which a text message must be (EVALUE)`, {
      function: builtin,
      hint: 'binary messages carry any bytes: ws_send_binary(conn, data)',
    });
  }
  return new Outgoing(binary ? BINARY : TEXT, bytesOf(data));
}

export function endedError(builtin: string, handle: string, ending: Ending | null): ErrorValue {
  const how =
    ending === null ? '' : ` (code ${describeCode(ending.code)}${ending.reason === '' ? '' : `: ${ending.reason}`})`;
  return fault('ECLOSED', `${builtin}: ${handle} is closed${how} (ECLOSED)`, {
    function: builtin,
    fields: ending === null ? {} : { close_code: ending.code, close_reason: ending.reason },
  });
}
