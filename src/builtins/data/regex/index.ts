/** The group regex: patterns of JavaScript, always with its flag `u`. */
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin, dual } from '../../define-builtin';
import { either, fn, string } from '../../types';
import { checkLength } from '../../core/string/case-and-space';
import { wrongResult } from '../../core/core/sequences';
import { patternOf } from './pattern';

const PATTERN_ERRORS = {
  EPATTERN: 'the pattern does not parse; the error has the place as position, counted in characters from 0',
  EBACKTRACK: 'the pattern tries so many ways to match that no end is in sight',
} as const;

const pattern = { name: 'pattern', type: string, about: 'The pattern, with flags in front such as (?i)' } as const;
const text = { name: 's', type: string, about: 'The text' } as const;

const HOW_WRITTEN = `A pattern is written as in JavaScript, with its flag u: a dot or a class stands for one character, \\p{L} for any letter. Flags stand in front: (?i) takes upper and lower case for the same, (?m) lets ^ and $ match at each line, (?s) lets a dot match a line end too; (?im) is both. In a string of the program a backslash is written \\\\.

A pattern such as (a+)+$ may have more ways to match than anybody has time for. Most patterns run at the engine's full speed; one whose form allows so many ways is watched, which on texts of more than 600 characters costs a fifth of a millisecond for each call. After 400 ms, and 2 more for each 10,000 characters, it is given up: EBACKTRACK. Cut long texts into lines to keep it quick.`;

export const regex_match = defineBuiltin({
  name: 'regex_match',
  group: 'regex',
  summary: 'Tells whether a pattern matches somewhere in a text',
  details: `${HOW_WRITTEN}\n\nWrite ^ and $ around a pattern that must match the whole text.`,
  params: [pattern, text],
  gives: { type: 'boolean', about: 'True where it matches' },
  errors: PATTERN_ERRORS,
  example: `log(regex_match("^[0-9]+$", "8080"), regex_match("(?i)error", "An ERROR"))  // expect: true true`,
  failing: `regex_match("(a", "a")  // expect error: regex_match: the pattern does not parse: character 0: the group that begins here has no end`,
  run: (written, s) => patternOf('regex_match', written).once('regex_match', s, (expression) => expression.test(s)),
});

export const regex_find = defineBuiltin({
  name: 'regex_find',
  group: 'regex',
  summary: 'Gives the first part of a text that a pattern matches',
  params: [pattern, text],
  gives: { type: 'string or null', about: 'The part, null where nothing matches' },
  errors: PATTERN_ERRORS,
  example: `log(regex_find("[0-9.]+", "ssh 9.2 on port 22"), regex_find("x", "abc"))  // expect: 9.2 null`,
  failing: `regex_find("a", 5)  // expect error: regex_find: s must be a string, got the number 5`,
  run: (written, s) =>
    patternOf('regex_find', written).once('regex_find', s, (expression) => expression.exec(s)?.[0] ?? null),
});

export const regex_find_all = defineBuiltin({
  name: 'regex_find_all',
  group: 'regex',
  summary: 'Gives all parts of a text that a pattern matches, from left to right',
  params: [pattern, text],
  gives: { type: 'array', about: 'The parts; none overlaps another' },
  errors: PATTERN_ERRORS,
  example: `log(regex_find_all("\\\\d+", "22, 80 and 443"))  // expect: ["22", "80", "443"]`,
  failing: `regex_find_all("[z-a]", "a")  // expect error: regex_find_all: the pattern does not parse: character 3: the range goes backwards`,
  run: (written, s) =>
    patternOf('regex_find_all', written).every('regex_find_all', s, (expression) => [...(s.match(expression) ?? [])]),
});

/** What the groups of a match have matched, null for those that took no part in it. */
function groupsOf(match: RegExpExecArray): MapValue {
  const groups = new Map<string, Value>();
  for (let i = 0; i < match.length; i++) groups.set(String(i), match[i] ?? null);
  if (match.groups !== undefined) {
    for (const [name, part] of Object.entries<string | undefined>(match.groups)) groups.set(name, part ?? null);
  }
  return MapValue.of(groups);
}

