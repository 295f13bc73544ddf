/**
 * Sorting, and the smallest and largest. Every sort is stable and works on a copy, so that a callback that
 * changes the array meanwhile (or fails) does no harm: the sorted elements are put back at the end.
 *
 * Without a function of the program, numbers go through a typed array and strings through the engine's own
 * sort. With one it is a merge sort written out here, since the function may wait.
 */
import { describe } from '../../../runtime/describe-value';
import * as strings from '../../../runtime/strings';
import type { Steps } from '../../../runtime/task';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin, dual } from '../../define-builtin';
import { array, fn, number } from '../../types';
import type { Type } from '../../types';
import { failure, numbers } from '../value-types';
import { wrongResult } from '../core/sequences';

const compareParam = {
  name: 'compare',
  type: fn,
  about:
    'Gives a negative number where the first comes before the second, a positive one where after, 0 where they are equal; by value or code point where it is left out',
  optional: true,
  calls: { with: 'a, b', as: 'call' },
} as const;

const ORDER_ERRORS = {
  ETYPE: 'the elements are neither all numbers nor all strings, or the function gives no number',
} as const;

// ---------------------------------------------------------------- by value

/** Sorts a copy: all numbers (NaN last) or all strings. */
function inOrder(builtin: string, items: readonly Value[]): Value[] {
  const kind = typeof items[0];
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (typeof item === kind && (kind === 'number' || kind === 'string')) continue;
    throw notOrdered(builtin, items, i);
  }
  return kind === 'number' ? numbersInOrder(items as readonly number[]) : textsInOrder(items as readonly string[]);
}

function notOrdered(builtin: string, items: readonly Value[], at: number): unknown {
  const first = items[0]!;
  const item = items[at]!;
  const what =
    at === 0 || (typeof first !== 'number' && typeof first !== 'string')
      ? `element ${at} is ${describe(item)}`
      : `element 0 is ${describe(first)} and element ${at} is ${describe(item)}`;
  return failure(
    'ETYPE',
    builtin,
    `only numbers or only strings have an order, ${what}`,
    'sort_by(items, fn(item) ...) sorts by a part of each element',
  );
}

function numbersInOrder(items: readonly number[]): number[] {
  const sorted = Float64Array.from(items).sort();
  const result: number[] = [];
  for (let i = 0; i < sorted.length; i++) result.push(sorted[i]!);
  return result;
}

/** The engine orders by units, which differs from code points only where there are units from here on. */
const ABOVE = /[\ud800-\uffff]/;

function textsInOrder(items: readonly string[]): string[] {
  const copy = items.slice();
  return copy.some((text) => ABOVE.test(text)) ? copy.sort(strings.compare) : copy.sort();
}

/** Puts the elements back into the array they came from. */
function putBack(items: Value[], sorted: readonly Value[]): Value[] {
  items.length = sorted.length;
  for (let i = 0; i < sorted.length; i++) items[i] = sorted[i]!;
  return items;
}

// ---------------------------------------------------------------- by a function

/** Runs of this length are made by insertion before merging begins. */
const RUN = 8;

