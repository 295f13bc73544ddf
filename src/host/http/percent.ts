/**
 * Percent-encoding as requests have it (RFC 3986, and forms as browsers write them). What is decoded are bytes, so
 * that "%ff" is the text for the byte 0xff; a "%" that is followed by no two digits stands for itself.
 */
import { MapValue } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { decode, encode } from '../text';
import { textOfLatin1 } from './latin1';

function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** `text` has a character for each byte. */
export function decodePercent(text: string, plusIsSpace: boolean): string {
  if (!text.includes('%')) return textOfLatin1(plusIsSpace ? text.replaceAll('+', ' ') : text);
  const bytes = Buffer.allocUnsafe(text.length);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x25) {
      const high = digit(text.charCodeAt(i + 1));
      const low = digit(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        bytes[count++] = high * 16 + low;
        i += 2;
        continue;
      }
    }
    bytes[count++] = plusIsSpace && code === 0x2b ? 0x20 : code;
  }
  return decode(bytes, 0, count);
}

/** A query or a form as a map; of a name that comes more than once the values are an array. */
export function parseQuery(text: string): MapValue {
  const map = MapValue.of([]);
  if (text === '') return map;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decodePercent(at < 0 ? pair : pair.slice(0, at), true);
    const value = at < 0 ? '' : decodePercent(pair.slice(at + 1), true);
    const before: Value | undefined = map.get(name);
    if (before === undefined) map.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else map.set(name, [before, value]);
  }
  return map;
}

/** All but letters, digits and "-._~" as percent-encoded bytes. */
export function encodePercent(text: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text;
  let out = '';
  for (const byte of encode(text)) {
    const char = String.fromCharCode(byte);
    out += /[A-Za-z0-9\-._~]/.test(char) ? char : '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  }
  return out;
}
