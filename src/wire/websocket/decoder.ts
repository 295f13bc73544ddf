/**
 * Reads WebSocket frames out of a stream (RFC 6455, section 5) and gives whole messages and control frames. What is
 * against the protocol is thrown as a `Violation` as soon as it shows, bad UTF-8 within a text too.
 *
 * Always: what is kept of a message that is not whole yet is no more than twice its bytes so far, whatever length a
 * frame claims and however small the fragments are: they are copied out of what they came in.
 */
import { PROTOCOL_ERROR, NO_TEXT, TOO_LARGE } from './close-codes';
import { applyMask, CLOSE, CONTINUATION, PONG, TEXT } from './frame';
import { NO_UTF8, scanUtf8, WHOLE } from './utf8';

/** The close code that answers it, and why. */
export class Violation {
  constructor(
    readonly code: number,
    readonly reason: string,
  ) {}
}

/** What holds for all frames of a connection. */
export interface Rules {
  /** A server gets masked frames, a client gets none (section 5.1). */
  readonly masked: boolean;
  /** Bytes of the longest message. */
  readonly maxMessage: number;
  /** permessage-deflate was agreed on: RSV1 means a compressed message. */
  readonly compression: boolean;
}

/** A whole message, or a control frame. The payload may share memory with what was fed. */
export interface Decoded {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly compressed: boolean;
}

const MAX_CONTROL_BYTES = 125;
const MAX_HEADER_BYTES = 14;
/**
 * A fragment that is shorter costs so many bytes more, and a message may not cost more than it may be long (or
 * `FREE_COST`, where that is more). So a flood of tiny fragments ends; 65,536 of them still make 4 MiB in the default.
 */
const FRAGMENT_COST = 128;
const FREE_COST = 64 * 1024;
/** What compressing adds at most to bytes that cannot be compressed: 5 for every 16 KiB, and some. */
const deflatedLimit = (length: number): number => length + (length >> 10) + 64;

const EMPTY = Buffer.alloc(0);

export class FrameDecoder {
  private rules: Rules;
  private input: Buffer = EMPTY;
  private at = 0;
  /** The beginning of a header that came in pieces. */
  private head: Buffer | null = null;
  private headLength = 0;
  // The frame whose payload comes.
  private inPayload = false;
  private fin = false;
  private opcode = 0;
  private left = 0;
  private readonly mask = new Uint8Array(4);
  /** Of the mask's four bytes, the one for the next byte of the payload. */
  private phase = 0;
  private control: Buffer | null = null;
  // The message whose fragments come: its opcode, 0 for none.
  private message = 0;
  private compressed = false;
  private kept: Buffer | null = null;
  private keptLength = 0;
  private cost = 0;
  private utf8 = WHOLE;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  /** Begins with another connection. Only where it `isIdle`. */
  serve(rules: Rules): void {
    this.rules = rules;
  }

  /** Between two messages, with nothing left of the input: a new decoder would do as well. */
  get isIdle(): boolean {
    return this.message === 0 && !this.inPayload && this.headLength === 0 && this.at === this.input.length;
  }

  /** More of the stream; `next` has given null before. Bytes are unmasked in place. */
  feed(bytes: Buffer): void {
    this.input = bytes;
    this.at = 0;
  }

  /** Null when more input is needed. Throws a `Violation`; then nothing more can be read. */
  next(): Decoded | null {
    for (;;) {
      if (!this.inPayload && !this.readHeader()) return null;
      const whole = this.readPayload();
      if (whole !== null) return whole;
      if (this.inPayload) return null;
    }
  }

  // ---------------------------------------------------------------- headers

  private readHeader(): boolean {
    const available = this.input.length - this.at;
    if (available === 0) {
      this.release();
      return false;
    }
    if (this.headLength === 0) {
      const size = this.parseHeader(this.input, this.at, available);
      if (size > 0) {
        this.at += size;
        return true;
      }
      this.head ??= Buffer.alloc(MAX_HEADER_BYTES);
    }
    // At the end of the input, or in pieces: byte by byte, since what follows the header is no part of it.
    while (this.at < this.input.length) {
      this.head![this.headLength++] = this.input[this.at++]!;
      if (this.parseHeader(this.head!, 0, this.headLength) > 0) {
        this.headLength = 0;
        return true;
      }
    }
    this.release();
    return false;
  }

  /** Input that was read is not held on to. */
  private release(): void {
    this.input = EMPTY;
    this.at = 0;
  }

