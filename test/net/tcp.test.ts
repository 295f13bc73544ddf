/** TCP between two programs that behave: opening, data, timeouts, the end, handles and errors. */
import assert from 'node:assert/strict';
import { execFileSync, spawn as startProcess } from 'node:child_process';
import * as net from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { setPolicy } from '../../src/host/permissions';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { ErrorValue, Value } from '../../src/runtime/values';
import {
  close,
  connected,
  drained,
  freePort,
  info,
  listening,
  nothingLeft,
  rawClient,
  rawPeer,
} from '../support/network';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

test('handles say what they are', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    assert.match(server, /^tcp-listen:127\.0\.0\.1:\d+#\d+$/);
    assert.match(client, /^tcp:127\.0\.0\.1:\d+#\d+$/);
    assert.equal(yield* info(peer, 'remote_port'), yield* info(client, 'local_port'));
    assert.equal(peer.split('#')[0], `tcp:127.0.0.1:${String(yield* info(client, 'local_port'))}`);
    yield* close(server, client, peer);
  }));

test('sends and receives, counting bytes', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    assert.equal(yield* builtin('socket_send', client, 'naïve'), 6);
    assert.equal(yield* builtin('socket_receive', peer, 100), 'naïve');
    assert.equal(yield* builtin('socket_send', client, [0, 255, 65]), 3);
    assert.equal(yield* builtin('socket_receive', peer, 100), '\0\udcffA');
    assert.equal(yield* builtin('socket_send', client, ''), 0);
    assert.equal(yield* builtin('socket_send', client, []), 0);
    assert.equal(yield* builtin('socket_receive', peer, 100, 0.02), null);
    assert.equal(yield* info(client, 'bytes_out'), 9);
    assert.equal(yield* info(peer, 'bytes_in'), 9);
    yield* close(server, client, peer);
  }));

test('gives at most the size, and keeps the rest', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'abcdef');
    assert.equal(yield* builtin('socket_receive', peer, 4), 'abcd');
    assert.equal(yield* builtin('socket_receive', peer, 4), 'ef');
    yield* close(server, client, peer);
  }));

test('a receive with a timeout gives null, and loses nothing', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const before = performance.now();
    assert.equal(yield* builtin('socket_receive', peer, 10, 0.05), null);
    assert.ok(performance.now() - before >= 45);
    assert.equal(yield* builtin('socket_receive', peer, 10, 0), null);
    yield* builtin('socket_send', client, 'late');
    assert.equal(yield* builtin('socket_receive', peer, 10, 5), 'late');
    yield* close(server, client, peer);
  }));

test('a timeout of 0 finds what has arrived', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'x');
    let received = null;
    for (let i = 0; i < 1000 && received === null; i++) received = yield* builtin('socket_receive', peer, 10, 0);
    assert.equal(received, 'x');
    yield* close(server, client, peer);
  }));

test('a cancelled receive loses nothing', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const reader = spawn(() => builtin('socket_receive', peer, 10));
    yield* sleep(5);
    cancelTask(reader);
    yield* fails('ECANCELED', join(reader));
    yield* builtin('socket_send', client, 'still here');
    assert.equal(yield* builtin('socket_receive', peer, 100), 'still here');
    yield* close(server, client, peer);
  }));

test('"" at the end of the peer, as often as asked', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'bye');
    yield* close(client);
    assert.equal(yield* builtin('socket_receive', peer, 100), 'bye');
    assert.equal(yield* builtin('socket_receive', peer, 100), '');
    assert.equal(yield* builtin('socket_receive', peer, 100), '');
    assert.equal(yield* info(peer, 'state'), 'ended');
    yield* close(server, peer);
  }));

test('half-close: the answer comes after the end of the question', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'question');
    yield* builtin('socket_shutdown', client);
    yield* builtin('socket_shutdown', client);
    assert.equal(yield* info(client, 'state'), 'shut');
    assert.equal(yield* builtin('socket_receive_all', peer), 'question');
    yield* builtin('socket_send', peer, 'answer');
    assert.equal(yield* builtin('socket_receive', client, 100), 'answer');
    yield* fails('EPIPE', builtin('socket_send', client, 'more'), /was shut down for sending/);
    yield* close(peer);
    assert.equal(yield* builtin('socket_receive', client, 100), '');
    yield* close(server, client);
  }));

