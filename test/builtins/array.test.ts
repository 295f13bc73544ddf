/** The group array: each function against JavaScript's own or a simple model; callbacks; changing while walking. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findBuiltin } from '../../src/builtins/registry';
import type { Builtin } from '../../src/builtins/define-builtin';
import { equal } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { call, callWaiting, entriesOf, mapOf, property, refused } from './call-builtin';

const numbers = fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true })), { maxLength: 60 });
const small = fc.integer({ min: 0, max: 4 });
const smalls = fc.array(small, { maxLength: 30 });
const place = fc.integer({ min: -35, max: 35 });
const nested = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, small, fc.constantFrom('a', null, true), fc.array(tie('value'), { maxLength: 4 })),
})).value;
const items = fc.array(nested, { maxLength: 12 });

/** Both forms must agree. */
function both(name: string, makeArgs: () => unknown[], expected: unknown): void {
  assert.deepEqual(call(name, ...makeArgs()), expected);
  assert.deepEqual(callWaiting(name, ...makeArgs()), expected);
}

const odd = (n: number): boolean => n % 2 === 1;

test(
  'map, filter, find, find_index, any, all, partition',
  property(smalls, (list: number[]) => {
    both(
      'map',
      () => [list, (n: number, i: number) => n * 10 + i],
      list.map((n, i) => n * 10 + i),
    );
    both('filter', () => [list, odd], list.filter(odd));
    both('find', () => [list, odd], list.find(odd) ?? null);
    both('find_index', () => [list, odd], list.findIndex(odd));
    both('any', () => [list, odd], list.some(odd));
    both('all', () => [list, odd], list.every(odd));
    both('any', () => [list], list.some(Boolean));
    both('all', () => [list], list.every(Boolean));
    both('partition', () => [list, odd], [list.filter(odd), list.filter((n) => !odd(n))]);
    both('count', () => [list, odd], list.filter(odd).length);
    both('count', () => [list, 3], list.filter((n) => n === 3).length);
  }),
);
test(
  'reduce',
  property(smalls, (list: number[]) => {
    const join = (a: unknown, b: unknown): string => `${String(a)}${String(b)}`;
    both('reduce', () => [list, join, '>'], list.reduce(join as never, '>'));
    if (list.length > 0) both('reduce', () => [list, join], list.reduce(join as never));
  }),
);
test(
  'group_by and count_by',
  property(smalls, (list: number[]) => {
    const groups = new Map<string, number[]>();
    for (const n of list) groups.set(String(n % 3), [...(groups.get(String(n % 3)) ?? []), n]);
    const key = (n: number): number => n % 3;
    assert.deepEqual(entriesOf(call('group_by', list, key)), [...groups]);
    assert.deepEqual(entriesOf(callWaiting('group_by', list, key)), [...groups]);
    assert.deepEqual(
      entriesOf(call('count_by', list, key)),
      [...groups].map(([name, group]) => [name, group.length]),
    );
  }),
);
test(
  'sort orders numbers by value',
  property(numbers, (list: number[]) => {
    const expected = [...list].sort((a, b) => a - b);
    assert.equal(String(call('sorted', list)), String(expected));
    const same = [...list];
    assert.equal(call('sort', same), same);
    assert.equal(same.toString(), expected.toString());
  }),
);
test(
  'sort with a function is stable',
  property(fc.array(fc.tuple(small, fc.integer()), { maxLength: 100 }), (pairs: [number, number][]) => {
    const compare = (a: [number, number], b: [number, number]): number => a[0] - b[0];
    const expected = [...pairs].sort(compare);
    both('sort', () => [[...pairs], compare], expected);
    both('sorted', () => [pairs, compare], expected);
    both('sort_by', () => [pairs, (pair: [number, number]) => pair[0]], expected);
    both('sort_by', () => [pairs, (pair: [number, number]) => String(pair[0])], expected);
  }),
);
test(
  'push, pop, shift, unshift',
  property(smalls, smalls, (list: number[], more: number[]) => {
    fc.pre(more.length > 0);
    const a = [...list];
    assert.equal(call('push', a, ...more), a);
    assert.deepEqual(a, [...list, ...more]);
    assert.equal(call('pop', a), more.at(-1));
    const b = [...list];
    call('unshift', b, ...more);
    assert.deepEqual(b, [...more, ...list]);
    assert.equal(call('shift', b), more[0]);
    assert.deepEqual(b, [...more.slice(1), ...list]);
  }),
);
test(
  'insert, remove_at, remove',
  property(smalls, place, small, (list: number[], at: number, value: number) => {
    const size = list.length;
    const index = at < 0 ? at + size : at;
    if (index < 0 || index > size)
      refused('EINDEX', `index ${at} is outside of the array`, 'insert', [...list], at, value);
    else assert.deepEqual(call('insert', [...list], at, value), [...list.slice(0, index), value, ...list.slice(index)]);
    const rest = [...list];
    if (size === 0) assert.equal(call('remove_at', rest, at), null);
    else if (index < 0 || index >= size) refused('EINDEX', 'is outside of the array', 'remove_at', rest, at);
    else {
      assert.equal(call('remove_at', rest, at), list[index]);
      assert.deepEqual(rest, list.toSpliced(index, 1));
    }
    const first = list.indexOf(value);
    assert.deepEqual(call('remove', [...list], value), first < 0 ? list : list.toSpliced(first, 1));
  }),
);
test(
  'slice, take, drop, first, last, get',
  property(smalls, place, place, (list: number[], start: number, end: number) => {
    assert.deepEqual(call('slice', list, start, end), list.slice(start, end));
    assert.deepEqual(call('slice', list, start), list.slice(start));
    assert.deepEqual(call('take', list, Math.abs(end)), list.slice(0, Math.abs(end)));
    assert.deepEqual(call('drop', list, Math.abs(end)), list.slice(Math.abs(end)));
    assert.equal(call('first', list), list[0] ?? null);
    assert.equal(call('last', list), list.at(-1) ?? null);
    assert.equal(call('get', list, start, 'none'), list.at(start) ?? 'none');
  }),
);
test(
  'index_of, last_index_of, contains compare by content',
  property(items, nested, (list: Value[], value: Value) => {
    const found = list.flatMap((item, i) => (equal(item, value) ? [i] : []));
    assert.equal(call('index_of', list, value), found[0] ?? -1);
    assert.equal(call('last_index_of', list, value), found.at(-1) ?? -1);
    assert.equal(call('contains', list, value), found.length > 0);
    assert.equal(call('count', list, value), found.length);
  }),
);
test(
  'unique keeps the first of equal ones',
  property(items, (list: Value[]) => {
    const kept: Value[] = [];
    for (const item of list) if (!kept.some((other) => equal(other, item))) kept.push(item);
    assert.deepEqual(call('unique', list), kept);
  }),
);
test(
  'flatten',
  property(items, fc.nat(4), (list: Value[], depth: number) => {
    assert.deepEqual(call('flatten', list, depth), (list as unknown[]).flat(depth));
    assert.deepEqual(call('flatten', list), (list as unknown[]).flat());
  }),
);
test(
  'fill',
  property(smalls, place, place, (list: number[], start: number, end: number) => {
    assert.deepEqual(call('fill', [...list], 'x', start, end), (list as unknown[]).slice().fill('x', start, end));
    assert.deepEqual(
      call('fill', [...list], 'x'),
      list.map(() => 'x'),
    );
    assert.deepEqual(
      call('fill', list.length, 7),
      list.map(() => 7),
    );
  }),
);
test(
  'zip, enumerate, chunk, concat, reverse',
  property(smalls, smalls, fc.integer({ min: 1, max: 9 }), (a: number[], b: number[], size: number) => {
    assert.deepEqual(
      call('zip', a, b),
      a.slice(0, b.length).map((x, i) => [x, b[i]]),
    );
    assert.deepEqual(
      call('enumerate', a, size),
      a.map((x, i) => [i + size, x]),
    );
    const chunks = call('chunk', a, size) as number[][];
    assert.deepEqual(chunks.flat(), a);
    assert.ok(chunks.every((each, i) => each.length === size || (i === chunks.length - 1 && each.length > 0)));
    assert.deepEqual(call('concat', a, b, a), [...a, ...b, ...a]);
    const same = [...a];
    assert.equal(call('reverse', same), same);
    assert.deepEqual(same, a.toReversed());
  }),
);
test(
  'sum, average, min, max',
  property(fc.array(fc.integer(), { minLength: 1, maxLength: 50 }), (list: number[]) => {
    const sum = list.reduce((a, b) => a + b, 0);
    assert.equal(call('sum', list), sum);
    assert.equal(call('average', list), sum / list.length);
    assert.equal(call('min', list), Math.min(...list));
    assert.equal(call('max', list), Math.max(...list));
    assert.equal(call('min', ...list), Math.min(...list));
    assert.equal(call('max', ...list), Math.max(...list));
  }),
);
test(
  'range',
  property(
    fc.integer({ min: -20, max: 20 }),
    fc.integer({ min: -20, max: 20 }),
    fc.integer({ min: -5, max: 5 }),
    (start: number, end: number, step: number) => {
      if (step === 0) return void refused('ERANGE', 'the step is 0', 'range', start, end, step);
      const expected: number[] = [];
      for (let i = start; step > 0 ? i < end : i > end; i += step) expected.push(i);
      assert.deepEqual(call('range', start, end, step), expected);
    },
  ),
);

