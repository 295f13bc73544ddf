/** permessage-deflate (RFC 7692), for both roles over raw TCP; each test names its section. */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import { after, describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { nothingLeft } from '../support/network';
import { builtin, fails, field, options, run } from '../support/run-tasks';
import { acceptFor, echoing, OP, openRaw, readHead } from './raw-peer';
import type { Pair, Role } from './raw-peer';
import type { Value } from '../../src/runtime/values';

after(nothingLeft);

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const RSV1 = 4;

/** The peer's compressor and decompressor; with takeover their windows live on from message to message. */
class Deflater {
  private readonly deflate: zlib.DeflateRaw;
  private readonly inflate: zlib.InflateRaw;

  constructor(
    private readonly takeover: boolean,
    deflateBits = 15,
    inflateBits = 15,
  ) {
    this.deflate = zlib.createDeflateRaw({ windowBits: deflateBits });
    this.inflate = zlib.createInflateRaw({ windowBits: inflateBits });
  }

  async pack(data: Buffer): Promise<Buffer> {
    const out = await through(this.deflate, data, zlib.constants.Z_SYNC_FLUSH);
    if (!this.takeover) this.deflate.reset();
    assert.ok(out.subarray(-4).equals(TAIL));
    return out.subarray(0, -4);
  }

  async unpack(data: Buffer): Promise<Buffer> {
    return through(this.inflate, Buffer.concat([data, TAIL]), zlib.constants.Z_SYNC_FLUSH);
  }

  close(): void {
    this.deflate.close();
    this.inflate.close();
  }
}

function through(stream: zlib.DeflateRaw | zlib.InflateRaw, data: Buffer, flush: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const take = (piece: Buffer): void => void pieces.push(piece);
    stream.on('data', take).once('error', reject);
    stream.write(data);
    stream.flush(flush, () => {
      stream.off('data', take).off('error', reject);
      resolve(Buffer.concat(pieces));
    });
  });
}

/** Text that can be compressed, different at each length. */
function text(length: number): Buffer {
  const words: string[] = [];
  for (let i = 0, total = 0; total < length; i++) {
    words.push(`the port ${i * 7919} of host-${i % 97} is open; `);
    total += words[i]!.length;
  }
  return Buffer.from(words.join('').slice(0, length));
}

function withPair(
  role: Role,
  extensions: string,
  body: (pair: Pair) => Promise<void>,
  settings: Record<string, Value> = {},
) {
  return async (): Promise<void> => {
    const pair = await echoing(role, settings, extensions);
    try {
      await body(pair);
    } finally {
      await pair.done();
    }
  };
}

/** Sends compressed, in `pieces` fragments, and reads the echo, compressed or not. */
async function echoes({ peer }: Pair, deflater: Deflater, data: Buffer, pieces = 1): Promise<boolean> {
  const packed = await deflater.pack(data);
  const size = Math.ceil(packed.length / pieces) || 1;
  for (let i = 0; i < pieces; i++) {
    peer.send({
      opcode: i === 0 ? OP.text : OP.continuation,
      rsv: i === 0 ? RSV1 : 0,
      fin: i === pieces - 1,
      payload: packed.subarray(i * size, i === pieces - 1 ? packed.length : (i + 1) * size),
    });
  }
  const back = await peer.next();
  assert.equal(back.opcode, OP.text);
  assert.equal(back.fin, true);
  const compressed = back.rsv === RSV1;
  assert.ok((compressed ? await deflater.unpack(back.payload) : back.payload).equals(data));
  return compressed;
}

const SIZES = [0, 1, 16, 64, 256, 1023, 1024, 1025, 4096, 8192, 16384, 32768, 65536, 131072];

