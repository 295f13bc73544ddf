/**
 * Reading and writing of fields in network byte order. Reading past the end throws a `WireError`, which every
 * decoder catches: what is broken is a result, never an exception for its caller.
 */

/** Bytes that are not what their format says. `at` is where that showed. */
export class WireError extends Error {
  constructor(
    readonly reason: string,
    readonly at: number,
  ) {
    super(`${reason} at byte ${at}`);
  }
}

export class ByteReader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    public end = bytes.length,
  ) {}

  get left(): number {
    return this.end - this.at;
  }

  private advance(count: number): number {
    const { at } = this;
    if (at + count > this.end) throw new WireError('it ends too early', this.end);
    this.at = at + count;
    return at;
  }

  u8(): number {
    return this.bytes[this.advance(1)]!;
  }

  u16(): number {
    const at = this.advance(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u32(): number {
    const at = this.advance(4);
    const { bytes } = this;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  u48(): number {
    return this.u16() * 2 ** 32 + this.u32();
  }

  /** A view, not a copy. */
  take(count: number): Uint8Array {
    const at = this.advance(count);
    return this.bytes.subarray(at, at + count);
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }
}

export class ByteWriter {
  private bytes: Uint8Array;
  length = 0;

  /** `expected`: bytes that will probably do. */
  constructor(expected = 512) {
    this.bytes = new Uint8Array(expected);
  }

  private room(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return at;
  }

  u8(value: number): this {
    this.bytes[this.room(1)] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.room(2);
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value;
    return this;
  }

  u24(value: number): this {
    return this.u8(value >> 16).u16(value & 0xffff);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value & 0xffff);
  }

  put(bytes: ArrayLike<number>): this {
    this.bytes.set(bytes, this.room(bytes.length));
    return this;
  }

  /** Overwrites two bytes that were written before. */
  setU16(at: number, value: number): void {
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value;
  }

  setU24(at: number, value: number): void {
    this.bytes[at] = value >> 16;
    this.setU16(at + 1, value & 0xffff);
  }

  /** All that was written. */
  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

const HEX = Array.from({ length: 256 }, (_none, byte) => byte.toString(16).padStart(2, '0'));

export function hex(bytes: Uint8Array, separator = ''): string {
  return Array.from(bytes, (byte) => HEX[byte]!).join(separator);
}

/** Bytes of a text that is ASCII. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Each byte as the character of its number. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}

/** Texts that were made lately, by the hash of their bytes. */
const interned = new Array<string>(4096).fill('');
const MAX_INTERNED = 256;

/**
 * `bytes[start..end)` as `latin1` makes it. Short texts that come again and again (methods, paths, hosts) are the same
 * string each time, which is neither made nor hashed anew.
 */
export function internLatin1(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > MAX_INTERNED) return latin1(bytes.subarray(start, end));
  let hash = length;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const slot = (hash ^ (hash >>> 12)) & (interned.length - 1);
  const known = interned[slot]!;
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[start + i]) i++;
    if (i === length) return known;
  }
  return (interned[slot] = String.fromCharCode(...bytes.subarray(start, end)));
}