test('concat and slice leave the array as it is', () => {
  const a = [1, 2];
  call('concat', a, [3]);
  call('slice', a, 1);
  assert.deepEqual(a, [1, 2]);
});

test('NaN sorts last, alone and by key', () => {
  assert.deepEqual(call('sorted', [NaN, 1, -Infinity, NaN, 0]), [-Infinity, 0, 1, NaN, NaN]);
  assert.deepEqual(
    call('sort_by', [NaN, 1, 0], (x: number) => x),
    [0, 1, NaN],
  );
  assert.equal(call('max', [1, NaN]), NaN);
  assert.equal(call('min', 1, NaN), NaN);
});

test('what has no order is refused', () => {
  refused('ETYPE', 'element 0 is the number 1 and element 2 is the string "b"', 'sort', [1, 2, 'b']);
  refused('ETYPE', 'element 0 is null', 'sorted', [null, 1]);
  refused('ETYPE', 'key gave null for element 1 and the number 5 for element 0', 'sort_by', [5, null], (x: Value) => x);
  refused('ETYPE', 'compare must give a number (negative, 0 or positive), it gave true', 'sort', [2, 1], () => true);
});

test('a sort that fails leaves the array as it was', () => {
  const list = [3, 1, 2];
  assert.throws(() => call('sort', list, (a: number) => (a === 1 ? null : 1)));
  assert.deepEqual(list, [3, 1, 2]);
});

