/**
 * A question as it is sent, and the answers that nearly all questions for addresses get, read without making
 * anything of them but the addresses: name servers are asked ten thousand times.
 *
 * Always: what is written and read here means the same to `encodeMessage` and `decodeMessage`. Whatever has not the
 * usual form is left to them.
 */
import { formatIPv4, formatIPv6 } from '../address';
import { WireError } from '../bytes';
import { parseName } from './names';

/** A query is never longer: header, name, type and class, OPT record. */
export const MAX_QUERY_BYTES = 12 + 255 + 4 + 11;

const HEADER_BYTES = 12;
const OPT_BYTES = 11;
const OPT = 41;
const RECURSION_DESIRED = 0x0100;
const A = 1;
const AAAA = 28;
const IN = 1;
const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 255;
const [DOT, BACKSLASH, FIRST, LAST] = [0x2e, 0x5c, 0x21, 0x7e];

/**
 * Writes a question of class IN that asks for recursion; gives its bytes. `type` is the number of the type,
 * `udpBytes` the size of datagrams that are taken (EDNS, RFC 6891), 0 for none. Throws a `WireError` for what is no name.
 */
export function writeQuery(into: Uint8Array, id: number, name: string, type: number, udpBytes: number): number {
  writeU16(into, 0, id);
  writeU16(into, 2, RECURSION_DESIRED);
  writeU16(into, 4, 1);
  writeU16(into, 6, 0);
  writeU16(into, 8, 0);
  writeU16(into, 10, udpBytes === 0 ? 0 : 1);
  let at = writeLabels(into, HEADER_BYTES, name);
  writeU16(into, at, type);
  writeU16(into, at + 2, IN);
  at += 4;
  if (udpBytes === 0) return at;
  into[at] = 0;
  writeU16(into, at + 1, OPT);
  writeU16(into, at + 3, udpBytes);
  for (let i = at + 5; i < at + OPT_BYTES; i++) into[i] = 0;
  return at + OPT_BYTES;
}

/** Writes a name without pointers; gives where it ends. */
function writeLabels(into: Uint8Array, start: number, name: string): number {
  let lengthAt = start;
  let at = start + 1;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit === DOT) {
      const length = at - lengthAt - 1;
      if (length === 0 || length > MAX_LABEL_BYTES) return writeUnusual(into, start, name);
      into[lengthAt] = length;
      lengthAt = at++;
    } else {
      if (unit < FIRST || unit > LAST || unit === BACKSLASH || at - start >= MAX_NAME_BYTES) {
        return writeUnusual(into, start, name);
      }
      into[at++] = unit;
    }
  }
  const length = at - lengthAt - 1;
  // A dot at the end stands for the root, whose length of 0 is there already.
  if (length > MAX_LABEL_BYTES || at - start >= MAX_NAME_BYTES || name === '') return writeUnusual(into, start, name);
  into[lengthAt] = length;
  if (length === 0) return at;
  into[at] = 0;
  return at + 1;
}

/** Names with escapes, the root, and what is no name. */
function writeUnusual(into: Uint8Array, start: number, name: string): number {
  const labels = parseName(name);
  if (labels === null) throw new WireError(`"${name}" is no name`, start);
  let at = start;
  for (const label of labels) {
    into[at] = label.length;
    into.set(label, at + 1);
    at += label.length + 1;
  }
  into[at] = 0;
  return at + 1;
}

/**
 * The addresses in the answer to a question for them, where it is as usual: whole, without an error, and with
 * nothing in it but addresses of the very name that was asked for and an OPT record. Null for every other message;
 * the id is not looked at. The answer is in the first `length` bytes.
 */
export function plainAddresses(bytes: Uint8Array, length: number, name: string, type: number): string[] | null {
  if (type !== A && type !== AAAA) return null;
  // A response to a standard query, neither truncated nor with an error.
  if (length < HEADER_BYTES || (bytes[2]! & 0xfa) !== 0x80 || (bytes[3]! & 0x0f) !== 0) return null;
  const [questions, answers, authorities, additionals] = [u16(bytes, 4), u16(bytes, 6), u16(bytes, 8), u16(bytes, 10)];
  if (questions !== 1 || answers === 0 || authorities !== 0 || additionals > 1) return null;
  let at = endOfName(bytes, length, name);
  if (at < 0 || at + 4 > length || u16(bytes, at) !== type || u16(bytes, at + 2) !== IN) return null;
  at += 4;
  const size = type === A ? 4 : 16;
  if (at + answers * (12 + size) + additionals * OPT_BYTES !== length) return null;
  const addresses: string[] = [];
  for (let i = 0; i < answers; i++) {
    // A pointer to the name of the question, the type, the class, how long it lives, and how long it is.
    if (u16(bytes, at) !== (0xc000 | HEADER_BYTES) || u16(bytes, at + 2) !== type) return null;
    if (u16(bytes, at + 4) !== IN || u16(bytes, at + 10) !== size) return null;
    addresses.push(type === A ? formatIPv4(bytes, at + 12) : formatIPv6(bytes, at + 12));
    at += 12 + size;
  }
  return additionals === 0 || isPlainOpt(bytes, at) ? addresses : null;
}

function writeU16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >> 8;
  into[at + 1] = value;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Where the name of the question ends, if it is this one (RFC 4343) and nothing in it is unusual; else -1. */
function endOfName(bytes: Uint8Array, length: number, name: string): number {
  let at = HEADER_BYTES;
  let i = 0;
  while (i < name.length) {
    if (at >= length) return -1;
    const size = bytes[at++]!;
    if (size === 0 || size > MAX_LABEL_BYTES || at + size >= length) return -1;
    for (const end = at + size; at < end; at++, i++) {
      const unit = name.charCodeAt(i);
      if (unit === BACKSLASH || unit === DOT || lower(bytes[at]!) !== lower(unit)) return -1;
    }
    if (i < name.length && name.charCodeAt(i++) !== DOT) return -1;
  }
  return bytes[at] === 0 ? at + 1 : -1;
}

function lower(unit: number): number {
  return unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
}

/** An OPT record without options, and without the upper bits of an error. */
function isPlainOpt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0 && u16(bytes, at + 1) === OPT && bytes[at + 5] === 0 && u16(bytes, at + 9) === 0;
}
