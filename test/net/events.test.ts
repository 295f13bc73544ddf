/** The event stream accounts for every byte of what a program does on the network, and permissions stand before it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import { listen, tap } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { setPolicy } from '../../src/host/permissions';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import { close, connected, freePort, info, listening, nothingLeft, rawClient } from '../support/network';
import { temporaryDirectory } from '../support/programs';
import { builtin, fails, options, run, spawn, until } from '../support/run-tasks';
import { join } from '../support/run-tasks';

after(nothingLeft);

interface Account {
  /** "opened", "bytes", "closed", "error" in order, repetitions left out. */
  readonly kinds: string[];
  readonly bytes: { in: Buffer[]; out: Buffer[] };
}

/** What `body` does, by handle. */
function* recorded(body: () => Steps<void>): Steps<{ events: HostEvent[]; accounts: Map<string, Account> }> {
  const events: HostEvent[] = [];
  const accounts = new Map<string, Account>();
  const stop = listen((event) => {
    events.push(event);
    const { handle } = event.subject;
    const account = accounts.get(handle) ?? { kinds: [], bytes: { in: [], out: [] } };
    accounts.set(handle, account);
    if (account.kinds.at(-1) !== event.kind) account.kinds.push(event.kind);
    if (event.kind !== 'bytes') return;
    const data = typeof event.data === 'string' ? Buffer.from(event.data, 'latin1') : Buffer.from(event.data ?? '');
    assert.equal(data.length, event.count);
    account.bytes[event.direction].push(data);
  });
  try {
    yield* body();
    yield* sleep(50);
  } finally {
    stop();
  }
  return { events, accounts };
}

test('every byte of an echo session, with opening, closing and tasks', () =>
  run(function* () {
    const messages = ['hello', 'naïve \u{1f44d}', '\0\udcff\udc80', 'x'.repeat(400_000)];
    const all = Buffer.concat([
      Buffer.from('hellonaïve \u{1f44d}'),
      Buffer.from([0, 0xff, 0x80]),
      Buffer.alloc(400_000, 'x'),
    ]);
    const names: Record<string, string> = {};
    const { events, accounts } = yield* recorded(function* () {
      const { server, client, peer } = yield* connected();
      Object.assign(names, { server, client, peer });
      const echo = spawn(function* () {
        for (;;) {
          const data = yield* builtin('socket_receive', peer, 65536);
          if (data === '') break;
          yield* builtin('socket_send', peer, data);
        }
        yield* close(peer);
      });
      const collected = spawn(() => builtin('socket_receive_all', client));
      for (const message of messages) yield* builtin('socket_send', client, message);
      yield* builtin('socket_shutdown', client);
      yield* join(echo);
      assert.equal(yield* join(collected), messages.join(''));
      assert.equal(yield* info(client, 'bytes_in'), all.length);
      yield* close(client, server);
    });
    assert.deepEqual([...accounts.keys()].sort(), Object.values(names).sort());
    for (const name of ['client', 'peer']) {
      const { kinds, bytes } = accounts.get(names[name]!)!;
      assert.deepEqual(kinds, ['opened', 'bytes', 'closed']);
      assert.ok(Buffer.concat(bytes.in).equals(all), `what the ${name} received`);
      assert.ok(Buffer.concat(bytes.out).equals(all), `what the ${name} sent`);
    }
    assert.deepEqual(accounts.get(names.server!)!.kinds, ['opened', 'closed']);
    for (let i = 1; i < events.length; i++) assert.ok(events[i]!.at >= events[i - 1]!.at);
    assert.ok(events.every(({ task }) => task !== null));
    const tasks = new Set(events.filter(({ kind }) => kind === 'bytes').map(({ task }) => task));
    assert.ok(tasks.size >= 2, 'the echo and the client are different tasks');
    assert.equal(tap.on, null, 'nobody listens any more');
  }));

test('datagrams, with the other end', () =>
  run(function* () {
    const { accounts, events } = yield* recorded(function* () {
      const { server, port } = yield* listening('UDP');
      const client = yield* builtin('socket_create', 'UDP', '127.0.0.1', port);
      yield* builtin('socket_send', client, 'ping');
      assert.equal(yield* builtin('socket_receive', server, 2, 5), 'pi');
      yield* builtin('socket_send', server, 'pong!');
      assert.equal(yield* builtin('socket_receive', client, 10, 5), 'pong!');
      yield* close(client, server);
    });
    const counts = [...accounts.values()].map(({ kinds, bytes }) => [
      kinds,
      Buffer.concat(bytes.in).toString(),
      Buffer.concat(bytes.out).toString(),
    ]);
    // The whole datagram came, whatever the receiver takes of it.
    assert.deepEqual(counts, [
      [['opened', 'bytes', 'closed'], 'ping', 'pong!'],
      [['opened', 'bytes', 'closed'], 'pong!', 'ping'],
    ]);
    assert.ok(events.every((event) => event.kind !== 'bytes' || event.peer?.host === '127.0.0.1'));
  }));

