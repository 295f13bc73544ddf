/**
 * A stream connection as the program has it: TCP, UNIX or TLS. What arrives is kept here until a task takes it,
 * so a read of what is there never parks; past `MAX_KEPT` the socket is paused and the peer has to wait. What is
 * sent goes to the system at once; a sender waits while more than `MAX_UNSENT` is left over.
 *
 * Always: every byte that arrives is given to the program once and in order, or stays here; a cancelled or
 * timed-out read takes nothing. At most one task reads. When the connection ends or is closed, everybody who
 * waits on it is woken.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { ready } from '../../runtime/park';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { resume } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import { WaitQueue } from '../../runtime/wait-queue';
import type { Address, Opening, Subject } from '../events';
import { opening, reportBytes, reportClosed, reportError, reportOpened, tap } from '../events';
import { failureOf } from '../failure';
import type { Failure } from '../failure';
import { newHandle } from '../handle-names';
import { encodeToSend } from '../text';
import { formatAddress } from './address';
import { ByteQueue } from './byte-queue';
import { closeSocket, giveUp, reset } from './closing';
import { networkError } from './failures';
import type { Doing } from './failures';
import { closedError, register, unregister } from './handles';
import type { Resource } from './handles';
import { ReadWait } from './reads';
import type { Ending, Read } from './reads';
import { isDead, leaveAlone, listenTo } from './socket-events';
import type { ClientSetup, ServerSetup } from './tls';
import { RoomWait, WOKEN } from './waits';

export type StreamProtocol = 'tcp' | 'tls' | 'unix';

/** Bytes kept for a task that does not read; about, since the last piece may go beyond it. */
const MAX_KEPT = 128 * 1024;
/** The socket goes on when no more than this is kept. */
const RESUME_AT = 32 * 1024;
/** Bytes that may wait in this process for the peer to read before a sender has to. */
const MAX_UNSENT = 64 * 1024;
/** Longer text is sent in parts of this many characters, so that it is not in memory twice. */
const PART_CHARS = 256 * 1024;

export type ConnectionState = 'open' | 'shut' | 'ended' | 'failed';

export class Connection implements Resource, Subject {
  readonly kind = 'connection';
  readonly role = 'socket';
  readonly handle: string;
  readonly received = new ByteQueue();
  bytesIn = 0;
  bytesOut = 0;
  /** The peer sends no more. */
  ended = false;
  /** Closed by the program. */
  closed = false;
  failure: Failure | null = null;
  reader: ReadWait<unknown> | null = null;
  /** The last one's wait, which serves for the next one where that is the same. */
  spare: ReadWait<unknown> | null = null;
  /** For reads that name no timeout. */
  timeoutMs: number | null = null;
  private paused = false;
  private shut = false;
  /** A text is being sent in parts: others wait until all of it is out. */
  private busy = false;
  /** What a handshake is under way on: it ends with the connection. */
  private securing: Net.Socket | null = null;
  private readonly room = new WaitQueue<RoomWait>();
  private readonly opened: Opening;

  constructor(
    public socket: Net.Socket,
    public protocol: StreamProtocol,
    readonly local: Address,
    readonly remote: Address,
    /** It was accepted from a listener: the server's side of a handshake. */
    readonly accepted: boolean,
    by: Opening | null = null,
  ) {
    // Those of a listener are paused until they are accepted.
    this.paused = accepted;
    this.opened = by ?? opening();
    this.handle = newHandle(protocol, formatAddress(remote.host, remote.port));
    this.adopt(socket);
    register(this);
    if (tap.on !== null) reportOpened(this, null, this.opened);
    if (socket.errored !== null) this.failed(socket.errored);
    else if (socket.destroyed) this.destroyed();
  }

  /** Listens to the socket; also to the TLS socket that takes its place. */
  adopt(socket: Net.Socket): void {
    this.socket = socket;
    listenTo(socket, this);
  }

  /** Takes the listeners off, for whoever continues with the socket. */
  release(): Net.Socket {
    leaveAlone(this.socket);
    return this.socket;
  }

  get state(): ConnectionState {
    if (this.failure !== null) return 'failed';
    return this.shut ? 'shut' : this.ended ? 'ended' : 'open';
  }

  /** The peer as an error names it. */
  private get target(): Address {
    return this.remote.host === '' ? this.local : this.remote;
  }

  error(builtin: string, doing: Doing, failure: Failure): ErrorValue {
    return networkError({ builtin, doing, target: this.target }, failure);
  }

  // ---------------------------------------------------------------- reading

