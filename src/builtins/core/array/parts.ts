/** Parts of arrays, arrays put together in other ways, and sums. None of it changes the array. */
import { equal, MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { array, whole } from '../../types';
import { checkSize, count, failure, MAX_ITEMS, numbers } from '../value-types';

const list = { name: 'items', type: array, about: 'The array' } as const;

export const first = defineBuiltin({
  name: 'first',
  group: 'array',
  summary: 'Gives the first element of an array',
  params: [list],
  gives: { type: 'any', about: 'The element, null where the array is empty' },
  example: 'log(first([7, 8]), first([]))  // expect: 7 null',
  failing: 'first("ab")  // expect error: first: items must be an array, got the string "ab"',
  run: (items) => items[0] ?? null,
});

export const last = defineBuiltin({
  name: 'last',
  group: 'array',
  summary: 'Gives the last element of an array',
  params: [list],
  gives: { type: 'any', about: 'The element, null where the array is empty' },
  example: 'log(last([7, 8]), last([]))  // expect: 8 null',
  failing: 'last(null)  // expect error: last: items must be an array, got null',
  run: (items) => items.at(-1) ?? null,
});

export const take = defineBuiltin({
  name: 'take',
  group: 'array',
  summary: 'Gives the first elements of an array, as a new one',
  params: [list, { name: 'count', type: count, about: 'How many, or all where there are fewer' }],
  gives: { type: 'array', about: 'A new array' },
  example: 'log(take([1, 2, 3], 2), take([1], 5))  // expect: [1, 2] [1]',
  failing: 'take([1, 2], -1)  // expect error: take: count must be a whole number, at least 0, got the number -1',
  run: (items, n) => items.slice(0, n),
});

export const drop = defineBuiltin({
  name: 'drop',
  group: 'array',
  summary: 'Gives the elements of an array without the first ones, as a new one',
  params: [list, { name: 'count', type: count, about: 'How many to leave out' }],
  gives: { type: 'array', about: 'A new array' },
  example: 'log(drop([1, 2, 3], 2), drop([1], 5))  // expect: [3] []',
  failing: 'drop([1, 2], "1")  // expect error: drop: count must be a whole number, at least 0, got the string "1"',
  run: (items, n) => items.slice(n),
});

export const sum = defineBuiltin({
  name: 'sum',
  group: 'array',
  summary: 'Adds up numbers',
  params: [{ name: 'values', type: numbers, about: 'The numbers' }],
  gives: { type: 'number', about: 'The sum, 0 for an empty array' },
  example: 'log(sum([1, 2, 3.5]), sum([]))  // expect: 6.5 0',
  failing: 'sum([1, "2"])  // expect error: sum: values must be an array of numbers, got an array of 2',
  run: (values) => total(values),
});

function total(values: readonly number[]): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result += values[i]!;
  return result;
}

