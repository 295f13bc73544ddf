import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { receive, receiveNext, send } from '../../src/runtime/channel-operations';
import { select } from '../../src/runtime/select';
import type { Selected } from '../../src/runtime/select';
import type { Steps } from '../../src/runtime/task';
import { Channel } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, fails, run, spawn } from '../support/run-tasks';
import { cancel, sleep, wait, yieldNow } from './steps';

afterEach(assertNothingLeft);

/** Receives until the channel is closed. */
function* drained(channel: Channel): Steps<Value[]> {
  const got: Value[] = [];
  for (;;) {
    const message = yield* receiveNext(channel);
    if (message === undefined) return got;
    got.push(message);
  }
}

function* sends(channel: Channel, ...messages: Value[]): Steps<null> {
  for (const message of messages) yield* send(channel, message);
  return null;
}

/** Starts what may throw at once only when it is waited for. */
function* attempt(start: () => Steps<unknown>): Steps<unknown> {
  return yield* start();
}

test('without room a sender waits for the receiver; with room only when it is full', () =>
  run(function* () {
    for (const size of [0, 1, 2, 5]) {
      const channel = new Channel(size);
      const log: number[] = [];
      spawn(function* () {
        for (let i = 0; i < 7; i++) {
          yield* send(channel, i);
          log.push(i);
        }
      });
      yield* yieldNow();
      assert.equal(log.length, size);
      for (let i = 0; i < 7; i++) assert.equal(yield* receive(channel), i);
      yield* yieldNow();
      assert.equal(log.length, 7);
    }
  }));

test('what is ready at once does not let others run', () =>
  run(function* () {
    let ran = false;
    spawn(function* () {
      ran = true;
      yield* yieldNow();
    });
    const channel = new Channel(2);
    yield* send(channel, 1);
    yield* receive(channel);
    yield* select([channel], [5], undefined, false);
    yield* select([channel], [undefined], undefined, false);
    channel.close();
    assert.equal(yield* receive(channel), null);
    assert.equal(yield* receiveNext(channel), undefined);
    assert.equal(ran, false);
    yield* yieldNow();
    assert.equal(ran, true);
  }));

test('a large backlog keeps its order through every growth of the buffer', () =>
  run(function* () {
    const channel = new Channel(100_000);
    let next = 0;
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 37 * (round % 9); i++) yield* send(channel, next++);
    }
    channel.close();
    const got = yield* drained(channel);
    assert.equal(got.length, next);
    assert.ok(got.every((message, i) => message === i));
  }));

test('null is a message like any other', () =>
  run(function* () {
    const channel = new Channel(3);
    yield* sends(channel, null, 1, null);
    channel.close();
    assert.deepEqual(yield* drained(channel), [null, 1, null]);
    assert.equal(yield* receive(channel), null);
  }));

test('closing: the buffer is still received, receivers get the end, senders ECLOSED, twice is no error', () =>
  run(function* () {
    const full = new Channel(1);
    yield* send(full, 'kept');
    const sender = spawn(() => send(full, 'lost'));
    const empty = new Channel(0);
    const receivers = [
      spawn(() => receive(empty)),
      spawn(() => receiveNext(empty)),
      spawn(() => builtin('receive', empty, 60)),
    ];
    yield* yieldNow();
    yield* builtin('close', full);
    yield* builtin('close', full);
    yield* builtin('close', empty);
    yield* fails('ECLOSED', wait(sender), `cannot send to <channel ${full.id}>: it is closed`);
    assert.equal(yield* receive(full), 'kept');
    assert.equal(yield* receive(full), null);
    for (const receiver of receivers) assert.equal(yield* wait(receiver), null);
    yield* fails('ECLOSED', builtin('send', full, 1), `send: cannot send to <channel ${full.id}>: it is closed`);
  }));

test('receive with a limit gives null at the limit, else the message; without time left it lets others run', () =>
  run(function* () {
    const channel = new Channel(0);
    assert.equal(yield* builtin('receive', channel, 0.003), null);
    spawn(() => send(channel, 1));
    assert.equal(yield* builtin('receive', channel, 0), 1);
    spawn(function* () {
      yield* sleep(2);
      yield* send(channel, 2);
    });
    assert.equal(yield* builtin('receive', channel, 60), 2);
    assert.equal(channel.receivers.first, null);
  }));

