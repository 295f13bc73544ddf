/**
 * Percent-encoding (RFC 3986, section 2.1) of bytes: a text goes as its UTF-8, and bytes from outside that are no
 * UTF-8 as themselves, so whatever was encoded is the same again when it is decoded.
 */
import { decode, encode } from '../../../host/text';
import { inspect, MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { describe } from '../../../runtime/describe-value';
import { failure } from '../../core/value-types';

const HEX = Array.from({ length: 256 }, (_each, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
/** Section 2.3: what is never encoded. */
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;

export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return text.replace(/[^A-Za-z0-9\-._~]+/g, (part) => {
    let encoded = '';
    for (const byte of encode(part)) encoded += HEX[byte]!;
    return encoded;
  });
}

/** A percent sign without two hexadecimal digits stays as it is. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  // The bytes of all that is encoded side by side, and of what stands between, are read together.
  const bytes = encode(text);
  let count = 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = bytes[i] === 0x25 ? hexDigit(bytes[i + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2]);
    if (low < 0) {
      bytes[count++] = bytes[i]!;
    } else {
      bytes[count++] = high * 16 + low;
      i += 2;
    }
  }
  return decode(bytes.subarray(0, count));
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Bytes that are no UTF-8 as percent-encoded ones: URLs have no other place for them. */
export function encodeRawBytes(text: string): string {
  return text.isWellFormed() ? text : text.replace(/[\ud800-\udfff]/gu, (byte) => percentEncode(byte));
}

/** `a=1&b=2&a=3` as a map: a name that is there several times has an array of its values. */
export function parseQuery(text: string): MapValue {
  const found = new Map<string, Value>();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = formDecode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : formDecode(part.slice(equals + 1));
    const earlier = found.get(name);
    if (earlier === undefined) found.set(name, value);
    else if (Array.isArray(earlier)) earlier.push(value);
    else found.set(name, [earlier, value]);
  }
  return MapValue.of(found);
}

function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** The way back: arrays give their name several times, null is left out. */
export function buildQuery(builtin: string, query: MapValue): string {
  const parts: string[] = [];
  for (const [name, value] of query.entries()) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each === null) continue;
      if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean') {
        throw failure(
          'ETYPE',
          builtin,
          `the value of ${inspect(name)} is ${describe(each)}, which a query cannot hold`,
        );
      }
      parts.push(`${percentEncode(name)}=${percentEncode(str(each))}`);
    }
  }
  return parts.join('&');
}
