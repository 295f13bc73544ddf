/** Peers that misbehave: they reset, stall, flood, close half, send rubbish. */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import { ErrorValue } from '../../src/runtime/values';
import {
  close,
  connected,
  drained,
  eventually,
  info,
  listening,
  nothingLeft,
  pause,
  rawClient,
  rawPeer,
} from '../support/network';
import { builtin, fails, join, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

/** The error that is thrown, whichever of those that may be. */
function* caughtFrom(steps: Steps<unknown>): Steps<ErrorValue> {
  try {
    yield* steps;
  } catch (error) {
    assert.ok(error instanceof ErrorValue);
    return error;
  }
  assert.fail('nothing was thrown');
}

const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the heap and of buffers, without garbage. */
function memoryInUse(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('data that came before a reset is given first, then the reset, again and again', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.write('last words');
    yield* until(pause(20));
    raw.resetAndDestroy();
    yield* until(pause(20));
    assert.equal(yield* builtin('socket_receive', peer, 4), 'last');
    assert.equal(yield* builtin('socket_receive', peer, 100), ' words');
    for (let i = 0; i < 2; i++)
      yield* fails('ECONNRESET', builtin('socket_receive', peer, 100), /the peer reset the connection/);
    yield* fails('ECONNRESET', builtin('socket_receive_line', peer));
    yield* fails('ECONNRESET', builtin('socket_send', peer, 'x'), /cannot send to/);
    assert.equal(yield* info(peer, 'state'), 'failed');
    yield* close(peer, server);
  }));

test('data in the buffers of the system survive a reset', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.write(Buffer.alloc(500_000, 'x'));
    yield* until(pause(50));
    raw.resetAndDestroy();
    yield* until(pause(20));
    let got = 0;
    yield* fails(
      'ECONNRESET',
      (function* () {
        for (let data = null; data !== ''; got += data.length) {
          data = (yield* builtin('socket_receive', peer, 65536)) as string;
        }
      })(),
    );
    // What the two systems have not yet passed on is lost with the reset; what has arrived here is not.
    assert.ok(got > 100_000, `only ${got} bytes`);
    assert.equal(got, yield* info(peer, 'bytes_in'));
    yield* close(peer, server);
  }));

test('a reset wakes who receives', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    const reader = spawn(() => builtin('socket_receive', peer, 10));
    yield* sleep(10);
    raw.resetAndDestroy();
    const error = yield* fails('ECONNRESET', join(reader));
    assert.equal(error.get('host'), '127.0.0.1');
    yield* close(peer, server);
  }));

test('a reset wakes who waits to send', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const sender = spawn(() => builtin('socket_send', client, 'x'.repeat(20 * MIB)));
    yield* sleep(50);
    assert.equal(sender.ended, false);
    raw.resetAndDestroy();
    yield* fails('ECONNRESET', join(sender), /cannot send to/);
    yield* close(client);
    yield* until(listener.close());
  }));

test('sending to a peer that has gone is an error soon', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.destroy();
    yield* until(pause(20));
    const thrown = yield* caughtFrom(
      (function* () {
        for (let i = 0; i < 100; i++) {
          yield* builtin('socket_send', peer, 'anybody?');
          yield* sleep(2);
        }
      })(),
    );
    assert.ok(thrown.code === 'EPIPE' || thrown.code === 'ECONNRESET', thrown.code);
    assert.match(thrown.message, /the peer (has closed|reset) the connection/);
    yield* close(peer, server);
  }));

