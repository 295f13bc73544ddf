/**
 * Text of base64, base64url (RFC 4648) and hexadecimal digits as bytes. Node's readers skip what they do not know, so
 * what they give counts only where it is as long as the text says; any other text is looked at character by
 * character, for white space, which does no harm, and for the place of what is wrong.
 */
import { decode } from '../../../host/text';
import { characterAt, failureAt } from '../place-in-text';

/** Node's readers look at the lower byte of a unit alone. V8 answers at once for texts of one byte per unit. */
// eslint-disable-next-line no-control-regex -- bytes are what is meant
const WIDE = /[^\x00-\xff]/;

/** Hexadecimal digits, capital or small. Errors: EHEX, with the place. */
export function decodeHex(encoded: string): string {
  // It stops at the first character that is no digit.
  const bytes = Buffer.from(encoded, 'hex');
  if (2 * bytes.length === encoded.length && !WIDE.test(encoded)) return decode(bytes);
  const wrong = encoded.search(/[^0-9A-Fa-f \t\r\n]/);
  if (wrong >= 0) {
    throw failureAt('EHEX', 'hex_decode', encoded, wrong, `${characterAt(encoded, wrong)} is no hexadecimal digit`);
  }
  const digits = withoutSpace(encoded);
  if (digits.length % 2 === 0) return decode(Buffer.from(digits, 'hex'));
  throw failureAt('EHEX', 'hex_decode', encoded, encoded.trimEnd().length, 'the last byte has one digit only');
}

function withoutSpace(encoded: string): string {
  return /[ \t\r\n]/.test(encoded) ? encoded.replace(/[ \t\r\n]+/g, '') : encoded;
}

/** What is left of a length when the padding is taken off. */
function unpadded(encoded: string): number {
  const { length } = encoded;
  if (length % 4 !== 0 || !encoded.endsWith('=')) return length;
  return encoded.endsWith('==') ? length - 2 : length - 1;
}

/** Base64 with its padding or without. Errors: EBASE64, with the place. */
export function decodeBase64(builtin: string, encoded: string, kind: 'base64' | 'base64url'): string {
  const url = kind === 'base64url';
  // It reads both kinds and skips what is of neither: then there are fewer bytes than the characters make.
  const bytes = Buffer.from(encoded, 'base64');
  const length = unpadded(encoded);
  const allRead = length % 4 !== 1 && bytes.length === (length * 3) >> 2 && !WIDE.test(encoded);
  const [plus, slash] = url ? ['+', '/'] : ['-', '_'];
  if (allRead && !encoded.includes(plus) && !encoded.includes(slash)) return decode(bytes);
  const refuse = (at: number, message: string, hint?: string) =>
    failureAt('EBASE64', builtin, encoded, at, message, hint);
  const wrong = encoded.search(url ? /[^A-Za-z0-9_\- \t\r\n]/ : /[^A-Za-z0-9+/ \t\r\n]/);
  let body = encoded;
  if (wrong >= 0) {
    const rest = encoded.slice(wrong);
    const padding = /^[=\s]*$/.test(rest) ? withoutSpace(rest).length : 0;
    if (padding === 0) {
      const other = url ? '+/' : '-_';
      const hint = other.includes(encoded[wrong]!) ? `this may be ${url ? 'base64' : 'base64url'}` : undefined;
      const what = encoded[wrong] === '=' ? 'padding stands' : `${characterAt(encoded, wrong)} is`;
      const where = encoded[wrong] === '=' ? 'at the end only' : `no character of ${kind}`;
      throw refuse(wrong, `${what} ${where}`, hint);
    }
    body = encoded.slice(0, wrong);
    if (withoutSpace(body).length % 4 !== (4 - padding) % 4 || padding > 2) {
      throw refuse(wrong, `the padding does not fit: there is ${padding === 1 ? 'one' : String(padding)} '='`);
    }
  }
  const characters = withoutSpace(body);
  if (characters.length % 4 === 1) throw refuse(body.trimEnd().length, 'a character is missing at the end');
  return decode(Buffer.from(characters, kind));
}
