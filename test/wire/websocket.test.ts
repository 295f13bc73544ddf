/** Frames of WebSockets as bytes: decoding in any pieces, UTF-8 in any pieces, masks at any place, and bounds. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameDecoder, Violation } from '../../src/wire/websocket/decoder';
import type { Decoded } from '../../src/wire/websocket/decoder';
import { applyMask, headerLength, writeHeader } from '../../src/wire/websocket/frame';
import { NO_UTF8, scanUtf8, WHOLE } from '../../src/wire/websocket/utf8';

const RULES = { masked: true, maxMessage: 1 << 20, compression: false };
const MASK = Buffer.from([1, 2, 3, 254]);

/** A frame by `writeHeader` and a mask by the letter of section 5.3. */
function frame(opcode: number, payload: Buffer, fin = true): Buffer {
  const head = Buffer.alloc(headerLength(payload.length, true));
  writeHeader(head, opcode, payload.length, false, MASK);
  if (!fin) head[0]! &= 0x7f;
  return Buffer.concat([head, Buffer.from(payload.map((byte, i) => byte ^ MASK[i & 3]!))]);
}

/** Feeds the bytes cut at these places; gives what came out. */
function decodeAll(bytes: Buffer, cuts: readonly number[], rules = RULES): Decoded[] {
  const decoder = new FrameDecoder(rules);
  const decoded: Decoded[] = [];
  const places = [...new Set([0, ...cuts.filter((at) => at < bytes.length), bytes.length])].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) {
    // A copy, since bytes are unmasked in place.
    decoder.feed(Buffer.from(bytes.subarray(places[i - 1], places[i])));
    for (let one = decoder.next(); one !== null; one = decoder.next()) {
      decoded.push({ ...one, payload: Buffer.from(one.payload) });
    }
  }
  assert.equal(decoder.isIdle, true);
  return decoded;
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
/** A message in fragments, with control frames between. */
const message = fc.record({
  opcode: fc.constantFrom(1, 2),
  fragments: fc.array(fc.record({ payload: bytes, ping: fc.option(bytes.map((each) => each.subarray(0, 125))) }), {
    minLength: 1,
    maxLength: 4,
  }),
});