test('a peer that reads nothing: the sender waits, in bounded memory', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const piece = 'x'.repeat(64 * 1024);
    const total = 40 * MIB;
    let sent = 0;
    const before = memoryInUse();
    const sender = spawn(function* () {
      while (sent < total) sent += (yield* builtin('socket_send', client, piece)) as number;
      yield* close(client);
      return null;
    });
    yield* sleep(300);
    const stalled = sent;
    assert.ok(stalled < total, 'it never had to wait');
    yield* sleep(200);
    assert.equal(sent, stalled);
    const grown = memoryInUse() - before;
    assert.ok(grown < 5 * MIB, `grew by ${grown}`);
    let got = 0;
    raw.on('data', (data: Buffer) => (got += data.length)).resume();
    yield* join(sender);
    yield* until(eventually(() => got === total, 'all arrives'));
    raw.end();
    yield* until(listener.close());
  }));

test('one huge text to a peer that reads nothing is not copied whole', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const text = 'é'.repeat(30 * MIB);
    // Makes one piece of the text that V8 keeps as a tree until somebody looks into it.
    assert.equal(text.charCodeAt(MIB), 0xe9);
    const before = memoryInUse();
    const sender = spawn(() => builtin('socket_send', client, text));
    yield* sleep(300);
    const now = memoryInUse();
    assert.ok(now - before < 5 * MIB, `grew by ${now - before}`);
    raw.resume();
    assert.equal(yield* join(sender), 60 * MIB);
    yield* close(client);
    raw.end();
    yield* until(listener.close());
  }));

test('a flood that nobody receives is held at the sender', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    const piece = Buffer.alloc(MIB, 'y');
    let accepted = 0;
    for (let i = 0; i < 32; i++) raw.write(piece, (error) => (accepted += error == null ? 1 : 0));
    yield* until(pause(300));
    const kept = (yield* info(peer, 'bytes_in')) as number;
    assert.ok(kept < MIB, `took ${kept} bytes`);
    assert.ok(accepted < 32);
    let got = 0;
    while (got < 32 * MIB) got += ((yield* builtin('socket_receive', peer, 65536)) as string).length;
    assert.equal(got, 32 * MIB);
    raw.end();
    yield* close(peer, server);
  }));

test('a flood of single bytes is held too', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.setNoDelay(true);
    for (let i = 0; i < 3000; i++) raw.write('z');
    yield* until(pause(200));
    let got = '';
    while (got.length < 3000) got += (yield* builtin('socket_receive', peer, 7)) as string;
    assert.equal(got, 'z'.repeat(3000));
    raw.end();
    yield* close(peer, server);
  }));

test('closing waits for a slow reader, and all arrives', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const text = 'a'.repeat(60 * 1024);
    // Fill the buffers of the system first.
    const filler = spawn(function* () {
      for (;;) yield* builtin('socket_send', client, text);
    });
    yield* sleep(200);
    cancelTask(filler);
    yield* fails('ECANCELED', join(filler));
    const sent = (yield* info(client, 'bytes_out')) as number;
    const closer = spawn(() => builtin('socket_close', client));
    yield* sleep(50);
    assert.equal(closer.ended, false, 'it waits for what is left');
    yield* fails('ECLOSED', builtin('socket_send', client, 'x'));
    const all = drained(raw);
    yield* join(closer);
    assert.equal((yield* until(all)).length, sent);
    raw.end();
    yield* until(listener.close());
  }));

test('closing never waits forever: a peer that reads nothing is reset', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const sender = spawn(() => fails('ECLOSED', builtin('socket_send', client, 'x'.repeat(30 * MIB))));
    yield* sleep(100);
    const before = performance.now();
    yield* close(client);
    const took = performance.now() - before;
    assert.ok(took > 4500 && took < 7000, `took ${took} ms`);
    yield* join(sender);
    let code: string | undefined;
    raw.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    // Where data came with the reset, the peer's next word is what finds out.
    raw.on('end', () => raw.write('?'));
    raw.resume();
    yield* until(eventually(() => raw.destroyed, 'the peer sees the end'));
    assert.equal(code, 'ECONNRESET');
    yield* until(listener.close());
  }));