export const regex_groups = defineBuiltin({
  name: 'regex_groups',
  group: 'regex',
  summary: 'Gives what the groups of a pattern matched at its first place in a text',
  params: [pattern, text],
  gives: {
    type: 'map or null',
    about:
      'The whole match as "0", the groups by number, "1" first, and by name; null for a group that took no part. Null where nothing matches',
  },
  errors: PATTERN_ERRORS,
  example: `let line = regex_groups("(?<user>\\\\w+)@(\\\\w+)", "root@db1")
log(line.user, line["2"], line["0"])  // expect: root db1 root@db1`,
  failing: `regex_groups("(?<a", "a")  // expect error: regex_groups: the pattern does not parse`,
  run: (written, s) =>
    patternOf('regex_groups', written).once('regex_groups', s, (expression) => {
      const match = expression.exec(s);
      return match === null ? null : groupsOf(match);
    }),
});

/** All matches, from left to right. */
function allMatches(expression: RegExp, s: string): RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  for (let match = expression.exec(s); match !== null; match = expression.exec(s)) {
    matches.push(match);
    if (match[0] === '') expression.lastIndex += (s.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
  }
  return matches;
}

export const regex_replace = defineBuiltin({
  name: 'regex_replace',
  group: 'regex',
  summary: 'Puts something else in the place of each part of a text that a pattern matches',
  details:
    'In a replacement text $1 stands for what the first group matched, $<name> for a group with a name, $& for the whole match and $$ for a dollar sign; a group that took no part is empty. A function gets the matched part and, if it takes a second argument, the map of groups as regex_groups gives it; it may wait.',
  params: [
    pattern,
    text,
    {
      name: 'replacement',
      type: either(string, fn),
      about: 'What to put there, or a function that gives it as a string',
      calls: { with: 'part, [groups]', as: 'call' },
    },
  ],
  gives: { type: 'string', about: 'The new text' },
  errors: {
    ...PATTERN_ERRORS,
    ERANGE: 'the text would be longer than a string can be',
    ETYPE: 'the function gives no string',
  },
  example: `log(regex_replace("(\\\\w+)@(\\\\w+)", "root@db1", "$2 as $1"))  // expect: db1 as root
log(regex_replace("[0-9]+", "a1b22", fn(digits) => "<" + len(digits) + ">"))  // expect: a<1>b<2>`,
  failing: `regex_replace("a", "banana", fn(part) => 1)  // expect error: regex_replace: replacement must give a string, it gave the number 1`,
  waits: 'with its callback',
  run: dual(function* (written: string, s: string, replacement: string | FunctionValue): Steps<Value> {
    const found = patternOf('regex_replace', written);
    if (typeof replacement === 'string') {
      return found.every('regex_replace', s, (expression) => s.replace(expression, replacement));
    }
    const matches = found.every('regex_replace', s, (expression) => allMatches(expression, s));
    const pieces: string[] = [];
    let from = 0;
    let size = s.length;
    for (let i = 0; i < matches.length; i++) {
      const match = matches[i]!;
      const made = yield* call(replacement, match[0], groupsOf(match));
      if (typeof made !== 'string') throw wrongResult('regex_replace', 'replacement', 'a string', made);
      pieces.push(s.slice(from, match.index), made);
      from = match.index + match[0].length;
      size += made.length - match[0].length;
      checkLength('regex_replace', size);
    }
    pieces.push(s.slice(from));
    return pieces.join('');
  }),
});

export const regex_split = defineBuiltin({
  name: 'regex_split',
  group: 'regex',
  summary: 'Cuts a text at each place that a pattern matches',
  details: 'What groups of the pattern match is put between the pieces; (?:...) groups without that.',
  params: [pattern, text],
  gives: { type: 'array', about: 'The pieces; null for a group that took no part' },
  errors: PATTERN_ERRORS,
  example: `log(regex_split("\\\\s*[,;]\\\\s*", "a, b ;c"))  // expect: ["a", "b", "c"]`,
  failing: `regex_split("*", "a")  // expect error: regex_split: the pattern does not parse: character 0: there is nothing to repeat in front of this`,
  run: (written, s) =>
    patternOf('regex_split', written)
      .once('regex_split', s, (expression): (string | undefined)[] => s.split(expression))
      .map((piece) => piece ?? null),
});

export const regex_escape = defineBuiltin({
  name: 'regex_escape',
  group: 'regex',
  summary: 'Makes a pattern that matches just a text',
  params: [text],
  gives: { type: 'string', about: 'The pattern' },
  errors: { ERANGE: 'the pattern would be longer than a string can be' },
  example: `log(regex_escape("10.0.0.1"), regex_match(regex_escape("a.b"), "axb"))  // expect: 10\\.0\\.0\\.1 false`,
  failing: `regex_escape(10)  // expect error: regex_escape: s must be a string, got the number 10`,
  run: (s) => {
    const escaped = s.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    checkLength('regex_escape', escaped.length);
    return escaped;
  },
});
