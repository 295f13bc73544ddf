/**
 * A WebSocket connection as the program has it, of either role. Messages that arrive are kept here until a task
 * takes them; past `MAX_KEPT` the socket is paused and the peer has to wait. Messages are sent in the order of the
 * calls, also where compressing them takes time; a sender waits while more than `MAX_UNSENT` is left over.
 *
 * Always: every message that arrived whole is given to the program once and in order, also after the end. After
 * the end nothing more is sent, and all who wait on the connection are woken.
 */
import type * as Net from 'node:net';
import type * as Ws from 'ws';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { ready } from '../../runtime/park';
import { resume } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import { WaitQueue } from '../../runtime/wait-queue';
import {
  ABNORMAL,
  describeCode,
  GOING_AWAY,
  NO_STATUS,
  NORMAL,
  TRY_AGAIN_LATER,
} from '../../wire/websocket/close-codes';
import { BINARY, TEXT } from '../../wire/websocket/frame';
import type { Address, Opening, Subject } from '../events';
import { opening, reportClosed, reportError, reportFrame, reportOpened, tap } from '../events';
import { formatAddress, plainAddress } from '../net/address';
import { newHandle, register, unregister } from '../net/handles';
import type { Resource } from '../net/handles';
import { EventWait } from '../net/waits';
import { bytesOf, decode } from '../text';
import { CLOSE_MS } from './library';
import type { Socket } from './library';
import { clientFrame, Outgoing } from './outgoing';
import type { Frame, Packed, WindowBits } from './outgoing';
import { remember } from './past-connections';
import { MessageWait, PongWait, SendWait } from './waits';
import type { Message, Pick } from './waits';

/** Bytes of messages kept for a program that does not read; about, since the last one may go beyond it. */
const MAX_KEPT = 256 * 1024;
/** The socket goes on when no more than this is kept. */
const RESUME_AT = 64 * 1024;
/** What a message costs beside its bytes, so that a flood of empty ones is bounded too. */
const MESSAGE_OVERHEAD = 64;
/** Bytes that may wait in this process for the peer to read before a sender has to. */
const MAX_UNSENT = 64 * 1024;
const PING_MS = 10_000;

/** In place of arrays that most connections never need: idle ones stay small. Never changed. */
const NONE: never[] = [];

/** The connection of a socket, for the listeners, which all connections share. */
const owner = Symbol('connection');
type Owned<T> = T & { [owner]?: WsConnection };

export type ConnectionState = 'open' | 'closing' | 'closed';

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** Who is told about a connection: the server it belongs to. */
export interface Keeper {
  /** A message has arrived that no task waited for. */
  messageWaits(connection: WsConnection): void;
  /** The connection is over, and messages of it wait. */
  leftMessages(connection: WsConnection): void;
  /** The connection is over, and nothing is left of it. */
  over(connection: WsConnection): void;
}

/** What was written in this turn of the event loop. */
enum Turn {
  Idle,
  Wrote,
  Corked,
}

/** A message that waits its turn: its frame is there, or is being compressed. */
interface Queued {
  readonly message: Outgoing;
  readonly packed: Packed | null;
}

export class WsConnection implements Resource, Subject {
  readonly kind = 'WebSocket connection';
  readonly role = 'socket';
  readonly handle: string;
  readonly protocol: 'ws' | 'wss';
  readonly local: Address;
  readonly remote: Address;
  /** Of the answer to the opening handshake: "" for none. */
  readonly subprotocol: string;
  pings: PongWait[] = NONE;
  keeper: Keeper | null = null;
  /** Null until it is over. */
  ending: Ending | null = null;
  /** Pings of the server's heartbeat in a row that nothing was heard after. */
  missed = 0;
  private heardBytes = 0;
  private messages: Message[] = NONE;
  private firstMessage = 0;
  private keptBytes = 0;
  private paused = false;
  private readonly readers = new WaitQueue<MessageWait>();
  private senders: WaitQueue<SendWait> | null = null;
  /** Messages behind one that is being compressed. */
  private queue: Queued[] = NONE;
  private queuedBytes = 0;
  private turn = Turn.Idle;
  private failureText: string | null = null;
  private closing: Ending | null = null;
  private readonly opened: Opening;

