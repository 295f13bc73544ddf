import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { fault } from '../../src/runtime/errors';
import type { Steps, Task } from '../../src/runtime/task';
import { ErrorValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, fails, run, spawn, unobserved } from '../support/run-tasks';
import { cancel, fn, sleep, wait, withTimeout, yieldNow } from './steps';

afterEach(assertNothingLeft);

function* later<T>(ms: number, value: T): Steps<T> {
  yield* sleep(ms);
  return value;
}

function* failing(ms: number, message: string): Steps<never> {
  if (ms > 0) yield* sleep(ms);
  throw fault('EX', message);
}

/** The messages of the failures reported so far, which are then forgotten. */
function reported(): string[] {
  return unobserved.splice(0).map((error) => (error instanceof ErrorValue ? error.message : String(error)));
}

test('wait gives the result, however often and whenever', () =>
  run(function* () {
    const task = spawn(() => later(1, 5));
    assert.equal(yield* wait(task), 5);
    assert.equal(yield* wait(task), 5);
  }));

test('wait throws the very value the task failed with, each time', () =>
  run(function* () {
    const thrown = fault('EX', 'failed');
    const task = spawn(function* () {
      yield* yieldNow();
      throw thrown;
    });
    for (let i = 0; i < 2; i++) {
      const caught = yield* fails('EX', wait(task));
      assert.equal(caught, thrown);
    }
  }));

test('a failure is not reported when its task is waited for before the first wait', () =>
  run(function* () {
    // The other tasks are in the queue before and after: the order must not matter.
    const before = spawn(() => failing(0, 'before'));
    const task = spawn(() => failing(0, 'mine'));
    const after = spawn(() => failing(0, 'after'));
    yield* fails('EX', wait(task), 'mine');
    assert.deepEqual(reported(), ['before', 'after']);
    yield* fails('EX', wait(before), 'before');
    yield* fails('EX', wait(after), 'after');
  }));

test('a failure is reported as the task ends when nobody waits yet', () =>
  run(function* () {
    const task = spawn(() => failing(1, 'alone'));
    yield* sleep(20);
    assert.deepEqual(reported(), ['alone']);
    yield* fails('EX', wait(task), 'alone');
    assert.deepEqual(reported(), []);
  }));

test('a failure is reported when who waited for it has given up', () =>
  run(function* () {
    const task = spawn(() => failing(20, 'after the timeout'));
    yield* fails('ETIMEDOUT', wait(task, 0.002), `wait: task ${task.id} has not ended within 0.002 seconds`);
    yield* sleep(40);
    assert.deepEqual(reported(), ['after the timeout']);
  }));

test('several tasks wait for one', () =>
  run(function* () {
    const task = spawn(() => later(2, 'x'));
    const waiters = [1, 2, 3].map(() => spawn(() => wait(task)));
    assert.deepEqual(yield* builtin('wait_all', waiters), ['x', 'x', 'x']);
  }));

test('one of several that wait for a task is cancelled: the others get the result', () =>
  run(function* () {
    const task = spawn(() => later(5, 'x'));
    const waiters = [1, 2, 3].map(() => spawn(() => wait(task)));
    yield* yieldNow();
    yield* cancel(waiters[1]!);
    assert.equal(yield* wait(waiters[0]!), 'x');
    yield* fails('ECANCELED', wait(waiters[1]!));
    assert.equal(yield* wait(waiters[2]!), 'x');
  }));

test('a task cannot wait for itself', () =>
  run(function* () {
    const refused = /^wait(_\w+)?: a task cannot wait for itself/;
    let task: Task | null = null;
    task = spawn(function* () {
      yield* fails('EDEADLK', wait(task!), refused);
      yield* fails('EDEADLK', builtin('wait_all', [task!]), refused);
      yield* fails('EDEADLK', builtin('wait_any', [task!]), refused);
    });
    yield* wait(task);
  }));

test('a long limit does not keep what has ended', () =>
  run(function* () {
    assert.equal(
      yield* wait(
        spawn(() => later(1, 1)),
        3600,
      ),
      1,
    );
    assert.equal(
      yield* wait(
        spawn(() => later(1, 1)),
        Infinity,
      ),
      1,
    );
  }));

