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
  ucs2Write(text: string, offset: number, length: number): number;
}

/** Memory that is used again and again, as numbers of both kinds: making a view takes as long as 50 bytes. */
class Scratch {
  readonly units: Uint16Array;
  readonly view: DataView;
  readonly slices: Slices;

  constructor(readonly bytes: Buffer) {
    this.units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.slices = bytes as unknown as Slices;
  }
}

/** Larger ones are not kept. */
const MAX_KEPT_BYTES = 1 << 19;

function scratchOf(kept: Scratch, size: number): Scratch {
  return size <= kept.bytes.length
    ? kept
    : new Scratch(Buffer.allocUnsafeSlow(Math.max(size + (size & 1), 2 * kept.bytes.length)));
}

/** Where the UTF-16 units of a text lie that needs our own loop. */
let unitScratch = new Scratch(Buffer.allocUnsafeSlow(8192));

function scratchForUnits(count: number): Scratch {
  const scratch = scratchOf(unitScratch, 2 * count);
  if (scratch.bytes.length <= MAX_KEPT_BYTES) unitScratch = scratch;
  return scratch;
}

/** Where it is encoded. */
/** Fewer bytes are done one at a time. */
const SHORT = 128;

let byteScratch = new Scratch(Buffer.allocUnsafeSlow(8192));

/** The text of these bytes, or of the part from `start` up to `end`. */
export function decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (start >= end) return '';
  const part = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  const buffer = (part instanceof Buffer
    ? part
    : Buffer.from(part.buffer, part.byteOffset, part.length)) as unknown as Slices;
  if (part.length <= SHORT ? isShortAscii(part) : node.buffer.isAscii(part)) return buffer.latin1Slice(0, part.length);
  if (node.buffer.isUtf8(part)) return buffer.utf8Slice(0, part.length);
  return decodeEscaping(part);
}

/** For few bytes a loop takes less time than the way into Node. */
function isShortAscii(bytes: Uint8Array): boolean {
  let all = 0;
  for (let i = 0; i < bytes.length; i++) all |= bytes[i]!;
  return all < 0x80;
}

