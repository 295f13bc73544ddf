/**
 * The protocol of an open WebSocket connection (RFC 6455): frames are read and messages given on, pings are answered,
 * and the closing handshake is done, by whichever side it is begun.
 *
 * Always: `closed` is called once, after all messages that arrived whole. While this side does not read, whatever the
 * reason (`Hold`), the peer has to wait; after a close frame and after a violation what comes is thrown away.
 */
import type * as Net from 'node:net';
import {
  closePayload,
  maySendCode,
  NO_STATUS,
  NO_TEXT,
  PROTOCOL_ERROR,
  TOO_LARGE,
} from '../../wire/websocket/close-codes';
import { FrameDecoder, Violation } from '../../wire/websocket/decoder';
import type { Decoded, Rules } from '../../wire/websocket/decoder';
import { CLOSE, PING, PONG, TEXT } from '../../wire/websocket/frame';
import { tap } from '../events';
import { decode, decodeUtf8 } from '../text';
import type { Deflate, Opened } from './library';
import type { WindowBits } from './outgoing';
import { MAX_UNSENT, Sender } from './sender';

/** How long an end waits for the peer's close frame, and for the peer to close the connection. */
export const CLOSE_MS = 2000;

/** Code and reason of a close frame. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** Why nothing is read. */
export enum Hold {
  /** The program does not take its messages. */
  Messages = 1,
  /** A message is being inflated; those behind it have to come after it. */
  Inflating = 2,
  /** The peer does not take the answers to its pings. */
  Pongs = 4,
}

/** The connection of a socket, for the listeners, which all connections share. */
const owner = Symbol('connection');
type Owned = Net.Socket & { [owner]?: Link };

/** Idle connections have no decoder: this one goes around. */
let spare: FrameDecoder | null = null;

export abstract class Link extends Sender {
  private decoder: FrameDecoder | null = null;
  private readonly deflate: Deflate | null;
  private holds = 0;
  private closeSent = false;
  /** The socket is over, or its other half is. */
  private cut = false;
  /** The socket is closed. */
  private gone = false;
  /** A message came with the last bytes that were read. */
  private given = false;
  private closeTimer: NodeJS.Timeout | null = null;
  /** The peer's close frame. */
  protected received: Ending | null = null;
  /** What the peer did against the protocol. */
  protected violation: Violation | null = null;

