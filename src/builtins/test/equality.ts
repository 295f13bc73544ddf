/** Values that must be the same, or near each other, or in one another. */
import { describe } from '../../runtime/describe-value';
import { MapValue, equal, inspect, str } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { contains } from '../../runtime/strings';
import { container } from '../core/value-types';
import { defineBuiltin } from '../define-builtin';
import { any, number } from '../types';
import { differenceText } from './difference';
import { EASSERT, failed, messageParam } from './failed';

const actual = { name: 'actual', type: any, about: 'The value that the program made' } as const;

export const assertEq = defineBuiltin({
  name: 'assert_eq',
  group: 'test',
  summary: 'Fails unless two values are equal',
  details:
    'Equal is what == says: arrays and maps by content. The failure shows both values, and of arrays, maps and texts the lines in which they differ.',
  params: [actual, { name: 'expected', type: any, about: 'What it should be' }, messageParam],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT },
  example: `assert_eq([1, 2] + [3], [1, 2, 3])
log("equal")  // expect: equal`,
  failing: `assert_eq(upper("abc"), "ABX")  // expect error: assert_eq: the values differ`,
  run: (got, expected, message) => {
    if (equal(got, expected)) return null;
    throw failed('assert_eq', message, `the values differ${differenceText(got, expected)}`, { actual: got, expected });
  },
});

export const assertNe = defineBuiltin({
  name: 'assert_ne',
  group: 'test',
  summary: 'Fails when two values are equal',
  params: [actual, { name: 'unwanted', type: any, about: 'What it should not be' }, messageParam],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT },
  example: `assert_ne(1, "1")
log("different")  // expect: different`,
  failing: 'assert_ne([1], [1])  // expect error: assert_ne: both values are [1]',
  run: (got, unwanted, message) => {
    if (!equal(got, unwanted)) return null;
    throw failed('assert_ne', message, `both values are ${inspect(got)}`, { actual: got });
  },
});

const DEFAULT_TOLERANCE = 1e-9;

export const assertNear = defineBuiltin({
  name: 'assert_near',
  group: 'test',
  summary: 'Fails unless two numbers are the same but for a little',
  params: [
    { name: 'actual', type: number, about: 'The number that the program made' },
    { name: 'expected', type: number, about: 'What it should be' },
    {
      name: 'tolerance',
      type: number,
      about: `By how much they may differ; ${DEFAULT_TOLERANCE} where it is left out`,
      optional: true,
    },
    messageParam,
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT },
  example: `assert_near(0.1 + 0.2, 0.3)
assert_near(clock(), clock(), 1000)
log("near")  // expect: near`,
  failing: 'assert_near(1, 1.5, 0.1)  // expect error: assert_near: 1 is not within 0.1 of 1.5, it differs by 0.5',
  run: (got, expected, tolerance, message) => {
    const by = Math.abs(got - expected);
    if (got === expected || by <= (tolerance ?? DEFAULT_TOLERANCE)) return null;
    const what = `${str(got)} is not within ${str(tolerance ?? DEFAULT_TOLERANCE)} of ${str(expected)}, it differs by ${str(by)}`;
    throw failed('assert_near', message, what, { actual: got, expected });
  },
});

export const assertContains = defineBuiltin({
  name: 'assert_contains',
  group: 'test',
  summary: 'Fails unless an array has an element, a map a key, or a text a part',
  params: [
    { name: 'container', type: container, about: 'The array, map or text' },
    { name: 'item', type: any, about: 'What must be in it' },
    messageParam,
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT },
  example: `assert_contains("open ports: 22, 80", "22")
assert_contains([{"port": 22}], {"port": 22})
assert_contains({"port": 22}, "port")
log("there")  // expect: there`,
  failing: 'assert_contains([22, 80], 443)  // expect error: assert_contains: [22, 80] does not contain 443',
  run: (holder, item, message) => {
    if (holds(holder, item)) return null;
    throw failed('assert_contains', message, `${shortened(holder)} does not contain ${shortened(item)}`, {
      actual: holder,
      expected: item,
    });
  },
});

function holds(holder: string | Value[] | MapValue, item: Value): boolean {
  if (Array.isArray(holder)) return holder.some((each) => equal(each, item));
  if (holder instanceof MapValue) return typeof item !== 'object' && holder.has(str(item));
  return typeof item === 'string' && contains(holder, item);
}

const MAX_TEXT = 300;

function shortened(value: Value): string {
  const text = inspect(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${describe(value)})` : text;
}
