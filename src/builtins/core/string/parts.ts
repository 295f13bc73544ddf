/** Taking texts apart, putting them together and looking into them. Positions count code points. */
import * as strings from '../../../runtime/strings';
import { str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { array, string, whole } from '../../types';
import { position } from '../value-types';
import { partOf } from '../core/sequences';
import { checkLength } from './case-and-space';

const text = { name: 's', type: string, about: 'The text' } as const;

export const split = defineBuiltin({
  name: 'split',
  group: 'string',
  summary: 'Cuts a text at every place where a separator stands',
  details:
    'An empty separator cuts between all characters. Without a separator it gives the words, as the function words does.',
  params: [
    text,
    { name: 'separator', type: string, about: 'Where to cut; white space where it is left out', optional: true },
    { name: 'limit', type: whole(1), about: 'The most pieces: the last one keeps the rest', optional: true },
  ],
  gives: { type: 'array', about: 'The pieces, without the separators' },
  example: `log(split("a,b,,c", ","))  // expect: ["a", "b", "", "c"]
log(split("Host: a:80", ": ", 2), split(" GET  / "))  // expect: ["Host", "a:80"] ["GET", "/"]`,
  failing: 'split("a1b", 1)  // expect error: split: separator must be a string, got the number 1',
  run: (s, separator, limit) => {
    if (limit === null) return separator === null ? wordsOf(s) : strings.split(s, separator);
    return separator === null ? someWords(s, limit) : somePieces(s, separator, limit);
  },
});

function areTexts(items: readonly Value[]): items is readonly string[] {
  for (const each of items) if (typeof each !== 'string') return false;
  return true;
}

function wordsOf(s: string): string[] {
  const trimmed = s.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

function someWords(s: string, limit: number): string[] {
  const words: string[] = [];
  let rest = s.trim();
  while (rest !== '' && words.length < limit - 1) {
    const word = /^\S+/.exec(rest)![0];
    words.push(word);
    rest = rest.slice(word.length).trimStart();
  }
  if (rest !== '') words.push(rest);
  return words;
}

function somePieces(s: string, separator: string, limit: number): string[] {
  if (separator === '') {
    const all = strings.characters(s);
    return all.length <= limit ? all : [...all.slice(0, limit - 1), all.slice(limit - 1).join('')];
  }
  const pieces: string[] = [];
  let from = 0;
  while (pieces.length < limit - 1) {
    const at = strings.findUnit(s, separator, from);
    if (at < 0) break;
    pieces.push(s.slice(from, at));
    from = at + separator.length;
  }
  pieces.push(s.slice(from));
  return pieces;
}

export const join = defineBuiltin({
  name: 'join',
  group: 'string',
  summary: 'Puts the texts of all elements of an array together',
  params: [
    { name: 'items', type: array, about: 'Its elements, each as str shows it' },
    {
      name: 'separator',
      type: string,
      about: 'What stands between them; nothing where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: `log(join(["a", "b", 3], ", "), [1, 2].join("-"))  // expect: a, b, 3 1-2`,
  failing: 'join("abc", ",")  // expect error: join: items must be an array, got the string "abc"',
  run: (items, separator) => {
    const between = separator ?? '';
    const texts = areTexts(items) ? items : items.map(str);
    let units = between.length * Math.max(0, texts.length - 1);
    for (const each of texts) units += each.length;
    checkLength('join', units);
    return texts.join(between);
  },
});

export const substring = defineBuiltin({
  name: 'substring',
  group: 'string',
  summary: 'Gives the part of a text from a start up to an end',
  details: 'The same as `s[start:end]`. Places beyond the ends are cut to them.',
  params: [
    text,
    { name: 'start', type: position, about: 'The first place; negative from the end' },
    {
      name: 'end',
      type: position,
      about: 'The first place after the part; the length where it is left out, negative from the end',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The part' },
  aliases: ['substr'],
  example: 'log(substring("sentra", 0, 4), substring("sentra", -2))  // expect: sent ra',
  failing: 'substring("abc", "1")  // expect error: substring: start must be a whole number, got the string "1"',
  run: (s, start, end) => partOf(s, start, end),
});

export const starts_with = defineBuiltin({
  name: 'starts_with',
  group: 'string',
  summary: 'Tells whether a text begins with another',
  params: [text, { name: 'prefix', type: string, about: 'The text to begin with' }],
  gives: { type: 'boolean', about: 'True where it does' },
  aliases: ['startsWith', 'startswith'],
  example: 'log(starts_with("HTTP/1.1 200", "HTTP/"))  // expect: true',
  failing: 'starts_with("80", 8)  // expect error: starts_with: prefix must be a string, got the number 8',
  run: (s, prefix) => strings.startsWith(s, prefix),
});

export const ends_with = defineBuiltin({
  name: 'ends_with',
  group: 'string',
  summary: 'Tells whether a text ends with another',
  params: [text, { name: 'suffix', type: string, about: 'The text to end with' }],
  gives: { type: 'boolean', about: 'True where it does' },
  aliases: ['endsWith', 'endswith'],
  example: 'log(ends_with("scan.sn", ".sn"), ends_with("scan.sn", ".js"))  // expect: true false',
  failing: 'ends_with("80", 0)  // expect error: ends_with: suffix must be a string, got the number 0',
  run: (s, suffix) => strings.endsWith(s, suffix),
});

export const replace = defineBuiltin({
  name: 'replace',
  group: 'string',
  summary: 'Puts one text in the place of another, everywhere',
  details: 'Nothing in either text has a special meaning; regex_replace takes patterns.',
  params: [
    text,
    { name: 'old', type: string, about: 'What to replace; an empty text stands before and after every character' },
    { name: 'new', type: string, about: 'What to put there' },
  ],
  gives: { type: 'string', about: 'The new text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: 'log(replace("a-b-c", "-", "$&"))  // expect: a$&b$&c',
  failing: 'replace("a", "a", 1)  // expect error: replace: new must be a string, got the number 1',
  run: (s, old, replacement) => {
    const pieces = old === '' ? ['', ...strings.characters(s), ''] : strings.split(s, old);
    if (pieces.length === 1) return s;
    checkLength('replace', s.length + (pieces.length - 1) * (replacement.length - old.length));
    return pieces.join(replacement);
  },
});

export const replace_first = defineBuiltin({
  name: 'replace_first',
  group: 'string',
  summary: 'Puts one text in the place of another, at its first place only',
  params: [
    text,
    { name: 'old', type: string, about: 'What to replace' },
    { name: 'new', type: string, about: 'What to put there' },
  ],
  gives: { type: 'string', about: 'The new text' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: 'log(replace_first("a-b-c", "-", "+"))  // expect: a+b-c',
  failing: 'replace_first("a", 1, "b")  // expect error: replace_first: old must be a string, got the number 1',
  run: (s, old, replacement) => {
    const at = strings.findUnit(s, old);
    if (at < 0) return s;
    checkLength('replace_first', s.length - old.length + replacement.length);
    return s.slice(0, at) + replacement + s.slice(at + old.length);
  },
});

export const char_at = defineBuiltin({
  name: 'char_at',
  group: 'string',
  summary: 'Gives the character at a place of a text',
  details: 'As `s[index]`, but gives null outside of the text where that is an error.',
  params: [text, { name: 'index', type: position, about: 'The place; negative from the end' }],
  gives: { type: 'string or null', about: 'The character, null outside of the text' },
  example: 'log(char_at("Zürich", 1), char_at("abc", -1), char_at("abc", 3))  // expect: ü c null',
  failing: 'char_at("abc", 0.5)  // expect error: char_at: index must be a whole number, got the number 0.5',
  run: (s, index) => strings.charAt(s, index) ?? null,
});

export const lines = defineBuiltin({
  name: 'lines',
  group: 'string',
  summary: 'Cuts a text into its lines',
  details: 'A line ends with \\n or \\r\\n. A line end at the end of the text begins no further line.',
  params: [text],
  gives: { type: 'array', about: 'The lines without their line ends' },
  example: 'log(lines("one\\r\\ntwo\\n\\nfour\\n"))  // expect: ["one", "two", "", "four"]',
  failing: 'lines(null)  // expect error: lines: s must be a string, got null',
  run: (s) => {
    if (s === '') return [];
    const all = s.split(/\r?\n/);
    if (all.at(-1) === '') all.pop();
    return all;
  },
});

export const words = defineBuiltin({
  name: 'words',
  group: 'string',
  summary: 'Cuts a text into its words: what stands between white space',
  params: [text],
  gives: { type: 'array', about: 'The words; none is empty' },
  example: 'log(words("  GET   /index.html\\tHTTP/1.1\\n"))  // expect: ["GET", "/index.html", "HTTP/1.1"]',
  failing: 'words(7)  // expect error: words: s must be a string, got the number 7',
  run: (s) => wordsOf(s),
});