test('connections are accepted in order of arrival', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const clients = [];
    for (let i = 0; i < 20; i++) clients.push(yield* builtin('socket_create', 'TCP', '127.0.0.1', port));
    for (const client of clients) {
      const peer = yield* builtin('socket_accept', server);
      assert.equal(yield* info(peer, 'remote_port'), yield* info(client, 'local_port'));
      yield* close(peer, client);
    }
    assert.equal(yield* builtin('socket_accept', server, 0.02), null);
    yield* close(server);
  }));

test('several tasks may accept: the one that waits longest is served first', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const order: number[] = [];
    const acceptors = [0, 1, 2].map((n) =>
      spawn(function* () {
        const peer = yield* builtin('socket_accept', server);
        order.push(n);
        yield* close(peer);
      }),
    );
    for (let i = 0; i < 3; i++) yield* close(yield* builtin('socket_create', 'TCP', '127.0.0.1', port));
    for (const acceptor of acceptors) yield* join(acceptor);
    assert.deepEqual(order, [0, 1, 2]);
    yield* close(server);
  }));

test('a cancelled accept takes no connection', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const acceptor = spawn(() => builtin('socket_accept', server));
    yield* sleep(5);
    cancelTask(acceptor);
    yield* fails('ECANCELED', join(acceptor));
    const client = yield* builtin('socket_create', 'TCP', '127.0.0.1', port);
    const peer = yield* builtin('socket_accept', server, 5);
    assert.notEqual(peer, null);
    yield* close(server, client, peer);
  }));

test('beyond max_pending connections are reset, and counted', () =>
  run(function* () {
    const { server, port } = yield* listening('TCP', '127.0.0.1', options({ max_pending: 2 }));
    const clients = [];
    for (let i = 0; i < 2; i++) clients.push(yield* builtin('socket_create', 'TCP', '127.0.0.1', port));
    for (let i = 0; i < 2; i++) {
      // The reset may come before the connection was noticed, or after.
      yield* fails(
        'ECONNRESET',
        (function* () {
          const client = yield* builtin('socket_create', 'TCP', '127.0.0.1', port);
          clients.push(client);
          yield* builtin('socket_receive', client, 1);
        })(),
        /reset/,
      );
    }
    assert.equal(yield* info(server, 'pending'), 2);
    assert.equal(yield* info(server, 'dropped'), 2);
    const first = yield* builtin('socket_accept', server);
    yield* builtin('socket_send', first, 'served');
    assert.equal(yield* builtin('socket_receive', clients[0]!, 10), 'served');
    assert.equal(yield* info(server, 'accepted'), 1);
    yield* close(server, first, ...clients);
  }));

test('closing a server wakes who accepts, refuses who waits, and leaves the accepted alone', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const client = yield* builtin('socket_create', 'TCP', '127.0.0.1', port);
    const peer = yield* builtin('socket_accept', server);
    const acceptor = spawn(() => builtin('socket_accept', server));
    yield* sleep(5);
    yield* close(server);
    yield* fails('ECLOSED', join(acceptor), new RegExp(`${server} is closed`));
    yield* fails('ECLOSED', builtin('socket_accept', server));
    yield* builtin('socket_send', client, 'still open');
    assert.equal(yield* builtin('socket_receive', peer, 100), 'still open');
    yield* close(client, peer);
    yield* fails('ECONNREFUSED', builtin('socket_create', 'TCP', '127.0.0.1', port));
  }));

test('closing a server resets connections that wait to be accepted', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const client = yield* builtin('socket_create', 'TCP', '127.0.0.1', port);
    yield* sleep(20);
    yield* close(server);
    yield* fails('ECONNRESET', builtin('socket_receive', client, 1));
    yield* close(client);
  }));

test('closing twice is no error, and closing wakes who waits', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const reader = spawn(() => builtin('socket_receive', peer, 10));
    yield* sleep(5);
    yield* close(peer, peer);
    yield* fails('ECLOSED', join(reader), `socket_receive: ${peer} is closed (ECLOSED)`);
    for (const name of ['socket_receive', 'socket_receive_exact']) yield* fails('ECLOSED', builtin(name, peer, 10));
    for (const name of ['socket_receive_line', 'socket_receive_all', 'socket_info', 'socket_shutdown']) {
      yield* fails('ECLOSED', builtin(name, peer), /is closed/);
    }
    yield* fails('ECLOSED', builtin('socket_send', peer, 'x'));
    yield* close(server, client, client);
  }));

