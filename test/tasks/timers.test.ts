import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { clearTimer, pendingTimers, setTimer, Timeout } from '../../src/runtime/timers';
import { assertNothingLeft, builtin, fails, run, spawn } from '../support/run-tasks';
import { cancel, sleep, wait } from './steps';

afterEach(assertNothingLeft);

test('a sleep never takes less than its time, with fractions', () =>
  run(function* () {
    for (const ms of [0, 0.3, 1, 1.7, 5.5, 12]) {
      const start = performance.now();
      yield* sleep(ms);
      const taken = performance.now() - start;
      assert.ok(taken >= ms && taken < ms + 1000, `${ms} ms took ${taken}`);
    }
  }));

test('sleep(0) takes no millisecond', () =>
  run(function* () {
    const start = performance.now();
    for (let i = 0; i < 2000; i++) yield* sleep(0);
    assert.ok(performance.now() - start < 1000);
  }));

test('tasks wake in the order of their deadlines, equal ones in the order in which they slept', () =>
  run(function* () {
    const order: number[] = [];
    const times = [90, 30, 70, 30, 10, 90, 50, 10];
    const tasks = times.map((ms, i) =>
      spawn(function* () {
        yield* sleep(ms);
        order.push(i);
      }),
    );
    yield* builtin('wait_all', tasks);
    const expected = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
    assert.deepEqual(order, expected);
  }));

test('time goes on while the process computes', () =>
  run(function* () {
    const order: string[] = [];
    const tasks = [200, 50].map((ms) =>
      spawn(function* () {
        yield* sleep(ms);
        order.push(`${ms}`);
      }),
    );
    yield* sleep(0);
    const end = performance.now() + 300;
    while (performance.now() < end);
    const start = performance.now();
    yield* builtin('wait_all', tasks);
    assert.ok(performance.now() - start < 150, 'what was due meanwhile waits no longer');
    assert.deepEqual(order, ['50', '200']);
  }));

test('huge sleeps do not end at once', () =>
  run(function* () {
    const tasks = [2 ** 31, 2 ** 40, Number.MAX_VALUE, Infinity].map((ms) => spawn(() => sleep(ms)));
    yield* sleep(5);
    for (const task of tasks) {
      assert.equal(task.state, 'waiting');
      yield* cancel(task);
      yield* fails('ECANCELED', wait(task));
    }
  }));

test('wrong times are refused', () =>
  run(function* () {
    for (const ms of [-1, NaN, '5', null]) {
      yield* fails('ETYPE', builtin('sleep', ms), /^sleep: ms must be a number of milliseconds, 0 or more, got/);
    }
  }));

test('any timers set and cleared in any order: those left fire, once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ ms: fc.integer({ min: 0, max: 6 }), clear: fc.boolean() }), { maxLength: 60 }),
      async (plan) => {
        const fired: number[] = [];
        const now = performance.now();
        const timers = plan.map((_, i) => new Timeout(() => fired.push(i)));
        plan.forEach(({ ms }, i) => setTimer(timers[i]!, ms));
        // Cleared in an order that has nothing to do with the one in which they were set.
        const cleared = plan
          .flatMap(({ clear }, i) => (clear ? [i] : []))
          .sort((a, b) => ((a * 7) % 11) - ((b * 7) % 11));
        for (const i of cleared) clearTimer(timers[i]!);
        for (const i of cleared) clearTimer(timers[i]!);
        assert.equal(pendingTimers(), plan.length - cleared.length);
        while (pendingTimers() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
        const left = plan.flatMap(({ clear }, i) => (clear ? [] : [i]));
        assert.deepEqual(
          [...fired].sort((a, b) => a - b),
          left,
        );
        const deadlines = fired.map((i) => timers[i]!.deadline);
        assert.deepEqual(
          deadlines,
          [...deadlines].sort((a, b) => a - b),
        );
        assert.ok(performance.now() - now < 1000);
      },
    ),
    { numRuns: 40 },
  );
});

test('many at once are served in turns', () =>
  run(function* () {
    let woken = 0;
    for (let i = 0; i < 50_000; i++) {
      spawn(function* () {
        yield* sleep(30);
        woken++;
      });
    }
    yield* sleep(200);
    while (woken < 50_000) yield* sleep(1);
    assert.equal(woken, 50_000);
  }));

test('a timer that was cleared does not keep the process alive', () => {
  const program = `
    const { setTimer, clearTimer, Timeout } = require(${JSON.stringify(join(__dirname, '../../src/runtime/timers.ts'))});
    const timer = new Timeout(() => {});
    setTimer(timer, 60_000);
    clearTimer(timer);
    const short = new Timeout(() => console.log('fired'));
    setTimer(short, 5);
  `;
  const ran = spawnSync(process.execPath, ['--import', 'tsx', '-e', program], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(ran.stdout, 'fired\n', ran.stderr);
  assert.equal(ran.status, 0);
});