function isShortAsciiText(text: string): boolean {
  let all = 0;
  for (let i = 0; i < text.length; i++) all |= text.charCodeAt(i);
  return all < 0x80;
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

/** How many texts `decodeEscaping` has made. */
let escapedTexts = 0;

/**
 * Nearly every byte stands for itself here: only where one that may begin a character meets one that may go on with
 * it is there more to look at. All others are done four at a time and without a branch, which random bytes would make
 * the processor guess wrong.
 */
function decodeEscaping(bytes: Uint8Array): string {
  const { length } = bytes;
  escapedTexts++;
  const scratch = scratchForUnits(length + 4);
  const { units: out, view: to } = scratch;
  let count = 0;
  let i = 0;
  const from = length < SHORT ? null : new DataView(bytes.buffer, bytes.byteOffset, length);
  while (from !== null && i + 4 < length) {
    const four = from.getInt32(i, true);
    const seconds = from.getInt32(i + 1, true);
    const low = (four & 0xff) | ((four & 0xff00) << 8);
    const high = ((four >>> 16) & 0xff) | ((four >>> 8) & 0xff0000);
    to.setInt32(2 * count, low | Math.imul((low >>> 7) & 0x10001, 0xdc00), true);
    to.setInt32(2 * count + 4, high | Math.imul((high >>> 7) & 0x10001, 0xdc00), true);
    // The top bit of each of the four that has its two top bits set and a second byte 10xxxxxx behind it.
    const begins = four & (four << 1) & seconds & ~(seconds << 1) & 0x80808080;
    if (begins === 0) {
      count += 4;
      i += 4;
      continue;
    }
    const before = (31 - Math.clz32(begins & -begins)) >> 3;
    count += before;
    i += before;
    const size = characterAt(bytes, i);
    count = putCharacter(out, count, bytes, i, size);
    i += size;
  }
  while (i < length) {
    const lead = bytes[i]!;
    if (lead < 0xc2 || i + 1 >= length || (bytes[i + 1]! & 0xc0) !== 0x80) {
      out[count++] = lead < 0x80 ? lead : 0xdc00 | lead;
      i++;
      continue;
    }
    const size = characterAt(bytes, i);
    count = putCharacter(out, count, bytes, i, size);
    i += size;
  }
  return scratch.slices.ucs2Slice(0, 2 * count);
}

/** The bytes of the character that begins at `i`; 1 where none does. */
function characterAt(bytes: Uint8Array, i: number): number {
  const lead = bytes[i]!;
  const more = continuations(lead);
  if (more === 0 || i + more >= bytes.length || !mayFollow(lead, bytes[i + 1]!)) return 1;
  if (more > 1 && (bytes[i + 2]! & 0xc0) !== 0x80) return 1;
  return more > 2 && (bytes[i + 3]! & 0xc0) !== 0x80 ? 1 : more + 1;
}

/** Writes the character of so many bytes, or the one that stands for itself; gives the place behind it. */
function putCharacter(out: Uint16Array, at: number, bytes: Uint8Array, i: number, length: number): number {
  const lead = bytes[i]!;
  if (length === 1) {
    out[at] = lead < 0x80 ? lead : 0xdc00 | lead;
    return at + 1;
  }
  const second = bytes[i + 1]! & 0x3f;
  if (length === 2) {
    out[at] = ((lead & 0x1f) << 6) | second;
    return at + 1;
  }
  const third = bytes[i + 2]! & 0x3f;
  if (length === 3) {
    out[at] = ((lead & 0x0f) << 12) | (second << 6) | third;
    return at + 1;
  }
  const point = (((lead & 0x07) << 18) | (second << 12) | (third << 6) | (bytes[i + 3]! & 0x3f)) - 0x10000;
  out[at] = 0xd800 | (point >> 10);
  out[at + 1] = 0xdc00 | (point & 0x3ff);
  return at + 2;
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

/** Texts shorter than this are encoded anew as soon as they are found again. */
const MIN_KEPT_BYTES = 1024;
/** The last longer text with bytes that are no UTF-8 that came in, and these bytes. */
let receivedText = '';
let receivedBytes: Buffer = Buffer.alloc(0);

/**
 * As `decode`, for what came in over a connection: `encodeToSend` of the very same text, as in a relay, gives the
 * same bytes and takes no time. Nobody may write into them any more.
 */
export function decodeReceived(bytes: Uint8Array, start: number, end: number): string {
  const before = escapedTexts;
  const text = decode(bytes, start, end);
  if (escapedTexts !== before && end - start >= MIN_KEPT_BYTES) {
    receivedText = text;
    receivedBytes = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  }
  return text;
}

/** As `encode`, but null for ASCII, which needs no bytes of its own on the way out. Nobody may write into the bytes. */
export function encodeToSend(text: string): Buffer | null {
  if (text.length >= MIN_KEPT_BYTES / 4 && text === receivedText) return receivedBytes;
  if (text.length <= SHORT && isShortAsciiText(text)) return null;
  if (!text.isWellFormed()) return encodeEscaped(text);
  return Buffer.byteLength(text) === text.length ? null : Buffer.from(text, 'utf8');
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

/** Units that are encoded at a time. */
const PART_UNITS = 1 << 16;
function encodeEscaped(text: string): Buffer {
  if (text.length <= PART_UNITS) return encodePart(text);
  const parts: Buffer[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(text.length, start + PART_UNITS);
    if (end < text.length && isHigh(text.charCodeAt(end - 1))) end--;
    parts.push(encodePart(text.slice(start, end)));
    start = end;
  }
  return Buffer.concat(parts);
}

/** Units that stand for one byte, nearly all of them, are done two at a time, with a single branch. */
function encodePart(text: string): Buffer {
  const { length } = text;
  const { slices, units, view: from } = scratchForUnits(length);
  slices.ucs2Write(text, 0, 2 * length);
  // Up to three bytes for each.
  byteScratch = scratchOf(byteScratch, 3 * length);
  const { bytes: out, view: to } = byteScratch;
  let at = 0;
  for (let i = 0; i < length; i++) {
    if (i + 1 < length) {
      const two = from.getInt32(2 * i, true);
      if ((standsForByte(two & 0xffff) & standsForByte(two >>> 16)) < 0) {
        to.setInt16(at, (two & 0xff) | ((two >>> 8) & 0xff00), true);
        at += 2;
        i++;
        continue;
      }
    }
    const unit = units[i]!;
    if (standsForByte(unit) < 0) out[at++] = unit;
    else if (isHigh(unit) && i + 1 < length && isLow(units[i + 1]!)) at = putPair(out, at, unit, units[++i]!);
    else at = putUnit(out, at, unit);
  }
  return Buffer.from(out.subarray(0, at));
}

/** Negative for a unit below U+0080 or from U+DC80 to U+DCFF. */
function standsForByte(unit: number): number {
  const block = unit >> 7;
  return (block - 1) | ((block ^ ESCAPES) - 1);
}

/** U+DC80 to U+DCFF without their last seven bits. */
const ESCAPES = 0xdc80 >> 7;

/** Writes the bytes of a unit above U+007F that stands for no single byte; gives the place behind them. */
function putUnit(out: Uint8Array, at: number, unit: number): number {
  if (unit < 0x800) {
    out[at] = 0xc0 | (unit >> 6);
    out[at + 1] = 0x80 | (unit & 0x3f);
    return at + 2;
  }
  const written = (unit & 0xf800) === 0xd800 ? 0xfffd : unit;
  out[at] = 0xe0 | (written >> 12);
  out[at + 1] = 0x80 | ((written >> 6) & 0x3f);
  out[at + 2] = 0x80 | (written & 0x3f);
  return at + 3;
}

/** Writes the bytes of a character above U+FFFF. */
function putPair(out: Uint8Array, at: number, high: number, low: number): number {
  const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  out[at] = 0xf0 | (point >> 18);
  out[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  out[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
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
