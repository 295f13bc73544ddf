import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { evaluate } from '../../src/host/script';
import { fault, registerScript } from '../../src/runtime/errors';
import type { Site } from '../../src/runtime/errors';
import { receive, send } from '../../src/runtime/channel-operations';
import { Operation, operation } from '../../src/runtime/operation';
import { liveTasks, pace } from '../../src/runtime/scheduler';
import { waitTrace, whereIsItWaiting } from '../../src/runtime/wait-trace';
import { select } from '../../src/runtime/select';
import type { Steps, Task } from '../../src/runtime/task';
import { Channel } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, fails, run, spawn, until } from '../support/run-tasks';
import { cancel, sleep, wait, withTimeout, yieldNow } from './steps';

afterEach(assertNothingLeft);

// ---------------------------------------------------------------- turns

/** Two tasks that pass a message back and forth and never leave the queue of ready tasks. */
function pingPong(stop: { done: boolean; messages: number }): Task[] {
  const [there, back] = [new Channel(0), new Channel(0)];
  return [
    spawn(function* () {
      while (!stop.done) {
        yield* send(there, 1);
        yield* receive(back);
        stop.messages++;
      }
      there.close();
    }),
    spawn(function* () {
      while ((yield* receive(there)) !== null) yield* send(back, 1);
    }),
  ];
}

test('timers and sockets are served while tasks pass messages without end', () =>
  run(function* () {
    const stop = { done: false, messages: 0 };
    const tasks = pingPong(stop);
    for (let ticks = 0; ticks < 5; ticks++) yield* sleep(1);
    const echoed = yield* until(
      new Promise<string>((resolve, reject) => {
        const server = createServer((socket) => void socket.pipe(socket));
        server.listen(0, '127.0.0.1', () => {
          const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
          client.on('data', (data) => {
            resolve(String(data));
            client.destroy();
            server.close();
          });
          client.on('error', reject);
          client.write('x');
        });
      }),
    );
    assert.equal(echoed, 'x');
    assert.ok(stop.messages > 1000);
    stop.done = true;
    yield* builtin('wait_all', tasks);
  }));

/** A compiled loop in a function that can wait. */
function* busy(ms: number): Steps<number> {
  const end = performance.now() + ms;
  let turns = 0;
  let left = 1;
  let k = 1;
  while (performance.now() < end) {
    turns++;
    if (--left <= 0) {
      if ((k = pace(k)) < 0) {
        k = -k;
        yield null;
      }
      left = k;
    }
  }
  return turns;
}

test('loops that compute let others run at least every 10 ms', () =>
  run(function* () {
    const gaps: number[] = [];
    let stop = false;
    const watcher = spawn(function* () {
      let last = process.cpuUsage();
      while (!stop) {
        yield* yieldNow();
        const used = process.cpuUsage(last);
        gaps.push((used.user + used.system) / 1000);
        last = process.cpuUsage();
      }
    });
    yield* wait(spawn(() => busy(150)));
    stop = true;
    yield* wait(watcher);
    gaps.sort((a, b) => a - b);
    // Processor time, as the machine may be busy with something else; the engine's own threads count in it.
    const usual = gaps[Math.floor(gaps.length * 0.5)]!;
    assert.ok(gaps.length >= 5, `${gaps.length} turns`);
    assert.ok(usual <= 10.5, `${usual} ms between two turns`);
  }));

test('a loop that computes is cancelled, and interrupted by with_timeout', () =>
  run(function* () {
    const task = spawn(() => busy(60_000));
    yield* sleep(1);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    yield* fails(
      'ETIMEDOUT',
      withTimeout(0.01, () => busy(60_000)),
    );
  }));

