/**
 * Runs built-ins from TypeScript the way a compiled program does: in tasks, through their checked forms.
 * `run` gives a promise for tests; inside it, everything is a generator that yields what it waits for.
 */
import assert from 'node:assert/strict';
import { findBuiltin } from '../../src/builtins/registry';
import { Builtin } from '../../src/builtins/define-builtin';
import { Operation } from '../../src/runtime/operation';
import { awaitedFromOutside, liveTasks, setHooks, spawnTask, watchTask } from '../../src/runtime/scheduler';
import { pendingTimers } from '../../src/runtime/timers';
import type { Steps, Task } from '../../src/runtime/task';
import { ErrorValue, MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

/** Failures of tasks that nobody waited for, as the program's runner would report them. */
export const unobserved: Value[] = [];
const deadlocked = new Set<() => void>();

setHooks({
  unobservedFailure: (_task, error) => void unobserved.push(error),
  idle: () => deadlocked.forEach((report) => report()),
  pause: () => {},
});

/** Runs `body` as a task; rejects with what it throws, or when nothing can wake it any more. */
export function run<T>(body: () => Steps<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const task = spawn(body);
    const report = (): void => {
      deadlocked.delete(report);
      reject(new Error(`deadlock: the task waits ${task.waitingOn?.describe()}`));
    };
    deadlocked.add(report);
    watchTask(task, {
      taskEnded: () => {
        deadlocked.delete(report);
        if (task.state === 'done') resolve(task.value as T);
        else reject(task.value instanceof ErrorValue ? asError(task.value) : task.value);
      },
    });
  });
}

function asError(value: ErrorValue): Error {
  return Object.assign(new Error(value.message), { code: value.code, value });
}

/** Starts `body` as a task of its own. */
export function spawn<T>(body: () => Steps<T>): Task {
  return spawnTask(within(body), null);
}

/** What waits is made inside of the task that waits. */
function* within<T>(body: () => Steps<T>): Steps<T> {
  return yield* body();
}

/** Waits for a task: its result, or throws what it failed with. */
export function* join<T>(task: Task): Steps<T> {
  const ended = new Operation<null>(`for task ${task.id}`);
  watchTask(task, { taskEnded: () => ended.succeed(null) });
  yield* ended.wait();
  if (task.state === 'failed') throw task.value;
  return task.value as T;
}

/** Waits for a promise of the test process. */
export function* until<T>(promise: Promise<T>): Steps<T> {
  const settled = new Operation<T>('for the test');
  promise.then(
    (value) => settled.succeed(value),
    (error: unknown) => settled.fail(() => error as Value),
  );
  return yield* settled.wait();
}

/** Calls a built-in by name with its checks: `yield* builtin('socket_send', socket, 'x')`. */
export function* builtin(name: string, ...args: Value[]): Steps<Value> {
  const found = findBuiltin(name);
  if (!(found instanceof Builtin)) throw new Error(`there is no built-in ${name}`);
  const result = found.checked(...args);
  return (found.waits ? yield* result as Steps<Value> : result) as Value;
}

/** Expects `body` to throw an error of the language with this code; gives the error. */
export function* fails(code: string, body: Steps<unknown>, message?: RegExp | string): Steps<ErrorValue> {
  let thrown: unknown = null;
  try {
    const result = yield* body;
    assert.fail(`expected ${code}, got the result ${String(result)}`);
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof ErrorValue)) throw thrown;
  assert.equal(thrown.code, code, thrown.message);
  if (message instanceof RegExp) assert.match(thrown.message, message);
  else if (message !== undefined) assert.equal(thrown.message, message);
  return thrown;
}

/** An options map. */
export function options(fields: Record<string, Value>): MapValue {
  return MapValue.from(fields);
}

/** What `socket_info` and its like give, by name. */
export function field(value: Value, name: string): Value {
  assert.ok(value instanceof MapValue);
  return value.get(name) ?? null;
}

/** Nothing may be left: no task, no timer of tasks, no failure that nobody saw. */
export async function assertNothingLeft(): Promise<void> {
  for (let i = 0; i < 50 && (liveTasks.size > 0 || pendingTimers() > 0); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(liveTasks.size, 0, 'tasks left: ' + [...liveTasks].map((t) => t.waitingOn?.describe()).join('; '));
  assert.equal(pendingTimers(), 0, 'timers of tasks left');
  assert.equal(awaitedFromOutside(), 0, 'something from outside is still awaited');
  assert.deepEqual(
    unobserved.map((e) => (e instanceof ErrorValue ? e.message : e)),
    [],
  );
}
