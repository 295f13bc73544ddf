/** parallel, retry and the rate limiter. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { fault } from '../../src/runtime/errors';
import type { Steps } from '../../src/runtime/task';
import type { ErrorValue, Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, fails, options, run, spawn } from '../support/run-tasks';
import { cancel, fn, sleep, wait, yieldNow } from './steps';

afterEach(assertNothingLeft);

test('parallel: results in order, at most n at a time, all n used', () =>
  run(function* () {
    for (const n of [1, 2, 5, 100]) {
      let now = 0;
      let most = 0;
      const items = Array.from({ length: 12 }, (_, i) => i);
      const results = yield* builtin(
        'parallel',
        items,
        n,
        fn(function* (x: Value, index: Value): Steps<Value> {
          most = Math.max(most, ++now);
          yield* sleep((x as number) % 3);
          now--;
          return [x, index];
        }),
      );
      assert.deepEqual(
        results,
        items.map((x) => [x, x]),
      );
      assert.equal(most, Math.min(n, items.length));
    }
  }));

test('parallel of nothing, of a function that never waits, and of items that change meanwhile', () =>
  run(function* () {
    assert.deepEqual(
      yield* builtin(
        'parallel',
        [],
        3,
        fn(() => sleep(1)),
      ),
      [],
    );
    assert.deepEqual(yield* builtin('parallel', [1, 2, 3], 2, ((x: number) => x * 2) as never), [2, 4, 6]);
    const items: Value[] = [1, 2, 3];
    const results = yield* builtin(
      'parallel',
      items,
      1,
      fn(function* (x: Value): Steps<Value> {
        items.length = 0;
        yield* yieldNow();
        return x;
      }),
    );
    assert.deepEqual(results, [1, 2, 3]);
  }));

test('parallel: a long computation without waits lets others run between the items', () =>
  run(function* () {
    let others = 0;
    const counter = spawn(function* () {
      for (;;) {
        others++;
        yield* sleep(1);
      }
    });
    const busy = ((): null => {
      const end = performance.now() + 4;
      while (performance.now() < end);
      return null;
    }) as never;
    yield* builtin('parallel', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, busy);
    assert.ok(others >= 3, `others ran ${others} times`);
    yield* cancel(counter);
  }));

test('parallel: the first failure cancels the rest, waits for their clean-up and is thrown', () =>
  run(function* () {
    const log: string[] = [];
    const body = fn(function* (x: Value): Steps<Value> {
      if (x === 2) {
        yield* sleep(2);
        throw fault('EX', 'no 2');
      }
      try {
        yield* sleep(60_000);
      } finally {
        yield* sleep(2);
        log.push(`${String(x)} cleaned up`);
      }
      return null;
    });
    yield* fails('EX', builtin('parallel', [1, 2, 3, 4, 5], 3, body), 'no 2');
    assert.deepEqual(log, ['1 cleaned up', '3 cleaned up']);
  }));

test('parallel: cancelling the caller cancels all and leaves their clean-up alone', () =>
  run(function* () {
    const log: string[] = [];
    const body = fn(function* (x: Value): Steps<Value> {
      try {
        yield* sleep(60_000);
      } finally {
        yield* sleep(x as number);
        log.push(`${String(x)} cleaned up`);
      }
      return null;
    });
    const task = spawn(() => builtin('parallel', [5, 1, 3, 7], 3, body));
    yield* sleep(1);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(log, ['1 cleaned up', '3 cleaned up', '5 cleaned up']);
  }));

test('parallel within parallel within with_timeout', () =>
  run(function* () {
    let cleaned = 0;
    const leaf = fn(function* (): Steps<Value> {
      try {
        yield* sleep(60_000);
      } finally {
        cleaned++;
      }
      return null;
    });
    const inner = fn(() => builtin('parallel', [1, 2, 3], 3, leaf));
    yield* fails(
      'ETIMEDOUT',
      builtin(
        'with_timeout',
        0.01,
        fn(() => builtin('parallel', [1, 2], 2, inner)),
      ),
    );
    assert.equal(cleaned, 6);
  }));

// ---------------------------------------------------------------- retry

function unsteady(failures: number): { f: ReturnType<typeof fn>; attempts: Value[] } {
  const attempts: Value[] = [];
  const f = fn(function* (attempt: Value): Steps<Value> {
    attempts.push(attempt);
    yield* yieldNow();
    if (attempts.length <= failures) throw fault('EX', `failure ${attempts.length}`);
    return 'done';
  });
  return { f, attempts };
}

test('retry: until it succeeds, at most so often, the last error thrown', () =>
  run(function* () {
    const good = unsteady(2);
    assert.equal(yield* builtin('retry', 5, good.f, options({ pause: 0 })), 'done');
    assert.deepEqual(good.attempts, [1, 2, 3]);
    const bad = unsteady(9);
    yield* fails('EX', builtin('retry', 3, bad.f, options({ pause: 0 })), 'failure 3');
    assert.deepEqual(bad.attempts, [1, 2, 3]);
    assert.equal(yield* builtin('retry', 1, unsteady(0).f), 'done');
  }));

test('retry: pauses grow up to the longest, and the jitter only shortens them', () =>
  run(function* () {
    const at: number[] = [];
    const f = fn(function* (): Steps<Value> {
      at.push(performance.now());
      yield* yieldNow();
      throw fault('EX', 'no');
    });
    yield* fails('EX', builtin('retry', 5, f, options({ pause: 0.01, factor: 3, max_pause: 0.04, jitter: 0 })));
    const pauses = at.slice(1).map((time, i) => time - at[i]!);
    for (const [i, least] of [10, 30, 40, 40].entries()) {
      assert.ok(pauses[i]! >= least, `pause ${i}: ${pauses[i]}`);
    }
    // Without the longest pause it would be 400.
    assert.ok(at.at(-1)! - at[0]! < 390);
    at.length = 0;
    const start = performance.now();
    yield* fails('EX', builtin('retry', 2, f, options({ pause: 0.05, jitter: 1 })));
    assert.ok(performance.now() - start < 1000);
  }));

test('retry: on_error is told, and stops it with false', () =>
  run(function* () {
    const told: Value[] = [];
    const on_error = fn(function* (error: Value, attempt: Value): Steps<Value> {
      told.push([(error as ErrorValue).message, attempt]);
      yield* yieldNow();
      return attempt !== 2;
    });
    yield* fails('EX', builtin('retry', 9, unsteady(9).f, options({ pause: 0, on_error })), 'failure 2');
    assert.deepEqual(told, [
      ['failure 1', 1],
      ['failure 2', 2],
    ]);
  }));

test('retry: a cancel is no failure to try again, in an attempt or in a pause', () =>
  run(function* () {
    let attempts = 0;
    const slow = fn(function* (): Steps<Value> {
      attempts++;
      yield* sleep(60_000);
      return null;
    });
    const task = spawn(() => builtin('retry', 9, slow));
    yield* sleep(1);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.equal(attempts, 1);
    const pausing = spawn(() => builtin('retry', 9, unsteady(9).f, options({ pause: 60 })));
    yield* sleep(1);
    yield* cancel(pausing);
    yield* fails('ECANCELED', wait(pausing));
  }));

test('retry: wrong options are refused by name', () =>
  run(function* () {
    const f = unsteady(0).f;
    yield* fails('EOPTION', builtin('retry', 2, f, options({ pauses: 1 })), /there is no option "pauses"/);
    yield* fails(
      'ETYPE',
      builtin('retry', 2, f, options({ factor: 0.5 })),
      /option "factor" must be a number of at least 1/,
    );
    yield* fails(
      'ETYPE',
      builtin('retry', 2, f, options({ jitter: 2 })),
      /option "jitter" must be a number from 0 to 1/,
    );
    yield* fails('ETYPE', builtin('retry', 0, f), /times must be a whole number, at least 1/);
  }));

// ---------------------------------------------------------------- rate limiter

test('a rate limiter spaces evenly, in order', () =>
  run(function* () {
    const limiter = yield* builtin('rate_limiter_create', 200);
    const start = performance.now();
    const log: number[] = [];
    const times: number[] = [];
    yield* builtin(
      'wait_all',
      [0, 1, 2, 3, 4, 5].map((i) =>
        spawn(function* () {
          yield* builtin('rate_limiter_wait', limiter);
          log.push(i);
          times.push(performance.now() - start);
        }),
      ),
    );
    assert.deepEqual(log, [0, 1, 2, 3, 4, 5]);
    times.forEach((time, i) => assert.ok(time >= 5 * i - 0.5 && time < 5 * i + 2000, `${i} at ${time}`));
  }));

test('a burst goes at once after a quiet time, then the rate counts', () =>
  run(function* () {
    const slow = yield* builtin('rate_limiter_create', 1, 3);
    const limiter = yield* builtin('rate_limiter_create', 100, 3);
    const start = performance.now();
    for (let i = 0; i < 3; i++) yield* builtin('rate_limiter_wait', slow);
    assert.ok(performance.now() - start < 900);
    const burst = performance.now();
    for (let i = 0; i < 4; i++) yield* builtin('rate_limiter_wait', limiter);
    assert.ok(performance.now() - burst >= 9.5);
  }));

test('a cancelled task takes no turn from the others', () =>
  run(function* () {
    const limiter = yield* builtin('rate_limiter_create', 4);
    yield* builtin('rate_limiter_wait', limiter);
    const start = performance.now();
    const tasks = [1, 2, 3].map(() => spawn(() => builtin('rate_limiter_wait', limiter)));
    yield* yieldNow();
    yield* cancel(tasks[0]!);
    yield* cancel(tasks[1]!);
    yield* wait(tasks[2]!);
    const taken = performance.now() - start;
    assert.ok(taken >= 200 && taken < 480, `${taken}`);
    for (const task of tasks.slice(0, 2)) yield* fails('ECANCELED', wait(task));
  }));
