/** A server and its clients: accepting, the rules of receive_from, broadcasting, leaving, heartbeat, stop. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { setPolicy } from '../../src/host/permissions';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { eventually, freePort, nothingLeft, pause } from '../support/network';
import { builtin, fails, field, join, options, run, spawn, unobserved, until } from '../support/run-tasks';
import { OP, openRaw } from './raw-peer';

after(nothingLeft);

function* opened(settings: Record<string, Value> = {}): Steps<Value> {
  return yield* builtin('ws_listen', '127.0.0.1', 0, options(settings));
}

const urlOf = (server: Value): string => field(server, 'url') as string;
const portOf = (server: Value): number => field(server, 'port') as number;

/** A client of Sentra, and what the server accepted. */
function* pair(server: Value): Steps<{ conn: Value; client: Value }> {
  const conn = yield* builtin('ws_connect', urlOf(server));
  return { conn, client: yield* builtin('ws_server_accept', server, 5) };
}

function* state(connection: Value, name = 'state'): Steps<Value> {
  return field(yield* builtin('ws_state', connection), name);
}

const stop = (server: Value): Steps<Value> => builtin('ws_server_stop', server);

test('gives each client once, in order of arrival, with what it asked for', () =>
  run(function* () {
    const server = yield* opened({ protocols: ['chat', 'log'] });
    const conns: Value[] = [];
    for (const path of ['/a', '/b?x=1']) {
      conns.push(
        yield* builtin(
          'ws_connect',
          urlOf(server) + path,
          options({ protocols: ['x', 'log', 'chat'], headers: options({ 'X-Name': 'ann' }) }),
        ),
      );
    }
    for (const path of ['/a', '/b?x=1']) {
      const client = yield* builtin('ws_server_accept', server);
      assert.equal(field(client, 'path'), path);
      assert.equal(field(client, 'protocol'), 'chat');
      assert.equal(field(client, 'remote_host'), '127.0.0.1');
      assert.equal(field(field(client, 'headers'), 'X-Name'), 'ann');
    }
    assert.equal(field(conns[0]!, 'protocol'), 'chat');
    assert.equal(yield* builtin('ws_server_accept', server, 0.02), null);
    assert.equal(yield* builtin('ws_server_accept', server, 0), null);
    yield* stop(server);
  }));

test('an accept that waits is ended by a client, by the stop and by a cancel', () =>
  run(function* () {
    const server = yield* opened();
    const first = spawn(() => builtin('ws_server_accept', server));
    const second = spawn(() => builtin('ws_server_accept', server));
    const third = spawn(() => builtin('ws_server_accept', server));
    yield* sleep(5);
    cancelTask(second);
    yield* fails('ECANCELED', join(second));
    const conn = yield* builtin('ws_connect', urlOf(server));
    assert.ok((yield* join<Value>(first)) instanceof MapValue);
    const ended = spawn(() => fails('ECLOSED', join(third)));
    yield* sleep(0);
    yield* stop(server);
    yield* join(ended);
    yield* fails('ECLOSED', builtin('ws_server_accept', server));
    assert.equal(yield* state(conn, 'code'), 1001);
  }));

test('receive_from without a timeout waits for this client while nothing else is to do', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    const task = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(100);
    assert.equal(task.state, 'waiting');
    yield* builtin('ws_send', a.conn, 'at last');
    assert.equal(yield* join<Value>(task), 'at last');
    yield* stop(server);
  }));

test('receive_from without a timeout gives null when another client has a message, before it or meanwhile', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    const b = yield* pair(server);
    const task = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(20);
    yield* builtin('ws_send', b.conn, 'from b');
    assert.equal(yield* join<Value>(task), null);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), null);
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client), 'from b');
    yield* builtin('ws_send', a.conn, 'from a');
    yield* builtin('ws_send', b.conn, 'from b again');
    yield* sleep(30);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), 'from a', 'its own message comes first');
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client), 'from b again');
    yield* stop(server);
  }));

test('receive_from without a timeout gives null when a new client waits, before it or meanwhile', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    const task = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(20);
    const conn = yield* builtin('ws_connect', urlOf(server));
    assert.equal(yield* join<Value>(task), null);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), null);
    yield* builtin('ws_server_accept', server);
    const again = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(50);
    assert.equal(again.state, 'waiting');
    cancelTask(again);
    yield* fails('ECANCELED', join(again));
    yield* builtin('ws_close', conn);
    yield* stop(server);
  }));