  /**
   * Gives what the read asks for, at once where it is there. At the timeout: what the read then gives.
   * Errors: EBUSY, ECLOSED, and what ended the connection once all that came before it is read.
   */
  read<T>(builtin: string, read: Read<T>, timeoutMs: number | null): Steps<T> {
    if (this.reader !== null) throw this.busyError(builtin);
    const result = read.take(this.received, this.ending);
    if (result !== undefined) {
      if (this.paused) this.goOn();
      return ready(result);
    }
    if (this.failure !== null) throw this.error(builtin, 'receive', this.failure);
    const limitMs = timeoutMs ?? this.timeoutMs;
    const spare = this.spare?.isFor(builtin, read, limitMs) === true ? (this.spare as ReadWait<T>).renew() : null;
    const wait = spare ?? new ReadWait<T>(this, builtin, read, limitMs);
    this.spare = null;
    this.reader = wait;
    if (this.paused) this.goOn();
    return wait.steps();
  }

  /** What comes after what is kept. After the peer's end all it sent is here, whatever fails then. */
  get ending(): Ending {
    return this.ended ? 'ended' : this.failure !== null ? 'failed' : 'open';
  }

  private busyError(builtin: string): ErrorValue {
    return fault('EBUSY', `${builtin}: another task is receiving on ${this.handle} (EBUSY)`, {
      function: builtin,
      fields: { ...this.target },
      hint: 'let one task read from a socket, and hand on what it reads through a channel',
    });
  }

  /** Lets the socket read on when a task waits for more, or little is left. */
  goOn(): void {
    if (!this.paused || (this.reader === null && this.received.weight > RESUME_AT)) return;
    this.paused = false;
    this.socket.resume();
  }

  arrived(piece: Buffer): void {
    this.bytesIn += piece.length;
    const reader = this.reader;
    if (tap.on !== null) reportBytes(this, 'in', piece, reader?.task ?? null, this.opened);
    if (this.closed) return;
    if (reader !== null && !reader.woken && this.received.length === 0 && reader.takes(piece)) return;
    this.received.push(piece);
    if (reader === null) this.pauseWhenFull();
    else if (!reader.woken) this.serve(reader);
    else this.pauseWhenFull();
  }

  private serve(reader: ReadWait<unknown>): void {
    if (reader.read.ready(this.received, this.ending)) reader.wakeUp();
  }

  private pauseWhenFull(): void {
    if (this.paused || this.received.weight < MAX_KEPT) return;
    this.paused = true;
    this.socket.pause();
  }

  // ---------------------------------------------------------------- sending

  /**
   * Sends all of it, waiting for room; gives the number of bytes. Sends of several tasks follow one another
   * whole. Errors: EPIPE after `shutdown` and where the peer has gone, ECONNRESET, ECLOSED.
   */
  send(builtin: string, data: string | readonly number[]): Steps<number> {
    this.checkSendable(builtin);
    if (this.busy || this.socket.writableLength >= MAX_UNSENT || data.length > PART_CHARS) {
      return this.sendInParts(builtin, data);
    }
    const count = this.write(data);
    return this.socket.writableLength < MAX_UNSENT ? ready(count) : this.waitForRoom(builtin, count);
  }

  private checkSendable(builtin: string): void {
    if (this.closed) throw closedError(builtin, this.handle);
    if (this.failure !== null) throw this.error(builtin, 'send', this.failure);
    if (this.shut) {
      throw fault('EPIPE', `${builtin}: ${this.handle} was shut down for sending (EPIPE)`, {
        function: builtin,
        fields: { ...this.target },
      });
    }
  }

  /** Hands the bytes to the system; what it does not take at once waits in the socket. */
  private write(data: string | readonly number[]): number {
    const bytes = typeof data === 'string' ? encodeToSend(data) : Buffer.from(data);
    if (bytes === null) {
      const text = data as string;
      this.socket.write(text);
      this.bytesOut += text.length;
      if (tap.on !== null && text.length > 0) reportBytes(this, 'out', text, null, this.opened);
      return text.length;
    }
    this.socket.write(bytes);
    this.bytesOut += bytes.length;
    if (tap.on !== null && bytes.length > 0) reportBytes(this, 'out', bytes, null, this.opened);
    return bytes.length;
  }

  private *sendInParts(builtin: string, data: string | readonly number[]): Steps<number> {
    while (this.busy) yield* this.waitForRoom(builtin, 0);
    this.checkSendable(builtin);
    this.busy = true;
    try {
      let sent = 0;
      let from = 0;
      while (from < data.length) {
        if (this.socket.writableLength >= MAX_UNSENT) yield* this.waitForRoom(builtin, 0);
        this.checkSendable(builtin);
        const end = partEnd(data, from);
        sent += this.write(data.slice(from, end));
        from = end;
      }
      if (this.socket.writableLength >= MAX_UNSENT) yield* this.waitForRoom(builtin, 0);
      return sent;
    } finally {
      this.busy = false;
      this.wakeSenders();
    }
  }

  /** Parks until the system has taken what is left over; throws when the connection ends before that. */
  private waitForRoom(builtin: string, count: number): Steps<number> {
    const wait = new RoomWait(this, builtin, count);
    this.room.join(wait);
    return wait.steps();
  }

  /** For those who waited for room: what ended the connection. */
  checkAlive(builtin: string): void {
    if (this.closed) throw closedError(builtin, this.handle);
    if (this.failure !== null) throw this.error(builtin, 'send', this.failure);
  }