test('closing wakes who waits to send, and who waits behind', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const message = `socket_send: ${client} is closed (ECLOSED)`;
    const senders = [0, 1].map(() =>
      spawn(() => fails('ECLOSED', builtin('socket_send', client, 'x'.repeat(20_000_000)), message)),
    );
    yield* sleep(50);
    const closing = spawn(() => close(client));
    for (const sender of senders) yield* join(sender);
    // What was handed to the system arrives, and then an end.
    let got = 0;
    for (let data = null; data !== ''; got += data.length) {
      data = (yield* builtin('socket_receive', peer, 1_000_000, 5)) as string;
    }
    assert.ok(got > 100_000 && got < 20_000_000, `${got} bytes`);
    yield* join(closing);
    yield* close(server, peer);
  }));

test('what never was a socket', () =>
  run(function* () {
    for (const handle of ['', 'tcp:127.0.0.1:80#99999999', 'tcp:127.0.0.1:80', '__proto__', 'x#1']) {
      for (const name of ['socket_close', 'socket_accept', 'socket_info', 'socket_shutdown', 'socket_receive_line']) {
        yield* fails('EBADF', builtin(name, handle), /is no socket \(EBADF\)/);
      }
    }
    yield* fails('ETYPE', builtin('socket_send', 5, 'x'), 'socket_send: socket must be a socket, got the number 5');
    yield* fails('ETYPE', builtin('socket_close', null), 'socket_close: socket must be a socket, got null');
  }));

test('two tasks cannot receive on one connection', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const reader = spawn(() => builtin('socket_receive', peer, 10));
    yield* sleep(5);
    yield* fails('EBUSY', builtin('socket_receive', peer, 10), /another task is receiving on/);
    yield* fails('EBUSY', builtin('socket_receive_line', peer));
    yield* builtin('socket_send', client, 'one');
    assert.equal(yield* join(reader), 'one');
    yield* builtin('socket_send', client, 'two');
    assert.equal(yield* builtin('socket_receive', peer, 10), 'two');
    yield* close(server, client, peer);
  }));

test('the wrong kind of socket is named', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* fails(
      'EINVAL',
      builtin('socket_accept', client),
      `socket_accept: ${client} is a connection, not a server (EINVAL)`,
    );
    yield* fails('EINVAL', builtin('socket_send', server, 'x'), /is a server, no data goes through it/);
    yield* fails('EINVAL', builtin('socket_receive', server, 1), /is a server/);
    const served = yield* fails('EINVAL', builtin('socket_shutdown', server), /is a server, not a connection/);
    assert.match(served.hint!, /socket_accept\(server\) gives the socket of a client/);
    const datagrams = yield* listening('UDP');
    const unaccepted = yield* fails(
      'EINVAL',
      builtin('socket_accept', datagrams.server),
      /is a datagram socket, not a/,
    );
    assert.match(unaccepted.hint!, /UDP has no connections/);
    yield* close(datagrams.server);
    yield* fails('EINVAL', builtin('socket_receive_from', client, 1), /is a connection, not a UDP socket/);
    yield* fails('EINVAL', builtin('socket_send_to', client, 'x', '127.0.0.1', 1), /is a connection, not a UDP socket/);
    yield* close(server, client, peer);
  }));

test('a WebSocket is none of these sockets', () =>
  run(function* () {
    const server = yield* builtin('ws_listen', '127.0.0.1', 0);
    const conn = yield* builtin('ws_connect', field(server, 'url'));
    for (const [id, kind] of [
      [field(conn, 'id'), 'connection'],
      [field(server, 'id'), 'server'],
    ] as const) {
      const calls: [string, ...Value[]][] = [
        ['socket_info', id],
        ['socket_set', id, options({ timeout: 1 })],
        ['socket_send', id, 'x'],
        ['socket_receive', id, 1],
        ['socket_receive_line', id],
        ['socket_receive_from', id, 1],
        ['socket_accept', id],
        ['socket_shutdown', id],
        ['socket_start_tls', id],
        ['socket_close', id],
      ];
      for (const [name, ...args] of calls) {
        const error = yield* fails(
          'EINVAL',
          builtin(name, ...args),
          `${name}: ${String(id)} is a WebSocket ${kind}, not a socket (EINVAL)`,
        );
        assert.match(error.hint!, /functions for it begin with ws_/);
      }
    }
    yield* builtin('ws_close', conn);
    yield* builtin('ws_server_stop', server);
  }));