test('try_receive takes from the buffer and from a waiting sender', () =>
  run(function* () {
    const channel = new Channel(0);
    assert.equal(yield* builtin('try_receive', channel), null);
    const sender = spawn(() => send(channel, 'x'));
    yield* yieldNow();
    assert.equal(yield* builtin('try_receive', channel), 'x');
    yield* wait(sender);
    channel.close();
    assert.equal(yield* builtin('try_receive', channel), null);
  }));

test('tasks are served in the order in which they came, cancelled ones left out', () =>
  run(function* () {
    for (const capacity of [0, 1]) {
      const channel = new Channel(capacity);
      if (capacity === 1) yield* send(channel, 'first');
      const senders = ['a', 'b', 'c', 'd', 'e'].map((name) => spawn(() => send(channel, name)));
      yield* yieldNow();
      yield* cancel(senders[0]!);
      yield* cancel(senders[2]!);
      yield* cancel(senders[4]!);
      const expected = capacity === 1 ? ['first', 'b', 'd'] : ['b', 'd'];
      for (const name of expected) assert.equal(yield* receive(channel), name);
      assert.equal(yield* builtin('try_receive', channel), null);
      const receivers = [1, 2, 3].map(() => spawn(() => receive(channel)));
      yield* yieldNow();
      yield* cancel(receivers[1]!);
      yield* send(channel, 1);
      yield* send(channel, 2);
      assert.equal(yield* wait(receivers[0]!), 1);
      assert.equal(yield* wait(receivers[2]!), 2);
      yield* fails('ECANCELED', wait(receivers[1]!));
    }
  }));

test('a message handed to a receiver that is cancelled in the same turn arrives', () =>
  run(function* () {
    const channel = new Channel(0);
    const got: Value[] = [];
    const receiver = spawn(function* () {
      got.push(yield* receive(channel));
      yield* sleep(1);
    });
    yield* yieldNow();
    yield* send(channel, 'message');
    yield* cancel(receiver);
    yield* fails('ECANCELED', wait(receiver));
    assert.deepEqual(got, ['message']);
  }));

test('a receiver that is cancelled before the message comes leaves it to the next one', () =>
  run(function* () {
    const channel = new Channel(0);
    const receiver = spawn(() => receive(channel));
    yield* yieldNow();
    yield* cancel(receiver);
    spawn(() => send(channel, 'message'));
    assert.equal(yield* receive(channel), 'message');
    yield* fails('ECANCELED', wait(receiver));
  }));

test('what is no channel is refused', () =>
  run(function* () {
    yield* fails(
      'ETYPE',
      attempt(() => send(null, 1)),
      "'<-' sends to a channel, got null",
    );
    yield* fails(
      'ETYPE',
      attempt(() => receive('a')),
      '\'<-\' needs a channel, got the string "a"',
    );
    yield* fails(
      'ETYPE',
      attempt(() => receiveNext(5)),
      /cannot walk/,
    );
    yield* fails(
      'ETYPE',
      attempt(() => select([5], [undefined], undefined, false)),
      /a case of 'select' needs a channel/,
    );
    yield* fails(
      'ETYPE',
      attempt(() => select([], [], 'x', false)),
      /must be a number of milliseconds/,
    );
    yield* fails(
      'ETYPE',
      attempt(() => select([], [], -1, false)),
      /must be a number of milliseconds/,
    );
    yield* fails(
      'ETYPE',
      attempt(() => select([], [], NaN, false)),
      /must be a number of milliseconds/,
    );
    yield* fails('ETYPE', builtin('receive', null), 'receive: ch must be a channel, got null');
  }));

// ---------------------------------------------------------------- select

const receivesFrom = (channels: Channel[], timeoutMs?: number, hasDefault = false): Steps<Selected> =>
  select(
    channels,
    channels.map(() => undefined),
    timeoutMs,
    hasDefault,
  );

test('select takes what is ready, the default where nothing is, and the timeout', () =>
  run(function* () {
    const [a, b] = [new Channel(1), new Channel(1)];
    assert.deepEqual(yield* receivesFrom([a, b], undefined, true), { index: -2, value: null });
    assert.deepEqual(yield* receivesFrom([a, b], 2), { index: -1, value: null });
    assert.deepEqual(yield* receivesFrom([a, b], 0), { index: -1, value: null });
    yield* send(b, 'x');
    assert.deepEqual(yield* receivesFrom([a, b], 2, true), { index: 1, value: 'x' });
    assert.deepEqual(yield* select([a, b], [undefined, 'y'], undefined, false), { index: 1, value: null });
    assert.equal(yield* receive(b), 'y');
    a.close();
    assert.deepEqual(yield* receivesFrom([a, b]), { index: 0, value: null });
    yield* fails(
      'ECLOSED',
      attempt(() => select([a], ['z'], undefined, true)),
    );
  }));

