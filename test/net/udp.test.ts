/** UDP between two programs, and with raw sockets that send what nobody expects. */
import assert from 'node:assert/strict';
import * as dgram from 'node:dgram';
import { after, test } from 'node:test';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { close, info, listening, nothingLeft } from '../support/network';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

/** A server and a socket that is connected to it. */
function* pair(host = '127.0.0.1'): Steps<{ server: string; port: number; client: string }> {
  const { server, port } = yield* listening('UDP', host);
  const client = (yield* builtin('socket_create', 'UDP', host, port)) as string;
  return { server, port, client };
}

function* receive(socket: string, size = 65536): Steps<unknown> {
  return yield* builtin('socket_receive', socket, size, 5);
}

test('handles and info say what they are', () =>
  run(function* () {
    const { server, port, client } = yield* pair();
    assert.match(server, /^udp-listen:127\.0\.0\.1:\d+#\d+$/);
    assert.match(client, new RegExp(`^udp:127\\.0\\.0\\.1:${port}#\\d+$`));
    assert.equal(yield* info(server, 'state'), 'bound');
    assert.equal(yield* info(client, 'state'), 'connected');
    assert.equal(yield* info(server, 'remote_host'), null);
    assert.equal(yield* info(client, 'remote_port'), port);
    yield* close(server, client);
  }));

test('a datagram is one receive, the answer goes to whom it came from', () =>
  run(function* () {
    const { server, client } = yield* pair();
    yield* builtin('socket_send', client, 'one');
    yield* builtin('socket_send', client, [0, 255, 10]);
    assert.equal(yield* receive(server), 'one');
    assert.equal(yield* receive(server), '\0\udcff\n');
    assert.equal(yield* builtin('socket_send', server, 'naïve'), 6);
    assert.equal(yield* receive(client), 'naïve');
    assert.equal(yield* info(server, 'bytes_in'), 6);
    assert.equal(yield* info(client, 'bytes_in'), 6);
    yield* close(server, client);
  }));

test('an empty datagram is "", and larger ones are cut at the size', () =>
  run(function* () {
    const { server, client } = yield* pair();
    assert.equal(yield* builtin('socket_send', client, ''), 0);
    assert.equal(yield* receive(server), '');
    yield* builtin('socket_send', client, 'abcdef');
    yield* builtin('socket_send', client, 'next');
    assert.equal(yield* receive(server, 3), 'abc');
    assert.equal(yield* receive(server, 3), 'nex');
    yield* close(server, client);
  }));

test('the largest datagram passes, a larger one is refused', () =>
  run(function* () {
    const { server, client } = yield* pair();
    assert.equal(yield* builtin('socket_send', client, 'x'.repeat(65507)), 65507);
    assert.equal(((yield* receive(server)) as string).length, 65507);
    const error = yield* fails('EMSGSIZE', builtin('socket_send', client, 'x'.repeat(65508)), /datagram is too large/);
    assert.match(error.hint!, /at most 65507 bytes/);
    yield* builtin('socket_send', client, 'goes on');
    assert.equal(yield* receive(server), 'goes on');
    yield* close(server, client);
  }));

test('receive_from names the sender, send_to the receiver', () =>
  run(function* () {
    const { server, port, client } = yield* pair();
    const other = yield* listening('UDP');
    yield* builtin('socket_send_to', other.server, 'from the other', 'localhost', port);
    const got = yield* builtin('socket_receive_from', server, 100, 5);
    assert.deepEqual(
      [field(got, 'data'), field(got, 'host'), field(got, 'port')],
      ['from the other', '127.0.0.1', other.port],
    );
    assert.equal(yield* builtin('socket_receive_from', server, 100, 0.02), null);
    yield* fails('EISCONN', builtin('socket_send_to', client, 'x', '127.0.0.1', port), /it sends to that peer alone/);
    yield* fails('ETYPE', builtin('socket_send_to', other.server, 'x', '127.0.0.1', 0), /port must be/);
    yield* fails('ENOTFOUND', builtin('socket_send_to', other.server, 'x', 'no-such-name.invalid', 9));
    yield* fails('EAFNOSUPPORT', builtin('socket_send_to', other.server, 'x', '::1', 9), /kind of address/);
    yield* close(server, client, other.server);
  }));

test('nobody to answer yet', () =>
  run(function* () {
    const { server } = yield* listening('UDP');
    const error = yield* fails('EDESTADDRREQ', builtin('socket_send', server, 'x'), /has received nothing yet/);
    assert.match(error.hint!, /socket_send_to/);
    yield* close(server);
  }));

test('a port where nobody listens is reported, once, and the socket goes on', () =>
  run(function* () {
    const { server, port, client } = yield* pair();
    yield* close(server);
    yield* builtin('socket_send', client, 'anybody?');
    const error = yield* fails('ECONNREFUSED', builtin('socket_receive', client, 100, 5), /nothing is listening there/);
    assert.equal(error.get('port'), port);
    assert.equal(yield* builtin('socket_receive', client, 100, 0.02), null);
    // Whoever sends next is told, where nobody received.
    yield* builtin('socket_send', client, 'still nobody?');
    yield* sleep(20);
    yield* fails('ECONNREFUSED', builtin('socket_send', client, 'hello?'), /nothing is listening there/);
    yield* close(client);
  }));

test('a connected socket hears its peer alone', () =>
  run(function* () {
    const { server, client } = yield* pair();
    const stranger = yield* listening('UDP');
    const own = (yield* info(client, 'local_port')) as number;
    yield* builtin('socket_send_to', stranger.server, 'let me in', '127.0.0.1', own);
    assert.equal(yield* builtin('socket_receive', client, 100, 0.05), null);
    yield* close(server, client, stranger.server);
  }));

test('receivers are served in turn; a cancelled one takes nothing; a close wakes all', () =>
  run(function* () {
    const { server, client } = yield* pair();
    const tasks = [0, 1, 2].map(() => spawn(() => builtin('socket_receive', server, 100)));
    yield* sleep(5);
    cancelTask(tasks[0]!);
    yield* fails('ECANCELED', join(tasks[0]!));
    yield* builtin('socket_send', client, 'for the second');
    assert.equal(yield* join(tasks[1]!), 'for the second');
    const third = spawn(() => fails('ECLOSED', join(tasks[2]!), `socket_receive: ${server} is closed (ECLOSED)`));
    yield* sleep(5);
    yield* close(server, server);
    yield* join(third);
    yield* fails('ECLOSED', builtin('socket_send', server, 'x'));
    yield* fails('ECLOSED', builtin('socket_receive_from', server, 9));
    yield* fails('ECLOSED', builtin('socket_info', server));
    yield* close(client);
  }));

test('what nobody receives is kept up to a bound, then dropped and counted', () =>
  run(function* () {
    const { server, port } = yield* listening('UDP');
    const raw = dgram.createSocket('udp4');
    yield* until(
      new Promise<void>((resolve) => {
        let left = 400;
        const more = (): void => {
          if (left-- === 0) resolve();
          else raw.send(Buffer.alloc(60_000, left), port, '127.0.0.1', () => setImmediate(more));
        };
        more();
      }),
    );
    raw.close();
    yield* sleep(50);
    const dropped = (yield* info(server, 'dropped')) as number;
    const kept = (yield* info(server, 'bytes_in')) as number;
    assert.ok(dropped > 0 && kept <= 4 * 1024 * 1024, `${dropped} dropped, ${kept} bytes kept`);
    let got = 0;
    for (;;) {
      const data = yield* builtin('socket_receive_from', server, 65536, 0);
      if (data === null) break;
      got += 60_000;
    }
    assert.equal(got, kept);
    yield* close(server);
  }));

test('timeouts: zero, fractions, and that of socket_set', () =>
  run(function* () {
    const { server } = yield* listening('UDP');
    assert.equal(yield* builtin('socket_receive', server, 1, 0), null);
    const before = performance.now();
    assert.equal(yield* builtin('socket_receive', server, 1, 0.03), null);
    assert.ok(performance.now() - before >= 28);
    yield* builtin('socket_set', server, options({ timeout: 0.01 }));
    assert.equal(yield* builtin('socket_receive', server, 1), null);
    for (const bad of [-1, NaN, '1'])
      yield* fails('ETYPE', builtin('socket_receive', server, 1, bad), /timeout must be/);
    yield* close(server);
  }));

test('settings: broadcast, ttl, multicast', () =>
  run(function* () {
    const { server, port } = yield* listening('UDP', '0.0.0.0', options({ reuse: true }));
    const error = yield* fails('EACCES', builtin('socket_send_to', server, 'x', '255.255.255.255', port));
    assert.match(error.hint!, /"broadcast": true/);
    yield* builtin('socket_set', server, options({ broadcast: true, ttl: 1 }));
    yield* builtin('socket_send_to', server, 'to all', '127.255.255.255', port);
    assert.equal(yield* receive(server), 'to all');
    yield* builtin('socket_set', server, options({ broadcast: false }));
    yield* fails('EACCES', builtin('socket_send_to', server, 'x', '255.255.255.255', port));
    yield* fails('ETYPE', builtin('socket_set', server, options({ multicast_join: '10.0.0.1' })), /multicast address/);
    yield* fails('ETYPE', builtin('socket_set', server, options({ ttl: 0 })), /ttl/);
    yield* fails('EOPTION', builtin('socket_set', server, options({ nodelay: true })), /is for TCP and TLS/);
    const second = yield* builtin('socket_listen', 'UDP', '0.0.0.0', port, options({ reuse: true }));
    yield* close(server, second);
  }));

test('groups: joined once, left once, by the name of an interface', () =>
  run(function* () {
    const { server } = yield* listening('UDP', '127.0.0.1');
    const set = (socket: Value, settings: Record<string, Value>): Steps<Value> =>
      builtin('socket_set', socket, options(settings));
    const group = '239.1.2.3';
    // A socket that is bound to an address joins on the interface of that address.
    yield* set(server, { multicast_join: group });
    yield* fails(
      'EADDRINUSE',
      set(server, { multicast_join: group }),
      /cannot join the group 239\.1\.2\.3: .* already/,
    );
    yield* set(server, { multicast_leave: group });
    yield* fails('EADDRNOTAVAIL', set(server, { multicast_leave: group }), /cannot leave .*: the socket is not in it/);
    yield* fails('EAFNOSUPPORT', set(server, { multicast_join: 'ff02::1' }), /does not fit .*, a socket of IPv4/);
    yield* fails('EAFNOSUPPORT', set(server, { multicast_interface: '::1' }), /does not fit .*, a socket of IPv4/);
    yield* fails('EADDRNOTAVAIL', set(server, { multicast_interface: '192.0.2.1' }), /does not have that address/);
    for (const bad of ['224.0.0.300', 'ff02:::1', 'a.test', '10.0.0.1', 5])
      yield* fails('ETYPE', set(server, { multicast_join: bad }), /must be a multicast address/);
    const any = yield* listening('UDP', '0.0.0.0', options({ reuse: true }));
    yield* set(any.server, { multicast_join: group, multicast_interface: '127.0.0.1' });
    yield* set(server, { multicast_interface: '127.0.0.1' });
    yield* builtin('socket_send_to', server, 'to all', group, any.port);
    assert.equal(yield* receive(any.server), 'to all');
    const six = yield* listening('UDP', '::');
    yield* fails('EINVAL', set(six.server, { multicast_join: 'ff02::1%none0' }), /there is no interface none0 here/);
    yield* fails('EINVAL', set(six.server, { multicast_interface: '::%none0' }), /there is no interface none0 here/);
    yield* fails('EINVAL', set(six.server, { multicast_interface: '::1' }), /of IPv6 an interface is told by its name/);
    yield* close(server, any.server, six.server);
  }));

test('a connected socket is not for broadcasts', () =>
  run(function* () {
    const error = yield* fails(
      'EACCES',
      builtin('socket_create', 'UDP', '127.255.255.255', 9),
      /it is a broadcast addr/,
    );
    assert.match(error.hint!, /socket_listen\("UDP", \.\.\.\)/);
  }));

test('a port in use, and an address of another machine', () =>
  run(function* () {
    const { server, port } = yield* listening('UDP');
    const error = yield* fails('EADDRINUSE', builtin('socket_listen', 'UDP', '127.0.0.1', port), /the port is in use/);
    assert.match(error.hint!, /choose another port/);
    yield* fails('EADDRNOTAVAIL', builtin('socket_listen', 'UDP', '192.0.2.1', 0), /does not have that address/);
    yield* close(server);
  }));

test('IPv6, and one socket for both families', () =>
  run(function* () {
    const { server, client } = yield* pair('[::1]');
    assert.match(client, /^udp:\[::1\]:/);
    yield* builtin('socket_send', client, 'six');
    assert.equal(field(yield* builtin('socket_receive_from', server, 10, 5), 'host'), '::1');
    yield* close(server, client);
    const both = yield* listening('UDP', '::');
    const four = yield* builtin('socket_create', 'UDP', '127.0.0.1', both.port);
    yield* builtin('socket_send', four, 'four');
    assert.equal(field(yield* builtin('socket_receive_from', both.server, 10, 5), 'host'), '127.0.0.1');
    yield* builtin('socket_send', both.server, 'answer');
    assert.equal(yield* receive(four as string), 'answer');
    yield* close(both.server, four);
  }));
