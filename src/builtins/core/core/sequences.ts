/** Functions that work on several kinds of values: defined once, listed in the group where they are met first. */
import { describe } from '../../../runtime/describe-value';
import { equal, MapValue, truthy } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import * as strings from '../../../runtime/strings';
import type { Steps } from '../../../runtime/task';
import { call, defineBuiltin, dual } from '../../define-builtin';
import { refusal } from '../../types';
import { any, array, string } from '../../types';
import { checkSize, container, failure, key, mapOrArray, position, textOrArray } from '../value-types';

export const len = defineBuiltin({
  name: 'len',
  group: 'core',
  summary: 'Counts the characters of a string, the elements of an array or the entries of a map',
  details: 'The characters of a string are its code points; byte_len counts bytes.',
  params: [{ name: 'value', type: container, about: 'What is counted' }],
  gives: { type: 'number', about: 'How many' },
  aliases: ['length'],
  example: `log(len("Zürich"), len([1, 2]), len({}))  // expect: 6 2 0`,
  failing: 'len(5)  // expect error: len: value must be a string, an array or a map, got the number 5',
  inline: [
    { when: '$isArray($1)', code: '$1.length' },
    { when: "typeof $1 === 'string'", code: '$textLength($1)' },
  ],
  run: (value) =>
    typeof value === 'string' ? strings.length(value) : Array.isArray(value) ? value.length : value.size,
});

/** A place counted from the start, between 0 and `size`. */
export function fromStart(place: number, size: number): number {
  return place < 0 ? Math.max(0, place + size) : Math.min(place, size);
}

function needsText(builtin: string, parameter: string, value: Value): asserts value is string {
  if (typeof value !== 'string') throw refusal(builtin, parameter, string, value);
}

export const index_of = defineBuiltin({
  name: 'index_of',
  group: 'string',
  alsoIn: ['array'],
  summary: 'Finds the first place of a text in a string, or of an element in an array',
  details: 'Elements are compared as == does, so arrays and maps are found by their content.',
  params: [
    { name: 'value', type: textOrArray, about: 'Where to look' },
    { name: 'what', type: any, about: 'The text, or the element' },
    {
      name: 'from',
      type: position,
      about: 'Where to begin; 0 where it is left out, negative from the end',
      optional: true,
    },
  ],
  gives: { type: 'number', about: 'The position, -1 where it is not found' },
  aliases: ['indexOf'],
  example: `log(index_of("a-b-c", "-"), index_of("a-b-c", "-", 2))  // expect: 1 3
log(index_of([4, [5], 6], [5]), index_of([], 1))  // expect: 1 -1`,
  failing: 'index_of("abc", 5)  // expect error: index_of: what must be a string, got the number 5',
  run: (value, what, from) => {
    if (typeof value === 'string') {
      needsText('index_of', 'what', what);
      const start = from ?? 0;
      return strings.indexOf(value, what, start < 0 ? fromStart(start, strings.length(value)) : start);
    }
    return find(value, what, fromStart(from ?? 0, value.length));
  },
});

function find(items: readonly Value[], what: Value, from: number): number {
  if (typeof what !== 'object' || what === null) return items.indexOf(what, from);
  for (let i = from; i < items.length; i++) if (equal(items[i]!, what)) return i;
  return -1;
}

export const last_index_of = defineBuiltin({
  name: 'last_index_of',
  group: 'string',
  alsoIn: ['array'],
  summary: 'Finds the last place of a text in a string, or of an element in an array',
  params: [
    { name: 'value', type: textOrArray, about: 'Where to look' },
    { name: 'what', type: any, about: 'The text, or the element' },
  ],
  gives: { type: 'number', about: 'The position, -1 where it is not found' },
  aliases: ['lastIndexOf'],
  example: `log(last_index_of("a-b-c", "-"), last_index_of([1, 2, 1], 1))  // expect: 3 2`,
  failing: 'last_index_of("abc", null)  // expect error: last_index_of: what must be a string, got null',
  run: (value, what) => {
    if (typeof value === 'string') {
      needsText('last_index_of', 'what', what);
      return strings.lastIndexOf(value, what);
    }
    for (let i = value.length - 1; i >= 0; i--) if (equal(value[i]!, what)) return i;
    return -1;
  },
});