test('arguments that do not fit', () =>
  run(function* () {
    const cases: [string, unknown[], RegExp][] = [
      [
        'socket_listen',
        ['SCTP', '127.0.0.1', 0],
        /protocol must be "TCP", "UDP", "TLS" or "UNIX", got the string "SCTP"/,
      ],
      ['socket_listen', ['TCP', '127.0.0.1', '80'], /port must be a whole number from 0 to 65535, got the string "80"/],
      [
        'socket_listen',
        ['TCP', '127.0.0.1', 65536],
        /port must be a whole number from 0 to 65535, got the number 65536/,
      ],
      ['socket_listen', ['TCP', '127.0.0.1', -1], /port must be/],
      ['socket_listen', ['TCP', '127.0.0.1', 1.5], /port must be/],
      ['socket_listen', ['TCP', '127.0.0.1'], /port must be a whole number from 0 to 65535, got null/],
      ['socket_listen', ['TCP', 5, 0], /host must be a string, got the number 5/],
      ['socket_listen', ['TCP', '', 0], /host must be a host name, an IPv4 or an IPv6 address, got the string ""/],
      ['socket_create', ['TCP', '127.0.0.1', 0], /port must be a whole number from 1 to 65535, got the number 0/],
      ['socket_create', ['UDP', '127.0.0.1', 0], /port must be a whole number from 1 to 65535, got the number 0/],
      ['socket_create', ['TLS', '127.0.0.1'], /port must be a whole number from 1 to 65535, got null/],
      ['socket_create', ['TCP', '300.1.2.3', 80], /host must be a host name/],
      ['socket_create', ['TCP', 'a b', 80], /host must be a host name/],
      ['socket_create', ['TCP', 'a\nb', 80], /host must be a host name/],
      ['socket_create', ['TCP', 'http://x', 80], /host must be a host name/],
      ['socket_create', ['TCP', '::g', 80], /host must be a host name/],
      ['socket_create', ['TCP', '[127.0.0.1]', 80], /host must be a host name/],
      [
        'socket_create',
        ['TCP', '127.0.0.1', 80, options({ timeout: 'x' })],
        /option "timeout" must be a number of seconds/,
      ],
      ['socket_create', ['TCP', '127.0.0.1', 80, options({ timeout: -1 })], /option "timeout" must be/],
      ['socket_create', ['TCP', '127.0.0.1', 80, 'x'], /options must be a map of options/],
      [
        'socket_create',
        ['TCP', '127.0.0.1', 80, options({ local_host: 'localhost' })],
        /option "local_host" must be an IPv4 or an IPv6 address, got the string "localhost"/,
      ],
    ];
    for (const [name, args, message] of cases) yield* fails('ETYPE', builtin(name, ...(args as never[])), message);
    yield* fails(
      'EOPTION',
      builtin('socket_create', 'TCP', '127.0.0.1', 80, options({ tiemout: 1 })),
      /no option "tiemout"/,
    );
    yield* fails(
      'EOPTION',
      builtin('socket_create', 'TCP', '127.0.0.1', 80, options({ ca: 'x' })),
      /option "ca" is for TLS, not for TCP/,
    );
    yield* fails(
      'EOPTION',
      builtin('socket_listen', 'TCP', '127.0.0.1', 0, options({ reuse: true })),
      /"reuse" is for UDP, not for TCP/,
    );
    const misfits: [string, Record<string, Value>, RegExp][] = [
      ['UDP', { backlog: 5 }, /"backlog" is for TCP, TLS and UNIX, not for UDP/],
      ['UDP', { max_pending: 5 }, /"max_pending" is for TCP, TLS and UNIX, not for UDP/],
      ['UNIX', { ipv6_only: true }, /"ipv6_only" is for TCP, TLS and UDP, not for UNIX/],
      ['TCP', { handshake_timeout: 5 }, /"handshake_timeout" is for TLS, not for TCP/],
      ['UNIX', { request_cert: true }, /"request_cert" is for TLS, not for UNIX/],
    ];
    for (const [protocol, given, message] of misfits) {
      yield* fails('EOPTION', builtin('socket_listen', protocol, '127.0.0.1', 0, options(given)), message);
    }
    const hosts: [string, RegExp][] = [
      ['http://localhost', /the host of a URL alone/],
      ['localhost:80', /the port is an argument of its own/],
      [' localhost', /white space around it/],
      ['127.1', /written as four numbers/],
      ['[::1]:80', /the port is an argument of its own/],
    ];
    for (const [host, hint] of hosts) {
      const error = yield* fails('ETYPE', builtin('socket_create', 'TCP', host, 80), /host must be a host name/);
      assert.match(error.hint!, hint);
    }
    const { server, client, peer } = yield* connected();
    const byte = yield* fails('ETYPE', builtin('socket_send', client, [0, 255, 256]));
    assert.equal(byte.hint, 'its element 2 is the number 256');
    for (const data of [5, null, true, [1, 256], ['a'], [1.5], [-1], options({})]) {
      yield* fails('ETYPE', builtin('socket_send', client, data), /data must be a string or an array of byte values/);
    }
    for (const size of [0, -1, 1.5, '9', NaN])
      yield* fails('ETYPE', builtin('socket_receive', client, size), /size must be/);
    for (const time of [-1, NaN, '1'])
      yield* fails('ETYPE', builtin('socket_receive', client, 1, time), /timeout must be/);
    yield* close(server, client, peer);
  }));

