/** Short forms for the tests of tasks: built-ins as calls, and generators as functions of a program. */
import { builtin } from '../support/run-tasks';
import type { Steps, Task } from '../../src/runtime/task';
import type { FunctionValue, Value } from '../../src/runtime/values';

/** What gives steps as the value of a function that may wait. */
export function fn(f: (...args: never[]) => Steps<unknown>): FunctionValue {
  return function* (...args: never[]) {
    return yield* f(...args);
  } as unknown as FunctionValue;
}

export const sleep = (ms: number): Steps<Value> => builtin('sleep', ms);
export const yieldNow = (): Steps<Value> => builtin('yield_now');
export const cancel = (task: Task): Steps<Value> => builtin('cancel', task);
export const wait = (task: Task, ...timeout: number[]): Steps<Value> => builtin('wait', task, ...timeout);

export function withTimeout(seconds: number, f: () => Steps<unknown>): Steps<Value> {
  return builtin('with_timeout', seconds, fn(f));
}