export const contains = defineBuiltin({
  name: 'contains',
  group: 'string',
  alsoIn: ['array'],
  summary: 'Tells whether a text is in a string, an element in an array or a key in a map',
  details: 'The same as the operator `in`, with the operands the other way round.',
  params: [
    { name: 'value', type: container, about: 'Where to look' },
    { name: 'what', type: any, about: 'The text, the element or the key' },
  ],
  gives: { type: 'boolean', about: 'True where it is found' },
  aliases: ['includes'],
  example: `log(contains("sentra", "tra"), contains([1, [2]], [2]), contains({"a": 1}, "b"))
// expect: true true false`,
  failing: 'contains("port 80", 80)  // expect error: contains: what must be a string, got the number 80',
  run: (value, what) => {
    if (typeof value === 'string') {
      needsText('contains', 'what', what);
      return strings.contains(value, what);
    }
    if (Array.isArray(value)) return find(value, what, 0) >= 0;
    if (typeof what !== 'string' && typeof what !== 'number' && typeof what !== 'boolean')
      throw refusal('contains', 'what', key, what);
    return value.has(keyText(what));
  },
});

/** A key of a map: a number or boolean is its text. */
export function keyText(value: string | number | boolean): string {
  return typeof value === 'string' ? value : Object.is(value, -0) ? '0' : String(value);
}

export const count = defineBuiltin({
  name: 'count',
  group: 'string',
  alsoIn: ['array'],
  summary: 'Counts how often a text is in a string, or how many elements of an array fit',
  details:
    'Places of a text do not overlap. In an array it counts the elements equal to the value or, for a function, those for which it gives something truthy.',
  params: [
    { name: 'value', type: textOrArray, about: 'Where to count' },
    {
      name: 'what',
      type: any,
      about: 'The text, the element, or a function that tells',
      calls: { with: 'item, [index]', as: 'call' },
    },
  ],
  gives: { type: 'number', about: 'How many' },
  errors: { EVALUE: 'the text to count is empty' },
  example: `log(count("banana", "an"), count([1, 2, 1], 1))  // expect: 2 2
log(count([80, 443, 8080], fn(port) => port > 100))  // expect: 2`,
  failing: 'count("banana", "")  // expect error: count: what is an empty text',
  waits: 'with its callback',
  run: dual(function* (value: string | Value[], what: Value): Steps<Value> {
    if (typeof value === 'string') {
      needsText('count', 'what', what);
      return countText(value, what);
    }
    let found = 0;
    if (typeof what === 'function') {
      for (let i = 0; i < value.length; i++) if (truthy(yield* call(what, value[i]!, i))) found++;
    } else {
      for (let i = 0; i < value.length; i++) if (equal(value[i]!, what)) found++;
    }
    return found;
  }),
});

function countText(text: string, part: string): number {
  if (part === '') throw failure('EVALUE', 'count', 'what is an empty text, which is everywhere');
  let found = 0;
  for (let at = strings.findUnit(text, part); at >= 0; at = strings.findUnit(text, part, at + part.length)) found++;
  return found;
}

export const slice = defineBuiltin({
  name: 'slice',
  group: 'array',
  alsoIn: ['string'],
  summary: 'Gives a part of an array or of a string as a new one',
  details: 'The same as `a[start:end]`. Places beyond the ends are cut to them.',
  params: [
    { name: 'value', type: textOrArray, about: 'What to take the part of' },
    {
      name: 'start',
      type: position,
      about: 'The first place; 0 where it is left out, negative from the end',
      optional: true,
    },
    {
      name: 'end',
      type: position,
      about: 'The first place after the part; the length where it is left out, negative from the end',
      optional: true,
    },
  ],
  gives: { type: 'string or array', about: 'The part' },
  example: `log(slice([1, 2, 3, 4], 1, 3), slice("sentra", -3))  // expect: [2, 3] tra`,
  failing: 'slice([1, 2], 0.5)  // expect error: slice: start must be a whole number, got the number 0.5',
  run: (value, start, end) => {
    if (Array.isArray(value)) return value.slice(start ?? 0, end ?? value.length);
    return partOf(value, start ?? 0, end);
  },
});

