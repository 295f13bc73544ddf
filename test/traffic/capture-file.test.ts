/** Capture files: every form of them, cut at every byte, broken, and foreign. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { quicCrypto } from '../../src/host/crypto/quic';
import { WireError } from '../../src/wire/bytes';
import { CaptureReader } from '../../src/wire/capture-file/reader';
import { decodePacket } from '../../src/wire/packet/decode';
import { Analysis } from '../../src/wire/traffic/analysis';
import { reportOf } from '../../src/wire/traffic/report';
import { builtin, fails, field, options, run } from '../support/run-tasks';
import { missing } from './programs';
import { analyze, captureBytes, captureFile, packetsOf } from './support';

const folder = mkdtempSync(join(tmpdir(), 'sentra-captures-'));
after(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly packets: string[];
  readonly problem: string | null;
}

/** Fed in pieces of these lengths, over and over. */
function readIn(bytes: Uint8Array, pieces: readonly number[]): Outcome {
  const packets: string[] = [];
  const reader = new CaptureReader((piece, start, end, head) =>
    packets.push(
      `${head.seconds}.${head.nanos} ${head.wireLength} ${head.linkType} ${Buffer.from(piece.subarray(start, end)).toString('hex')}`,
    ),
  );
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = pieces[i % pieces.length]!;
    reader.feed(bytes.slice(at, at + length));
    at += length;
  }
  reader.finish();
  return { packets, problem: reader.problem };
}

function swapped(bytes: Uint8Array): Uint8Array {
  const result = bytes.slice();
  const words = (at: number, sizes: readonly number[]): void => {
    for (const size of sizes) {
      result.subarray(at, at + size).reverse();
      at += size;
    }
  };
  words(0, [4, 2, 2, 4, 4, 4, 4]);
  const fields = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 24; at < bytes.length; at += 16 + fields.getUint32(at + 8, true)) words(at, [4, 4, 4, 4]);
  return result;
}

const ordinary = captureBytes('ordinary.pcap');
const short = captureBytes('nanoseconds.pcap');

test('the same packets, however the file is cut', () => {
  for (const bytes of [short, captureFile('pcapng', packetsOf(short)), swapped(short)]) {
    const whole = readIn(bytes, [bytes.length]);
    assert.equal(whole.packets.length, 6);
    for (let cut = 1; cut < bytes.length; cut++) assert.deepEqual(readIn(bytes, [cut, bytes.length]), whole);
    for (const size of [1, 2, 3, 7, 64]) assert.deepEqual(readIn(bytes, [size]), whole);
  }
});

test('pcapng, either byte order, and what the writer makes: the same packets', () => {
  const expected = readIn(ordinary, [1 << 20]).packets;
  assert.deepEqual(readIn(captureBytes('ordinary.pcapng'), [5000]).packets, expected);
  assert.deepEqual(readIn(swapped(ordinary), [5000]).packets, expected);
  for (const kind of ['pcap', 'pcapng'] as const)
    assert.deepEqual(readIn(captureFile(kind, packetsOf(ordinary)), [777]).packets, expected);
});

test('nanoseconds are kept', () => {
  const packets = packetsOf(short);
  assert.ok(packets.some(({ nanos }) => nanos % 1000 !== 0));
  assert.deepEqual(packetsOf(captureFile('pcapng', packets)), packets);
});

test('a file that is cut anywhere gives the whole packets before that, and a warning', () => {
  for (const bytes of [short, captureFile('pcapng', packetsOf(short))]) {
    const all = readIn(bytes, [1 << 20]).packets;
    for (let length = 60; length < bytes.length; length += 5) {
      const { packets, problem } = readIn(bytes.slice(0, length), [1 << 20]);
      assert.deepEqual(packets, all.slice(0, packets.length));
      assert.ok(packets.length < all.length);
      if (problem !== null) assert.match(problem, /ends in the middle of a (packet|block)/);
    }
  }
});