test('wait_all: order, repeated tasks, none, ended ones', () =>
  run(function* () {
    const a = spawn(() => later(8, 'a'));
    const b = spawn(() => later(1, 'b'));
    assert.deepEqual(yield* builtin('wait_all', [a, b, a, b]), ['a', 'b', 'a', 'b']);
    assert.deepEqual(yield* builtin('wait_all', [a, b]), ['a', 'b']);
    assert.deepEqual(yield* builtin('wait_all', []), []);
  }));

test('wait_all throws the first failure in time; the others go on and fail unreported', () =>
  run(function* () {
    let went = false;
    const tasks = [
      spawn(function* () {
        yield* sleep(100);
        went = true;
      }),
      spawn(() => failing(6, 'second')),
      spawn(() => failing(2, 'first')),
    ];
    yield* fails('EX', builtin('wait_all', tasks), 'first');
    assert.equal(went, false);
    yield* sleep(120);
    assert.equal(went, true);
    // One that has failed already is as good as one that fails later: the first in order.
    yield* fails('EX', builtin('wait_all', tasks), 'second');
    assert.deepEqual(reported(), []);
  }));

test('wait_all with two failures in the same turn reports none', () =>
  run(function* () {
    yield* fails('EX', builtin('wait_all', [spawn(() => failing(0, 'a')), spawn(() => failing(0, 'b'))]), 'a');
    assert.deepEqual(reported(), []);
  }));

test('wait_all at its limit says how many are left, and leaves their failures to be reported', () =>
  run(function* () {
    const tasks = [spawn(() => later(1, 1)), spawn(() => failing(30, 'late')), spawn(() => later(30, 1))];
    yield* fails(
      'ETIMEDOUT',
      builtin('wait_all', tasks, 0.01),
      'wait_all: 2 of 3 tasks have not ended within 0.01 seconds',
    );
    yield* sleep(40);
    assert.deepEqual(reported(), ['late']);
  }));

test('wait_any gives the first to end, a failure too, and of ended ones the first in order', () =>
  run(function* () {
    const slow = spawn(() => later(150, 'slow'));
    const fast = spawn(() => later(1, 'fast'));
    assert.equal(yield* builtin('wait_any', [slow, fast]), 'fast');
    const fails1 = spawn(() => failing(1, 'failed'));
    yield* fails('EX', builtin('wait_any', [slow, fails1]), 'failed');
    assert.equal(yield* wait(slow), 'slow');
    assert.equal(yield* builtin('wait_any', [slow, fast]), 'slow');
    yield* fails(
      'ETIMEDOUT',
      builtin('wait_any', [spawn(() => later(10, 0))], 0.001),
      'wait_any: none of 1 tasks has ended within 0.001 seconds',
    );
    yield* sleep(15);
  }));

test('arguments that fit no task are refused by name', () =>
  run(function* () {
    yield* fails('ETYPE', builtin('wait', 5), 'wait: task must be a task, got the number 5');
    yield* fails('ETYPE', builtin('wait_any', []), /wait_any: tasks must be an array of tasks with at least one/);
    const error = yield* fails(
      'ETYPE',
      builtin('wait_all', [spawn(() => later(0, 1)), 'x']),
      /wait_all: tasks must be an array of tasks/,
    );
    assert.equal(error.hint, 'its element 1 is the string "x"');
    yield* fails(
      'ETYPE',
      builtin(
        'with_timeout',
        -1,
        fn(() => sleep(1)),
      ),
      /with_timeout: seconds must be a number of seconds, 0 or more/,
    );
  }));

// ---------------------------------------------------------------- cancel

test('cancel throws at the wait, runs finally, and the clean-up may wait', () =>
  run(function* () {
    const log: string[] = [];
    const task = spawn(function* () {
      try {
        yield* sleep(60_000);
      } catch (error) {
        log.push((error as ErrorValue).code);
        throw error;
      } finally {
        yield* sleep(2);
        log.push('cleaned up');
      }
    });
    yield* yieldNow();
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task), 'the task was cancelled');
    assert.deepEqual(log, ['ECANCELED', 'cleaned up']);
    assert.deepEqual(reported(), []);
  }));

