/** The list of tasks that have not ended. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { liveTasks } from '../../src/runtime/scheduler';
import type { Task } from '../../src/runtime/task';
import { assertNothingLeft, run, spawn } from '../support/run-tasks';
import { cancel, sleep } from './steps';

afterEach(assertNothingLeft);

test('holds what has not ended, in the order of the starts, whatever ends first', () =>
  run(function* () {
    const before = [...liveTasks];
    const started: Task[] = [];
    for (let i = 0; i < 7; i++) started.push(spawn(() => sleep(60_000)));
    yield* sleep(1);
    const left = [...started];
    for (const at of [2, 0, 4, 2, 1, 0, 0]) {
      assert.deepEqual([...liveTasks], [...before, ...left]);
      assert.equal(liveTasks.size, before.length + left.length);
      const [ended] = left.splice(at, 1);
      yield* cancel(ended!);
      yield* sleep(1);
      assert.equal(ended!.place, -1);
    }
    assert.deepEqual([...liveTasks], before);
  }));