test('failures: a refused connection, a reset, an end that nobody asked for', () =>
  run(function* () {
    const port = yield* until(freePort());
    const { events } = yield* recorded(function* () {
      yield* fails('ECONNREFUSED', builtin('socket_create', 'TCP', '127.0.0.1', port));
      const { server, peer, raw } = yield* rawClient();
      const reading = spawn(() => fails('ECONNRESET', builtin('socket_receive', peer, 10)));
      yield* sleep(10);
      raw.resetAndDestroy();
      yield* join(reading);
      yield* close(peer, server);
    });
    const errors = events.filter((event) => event.kind === 'error');
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['ECONNREFUSED', 'ECONNRESET'],
    );
    assert.equal(errors[0]!.subject.remote?.port, port);
    assert.equal(events.filter(({ kind }) => kind === 'opened').length, 2);
    assert.equal(events.filter(({ kind }) => kind === 'closed').length, 2);
  }));

test('what is dropped, refused and never accepted is closed in the stream too', () =>
  run(function* () {
    const { accounts } = yield* recorded(function* () {
      const { server, port } = yield* listening('TCP', '127.0.0.1', options({ max_pending: 1 }));
      const raws = [0, 1, 2].map(() => net.connect(port, '127.0.0.1').on('error', () => {}));
      yield* sleep(50);
      yield* close(server);
      for (const raw of raws) raw.destroy();
    });
    for (const [handle, { kinds }] of accounts) {
      assert.equal(kinds[0], 'opened', handle);
      assert.equal(kinds.at(-1), 'closed', handle);
    }
    assert.equal(accounts.size, 2);
  }));

test('every way out asks the permissions, before anything happens', () =>
  run(function* () {
    const folder = temporaryDirectory();
    writeFileSync(joinPath(folder, 'ca.pem'), 'nothing');
    const udp = yield* listening('UDP');
    const client = yield* builtin('socket_create', 'UDP', '127.0.0.1', udp.port);
    const tcp = yield* listening();
    const asked: string[] = [];
    setPolicy({
      refuses: (action, target) => {
        asked.push(`${action} ${target}`);
        return action === 'lookup' ? null : 'this is a test';
      },
    });
    let { events } = { events: [] as HostEvent[] };
    try {
      ({ events } = yield* recorded(function* () {
        const refused: [string, ...(string | number | null)[]][] = [
          ['socket_listen', 'TCP', '127.0.0.1', 0],
          ['socket_listen', 'UDP', '127.0.0.1', 0],
          ['socket_listen', 'UNIX', '/tmp/refused.sock', null],
          ['socket_create', 'TCP', '127.0.0.1', tcp.port],
          ['socket_create', 'TLS', 'localhost', tcp.port],
          ['socket_create', 'UDP', '127.0.0.1', udp.port],
          ['socket_create', 'UNIX', '/tmp/refused.sock', null],
          ['socket_send', client as string, 'x'],
          ['socket_send_to', udp.server, 'x', '127.0.0.1', udp.port],
        ];
        for (const [name, ...args] of refused) {
          const error = yield* fails(
            'EPERM',
            builtin(name, ...args),
            new RegExp(`^${name}: not permitted to .*this is a test`),
          );
          assert.notEqual(error.get('target'), null);
        }
        const ca = joinPath(folder, 'ca.pem');
        yield* fails(
          'EPERM',
          builtin('socket_create', 'TLS', '127.0.0.1', tcp.port, options({ ca })),
          new RegExp(`not permitted to read ${ca}`),
        );
      }));
    } finally {
      setPolicy(null);
    }
    assert.deepEqual(events, []);
    assert.equal(asked.length, 10);
    assert.equal(yield* builtin('socket_accept', tcp.server, 0.02), null);
    assert.equal(yield* builtin('socket_receive', udp.server, 10, 0.02), null);
    yield* close(client, udp.server, tcp.server);
  }));