test('a packet that claims gigabytes is no packet', () => {
  const bytes = short.slice();
  new DataView(bytes.buffer).setUint32(24 + 16 + 98 + 8, 0xfffffff0, true);
  const { packets, problem } = readIn(bytes, [50]);
  assert.equal(packets.length, 1);
  assert.match(problem!, /packet 2 claims to have 4294967280 bytes/);
});

test('several interfaces with times of their own', () => {
  const block = (type: number, body: readonly number[]): number[] => {
    const length = 12 + body.length;
    return [...le(type), ...le(length), ...body, ...le(length)];
  };
  const le = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
  const section = block(0x0a0d0d0a, [...le(0x1a2b3c4d), 1, 0, 0, 0, ...le(-1), ...le(-1)]);
  const first = block(1, [1, 0, 0, 0, ...le(0)]);
  // Units of 2^-10 s, and 100 s to add.
  const second = block(1, [
    101,
    0,
    0,
    0,
    ...le(0),
    9,
    0,
    1,
    0,
    0x8a,
    0,
    0,
    0,
    14,
    0,
    8,
    0,
    100,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
  const packet = (number: number, low: number): number[] =>
    block(6, [...le(number), ...le(0), ...le(low), ...le(4), ...le(60), 1, 2, 3, 4]);
  const unknown = block(0x0bad, [1, 2, 3, 4]);
  const bytes = Uint8Array.from([
    ...section,
    ...first,
    ...second,
    ...unknown,
    ...packet(0, 2_000_001),
    ...packet(1, 1536),
    ...section,
    ...first,
    ...packet(0, 5),
  ]);
  assert.deepEqual(readIn(bytes, [7]), {
    packets: ['2.1000 60 1 01020304', '101.500000000 60 101 01020304', '0.5000 60 1 01020304'],
    problem: null,
  });
  assert.match(
    readIn(Uint8Array.from([...section, ...packet(0, 1)]), [9]).problem!,
    /belongs to interface 0, which the file does not describe/,
  );
});

const FOREIGN: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', new Uint8Array(0), /the file is empty/],
  ['text', Buffer.from('hello, this is no capture at all\n'), /no capture file but text/],
  ['a picture', Buffer.from('\x89PNG\r\n\x1a\n0000000000000000', 'latin1'), /but a PNG image/],
  ['a program', Buffer.from('\x7fELF00000000000000000000', 'latin1'), /but a program/],
  ['a page', Buffer.from('<!DOCTYPE html><html></html>'), /but an HTML page/],
  ['zeros', new Uint8Array(100), /begins with the bytes 00 00 00 00/],
  ['a few bytes', Uint8Array.of(1, 2, 3), /begins with the bytes 01 02 03/],
];

for (const [what, bytes, message] of FOREIGN) {
  test(`${what} is no capture`, () => {
    assert.throws(() => readIn(bytes, [5]), (error) => error instanceof WireError && message.test(error.message)); // prettier-ignore
  });
}

test('analyze_pcap reads gzip, tells of damage, and refuses what is no capture', () =>
  run(function* () {
    const put = (name: string, bytes: Uint8Array): string => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };
    const zipped = gzipSync(ordinary);
    const whole = yield* builtin('analyze_pcap', put('a.pcap.gz', zipped));
    assert.equal(field(whole, 'total_packets'), 187);
    assert.equal(field(whole, 'warning'), null);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const piped of [zipped, ordinary]) {
      spawn('sh', ['-c', `exec cat "$0" > "$1"`, put('piped', piped), pipe], { stdio: 'inherit' });
      assert.equal(field(yield* builtin('analyze_pcap', pipe), 'total_packets'), 187);
    }
    const cut = yield* builtin('analyze_pcap', put('b.pcap.gz', zipped.subarray(0, zipped.length >> 1)));
    assert.ok((field(cut, 'total_packets') as number) > 20);
    assert.match(field(cut, 'warning') as string, /cut off/);
    const ended = yield* builtin('analyze_pcap', put('c.pcap', ordinary.subarray(0, 5000)));
    assert.match(field(ended, 'warning') as string, /ends in the middle of a packet/);
    const filtered = yield* builtin(
      'analyze_pcap',
      put('d.pcap', ordinary),
      options({ filter: 'udp port 53', decode: false }),
    );
    assert.equal(field(filtered, 'total_packets'), 12);
    yield* fails('EBADMSG', builtin('analyze_pcap', put('e.txt', Buffer.from('hello'))), /no capture file but text/);
    yield* fails('ENOENT', builtin('analyze_pcap', join(folder, 'none')), /there is no such file/);
    yield* fails('EISDIR', builtin('analyze_pcap', folder), /it is a directory/);
    yield* fails(
      'EFILTER',
      builtin('analyze_pcap', join(folder, 'd.pcap'), options({ filter: 'tcp prot 80' })),
      /at character 5/,
    );
  }));

