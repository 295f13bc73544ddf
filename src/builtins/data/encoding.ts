/** Bytes as text of a few safe characters, and back: base64 and base64url (RFC 4648) and hexadecimal digits. */
import { bytesOf, decode } from '../../host/text';
import { defineBuiltin } from '../define-builtin';
import { data, string } from '../types';
import { characterAt, failureAt, PLACE_FIELDS } from './place-in-text';

const input = { name: 'data', type: data, about: 'Text, taken as its bytes in UTF-8, or byte values' } as const;
const text = { name: 'text', type: string, about: 'The encoded text; white space in it does no harm' } as const;
const decoded = { type: 'string', about: 'The bytes as a string; bytes_of gives their values' } as const;

export const base64Encode = defineBuiltin({
  name: 'base64_encode',
  group: 'encoding',
  summary: 'Writes data in base64',
  params: [input],
  gives: { type: 'string', about: 'The text in one line, with padding' },
  example: 'log(base64_encode("Sentra"), base64_encode([255, 254]))  // expect: U2VudHJh //4=',
  failing: 'base64_encode([256])  // expect error: base64_encode: data must be a string or an array of byte values',
  run: (bytes) => bytesOf(bytes).toString('base64'),
});

export const base64Decode = defineBuiltin({
  name: 'base64_decode',
  group: 'encoding',
  summary: 'Reads base64',
  details: `The padding at the end may be missing. ${PLACE_FIELDS}`,
  params: [text],
  gives: decoded,
  errors: { EBASE64: 'a character is none of base64, or one is missing at the end' },
  example: 'log(base64_decode("U2VudHJh"))  // expect: Sentra',
  failing:
    'base64_decode("U2V$dHJh")  // expect error: base64_decode: line 1, column 4: \'$\' is no character of base64',
  run: (encoded) => decodeBase64('base64_decode', encoded, '+/'),
});

export const base64urlEncode = defineBuiltin({
  name: 'base64url_encode',
  group: 'encoding',
  summary: 'Writes data in base64url: base64 that needs no escaping in URLs and file names',
  params: [input],
  gives: { type: 'string', about: 'The text in one line, without padding' },
  example: 'log(base64url_encode([255, 254]))  // expect: __4',
  failing: 'base64url_encode(5)  // expect error: base64url_encode: data must be a string or an array of byte values',
  run: (bytes) => bytesOf(bytes).toString('base64url'),
});

export const base64urlDecode = defineBuiltin({
  name: 'base64url_decode',
  group: 'encoding',
  summary: 'Reads base64url',
  details: `Padding at the end may be there. ${PLACE_FIELDS}`,
  params: [text],
  gives: decoded,
  errors: { EBASE64: 'a character is none of base64url, or one is missing at the end' },
  example: 'log(bytes_of(base64url_decode("__4")))  // expect: [255, 254]',
  failing:
    'base64url_decode("//4=")  // expect error: base64url_decode: line 1, column 1: \'/\' is no character of base64url',
  run: (encoded) => decodeBase64('base64url_decode', encoded, '-_'),
});

export const hexEncode = defineBuiltin({
  name: 'hex_encode',
  group: 'encoding',
  summary: 'Writes data as hexadecimal digits',
  params: [input],
  gives: { type: 'string', about: 'Two small digits for each byte' },
  example: 'log(hex_encode("Hi!"), hex_encode([0, 255]))  // expect: 486921 00ff',
  failing: 'hex_encode([1.5])  // expect error: hex_encode: data must be a string or an array of byte values',
  run: (bytes) => bytesOf(bytes).toString('hex'),
});

export const hexDecode = defineBuiltin({
  name: 'hex_decode',
  group: 'encoding',
  summary: 'Reads hexadecimal digits',
  details: `Capital or small ones. ${PLACE_FIELDS}`,
  params: [text],
  gives: decoded,
  errors: { EHEX: 'a character is no hexadecimal digit, or the last byte has one digit only' },
  example: 'log(hex_decode("48 69 21"), bytes_of(hex_decode("00FF")))  // expect: Hi! [0, 255]',
  failing: 'hex_decode("4869g1")  // expect error: hex_decode: line 1, column 5: \'g\' is no hexadecimal digit',
  run: (encoded) => {
    const wrong = encoded.search(/[^0-9A-Fa-f \t\r\n]/);
    if (wrong >= 0) {
      throw failureAt('EHEX', 'hex_decode', encoded, wrong, `${characterAt(encoded, wrong)} is no hexadecimal digit`);
    }
    const digits = withoutSpace(encoded);
    if (digits.length % 2 === 0) return decode(Buffer.from(digits, 'hex'));
    const end = encoded.trimEnd().length;
    throw failureAt('EHEX', 'hex_decode', encoded, end, 'the last byte has one digit only');
  },
});

function withoutSpace(encoded: string): string {
  return /[ \t\r\n]/.test(encoded) ? encoded.replace(/[ \t\r\n]+/g, '') : encoded;
}

/** `last`: the two characters in which base64 and base64url differ. */
function decodeBase64(builtin: string, encoded: string, last: '+/' | '-_'): string {
  const url = last === '-_';
  const kind = url ? 'base64url' : 'base64';
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
