/**
 * What calls a function for the elements of an array. The array is walked by index up to its current length,
 * so a callback may change it: what it appends is met, what it takes out is not.
 */
import { describe } from '../../../runtime/describe-value';
import type { Steps } from '../../../runtime/task';
import { MapValue, truthy } from '../../../runtime/values';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin, dual } from '../../define-builtin';
import { any, array, fn } from '../../types';
import { keyText } from '../core/sequences';
import { failure } from '../value-types';

const list = { name: 'items', type: array, about: 'The array' } as const;
const itemAndIndex = { with: 'item, [index]', as: 'call' } as const;
const tells = { name: 'test', type: fn, about: 'Tells by a truthy result', calls: itemAndIndex } as const;
const mayTell = {
  ...tells,
  about: 'Tells by a truthy result; the elements themselves where it is left out',
  optional: true,
} as const;

export const map = defineBuiltin({
  name: 'map',
  group: 'array',
  summary: 'Gives what a function makes of each element, as a new array',
  params: [list, { name: 'f', type: fn, about: 'Makes a new value of an element', calls: itemAndIndex }],
  gives: { type: 'array', about: 'The results, in order' },
  example: `log([1, 2, 3].map(fn(n) => n * 2))  // expect: [2, 4, 6]
log(map(["a", "b"], fn(name, i) => name + i), map(["7", "x"], num))  // expect: ["a0", "b1"] [7, null]`,
  failing: 'map([1, 2], "double")  // expect error: map: f must be a function, got the string "double"',
  waits: 'with its callback',
  run: dual(function* (items: Value[], f: FunctionValue): Steps<Value> {
    const results: Value[] = [];
    for (let i = 0; i < items.length; i++) results.push(yield* call(f, items[i]!, i));
    return results;
  }),
});

export const filter = defineBuiltin({
  name: 'filter',
  group: 'array',
  summary: 'Gives the elements for which a function gives something truthy, as a new array',
  params: [list, tells],
  gives: { type: 'array', about: 'The elements that fit, in order' },
  example: 'log(filter([22, 443, 8080], fn(port) => port < 1024))  // expect: [22, 443]',
  failing: 'filter([1])  // expect error: filter',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue): Steps<Value> {
    const kept: Value[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (truthy(yield* call(test, item, i))) kept.push(item);
    }
    return kept;
  }),
});

export const reduce = defineBuiltin({
  name: 'reduce',
  group: 'array',
  summary: 'Makes one value of all elements: a function gets the value so far and the next element',
  params: [
    list,
    { name: 'f', type: fn, about: 'Gives the next value', calls: { with: 'value, item, [index]', as: 'call' } },
    {
      name: 'initial',
      type: any,
      about: 'The value to begin with; the first element where it is left out or null',
      optional: true,
    },
  ],
  gives: { type: 'any', about: 'The last value' },
  errors: { EEMPTY: 'the array is empty and there is no initial value' },
  example: `log(reduce([1, 2, 3, 4], fn(sum, n) => sum + n))  // expect: 10
log(reduce(["a", "b"], fn(text, s) => text + s, ">"))  // expect: >ab`,
  failing: 'reduce([], fn(a, b) => a + b)  // expect error: reduce: the array is empty and there is no initial value',
  waits: 'with its callback',
  run: dual(function* (items: Value[], f: FunctionValue, initial: Value): Steps<Value> {
    let value = initial;
    let i = 0;
    if (value === null) {
      if (items.length === 0) throw failure('EEMPTY', 'reduce', 'the array is empty and there is no initial value');
      value = items[0]!;
      i = 1;
    }
    for (; i < items.length; i++) value = yield* call(f, value, items[i]!, i);
    return value;
  }),
});

export const each = defineBuiltin({
  name: 'each',
  group: 'array',
  summary: 'Calls a function for each element, in order',
  params: [list, { name: 'f', type: fn, about: 'What to do with an element', calls: itemAndIndex }],
  gives: { type: 'null', about: 'Nothing' },
  aliases: ['forEach'],
  example: `["a", "b"].each(fn(name, i) { log(i, name) })
// expect: 0 a
// expect: 1 b`,
  failing: 'each({"a": 1}, log)  // expect error: each: items must be an array, got a map of 1',
  waits: 'with its callback',
  run: dual(function* (items: Value[], f: FunctionValue): Steps<Value> {
    for (let i = 0; i < items.length; i++) yield* call(f, items[i]!, i);
    return null;
  }),
});

export const find = defineBuiltin({
  name: 'find',
  group: 'array',
  summary: 'Gives the first element for which a function gives something truthy',
  params: [list, tells],
  gives: { type: 'any', about: 'The element, null where none fits' },
  example: 'log(find([3, 8, 9], fn(n) => n > 5), find([], fn(n) => true))  // expect: 8 null',
  failing: 'find([1], 1)  // expect error: find: test must be a function, got the number 1',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue): Steps<Value> {
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (truthy(yield* call(test, item, i))) return item;
    }
    return null;
  }),
});