test('a refused connection says what it means', () =>
  run(function* () {
    const port = yield* until(freePort());
    const error = yield* fails(
      'ECONNREFUSED',
      builtin('socket_create', 'TCP', '127.0.0.1', port),
      `socket_create: connection to 127.0.0.1:${port} refused: nothing is listening there (ECONNREFUSED)`,
    );
    assert.equal(error.get('host'), '127.0.0.1');
    assert.equal(error.get('port'), port);
    assert.equal(error.get('function'), 'socket_create');
    assert.notEqual(error.hint, null);
  }));

test('a port in use says what to do', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const error = yield* fails(
      'EADDRINUSE',
      builtin('socket_listen', 'TCP', '127.0.0.1', port),
      /cannot listen on 127\.0\.0\.1:\d+: the port is in use/,
    );
    assert.match(error.hint!, /stop the program that listens there, or choose another port/);
    assert.equal(error.get('port'), port);
    yield* close(server);
    yield* close(yield* builtin('socket_listen', 'TCP', '127.0.0.1', port));
  }));

test('an address of another machine', () =>
  run(function* () {
    yield* fails(
      'EADDRNOTAVAIL',
      builtin('socket_listen', 'TCP', '192.0.2.1', 0),
      /this machine does not have that address/,
    );
  }));

test('names: one that exists and one that does not', () =>
  run(function* () {
    const { server, port } = yield* listening();
    for (const host of ['localhost', 'LOCALHOST']) yield* close(yield* builtin('socket_create', 'tcp', host, port));
    yield* close(server);
    const error = yield* fails(
      'ENOTFOUND',
      builtin('socket_create', 'TCP', 'no-such-name.invalid', 80),
      /the name 'no-such-name\.invalid' does not exist/,
    );
    assert.equal(error.get('host'), 'no-such-name.invalid');
  }));

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some((each) => each.address === '::1'));

test('IPv6, in brackets too; "::" takes both families', { skip: hasIPv6 ? false : 'no IPv6 on the loopback' }, () =>
  run(function* () {
    const { server, port } = yield* listening('TCP', '[::1]');
    assert.match(server, /^tcp-listen:\[::1\]:\d+#/);
    for (const host of ['::1', '[::1]']) {
      const client = yield* builtin('socket_create', 'TCP', host, port);
      const peer = yield* builtin('socket_accept', server);
      assert.match(peer as string, /^tcp:\[::1\]:\d+#/);
      yield* close(client, peer);
    }
    yield* close(server);
    const both = yield* listening('TCP', '::');
    for (const host of ['127.0.0.1', '::1']) {
      const client = yield* builtin('socket_create', 'TCP', host, both.port);
      const peer = yield* builtin('socket_accept', both.server);
      assert.equal(yield* info(peer, 'remote_host'), host);
      yield* close(client, peer);
    }
    yield* close(both.server);
    const six = yield* listening('TCP', '::', options({ ipv6_only: true }));
    yield* fails('ECONNREFUSED', builtin('socket_create', 'TCP', '127.0.0.1', six.port));
    yield* close(six.server);
  }),
);

test('the own end of a connection can be chosen', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const own = yield* until(freePort());
    const client = yield* builtin(
      'socket_create',
      'TCP',
      '127.0.0.1',
      port,
      options({ local_host: '127.0.0.2', local_port: own }),
    );
    const peer = yield* builtin('socket_accept', server);
    assert.equal(yield* info(peer, 'remote_host'), '127.0.0.2');
    assert.equal(yield* info(peer, 'remote_port'), own);
    yield* close(client, peer, server);
  }));

