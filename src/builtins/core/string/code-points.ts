/** Characters as code points, texts as bytes, and kinds of characters. */
import { byteLength, bytesOf, decode, encode } from '../../../host/text';
import * as strings from '../../../runtime/strings';
import { defineBuiltin } from '../../define-builtin';
import { string, whole } from '../../types';
import type { Type } from '../../types';
import { checkSize, position } from '../value-types';

const text = { name: 's', type: string, about: 'The text' } as const;

export const char_code = defineBuiltin({
  name: 'char_code',
  group: 'string',
  summary: 'Gives the code point of a character of a text',
  params: [
    text,
    {
      name: 'index',
      type: position,
      about: 'The place; 0 where it is left out, negative from the end',
      optional: true,
    },
  ],
  gives: { type: 'number or null', about: 'The code point, null outside of the text' },
  example: 'log(char_code("A"), char_code("a€", 1), char_code(""))  // expect: 65 8364 null',
  failing: 'char_code(65)  // expect error: char_code: s must be a string, got the number 65',
  inline: [{ when: `typeof $1 === 'string' && $1.length === 1`, code: '$1.charCodeAt(0)' }],
  run: (s, index) => strings.codeAt(s, index ?? 0) ?? null,
});

export const char_from = defineBuiltin({
  name: 'char_from',
  group: 'string',
  summary: 'Makes a text of code points',
  params: [{ name: 'codes', type: whole(0, 0x10ffff), about: 'The code points, from 0 to 0x10FFFF', rest: true }],
  gives: { type: 'string', about: 'The text' },
  example: 'log(char_from(72, 105, 0x1F600))  // expect: Hi😀',
  failing:
    'char_from(-1)  // expect error: char_from: codes must be a whole number from 0 to 1114111, got the number -1',
  inline: [{ when: '$1 >>> 0 === $1 && $1 < 65536', code: '$charFrom($1)' }],
  run: (codes) => {
    let made = '';
    for (const code of codes) made += String.fromCodePoint(code);
    return made;
  },
});

export const bytes_of = defineBuiltin({
  name: 'bytes_of',
  group: 'string',
  summary: 'Gives the bytes of a text, as it goes out to files and sockets',
  details: 'A text is written as UTF-8; bytes that came in and were no UTF-8 are themselves again.',
  params: [text],
  gives: { type: 'array', about: 'The values of the bytes, from 0 to 255' },
  errors: { ERANGE: 'the array would have too many elements' },
  example: 'log(bytes_of("Aé"), bytes_of(string_of([255, 10])))  // expect: [65, 195, 169] [255, 10]',
  failing: 'bytes_of(65)  // expect error: bytes_of: s must be a string, got the number 65',
  run: (s) => {
    checkSize('bytes_of', byteLength(s));
    return Array.from(encode(s));
  },
});

const bytes: Type<number[]> = {
  name: 'array',
  takes: 'an array of byte values (whole numbers from 0 to 255)',
  test: 'check($)',
  check: (value) => Array.isArray(value) && value.every((byte) => typeof byte === 'number' && (byte & 255) === byte),
};

export const string_of = defineBuiltin({
  name: 'string_of',
  group: 'string',
  summary: 'Makes the text of bytes, as if they had come from a file or a socket',
  params: [{ name: 'bytes', type: bytes, about: 'The values of the bytes, from 0 to 255' }],
  gives: { type: 'string', about: 'The text; any bytes survive the way through it' },
  example: 'log(string_of([83, 195, 188, 100]))  // expect: Süd',
  failing: 'string_of([256])  // expect error: string_of: bytes must be an array of byte values',
  run: (values) => decode(bytesOf(values)),
});

export const byte_len = defineBuiltin({
  name: 'byte_len',
  group: 'string',
  summary: 'Counts the bytes of a text, as it goes out to files and sockets',
  params: [text],
  gives: { type: 'number', about: 'How many bytes' },
  example: 'log(byte_len("Aé€"), len("Aé€"))  // expect: 6 3',
  failing: 'byte_len([1])  // expect error: byte_len: s must be a string, got an array of 1',
  run: (s) => byteLength(s),
});

export const is_digit = defineBuiltin({
  name: 'is_digit',
  group: 'string',
  summary: 'Tells whether a text is made of the digits 0 to 9 only',
  params: [text],
  gives: { type: 'boolean', about: 'True where every character is one; false for an empty text' },
  example: 'log(is_digit("8080"), is_digit("-1"), is_digit(""))  // expect: true false false',
  failing: 'is_digit(8)  // expect error: is_digit: s must be a string, got the number 8',
  run: (s) => /^[0-9]+$/.test(s),
});

export const is_alpha = defineBuiltin({
  name: 'is_alpha',
  group: 'string',
  summary: 'Tells whether a text is made of letters only, of any script',
  params: [text],
  gives: { type: 'boolean', about: 'True where every character is one; false for an empty text' },
  example: 'log(is_alpha("Zürich"), is_alpha("eth0"))  // expect: true false',
  failing: 'is_alpha(null)  // expect error: is_alpha: s must be a string, got null',
  run: (s) => /^[\p{L}\p{M}]+$/u.test(s) && !/^\p{M}/u.test(s),
});

export const is_space = defineBuiltin({
  name: 'is_space',
  group: 'string',
  summary: 'Tells whether a text is made of white space and line ends only',
  params: [text],
  gives: { type: 'boolean', about: 'True where every character is one; false for an empty text' },
  example: 'log(is_space(" \\t\\r\\n"), is_space("a b"))  // expect: true false',
  failing: 'is_space(0)  // expect error: is_space: s must be a string, got the number 0',
  run: (s) => /^\s+$/.test(s),
});
