/** Framed reads give the same however the bytes are cut, and any bytes come back as they were sent. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from '../../src/host/net/byte-queue';
import { Receive, ReceiveExact, ReceiveLine, ReceiveUntil } from '../../src/host/net/reads';
import type { Ending, Read } from '../../src/host/net/reads';
import { decode, encode } from '../../src/host/text';
import { sleep } from '../../src/runtime/timers';
import { close, connected, drained, info, nothingLeft, rawClient } from '../support/network';
import { builtin, fails, join, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

const RUN = { seed: Number(process.env.FC_SEED ?? Date.now() % 1e9), interruptAfterTimeLimit: 2500, numRuns: 400 };
process.stdout.write(`framed: seed ${RUN.seed}\n`);

const framed = (max: number): { builtin: string; handle: string; max: number } => ({ builtin: 'test', handle: 'tcp:x#1', max }); // prettier-ignore

/** Lets the pieces arrive one by one; the reads in order take what they can. Gives what they gave. */
function readAll(pieces: readonly Uint8Array[], reads: readonly Read<string | null>[]): (string | null)[] {
  const queue = new ByteQueue();
  const results: (string | null)[] = [];
  const go = (ending: Ending): void => {
    while (results.length < reads.length) {
      const read = reads[results.length]!;
      const isReady = read.ready(queue, ending);
      const result = read.take(queue, ending);
      assert.equal(result !== undefined, isReady, `${read.what}: ready and take agree`);
      if (result === undefined) return;
      results.push(result);
    }
  };
  go('open');
  for (const piece of pieces) {
    queue.push(piece);
    go('open');
  }
  go('ended');
  return results;
}

const VECTOR = Buffer.from('GET / é\r\n\r\nab\ncd--stop--\xff\0rest\u{1f44d}\n', 'utf8');
const EXPECTED = ['GET / é', '', 'ab', 'cd-', '-stop--', '\u00ff\0', 'rest\u{1f44d}', null];
const reads = (): Read<string | null>[] => [
  new ReceiveLine(framed(100)),
  new ReceiveLine(framed(100)),
  new ReceiveLine(framed(100)),
  new ReceiveExact(framed(3)),
  new ReceiveUntil(framed(100), '-stop--'),
  new ReceiveExact(framed(3)),
  new ReceiveLine(framed(100)),
  new ReceiveLine(framed(100)),
];

test('cut in two and in three at every offset', () => {
  for (let i = 0; i <= VECTOR.length; i++) {
    assert.deepEqual(readAll([VECTOR.subarray(0, i), VECTOR.subarray(i)], reads()), EXPECTED, `cut at ${i}`);
    for (let j = i; j <= VECTOR.length; j++) {
      const pieces = [VECTOR.subarray(0, i), VECTOR.subarray(i, j), VECTOR.subarray(j)];
      assert.deepEqual(readAll(pieces, reads()), EXPECTED, `cut at ${i} and ${j}`);
    }
  }
});

test('one byte at a time', () => {
  const pieces = [...VECTOR].map((byte) => Buffer.from([byte]));
  assert.deepEqual(readAll(pieces, reads()), EXPECTED);
});

/** Bytes as they are hardest: much UTF-8, broken UTF-8, line ends. */
const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(
      0x0a,
      0x0d,
      0x00,
      0x80,
      0xbf,
      0xc3,
      0xa9,
      0xe2,
      0x82,
      0xac,
      0xf0,
      0x9f,
      0x91,
      0x8d,
      0xed,
      0xa0,
      0xff,
    ),
    fc.integer({ min: 0, max: 255 }),
  ),
  { maxLength: 40 },
);

test('any bytes, read in any sizes and cut at every boundary, come back identically', () =>
  fc.assert(
    fc.property(nasty, fc.integer({ min: 1, max: 9 }), (values, size) => {
      const bytes = Buffer.from(values);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const queue = new ByteQueue();
        const read = new Receive(size);
        const out: Buffer[] = [];
        const drain = (ending: Ending): void => {
          for (;;) {
            const text = read.take(queue, ending);
            if (text === undefined || text === '') return;
            const sent = encode(text);
            assert.ok(sent.length <= size, 'at most the size');
            out.push(sent);
          }
        };
        for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          queue.push(piece);
          drain('open');
        }
        drain('ended');
        assert.deepEqual(Buffer.concat(out), bytes);
        assert.equal(queue.length, 0);
      }
    }),
    RUN,
  ));