for (const role of ['server', 'client'] as const) {
  describe(`as a ${role}`, () => {
    for (const takeover of [true, false]) {
      for (const bits of [9, 10, 12, 15]) {
        const ours = role === 'server' ? 'server' : 'client';
        const theirs = role === 'server' ? 'client' : 'server';
        const parameters = [
          `${ours}_max_window_bits=${bits}`,
          ...(takeover ? [] : [`${theirs}_no_context_takeover`]),
        ].join('; ');
        test(
          `7.1: messages of many sizes, a window of ${bits} bits, ${takeover ? 'with' : 'without'} takeover`,
          withPair(role, `permessage-deflate; ${parameters}`, async (pair) => {
            const deflater = new Deflater(takeover, 15, bits);
            for (const size of SIZES) {
              const compressed = await echoes(pair, deflater, text(size));
              assert.equal(compressed, size >= 1024, `${size} bytes`);
            }
            deflater.close();
          }),
        );
      }
    }

    test(
      '7.2.2: compressed messages in fragments, with control frames between',
      withPair(role, 'permessage-deflate', async (pair) => {
        const deflater = new Deflater(true);
        for (const pieces of [2, 3, 50]) await echoes(pair, deflater, text(5000), pieces);
        const packed = await deflater.pack(text(2000));
        pair.peer.send({ opcode: OP.text, rsv: RSV1, payload: packed.subarray(0, 100), fin: false });
        pair.peer.send({ opcode: OP.ping, payload: 'x' });
        assert.equal((await pair.peer.message(OP.pong)).toString(), 'x');
        pair.peer.send({ opcode: OP.continuation, payload: packed.subarray(100) });
        const back = await pair.peer.next();
        assert.ok((await deflater.unpack(back.payload)).equals(text(2000)));
        deflater.close();
      }),
    );

    test(
      '6: messages that are not compressed are understood too',
      withPair(role, 'permessage-deflate', async ({ peer }) => {
        peer.send({ opcode: OP.text, payload: 'plain' });
        assert.equal((await peer.message(OP.text)).toString(), 'plain');
      }),
    );

    test(
      '7.2.3.3, 7.2.3.4: blocks without compression, and with a final block',
      withPair(role, 'permessage-deflate', async ({ peer }) => {
        // Section 7.2.3.3: "Hello" in a block with no compression.
        peer.send({ opcode: OP.text, rsv: RSV1, payload: Buffer.from('000500faff48656c6c6f00', 'hex') });
        assert.equal((await peer.message(OP.text)).toString(), 'Hello');
        // Section 7.2.3.4: a block with BFINAL set.
        peer.send({ opcode: OP.text, rsv: RSV1, payload: Buffer.from('f348cdc9c9070000', 'hex') });
        assert.equal((await peer.message(OP.text)).toString(), 'Hello');
        // Section 7.2.3.5: two blocks.
        peer.send({
          opcode: OP.text,
          rsv: RSV1,
          payload: Buffer.from('f248050000 00ffffcac9c90700'.replace(' ', ''), 'hex'),
        });
        assert.equal((await peer.message(OP.text)).toString(), 'Hello');
      }),
    );

    test(
      '7: a message that cannot be inflated: 1007',
      withPair(role, 'permessage-deflate', async ({ peer }) => {
        peer.send({ opcode: OP.text, rsv: RSV1, payload: Buffer.from('ffffffffff', 'hex') });
        await peer.closes(1007);
      }),
    );

    test(
      '6.1: RSV1 on a continuation, and on a control frame: 1002',
      withPair(role, 'permessage-deflate', async ({ peer }) => {
        peer.send({ opcode: OP.ping, rsv: RSV1, payload: '' });
        await peer.closes(1002);
      }),
    );

    test(
      '8.1 of RFC 6455: text that is no UTF-8 once it is inflated: 1007',
      withPair(role, 'permessage-deflate', async ({ peer }) => {
        const deflater = new Deflater(true);
        peer.send({ opcode: OP.text, rsv: RSV1, payload: await deflater.pack(Buffer.from([0x61, 0xff])) });
        await peer.closes(1007);
        deflater.close();
      }),
    );

    test(
      '8: a few bytes that inflate to more than the limit: 1009, and the memory stays',
      withPair(
        role,
        'permessage-deflate',
        async ({ peer }) => {
          const deflater = new Deflater(true);
          const bomb = await deflater.pack(Buffer.alloc(200 * 1024 * 1024));
          const before = process.memoryUsage().rss;
          peer.send({ opcode: OP.binary, rsv: RSV1, payload: bomb });
          await peer.closes(1009);
          assert.ok(process.memoryUsage().rss - before < 50 * 1024 * 1024);
          deflater.close();
        },
        { max_message: 1024 * 1024 },
      ),
    );
  });
}

