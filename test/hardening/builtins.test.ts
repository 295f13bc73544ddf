/**
 * Every built-in that needs nothing from outside is called with values of every type in every place: what it
 * gives is a value of the language through and through, and what it throws is a proper error.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins } from '../../src/builtins/registry';
import { flush } from '../../src/host/process';
import { node } from '../../src/host/node';
import { caught, fault } from '../../src/runtime/errors';
import { cancelTask } from '../../src/runtime/scheduler';
import { Channel, ErrorValue, MapValue, Task, typeName } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

/** Fresh values each time, since some are changed. */
const MAKERS: readonly (() => Value)[] = [
  () => null,
  () => true,
  () => 0,
  () => 2,
  () => -1,
  () => 0.5,
  () => NaN,
  () => Infinity,
  () => 2 ** 53,
  () => 1e9,
  () => '',
  () => 'a,b',
  () => '{} {x} {0}',
  () => '__proto__',
  () => 'x\udc80👍\ud800',
  () => [],
  () => [3, 1, 2],
  () => ['b', 'a', null],
  () => [
    ['a', 1],
    ['__proto__', 2],
  ],
  () => cyclicArray(),
  () => new MapValue(),
  () => MapValue.from({ a: 1, constructor: 'b', times: 2 }),
  () => (item: Value) => item ?? null,
  () => (a: Value, b: Value) => (typeof a === 'number' && typeof b === 'number' ? a - b : 0),
  () => () => {
    throw new RangeError('Maximum call stack size exceeded');
  },
  () => fault('ETEST', 'a test'),
  () => new Channel(0),
  () => new Task(null, null),
];

function cyclicArray(): Value[] {
  const array: Value[] = [1];
  array.push(array);
  return array;
}

/** They print, end the process or wait for a person. */
const LEFT_OUT = new Set(['log', 'print', 'eprint', 'exit']);
/** Every third value in a place where all would be too many. */
const THIRD = MAKERS.filter((_make, i) => i % 3 === 1);

function assertValue(value: unknown, what: string, depth = 0): void {
  assert.notEqual(value, undefined, `${what}: undefined`);
  typeName(value as Value);
  if (depth > 20) return;
  if (Array.isArray(value)) {
    for (let i = 0; i < Math.min(value.length, 50); i++) assertValue(value[i], `${what}[${i}]`, depth + 1);
  } else if (value instanceof MapValue) {
    for (const [key, item] of value.entries()) assertValue(item, `${what}.${key}`, depth + 1);
  } else if (typeof value === 'object' && value !== null) {
    assert.ok(value instanceof ErrorValue || value instanceof Task || value instanceof Channel, what);
  }
}

function attempt(builtin: Builtin, makers: readonly (() => Value)[]): void {
  const args = makers.map((make) => make());
  const what = `${builtin.name}(${makers.map((make) => MAKERS.indexOf(make)).join(', ')})`;
  let result: unknown;
  try {
    result = builtin.checked(...args);
  } catch (thrown) {
    const error = caught(thrown);
    assert.ok(error instanceof ErrorValue, `${what} threw ${typeof error}`);
    assert.notEqual(error.code, 'EINTERNAL', `${what}: ${error.message}`);
    assert.doesNotMatch(
      error.message,
      builtin.name === 'assert' ? /undefined/ : /^$|undefined|\[object|prototype of/,
      what,
    );
    return;
  }
  assertValue(result, what);
  // What goes on until somebody stops it.
  if (result instanceof Task) cancelTask(result);
}

const written: string[] = [];
const writeSync = node.fs.writeSync;
(node.fs as { writeSync: unknown }).writeSync = (fd: number, bytes: Buffer, ...rest: never[]): number => {
  if (fd !== 1) return writeSync(fd, bytes, ...rest);
  written.push(bytes.toString());
  return bytes.length;
};
after(() => {
  flush();
  node.fs.writeSync = writeSync;
});

describe('values of every type in every place', () => {
  for (const builtin of allBuiltins()) {
    if (!(builtin instanceof Builtin) || builtin.waits || builtin.definition.permission !== undefined) continue;
    if (LEFT_OUT.has(builtin.name)) continue;
    test(builtin.name, () => {
      attempt(builtin, []);
      const most = Math.min(3, builtin.definition.params.length + (builtin.maxArgs === Infinity ? 1 : 0));
      for (const first of MAKERS) {
        attempt(builtin, [first]);
        if (most > 1) for (const second of MAKERS) attempt(builtin, [first, second]);
        if (most > 2) for (const second of MAKERS) for (const third of THIRD) attempt(builtin, [first, second, third]);
      }
    });
  }
});