test('cancelling twice before it is felt is cancelling once; after that it is another cancel', () =>
  run(function* () {
    const log: string[] = [];
    const task = spawn(function* () {
      try {
        yield* sleep(60_000);
      } finally {
        try {
          yield* sleep(60_000);
        } finally {
          log.push('out');
        }
      }
    });
    yield* yieldNow();
    yield* cancel(task);
    yield* cancel(task);
    yield* sleep(2);
    assert.deepEqual(log, []);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(log, ['out']);
  }));

test('a task that has not begun never does; one that has ended stays as it is', () =>
  run(function* () {
    let ran = false;
    const task = spawn(function* () {
      ran = true;
      yield* yieldNow();
    });
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.equal(ran, false);
    const done = spawn(() => later(0, 7));
    assert.equal(yield* wait(done), 7);
    yield* cancel(done);
    assert.equal(yield* wait(done), 7);
  }));

test('a task that cancels itself gets the error at its next wait', () =>
  run(function* () {
    const log: string[] = [];
    let task: Task | null = null;
    task = spawn(function* () {
      yield* cancel(task!);
      log.push('still running');
      yield* sleep(1);
      log.push('never');
    });
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(log, ['still running']);
  }));

test('what a wait got in the turn of the cancel is kept; the next wait throws', () =>
  run(function* () {
    const log: Value[] = [];
    const ch = yield* builtin('channel');
    const task = spawn(function* () {
      log.push(yield* builtin('receive', ch));
      yield* yieldNow();
      log.push('never');
    });
    yield* yieldNow();
    yield* builtin('send', ch, 'message');
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(log, ['message']);
  }));

test('a cancelled task nobody waits for is not reported, but what its clean-up throws is', () =>
  run(function* () {
    const quiet = spawn(() => sleep(60_000));
    const loud = spawn(function* () {
      try {
        yield* sleep(60_000);
      } finally {
        throw fault('EX', 'clean-up failed');
      }
    });
    yield* yieldNow();
    yield* cancel(quiet);
    yield* cancel(loud);
    yield* yieldNow();
    assert.deepEqual(reported(), ['clean-up failed']);
  }));

test('waiting for a cancelled task throws; who fails with that is reported like any failure', () =>
  run(function* () {
    const task = spawn(() => sleep(60_000));
    spawn(() => wait(task));
    yield* yieldNow();
    yield* cancel(task);
    yield* sleep(1);
    assert.deepEqual(reported(), ['the task was cancelled']);
  }));

test('a cancel may be caught, and the task goes on', () =>
  run(function* () {
    const task = spawn(function* () {
      try {
        yield* sleep(60_000);
      } catch {
        /* goes on */
      }
      yield* sleep(1);
      return 'went on';
    });
    yield* yieldNow();
    yield* cancel(task);
    assert.equal(yield* wait(task), 'went on');
  }));

test('a cancel reaches every kind of wait', () =>
  run(function* () {
    const ch = yield* builtin('channel');
    const mutex = yield* builtin('mutex_create');
    yield* builtin('mutex_lock', mutex);
    const semaphore = yield* builtin('semaphore_create', 0);
    const group = yield* builtin('wait_group_create');
    yield* builtin('wait_group_add', group);
    const limiter = yield* builtin('rate_limiter_create', 0.001);
    yield* builtin('rate_limiter_wait', limiter);
    const never = spawn(() => sleep(60_000));
    const waits: Record<string, () => Steps<unknown>> = {
      sleep: () => sleep(60_000),
      'sleep without end': () => sleep(Infinity),
      receive: () => builtin('receive', ch),
      'receive with a limit': () => builtin('receive', ch, 100),
      mutex: () => builtin('mutex_lock', mutex),
      'mutex with a limit': () => builtin('mutex_lock', mutex, 100),
      semaphore: () => builtin('semaphore_acquire', semaphore),
      'wait group': () => builtin('wait_group_wait', group),
      'rate limiter': () => builtin('rate_limiter_wait', limiter),
      wait: () => wait(never),
      wait_all: () => builtin('wait_all', [never]),
      wait_any: () => builtin('wait_any', [never], 100),
      with_timeout: () => withTimeout(100, () => sleep(60_000)),
      parallel: () =>
        builtin(
          'parallel',
          [1, 2, 3],
          2,
          fn(() => sleep(60_000)),
        ),
      retry: () =>
        builtin(
          'retry',
          5,
          fn(() => sleep(60_000)),
        ),
    };
    for (const [name, body] of Object.entries(waits)) {
      const task = spawn(body);
      yield* sleep(1);
      assert.equal(task.state, 'waiting', name);
      yield* cancel(task);
      yield* fails('ECANCELED', wait(task));
    }
    yield* cancel(never);
  }));