  wakeSenders(): void {
    for (let wait = this.room.next(); wait !== null; wait = this.room.next()) resume(wait.task, WOKEN);
  }

  /** Sends what is left, then the end; reading goes on. */
  shutdown(): void {
    if (this.shut || this.failure !== null) return;
    this.shut = true;
    this.socket.end();
  }

  // ---------------------------------------------------------------- TLS

  /**
   * Goes on in TLS. Data that a client has received and not read came unprotected, and must not be taken for what
   * comes after: EPROTO. A server may have received the beginning of the handshake already.
   */
  *startTls(builtin: string, setup: ClientSetup | ServerSetup, isServer: boolean, seconds: number): Steps<null> {
    if (this.reader !== null) throw this.busyError(builtin);
    this.checkSendable(builtin);
    while (this.busy) yield* this.waitForRoom(builtin, 0);
    this.checkSendable(builtin);
    if (this.received.length > 0 && !isServer) {
      const message = `${builtin}: ${this.received.length} bytes that came before the handshake were not read (EPROTO)`;
      throw fault('EPROTO', message, { function: builtin, fields: { ...this.target } });
    }
    const attempt = { builtin, doing: 'secure', target: this.target, seconds } as const;
    if (this.ended) throw networkError(attempt, { code: 'ECONNRESET', message: '' });
    this.busy = true;
    const raw = this.release();
    raw.pause();
    this.securing = raw;
    if (this.received.length > 0) raw.unshift(this.received.takeBytes(this.received.length));
    try {
      const socket = yield* setup.secure(attempt, raw, performance.now() + seconds * 1000);
      this.protocol = 'tls';
      this.adopt(socket);
    } catch (error) {
      if (this.closed) throw closedError(builtin, this.handle);
      this.failure = { code: 'ECONNABORTED', message: 'its TLS handshake had failed' };
      this.destroyed();
      throw error;
    } finally {
      this.busy = false;
      this.securing = null;
      this.wakeSenders();
    }
    return null;
  }

  // ---------------------------------------------------------------- the end

  /** The end of what the peer sends, so the socket says; of a reset it says the same. */
  endSeen(): void {
    if (this.shut || !isDead(this.socket)) {
      this.peerEnded();
      return;
    }
    // Nothing leaves a dead connection: the write only asks what ended it.
    this.socket.write('?', (error) => {
      if (error != null && failureOf(error).code === 'ECONNRESET') this.failed(error);
      else this.peerEnded();
    });
  }

  private peerEnded(): void {
    this.ended = true;
    if (this.reader !== null && !this.reader.woken) this.serve(this.reader);
  }

  failed(error: Error): void {
    // While it is closing, that the peer has gone away is nobody's concern.
    if (this.failure !== null || this.closed) return;
    this.failure = failureOf(error);
    if (tap.on !== null) {
      reportError(this, this.failure.code, this.failure.message, this.reader?.task ?? null, this.opened);
    }
    this.wakeAll();
  }

  /** The socket is gone, by whosever wish. */
  destroyed(): void {
    if (!this.ended && !this.closed && this.failure === null) {
      this.failed(Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' }));
    }
    if (tap.on !== null) reportClosed(this, this.opened);
    this.wakeAll();
  }

  private wakeAll(): void {
    if (this.reader !== null && !this.reader.woken) this.reader.wakeUp();
    this.wakeSenders();
  }

  /**
   * Closes for the program at once. Waits while the peer reads what is left, not for ever: then the connection is
   * reset.
   */
  *close(): Steps<null> {
    if (this.closed) return null;
    this.closeForProgram();
    this.securing?.destroy();
    yield* closeSocket(this.socket, this.protocol, this.handle);
    return null;
  }

  private closeForProgram(): void {
    this.closed = true;
    unregister(this);
    this.wakeAll();
    this.received.skip(this.received.length);
    this.shut = true;
    if (!this.socket.destroyed) this.socket.end();
  }

  sendLeft(): Steps<null> | null {
    return this.socket.writableLength > 0 && !this.closed ? this.close() : null;
  }

  abandonNow(): void {
    if (!this.closed) this.closeForProgram();
    giveUp(this.socket, this.protocol);
  }

  /** For one that never became the program's: tells the peer that it is refused. */
  refuse(): void {
    this.closed = true;
    unregister(this);
    reset(this.socket, this.protocol);
  }
}

/** Where a part ends: never between the two halves of a character. */
function partEnd(data: string | readonly number[], from: number): number {
  const end = Math.min(from + PART_CHARS, data.length);
  if (typeof data !== 'string' || end === data.length) return end;
  return (data.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
}

/** Details of the TLS session, null for a connection without. */
export function tlsSocketOf(connection: Connection): Tls.TLSSocket | null {
  return connection.protocol === 'tls' ? (connection.socket as Tls.TLSSocket) : null;
}