test('an own end that is not to be had is named', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const from = (settings: Record<string, Value>): Steps<Value> =>
      builtin('socket_create', 'TCP', '127.0.0.1', port, options(settings));
    yield* fails('EADDRNOTAVAIL', from({ local_host: '192.0.2.1' }), /does not have the own address 192\.0\.2\.1/);
    yield* fails(
      'EAFNOSUPPORT',
      from({ local_host: '::1' }),
      /127\.0\.0\.1 has no IPv6 address, which the own address/,
    );
    const used = yield* fails('EADDRINUSE', from({ local_host: '127.0.0.1', local_port: port }), /the own port \d+ is/);
    assert.match(used.hint!, /without the option "local_port"/);
    yield* close(server);
  }));

test('errors of a socket tell its host and port', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const port = yield* info(server, 'local_port');
    const own = yield* info(client, 'local_port');
    const place = (error: ErrorValue): Value[] => [error.get('host'), error.get('port')];
    const reading = spawn(() => builtin('socket_receive', peer, 10));
    yield* sleep(5);
    assert.deepEqual(place(yield* fails('EBUSY', builtin('socket_receive', peer, 10))), ['127.0.0.1', own]);
    cancelTask(reading);
    yield* fails('ECANCELED', join(reading));
    yield* builtin('socket_send', peer, 'much too long');
    const long = yield* fails('EOVERFLOW', builtin('socket_receive_line', client, 4, 5));
    assert.deepEqual([...place(long), long.get('max')], ['127.0.0.1', port, 4]);
    yield* builtin('socket_shutdown', client);
    assert.deepEqual(place(yield* fails('EPIPE', builtin('socket_send', client, 'x'))), ['127.0.0.1', port]);
    const cut = yield* fails('EEOF', builtin('socket_receive_exact', peer, 4, 5));
    assert.deepEqual([...place(cut), cut.get('data')], ['127.0.0.1', own, '']);
    yield* close(client, peer, server);
    assert.deepEqual(place(yield* fails('ECLOSED', builtin('socket_send', client, 'x'))), ['127.0.0.1', port]);
    assert.deepEqual(place(yield* fails('ECLOSED', builtin('socket_accept', server))), ['127.0.0.1', port]);
  }));

test('a connection to a port that would meet itself is refused', () =>
  run(function* () {
    const port = yield* until(freePort());
    yield* fails(
      'ECONNREFUSED',
      builtin('socket_create', 'TCP', '127.0.0.1', port, options({ local_host: '127.0.0.1', local_port: port })),
    );
  }));

test(
  'no answer: the timeout is an error',
  { skip: process.platform === 'linux' ? false : 'needs a full backlog of Linux' },
  async () => {
    // A listener whose backlog is full leaves further connections without an answer.

    const child = startProcess(process.execPath, [
      '-e',
      `
    const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      console.log(server.address().port);
      setTimeout(() => { for (;;); }, 20);
    });`,
    ]);
    const port = await new Promise<number>((resolve) =>
      child.stdout.once('data', (text: Buffer) => resolve(Number(text))),
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    const fillers = Array.from({ length: 6 }, () => net.connect({ port, host: '127.0.0.1' }).on('error', () => {}));
    await new Promise((resolve) => setTimeout(resolve, 100));
    try {
      await run(function* () {
        const before = performance.now();
        yield* fails(
          'ETIMEDOUT',
          builtin('socket_create', 'TCP', '127.0.0.1', port, options({ timeout: 0.2 })),
          /timed out after 0\.2 seconds: no answer/,
        );
        assert.ok(performance.now() - before < 2000);
        const dialling = spawn(() => builtin('socket_create', 'TCP', '127.0.0.1', port));
        yield* sleep(20);
        cancelTask(dialling);
        yield* fails('ECANCELED', join(dialling));
      });
    } finally {
      child.kill();
      for (const filler of fillers) filler.destroy();
    }
  },
);

test('settings have their effect, or are refused', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_set', peer, options({ nodelay: false, keepalive: 60, timeout: 0.02 }));
    assert.equal(yield* builtin('socket_receive', peer, 10), null);
    assert.equal(yield* builtin('socket_receive_line', peer), null);
    yield* builtin('socket_set', peer, options({ timeout: 0 }));
    yield* builtin('socket_set', server, options({ timeout: 0.02 }));
    assert.equal(yield* builtin('socket_accept', server), null);
    yield* fails(
      'EOPTION',
      builtin('socket_set', peer, options({ broadcast: true })),
      /"broadcast" is for UDP sockets, not for tcp:/,
    );
    yield* fails('EOPTION', builtin('socket_set', peer, options({ ttl: 4 })), /"ttl" is for UDP sockets/);
    yield* fails(
      'EOPTION',
      builtin('socket_set', server, options({ nodelay: true })),
      /"nodelay" is for TCP and TLS connections/,
    );
    yield* fails(
      'EOPTION',
      builtin('socket_set', server, options({ reuse: true })),
      /is decided when a socket is bound/,
    );
    yield* fails('ETYPE', builtin('socket_set', peer, options({ keepalive: 'yes' })), /option "keepalive" must be/);
    yield* close(server, client, peer);
  }));