describe('what a server agrees to (7.1)', () => {
  const cases: [offer: string, answer: RegExp | null, settings?: Record<string, Value>][] = [
    ['permessage-deflate', /^permessage-deflate; server_no_context_takeover$/],
    ['permessage-deflate; client_max_window_bits', /^permessage-deflate; server_no_context_takeover$/],
    ['permessage-deflate; server_max_window_bits=10', /server_max_window_bits=10/],
    ['permessage-deflate; server_max_window_bits="10"', /server_max_window_bits=10/],
    ['permessage-deflate; client_no_context_takeover', /client_no_context_takeover/],
    ['permessage-deflate; server_no_context_takeover', /server_no_context_takeover/],
    ['x-unknown, permessage-deflate', /^permessage-deflate/],
    ['permessage-deflate; server_max_window_bits=10, permessage-deflate', /server_max_window_bits=10/],
    ['x-webkit-deflate-frame', null],
    ['permessage-deflate', null, { compress: false }],
  ];
  for (const [offer, answer, settings = {}] of cases) {
    test(`${offer}${'compress' in settings ? ' with compress: false' : ''}`, async () => {
      const server = await run(() => builtin('ws_listen', '127.0.0.1', 0, options(settings)));
      const opened = await openRaw(field(server, 'port') as number, offer);
      const given = /\r\nSec-WebSocket-Extensions: ([^\r]*)/i.exec(opened.answer)?.[1];
      if (answer === null) assert.equal(given, undefined);
      else assert.match(given ?? '', answer);
      opened.peer.socket.destroy();
      await run(() => builtin('ws_server_stop', server));
    });
  }

  const invalid = [
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_max_window_bits=99',
    'permessage-deflate; server_no_context_takeover=yes',
    'permessage-deflate; unheard_of',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; =',
  ];
  for (const offer of invalid) {
    test(`${offer} is refused with 400`, async () => {
      const server = await run(() => builtin('ws_listen', '127.0.0.1', 0));
      await assert.rejects(openRaw(field(server, 'port') as number, offer), /HTTP\\?\/1\.1 400 /);
      await run(() => builtin('ws_server_stop', server));
    });
  }
});

describe('what a client agrees to (7.1)', () => {
  const refused: [answer: string, settings?: Record<string, Value>][] = [
    ['x-unknown'],
    ['permessage-deflate, permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=7'],
    ['permessage-deflate; client_max_window_bits'],
    ['permessage-deflate; unheard_of=1'],
    ['permessage-deflate', { compress: false }],
  ];
  for (const [answer, settings = {}] of refused) {
    test(`${answer}${'compress' in settings ? ' with compress: false' : ''} is refused`, async () => {
      const server = net.createServer((socket) => {
        void readHead(socket).then(({ head }) => {
          const key = /\r\nSec-WebSocket-Key: (\S+)\r\n/i.exec(head)![1]!;
          socket.end(
            `HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\nSec-WebSocket-Extensions: ${answer}\r\n\r\n`,
          );
        });
        socket.on('error', () => {});
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as net.AddressInfo;
      await run(() =>
        fails('EHANDSHAKE', builtin('ws_connect', `ws://127.0.0.1:${port}`, options(settings)), /extension/i),
      );
      await new Promise((resolve) => server.close(resolve));
    });
  }
});
