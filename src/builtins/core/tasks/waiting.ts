/** Waiting for tasks, cancelling them, and limits on time. */
import { ErrorValue, fault } from '../../../runtime/errors';
import { Interruption, turn } from '../../../runtime/park';
import { cancelTask, spawnTask } from '../../../runtime/scheduler';
import type { Steps, Task } from '../../../runtime/task';
import {
  calledHere,
  endTask,
  secondsText,
  untilEnded,
  waitForAll,
  waitForAny,
  waitForTask,
} from '../../../runtime/task-waits';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { fn, seconds, task } from '../../types';
import type { Type } from '../../types';
import { arrayOf } from '../value-types';

const tasks = arrayOf(task, 'tasks');

const someTasks: Type<Task[]> = {
  name: 'array',
  takes: 'an array of tasks with at least one in it',
  test: 'check($)',
  check: (value) => Array.isArray(value) && value.length > 0 && tasks.check!(value),
  explain: (value) => tasks.explain!(value),
};

const limit = {
  name: 'timeout',
  type: seconds,
  about: 'Wait no longer than this many seconds',
  optional: true,
} as const;

function inMs(timeout: number | null): number | null {
  return timeout === null ? null : timeout * 1000;
}

export const wait = defineBuiltin({
  name: 'wait',
  group: 'tasks',
  summary: 'Waits until a task has ended and gives its result',
  details:
    'When the task failed, wait throws what it failed with; each wait does, however often it is called. At the timeout the task goes on: cancel ends it.\n\nA task that fails while nobody waits for it is reported on standard error as it ends.',
  params: [{ name: 'task', type: task, about: 'The task' }, limit],
  gives: { type: 'any', about: 'What the function that runs in the task returned' },
  errors: {
    ETIMEDOUT: 'The task has not ended in time',
    ECANCELED: 'The task was cancelled, or the one that waits',
    EDEADLK: 'A task waits for itself',
  },
  example: `let t = spawn fn() { sleep(5); return 42 }()
log(wait(t))  // expect: 42
let slow = spawn sleep(5000)
try { wait(slow, 0.01) } catch e { log(e.code) }  // expect: ETIMEDOUT
cancel(slow)`,
  failing: 'wait(5)  // expect error: wait: task must be a task, got the number 5',
  waits: true,
  run: (awaited, timeout) => waitForTask(awaited, inMs(timeout)),
});

export const waitAll = defineBuiltin({
  name: 'wait_all',
  group: 'tasks',
  summary: 'Waits until all tasks have ended and gives their results',
  details:
    'As soon as one of them fails, wait_all throws what that one failed with. The others go on, and should they fail as well, that is reported nowhere: parallel is for work of which the rest is to end with the first failure.',
  params: [{ name: 'tasks', type: tasks, about: 'The tasks' }, limit],
  gives: { type: 'array', about: 'The results in the order of the tasks' },
  errors: {
    ETIMEDOUT: 'Not all have ended in time; they go on',
    ECANCELED: 'One of the tasks was cancelled, or the one that waits',
    EDEADLK: 'A task waits for itself',
  },
  example: `fn late(ms, value) { sleep(ms); return value }
log(wait_all([spawn late(10, "a"), spawn late(1, "b")]))  // expect: ["a", "b"]`,
  failing: 'wait_all([1])  // expect error: wait_all: tasks must be an array of tasks',
  waits: true,
  run: (all, timeout) => waitForAll(all, inMs(timeout)),
});

export const waitAny = defineBuiltin({
  name: 'wait_any',
  group: 'tasks',
  summary: 'Waits until the first of some tasks has ended and gives its result',
  details:
    'When the first one to end fails, wait_any throws what it failed with. The others go on; should they fail later, that is reported nowhere. Where several have ended already, the first in the array counts.',
  params: [{ name: 'tasks', type: someTasks, about: 'The tasks' }, limit],
  gives: { type: 'any', about: 'The result of the first task to end' },
  errors: {
    ETIMEDOUT: 'None has ended in time; they go on',
    ECANCELED: 'The first to end was cancelled, or the one that waits',
    EDEADLK: 'A task waits for itself',
  },
  example: `fn late(ms, value) { sleep(ms); return value }
let slow = spawn late(5000, "slow")
log(wait_any([slow, spawn late(1, "fast")]))  // expect: fast
cancel(slow)`,
  failing: 'wait_any([])  // expect error: wait_any: tasks must be an array of tasks with at least one in it',
  waits: true,
  run: (some, timeout) => waitForAny(some, inMs(timeout)),
});

