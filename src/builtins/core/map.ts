/** The group map. A callback is called for the entries that the map had at the start and still has. */
import type { Steps } from '../../runtime/task';
import { MapValue, truthy } from '../../runtime/values';
import type { FunctionValue, Value } from '../../runtime/values';
import { call, defineBuiltin, dual } from '../define-builtin';
import { fn, map } from '../types';
import type { Type } from '../types';
import { describe } from '../../runtime/describe-value';
import { keyText } from './core/sequences';
import { key, mapOrArray } from './value-types';

const theMap = { name: 'm', type: map, about: 'The map' } as const;

export const keys = defineBuiltin({
  name: 'keys',
  group: 'map',
  summary: 'Gives the keys of a map',
  params: [theMap],
  gives: { type: 'array', about: 'The keys, in the order in which they were put in' },
  example: 'log(keys({"b": 1, "a": 2}))  // expect: ["b", "a"]',
  failing: 'keys(["a"])  // expect error: keys: m must be a map, got an array of 1',
  run: (m) => m.keys(),
});

export const values = defineBuiltin({
  name: 'values',
  group: 'map',
  summary: 'Gives the values of a map',
  params: [theMap],
  gives: { type: 'array', about: 'The values, in the order of the keys' },
  example: 'log(values({"b": 1, "a": 2}))  // expect: [1, 2]',
  failing: 'values(null)  // expect error: values: m must be a map, got null',
  run: (m) => m.values(),
});

export const entries = defineBuiltin({
  name: 'entries',
  group: 'map',
  summary: 'Gives the entries of a map as arrays of key and value',
  params: [theMap],
  gives: { type: 'array', about: 'For each entry the array [key, value]' },
  example: 'log(entries({"b": 1, "a": 2}))  // expect: [["b", 1], ["a", 2]]',
  failing: 'entries("ab")  // expect error: entries: m must be a map, got the string "ab"',
  run: (m) => m.entries(),
});

function isEntry(value: Value): boolean {
  return Array.isArray(value) && value.length === 2 && isKey(value[0]!);
}

function isKey(value: Value): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

const pairs: Type<[string | number | boolean, Value][]> = {
  name: 'array',
  takes: 'an array of [key, value] arrays',
  test: 'check($)',
  check: (value) => Array.isArray(value) && value.every(isEntry),
  explain: (value) => {
    if (!Array.isArray(value)) return null;
    const at = value.findIndex((entry) => !isEntry(entry));
    const entry = value[at]!;
    if (!Array.isArray(entry) || entry.length !== 2) return `its element ${at} is ${describe(entry)}`;
    return `the key of its element ${at} is ${describe(entry[0]!)}`;
  },
};

export const from_entries = defineBuiltin({
  name: 'from_entries',
  group: 'map',
  summary: 'Makes a map of arrays of key and value',
  params: [{ name: 'entries', type: pairs, about: 'The [key, value] arrays; a later one with the same key wins' }],
  gives: { type: 'map', about: 'The map' },
  example: 'log(from_entries([["a", 1], [443, "https"]]))  // expect: {"a": 1, "443": "https"}',
  failing:
    'from_entries([["a"]])  // expect error: from_entries: entries must be an array of [key, value] arrays, got an array of 1',
  run: (list) => MapValue.of(list.map(([name, value]): [string, Value] => [keyText(name), value])),
});

export const has = defineBuiltin({
  name: 'has',
  group: 'map',
  summary: 'Tells whether a map has a key',
  params: [theMap, { name: 'key', type: key, about: 'The key' }],
  gives: { type: 'boolean', about: 'True where it has, also where the value is null' },
  aliases: ['has_key'],
  example: 'log(has({"a": null}, "a"), has({}, "constructor"))  // expect: true false',
  failing: 'has({}, null)  // expect error: has: key must be a string, a number or a boolean, got null',
  run: (m, name) => m.has(keyText(name)),
});

export const remove_key = defineBuiltin({
  name: 'delete',
  group: 'map',
  summary: 'Takes an entry out of a map',
  params: [
    { name: 'm', type: map, about: 'The map, which is changed' },
    { name: 'key', type: key, about: 'The key' },
  ],
  gives: { type: 'boolean', about: 'True where there was such an entry' },
  example: `let m = {"a": 1, "b": 2}
log(delete(m, "a"), delete(m, "a"), m)  // expect: true false {"b": 2}`,
  failing: 'delete([1], 0)  // expect error: delete: m must be a map, got an array of 1',
  run: (m, name) => m.delete(keyText(name)),
});

export const merge = defineBuiltin({
  name: 'merge',
  group: 'map',
  summary: 'Puts the entries of maps together in a new one',
  params: [
    { name: 'first', type: map, about: 'A map' },
    { name: 'others', type: map, about: 'More maps; a later one wins where a key is in several', rest: true },
  ],
  gives: { type: 'map', about: 'A new map' },
  example: 'log(merge({"a": 1, "b": 1}, {"b": 2}, {"c": 3}))  // expect: {"a": 1, "b": 2, "c": 3}',
  failing: 'merge({}, [1])  // expect error: merge: others must be a map, got an array of 1',
  run: (first, others) => {
    const merged = first.clone();
    for (const other of others) for (const [name, value] of other.entries()) merged.set(name, value);
    return merged;
  },
});

