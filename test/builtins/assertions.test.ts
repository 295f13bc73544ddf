/** The group test: what its functions accept, and what they say when something does not hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Steps } from '../../src/runtime/task';
import type { ErrorValue, Value } from '../../src/runtime/values';
import { equal } from '../../src/runtime/values';
import { differenceText } from '../../src/builtins/test/difference';
import { builtin, fails, run } from '../support/run-tasks';
import { builtin as named, call, everyKind, mapOf, refused } from './call-builtin';

test('assertions that hold give null', () => {
  for (const value of everyKind()) {
    if (!Number.isNaN(value)) assert.equal(call('assert_eq', value, value), null);
    assert.equal(call('assert_ne', value, 'something else'), null);
    assert.equal(call('assert_type', value, call('type', value)), null);
    assert.equal(call(value === null ? 'assert_null' : 'assert_not_null', value), null);
  }
  assert.equal(call('assert_true', true), null);
  assert.equal(call('assert_false', false), null);
  assert.equal(call('assert_near', Infinity, Infinity), null);
  assert.equal(call('assert_near', 1, 1.5, 0.5), null);
  assert.equal(call('assert_contains', [[1]], [1]), null);
});

test('assertions that do not hold say what they got', () => {
  refused('EASSERT', /^assert_ne: both values are \{"a": 1\}$/, 'assert_ne', mapOf({ a: 1 }), mapOf({ a: 1 }));
  refused('EASSERT', /^assert_true: expected true, got the number 1$/, 'assert_true', 1);
  refused('EASSERT', /^assert_false: why: expected false, got null$/, 'assert_false', null, 'why');
  refused('EASSERT', /^assert_null: expected null, got an empty array$/, 'assert_null', []);
  refused('EASSERT', /^assert_near: NaN is not within 1 of 1, it differs by NaN$/, 'assert_near', NaN, 1, 1);
  refused('EASSERT', /does not contain "B"$/, 'assert_contains', 'abc', 'B');
  refused('EASSERT', /does not contain 5$/, 'assert_contains', 'a5', 5);
  refused('EASSERT', /does not contain \["a"\]$/, 'assert_contains', mapOf({ a: 1 }), ['a']);
  refused('ETYPE', 'assert_type: type must be "null", "boolean"', 'assert_type', 1, 'integer');
  const error = refused('EASSERT', 'the values differ', 'assert_eq', 1, 2);
  assert.deepEqual([error.get('actual'), error.get('expected'), error.function], [1, 2, 'assert_eq']);
});

const GOLDEN: readonly [unknown, unknown, string][] = [
  [1, '1', '\n  got:      1\n  expected: "1"'],
  ['hello', 'hallo', '\n  got:      "hello"\n  expected: "hallo"\n              ^'],
  [
    [1, 2, 3],
    [1, 3],
    '\n  got:      [1, 2, 3]\n  expected: [1, 3]\n  difference (- expected, + got):\n    [\n      1\n  +   2\n      3\n    ]',
  ],
  [
    mapOf({ b: 1, a: mapOf({ x: [1] }) }),
    mapOf({ a: mapOf({ x: [2] }), b: 1 }),
    `
  got:      {"b": 1, "a": {"x": [1]}}
  expected: {"a": {"x": [2]}, "b": 1}
  difference (- expected, + got):
    {
      "a": {
        "x": [
  -       2
  +       1
        ]
      }
      "b": 1
    }`,
  ],
  [
    'one\ntwo\n',
    'one\n2\n',
    '\n  got:      "one\\ntwo\\n"\n  expected: "one\\n2\\n"\n  difference (- expected, + got):\n    one\n  - 2\n  + two\n    ',
  ],
];

for (const [actual, expected, text] of GOLDEN) {
  test(`the difference of ${JSON.stringify(actual)} and ${JSON.stringify(expected)}`, () =>
    assert.equal(differenceText(actual as Value, expected as Value), text));
}

test('of long values only what is near a difference is shown, and never too much', () => {
  const long = Array.from({ length: 1000 }, (_, i) => i);
  const text = differenceText(long, [...long.slice(0, 500), -1, ...long.slice(501)]);
  assert.ok(text.split('\n').length < 20, text);
  assert.match(text, / {4}…\n {6}497\n {6}498\n {6}499\n {2}- {3}-1\n {2}\+ {3}500\n/);
  const other = differenceText(
    long,
    long.map((each) => each + 0.5),
  );
  assert.ok(other.length < 5000 && other.split('\n').length < 70, other);
  const cycle: Value[] = [1];
  cycle.push(cycle);
  assert.match(differenceText(cycle, [1, 2]), /\[\.\.\.\]/);
});

const value = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 0, max: 3 }),
    fc.constantFrom<Value>(null, 'a', 'b\nc', true),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value')).map((fields) => mapOf(fields)),
  ),
})).value;

test('values that differ show a difference, unless only their kinds do', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const text = differenceText(a, b);
      if (!equal(a, b) && Array.isArray(a) && Array.isArray(b)) assert.match(text, /^ {2}[-+] /m);
    }),
  );
});

// ---------------------------------------------------------------- functions

test('assert_throws gives what was thrown, and waits where the function does', () =>
  run(function* () {
    const thrown = mapOf({ a: 1 });
    const plain = () => {
      throw thrown;
    };
    assert.equal(yield* builtin('assert_throws', plain as never), thrown);
    const slow = function* (): Generator {
      yield* builtin('sleep', 5);
      yield* builtin('json_parse', '{');
    };
    const error = (yield* builtinWaiting('assert_throws', slow, 'EJSON')) as ErrorValue;
    assert.equal(error.code, 'EJSON');
    const wrong = yield* fails('EASSERT', builtinWaiting('assert_throws', slow, 'EOTHER'));
    assert.match(wrong.message, /^assert_throws: expected the code EOTHER, got EJSON: json_parse/);
    const nothing = yield* fails(
      'EASSERT',
      builtin('assert_throws', () => 5, 'EX', 'about'),
    );
    assert.equal(nothing.message, 'assert_throws: about: the function returned the number 5 and threw nothing');
    yield* fails('EASSERT', builtin('assert_throws', plain, 'EX'), /an error with the code EX, got a map of 1/);
  }));

function builtinWaiting(name: string, f: unknown, ...args: Value[]): Steps<Value> {
  return named(name).checkedWaiting(f as Value, ...args) as Steps<Value>;
}