test('select waits, does one thing, and is out of all the other queues', () =>
  run(function* () {
    const channels = [new Channel(0), new Channel(0), new Channel(0)];
    for (let i = 0; i < 3; i++) {
      const selecting = spawn(() => select(channels, [undefined, 'sent', undefined], undefined, false));
      yield* yieldNow();
      if (i === 1) assert.equal(yield* receive(channels[1]!), 'sent');
      else yield* send(channels[i]!, `to ${i}`);
      assert.deepEqual(yield* wait(selecting), { index: i, value: i === 1 ? null : `to ${i}` });
      for (const channel of channels) {
        assert.equal(channel.receivers.first, null);
        assert.equal(channel.senders.first, null);
      }
    }
  }));

test('select on a channel twice, to send and to receive, never meets itself', () =>
  run(function* () {
    const channel = new Channel(0);
    assert.equal((yield* select([channel, channel], [undefined, 'mine'], 2, false)).index, -1);
    const selecting = spawn(() => select([channel, channel], [undefined, 'mine'], undefined, false));
    yield* yieldNow();
    assert.equal(yield* receive(channel), 'mine');
    assert.deepEqual(yield* wait(selecting), { index: 1, value: null });
    const again = spawn(() => select([channel, channel], [undefined, undefined], undefined, false));
    yield* yieldNow();
    channel.close();
    assert.equal(((yield* wait(again)) as unknown as Selected).value, null);
  }));

test('two selects meet', () =>
  run(function* () {
    const [a, b] = [new Channel(0), new Channel(0)];
    const first = spawn(() => select([a, b], [undefined, 'from first'], undefined, false));
    yield* yieldNow();
    const met = yield* select([b, a], [undefined, undefined], undefined, false);
    assert.deepEqual(met, { index: 0, value: 'from first' });
    assert.deepEqual(yield* wait(first), { index: 1, value: null });
  }));

test('closing wakes a select: to receive null, or with ECLOSED where it would send', () =>
  run(function* () {
    const [a, b, c] = [new Channel(0), new Channel(0), new Channel(0)];
    const receives = spawn(() => receivesFrom([a, b]));
    const wouldSend = spawn(() => select([a, c], [undefined, 1], undefined, false));
    yield* yieldNow();
    b.close();
    c.close();
    yield* fails('ECLOSED', wait(wouldSend), `cannot send to <channel ${c.id}>: it is closed`);
    assert.deepEqual(yield* wait(receives), { index: 1, value: null });
    assert.equal(a.receivers.first, null);
  }));

test('a select that is cancelled or timed out takes nothing', () =>
  run(function* () {
    const [a, b] = [new Channel(0), new Channel(0)];
    const selecting = spawn(() => receivesFrom([a, b], 60_000));
    yield* yieldNow();
    yield* cancel(selecting);
    yield* fails('ECANCELED', wait(selecting));
    assert.equal((yield* receivesFrom([a, b], 1)).index, -1);
    assert.equal(a.receivers.first, null);
    spawn(() => send(b, 1));
    assert.equal(yield* receive(b), 1);
  }));

test('the choice among ready channels is fair', () =>
  run(function* () {
    const channels = [0, 1, 2, 3].map(() => new Channel(1));
    const ready = [0, 1, 3];
    const chosen = [0, 0, 0, 0];
    const rounds = 3000;
    for (let i = 0; i < rounds; i++) {
      for (const each of ready) yield* send(channels[each]!, i);
      chosen[(yield* receivesFrom(channels)).index]!++;
      for (const each of ready) channels[each]!.take();
    }
    // 1000 each on average; 150 away is more than five standard deviations.
    assert.deepEqual(
      chosen.map((n) => Math.abs(n - (n === 0 ? 0 : rounds / 3)) < 150),
      [true, true, true, true],
    );
    assert.equal(chosen[2], 0);
    assert.ok(ready.every((each) => chosen[each]! > 0));
  }));
