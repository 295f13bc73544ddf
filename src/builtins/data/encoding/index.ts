/** Bytes as text of a few safe characters, and back: base64 and base64url (RFC 4648) and hexadecimal digits. */
import { bytesOf } from '../../../host/text';
import { defineBuiltin } from '../../define-builtin';
import type { Builtin } from '../../define-builtin';
import { data, string } from '../../types';
import { PLACE_FIELDS } from '../place-in-text';
import { decodeBase64, decodeHex } from './decode';

type Kind = 'base64' | 'base64url' | 'hex';

interface Words {
  readonly summary: string;
  readonly gives: string;
  readonly example: string;
  readonly failing: string;
}

function encoder(kind: Kind, { summary, gives, example, failing }: Words): Builtin {
  return defineBuiltin({
    name: `${kind}_encode`,
    group: 'encoding',
    summary,
    params: [{ name: 'data', type: data, about: 'Text, taken as its bytes in UTF-8, or byte values' }],
    gives: { type: 'string', about: gives },
    example,
    failing,
    run: (bytes) => bytesOf(bytes).toString(kind),
  });
}

interface DecoderWords extends Omit<Words, 'gives'> {
  readonly details: string;
  readonly errors: Readonly<Record<string, string>>;
}

function decoder(kind: Kind, { summary, details, errors, example, failing }: DecoderWords): Builtin {
  const name = `${kind}_decode`;
  return defineBuiltin({
    name,
    group: 'encoding',
    summary,
    details: `${details} ${PLACE_FIELDS}`,
    params: [{ name: 'text', type: string, about: 'The encoded text; white space in it does no harm' }],
    gives: { type: 'string', about: 'The bytes as a string; bytes_of gives their values' },
    errors,
    example,
    failing,
    run: (text) => (kind === 'hex' ? decodeHex(text) : decodeBase64(name, text, kind)),
  });
}

export const base64Encode = encoder('base64', {
  summary: 'Writes data in base64',
  gives: 'The text in one line, with padding',
  example: 'log(base64_encode("Sentra"), base64_encode([255, 254]))  // expect: U2VudHJh //4=',
  failing: 'base64_encode([256])  // expect error: base64_encode: data must be a string or an array of byte values',
});

export const base64Decode = decoder('base64', {
  summary: 'Reads base64',
  details: 'The padding at the end may be missing.',
  errors: { EBASE64: 'a character is none of base64, or one is missing at the end' },
  example: 'log(base64_decode("U2VudHJh"))  // expect: Sentra',
  failing:
    'base64_decode("U2V$dHJh")  // expect error: base64_decode: line 1, column 4: \'$\' is no character of base64',
});

export const base64urlEncode = encoder('base64url', {
  summary: 'Writes data in base64url: base64 that needs no escaping in URLs and file names',
  gives: 'The text in one line, without padding',
  example: 'log(base64url_encode([255, 254]))  // expect: __4',
  failing: 'base64url_encode(5)  // expect error: base64url_encode: data must be a string or an array of byte values',
});

export const base64urlDecode = decoder('base64url', {
  summary: 'Reads base64url',
  details: 'Padding at the end may be there.',
  errors: { EBASE64: 'a character is none of base64url, or one is missing at the end' },
  example: 'log(bytes_of(base64url_decode("__4")))  // expect: [255, 254]',
  failing:
    'base64url_decode("//4=")  // expect error: base64url_decode: line 1, column 1: \'/\' is no character of base64url',
});

export const hexEncode = encoder('hex', {
  summary: 'Writes data as hexadecimal digits',
  gives: 'Two small digits for each byte',
  example: 'log(hex_encode("Hi!"), hex_encode([0, 255]))  // expect: 486921 00ff',
  failing: 'hex_encode([1.5])  // expect error: hex_encode: data must be a string or an array of byte values',
});

export const hexDecode = decoder('hex', {
  summary: 'Reads hexadecimal digits',
  details: 'Capital or small ones.',
  errors: { EHEX: 'a character is no hexadecimal digit, or the last byte has one digit only' },
  example: 'log(hex_decode("48 69 21"), bytes_of(hex_decode("00FF")))  // expect: Hi! [0, 255]',
  failing: 'hex_decode("4869g1")  // expect error: hex_decode: line 1, column 5: \'g\' is no hexadecimal digit',
});
