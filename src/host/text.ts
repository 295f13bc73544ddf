/**
 * Bytes to text and back, by the rule that strings carry bytes: bytes are read as UTF-8, and a byte that
 * is not part of valid UTF-8 becomes the lone surrogate U+DC80..U+DCFF of its value (PEP 383). Writing
 * turns those back into the same bytes.
 *
 * Always: `encode(decode(b))` is `b` for any bytes, also when they were decoded in pieces; and a `Decoder`
 * gives the same text for every cutting of the same bytes. Valid UTF-8 is what the Unicode Standard's
 * table 3-7 says: no surrogates, no overlong forms, nothing above U+10FFFF.
 */
import { node } from './node';

/** `Buffer` has these in every version of Node; they skip the encoding's name. */
interface Slices {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

/** Where the text is built that needs our own loop. Grows to what was needed, up to this many units. */
const MAX_KEPT_UNITS = 1 << 18;
let units = new Uint16Array(4096);

function unitsFor(count: number): Uint16Array {
  if (count <= units.length) return units;
  const larger = new Uint16Array(Math.max(count, Math.min(2 * units.length, MAX_KEPT_UNITS)));
  if (larger.length <= MAX_KEPT_UNITS) units = larger;
  return larger;
}

/** The text of these bytes, or of the part from `start` up to `end`. */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (start >= end) return '';
  const part = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  const buffer = (part instanceof Buffer
    ? part
    : Buffer.from(part.buffer, part.byteOffset, part.length)) as unknown as Slices;
  const { isAscii, isUtf8 } = node.buffer;
  if (isAscii(part)) return buffer.latin1Slice(0, part.length);
  if (isUtf8(part)) return buffer.utf8Slice(0, part.length);
  return decodeEscaping(part);
}

/** The text of bytes that have to be UTF-8; null for those that are not. */
export function decodeUtf8(bytes: Buffer): string | null {
  const { isAscii, isUtf8 } = node.buffer;
  const buffer = bytes as unknown as Slices;
  if (isAscii(bytes)) return buffer.latin1Slice(0, bytes.length);
  return isUtf8(bytes) ? buffer.utf8Slice(0, bytes.length) : null;
}

/** Whether the bytes from `start` up to `end` are all ASCII. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  return node.buffer.isAscii(bytes.subarray(start, end));
}

/** As `decode`, for bytes that are known to be ASCII. */
export function decodeAscii(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as Slices).latin1Slice(start, end);
}

/** Continuation bytes that a lead byte asks for; 0 for a byte that begins nothing. */
function continuations(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

/** Whether `second` may follow `lead`: shuts out overlong forms, surrogates and what is above U+10FFFF. */
function mayFollow(lead: number, second: number): boolean {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return (second & 0xc0) === 0x80;
  }
}

function decodeEscaping(bytes: Uint8Array): string {
  const length = bytes.length;
  const out = unitsFor(length);
  let count = 0;
  let i = 0;
  while (i < length) {
    const lead = bytes[i]!;
    if (lead < 0x80) {
      out[count++] = lead;
      i++;
      continue;
    }
    const more = continuations(lead);
    const second = i + 1 < length ? bytes[i + 1]! : 0;
    if (more === 0 || i + more >= length || !mayFollow(lead, second)) {
      out[count++] = 0xdc00 | lead;
      i++;
    } else if (more === 1) {
      out[count++] = ((lead & 0x1f) << 6) | (second & 0x3f);
      i += 2;
    } else {
      const third = bytes[i + 2]!;
      const fourth = more === 3 ? bytes[i + 3]! : 0x80;
      if ((third & 0xc0) !== 0x80 || (fourth & 0xc0) !== 0x80) {
        out[count++] = 0xdc00 | lead;
        i++;
      } else if (more === 2) {
        out[count++] = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
        i += 3;
      } else {
        const point =
          (((lead & 0x07) << 18) | ((second & 0x3f) << 12) | ((third & 0x3f) << 6) | (fourth & 0x3f)) - 0x10000;
        out[count++] = 0xd800 | (point >> 10);
        out[count++] = 0xdc00 | (point & 0x3ff);
        i += 4;
      }
    }
  }
  const view = Buffer.from(out.buffer, 0, 2 * count) as unknown as Slices;
  return view.ucs2Slice(0, 2 * count);
}

/**
 * How many bytes at the end of `bytes[start..end)` begin a character whose rest is missing: 0 to 3. What
 * can no longer become a character is not counted.
 */
export function unfinishedTail(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || bytes[end - 1]! < 0x80) return 0;
  const most = Math.min(3, end - start);
  for (let back = 1; back <= most; back++) {
    const lead = bytes[end - back]!;
    if ((lead & 0xc0) === 0x80) continue;
    if (continuations(lead) < back) return 0;
    return back === 1 || mayFollow(lead, bytes[end - back + 1]!) ? back : 0;
  }
  return 0;
}

/** The bytes of a text. A lone surrogate that stands for no byte is written as U+FFFD (EF BF BD). */
export function encode(text: string): Buffer {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : encodeEscaped(text);
}

/** As `encode`, but also takes an array of byte values: what programs may send. */
export function bytesOf(data: string | readonly number[]): Buffer {
  return typeof data === 'string' ? encode(data) : Buffer.from(data);
}

/** How many bytes `encode(text)` gives. */
export function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text, 'utf8') : escapedLength(text);
}

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

function escapedLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes++;
    else if (unit < 0x800) bytes += 2;
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 4;
      i++;
    } else bytes += unit >= 0xdc80 && unit <= 0xdcff ? 1 : 3;
  }
  return bytes;
}

function encodeEscaped(text: string): Buffer {
  const out = Buffer.allocUnsafe(escapedLength(text));
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      out[at++] = unit;
    } else if (unit >= 0xdc80 && unit <= 0xdcff) {
      out[at++] = unit & 0xff;
    } else if (unit < 0x800) {
      out[at++] = 0xc0 | (unit >> 6);
      out[at++] = 0x80 | (unit & 0x3f);
    } else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      out[at++] = 0xf0 | (point >> 18);
      out[at++] = 0x80 | ((point >> 12) & 0x3f);
      out[at++] = 0x80 | ((point >> 6) & 0x3f);
      out[at++] = 0x80 | (point & 0x3f);
    } else {
      const written = (unit & 0xf800) === 0xd800 ? 0xfffd : unit;
      out[at++] = 0xe0 | (written >> 12);
      out[at++] = 0x80 | ((written >> 6) & 0x3f);
      out[at++] = 0x80 | (written & 0x3f);
    }
  }
  return out;
}

/** Decodes a stream piece by piece. An unfinished character waits for the next piece. */
export class Decoder {
  /** The beginning of a character, 0 to 3 bytes. */
  private held: Buffer | null = null;

  /** The text of this piece and of what was held back, without an unfinished character at the end. */
  decode(piece: Uint8Array): string {
    const bytes = this.held === null ? piece : Buffer.concat([this.held, piece]);
    const tail = unfinishedTail(bytes, 0, bytes.length);
    this.held = tail === 0 ? null : Buffer.from(bytes.subarray(bytes.length - tail));
    return decode(bytes, 0, bytes.length - tail);
  }

  /** What is still held back: the stream has ended in the middle of a character. */
  flush(): string {
    const rest = this.held;
    this.held = null;
    return rest === null ? '' : decode(rest);
  }
}