test('what is written is read by tcpdump and tshark', { skip: missing('tcpdump', 'tshark') }, () => {
  for (const kind of ['pcap', 'pcapng'] as const) {
    const path = join(folder, `written.${kind}`);
    writeFileSync(path, captureFile(kind, packetsOf(ordinary)));
    const lines = execFileSync('tcpdump', ['-n', '-r', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.equal(lines.split('\n').filter((line) => /^\d\d:/.test(line)).length, 187);
    const times = execFileSync('tshark', ['-n', '-r', path, '-T', 'fields', '-e', 'frame.time_epoch'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
    const expected = packetsOf(ordinary).map(({ seconds, nanos }) => `${seconds}.${String(nanos).padStart(9, '0')}`);
    assert.deepEqual(times.trim().split('\n').map((time) => time.padEnd(20, '0')), expected); // prettier-ignore
  }
});

// ---------------------------------------------------------------- anything at all

const NAMES = [
  'ordinary.pcap',
  'tunnels.pcap',
  'credentials.pcap',
  'old-tls.pcap',
  'rogue-dhcp.pcap',
  'cooked.pcap',
  'quic.pcap',
];
const samples = NAMES.flatMap((name) => packetsOf(captureBytes(name)));

test('no bytes make the decoders throw, on any link type', () => {
  const analysis = new Analysis({ decode: true, quic: quicCrypto });
  const links = [0, 1, 9, 12, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 276, 147];
  const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 });
  const mutated = fc.tuple(fc.nat(samples.length - 1), changes, fc.nat(1600)).map(([which, edits, length]) => {
    const bytes = samples[which]!.bytes.slice(0, Math.max(1, length));
    for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: mutated }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }),
      fc.constantFrom(...links),
      fc.nat(70_000),
      (bytes, linkType, wireLength) => {
        const packet = { bytes, seconds: 1, nanos: 0, wireLength, linkType };
        decodePacket(packet, quicCrypto);
        analysis.add(bytes, 0, bytes.length, wireLength, linkType, analysis.counting.packets / 1000);
        const { layers } = analysis;
        assert.ok(layers.payloadAt >= 0 && layers.payloadEnd <= layers.end);
      },
    ),
    { numRuns: 30_000, interruptAfterTimeLimit: 4000 },
  );
  reportOf(analysis, 10);
});

test('no file makes the reader throw anything but that it is no capture', () => {
  const sources = [short, captureFile('pcapng', packetsOf(short)), swapped(short)];
  const edits = fc.array(fc.tuple(fc.nat(800), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.nat(2), edits, fc.integer({ min: 1, max: 300 }), (which, changes, piece) => {
      const bytes = sources[which]!.slice();
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      try {
        const outcome = readIn(bytes, [piece]);
        assert.deepEqual(outcome, readIn(bytes, [bytes.length]));
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
    { numRuns: 3000, interruptAfterTimeLimit: 3000 },
  );
});

test('headers that contradict themselves are counted', () => {
  const broken = packetsOf(ordinary).map((packet) => {
    const bytes = packet.bytes.slice();
    if (bytes[12] === 8 && bytes[13] === 0) bytes[14] = 0x41;
    return { ...packet, bytes };
  });
  assert.equal(analyze(broken).malformed, 152);
});