export const cancel = defineBuiltin({
  name: 'cancel',
  group: 'tasks',
  summary: 'Asks a task to end: what it waits for throws ECANCELED',
  details:
    'The error is thrown where the task waits, so its finally blocks and deferred calls run, and these may wait as always. A task that is not waiting gets the error at its next wait; what a wait has already received is not lost. One that has not begun never does. cancel does not wait for the task to end, and does nothing to one that has.\n\nA cancelled task that nobody waits for is not reported as failed.',
  params: [{ name: 'task', type: task, about: 'The task; also the running one' }],
  gives: { type: 'null', about: 'Nothing' },
  example: `let t = spawn fn() {
  defer log("cleaned up")
  sleep(60000)
}()
yield_now()
cancel(t)
try { wait(t) } catch e { log(e.code) }
// expect: cleaned up
// expect: ECANCELED`,
  failing: 'cancel(null)  // expect error: cancel: task must be a task, got null',
  run: (target) => {
    cancelTask(target);
    return null;
  },
});

export const yieldNow = defineBuiltin({
  name: 'yield_now',
  group: 'tasks',
  summary: 'Lets the other tasks that can go on do so first',
  details: 'For long computations in functions that the compiler cannot interrupt. A cancel takes effect here as well.',
  params: [],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ECANCELED: 'The task was cancelled' },
  example: `spawn { log("other") }
yield_now()
log("main")
// expect: other
// expect: main`,
  failing: 'yield_now(1)  // expect error: yield_now',
  waits: true,
  run: () => turn(),
});

export const withTimeout = defineBuiltin({
  name: 'with_timeout',
  group: 'tasks',
  summary: 'Calls a function and cancels what it does when it takes too long',
  details:
    'When the time is over, what the function waits for throws ECANCELED, however deep in its calls; its finally blocks and deferred calls run, and then with_timeout throws ETIMEDOUT, whatever the function makes of the cancel. A function that computes without waiting is not interrupted. The function runs in a task of its own, which never outlives the call.',
  params: [
    { name: 'seconds', type: seconds, about: 'The limit in seconds; fractions count' },
    { name: 'f', type: fn, about: 'The function, called without arguments', calls: { with: '', as: 'task' } },
  ],
  gives: { type: 'any', about: 'What the function returned' },
  errors: {
    ETIMEDOUT: 'The function took longer; `cause` is the error of its clean-up when that failed',
    ECANCELED: 'The task that called it was cancelled, and so was the function',
  },
  example: `log(with_timeout(5, fn() { sleep(1); return "in time" }))  // expect: in time
try { with_timeout(0.01, fn() { sleep(60000) }) } catch e { log(e.code) }  // expect: ETIMEDOUT`,
  failing:
    'with_timeout(0.01, fn() { sleep(60000) })  // expect error: with_timeout: the function took longer than 0.01 seconds',
  waits: true,
  run: runWithTimeout,
});

const TIME_IS_OVER = new Interruption(() =>
  fault('ECANCELED', 'the task was cancelled: the time of with_timeout is over'),
);

function* runWithTimeout(limitSeconds: number, f: FunctionValue): Steps<Value> {
  const running = spawnTask(call(f), calledHere());
  if (yield* untilEnded([running], limitSeconds * 1000)) {
    if (running.state === 'failed') throw running.value;
    return running.value as Value;
  }
  yield* endTask(running, TIME_IS_OVER);
  const failure = running.state === 'failed' ? (running.value as Value) : null;
  const cancelled = failure instanceof ErrorValue && failure.code === 'ECANCELED';
  throw fault('ETIMEDOUT', `with_timeout: the function took longer than ${secondsText(limitSeconds * 1000)}`, {
    function: 'with_timeout',
    cause: cancelled ? null : failure,
  });
}
