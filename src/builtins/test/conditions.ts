/** Values of which something must hold. */
import { describe } from '../../runtime/describe-value';
import { typeName } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { defineBuiltin } from '../define-builtin';
import type { Builtin } from '../define-builtin';
import { any, oneOf } from '../types';
import { EASSERT, failed, messageParam } from './failed';

interface Condition {
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  /** What the value must be, for the failure. */
  readonly wanted: string;
  readonly holds: (value: Value) => boolean;
  readonly example: string;
  readonly failing: string;
}

function condition({ name, summary, details, wanted, holds, example, failing }: Condition): Builtin {
  return defineBuiltin({
    name,
    group: 'test',
    summary,
    ...(details === undefined ? {} : { details }),
    params: [{ name: 'value', type: any, about: 'The value' }, messageParam],
    gives: { type: 'null', about: 'Nothing' },
    errors: { EASSERT },
    example,
    failing,
    run: (value, message) => {
      if (holds(value)) return null;
      throw failed(name, message, `expected ${wanted}, got ${describe(value)}`, { actual: value });
    },
  });
}

export const assertTrue = condition({
  name: 'assert_true',
  summary: 'Fails unless a value is true',
  details: 'The value true alone will do; assert takes whatever is truthy.',
  wanted: 'true',
  holds: (value) => value === true,
  example: `assert_true(starts_with("sentra", "sen"))
log("so it is")  // expect: so it is`,
  failing: 'assert_true(1 > 2, "order")  // expect error: assert_true: order: expected true, got false',
});

export const assertFalse = condition({
  name: 'assert_false',
  summary: 'Fails unless a value is false',
  wanted: 'false',
  holds: (value) => value === false,
  example: `assert_false("x" in {"y": 1})
log("so it is")  // expect: so it is`,
  failing: 'assert_false(null)  // expect error: assert_false: expected false, got null',
});

export const assertNull = condition({
  name: 'assert_null',
  summary: 'Fails unless a value is null',
  wanted: 'null',
  holds: (value) => value === null,
  example: `assert_null(num("no number"))
log("so it is")  // expect: so it is`,
  failing: 'assert_null(0)  // expect error: assert_null: expected null, got the number 0',
});

export const assertNotNull = condition({
  name: 'assert_not_null',
  summary: 'Fails when a value is null',
  wanted: 'anything but null',
  holds: (value) => value !== null,
  example: `assert_not_null(num("0"))
log("so it is")  // expect: so it is`,
  failing: 'assert_not_null(num("x"))  // expect error: assert_not_null: expected anything but null, got null',
});

const typeNames = oneOf('null', 'boolean', 'number', 'string', 'array', 'map', 'function', 'error', 'task', 'channel');

export const assertType = defineBuiltin({
  name: 'assert_type',
  group: 'test',
  summary: 'Fails unless a value is of a type',
  params: [
    { name: 'value', type: any, about: 'The value' },
    { name: 'type', type: typeNames, about: 'The name of the type, as type() gives it' },
    messageParam,
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT },
  example: `assert_type([1], "array")
log("so it is")  // expect: so it is`,
  failing:
    'assert_type("1", "number")  // expect error: assert_type: expected a value of the type number, got the string "1"',
  run: (value, wanted, message) => {
    if (typeName(value) === wanted) return null;
    const what = `expected a value of the type ${wanted}, got ${describe(value)}`;
    throw failed('assert_type', message, what, { actual: value, expected: wanted });
  },
});