describe('the decoder', () => {
  test('gives the same messages and control frames for every cutting', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(4000)), (messages, cuts) => {
        const expected: string[] = [];
        const pieces: Buffer[] = [];
        for (const { opcode, fragments } of messages) {
          const whole: Buffer[] = [];
          fragments.forEach(({ payload: random, ping }, i) => {
            // Text has to be UTF-8 whatever the fragments are.
            const payload = opcode === 1 ? Buffer.from(random.map((byte) => byte & 0x7f)) : random;
            whole.push(payload);
            pieces.push(frame(i === 0 ? opcode : 0, payload, i === fragments.length - 1));
            if (i === fragments.length - 1) expected.push(`${opcode} ${Buffer.concat(whole).toString('hex')}`);
            if (ping !== null) {
              pieces.push(frame(9, ping));
              expected.push(`9 ${ping.toString('hex')}`);
            }
          });
        }
        const decoded = decodeAll(Buffer.concat(pieces), cuts);
        assert.deepEqual(
          decoded.map(({ opcode, payload }) => `${opcode} ${payload.toString('hex')}`),
          expected,
        );
      }),
    );
  });

  test('a frame cut at every single byte', () => {
    for (const length of [0, 1, 125, 126, 127, 300, 65535, 65536]) {
      const payload = Buffer.from(new Uint8Array(length).map((_, i) => i * 7));
      const whole = frame(2, payload);
      const at = Array.from({ length: Math.min(whole.length, 20) }, (_, i) => i + 1);
      for (const cut of [...at, whole.length - 1]) {
        assert.ok(decodeAll(whole, [cut])[0]!.payload.equals(payload), `${length} bytes, cut at ${cut}`);
      }
      assert.ok(decodeAll(whole, at)[0]!.payload.equals(payload));
    }
  });

  test('random bytes are decoded, refused or incomplete, never an error of another kind', () => {
    fc.assert(
      fc.property(fc.array(bytes), fc.boolean(), (pieces, masked) => {
        const decoder = new FrameDecoder({ masked, maxMessage: 1000, compression: true });
        try {
          for (const piece of pieces) {
            decoder.feed(Buffer.from(piece));
            while (decoder.next() !== null);
          }
        } catch (error) {
          assert.ok(error instanceof Violation, String(error));
        }
      }),
    );
  });

  test('a length that is only claimed takes no memory', () => {
    const decoder = new FrameDecoder({ ...RULES, maxMessage: 2 ** 40 });
    const head = Buffer.alloc(headerLength(2 ** 39, true));
    writeHeader(head, 2, 2 ** 39, false, MASK);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) {
      decoder.feed(i === 0 ? head : Buffer.from([i & 255]));
      assert.equal(decoder.next(), null);
    }
    assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 20);
  });

  test('bad UTF-8 is refused at the first byte that is wrong, long before the end of its message', () => {
    // What Kuhn's test file has, and how many bytes of it are still fine.
    const cases: [hex: string, good: number][] = [
      ['cebae1bdb9cf83cebcceb5f4908080656469746564', 12],
      ['cebaeda080', 3],
      ['80', 0],
      ['c0af', 0],
      ['f8888080', 0],
    ];
    for (const [hex, good] of cases) {
      const text = Buffer.from(hex, 'hex');
      const decoder = new FrameDecoder(RULES);
      const whole = frame(1, Buffer.concat([text, Buffer.alloc(100, 'x')]));
      const start = headerLength(text.length + 100, true);
      decoder.feed(Buffer.from(whole.subarray(0, start + good)));
      assert.equal(decoder.next(), null);
      decoder.feed(Buffer.from(whole.subarray(start + good, start + good + 1)));
      const more = (): void => {
        for (let i = good + 1; ; i++) {
          assert.equal(decoder.next(), null);
          assert.ok(i <= good + 1, `${hex} is refused after ${i} bytes at the latest`);
          decoder.feed(Buffer.from(whole.subarray(start + i, start + i + 1)));
        }
      };
      assert.throws(more, (error) => error instanceof Violation && error.code === 1007, hex);
    }
  });

  test('fragments of a byte are bounded by what they cost, and long ones only by their bytes', () => {
    const flood = (count: number, length: number): Decoded[] => {
      const fragment = frame(0, Buffer.alloc(length, 'x'), false);
      const decoder = new FrameDecoder({ ...RULES, maxMessage: 16 << 20 });
      decoder.feed(frame(1, Buffer.alloc(length, 'x'), false));
      const decoded: Decoded[] = [];
      for (let i = 0; i < count; i++) {
        while (decoder.next() !== null);
        decoder.feed(i === count - 1 ? frame(0, Buffer.alloc(length, 'x')) : Buffer.from(fragment));
      }
      for (let one = decoder.next(); one !== null; one = decoder.next()) decoded.push(one);
      return decoded;
    };
    assert.throws(
      () => flood(131_000, 1),
      (error) => error instanceof Violation && error.code === 1009,
    );
    assert.equal(flood(65_535, 64)[0]!.payload.length, 4 << 20);
    assert.equal(flood((1 << 17) - 1, 128)[0]!.payload.length, 16 << 20);
    assert.throws(
      () => flood(1 << 17, 128),
      (error) => error instanceof Violation && error.code === 1009,
    );
  });
});

test('UTF-8 in pieces is judged as the whole is by the platform', () => {
  const whole = new TextDecoder('utf-8', { fatal: true });
  const isUtf8 = (text: Uint8Array): boolean => {
    try {
      whole.decode(text);
      return true;
    } catch {
      return false;
    }
  };
  const nearly = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary' }).map((each) => Buffer.from(each)),
      fc.uint8Array(),
    ),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(nearly, (pieces) => {
      let state = WHOLE;
      for (const piece of pieces) {
        state = scanUtf8(state, piece);
        if (state === NO_UTF8) break;
      }
      assert.equal(state === WHOLE, isUtf8(Buffer.concat(pieces)));
    }),
    { numRuns: 2000 },
  );
  // Every lead byte with every second byte: what cannot go on to a character is refused there.
  for (let lead = 0x80; lead < 0x100; lead++) {
    for (let second = 0; second < 0x100; second++) {
      const fits = ['80', '8080', '808080', ''].some((rest) =>
        isUtf8(Buffer.concat([Buffer.from([lead, second]), Buffer.from(rest, 'hex')])),
      );
      assert.equal(scanUtf8(WHOLE, Buffer.from([lead, second])) !== NO_UTF8, fits, `${lead} ${second}`);
    }
  }
});

test('masks: any length, place in memory and phase', () => {
  for (const length of [0, 1, 3, 4, 5, 63, 511, 512, 513, 514, 515, 1030]) {
    for (let offset = 0; offset < 4; offset++) {
      for (let phase = 0; phase < 4; phase++) {
        const memory = Buffer.alloc(length + 8, 0x55);
        applyMask(memory.subarray(offset, offset + length), MASK, phase);
        const expected = Buffer.alloc(length + 8, 0x55);
        for (let i = 0; i < length; i++) expected[offset + i]! ^= MASK[(i + phase) & 3]!;
        assert.ok(memory.equals(expected), `${length} bytes at ${offset}, phase ${phase}`);
      }
    }
  }
});