export const clone = defineBuiltin({
  name: 'clone',
  group: 'map',
  summary: 'Copies a map or an array',
  details: 'What is in it is shared with the copy; deep_clone copies that too.',
  params: [{ name: 'value', type: mapOrArray, about: 'What to copy' }],
  gives: { type: 'map or array', about: 'The copy' },
  example: `let a = {"tags": [1]}
let b = clone(a)
b.name = "b"
push(b.tags, 2)
log(a)  // expect: {"tags": [1, 2]}`,
  failing: 'clone("text")  // expect error: clone: value must be a map or an array, got the string "text"',
  run: (value) => (Array.isArray(value) ? value.slice() : value.clone()),
});

export const deep_clone = defineBuiltin({
  name: 'deep_clone',
  group: 'map',
  summary: 'Copies a map or an array with all maps and arrays in it',
  details:
    'What is in several places stays one and the same in the copy, and so do cycles. Functions, errors, tasks and channels are shared.',
  params: [{ name: 'value', type: mapOrArray, about: 'What to copy' }],
  gives: { type: 'map or array', about: 'The copy' },
  aliases: ['deepClone'],
  example: `let a = {"tags": [1]}
let b = deep_clone(a)
push(b.tags, 2)
log(a, b)  // expect: {"tags": [1]} {"tags": [1, 2]}`,
  failing: 'deep_clone(5)  // expect error: deep_clone: value must be a map or an array, got the number 5',
  run: (value) => copyDeeply(value),
});

type Container = Value[] | MapValue;

/** With a list of what is still to be copied, not by recursion: nesting may be deeper than the stack. */
function copyDeeply(root: Container): Container {
  const copies = new Map<Container, Container>();
  const open: Container[] = [];
  const copyOf = (value: Value): Value => {
    if (!Array.isArray(value) && !(value instanceof MapValue)) return value;
    let copy = copies.get(value);
    if (copy === undefined) {
      copy = Array.isArray(value) ? value.slice() : value.clone();
      copies.set(value, copy);
      open.push(copy);
    }
    return copy;
  };
  const result = copyOf(root) as Container;
  for (let copy = open.pop(); copy !== undefined; copy = open.pop()) {
    if (Array.isArray(copy)) {
      for (let i = 0; i < copy.length; i++) copy[i] = copyOf(copy[i]!);
    } else {
      for (const [name, value] of copy.entries()) copy.set(name, copyOf(value));
    }
  }
  return result;
}

export const map_values = defineBuiltin({
  name: 'map_values',
  group: 'map',
  summary: 'Gives a map with the same keys and what a function makes of each value',
  params: [
    theMap,
    { name: 'f', type: fn, about: 'Makes a new value of a value', calls: { with: 'value, [key]', as: 'call' } },
  ],
  gives: { type: 'map', about: 'A new map' },
  example: 'log(map_values({"a": 1, "b": 2}, fn(v, k) => k + v * 10))  // expect: {"a": "a10", "b": "b20"}',
  failing: 'map_values({"a": 1}, 2)  // expect error: map_values: f must be a function, got the number 2',
  waits: 'with its callback',
  run: dual(function* (m: MapValue, f: FunctionValue): Steps<Value> {
    const results = new Map<string, Value>();
    for (const name of m.keys()) {
      const value = m.get(name);
      if (value !== undefined) results.set(name, yield* call(f, value, name));
    }
    return MapValue.of(results);
  }),
});

export const filter_keys = defineBuiltin({
  name: 'filter_keys',
  group: 'map',
  summary: 'Gives a map with the entries for whose keys a function gives something truthy',
  params: [
    theMap,
    { name: 'test', type: fn, about: 'Tells by a truthy result', calls: { with: 'key, [value]', as: 'call' } },
  ],
  gives: { type: 'map', about: 'A new map' },
  example: `let headers = {"host": "a", "x-id": 7}
log(filter_keys(headers, fn(k) => starts_with(k, "x-")))  // expect: {"x-id": 7}`,
  failing: 'filter_keys([1], fn(k) => true)  // expect error: filter_keys: m must be a map, got an array of 1',
  waits: 'with its callback',
  run: dual(function* (m: MapValue, test: FunctionValue): Steps<Value> {
    const kept = new Map<string, Value>();
    for (const name of m.keys()) {
      const value = m.get(name);
      if (value !== undefined && truthy(yield* call(test, name, value))) kept.set(name, value);
    }
    return MapValue.of(kept);
  }),
});

const mapOfKeys: Type<MapValue> = {
  name: 'map',
  takes: 'a map whose values are strings, numbers or booleans',
  test: '($ instanceof MapValue && check($))',
  check: (value) => (value as MapValue).values().every(isKey),
  explain: (value) => {
    if (!(value instanceof MapValue)) return null;
    const misfit = value.entries().find(([, each]) => !isKey(each));
    return misfit === undefined ? null : `the value of "${misfit[0]}" is ${describe(misfit[1])}`;
  },
};

export const invert = defineBuiltin({
  name: 'invert',
  group: 'map',
  summary: 'Gives a map from the values of a map to their keys',
  params: [{ name: 'm', type: mapOfKeys, about: 'The map; of two equal values the later key wins' }],
  gives: { type: 'map', about: 'A new map' },
  example: 'log(invert({"http": 80, "https": 443}))  // expect: {"80": "http", "443": "https"}',
  failing:
    'invert({"a": []})  // expect error: invert: m must be a map whose values are strings, numbers or booleans, got a map of 1',
  run: (m) => MapValue.of(m.entries().map(([name, value]): [string, Value] => [keyText(value as string), name])),
});