test('receive_from without a timeout gives way at once, unless its client was just asked something', () =>
  run(function* () {
    const server = yield* opened();
    const [a, b, c] = [yield* pair(server), yield* pair(server), yield* pair(server)];
    yield* builtin('ws_send', b.conn, 'from b');
    yield* sleep(20);
    const unasked = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(0);
    assert.equal(unasked.state, 'done');
    // The messages of others wait a moment for an answer, once.
    yield* builtin('ws_server_send_to', server, c.client, 'your name?');
    const asked = spawn(() => builtin('ws_server_receive_from', server, c.client));
    yield* sleep(0);
    assert.equal(asked.state, 'waiting');
    yield* builtin('ws_send', c.conn, 'cid');
    assert.equal(yield* join<Value>(asked), 'cid');
    yield* builtin('ws_server_send_to', server, c.client, 'welcome');
    const again = spawn(() => builtin('ws_server_receive_from', server, c.client));
    yield* sleep(0);
    assert.equal(again.state, 'done');
    yield* builtin('ws_close', c.conn);
    yield* stop(server);
  }));

test('receive_from without a timeout: new clients wait a little longer for an answer than messages do', () =>
  run(function* () {
    const server = yield* opened();
    const [a, b] = [yield* pair(server), yield* pair(server)];
    const late = yield* builtin('ws_connect', urlOf(server));
    yield* builtin('ws_server_send_to', server, a.client, 'your name?');
    const asked = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(80);
    assert.equal(asked.state, 'waiting', 'a new client waits');
    yield* builtin('ws_send', a.conn, 'ann');
    assert.equal(yield* join<Value>(asked), 'ann');
    yield* builtin('ws_server_send_to', server, b.client, 'your name?');
    const silent = spawn(() => builtin('ws_server_receive_from', server, b.client));
    yield* sleep(20);
    yield* builtin('ws_send', a.conn, 'hurry up');
    assert.equal(yield* join<Value>(silent), null);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), 'hurry up');
    for (const each of [late, a.conn, b.conn]) yield* builtin('ws_close', each);
    yield* stop(server);
  }));

test('receive_from with a timeout waits for its client alone', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    const b = yield* pair(server);
    yield* builtin('ws_send', b.conn, 'waiting');
    const task = spawn(() => builtin('ws_server_receive_from', server, a.client, 5));
    yield* sleep(50);
    assert.equal(task.state, 'waiting');
    yield* builtin('ws_send', a.conn, 'mine');
    assert.equal(yield* join<Value>(task), 'mine');
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client, 0.01), null);
    yield* stop(server);
  }));

test('receive_from gives null when the client leaves, after the messages it left', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    const waiting = spawn(() => builtin('ws_server_receive_from', server, a.client));
    yield* sleep(10);
    yield* builtin('ws_close', a.conn);
    assert.equal(yield* join<Value>(waiting), null);
    const b = yield* pair(server);
    yield* builtin('ws_send', b.conn, 'one');
    yield* builtin('ws_send', b.conn, 'two');
    yield* builtin('ws_close', b.conn);
    const id = field(b.client, 'id');
    assert.deepEqual(yield* builtin('ws_server_get_clients', server), [id], 'it is listed while messages wait');
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client), 'one');
    assert.equal(yield* builtin('ws_server_send_to', server, b.client, 'x'), false);
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client), 'two');
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client), null);
    assert.deepEqual(yield* builtin('ws_server_get_clients', server), []);
    assert.equal(yield* builtin('ws_server_receive_from', server, b.client, 1), null);
    yield* stop(server);
  }));

