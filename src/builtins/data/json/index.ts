/** The group json. */
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { any, string } from '../../types';
import type { Type } from '../../types';
import { PLACE_FIELDS } from '../place-in-text';
import { parseJson } from './parse';
import { writeJson } from './write';

export const json_parse = defineBuiltin({
  name: 'json_parse',
  group: 'json',
  summary: 'Makes a value of a JSON text',
  details: `Objects become maps, with their keys in the order of the text; of a key that is there twice the last value counts. Numbers are the nearest that there are: beyond 2 ** 53 digits are lost, and 1e400 is Infinity. A byte order mark at the start is skipped.\n${PLACE_FIELDS}`,
  params: [{ name: 'text', type: string, about: 'The JSON text: one value' }],
  gives: { type: 'any', about: 'The value' },
  errors: { EJSON: 'the text is no JSON' },
  aliases: ['parseJSON', 'json_decode'],
  example: `let host = json_parse('{"name": "db", "ports": [5432, 22]}')
log(host.name, host.ports[0])  // expect: db 5432`,
  failing: `json_parse('{"a": 1,}')  // expect error: json_parse: line 1, column 8: a comma before '}'`,
  run: (text) => parseJson('json_parse', text),
});

const MAX_INDENT = 16;

const indentation: Type<string> & { readonly convert: (value: Value) => string } = {
  name: 'number or string',
  takes: `a whole number from 0 to ${MAX_INDENT} or up to ${MAX_INDENT} spaces and tabs`,
  test: 'check($)',
  check: (value) =>
    typeof value === 'string'
      ? value.length <= MAX_INDENT && /^[ \t]*$/.test(value)
      : Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INDENT,
  convert: (value) => (typeof value === 'number' ? ' '.repeat(value) : typeof value === 'string' ? value : ''),
};

export const json_stringify = defineBuiltin({
  name: 'json_stringify',
  group: 'json',
  summary: 'Makes the JSON text of a value',
  details:
    'It is in one line, or with an indent in lines for people to read. Parsing it gives an equal value. A byte that is no UTF-8 is written as \\udcXX, and json_parse makes the same byte of that.',
  params: [
    {
      name: 'value',
      type: any,
      about: 'Null, a boolean, a number, a string, an array or a map, and all that is in it',
    },
    {
      name: 'indent',
      type: indentation,
      about: 'How many spaces each level is indented by, or the text for it; all in one line where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The text, without a line end at its end' },
  errors: {
    EVALUE: 'there is a value in it that JSON cannot hold: NaN, an infinity, a function, an error, a task or a channel',
    ECYCLE: 'an array or a map holds itself',
    ERANGE: 'the text would be longer than a string can be',
  },
  aliases: ['toJSON', 'json_encode'],
  example: `log(json_stringify({"up": true, "ports": [80, 443]}))  // expect: {"up":true,"ports":[80,443]}
log(json_stringify([1], 2))
// expect: [
// expect:   1
// expect: ]`,
  failing:
    'json_stringify({"ms": [0 / 0]})  // expect error: json_stringify: $.ms[0] is the number NaN, which JSON cannot hold',
  run: (value, indent) => writeJson('json_stringify', value, indent),
});