// ---------------------------------------------------------------- with_timeout

test('with_timeout gives the result or the error of the function', () =>
  run(function* () {
    assert.equal(yield* withTimeout(5, () => later(1, 'in time')), 'in time');
    assert.equal(yield* builtin('with_timeout', 5, () => 3), 3);
    yield* fails(
      'EX',
      withTimeout(5, () => failing(1, 'failed')),
      'failed',
    );
    assert.equal(yield* withTimeout(Infinity, () => later(1, 'x')), 'x');
    assert.deepEqual(reported(), []);
  }));

test('with_timeout cancels what the function waits for and waits for its clean-up', () =>
  run(function* () {
    const log: string[] = [];
    const error = yield* fails(
      'ETIMEDOUT',
      withTimeout(0.005, function* () {
        try {
          yield* sleep(60_000);
        } catch (error) {
          log.push((error as ErrorValue).message);
          throw error;
        } finally {
          yield* sleep(2);
          log.push('cleaned up');
        }
      }),
      'with_timeout: the function took longer than 0.005 seconds',
    );
    assert.deepEqual(log, ['the task was cancelled: the time of with_timeout is over', 'cleaned up']);
    assert.equal(error.cause, null);
  }));

test('with_timeout throws ETIMEDOUT whatever the function makes of the cancel', () =>
  run(function* () {
    yield* fails(
      'ETIMEDOUT',
      withTimeout(0.002, function* () {
        try {
          yield* sleep(60_000);
        } catch {
          return 'swallowed';
        }
      }),
    );
    const error = yield* fails(
      'ETIMEDOUT',
      withTimeout(0.002, function* () {
        try {
          yield* sleep(60_000);
        } finally {
          throw fault('EX', 'clean-up failed');
        }
      }),
    );
    assert.equal((error.cause as ErrorValue).message, 'clean-up failed');
  }));

test('nested with_timeout: the shorter limit counts, inside or outside', () =>
  run(function* () {
    const nested = (outer: number, inner: number, log: string[]): Steps<Value> =>
      withTimeout(outer, function* () {
        try {
          return yield* withTimeout(inner, () => sleep(60_000));
        } catch (error) {
          log.push(`inner ${(error as ErrorValue).code}`);
          throw error;
        }
      });
    const log: string[] = [];
    const inside = yield* fails('ETIMEDOUT', nested(5, 0.005, log));
    assert.match(inside.message, /0\.005/);
    const outside = yield* fails('ETIMEDOUT', nested(0.006, 5, log));
    assert.match(outside.message, /0\.006/);
    assert.deepEqual(log, ['inner ETIMEDOUT', 'inner ECANCELED']);
  }));

test('cancelling who called with_timeout cancels the function, whose clean-up ends first', () =>
  run(function* () {
    const log: string[] = [];
    const task = spawn(function* () {
      try {
        yield* withTimeout(100, () =>
          withTimeout(100, function* () {
            try {
              yield* sleep(60_000);
            } finally {
              yield* sleep(2);
              log.push('inner');
            }
          }),
        );
      } finally {
        log.push('outer');
      }
    });
    yield* sleep(1);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(log, ['inner', 'outer']);
  }));

test('a function that ends in the very turn of the limit is in time or too late, never both', () =>
  run(function* () {
    for (let i = 0; i < 60; i++) {
      let ended = false;
      try {
        yield* withTimeout(0.002, function* () {
          yield* sleep(2);
          ended = true;
        });
        assert.equal(ended, true);
      } catch (error) {
        assert.equal((error as ErrorValue).code, 'ETIMEDOUT');
      }
    }
  }));