test('an accept with a timeout gives way to messages in a program that polls, and in no other', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    yield* builtin('ws_send', a.conn, 'waits');
    yield* sleep(20);
    assert.equal(yield* builtin('ws_server_accept', server, 0.1), null);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), 'waits');
    const patient = spawn(() => builtin('ws_server_accept', server, 2));
    yield* sleep(5);
    yield* builtin('ws_send', a.conn, 'still waits');
    yield* sleep(50);
    assert.equal(patient.state, 'waiting', 'nobody polls: it waits for its client');
    cancelTask(patient);
    yield* builtin('ws_server_get_clients', server);
    assert.equal(yield* builtin('ws_server_receive_from', server, a.client), 'still waits');
    const polling = spawn(() => builtin('ws_server_accept', server, 20));
    yield* sleep(5);
    yield* builtin('ws_send', a.conn, 'now');
    assert.equal(yield* join<Value>(polling), null);
    const begun = performance.now();
    assert.equal(yield* builtin('ws_server_accept', server, 20), null);
    assert.ok(performance.now() - begun < 5000);
    yield* stop(server);
  }));

test('a broadcast reaches every accepted client but the exceptions, once and in order', () =>
  run(function* () {
    const server = yield* opened();
    const all = [yield* pair(server), yield* pair(server), yield* pair(server)];
    const pending = yield* builtin('ws_connect', urlOf(server));
    const except = (clients: Value): MapValue => options({ except: clients });
    assert.equal(yield* builtin('ws_server_broadcast', server, 'one'), 3);
    assert.equal(yield* builtin('ws_server_broadcast', server, 'two', except(all[0]!.client)), 2);
    assert.equal(yield* builtin('ws_server_broadcast', server, 'three', except([field(all[1]!.client, 'id')])), 2);
    const long = 'long '.repeat(5000);
    assert.equal(yield* builtin('ws_server_broadcast', server, long), 3);
    assert.equal(yield* builtin('ws_server_broadcast', server, [0, 255], options({ binary: true })), 3);
    const expected = [
      ['one', 'three', long, '\0\udcff'],
      ['one', 'two', long, '\0\udcff'],
      ['one', 'two', 'three', long, '\0\udcff'],
    ];
    for (const [i, { conn }] of all.entries()) {
      for (const text of expected[i]!) assert.equal(yield* builtin('ws_receive', conn, 5), text);
    }
    assert.equal(yield* builtin('ws_receive', pending, 0.01), null);
    yield* fails('ETYPE', builtin('ws_server_broadcast', server, [1]));
    yield* stop(server);
  }));

test('a client that does not read is dropped with 1013 while the others are served; it shows in the events', async () => {
  const seen: HostEvent[] = [];
  const mute = listen((event) => void seen.push(event));
  await run(function* () {
    const server = yield* opened();
    const slow = yield* until(openRaw(portOf(server)));
    slow.peer.socket.pause();
    const slowClient = yield* builtin('ws_server_accept', server);
    const quick = yield* pair(server);
    const reader = spawn(function* () {
      let count = 0;
      while ((yield* builtin('ws_receive', quick.conn)) !== null) count++;
      return count;
    });
    const message = 'x'.repeat(100_000);
    const before = process.memoryUsage().external;
    let rounds = 0;
    let reached = 2;
    while (reached === 2 && rounds < 500) {
      reached = (yield* builtin('ws_server_broadcast', server, message)) as number;
      rounds++;
      yield* sleep(1);
    }
    assert.equal(reached, 1);
    assert.ok(process.memoryUsage().external - before < 20 * 1024 * 1024);
    assert.equal(yield* state(slowClient), 'closing');
    assert.equal(yield* builtin('ws_server_send_to', server, slowClient, 'x'), false);
    for (let i = 0; i < 20; i++) {
      yield* builtin('ws_server_broadcast', server, message);
      yield* sleep(1);
    }
    yield* builtin('ws_server_disconnect', server, quick.client);
    assert.equal(yield* join<number>(reader), rounds + 20);
    slow.peer.socket.destroy();
    yield* stop(server);
    assert.equal(yield* state(slowClient, 'code'), 1013);
  });
  mute();
  const dropped = seen.find((event) => event.kind === 'error' && event.code === 'EOVERFLOW');
  assert.ok(dropped?.kind === 'error' && dropped.message.includes('1013'));
});

