/** Functions that must fail. */
import { describe } from '../../runtime/describe-value';
import { caught } from '../../runtime/errors';
import { ErrorValue } from '../../runtime/values';
import type { FunctionValue, Value } from '../../runtime/values';
import type { Steps } from '../../runtime/task';
import { call, defineBuiltin, dual } from '../define-builtin';
import { fn, string } from '../types';
import { failed, messageParam } from './failed';

export const assertThrows = defineBuiltin({
  name: 'assert_throws',
  group: 'test',
  summary: 'Calls a function and fails unless it throws',
  params: [
    { name: 'f', type: fn, about: 'The function, called without arguments', calls: { with: '', as: 'call' } },
    {
      name: 'code',
      type: string,
      about: 'The code that the error must have; any where it is left out',
      optional: true,
    },
    messageParam,
  ],
  gives: { type: 'any', about: 'What the function threw, to look at further' },
  errors: { EASSERT: 'The function returned, or threw something with another code; that is then the cause' },
  example: `let e = assert_throws(fn() { json_parse("{") }, "EJSON")
assert_contains(e.message, "line 1")
log(e.code)  // expect: EJSON`,
  failing:
    'assert_throws(fn() { return 5 })  // expect error: assert_throws: the function returned the number 5 and threw nothing',
  waits: 'with its callback',
  run: dual(function* (f: FunctionValue, code: string | null, message: string | null): Steps<Value> {
    let result: Value;
    try {
      result = yield* call(f);
    } catch (thrown) {
      return thrownBy(caught(thrown), code, message);
    }
    throw failed('assert_throws', message, `the function returned ${describe(result)} and threw nothing`, {
      actual: result,
    });
  }),
});

function thrownBy(error: Value, code: string | null, message: string | null): Value {
  if (code === null || (error instanceof ErrorValue && error.code === code)) return error;
  const what =
    error instanceof ErrorValue
      ? `expected the code ${code}, got ${error.code}: ${error.message}`
      : `expected an error with the code ${code}, got ${describe(error)}`;
  throw failed('assert_throws', message, what, { actual: error, expected: code });
}
