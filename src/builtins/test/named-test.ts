/** A test with a name: runs in a task of its own, with a time limit, and nothing that it started outlives it. */
import { ErrorValue, fault } from '../../runtime/errors';
import type { Trace } from '../../runtime/errors';
import { Interruption, traceHere } from '../../runtime/park';
import { cancelTask, liveTasks, spawnTask } from '../../runtime/scheduler';
import { waitTrace } from '../../runtime/wait-trace';
import type { Steps, Task } from '../../runtime/task';
import { calledHere, endTask, secondsText, untilEnded } from '../../runtime/task-waits';
import type { FunctionValue, Value } from '../../runtime/values';
import { call, defineBuiltin } from '../define-builtin';
import { fn, seconds, string } from '../types';
import { testRun } from './test-run';
import type { TestFailure } from './test-run';

/** What a test started may clean up this long. */
const CLEAN_UP_MS = 5000;

export const test = defineBuiltin({
  name: 'test',
  group: 'test',
  summary: 'Runs a function as a test with a name',
  details:
    'sentra test does this with each function of a file whose name begins with "test_"; test is for tests that are made by the program, one for each of many cases for example. Under sentra test a failure is noted, and the program goes on; otherwise it is thrown.\nThe function runs in a task of its own. The tasks that it has spawned are cancelled when it has ended.',
  params: [
    { name: 'name', type: string, about: 'What is tested' },
    { name: 'f', type: fn, about: 'The test, called without arguments', calls: { with: '', as: 'task' } },
    {
      name: 'timeout',
      type: seconds,
      about: 'It may take this many seconds; 30, or what --timeout says, where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ETIMEDOUT: 'The test took longer' },
  example: `for [text, number] in [["7", 7], ["x", null]] {
  test("num of " + text, fn() { assert_eq(num(text), number) })
}
log("done")  // expect: done`,
  failing: `test("sums", fn() { assert_eq(1 + 1, 3) })  // expect error: assert_eq: the values differ`,
  waits: true,
  run: runTest,
});

const TIME_IS_OVER = new Interruption(() => fault('ECANCELED', 'the task was cancelled: the time of the test is over'));
const TEST_IS_OVER = new Interruption(() =>
  fault('ECANCELED', 'the task was cancelled: the test that spawned it is over'),
);

function* runTest(name: string, f: FunctionValue, timeout: number | null): Steps<Value> {
  if (!testRun.wants(name)) return null;
  const limitMs = timeout === null ? testRun.timeoutMs : timeout * 1000;
  const before = new Set(liveTasks);
  testRun.begin(name, limitMs);
  const start = performance.now();
  const running = spawnTask(call(f), testRun.reports ? null : calledHere());
  const inTime = yield* untilEnded([running], limitMs);
  const failure = inTime ? failureOf(running) : { error: late(limitMs, waitTrace(running)) };
  if (!inTime) yield* endTask(running, TIME_IS_OVER);
  yield* endOthers(before);
  testRun.end(name, failure, performance.now() - start);
  if (failure !== null && !testRun.reports) throw failure.error;
  return null;
}

function failureOf(task: Task): TestFailure | null {
  return task.state === 'failed' ? { error: task.value as Value } : null;
}

/** `place` is where the test waits; null where it does not. */
function late(limitMs: number, place: Trace | null): Value {
  const message = `test: the test took longer than ${secondsText(limitMs)}`;
  return new ErrorValue('ETIMEDOUT', message, place ?? traceHere(), { function: 'test' });
}

/** Ends the tasks that the test has left behind, as far as they let themselves be ended. */
function* endOthers(before: ReadonlySet<Task>): Steps<void> {
  const left = [...liveTasks].filter((task) => !before.has(task));
  for (const task of left) cancelTask(task, TEST_IS_OVER);
  yield* untilEnded(left, CLEAN_UP_MS);
}