test('a send waits while the client does not read, and holds up nobody else', () =>
  run(function* () {
    const server = yield* opened();
    const slow = yield* until(openRaw(portOf(server)));
    slow.peer.socket.pause();
    const client = yield* builtin('ws_server_accept', server);
    const sender = spawn(function* () {
      let sent = 0;
      while ((yield* builtin('ws_server_send_to', server, client, 'y'.repeat(50_000))) === true) sent++;
      return sent;
    });
    yield* sleep(200);
    assert.equal(sender.state, 'waiting');
    assert.ok(((yield* state(client, 'buffered')) as number) < 1_000_000);
    const other = yield* pair(server);
    yield* builtin('ws_server_send_to', server, other.client, 'quick');
    assert.equal(yield* builtin('ws_receive', other.conn, 1), 'quick');
    slow.peer.socket.destroy();
    assert.ok((yield* join<number>(sender)) > 0, 'false once the client is gone');
    yield* stop(server);
  }));

test('a program that does not receive stops its clients, and gets everything later', () =>
  run(function* () {
    const server = yield* opened({ compress: false });
    const { conn, client } = yield* pair(server);
    const count = 400;
    const sender = spawn(function* () {
      for (let i = 0; i < count; i++) yield* builtin('ws_send', conn, `${i}:${'z'.repeat(50_000)}`);
    });
    yield* sleep(300);
    assert.equal(sender.state, 'waiting', 'the sender has to wait');
    for (let i = 0; i < count; i++) {
      const got = (yield* builtin('ws_receive', client, 5)) as string;
      assert.ok(got.startsWith(`${i}:`), `message ${i} is ${got.slice(0, 10)}`);
    }
    yield* join(sender);
    yield* stop(server);
  }));

test('a silent client is found by the heartbeat, a living one is not', () =>
  run(function* () {
    const server = yield* opened({ heartbeat: 0.1 });
    const silent = yield* until(openRaw(portOf(server)));
    silent.peer.socket.pause();
    const dead = yield* builtin('ws_server_accept', server);
    const alive = yield* pair(server);
    const begun = performance.now();
    assert.equal(yield* builtin('ws_receive', dead, 5), null);
    assert.ok(performance.now() - begun < 3000);
    assert.equal(yield* state(dead, 'code'), 1006);
    assert.equal(yield* state(alive.client), 'open');
    silent.peer.socket.destroy();
    yield* stop(server);
  }));

test('pings are answered, with the data of the ping', () =>
  run(function* () {
    const server = yield* opened();
    const { conn, client } = yield* pair(server);
    for (const end of [conn, client]) {
      assert.ok(((yield* builtin('ws_ping', end)) as number) < 5000);
      assert.ok(((yield* builtin('ws_ping', end, 'mine')) as number) >= 0);
      assert.ok(((yield* builtin('ws_ping', end, [0, 255])) as number) >= 0);
      yield* builtin('ws_ping', end, 'x'.repeat(125));
      yield* fails('ETYPE', builtin('ws_ping', end, 'x'.repeat(126)));
      yield* fails('ETYPE', builtin('ws_ping', end, 'é'.repeat(63)));
      yield* fails('ETYPE', builtin('ws_ping', end, new Array<number>(126).fill(0)));
    }
    const raw = yield* until(openRaw(portOf(server)));
    const other = yield* builtin('ws_server_accept', server);
    const asked = spawn(() => builtin('ws_ping', other, 'one'));
    const asking = spawn(() => builtin('ws_ping', other, 'two'));
    yield* until(raw.peer.next());
    yield* until(raw.peer.next());
    raw.peer.send({ opcode: OP.pong, payload: 'unknown' });
    yield* sleep(20);
    assert.equal(asked.state, 'waiting');
    raw.peer.send({ opcode: OP.pong, payload: 'two' });
    yield* join(asked);
    yield* join(asking);
    const left = spawn(() => builtin('ws_ping', other));
    yield* sleep(10);
    raw.peer.socket.destroy();
    yield* fails('ECLOSED', join(left));
    yield* stop(server);
  }));