test('a compare that changes the array does no harm', () => {
  const list = [3, 1, 2, 5, 4, 9, 8, 7, 6, 0, 10];
  call('sort', list, (a: number, b: number) => {
    list.length = 0;
    return a - b;
  });
  assert.deepEqual(list, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a callback that appends is called for what it appends, up to a limit of its own', () => {
  const list = [1];
  assert.deepEqual(
    call('map', list, (n: number) => (n < 5 ? (list.push(n + 1), n) : n)),
    [1, 2, 3, 4, 5],
  );
});

test('a callback that takes out what comes is not called for it', () => {
  for (const name of [
    'map',
    'filter',
    'each',
    'find',
    'any',
    'all',
    'partition',
    'group_by',
    'sort_by',
    'reduce',
    'count',
  ]) {
    const list = [1, 2, 3, 4];
    const seen: unknown[] = [];
    call(name, list, (...args: unknown[]) => {
      seen.push(name === 'reduce' ? args[1] : args[0]);
      list.length = Math.max(0, list.length - 2);
      return name === 'all' ? true : name === 'sort_by' ? 1 : name === 'reduce' ? 0 : false;
    });
    assert.ok(seen.length <= 2 && seen.every((item) => typeof item === 'number'), name);
  }
});

test('a built-in as a callback takes what it requires', () => {
  const value = (name: string): unknown => (findBuiltin(name) as Builtin).value;
  assert.deepEqual(call('map', ['7', 'x'], value('num')), [7, null]);
  assert.deepEqual(call('map', ['a b', 'c'], value('split')), [['a', 'b'], ['c']]);
  assert.deepEqual(call('map', [[1, 2], [3]], value('max')), [2, 3]);
  assert.equal(call('reduce', [1, 9, 3], value('max')), 9);
  assert.deepEqual(
    callWaiting(
      'map',
      [
        [3, 1],
        [2, 1],
      ],
      value('sort'),
    ),
    [
      [1, 3],
      [1, 2],
    ],
  );
  assert.deepEqual(
    call('map', [1, 2], (...all: unknown[]) => all.length),
    [2, 2],
  );
});

test('what is waited for inside of a callback is waited for', () => {
  const steps = (findBuiltin('map') as Builtin).checkedWaiting([1, 2], function* (n: Value): Generator<
    unknown,
    unknown,
    unknown
  > {
    return [n, yield 'wait'];
  }) as Generator;
  assert.deepEqual(steps.next(), { value: 'wait', done: false });
  assert.deepEqual(steps.next('a'), { value: 'wait', done: false });
  assert.deepEqual(steps.next('b'), {
    value: [
      [1, 'a'],
      [2, 'b'],
    ],
    done: true,
  });
});

test('a compare that waits sorts as one that does not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(small, fc.integer()), { maxLength: 40 }), (pairs) => {
      const steps = (findBuiltin('sorted') as Builtin).checkedWaiting(pairs, function* (a: Value, b: Value): Generator<
        unknown,
        unknown,
        unknown
      > {
        yield 'wait';
        return (a as number[])[0]! - (b as number[])[0]!;
      }) as Generator;
      let step = steps.next();
      while (!step.done) step = steps.next();
      assert.deepEqual(
        step.value,
        [...pairs].sort((a, b) => a[0] - b[0]),
      );
    }),
    { numRuns: 50 },
  );
});