  constructor(
    private readonly socket: Socket,
    private readonly net: Net.Socket,
    readonly side: 'client' | 'server',
    /** In which this side may compress; 0 where that was not agreed on. */
    private readonly bits: WindowBits,
    by: Opening | null = null,
  ) {
    this.opened = by ?? opening();
    this.protocol = 'encrypted' in net ? 'wss' : 'ws';
    this.local = plainAddress(net.localAddress, net.localPort);
    this.remote = plainAddress(net.remoteAddress, net.remotePort);
    this.subprotocol = socket.protocol;
    this.handle = newHandle(this.protocol, formatAddress(this.remote.host, this.remote.port));
    register(this);
    if (tap.on !== null) reportOpened(this, null, this.opened);
    (socket as Owned<Socket>)[owner] = this;
    (net as Owned<Net.Socket>)[owner] = this;
    socket.on('message', onMessage).on('pong', onPong).on('error', onError).on('close', onClose);
    net.on('drain', onDrain);
    if (tap.on !== null) this.reportPings();
    // It is paused from its opening until somebody listens.
    if (socket.readyState === socket.CLOSED) this.closed(ABNORMAL, Buffer.alloc(0));
    else if (socket.isPaused) socket.resume();
  }

  private reportPings(): void {
    this.socket.on('ping', (data) => reportFrame(this, 'in', 'ping', data.length, this.opened));
    this.socket.on('pong', (data) => reportFrame(this, 'in', 'pong', data.length, this.opened));
  }

  get bytesIn(): number {
    return this.net.bytesRead;
  }

  get bytesOut(): number {
    return this.net.bytesWritten;
  }

  /** Bytes that are not handed to the system yet. */
  get buffered(): number {
    return this.net.writableLength + this.queuedBytes;
  }

  get state(): ConnectionState {
    if (this.ending !== null) return 'closed';
    return this.closing !== null || this.socket.readyState !== this.socket.OPEN ? 'closing' : 'open';
  }

  // ---------------------------------------------------------------- receiving

  /** What `pick` gives of the next message, at once where one is there. Null at the timeout, and at the end. */
  receive<T>(pick: Pick<T>, timeoutMs: number | null): Steps<T | null> {
    const message = this.take();
    if (message !== null) return ready(pick(message));
    return this.ending !== null ? ready(null) : this.join(new MessageWait(this, pick, timeoutMs));
  }

  /** Parks a reader at the end of those who wait. */
  join<T>(wait: MessageWait<T>): Steps<T | null> {
    this.readers.join(wait);
    this.goOn();
    return wait.steps();
  }

  /** The oldest message that nobody has taken. */
  take(): Message | null {
    const message = this.messages[this.firstMessage];
    if (message === undefined) return null;
    this.firstMessage++;
    this.keptBytes -= message.text.length + MESSAGE_OVERHEAD;
    if (this.firstMessage === this.messages.length) {
      this.messages = NONE;
      this.firstMessage = 0;
      if (this.ending !== null) this.dismiss();
    }
    if (this.paused && this.keptBytes <= RESUME_AT) this.goOn();
    return message;
  }

  /** How many messages wait to be taken. */
  get waiting(): number {
    return this.messages.length - this.firstMessage;
  }

  arrived(data: Buffer, binary: boolean): void {
    const message = { text: decode(data), binary };
    if (tap.on !== null) reportFrame(this, 'in', binary ? 'binary' : 'text', data.length, this.opened);
    const reader = this.readers.next();
    if (reader !== null) {
      reader.wake(message);
      return;
    }
    if (this.messages === NONE) this.messages = [message];
    else this.messages.push(message);
    this.keptBytes += message.text.length + MESSAGE_OVERHEAD;
    if (!this.paused && this.keptBytes >= MAX_KEPT) {
      this.paused = true;
      this.socket.pause();
    }
    this.keeper?.messageWaits(this);
  }

  private goOn(): void {
    if (!this.paused) return;
    this.paused = false;
    this.socket.resume();
  }

  // ---------------------------------------------------------------- sending