export const find_index = defineBuiltin({
  name: 'find_index',
  group: 'array',
  summary: 'Gives the place of the first element for which a function gives something truthy',
  params: [list, tells],
  gives: { type: 'number', about: 'The place, -1 where none fits' },
  example: 'log(find_index(["a", "bb"], fn(s) => len(s) > 1), find_index([], fn(s) => true))  // expect: 1 -1',
  failing: 'find_index("abc", "b")  // expect error: find_index: items must be an array, got the string "abc"',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue): Steps<Value> {
    for (let i = 0; i < items.length; i++) if (truthy(yield* call(test, items[i]!, i))) return i;
    return -1;
  }),
});

export const anyOf = defineBuiltin({
  name: 'any',
  group: 'array',
  summary: 'Tells whether a function gives something truthy for at least one element',
  params: [list, mayTell],
  gives: { type: 'boolean', about: 'True at the first element that fits; false for an empty array' },
  example: 'log(any([1, 8], fn(n) => n > 5), any([0, ""]))  // expect: true false',
  failing: 'any([1], 1)  // expect error: any: test must be a function, got the number 1',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue | null): Steps<Value> {
    if (test === null) return items.some(truthy);
    for (let i = 0; i < items.length; i++) if (truthy(yield* call(test, items[i]!, i))) return true;
    return false;
  }),
});

export const all = defineBuiltin({
  name: 'all',
  group: 'array',
  summary: 'Tells whether a function gives something truthy for every element',
  params: [list, mayTell],
  gives: { type: 'boolean', about: 'False at the first element that does not fit; true for an empty array' },
  example: 'log(all([1, 8], fn(n) => n > 0), all([1, 0]), all([]))  // expect: true false true',
  failing: 'all(true)  // expect error: all: items must be an array, got true',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue | null): Steps<Value> {
    if (test === null) return items.every(truthy);
    for (let i = 0; i < items.length; i++) if (!truthy(yield* call(test, items[i]!, i))) return false;
    return true;
  }),
});

export const partition = defineBuiltin({
  name: 'partition',
  group: 'array',
  summary: 'Divides the elements into those for which a function gives something truthy and the others',
  params: [list, tells],
  gives: { type: 'array', about: 'Two new arrays: what fits, and the rest' },
  example: `let [low, high] = partition([22, 8080, 443], fn(port) => port < 1024)
log(low, high)  // expect: [22, 443] [8080]`,
  failing: 'partition([1], null)  // expect error: partition: test must be a function, got null',
  waits: 'with its callback',
  run: dual(function* (items: Value[], test: FunctionValue): Steps<Value> {
    const fitting: Value[] = [];
    const rest: Value[] = [];
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      if (truthy(yield* call(test, item, i))) fitting.push(item);
      else rest.push(item);
    }
    return [fitting, rest];
  }),
});

const namesGroup = {
  name: 'key',
  type: fn,
  about: "Gives the name of an element's group: a string, a number or a boolean",
  calls: itemAndIndex,
} as const;
const KEY_ERRORS = { ETYPE: 'the function gives what cannot be a key' } as const;

function groupKey(builtin: string, result: Value): string {
  if (typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean') return keyText(result);
  throw failure('ETYPE', builtin, `key must give a string, a number or a boolean, it gave ${describe(result)}`);
}

export const group_by = defineBuiltin({
  name: 'group_by',
  group: 'array',
  summary: 'Gathers the elements into groups by what a function gives for each',
  params: [list, namesGroup],
  gives: {
    type: 'map',
    about: 'From the name of each group, in the order in which they turn up, to the array of its elements',
  },
  errors: KEY_ERRORS,
  example: 'log(group_by([1, 2, 3], fn(n) => n % 2 == 0 ? "even" : "odd"))  // expect: {"odd": [1, 3], "even": [2]}',
  failing:
    'group_by([1], fn(n) => null)  // expect error: group_by: key must give a string, a number or a boolean, it gave null',
  waits: 'with its callback',
  run: dual(function* (items: Value[], key: FunctionValue): Steps<Value> {
    const groups = new Map<string, Value[]>();
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      const name = groupKey('group_by', yield* call(key, item, i));
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [item]);
      else group.push(item);
    }
    return MapValue.of(groups);
  }),
});

export const count_by = defineBuiltin({
  name: 'count_by',
  group: 'array',
  summary: 'Counts the elements of each group, by what a function gives for each element',
  params: [
    list,
    { ...namesGroup, about: namesGroup.about + '; the elements themselves where it is left out', optional: true },
  ],
  gives: {
    type: 'map',
    about: 'From the name of each group, in the order in which they turn up, to the number of its elements',
  },
  errors: KEY_ERRORS,
  example: `log(count_by(["a", "b", "a"]), count_by([1, 2, 3], fn(n) => n > 1))
// expect: {"a": 2, "b": 1} {"false": 1, "true": 2}`,
  failing:
    'count_by([[]])  // expect error: count_by: key must give a string, a number or a boolean, it gave an empty array',
  waits: 'with its callback',
  run: dual(function* (items: Value[], key: FunctionValue | null): Steps<Value> {
    const counts = new Map<string, number>();
    for (let i = 0; i < items.length; i++) {
      const item = items[i]!;
      const name = groupKey('count_by', key === null ? item : yield* call(key, item, i));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return MapValue.of(counts);
  }),
});