  /** How many bytes the header takes; 0 where more are needed. */
  private parseHeader(bytes: Buffer, at: number, available: number): number {
    if (available < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    this.checkFirst(first, second & 0x7f);
    const masked = (second & 0x80) !== 0;
    if (masked !== this.rules.masked) {
      throw new Violation(
        PROTOCOL_ERROR,
        masked ? 'a server may not mask its frames' : 'a client has to mask its frames',
      );
    }
    const short = second & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const size = 2 + lengthBytes + (masked ? 4 : 0);
    if (available < 2 + lengthBytes) return 0;
    let length = short;
    if (lengthBytes === 2) length = bytes.readUInt16BE(at + 2);
    else if (lengthBytes === 8) length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    const opcode = first & 0x0f;
    if (opcode < CLOSE) this.checkLength(length, first);
    if (available < size) return 0;
    if (masked) for (let i = 0; i < 4; i++) this.mask[i] = bytes[at + size - 4 + i]!;
    this.begin(first, length);
    return size;
  }

  /** What the first two bytes may say (section 5.2, 5.4 and 5.5). */
  private checkFirst(first: number, length: number): void {
    const opcode = first & 0x0f;
    const rsv = first & 0x70;
    if (opcode > PONG || (opcode > 2 && opcode < CLOSE)) {
      throw new Violation(PROTOCOL_ERROR, `opcode ${opcode} is reserved`);
    }
    const mayCompress = this.rules.compression && opcode !== CONTINUATION && opcode < CLOSE;
    if (rsv !== 0 && !(rsv === 0x40 && mayCompress)) {
      throw new Violation(PROTOCOL_ERROR, 'a reserved bit is set that nothing was agreed on');
    }
    if (opcode >= CLOSE) {
      if ((first & 0x80) === 0) throw new Violation(PROTOCOL_ERROR, 'a control frame may not be fragmented');
      if (length > MAX_CONTROL_BYTES)
        throw new Violation(PROTOCOL_ERROR, 'a control frame may carry 125 bytes at most');
    } else if (opcode === CONTINUATION && this.message === 0) {
      throw new Violation(PROTOCOL_ERROR, 'there is no message to continue');
    } else if (opcode !== CONTINUATION && this.message !== 0) {
      throw new Violation(PROTOCOL_ERROR, 'a message began before the one before it was at its end');
    }
  }

  private checkLength(length: number, first: number): void {
    const { maxMessage } = this.rules;
    const compressed = this.message === 0 ? (first & 0x40) !== 0 : this.compressed;
    if (this.keptLength + length > (compressed ? deflatedLimit(maxMessage) : maxMessage)) {
      throw new Violation(TOO_LARGE, `messages of up to ${maxMessage} bytes are taken`);
    }
  }

  private begin(first: number, length: number): void {
    this.opcode = first & 0x0f;
    this.fin = (first & 0x80) !== 0;
    this.left = length;
    this.phase = 0;
    this.inPayload = true;
    if (this.opcode >= CLOSE) return;
    if (this.message === 0) this.compressed = (first & 0x40) !== 0;
    if (!this.fin || this.message !== 0) this.charge(length);
  }

  /** A fragment. */
  private charge(length: number): void {
    this.cost += length < FRAGMENT_COST ? length + FRAGMENT_COST : length;
    if (this.cost > Math.max(deflatedLimit(this.rules.maxMessage), FREE_COST)) {
      throw new Violation(TOO_LARGE, 'too many fragments for one message');
    }
  }

  // ---------------------------------------------------------------- payloads

  private readPayload(): Decoded | null {
    const part = this.input.subarray(this.at, this.at + this.left);
    this.at += part.length;
    const whole = part.length === this.left;
    this.left -= part.length;
    if (this.rules.masked) {
      applyMask(part, this.mask, this.phase);
      this.phase = (this.phase + part.length) & 3;
    }
    if (whole) this.inPayload = false;
    else this.release();
    return this.opcode >= CLOSE ? this.controlPart(part, whole) : this.dataPart(part, whole);
  }

  private controlPart(part: Buffer, whole: boolean): Decoded | null {
    const { opcode, control } = this;
    const payload = control === null ? part : Buffer.concat([control, part]);
    this.control = whole ? null : control === null ? Buffer.from(part) : payload;
    return whole ? { opcode, payload, compressed: false } : null;
  }

  private dataPart(part: Buffer, whole: boolean): Decoded | null {
    if (this.message === 0) {
      const { opcode, compressed } = this;
      if (whole && this.fin) return { opcode, payload: part, compressed };
      this.message = opcode;
    }
    this.keep(part);
    if (this.message === TEXT && !this.compressed) this.checkText(part, whole && this.fin);
    return whole && this.fin ? this.finish() : null;
  }

  private keep(part: Buffer): void {
    const length = this.keptLength + part.length;
    if (this.kept === null || length > this.kept.length) {
      // No more than what is known to come, unless it is there already.
      const capacity = Math.max(length, Math.min(2 * length, length + this.left + (this.fin ? 0 : length)));
      const larger = Buffer.allocUnsafeSlow(capacity);
      if (this.kept !== null) larger.set(this.kept.subarray(0, this.keptLength));
      this.kept = larger;
    }
    this.kept.set(part, this.keptLength);
    this.keptLength = length;
  }

  /** Section 8.1, at the first byte that is wrong. */
  private checkText(part: Buffer, atEnd: boolean): void {
    this.utf8 = scanUtf8(this.utf8, part);
    if (this.utf8 === NO_UTF8 || (atEnd && this.utf8 !== WHOLE)) throw new Violation(NO_TEXT, 'a text is no UTF-8');
  }

  private finish(): Decoded {
    const decoded = {
      opcode: this.message,
      payload: this.kept === null ? EMPTY : this.kept.subarray(0, this.keptLength),
      compressed: this.compressed,
    };
    this.message = 0;
    this.kept = null;
    this.keptLength = 0;
    this.cost = 0;
    this.utf8 = WHOLE;
    return decoded;
  }
}