  /** Sends one message, waiting for room. Errors: ECLOSED, EVALUE for text that is no UTF-8. */
  send(builtin: string, data: string | readonly number[], binary: boolean): Steps<true> {
    this.checkSendable(builtin);
    this.post(outgoing(builtin, data, binary));
    return this.buffered < MAX_UNSENT ? ready(true) : this.waitForRoom(builtin);
  }

  /** For those who send and those who waited for room. */
  checkSendable(builtin: string): void {
    if (this.state !== 'open') throw this.closedError(builtin);
  }

  closedError(builtin: string): ErrorValue {
    return endedError(builtin, this.handle, this.ending ?? this.closing);
  }

  private waitForRoom(builtin: string): Steps<true> {
    const wait = new SendWait(this, builtin);
    this.senders ??= new WaitQueue();
    this.senders.join(wait);
    return wait.steps();
  }

  /**
   * Puts a message on its way without waiting. The connection is open. With `later`, it is written when the
   * connections in there are flushed, together with what else has gathered by then.
   */
  post(message: Outgoing, later: Set<WsConnection> | null = null): void {
    const packed = this.bits > 0 && message.packs(this.bits) ? message.packedFor(this.bits) : null;
    if (tap.on !== null) {
      reportFrame(this, 'out', message.opcode === TEXT ? 'text' : 'binary', message.payload.length, this.opened);
    }
    if (this.queue.length === 0 && (packed === null || packed.payload !== null)) {
      this.write(this.frameOf(message, packed), later);
      return;
    }
    if (this.queue === NONE) this.queue = [];
    this.queue.push({ message, packed });
    this.queuedBytes += message.payload.length;
    if (packed !== null && packed.payload === null) packed.whenDone(() => this.writeQueued());
  }

  private frameOf(message: Outgoing, packed: Packed | null): Frame {
    if (this.side === 'server') return packed === null ? message.plainFrame() : packed.sharedFrame();
    return clientFrame(message.opcode, packed === null ? message.payload : packed.payload!, packed !== null);
  }

  private writeQueued(): void {
    let done = 0;
    for (const { message, packed } of this.queue) {
      if (packed !== null && packed.payload === null) break;
      if (this.ending === null) this.write(this.frameOf(message, packed));
      this.queuedBytes -= message.payload.length;
      done++;
    }
    this.queue = done === this.queue.length ? NONE : this.queue.slice(done);
    if (this.queue.length > 0) return;
    if (this.closing !== null && this.ending === null) this.sendClose();
    else if (this.net.writableLength < MAX_UNSENT) this.wakeSenders();
  }

  /** The first frame of a turn of the event loop is written at once; what follows in the turn, in one call. */
  private write(frame: Frame, later: Set<WsConnection> | null = null): void {
    const { net } = this;
    if (this.turn === Turn.Idle && later !== null) {
      this.turn = Turn.Corked;
      net.cork();
      later.add(this);
    } else if (this.turn === Turn.Idle) {
      this.turn = Turn.Wrote;
      process.nextTick(endTurn, this);
    } else if (this.turn === Turn.Wrote) {
      this.turn = Turn.Corked;
      net.cork();
    }
    for (const piece of frame) net.write(piece);
    if (net.writableLength >= MAX_UNSENT) this.endTurn();
  }

  endTurn(): void {
    const corked = this.turn === Turn.Corked;
    this.turn = Turn.Idle;
    if (corked) this.net.uncork();
  }