test('any bytes come back through real sockets, whatever pieces they are written in', () =>
  run(function* () {
    const random = fc.sample(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 8 }),
      {
        seed: RUN.seed,
        numRuns: 25,
      },
    );
    for (const pieces of random) {
      const { server, peer, raw } = yield* rawClient();
      raw.setNoDelay(true);
      const back = drained(raw);
      const echo = spawn(function* () {
        for (let size = 1; ; size = (size * 7) % 1009) {
          const data = yield* builtin('socket_receive', peer, size);
          if (data === '') break;
          yield* builtin('socket_send', peer, data);
        }
        yield* close(peer);
      });
      for (const piece of pieces) {
        raw.write(piece);
        yield* sleep(0);
      }
      raw.end();
      yield* join(echo);
      assert.deepEqual(yield* until(back), Buffer.concat(pieces));
      yield* close(server);
    }
  }));

test('lines match a plain splitting of the whole', () =>
  fc.assert(
    fc.property(nasty, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), (values, cuts) => {
      const bytes = Buffer.from(values);
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      const expected: (string | null)[] = [];
      let from = 0;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
        expected.push(decode(bytes.subarray(from, at > from && bytes[at - 1] === 13 ? at - 1 : at)));
        from = at + 1;
      }
      if (from < bytes.length) expected.push(decode(bytes.subarray(from)));
      expected.push(null);
      assert.deepEqual(
        readAll(
          pieces,
          expected.map(() => new ReceiveLine(framed(100))),
        ),
        expected,
      );
    }),
    RUN,
  ));

test('what is too long is an error in time, and can still be read', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'x'.repeat(1000));
    yield* fails('EOVERFLOW', builtin('socket_receive_line', peer, 100, 5), /longer than the 100 bytes allowed/);
    yield* fails('EOVERFLOW', builtin('socket_receive_until', peer, '\0', 100, 5));
    yield* fails('EOVERFLOW', builtin('socket_receive_all', peer, 100, 5));
    assert.equal(yield* builtin('socket_receive_exact', peer, 1000, 5), 'x'.repeat(1000));
    yield* builtin('socket_send', client, 'exactly10!\nsecond\r\n');
    assert.equal(yield* builtin('socket_receive_line', peer, 10, 5), 'exactly10!');
    assert.equal(yield* builtin('socket_receive_line', peer, 6, 5), 'second');
    yield* close(client, peer, server);
  }));

test('an end in the midst gives what came with the error', () =>
  run(function* () {
    for (const [name, args] of [
      ['socket_receive_exact', [10]],
      ['socket_receive_until', ['\n\n']],
    ] as const) {
      const { server, client, peer } = yield* connected();
      yield* builtin('socket_send', client, 'half\n');
      yield* close(client);
      const error = yield* fails('EEOF', builtin(name, peer, ...args), /only 5 bytes came/);
      assert.equal(error.get('data'), 'half\n');
      yield* close(peer, server);
    }
  }));

test('a framed read that times out or is cancelled takes nothing', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'no line yet');
    assert.equal(yield* builtin('socket_receive_line', peer, null, 0.03), null);
    assert.equal(yield* builtin('socket_receive_exact', peer, 100, 0.01), null);
    assert.equal(yield* builtin('socket_receive_until', peer, '!', null, 0), null);
    assert.equal(yield* builtin('socket_receive_all', peer, null, 0.01), null);
    yield* builtin('socket_send', client, ', but now\n');
    assert.equal(yield* builtin('socket_receive_line', peer), 'no line yet, but now');
    yield* close(client, peer, server);
  }));

test('a line of gigabytes without an end is stopped at the limit', () =>
  run(function* () {
    const { server, peer, raw } = yield* rawClient();
    const flood = setInterval(() => {
      if (raw.writableLength < 1 << 20) raw.write(Buffer.alloc(1 << 20, 'a'));
    }, 1);
    yield* fails('EOVERFLOW', builtin('socket_receive_line', peer), /longer than the 1048576 bytes allowed/);
    clearInterval(flood);
    assert.ok(((yield* info(peer, 'bytes_in')) as number) < 4 << 20);
    raw.destroy();
    yield* close(peer, server);
  }));