/** The part of a text between two places, negative ones counted from the end; to the end where `end` is null. */
export function partOf(text: string, start: number, end: number | null): string {
  if (start >= 0 && end === null) return strings.slice(text, start, Infinity);
  if (start >= 0 && end! >= 0) return strings.slice(text, start, end!);
  const size = strings.length(text);
  return strings.slice(text, fromStart(start, size), end === null ? size : fromStart(end, size));
}

export const reverse = defineBuiltin({
  name: 'reverse',
  group: 'array',
  alsoIn: ['string'],
  summary: 'Turns the elements of an array round in place, or gives the characters of a string in reverse',
  params: [{ name: 'value', type: textOrArray, about: 'An array, which is changed, or a string' }],
  gives: { type: 'string or array', about: 'The same array, or a new string' },
  example: `let hops = ["a", "b", "c"]
reverse(hops)
log(hops, reverse("stop"))  // expect: ["c", "b", "a"] pots`,
  failing: 'reverse({"a": 1})  // expect error: reverse: value must be a string or an array, got a map of 1',
  run: (value) => (typeof value === 'string' ? strings.characters(value).reverse().join('') : value.reverse()),
});

export const concat = defineBuiltin({
  name: 'concat',
  group: 'array',
  summary: 'Joins arrays into a new one',
  details: 'The arrays stay as they are. `push(a, ...b)` puts the elements of b into a itself.',
  params: [
    { name: 'first', type: array, about: 'An array' },
    { name: 'others', type: array, about: 'More arrays', rest: true },
  ],
  gives: { type: 'array', about: 'All elements, in order' },
  errors: { ERANGE: 'the array would have too many elements' },
  example: `log(concat([1, 2], [3], []))  // expect: [1, 2, 3]`,
  failing: 'concat([1], 2)  // expect error: concat: others must be an array, got the number 2',
  run: (first, others) => {
    checkSize(
      'concat',
      others.reduce((total, each) => total + each.length, first.length),
    );
    return first.concat(...others);
  },
});

export const get = defineBuiltin({
  name: 'get',
  group: 'map',
  summary: 'Reads an entry of a map or an element of an array, with a default where there is none',
  params: [
    { name: 'value', type: mapOrArray, about: 'A map or an array' },
    { name: 'key', type: key, about: 'The key, or the index; a negative one counts from the end' },
    {
      name: 'default',
      type: any,
      about: 'What to give where it is missing; null where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'any', about: 'The value, or the default' },
  example: `let config = {"port": 80}
log(get(config, "port", 443), get(config, "host", "localhost"))  // expect: 80 localhost
log(get([7, 8], -1), get([7, 8], 5))  // expect: 8 null`,
  failing: 'get([7, 8], "first")  // expect error: get: key must be a whole number, got the string "first"',
  run: (value, name, fallback) => {
    if (value instanceof MapValue) return orDefault(value.get(keyText(name)), fallback);
    if (typeof name !== 'number' || !Number.isInteger(name)) throw refusal('get', 'key', position, name);
    return orDefault(value[name < 0 ? name + value.length : name], fallback);
  },
});

/** A null that is there is no missing value. */
function orDefault(found: Value | undefined, fallback: Value): Value {
  return found === undefined ? fallback : found;
}

/** "an element of its own kind": how messages about a callback's result name it. */
export function wrongResult(builtin: string, parameter: string, takes: string, value: Value, hint?: string) {
  return failure('ETYPE', builtin, `${parameter} must give ${takes}, it gave ${describe(value)}`, hint);
}
