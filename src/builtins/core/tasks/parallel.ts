/** Many things at once, at most so many at a time. */
import { caught } from '../../../runtime/errors';
import { turn } from '../../../runtime/park';
import { cancelTask, spawnTask, timeIsOver } from '../../../runtime/scheduler';
import type { Steps, Task } from '../../../runtime/task';
import { calledHere, untilEnded } from '../../../runtime/task-waits';
import type { FunctionValue, Value } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { array, fn, whole } from '../../types';

export const parallel = defineBuiltin({
  name: 'parallel',
  group: 'tasks',
  summary: 'Calls a function for each item, at most n at a time, and gives the results in order',
  details:
    'When a call fails, those under way are cancelled, no more are begun, and once their finally blocks and deferred calls have run the error is thrown. The same happens when the task that called parallel is cancelled. To go on after failures, catch them in the function.',
  params: [
    { name: 'items', type: array, about: 'The items; changing the array meanwhile changes nothing' },
    { name: 'n', type: whole(1), about: 'How many calls at a time, at most' },
    { name: 'f', type: fn, about: 'The function', calls: { with: 'item, [index]', as: 'task' } },
  ],
  gives: { type: 'array', about: 'The results in the order of the items' },
  errors: { ECANCELED: 'The task was cancelled meanwhile' },
  example: `log(parallel([30, 10, 20], 2, fn(ms) { sleep(ms); return ms * 2 }))  // expect: [60, 20, 40]
try {
  parallel([1, 2, 3], 3, fn(x) { if x == 2 { throw "no 2" }; sleep(60000) })
} catch e { log(e) }  // expect: no 2`,
  failing:
    'parallel([1, 2], 0, log)  // expect error: parallel: n must be a whole number, at least 1, got the number 0',
  waits: true,
  run: runParallel,
});

function* runParallel(items: readonly Value[], n: number, f: FunctionValue): Steps<Value> {
  const job = new Job(items.slice(), f);
  const called = calledHere();
  for (let i = Math.min(n, items.length); i > 0; i--) job.workers.push(spawnTask(job.work(), called));
  yield* untilEnded(job.workers, null);
  if (job.failure !== null) throw job.failure.error;
  return job.results;
}

class Job {
  readonly workers: Task[] = [];
  readonly results: Value[];
  failure: { readonly error: Value } | null = null;
  private next = 0;

  constructor(
    private readonly items: readonly Value[],
    private readonly f: FunctionValue,
  ) {
    this.results = new Array<Value>(items.length).fill(null);
  }

  /** What each of the tasks does: one item after another, as long as there are some. */
  *work(): Steps<null> {
    while (this.next < this.items.length && this.failure === null) {
      const index = this.next++;
      try {
        if (timeIsOver()) yield* turn();
        this.results[index] = yield* call(this.f, this.items[index]!, index);
      } catch (error) {
        this.fail(caught(error));
      }
    }
    return null;
  }

  private fail(error: Value): void {
    if (this.failure !== null) return;
    this.failure = { error };
    for (const worker of this.workers) if (worker.state !== 'running' && !worker.cancelled) cancelTask(worker);
  }
}
