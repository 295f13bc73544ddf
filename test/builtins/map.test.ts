/** The group map against JavaScript's Map, with the keys that would trouble plain objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { call, callWaiting, entriesOf, mapOf, property, refused } from './call-builtin';

const key = fc.constantFrom(
  'a',
  'b',
  '',
  '443',
  '80',
  '__proto__',
  'constructor',
  'toString',
  'm',
  '$a',
  'hasOwnProperty',
  '😀',
  '\udc80',
);
const entries = fc.array(fc.tuple(key, fc.integer({ min: 0, max: 3 })), { maxLength: 20 });

/** As a program may make it: a record, or entries put in one by one. */
function made(list: [string, number][], record: boolean): MapValue {
  const map = new MapValue();
  for (const [name, value] of list) {
    if (record) map.setConstant(name, value);
    else map.set(name, value);
  }
  return map;
}

test(
  'keys, values, entries, from_entries, has, get, len',
  property(entries, fc.boolean(), key, (list: [string, number][], record: boolean, name: string) => {
    const model = new Map(list);
    const map = made(list, record);
    assert.deepEqual(call('keys', map), [...model.keys()]);
    assert.deepEqual(call('values', map), [...model.values()]);
    assert.deepEqual(call('entries', map), [...model]);
    assert.deepEqual(entriesOf(call('from_entries', call('entries', map))), [...model]);
    assert.equal(call('has', map, name), model.has(name));
    assert.equal(call('contains', map, name), model.has(name));
    assert.equal(call('get', map, name), model.get(name) ?? null);
    assert.equal(call('get', map, name, 'none'), model.get(name) ?? 'none');
    assert.equal(call('len', map), model.size);
  }),
);
test(
  'delete changes the map and tells',
  property(entries, fc.boolean(), key, (list: [string, number][], record: boolean, name: string) => {
    const model = new Map(list);
    const map = made(list, record);
    assert.equal(call('delete', map, name), model.delete(name));
    assert.deepEqual(entriesOf(map), [...model]);
  }),
);
test(
  'merge and clone make new maps',
  property(entries, entries, fc.boolean(), (a: [string, number][], b: [string, number][], record: boolean) => {
    const first = made(a, record);
    const second = made(b, !record);
    assert.deepEqual(entriesOf(call('merge', first, second)), [...new Map([...a, ...b])]);
    assert.deepEqual(entriesOf(first), [...new Map(a)]);
    const copy = call('clone', first) as MapValue;
    copy.set('new', 1);
    assert.equal(
      first.has('new'),
      a.some(([name]) => name === 'new'),
    );
  }),
);
test(
  'map_values, filter_keys, invert',
  property(entries, fc.boolean(), (list: [string, number][], record: boolean) => {
    const model = [...new Map(list)];
    for (const run of [call, callWaiting]) {
      const map = made(list, record);
      assert.deepEqual(
        entriesOf(run('map_values', map, (value: number, name: string) => name + String(value))),
        model.map(([name, value]) => [name, name + String(value)]),
      );
      assert.deepEqual(
        entriesOf(run('filter_keys', map, (name: string, value: number) => name.length > 1 && value > 0)),
        model.filter(([name, value]) => name.length > 1 && value > 0),
      );
    }
    assert.deepEqual(entriesOf(call('invert', made(list, record))), [
      ...new Map(model.map(([name, value]) => [String(value), name])),
    ]);
  }),
);

test('numbers and booleans are keys as their text', () => {
  const map = call('from_entries', [
    [1, 'a'],
    [true, 'b'],
    [-0, 'c'],
    [0.5, 'd'],
  ]) as MapValue;
  assert.deepEqual(call('keys', map), ['1', 'true', '0', '0.5']);
  assert.equal(call('get', map, 1), 'a');
  assert.equal(call('has', map, true), true);
  assert.equal(call('delete', map, 0), true);
});

test('a value of null is there', () => {
  const map = mapOf({ a: null });
  assert.equal(call('has', map, 'a'), true);
  assert.equal(call('get', map, 'a', 5), null);
});

test('get reads arrays from both ends', () => {
  assert.equal(call('get', [7, 8], -2), 7);
  assert.equal(call('get', [7, 8], -3, 'none'), 'none');
  refused('ETYPE', 'get: key must be a whole number, got true', 'get', [7], true);
  refused('ETYPE', 'get: value must be a map or an array, got null', 'get', null, 'a');
});

test('deep_clone keeps what is shared, and cycles', () => {
  const shared: Value[] = [1];
  const map = mapOf({ a: shared, b: shared });
  map.set('self', map);
  const copy = call('deep_clone', map) as MapValue;
  assert.notEqual(copy, map);
  assert.notEqual(copy.get('a'), shared);
  assert.equal(copy.get('a'), copy.get('b'));
  assert.equal(copy.get('self'), copy);
  shared.push(2);
  assert.deepEqual(copy.get('a'), [1]);
});

test('deep_clone copies nesting deeper than the stack', () => {
  let deep: Value[] = [];
  for (let i = 0; i < 200_000; i++) deep = [deep];
  let copy = call('deep_clone', deep) as Value[];
  let depth = 0;
  for (; copy.length > 0; copy = copy[0] as Value[]) depth++;
  assert.equal(depth, 200_000);
});

test('a callback that takes out an entry is not called for it', () => {
  for (const name of ['map_values', 'filter_keys']) {
    const map = mapOf({ a: 1, b: 2, c: 3 });
    let calls = 0;
    call(name, map, () => {
      calls++;
      map.delete('b');
      map.set('new', 9);
      return true;
    });
    assert.equal(calls, 2, name);
  }
});

test('the arguments are checked', () => {
  refused('ETYPE', 'keys: m must be a map, got an array of 1', 'keys', [1]);
  refused('ETYPE', 'has: key must be a string, a number or a boolean, got null', 'has', mapOf({}), null);
  refused('ETYPE', 'merge: others must be a map, got null', 'merge', mapOf({}), null);
  assert.equal(
    refused('ETYPE', 'invert: m must be a map whose values', 'invert', mapOf({ a: null })).hint,
    'the value of "a" is null',
  );
  assert.equal(
    refused('ETYPE', 'from_entries: entries must be', 'from_entries', [
      ['a', 1],
      [null, 1],
    ]).hint,
    'the key of its element 1 is null',
  );
  assert.equal(
    refused('ETYPE', 'from_entries: entries must be', 'from_entries', [['a']]).hint,
    'its element 0 is an array of 1',
  );
});

test('no prototype is reached or changed', () => {
  const map = call('from_entries', [
    ['__proto__', mapOf({ polluted: true })],
    ['constructor', 1],
  ]) as MapValue;
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.deepEqual(call('keys', call('deep_clone', map)), ['__proto__', 'constructor']);
  assert.deepEqual(call('keys', call('merge', mapOf({}), map)), ['__proto__', 'constructor']);
  assert.equal(call('has', mapOf({}), '__proto__'), false);
});