test('both sides see the code and the reason of a close', () =>
  run(function* () {
    const server = yield* opened();
    const a = yield* pair(server);
    yield* builtin('ws_close', a.conn, 4001, 'enough');
    assert.equal(yield* builtin('ws_receive', a.client), null);
    for (const end of [a.conn, a.client]) {
      assert.deepEqual(
        [yield* state(end), yield* state(end, 'code'), yield* state(end, 'reason')],
        ['closed', 4001, 'enough'],
      );
      yield* fails('ECLOSED', builtin('ws_send', end, 'x'), /is closed \(code 4001: enough\)/);
      assert.equal(yield* builtin('ws_close', end), null);
    }
    const b = yield* pair(server);
    yield* builtin('ws_server_disconnect', server, b.client, 1008, 'not you');
    assert.equal(yield* builtin('ws_receive', b.conn), null);
    assert.equal(yield* state(b.conn, 'code'), 1008);
    yield* builtin('ws_server_disconnect', server, b.client);
    yield* stop(server);
  }));

test('both close at once', () =>
  run(function* () {
    const server = yield* opened();
    const { conn, client } = yield* pair(server);
    const one = spawn(() => builtin('ws_close', conn, 4000, 'here'));
    const two = spawn(() => builtin('ws_close', client, 4001, 'there'));
    yield* join(one);
    yield* join(two);
    for (const end of [conn, client]) assert.equal(yield* state(end), 'closed');
    yield* stop(server);
  }));

test('a peer that does not answer a close is left after 2 seconds', () =>
  run(function* () {
    const server = yield* opened();
    const raw = yield* until(openRaw(portOf(server)));
    const client = yield* builtin('ws_server_accept', server);
    const begun = performance.now();
    yield* builtin('ws_close', client);
    const taken = performance.now() - begun;
    assert.ok(taken > 1500 && taken < 4500, `${taken} ms`);
    raw.peer.socket.destroy();
    yield* stop(server);
  }));

test('what was sent before a close arrives before it', () =>
  run(function* () {
    const server = yield* opened();
    const { conn, client } = yield* pair(server);
    const long = 'compressed in another thread '.repeat(20_000);
    yield* builtin('ws_send', client, long);
    yield* builtin('ws_send', client, 'short');
    yield* builtin('ws_close', client);
    assert.equal(yield* builtin('ws_receive', conn), long);
    assert.equal(yield* builtin('ws_receive', conn), 'short');
    assert.equal(yield* builtin('ws_receive', conn), null);
    assert.equal(yield* state(conn, 'code'), 1000);
    yield* stop(server);
  }));

test('max_clients refuses with 503 and lets in again', () =>
  run(function* () {
    const server = yield* opened({ max_clients: 1 });
    const { conn } = yield* pair(server);
    const refused = yield* fails('EHANDSHAKE', builtin('ws_connect', urlOf(server)), /503 Service Unavailable/);
    assert.equal(refused.fields.get('status'), 503);
    yield* builtin('ws_close', conn);
    yield* sleep(20);
    yield* builtin('ws_close', yield* builtin('ws_connect', urlOf(server)));
    yield* stop(server);
  }));

test('an origin that is not listed is refused', () =>
  run(function* () {
    const server = yield* opened({ origins: ['https://good.example'] });
    const from = (origin: string): MapValue => options({ headers: options({ Origin: origin }) });
    yield* fails('EHANDSHAKE', builtin('ws_connect', urlOf(server), from('https://bad.example')), /403/);
    yield* fails('EHANDSHAKE', builtin('ws_connect', urlOf(server), from('https://good.example.evil')), /403/);
    yield* builtin('ws_close', yield* builtin('ws_connect', urlOf(server), from('https://GOOD.example')));
    yield* builtin('ws_close', yield* builtin('ws_connect', urlOf(server)));
    yield* stop(server);
  }));

test('a path that is not served answers 404', () =>
  run(function* () {
    const server = yield* opened({ path: '/chat' });
    yield* fails('EHANDSHAKE', builtin('ws_connect', `${urlOf(server)}/other`), /404/);
    yield* builtin('ws_close', yield* builtin('ws_connect', `${urlOf(server)}/chat?x=1`));
    yield* stop(server);
  }));