  constructor(
    { net, head, deflate }: Opened,
    private readonly rules: Rules,
  ) {
    super(net, deflate === null ? 0 : windowBits(deflate, rules));
    this.deflate = deflate;
    (net as Owned)[owner] = this;
    net.setTimeout(0);
    net.setNoDelay();
    if (head.length > 0) net.unshift(head);
    net.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError).on('drain', onDrain);
  }

  /** A message whose text is known to be UTF-8, or bytes as text. */
  protected abstract arrived(text: string, binary: boolean, bytes: number): void;
  protected abstract ponged(payload: Buffer): void;
  protected abstract failed(code: string, words: string): void;
  protected abstract closed(): void;

  override get side(): 'client' | 'server' {
    return sideOf(this.rules);
  }

  /** Neither side has begun to close it. */
  protected get isOpen(): boolean {
    return !this.closeSent && !this.cut;
  }

  // ---------------------------------------------------------------- receiving

  take(bytes: Buffer): void {
    if (this.isDeaf) return;
    this.given = false;
    if (this.decoder === null) {
      this.decoder = spare ?? new FrameDecoder(this.rules);
      spare = null;
      this.decoder.serve(this.rules);
    }
    this.decoder.feed(bytes);
    this.decode(this.decoder);
  }

  private isInflating(): boolean {
    return (this.holds & Hold.Inflating) !== 0;
  }

  private get isDeaf(): boolean {
    return this.received !== null || this.violation !== null;
  }

  private decode(decoder: FrameDecoder): void {
    try {
      while (!this.isDeaf && !this.isInflating()) {
        const decoded = decoder.next();
        if (decoded === null) break;
        this.give(decoded);
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violate(error);
    }
    if (this.isDeaf) {
      this.decoder = null;
    } else if (decoder.isIdle) {
      this.decoder = null;
      spare = decoder;
    }
  }

  private give({ opcode, payload, compressed }: Decoded): void {
    if (opcode === CLOSE) {
      this.gotClose(payload);
    } else if (opcode === PING) {
      if (tap.on !== null) this.report('in', 'ping', payload.length);
      this.answerPing(payload);
    } else if (opcode === PONG) {
      if (tap.on !== null) this.report('in', 'pong', payload.length);
      this.ponged(payload);
    } else if (compressed) {
      this.inflate(opcode, payload);
    } else {
      this.gotMessage(opcode, payload);
    }
  }

  private gotMessage(opcode: number, payload: Buffer): void {
    const text = opcode === TEXT ? decodeUtf8(payload) : decode(payload);
    if (text === null) throw new Violation(NO_TEXT, 'a text is no UTF-8');
    this.given = true;
    this.arrived(text, opcode !== TEXT, payload.length);
  }

  private inflate(opcode: number, payload: Buffer): void {
    this.hold(Hold.Inflating);
    this.deflate!.decompress(payload, true, (error, message) => {
      try {
        if (error !== null) throw inflateViolation(error);
        this.gotMessage(opcode, message);
      } catch (violation) {
        if (!(violation instanceof Violation)) throw violation;
        this.violate(violation);
      }
      this.release(Hold.Inflating);
      if (this.decoder !== null) this.decode(this.decoder);
      if (this.gone) this.over();
    });
  }

  protected hold(why: Hold): void {
    if (this.isDeaf) return;
    if (this.holds === 0) this.net.pause();
    this.holds |= why;
  }

  protected release(why: Hold): void {
    if ((this.holds & why) === 0) return;
    this.holds &= ~why;
    if (this.holds === 0) this.net.resume();
  }

  protected get isHeld(): boolean {
    return this.holds !== 0;
  }

  // ---------------------------------------------------------------- pings

  private answerPing(payload: Buffer): void {
    if (!this.isOpen) return;
    this.writeControl(PONG, payload);
    if (this.net.writableLength >= MAX_UNSENT) this.hold(Hold.Pongs);
  }

  drained(): void {
    this.release(Hold.Pongs);
    this.wakeSenders();
  }

  // ---------------------------------------------------------------- the end

  /** Sends a close frame, unless that has been done. */
  protected sendClose(code: number, reason: string): void {
    if (this.closeSent || this.cut) return;
    this.closeSent = true;
    if (tap.on !== null) this.report('out', 'close', reason.length + 2);
    this.writeControl(CLOSE, closePayload(code, reason));
    this.endTurn();
    // The peer's close frame has to be seen.
    this.release(Hold.Messages);
    if (this.isDeaf) this.net.end();
    this.limitEnd();
  }

  private limitEnd(): void {
    this.closeTimer ??= setTimeout(destroy, CLOSE_MS, this.net);
  }

  private gotClose(payload: Buffer): void {
    const ending = readClose(payload);
    if (tap.on !== null) this.report('in', 'close', payload.length);
    this.received = ending;
    this.goDeaf();
  }

  private violate(violation: Violation): void {
    if (this.isDeaf) return;
    this.violation = violation;
    this.failed('EPROTO', violation.reason);
    this.goDeaf();
  }

  /**
   * What comes from now on is thrown away, so that the end of the stream shows; the close frame is answered. Where a
   * message came right before, the program gets to see it first, and may still say something.
   */
  private goDeaf(): void {
    this.holds = 0;
    this.net.resume();
    this.limitEnd();
    if (this.given) setImmediate(answerClose, this);
    else this.answerClose();
  }

  answerClose(): void {
    if (this.closeSent) this.net.end();
    else if (!this.hasQueue) this.sendAnswer();
  }

  /** The answer to a close frame has the same code (section 5.5.1). */
  private sendAnswer(): void {
    if (this.violation !== null) this.sendClose(this.violation.code, '');
    else this.sendClose(this.received!.code, this.received!.reason);
  }

  protected override flushed(): void {
    if (this.isDeaf && !this.closeSent) this.sendAnswer();
  }

  /** The peer will send no more. */
  ended(): void {
    this.cut = true;
    this.dropQueue();
    this.net.end();
    this.limitEnd();
  }

  broken(error: Error): void {
    this.cut = true;
    this.failed((error as NodeJS.ErrnoException).code ?? 'EIO', error.message);
  }

  /** Ends the connection at once. */
  protected terminate(): void {
    this.cut = true;
    this.net.destroy();
  }

  netClosed(): void {
    this.cut = true;
    this.gone = true;
    if (this.closeTimer !== null) clearTimeout(this.closeTimer);
    this.over();
  }

  private over(): void {
    if (this.isInflating()) return;
    const { net } = this;
    // Left over where it was paused: an end is not told before all is read, but an error is.
    const rest = net.readableLength > 0 ? (net.read(net.readableLength) as Buffer | null) : null;
    if (rest !== null) this.take(rest);
    if (this.isInflating()) return;
    this.deflate?.cleanup();
    this.dropQueue();
    this.closed();
  }
}

/** A server is what gets masked frames. */
function sideOf({ masked }: Rules): 'client' | 'server' {
  return masked ? 'server' : 'client';
}

/** In which this side may compress: zlib's largest where the handshake named none (RFC 7692, section 7.1.2). */
function windowBits({ params }: Deflate, rules: Rules): WindowBits {
  return params[`${sideOf(rules)}_max_window_bits`] ?? 15;
}

/** What a close frame says (section 5.5.1). Throws a `Violation`. */
function readClose(payload: Buffer): Ending {
  if (payload.length === 0) return { code: NO_STATUS, reason: '' };
  if (payload.length === 1) throw new Violation(PROTOCOL_ERROR, 'a close frame of one byte');
  const code = payload.readUInt16BE(0);
  if (!maySendCode(code)) throw new Violation(PROTOCOL_ERROR, `close code ${code} may not be sent`);
  const reason = decodeUtf8(payload.subarray(2));
  if (reason === null) throw new Violation(NO_TEXT, 'the reason of a close frame is no UTF-8');
  return { code, reason };
}

function inflateViolation(error: Error): Violation {
  return (error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    ? new Violation(TOO_LARGE, 'a message inflates to more than may be')
    : new Violation(NO_TEXT, 'a message cannot be inflated');
}

function answerClose(link: Link): void {
  link.answerClose();
}

function destroy(net: Net.Socket): void {
  net.destroy();
}

function onData(this: Net.Socket, bytes: Buffer): void {
  (this as Owned)[owner]!.take(bytes);
}

function onEnd(this: Net.Socket): void {
  (this as Owned)[owner]!.ended();
}

function onClose(this: Net.Socket): void {
  (this as Owned)[owner]!.netClosed();
}

function onError(this: Net.Socket, error: Error): void {
  (this as Owned)[owner]!.broken(error);
}

function onDrain(this: Net.Socket): void {
  (this as Owned)[owner]!.drained();
}