export const average = defineBuiltin({
  name: 'average',
  group: 'array',
  summary: 'Gives the arithmetic mean of numbers',
  params: [{ name: 'values', type: numbers, about: 'The numbers' }],
  gives: { type: 'number', about: 'The mean' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(average([1, 2, 6]))  // expect: 3',
  failing: 'average([])  // expect error: average: the array is empty',
  run: (values) => {
    if (values.length === 0) throw failure('EEMPTY', 'average', 'the array is empty, so there is none');
    return total(values) / values.length;
  },
});

export const unique = defineBuiltin({
  name: 'unique',
  group: 'array',
  summary: 'Gives the elements of an array without those that equal an earlier one',
  details: 'Elements are compared as == does: arrays and maps by their content.',
  params: [list],
  gives: { type: 'array', about: 'A new array, in the order of the first of each' },
  example: 'log(unique([3, 1, 3, "1", [1], [1]]))  // expect: [3, 1, "1", [1]]',
  failing: 'unique("aab")  // expect error: unique: items must be an array, got the string "aab"',
  run: (items) => {
    const seen = new Set<Value>();
    const containers = new Map<string, Value[]>();
    const kept: Value[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (Array.isArray(item) || item instanceof MapValue) {
        const outline = outlineOf(item);
        const alike = containers.get(outline);
        if (alike === undefined) containers.set(outline, [item]);
        else if (alike.some((other) => equal(other, item))) continue;
        else alike.push(item);
      } else if (item === item) {
        if (seen.has(item)) continue;
        seen.add(item);
      }
      kept.push(item);
    }
    return kept;
  },
});

/** Entries of a container that its outline looks at. */
const OUTLINED = 16;

/** The same for containers of equal content, and mostly different for others. */
function outlineOf(container: Value[] | MapValue): string {
  if (Array.isArray(container)) return `[${container.length}:${container.slice(0, OUTLINED).map(hint).join()}`;
  const keys = container.keys();
  if (keys.length > OUTLINED) return `{${keys.length}`;
  return `{${keys
    .sort()
    .map((key) => `${key}=${hint(container.get(key)!)}`)
    .join()}`;
}

function hint(value: Value): string {
  if (typeof value === 'number') return String(value === 0 ? 0 : value);
  return typeof value === 'string' ? `"${value.slice(0, 100)}"` : typeof value;
}

export const flatten = defineBuiltin({
  name: 'flatten',
  group: 'array',
  summary: 'Puts the elements of arrays in an array in their place, as a new one',
  params: [
    list,
    {
      name: 'depth',
      type: whole(0, 1000),
      about: 'How many levels to take off; 1 where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'A new array' },
  errors: { ECYCLE: 'an array holds itself', ERANGE: `the array would have more than ${MAX_ITEMS} elements` },
  example: 'log(flatten([1, [2, [3]]]), flatten([1, [2, [3]]], 9))  // expect: [1, 2, [3]] [1, 2, 3]',
  failing: `let loop = []
push(loop, loop)
flatten(loop, 5)  // expect error: flatten: the array holds itself`,
  run: (items, depth) => {
    const out: Value[] = [];
    flattenInto(out, items, depth ?? 1, []);
    return out;
  },
});

function flattenInto(out: Value[], items: readonly Value[], depth: number, open: (readonly Value[])[]): void {
  if (open.includes(items)) throw failure('ECYCLE', 'flatten', 'the array holds itself, so it has no end');
  open.push(items);
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (depth > 0 && Array.isArray(item)) {
      flattenInto(out, item, depth - 1, open);
    } else {
      if (out.length === MAX_ITEMS) checkSize('flatten', MAX_ITEMS + 1);
      out.push(item);
    }
  }
  open.pop();
}

export const zip = defineBuiltin({
  name: 'zip',
  group: 'array',
  summary: 'Puts the elements at the same place of several arrays together',
  params: [
    { name: 'first', type: array, about: 'An array' },
    { name: 'others', type: array, about: 'More arrays', rest: true },
  ],
  gives: { type: 'array', about: 'An array for each place, as many as the shortest has' },
  example: 'log(zip(["a", "b"], [1, 2, 3]))  // expect: [["a", 1], ["b", 2]]',
  failing: 'zip(["a"], "b")  // expect error: zip: others must be an array, got the string "b"',
  run: (items, others) => {
    const size = Math.min(items.length, ...others.map((other) => other.length));
    const rows: Value[] = [];
    for (let i = 0; i < size; i++) rows.push([items[i]!, ...others.map((other) => other[i]!)]);
    return rows;
  },
});

export const enumerate = defineBuiltin({
  name: 'enumerate',
  group: 'array',
  summary: 'Puts its place in front of each element',
  params: [
    list,
    { name: 'start', type: whole(), about: 'The number of the first; 0 where it is left out', optional: true },
  ],
  gives: { type: 'array', about: 'For each element the array [place, element]' },
  example: 'log(enumerate(["a", "b"]), enumerate(["a"], 1))  // expect: [[0, "a"], [1, "b"]] [[1, "a"]]',
  failing: 'enumerate(5)  // expect error: enumerate: items must be an array, got the number 5',
  run: (items, start) => items.map((item, i) => [i + (start ?? 0), item]),
});

export const chunk = defineBuiltin({
  name: 'chunk',
  group: 'array',
  summary: 'Cuts an array into arrays of a size',
  params: [list, { name: 'size', type: whole(1), about: 'How many elements each has; the last one has what is left' }],
  gives: { type: 'array', about: 'The new arrays' },
  example: 'log(chunk([1, 2, 3, 4, 5], 2))  // expect: [[1, 2], [3, 4], [5]]',
  failing: 'chunk([1], 0)  // expect error: chunk: size must be a whole number, at least 1, got the number 0',
  run: (items, size) => {
    const chunks: Value[] = [];
    for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
    return chunks;
  },
});