test('ws_serve runs a task for each client, closes when it ends, and outlives an error in one', () =>
  run(function* () {
    const server = yield* opened();
    let ended = 0;
    const handler = function* (client: Value): Steps<Value> {
      try {
        const text = (yield* builtin('ws_receive', client)) as string;
        if (text === 'fail') throw 'a failure of the handler';
        yield* builtin('ws_send', client, text.toUpperCase());
        return null;
      } finally {
        ended++;
      }
    };
    const serving = spawn(() => builtin('ws_serve', server, handler as never));
    const [a, b] = [yield* builtin('ws_connect', urlOf(server)), yield* builtin('ws_connect', urlOf(server))];
    yield* builtin('ws_send', a, 'fail');
    assert.equal(yield* builtin('ws_receive', a), null);
    yield* builtin('ws_send', b, 'shout');
    assert.equal(yield* builtin('ws_receive', b), 'SHOUT');
    assert.equal(yield* builtin('ws_receive', b), null);
    assert.equal(yield* state(b, 'code'), 1000);
    assert.deepEqual(unobserved.splice(0), ['a failure of the handler']);
    const c = yield* builtin('ws_connect', urlOf(server));
    yield* sleep(20);
    cancelTask(serving);
    assert.equal(yield* builtin('ws_receive', c), null, 'its task is cancelled');
    assert.equal(ended, 3);
    yield* fails('ECANCELED', join(serving));
    yield* stop(server);
  }));

test('stopping twice is no error; a port in use, a policy and wrong handles are', () =>
  run(function* () {
    const server = yield* opened();
    yield* fails('EADDRINUSE', builtin('ws_listen', '127.0.0.1', portOf(server)), /in use/);
    yield* stop(server);
    yield* stop(server);
    yield* fails('ECLOSED', builtin('ws_server_get_clients', server));
    yield* fails('ECONNREFUSED', builtin('ws_connect', urlOf(server)));
    for (const wrong of ['nothing', 'ws:1.2.3.4:5#99999', 'tcp:127.0.0.1:1#1']) {
      yield* fails('EBADF', builtin('ws_send', wrong, 'x'));
      yield* fails('EBADF', builtin('ws_server_accept', wrong));
    }
    yield* fails('ETYPE', builtin('ws_send', options({ name: 'x' }), 'x'), /must be a WebSocket connection/);
    setPolicy({ refuses: (action, target) => (action === 'listen' ? null : `no ${action} to ${target}`) });
    try {
      yield* fails('EPERM', builtin('ws_connect', `ws://127.0.0.1:${yield* until(freePort())}`), /no connect/);
    } finally {
      setPolicy(null);
    }
  }));

test('10 of 1,000 clients leave at once, the rest are there', () =>
  run(function* () {
    const server = yield* opened();
    const conns: Value[] = [];
    for (let i = 0; i < 200; i++) {
      conns.push(yield* builtin('ws_connect', urlOf(server)));
      yield* builtin('ws_server_accept', server);
    }
    for (const conn of conns.slice(0, 10)) yield* builtin('ws_close', conn);
    yield* until(pause(20));
    assert.equal(((yield* builtin('ws_server_get_clients', server)) as Value[]).length, 190);
    assert.equal(yield* builtin('ws_server_broadcast', server, 'who is left?'), 190);
    for (const conn of conns.slice(10)) assert.equal(yield* builtin('ws_receive', conn, 5), 'who is left?');
    yield* stop(server);
  }));

test('every message, ping and close is in the event stream', async () => {
  const seen: HostEvent[] = [];
  const mute = listen((event) => void seen.push(event));
  await run(function* () {
    const server = yield* opened();
    const { conn, client } = yield* pair(server);
    yield* builtin('ws_send', conn, 'hello');
    yield* builtin('ws_receive', client);
    yield* builtin('ws_send_binary', client, [1, 2]);
    yield* builtin('ws_receive', conn);
    yield* builtin('ws_ping', conn, 'p');
    yield* builtin('ws_close', conn);
    yield* stop(server);
  });
  await eventually(() => seen.filter((event) => event.kind === 'closed').length === 3, 'three are closed');
  mute();
  const frames = seen.flatMap((e) => (e.kind === 'frame' ? [`${e.direction} ${e.type} ${e.count}`] : []));
  for (const expected of [
    'out text 5',
    'in text 5',
    'out binary 2',
    'in binary 2',
    'out ping 1',
    'in pong 1',
    'out close 2',
  ])
    assert.ok(frames.includes(expected), `${expected} in ${frames.join(', ')}`);
  assert.deepEqual(
    seen.filter((event) => event.kind === 'opened').map((event) => event.subject.role),
    ['server', 'socket', 'socket'],
  );
});
