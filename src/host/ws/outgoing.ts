/**
 * Messages on their way out of the program: made into frames once, however many connections they are for, and
 * compressed once for each window size that was agreed on. Every message is compressed by itself (RFC 7692,
 * section 7.1.1, "no context takeover"): that is what lets many connections share a frame, and an idle connection
 * keep no compressor.
 */
import { applyMask, headerLength, MASK_BYTES, writeHeader } from '../../wire/websocket/frame';
import { node } from '../node';

/** Shorter messages gain nothing from being compressed. */
export const THRESHOLD_BYTES = 1024;
/** Longer ones are compressed in another thread. */
const INLINE_BYTES = 16 * 1024;
/** Longer payloads are written behind their header instead of being copied into one piece with it. */
const COPY_BYTES = 16 * 1024;

/** The bytes of a frame, in one piece or header and payload. */
export type Frame = readonly Buffer[];

/** A frame of the server's side: not masked, shared by all connections. */
export function serverFrame(opcode: number, payload: Buffer, compressed: boolean): Frame {
  const start = headerLength(payload.length, false);
  const whole = payload.length <= COPY_BYTES;
  const head = Buffer.allocUnsafe(whole ? start + payload.length : start);
  writeHeader(head, opcode, payload.length, compressed, null);
  if (!whole) return [head, payload];
  head.set(payload, start);
  return [head];
}

const MASK_POOL = 1024;
let masks: Buffer | null = null;
let nextMask = 0;

/** Four unpredictable bytes (RFC 6455, section 5.3). Valid up to the next call. */
function freshMask(): Buffer {
  if (masks === null || nextMask >= masks.length) {
    masks = node.crypto.randomBytes(MASK_POOL * MASK_BYTES);
    nextMask = 0;
  }
  nextMask += MASK_BYTES;
  return masks.subarray(nextMask - MASK_BYTES, nextMask);
}

/** A frame of the client's side: masked anew each time it is sent. The payload stays as it is. */
export function clientFrame(opcode: number, payload: Buffer, compressed: boolean): Frame {
  const start = headerLength(payload.length, true);
  const bytes = Buffer.allocUnsafe(start + payload.length);
  const mask = freshMask();
  writeHeader(bytes, opcode, payload.length, compressed, mask);
  bytes.set(payload, start);
  applyMask(bytes.subarray(start), mask);
  return [bytes];
}

/** What the peer can inflate: the size of its window in bits; 0 for a connection that does not compress. */
export type WindowBits = number;

/** One message for any number of connections. */
export class Outgoing {
  private plain: Frame | null = null;
  private readonly packed = new Map<WindowBits, Packed>();

  constructor(
    readonly opcode: number,
    readonly payload: Buffer,
  ) {}

  /** Its frame for a server's connection. */
  plainFrame(): Frame {
    return (this.plain ??= serverFrame(this.opcode, this.payload, false));
  }

  /** Whether it is worth compressing. zlib has no raw window of 8 bits: nothing is compressed for such a peer. */
  packs(bits: WindowBits): boolean {
    return bits > 8 && this.payload.length >= THRESHOLD_BYTES;
  }

  packedFor(bits: WindowBits): Packed {
    let packed = this.packed.get(bits);
    if (packed === undefined) {
      packed = new Packed(this, bits);
      this.packed.set(bits, packed);
    }
    return packed;
  }
}

/** A message compressed for one window size: done at once where it is short, else when the thread is done. */
export class Packed {
  /** The compressed payload; null until it is there. */
  payload: Buffer | null = null;
  private shared: Frame | null = null;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly message: Outgoing,
    bits: WindowBits,
  ) {
    const { zlib } = node;
    // Flushed to a byte boundary, with the four bytes taken off that the other side puts back (section 7.2.1).
    const settings = { windowBits: bits, finishFlush: zlib.constants.Z_SYNC_FLUSH };
    if (message.payload.length <= INLINE_BYTES) {
      this.done(zlib.deflateRawSync(message.payload, settings));
    } else {
      zlib.deflateRaw(message.payload, settings, (error, result) => {
        if (error !== null) throw error;
        this.done(result);
      });
    }
  }

  private done(flushed: Buffer): void {
    this.payload = flushed.subarray(0, flushed.length - 4);
    const { waiting } = this;
    this.waiting = [];
    for (const each of waiting) each();
  }

  whenDone(action: () => void): void {
    this.waiting.push(action);
  }

  /** Its frame for a server's connection. */
  sharedFrame(): Frame {
    return (this.shared ??= serverFrame(this.message.opcode, this.payload!, true));
  }
}