test('yield_now lets each of the others run once', () =>
  run(function* () {
    const log: string[] = [];
    const tasks = ['a', 'b', 'c'].map((name) =>
      spawn(function* () {
        for (let i = 0; i < 3; i++) {
          log.push(`${name}${i}`);
          yield* yieldNow();
        }
      }),
    );
    yield* builtin('wait_all', tasks);
    assert.deepEqual(log, ['a0', 'b0', 'c0', 'a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  }));

test('ten thousand tasks wait for one another', () =>
  run(function* () {
    let left = new Channel(0);
    const first = left;
    for (let i = 0; i < 10_000; i++) {
      const [l, r] = [left, new Channel(0)];
      spawn(function* () {
        yield* send(l, 1 + ((yield* receive(r)) as number));
      });
      left = r;
    }
    yield* send(left, 0);
    assert.equal(yield* receive(first), 10_000);
  }));

// ---------------------------------------------------------------- operations

test('an operation that ends before the wait, at once, or fails', () =>
  run(function* () {
    const early = new Operation<number>('for nothing');
    early.succeed(5);
    assert.equal(yield* early.wait(), 5);
    assert.equal(yield* operation<number>('for nothing', (succeed) => succeed(6)), 6);
    yield* fails(
      'EX',
      operation('for nothing', (_succeed, fail) => void setTimeout(() => fail(() => fault('EX', 'failed')), 1)),
    );
  }));

test('an operation that is cancelled stops once, and hears no more', () =>
  run(function* () {
    const log: string[] = [];
    let succeedLater: (value: number) => void = () => {};
    const task = spawn(() =>
      operation<number>('for the test', (succeed) => {
        succeedLater = succeed;
        return () => {
          log.push('stopped');
          // News that comes while it stops is too late.
          succeed(1);
        };
      }),
    );
    yield* yieldNow();
    yield* cancel(task);
    succeedLater(2);
    yield* fails('ECANCELED', wait(task));
    succeedLater(3);
    assert.deepEqual(log, ['stopped']);
  }));

test('an operation whose result came before the cancel gives its result', () =>
  run(function* () {
    let succeedNow: (value: number) => void = () => {};
    const got: number[] = [];
    const task = spawn(function* () {
      got.push(yield* operation<number>('for the test', (succeed) => void (succeedNow = succeed)));
      yield* sleep(60_000);
    });
    yield* yieldNow();
    succeedNow(7);
    yield* cancel(task);
    yield* fails('ECANCELED', wait(task));
    assert.deepEqual(got, [7]);
  }));

// ---------------------------------------------------------------- where tasks wait

/** Code with a place of its own, as a compiled program has: functions of the file `parked.sn`. */
interface Parked {
  main(wait: () => Steps<unknown>, log: string[]): Steps<unknown>;
  direct(wait: () => Steps<unknown>, log: string[]): Steps<unknown>;
}

const source = { name: 'parked.sn', text: '' };

function parked(): Parked {
  registerScript('parked.sn', {
    siteAt: (line, column) => ({ source, span: { start: 0, end: 1 }, line, column, operands: [] }) as unknown as Site,
    functionName: (name) => name,
  });
  return evaluate(
    `({
      *main(wait, log) {
        try { yield* this.inner(wait); } catch (error) { log.push(error); throw error; } finally { log.push('finally'); }
      },
      *inner(wait) {
        return yield* wait();
      },
      *direct(wait, log) { try { return yield* wait(); } finally { log.push('finally'); } },
    })`,
    'parked.sn',
  ) as Parked;
}

const code = parked();

/** Every kind of wait that never ends by itself. */
function* endlessWaits(): Steps<Record<string, () => Steps<unknown>>> {
  const channel = new Channel(0);
  const mutex = yield* builtin('mutex_create');
  yield* builtin('mutex_lock', mutex);
  const semaphore = yield* builtin('semaphore_create', 0);
  const group = yield* builtin('wait_group_create');
  yield* builtin('wait_group_add', group);
  const limiter = yield* builtin('rate_limiter_create', 0.001);
  yield* builtin('rate_limiter_wait', limiter);
  const never = spawn(() => sleep(60_000));
  const full = new Channel(0);
  return {
    [`to receive from <channel ${channel.id}>`]: () => receive(channel),
    [`to send to <channel ${full.id}>`]: () => send(full, 1),
    [`to receive from <channel ${channel.id}> or to send to <channel ${full.id}>`]: () =>
      select([channel, full], [undefined, 1], undefined, false),
    'for <mutex N>, which task N holds': () => builtin('mutex_lock', mutex),
    'for <semaphore N>': () => builtin('semaphore_acquire', semaphore),
    'for the 1 that <wait group N> counts': () => builtin('wait_group_wait', group),
    'for <rate limiter N> to let it go on': () => builtin('rate_limiter_wait', limiter),
    'for its sleep to end': () => sleep(60_000),
    [`for task ${never.id} to end`]: () => wait(never),
    [`for one of the tasks ${never.id} to end`]: () => builtin('wait_any', [never]),
    'for the test': () => new Operation<Value>('for the test').wait(),
  };
}

/** As described, with the numbers of handles left out where the test cannot know them. */
function sameWords(described: string, expected: string): boolean {
  return described === expected || described.replace(/(<[a-z ]+|task) \d+/g, '$1 N') === expected;
}

test('a probe tells where a task waits, any number of times, and leaves it as it is', () =>
  run(function* () {
    for (const [words, start] of Object.entries(yield* endlessWaits())) {
      const log: unknown[] = [];
      const task = spawn(() => code.main(start, log as string[]));
      yield* sleep(1);
      assert.ok(sameWords(task.waitingOn!.describe(), words), `${task.waitingOn!.describe()}, not ${words}`);
      for (let i = 0; i < 2; i++) {
        const waitsAt = whereIsItWaiting(task);
        assert.equal(waitsAt?.line, 6, words);
        assert.deepEqual(
          waitTrace(task)!.frames.map((frame) => `${frame.function}:${frame.line}`),
          ['inner:6', 'main:3'],
          words,
        );
      }
      assert.deepEqual(log, []);
      yield* cancel(task);
      const error = yield* fails('ECANCELED', wait(task));
      assert.deepEqual(
        error.trace.frames.map((frame) => `${frame.function}:${frame.line}`),
        ['inner:6', 'main:3'],
        'a cancel shows the place of the wait',
      );
      assert.deepEqual(log, [error, 'finally'], words);
    }
    for (const task of [...liveTasks]) if (task.state === 'waiting') yield* cancel(task);
  }));

test('a probed wait still ends with its result', () =>
  run(function* () {
    const channel = new Channel(0);
    const task = spawn(() => code.direct(() => receive(channel), []));
    yield* yieldNow();
    whereIsItWaiting(task);
    yield* send(channel, 'message');
    assert.equal(yield* wait(task), 'message');
    assert.equal(whereIsItWaiting(task), null);
  }));
