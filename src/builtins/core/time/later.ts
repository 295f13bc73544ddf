/** Doing something later, once or again and again, in a task of its own. */
import { spawnTask } from '../../../runtime/scheduler';
import type { Steps } from '../../../runtime/task';
import { calledHere } from '../../../runtime/task-waits';
import { sleep } from '../../../runtime/timers';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { fn, seconds } from '../../types';
import type { Type } from '../../types';

const period: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, at least 0.001',
  test: "(typeof $ === 'number' && $ >= 0.001 && $ < Infinity)",
};

export const after = defineBuiltin({
  name: 'after',
  group: 'time',
  summary: 'Calls a function once, some time from now, in a task of its own',
  details: 'The program goes on at once; it does not end before the task has.',
  params: [
    { name: 'seconds', type: seconds, about: 'Seconds until the call' },
    { name: 'f', type: fn, about: 'The function', calls: { with: '', as: 'task' } },
  ],
  gives: { type: 'task', about: 'The task: wait gives what the function returned, cancel calls it off' },
  example: `let task = after(0.02, fn() => "late")
log("at once")     // expect: at once
log(wait(task))    // expect: late`,
  failing: 'after(-1, fn() => 1)  // expect error: after: seconds must be a number of seconds, 0 or more',
  run: (delay, f) => spawnTask(callAfter(delay, f), calledHere()),
});

function* callAfter(delay: number, f: FunctionValue): Steps<Value> {
  yield* sleep(delay * 1000);
  return yield* call(f);
}

export const every = defineBuiltin({
  name: 'every',
  group: 'time',
  summary: 'Calls a function again and again, in a task of its own',
  details:
    'The first call is one period from now. The calls keep to the clock: a call that takes long moves none of the later ones, and those that it runs into are left out. It ends when the task is cancelled or a call fails; until then the program goes on.',
  params: [
    { name: 'seconds', type: period, about: 'The period' },
    { name: 'f', type: fn, about: 'The function', calls: { with: '[count]', as: 'task' } },
  ],
  gives: { type: 'task', about: 'The task: cancel ends it' },
  example: `let done = channel(10)
let task = every(0.01, fn(count) => send(done, count))
log(receive(done), receive(done), receive(done))  // expect: 1 2 3
cancel(task)`,
  failing: 'every(0, fn() => 1)  // expect error: every: seconds must be a number of seconds, at least 0.001',
  run: (interval, f) => spawnTask(callEvery(interval * 1000, f), calledHere()),
});

function* callEvery(periodMs: number, f: FunctionValue): Steps<Value> {
  const start = performance.now();
  for (let turn = 1, count = 1; ; turn++, count++) {
    yield* sleep(Math.max(0, start + turn * periodMs - performance.now()));
    yield* call(f, count);
    turn = Math.max(turn, Math.floor((performance.now() - start) / periodMs));
  }
}