test('a close that is cancelled ends in a reset too, never as if all had been sent', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const sender = spawn(() => fails('ECLOSED', builtin('socket_send', client, 'x'.repeat(30 * MIB))));
    yield* sleep(50);
    const closing = spawn(() => close(client));
    yield* sleep(20);
    cancelTask(closing);
    yield* fails('ECANCELED', join(closing));
    yield* join(sender);
    yield* close(client);
    // The rest may still go out for as long as a close lingers.
    yield* sleep(2300);
    const failure = yield* until(new Promise<Error | null | undefined>((resolve) => raw.write('?', resolve)));
    assert.match(String(failure), /ECONNRESET/);
    yield* until(listener.close());
  }));

test('a peer that goes on sending after the close gets all that was sent to it', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    raw.write(Buffer.alloc(100_000, 'q'));
    yield* until(pause(20));
    const answer = drained(raw);
    yield* builtin('socket_send', peer, 'the answer');
    yield* close(peer);
    raw.write(Buffer.alloc(100_000, 'q'));
    assert.equal(String(yield* until(answer)), 'the answer');
    raw.end();
    yield* close(server);
  }));

test('a peer that never closes is given up after the close', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    yield* close(peer, server);
    let gone = false;
    raw.on('close', () => (gone = true));
    raw.on('end', () => {});
    raw.resume();
    const beats = setInterval(() => raw.write('x'), 50);
    yield* until(eventually(() => gone, 'the socket is given up'));
    clearInterval(beats);
  }));

test('rubbish is data like any other', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    const rubbish = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256));
    raw.end(rubbish);
    const text = (yield* builtin('socket_receive_all', peer)) as string;
    const echo = drained(raw);
    yield* builtin('socket_send', peer, text);
    yield* close(peer, server);
    assert.deepEqual(yield* until(echo), rubbish);
  }));

test('clients that connect and vanish leave the server alone', () =>
  run(function* () {
    const { server, port } = yield* listening();
    for (let i = 0; i < 50; i++) {
      const raw = net.connect({ port, host: '127.0.0.1' });
      raw.on('error', () => {});
      raw.on('connect', () => raw.resetAndDestroy());
    }
    yield* until(pause(50));
    for (let i = 0; i < 50; i++) {
      const peer = yield* builtin('socket_accept', server, 2);
      yield* fails('ECONNRESET', builtin('socket_receive', peer, 10));
      yield* close(peer);
    }
    const client = yield* builtin('socket_create', 'TCP', '127.0.0.1', port);
    const peer = yield* builtin('socket_accept', server, 2);
    yield* builtin('socket_send', client, 'a good one');
    assert.equal(yield* builtin('socket_receive', peer, 100), 'a good one');
    yield* close(client, peer, server);
  }));

test('sends of several tasks follow one another whole', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const letters = ['a', 'b', 'c', 'd'];
    const senders = letters.map((letter) => spawn(() => builtin('socket_send', client, letter.repeat(700_000))));
    const got: string[] = [];
    let size = 0;
    while (size < 4 * 700_000) {
      const piece = (yield* builtin('socket_receive', peer, 65536)) as string;
      got.push(piece);
      size += piece.length;
    }
    for (const sender of senders) assert.equal(yield* join(sender), 700_000);
    assert.match(got.join(''), /^(a{700000}|b{700000}|c{700000}|d{700000}){4}$/);
    yield* close(client, peer, server);
  }));

test('a cancelled send lets the next one pass', () =>
  run(function* () {
    const { listener, client, raw } = yield* rawPeer();
    const first = spawn(() => builtin('socket_send', client, 'x'.repeat(20 * MIB)));
    yield* sleep(50);
    const second = spawn(() => builtin('socket_send', client, 'the end'));
    yield* sleep(10);
    cancelTask(first);
    yield* fails('ECANCELED', join(first));
    const all = drained(raw);
    assert.equal(yield* join(second), 7);
    yield* close(client);
    const text = String(yield* until(all));
    assert.match(text, /^x+the end$/);
    raw.end();
    yield* until(listener.close());
  }));