/** Sorts `items` itself. */
function* mergeSort(builtin: string, items: Value[], compare: FunctionValue): Steps<Value[]> {
  const size = items.length;
  for (let start = 0; start < size; start += RUN) {
    const end = Math.min(start + RUN, size);
    for (let i = start + 1; i < end; i++) {
      const item = items[i]!;
      let j = i - 1;
      while (j >= start) {
        const order = yield* call(compare, items[j]!, item);
        if (typeof order !== 'number') throw noOrder(builtin, order);
        if (!(order > 0)) break;
        items[j + 1] = items[j]!;
        j--;
      }
      items[j + 1] = item;
    }
  }
  let from = items;
  let to = size > RUN ? items.slice() : items;
  for (let width = RUN; width < size; width *= 2) {
    for (let start = 0; start < size; start += 2 * width) {
      const middle = Math.min(start + width, size);
      const end = Math.min(start + 2 * width, size);
      let left = start;
      let right = middle;
      let out = start;
      while (left < middle && right < end) {
        const order = yield* call(compare, from[left]!, from[right]!);
        if (typeof order !== 'number') throw noOrder(builtin, order);
        to[out++] = order > 0 ? from[right++]! : from[left++]!;
      }
      while (left < middle) to[out++] = from[left++]!;
      while (right < end) to[out++] = from[right++]!;
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function noOrder(builtin: string, result: Value): unknown {
  const hint = typeof result === 'boolean' ? 'for numbers: fn(a, b) => a - b' : undefined;
  return wrongResult(builtin, 'compare', 'a number (negative, 0 or positive)', result, hint);
}

export const sort = defineBuiltin({
  name: 'sort',
  group: 'array',
  summary: 'Sorts an array in place',
  details:
    'Numbers are sorted by value, strings by code point; a mixture is an error. Elements that compare as equal keep their order. sorted gives a new array.',
  params: [{ name: 'items', type: array, about: 'The array, which is changed' }, compareParam],
  gives: { type: 'array', about: 'The same array' },
  errors: ORDER_ERRORS,
  example: `let ports = [8080, 22, 443]
sort(ports)
log(ports, sort(["b", "a"]), sort([1, 2, 3], fn(a, b) => b - a))
// expect: [22, 443, 8080] ["a", "b"] [3, 2, 1]`,
  failing:
    'sort([80, "22"])  // expect error: sort: only numbers or only strings have an order, element 0 is the number 80 and element 1 is the string "22"',
  waits: 'with its callback',
  run: dual(function* (items: Value[], compare: FunctionValue | null): Steps<Value> {
    if (items.length === 0) return items;
    if (compare === null) return putBack(items, inOrder('sort', items));
    return putBack(items, yield* mergeSort('sort', items.slice(), compare));
  }),
});

export const sorted = defineBuiltin({
  name: 'sorted',
  group: 'array',
  summary: 'Gives the elements of an array sorted, as a new array',
  details: 'As sort, but the array stays as it is.',
  params: [{ name: 'items', type: array, about: 'The array' }, compareParam],
  gives: { type: 'array', about: 'A new array' },
  errors: ORDER_ERRORS,
  example: `let names = ["b", "a"]
log(sorted(names), names)  // expect: ["a", "b"] ["b", "a"]`,
  failing:
    'sorted([1, null])  // expect error: sorted: only numbers or only strings have an order, element 0 is the number 1 and element 1 is null',
  waits: 'with its callback',
  run: dual(function* (items: Value[], compare: FunctionValue | null): Steps<Value> {
    if (items.length === 0) return [];
    if (compare === null) return inOrder('sorted', items);
    return yield* mergeSort('sorted', items.slice(), compare);
  }),
});

export const sort_by = defineBuiltin({
  name: 'sort_by',
  group: 'array',
  summary: 'Gives the elements of an array sorted by what a function gives for each, as a new array',
  details: 'The function is called once for each element. Elements with equal keys keep their order.',
  params: [
    { name: 'items', type: array, about: 'The array, which stays as it is' },
    {
      name: 'key',
      type: fn,
      about: 'Gives what to sort by: a number for all, or a string for all',
      calls: { with: 'item, [index]', as: 'call' },
    },
  ],
  gives: { type: 'array', about: 'A new array' },
  errors: { ETYPE: 'the keys are neither all numbers nor all strings' },
  example: `let hosts = [{"name": "b", "ms": 9}, {"name": "a", "ms": 20}]
log(hosts.sort_by(fn(h) => h.name).map(fn(h) => h.ms))  // expect: [20, 9]`,
  failing:
    'sort_by([1, 2], fn(n) => [n])  // expect error: sort_by: only numbers or only strings can be keys, key gave an array of 1 for element 0',
  waits: 'with its callback',
  run: dual(function* (items: Value[], key: FunctionValue): Steps<Value> {
    const sorted: Value[] = [];
    const keys: Value[] = [];
    for (let i = 0; i < items.length; i++) {
      sorted.push(items[i]!);
      keys.push(yield* call(key, items[i]!, i));
    }
    return byKeys(sorted, keys);
  }),
});

function byKeys(items: readonly Value[], keys: readonly Value[]): Value[] {
  const kind = typeof keys[0];
  keys.forEach((key, i) => {
    if (typeof key === kind && (kind === 'number' || kind === 'string')) return;
    const other = kind === 'number' || kind === 'string' ? ` and ${describe(keys[0]!)} for element 0` : '';
    throw failure(
      'ETYPE',
      'sort_by',
      `only numbers or only strings can be keys, key gave ${describe(key)} for element ${i}${other}`,
    );
  });
  const order =
    kind === 'number'
      ? orderOfNumbers(Float64Array.from(keys as readonly number[]))
      : orderOfTexts(keys as readonly string[]);
  const sorted: Value[] = [];
  for (let i = 0; i < order.length; i++) sorted.push(items[order[i]!]!);
  return sorted;
}

/** The places of the keys in the order of the keys: a merge sort of both together. NaN comes last. */
function orderOfNumbers(keys: Float64Array<ArrayBuffer>): Uint32Array {
  const size = keys.length;
  let from = Uint32Array.from(keys, (_key, i) => i);
  let to = new Uint32Array(size);
  let keysFrom = keys;
  let keysTo = new Float64Array(size);
  for (let width = 1; width < size; width *= 2) {
    for (let start = 0; start < size; start += 2 * width) {
      const middle = Math.min(start + width, size);
      const end = Math.min(start + 2 * width, size);
      let left = start;
      let right = middle;
      for (let out = start; out < end; out++) {
        const takeLeft = right >= end || (left < middle && !comesBefore(keysFrom[right]!, keysFrom[left]!));
        const taken = takeLeft ? left++ : right++;
        to[out] = from[taken]!;
        keysTo[out] = keysFrom[taken]!;
      }
    }
    [from, to] = [to, from];
    [keysFrom, keysTo] = [keysTo, keysFrom];
  }
  return from;
}

function comesBefore(a: number, b: number): boolean {
  return a < b || (b !== b && a === a);
}

function orderOfTexts(keys: readonly string[]): number[] {
  return keys.map((_key, i) => i).sort((a, b) => strings.compare(keys[a]!, keys[b]!));
}

// ---------------------------------------------------------------- smallest and largest

const numberOrNumbers: Type<number | number[]> = {
  name: 'number or array',
  takes: 'a number or an array of numbers',
  test: `(typeof $ === 'number' || check($))`,
  check: numbers.check!,
  explain: numbers.explain!,
};

/** The numbers of `max(1, 2)` or `max([1, 2])`. */
function given(builtin: string, first: number | number[], more: readonly number[]): readonly number[] {
  if (typeof first === 'number') return [first, ...more];
  if (more.length > 0)
    throw failure('ETYPE', builtin, 'it takes one array of numbers, or numbers one by one, got an array and more');
  if (first.length === 0) throw failure('EEMPTY', builtin, 'the array is empty, so there is none');
  return first;
}

export const min = defineBuiltin({
  name: 'min',
  group: 'array',
  alsoIn: ['math'],
  summary: 'Gives the smallest of some numbers',
  params: [
    { name: 'first', type: numberOrNumbers, about: 'An array of numbers, or the first number' },
    { name: 'more', type: number, about: 'More numbers', rest: true },
  ],
  gives: { type: 'number', about: 'The smallest; NaN where one of them is NaN' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(min([3, 1, 2]), min(3, 1, 2))  // expect: 1 1',
  failing: 'min([])  // expect error: min: the array is empty',
  inline: [{ when: "typeof $1 === 'number' && typeof $2 === 'number'", code: 'Math.min($1, $2)' }],
  run: (first, more) => {
    let best = Infinity;
    for (const each of given('min', first, more)) {
      if (each !== each) return NaN;
      if (each < best) best = each;
    }
    return best;
  },
});

export const max = defineBuiltin({
  name: 'max',
  group: 'array',
  alsoIn: ['math'],
  summary: 'Gives the largest of some numbers',
  params: [
    { name: 'first', type: numberOrNumbers, about: 'An array of numbers, or the first number' },
    { name: 'more', type: number, about: 'More numbers', rest: true },
  ],
  gives: { type: 'number', about: 'The largest; NaN where one of them is NaN' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(max([3, 1, 2]), max(3, 1, 2))  // expect: 3 3',
  failing: 'max(1, "2")  // expect error: max: more must be a number, got the string "2"',
  inline: [{ when: "typeof $1 === 'number' && typeof $2 === 'number'", code: 'Math.max($1, $2)' }],
  run: (first, more) => {
    let best = -Infinity;
    for (const each of given('max', first, more)) {
      if (each !== each) return NaN;
      if (each > best) best = each;
    }
    return best;
  },
});
