import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Steps } from '../../src/runtime/task';
import { MapValue, str } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, fails, run, spawn } from '../support/run-tasks';
import { cancel, sleep, wait, withTimeout, yieldNow } from './steps';

afterEach(assertNothingLeft);

test('handles print well and are maps', () =>
  run(function* () {
    for (const [maker, kind, ...args] of [
      ['mutex_create', 'mutex'],
      ['semaphore_create', 'semaphore', 1],
      ['wait_group_create', 'wait group'],
      ['rate_limiter_create', 'rate limiter', 5],
    ] as [string, string, ...number[]][]) {
      assert.match(str(yield* builtin(maker, ...args)), new RegExp(`^\\{"type": "${kind}", "id": \\d+\\}$`));
    }
  }));

test('what is no mutex is refused, a copy of one with a hint', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    yield* fails(
      'ETYPE',
      builtin('mutex_lock', 5),
      'mutex_lock: mutex must be a mutex made by mutex_create, got the number 5',
    );
    yield* fails('ETYPE', builtin('mutex_lock', new MapValue()), /got an empty map/);
    const copy = yield* fails('ETYPE', builtin('mutex_lock', (mutex as MapValue).clone()));
    assert.equal(copy.hint, 'a copy of a mutex is none: pass on the map that mutex_create gave');
    const other = yield* builtin('semaphore_create', 1);
    yield* fails(
      'ETYPE',
      builtin('mutex_unlock', other),
      'mutex_unlock: mutex must be a mutex made by mutex_create, got a map of 2',
    );
    (mutex as MapValue).set('id', 99);
    yield* builtin('mutex_lock', mutex);
    yield* builtin('mutex_unlock', mutex);
  }));

test('a mutex holds others out, in order', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    const log: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) =>
      spawn(function* () {
        yield* builtin('mutex_lock', mutex);
        log.push(`${name} in`);
        yield* sleep(1);
        log.push(`${name} out`);
        yield* builtin('mutex_unlock', mutex);
      }),
    );
    yield* builtin('wait_all', tasks);
    assert.deepEqual(log, ['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  }));

test('a mutex is handed over: who comes later cannot snatch it', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    yield* builtin('mutex_lock', mutex);
    const log: string[] = [];
    const waiter = spawn(function* () {
      yield* builtin('mutex_lock', mutex);
      log.push('waiter');
      yield* builtin('mutex_unlock', mutex);
    });
    yield* yieldNow();
    yield* builtin('mutex_unlock', mutex);
    yield* builtin('mutex_lock', mutex);
    log.push('again');
    yield* wait(waiter);
    assert.deepEqual(log, ['waiter', 'again']);
    yield* builtin('mutex_unlock', mutex);
    yield* fails('EPERM', builtin('mutex_unlock', mutex), /mutex_unlock: <mutex \d+> is not locked/);
  }));

test('locking twice is an error at once; a lock taken within with_timeout can be given back outside', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    yield* builtin('mutex_lock', mutex);
    yield* fails('EDEADLK', builtin('mutex_lock', mutex), /this task holds <mutex \d+> already/);
    const blocked = withTimeout(0.003, () => builtin('mutex_lock', mutex));
    yield* fails('ETIMEDOUT', blocked);
    yield* builtin('mutex_unlock', mutex);
    yield* withTimeout(1, () => builtin('mutex_lock', mutex));
    yield* builtin('mutex_unlock', mutex);
  }));

test('limits: the lock is not taken, and its message names the holder', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    yield* builtin('mutex_lock', mutex);
    const waiter = spawn(() => builtin('mutex_lock', mutex, 0.002));
    yield* fails(
      'ETIMEDOUT',
      wait(waiter),
      /^mutex_lock: waited for <mutex \d+>, which task \d+ holds for 0\.002 seconds$/,
    );
    yield* builtin('mutex_unlock', mutex);
    yield* builtin('mutex_lock', mutex, 0);
    const semaphore = yield* builtin('semaphore_create', 0);
    yield* fails(
      'ETIMEDOUT',
      builtin('semaphore_acquire', semaphore, 0.001),
      /^semaphore_acquire: waited for <semaphore \d+> for 0\.001 seconds$/,
    );
    const group = yield* builtin('wait_group_create');
    yield* builtin('wait_group_add', group, 2);
    yield* fails(
      'ETIMEDOUT',
      builtin('wait_group_wait', group, 0.001),
      /^wait_group_wait: waited for the 2 that <wait group \d+> counts for/,
    );
  }));

test('a task cancelled in the turn in which it got the mutex holds it, and can give it back', () =>
  run(function* () {
    const mutex = yield* builtin('mutex_create');
    yield* builtin('mutex_lock', mutex);
    const waiter = spawn(function* () {
      yield* builtin('mutex_lock', mutex);
      try {
        yield* sleep(60_000);
      } finally {
        yield* builtin('mutex_unlock', mutex);
      }
    });
    yield* yieldNow();
    yield* builtin('mutex_unlock', mutex);
    yield* cancel(waiter);
    yield* fails('ECANCELED', wait(waiter));
    yield* builtin('mutex_lock', mutex, 1);
  }));

test('a semaphore lets in so many at a time', () =>
  run(function* () {
    for (const places of [1, 3]) {
      const semaphore = yield* builtin('semaphore_create', places);
      let inside = 0;
      let most = 0;
      const worker = function* (): Steps<void> {
        yield* builtin('semaphore_acquire', semaphore);
        most = Math.max(most, ++inside);
        yield* sleep(1);
        inside--;
        yield* builtin('semaphore_release', semaphore);
      };
      yield* builtin(
        'wait_all',
        Array.from({ length: 10 }, () => spawn(worker)),
      );
      assert.equal(most, places);
    }
    const signal = yield* builtin('semaphore_create', 0);
    yield* builtin('semaphore_release', signal);
    yield* builtin('semaphore_release', signal);
    yield* builtin('semaphore_acquire', signal);
    yield* builtin('semaphore_acquire', signal);
    yield* fails('ETIMEDOUT', builtin('semaphore_acquire', signal, 0));
  }));

test('a wait group wakes all that wait, and can be used again', () =>
  run(function* () {
    const group = yield* builtin('wait_group_create');
    for (let round = 0; round < 2; round++) {
      yield* builtin('wait_group_add', group, 3);
      let done = 0;
      for (let i = 0; i < 3; i++) {
        spawn(function* () {
          yield* sleep(i);
          done++;
          yield* builtin('wait_group_done', group);
        });
      }
      const waiter = (): Steps<Value> => builtin('wait_group_wait', group);
      yield* builtin('wait_all', [spawn(waiter), spawn(waiter)]);
      assert.equal(done, 3);
    }
    yield* fails('ERANGE', builtin('wait_group_done', group), /wait_group_done: <wait group \d+> counts nobody/);
  }));
