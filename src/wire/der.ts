/**
 * The Distinguished Encoding Rules (ITU-T X.690): what certificates are written in. As much of them as a
 * certificate needs. Every function gives the bytes of one complete element, tag and length included.
 */

/** Tag bytes. */
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** Context-specific: `[n]`. */
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Tag, length (X.690, 8.1.3) and contents. */
function element(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), contents);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return concat(Uint8Array.of(tag, 0x80 | bytes.length, ...bytes), contents);
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(SEQUENCE, concat(...items));
}

export function setOf(item: Uint8Array): Uint8Array {
  return element(SET, item);
}

export function boolean(value: boolean): Uint8Array {
  return element(BOOLEAN, Uint8Array.of(value ? 0xff : 0));
}

/** A number that is not negative, from its bytes, the highest first. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return element(INTEGER, digits.length === 0 || digits[0]! >= 0x80 ? concat(Uint8Array.of(0), digits) : digits);
}

/** `unused` is the number of bits at the end that do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return element(BIT_STRING, concat(Uint8Array.of(unused), bytes));
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(OCTET_STRING, bytes);
}

export function nothing(): Uint8Array {
  return element(NULL, new Uint8Array());
}

/** "2.5.29.17" (X.690, 8.19). */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...others] = dotted.split('.').map(Number);
  const bytes: number[] = [];
  for (const part of [40 * first! + second!, ...others]) {
    const digits = [part & 0x7f];
    for (let rest = part >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f));
    bytes.push(...digits);
  }
  return element(OBJECT_IDENTIFIER, Uint8Array.from(bytes));
}

/** `utf8` is the text in UTF-8. */
export function utf8String(utf8: Uint8Array): Uint8Array {
  return element(UTF8_STRING, utf8);
}

/** Milliseconds since 1970, cut to seconds, in the form that RFC 5280 (4.1.2.5) asks for: years 1950 to 9999. */
export function time(ms: number): Uint8Array {
  const iso = new Date(ms).toISOString();
  const digits = iso.replace(/\D/g, '').slice(0, 14) + 'Z';
  const year = Number(iso.slice(0, 4));
  const short = year >= 1950 && year < 2050;
  return element(short ? UTC_TIME : GENERALIZED_TIME, ascii(short ? digits.slice(2) : digits));
}

/** `[number]` around elements. */
export function context(number: number, ...items: readonly Uint8Array[]): Uint8Array {
  return element(CONTEXT | CONSTRUCTED | number, concat(...items));
}

/** `[number]` in the place of the tag of a string (IMPLICIT). */
export function contextString(number: number, bytes: Uint8Array): Uint8Array {
  return element(CONTEXT | number, bytes);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** An element as it stands in a longer text of bytes. */
export interface Element {
  readonly tag: number;
  readonly contents: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** The elements that stand one after the other in `bytes`; null where they are no DER. */
export function elements(bytes: Uint8Array): Element[] | null {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at]!;
    let length = bytes[at + 1];
    let start = at + 2;
    if (length === undefined) return null;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4 || start + count > bytes.length) return null;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[start + i]!;
      start += count;
    }
    const end = start + length;
    if (end > bytes.length) return null;
    found.push({ tag, contents: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}