test('nothing of an empty array', () => {
  refused('EEMPTY', 'the array is empty', 'average', []);
  refused('EEMPTY', 'the array is empty', 'min', []);
  refused('EEMPTY', 'the array is empty', 'max', []);
  refused('EEMPTY', 'there is no initial value', 'reduce', [], () => 1);
  for (const name of ['pop', 'shift', 'first', 'last']) assert.equal(call(name, []), null);
});

test('elements of the wrong type are named', () => {
  const error = refused('ETYPE', 'sum: values must be an array of numbers, got an array of 2', 'sum', [1, '2']);
  assert.equal(error.hint, 'its element 1 is the string "2"');
  refused('ETYPE', 'max: more must be a number, got null', 'max', 1, null);
  refused('ETYPE', 'one array of numbers, or numbers one by one', 'max', [1], 2);
  refused(
    'ETYPE',
    'group_by: key must give a string, a number or a boolean, it gave an empty array',
    'group_by',
    [1],
    () => [],
  );
});

test('arrays beyond what fits are refused', () => {
  refused('ERANGE', 'more than the 50000000 it may have', 'range', 1e12);
  refused('ERANGE', 'more than the 50000000 it may have', 'range', -1e300, 1e300, 1e-300);
  refused('ERANGE', 'more than the 50000000 it may have', 'fill', 2 ** 40, 0);
  let tree: Value[] = [1, 2, 3, 4, 5, 6, 7, 8];
  for (let i = 0; i < 12; i++) tree = [tree, tree, tree, tree, tree, tree, tree, tree].slice(0, 2);
  assert.equal((call('flatten', tree, 1000) as unknown[]).length, 8 * 2 ** 12);
});

test('an array that holds itself cannot be flattened, compared with itself it can', () => {
  const loop: unknown[] = [1];
  loop.push(loop);
  refused('ECYCLE', 'the array holds itself', 'flatten', loop, 3);
  assert.equal((call('unique', [loop, loop]) as unknown[]).length, 1);
});

test('many different maps are told apart quickly', () => {
  const rows = Array.from({ length: 20_000 }, (_none, i) => mapOf({ host: `10.0.${i >> 8}.${i & 255}`, port: i % 7 }));
  const started = performance.now();
  assert.equal((call('unique', [...rows, ...rows]) as unknown[]).length, 20_000);
  assert.ok(performance.now() - started < 3000);
});

test('a million numbers are sorted in about the time of a typed array', () => {
  const list = Array.from({ length: 1_000_000 }, (_none, i) => (i * 7919) % 1_000_003);
  const expected = Float64Array.from(list).sort();
  const sorted = call('sorted', list) as number[];
  assert.equal(sorted.length, expected.length);
  for (let i = 0; i < sorted.length; i += 997) assert.equal(sorted[i], expected[i]);
});
