/** What changes an array in place: most give the array, those that take an element out give the element. */
import { equal } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { any, array, either, whole } from '../../types';
import { checkSize, failure, MAX_ITEMS, position } from '../value-types';
import { fromStart } from '../core/sequences';

const list = { name: 'items', type: array, about: 'The array, which is changed' } as const;
const theArray = { type: 'array', about: 'The same array' } as const;

export const push = defineBuiltin({
  name: 'push',
  group: 'array',
  summary: 'Puts values at the end of an array',
  params: [
    list,
    { name: 'value', type: any, about: 'What to put there' },
    { name: 'more', type: any, about: 'More values', rest: true },
  ],
  gives: theArray,
  errors: { ERANGE: `the array would have more than ${MAX_ITEMS} elements` },
  example: `let skills = []
skills.push("Go")
log(push(skills, "C", "TS"))  // expect: ["Go", "C", "TS"]`,
  failing: 'push("ab", "c")  // expect error: push: items must be an array, got the string "ab"',
  // Beyond the most that an array may have V8 ends the process.
  inline: [{ when: `$isArray($1) && $1.length < ${MAX_ITEMS}`, code: '($1.push($2), $1)' }],
  run: (items, value, more) => {
    checkSize('push', items.length + 1 + more.length);
    items.push(value);
    for (const each of more) items.push(each);
    return items;
  },
});

export const pop = defineBuiltin({
  name: 'pop',
  group: 'array',
  summary: 'Takes the last element out of an array',
  params: [list],
  gives: { type: 'any', about: 'The element, null where the array is empty' },
  example: `let stack = [1, 2]
log(pop(stack), pop(stack), pop(stack))  // expect: 2 1 null`,
  failing: 'pop(null)  // expect error: pop: items must be an array, got null',
  run: (items) => items.pop() ?? null,
});

export const shift = defineBuiltin({
  name: 'shift',
  group: 'array',
  summary: 'Takes the first element out of an array',
  params: [list],
  gives: { type: 'any', about: 'The element, null where the array is empty' },
  example: `let queue = ["a", "b"]
log(shift(queue), queue)  // expect: a ["b"]`,
  failing: 'shift("ab")  // expect error: shift: items must be an array, got the string "ab"',
  run: (items) => items.shift() ?? null,
});

export const unshift = defineBuiltin({
  name: 'unshift',
  group: 'array',
  summary: 'Puts values at the start of an array, in the order given',
  params: [
    list,
    { name: 'value', type: any, about: 'What to put there' },
    { name: 'more', type: any, about: 'More values', rest: true },
  ],
  gives: theArray,
  errors: { ERANGE: `the array would have more than ${MAX_ITEMS} elements` },
  example: 'log(unshift([3], 1, 2))  // expect: [1, 2, 3]',
  failing: 'unshift({}, 1)  // expect error: unshift: items must be an array, got an empty map',
  run: (items, value, more) => {
    checkSize('unshift', items.length + 1 + more.length);
    if (more.length === 0) {
      items.unshift(value);
    } else {
      const all = [value, ...more, ...items];
      for (let i = 0; i < all.length; i++) items[i] = all[i]!;
    }
    return items;
  },
});

/** A place of an element, or the error that says where there are some. */
function placeOf(builtin: string, items: readonly Value[], index: number, last: number): number {
  const place = index < 0 ? index + items.length : index;
  if (place >= 0 && place <= last) return place;
  const range = last < 0 ? '' : last === 0 ? ' (only 0)' : ` (0 to ${last})`;
  throw failure(
    'EINDEX',
    builtin,
    `index ${index} is outside of the array, which has ${items.length === 1 ? '1 element' : `${items.length} elements`}${range}`,
  );
}

export const insert = defineBuiltin({
  name: 'insert',
  group: 'array',
  summary: 'Puts a value into an array in front of the element at a place',
  params: [
    list,
    { name: 'index', type: position, about: 'The place; the length for the end, negative from the end' },
    { name: 'value', type: any, about: 'What to put there' },
  ],
  gives: theArray,
  errors: { EINDEX: 'there is no such place', ERANGE: `the array would have more than ${MAX_ITEMS} elements` },
  example: 'log(insert(["a", "c"], 1, "b"), insert([1], -1, 0))  // expect: ["a", "b", "c"] [0, 1]',
  failing: 'insert([1], 5, 2)  // expect error: insert: index 5 is outside of the array, which has 1 element (0 to 1)',
  run: (items, index, value) => {
    checkSize('insert', items.length + 1);
    items.splice(placeOf('insert', items, index, items.length), 0, value);
    return items;
  },
});

export const remove_at = defineBuiltin({
  name: 'remove_at',
  group: 'array',
  summary: 'Takes the element at a place out of an array',
  params: [list, { name: 'index', type: position, about: 'The place; negative from the end' }],
  gives: { type: 'any', about: 'The element, null where the array is empty' },
  errors: { EINDEX: 'there is no such place in an array that is not empty' },
  example: `let hosts = ["a", "b", "c"]
log(remove_at(hosts, 1), hosts)  // expect: b ["a", "c"]`,
  failing:
    'remove_at(["a"], 1)  // expect error: remove_at: index 1 is outside of the array, which has 1 element (only 0)',
  run: (items, index) => {
    if (items.length === 0) return null;
    return items.splice(placeOf('remove_at', items, index, items.length - 1), 1)[0]!;
  },
});

export const remove = defineBuiltin({
  name: 'remove',
  group: 'array',
  summary: 'Takes the first element that equals a value out of an array',
  details: 'An array without such an element stays as it is.',
  params: [list, { name: 'value', type: any, about: 'What to take out, compared as == does' }],
  gives: theArray,
  example: 'log(remove([1, 2, 1], 1), remove(["a"], "b"))  // expect: [2, 1] ["a"]',
  failing: 'remove("abc", "a")  // expect error: remove: items must be an array, got the string "abc"',
  run: (items, value) => {
    const at = items.findIndex((item) => equal(item, value));
    if (at >= 0) items.splice(at, 1);
    return items;
  },
});

export const fill = defineBuiltin({
  name: 'fill',
  group: 'array',
  summary: 'Sets elements of an array to one value, or makes an array of so many of it',
  details: 'The value itself is put everywhere: an array or map that is filled in is one and the same at all places.',
  params: [
    { name: 'items', type: either(whole(0), array), about: 'The array, which is changed, or the length of a new one' },
    { name: 'value', type: any, about: 'What to put there' },
    {
      name: 'start',
      type: position,
      about: 'The first place; 0 where it is left out, negative from the end',
      optional: true,
    },
    {
      name: 'end',
      type: position,
      about: 'The first place after; the length where it is left out, negative from the end',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'The same array, or the new one' },
  errors: { ERANGE: `the array would have more than ${MAX_ITEMS} elements` },
  example: 'log(fill(3, 0), fill([1, 2, 3], "x", 1))  // expect: [0, 0, 0] [1, "x", "x"]',
  failing:
    'fill(-1, 0)  // expect error: fill: items must be a whole number, at least 0 or an array, got the number -1',
  run: (items, value, start, end) => {
    if (typeof items === 'number') {
      checkSize('fill', items);
      const made: Value[] = [];
      for (let i = 0; i < items; i++) made.push(value);
      if (start === null && end === null) return made;
      return refill(made.fill(null), value, start, end);
    }
    return refill(items, value, start, end);
  },
});

function refill(items: Value[], value: Value, start: number | null, end: number | null): Value[] {
  const size = items.length;
  return items.fill(value, fromStart(start ?? 0, size), end === null ? size : fromStart(end, size));
}
