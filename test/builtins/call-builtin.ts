/** Calls built-ins from tests through their checked forms, as compiled programs do. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins, findBuiltin } from '../../src/builtins/registry';
import { Channel } from '../../src/runtime/channel';
import { fault } from '../../src/runtime/errors';
import { Task } from '../../src/runtime/task';
import { ErrorValue, MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

export function builtin(name: string): Builtin {
  const found = findBuiltin(name);
  assert.ok(found instanceof Builtin, `there is no built-in ${name}`);
  return found;
}

/** Calls the plain form. A test may pass and get JavaScript arrays and functions of its own. */
export function call(name: string, ...args: unknown[]): unknown {
  return builtin(name).checked(...(args as Value[]));
}

/** Calls the form for callbacks that wait, and runs it to its end; no callback may wait here. */
export function callWaiting(name: string, ...args: unknown[]): unknown {
  const steps = (builtin(name).checkedWaiting(...(args as Value[])) as Generator).next();
  assert.ok(steps.done, `${name} waited`);
  return steps.value as unknown;
}

/** Expects an error of the language; gives it. */
export function refused(code: string, message: RegExp | string, name: string, ...args: unknown[]): ErrorValue {
  try {
    call(name, ...args);
  } catch (error) {
    if (!(error instanceof ErrorValue)) throw error;
    assert.equal(error.code, code, error.message);
    if (typeof message === 'string') assert.ok(error.message.includes(message), error.message);
    else assert.match(error.message, message);
    assert.ok(error.message.startsWith(`${name}: `) || name === 'assert', `it names no function: ${error.message}`);
    return error;
  }
  return assert.fail(`${name} did not fail`);
}

export function mapOf(fields: Record<string, unknown>): MapValue {
  return MapValue.of(Object.entries(fields) as [string, Value][]);
}

/** A map as a list of entries, for comparing. */
export function entriesOf(map: unknown): [string, unknown][] {
  assert.ok(map instanceof MapValue);
  return map.entries();
}

/** One or more values of each kind, with the troublesome ones among them; new containers each time. */
export function everyKind(): Value[] {
  const cycle: Value[] = [1];
  cycle.push(cycle);
  return [
    null,
    true,
    0,
    -1,
    2,
    2.5,
    2 ** 31,
    1e300,
    NaN,
    -Infinity,
    '',
    'a😀\udc80b',
    '{:5} {x}',
    [],
    [3, 1, 2],
    ['b', null, [1]],
    [['k', 1]],
    cycle,
    new MapValue(),
    mapOf({ a: 1, __proto__x: 'y' }),
    (x: Value) => x ?? null,
    fault('ETEST', 'a test'),
    new Task(null, null),
    new Channel(0),
  ];
}

/** Fails where a value, or what is in it, is none of the language. */
export function assertIsValue(value: unknown, what: string, seen = new Set<unknown>()): void {
  if (value === null || ['boolean', 'number', 'string', 'function'].includes(typeof value)) return;
  assert.ok(typeof value === 'object', `${what}: ${typeof value}`);
  if (seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      assert.ok(i in value, `${what}: a hole`);
      assertIsValue(value[i], what, seen);
    }
  } else if (value instanceof MapValue) {
    for (const [key, each] of value.entries()) {
      assert.equal(typeof key, 'string');
      assertIsValue(each, what, seen);
    }
  } else {
    assert.ok(value instanceof ErrorValue || value instanceof Task || value instanceof Channel, `${what}: no value`);
  }
}

export function builtinsOf(...groups: string[]): Builtin[] {
  return allBuiltins().filter(
    (entry): entry is Builtin => entry instanceof Builtin && groups.includes(entry.definition.group),
  );
}

/** The body of a test that a property holds for values of these kinds; the last argument is told one of each. */
export function property(...rest: [...fc.Arbitrary<unknown>[], (...args: never[]) => void]): () => void {
  const make = fc.property as unknown as (...args: unknown[]) => fc.IProperty<unknown>;
  return () => fc.assert(make(...rest), { numRuns: 200 });
}
