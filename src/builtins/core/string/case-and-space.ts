/** Upper and lower case, white space, padding and repeating. */
import * as strings from '../../../runtime/strings';
import { defineBuiltin } from '../../define-builtin';
import { string } from '../../types';
import type { Type } from '../../types';
import { count, failure } from '../value-types';

const text = { name: 's', type: string, about: 'The text' } as const;

export const upper = defineBuiltin({
  name: 'upper',
  group: 'string',
  summary: 'Gives a text in upper case',
  params: [text],
  gives: { type: 'string', about: 'The new text' },
  example: 'log(upper("get /"), "straße".upper())  // expect: GET / STRASSE',
  failing: 'upper(5)  // expect error: upper: s must be a string, got the number 5',
  run: (s) => s.toUpperCase(),
});

export const lower = defineBuiltin({
  name: 'lower',
  group: 'string',
  summary: 'Gives a text in lower case',
  params: [text],
  gives: { type: 'string', about: 'The new text' },
  example: 'log(lower("Content-Type"))  // expect: content-type',
  failing: 'lower(null)  // expect error: lower: s must be a string, got null',
  run: (s) => s.toLowerCase(),
});

export const trim = defineBuiltin({
  name: 'trim',
  group: 'string',
  summary: 'Takes white space and line ends off both ends of a text',
  params: [text],
  gives: { type: 'string', about: 'The new text' },
  example: 'log("[" + trim("  PING\\r\\n") + "]")  // expect: [PING]',
  failing: 'trim(["a"])  // expect error: trim: s must be a string, got an array of 1',
  run: (s) => s.trim(),
});

export const trim_start = defineBuiltin({
  name: 'trim_start',
  group: 'string',
  summary: 'Takes white space and line ends off the start of a text',
  params: [text],
  gives: { type: 'string', about: 'The new text' },
  example: 'log("[" + trim_start("  x ") + "]")  // expect: [x ]',
  failing: 'trim_start(1)  // expect error: trim_start: s must be a string, got the number 1',
  run: (s) => s.trimStart(),
});

export const trim_end = defineBuiltin({
  name: 'trim_end',
  group: 'string',
  summary: 'Takes white space and line ends off the end of a text',
  params: [text],
  gives: { type: 'string', about: 'The new text' },
  example: 'log("[" + trim_end("  x ") + "]")  // expect: [  x]',
  failing: 'trim_end(1)  // expect error: trim_end: s must be a string, got the number 1',
  run: (s) => s.trimEnd(),
});

/** Refuses to make a text that no string can hold. */
export function checkLength(builtin: string, units: number): void {
  if (units > strings.MAX_LENGTH) {
    throw failure(
      'ERANGE',
      builtin,
      `the text would have ${units} characters, more than the ${strings.MAX_LENGTH} a string can hold`,
    );
  }
}

export const repeat = defineBuiltin({
  name: 'repeat',
  group: 'string',
  summary: 'Puts a text several times in a row',
  params: [text, { name: 'count', type: count, about: 'How many times' }],
  gives: { type: 'string', about: 'The new text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: 'log(repeat("=-", 4) + "=")  // expect: =-=-=-=-=',
  failing: 'repeat("-", -1)  // expect error: repeat: count must be a whole number, at least 0, got the number -1',
  run: (s, times) => {
    checkLength('repeat', s.length * times);
    return s.repeat(times);
  },
});

const filling: Type<string> = {
  name: 'string',
  takes: 'a string of at least one character',
  test: "(typeof $ === 'string' && $ !== '')",
};

const widthParam = {
  name: 'width',
  type: count,
  about: 'The length to reach, in characters; a longer text stays as it is',
} as const;
const fillParam = {
  name: 'fill',
  type: filling,
  about: 'What to fill up with, again and again; a space where it is left out',
  optional: true,
} as const;

/** What is missing to `width` characters. */
function padding(builtin: string, s: string, width: number, fill: string): string {
  const missing = width - strings.length(s);
  if (missing <= 0) return '';
  const size = strings.length(fill);
  checkLength(builtin, s.length + Math.ceil(missing / size) * fill.length);
  return fill.repeat(Math.floor(missing / size)) + strings.slice(fill, 0, missing % size);
}

export const pad_start = defineBuiltin({
  name: 'pad_start',
  group: 'string',
  summary: 'Fills a text up to a length at its start',
  params: [text, widthParam, fillParam],
  gives: { type: 'string', about: 'The new text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: 'log(pad_start("7", 3), pad_start("7", 3, "0"))  // expect:   7 007',
  failing: 'pad_start("7", 3, "")  // expect error: pad_start: fill must be a string of at least one character',
  run: (s, width, fill) => padding('pad_start', s, width, fill ?? ' ') + s,
});

export const pad_end = defineBuiltin({
  name: 'pad_end',
  group: 'string',
  summary: 'Fills a text up to a length at its end',
  params: [text, widthParam, fillParam],
  gives: { type: 'string', about: 'The new text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: 'log(pad_end("22/tcp", 10, ".") + "open")  // expect: 22/tcp....open',
  failing: 'pad_end("7", 1.5)  // expect error: pad_end: width must be a whole number, at least 0, got the number 1.5',
  run: (s, width, fill) => s + padding('pad_end', s, width, fill ?? ' '),
});