test(
  'keepalive and nodelay reach the system',
  { skip: process.platform === 'linux' ? false : 'looks at the options through Linux' },
  () =>
    run(function* () {
      const { server, client, peer } = yield* connected();
      yield* builtin('socket_set', client, options({ keepalive: 77 }));

      const port = yield* info(client, 'local_port');
      let shown = '';
      try {
        shown = execFileSync('ss', ['-tnoH', `sport = :${String(port)}`], { encoding: 'utf8' });
      } catch {
        shown = 'keepalive (ss is not installed)';
      }
      assert.match(shown, /keepalive/);
      yield* close(server, client, peer);
    }),
);

test('what the policy refuses does not happen', () =>
  run(function* () {
    const { server, port } = yield* listening();
    setPolicy({ refuses: (action, target) => (action === 'lookup' ? null : `test of ${action} ${target}`) });
    try {
      yield* fails(
        'EPERM',
        builtin('socket_create', 'TCP', 'localhost', port),
        `socket_create: not permitted to connect to localhost:${port}: test of connect localhost:${port} (EPERM)`,
      );
      yield* fails('EPERM', builtin('socket_listen', 'TCP', '::1', 0), /not permitted to listen on \[::1\]:0/);
      yield* fails(
        'EPERM',
        builtin('socket_create', 'UDP', '127.0.0.1', 9),
        /not permitted to send datagrams to 127\.0\.0\.1:9/,
      );
      yield* fails('EPERM', builtin('socket_listen', 'UNIX', '/tmp/x'), /not permitted to listen on \/tmp\/x/);
      setPolicy({ refuses: (action) => (action === 'lookup' ? 'no names' : null) });
      yield* fails(
        'EPERM',
        builtin('socket_create', 'TCP', 'localhost', port),
        /not permitted to look up localhost: no names/,
      );
    } finally {
      setPolicy(null);
    }
    assert.equal(yield* builtin('socket_accept', server, 0.02), null);
    yield* close(server);
  }));

test('speaks with raw sockets, both ways', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.end('from raw');
    assert.equal(yield* builtin('socket_receive_all', peer), 'from raw');
    const got = drained(raw);
    yield* builtin('socket_send', peer, 'to raw');
    yield* close(peer, server);
    assert.equal(String(yield* until(got)), 'to raw');
    const other = yield* rawPeer();
    other.raw.resume().end('hello');
    assert.equal(yield* builtin('socket_receive_all', other.client), 'hello');
    yield* close(other.client);
    yield* until(other.listener.close());
  }));

test('socket_info has all fields', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const shown = yield* builtin('socket_info', client);
    assert.deepEqual((shown as { keys(): string[] }).keys(), [
      'protocol',
      'state',
      'local_host',
      'local_port',
      'remote_host',
      'remote_port',
      'bytes_in',
      'bytes_out',
      'tls',
    ]);
    assert.equal(field(shown, 'protocol'), 'TCP');
    assert.equal(field(shown, 'tls'), null);
    assert.equal(yield* info(server, 'state'), 'listening');
    yield* close(server, client, peer);
  }));