  wakeSenders(): void {
    const { senders } = this;
    if (senders === null) return;
    for (let wait = senders.next(); wait !== null; wait = senders.next()) resume(wait.task, null);
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
      ...(this.paused ? { hint: 'messages wait to be received: until then nothing more is read' } : {}),
    });
  }

  sendPing(payload: Buffer): void {
    if (tap.on !== null) reportFrame(this, 'out', 'ping', payload.length, this.opened);
    this.socket.ping(payload);
  }

  /** An answer to a ping answers those before it too (RFC 6455, section 5.5.3). */
  ponged(payload: Buffer): void {
    const index = this.pings.findLastIndex((each) => each.payload.equals(payload));
    const answered = this.pings.slice(0, index + 1);
    this.pings = this.pings.slice(index + 1);
    for (const wait of answered) wait.answered();
  }

  /** Whether the peer was heard of since the last call; true also while this side is not reading. */
  heard(): boolean {
    const bytes = this.net.bytesRead;
    const heard = this.paused || bytes !== this.heardBytes;
    this.heardBytes = bytes;
    return heard;
  }

  // ---------------------------------------------------------------- the end

  /** Does the closing handshake; 2 seconds at most. Messages that were not received are dropped. */
  *close(code = NORMAL, reason = ''): Steps<null> {
    this.beginClose(code, reason);
    this.dropMessages();
    if (this.ending === null) {
      // Twice: for the peer's close frame, and for it to end the connection.
      const over = new EventWait(this.socket, ['close'], `for ${this.handle} to close`, 2 * CLOSE_MS);
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
    if (this.queue.length === 0) this.sendClose();
  }

  private sendClose(): void {
    const { code, reason } = this.closing!;
    if (tap.on !== null) reportFrame(this, 'out', 'close', reason.length + 2, this.opened);
    this.socket.closeWith(code, reason);
    // The peer's close frame has to be seen.
    this.goOn();
  }

  /** It does not read: it is told, and given up when it does not take even that. */
  dropSlow(): void {
    const reason = 'too slow: messages were not taken';
    if (tap.on !== null)
      reportError(this, 'EOVERFLOW', `dropped with ${describeCode(TRY_AGAIN_LATER)}: ${reason}`, null, this.opened);
    this.beginClose(TRY_AGAIN_LATER, reason);
  }

  /** It was not heard of for too long. */
  dropSilent(): void {
    if (tap.on !== null) reportError(this, 'ETIMEDOUT', 'dropped: nothing was heard of it', null, this.opened);
    this.failureText = 'no answer to pings';
    this.socket.terminate();
  }

  failed(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    this.failureText ??= error.message;
    if (tap.on !== null) reportError(this, code ?? 'EIO', error.message, null, this.opened);
  }

  closed(code: number, reason: Buffer): void {
    this.ending = this.endingOf(code, decode(reason));
    this.queue = NONE;
    this.queuedBytes = 0;
    if (tap.on !== null) reportClosed(this, this.opened, this.ending);
    for (let reader = this.readers.next(); reader !== null; reader = this.readers.next()) reader.wake(null);
    const { pings } = this;
    this.pings = NONE;
    for (const wait of pings) wait.wake(null);
    this.wakeSenders();
    if (this.waiting === 0) this.dismiss();
    else this.keeper?.leftMessages(this);
  }

  /** The peer's code; where it sent none, that of this side's own close frame. */
  private endingOf(code: number, reason: string): Ending {
    const { violation } = this.socket;
    if (violation !== null) return { code: violation, reason: this.failureText ?? '' };
    if ((code === ABNORMAL || code === NO_STATUS) && this.closing !== null) return this.closing;
    return { code, reason: code === ABNORMAL ? (this.failureText ?? reason) : reason };
  }

  dropMessages(): void {
    this.messages = NONE;
    this.firstMessage = 0;
    this.keptBytes = 0;
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
    this.dropMessages();
    this.dismiss();
  }

  abandonNow(): void {
    if (this.ending !== null) return;
    // What was sent goes to the system now: the process is about to end.
    this.endTurn();
    this.beginClose(GOING_AWAY, '');
    this.socket.terminate();
  }
}

function onMessage(this: Ws.WebSocket, data: Ws.RawData, isBinary: boolean): void {
  (this as Owned<Ws.WebSocket>)[owner]!.arrived(data as Buffer, isBinary);
}

function onPong(this: Ws.WebSocket, data: Buffer): void {
  (this as Owned<Ws.WebSocket>)[owner]!.ponged(data);
}

function onError(this: Ws.WebSocket, error: Error): void {
  (this as Owned<Ws.WebSocket>)[owner]!.failed(error);
}

function onClose(this: Ws.WebSocket, code: number, reason: Buffer): void {
  (this as Owned<Ws.WebSocket>)[owner]!.closed(code, reason);
}

function onDrain(this: Net.Socket): void {
  (this as Owned<Net.Socket>)[owner]!.wakeSenders();
}

function endTurn(connection: WsConnection): void {
  connection.endTurn();
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
