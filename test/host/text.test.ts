import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  byteLength,
  bytesOf,
  decode,
  decodeReceived,
  Decoder,
  encode,
  encodeToSend,
  unfinishedTail,
} from '../../src/host/text';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Decodes piece by piece, cut at these places. */
function decodeCut(bytes: Uint8Array, cuts: readonly number[]): string {
  const decoder = new Decoder();
  let text = '';
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    text += decoder.decode(bytes.subarray(from, cut));
    from = cut;
  }
  return text + decoder.flush();
}

/** Bytes in which beginnings, continuations and whole characters meet, as random bytes rarely do. */
const tricky = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
      fc
        .constantFrom(0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0x80, 0x82, 0x8f, 0x90, 0x9f, 0xa0, 0xac, 0xbf)
        .map((byte) => [byte]),
      fc.constantFrom('é', '€', '😀', 'a', '\u0000', '\uffff', '\u{10ffff}').map((char) => [...Buffer.from(char)]),
    ),
    { maxLength: 24 },
  )
  .map((pieces) => Uint8Array.from(pieces.flat()));

test('valid UTF-8 is the text it says', () => {
  for (const text of ['', 'plain', 'é', '€uro', '😀', 'a\u0000b', '\ud7ff\ue000\ufffd\uffff\u{10ffff}']) {
    assert.equal(decode(Buffer.from(text)), text);
    assert.deepEqual(encode(text), Buffer.from(text));
    assert.equal(byteLength(text), Buffer.byteLength(text));
  }
});

test('a byte that is no UTF-8 becomes the surrogate of its value', () => {
  const cases: [string, string][] = [
    ['ff', '\udcff'],
    ['41 80 42', 'A\udc80B'],
    ['c3', '\udcc3'],
    ['c0 80', '\udcc0\udc80'],
    ['e0 80 80', '\udce0\udc80\udc80'],
    ['ed a0 80', '\udced\udca0\udc80'],
    ['ed b2 80', '\udced\udcb2\udc80'],
    ['f4 90 80 80', '\udcf4\udc90\udc80\udc80'],
    ['f0 8f bf bf', '\udcf0\udc8f\udcbf\udcbf'],
    ['e2 82', '\udce2\udc82'],
    ['e2 82 41', '\udce2\udc82A'],
    ['f0 9f 98 e2 82 ac', '\udcf0\udc9f\udc98€'],
    ['c3 a9 ff c3 a9', 'é\udcffé'],
  ];
  for (const [bytes, text] of cases) {
    assert.equal(decode(hex(bytes)), text, bytes);
    assert.deepEqual(encode(text), hex(bytes), bytes);
    assert.equal(byteLength(text), hex(bytes).length, bytes);
  }
});

test('a surrogate that stands for no byte is written as U+FFFD', () => {
  assert.deepEqual(encode('\ud800'), hex('ef bf bd'));
  assert.deepEqual(encode('a\udc7fb\udd00\udfff'), hex('61 ef bf bd 62 ef bf bd ef bf bd'));
  assert.deepEqual(encode('\udcff😀\ud83d'), hex('ff f0 9f 98 80 ef bf bd'));
  assert.equal(byteLength('\ud800\udc80'), 4);
  assert.equal(byteLength('\udcffé€\ud800'), 1 + 2 + 3 + 3);
});

test('bytes come back as they were', () => {
  for (let byte = 0; byte < 256; byte++) assert.deepEqual(encode(decode(Uint8Array.of(byte))), Buffer.from([byte]));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => Buffer.compare(encode(decode(bytes)), bytes) === 0),
  );
  fc.assert(
    fc.property(tricky, (bytes) => Buffer.compare(encode(decode(bytes)), bytes) === 0),
    { numRuns: 2000 },
  );
});

test('pieces decoded one by one are the same bytes again, whatever the cut', () => {
  fc.assert(
    fc.property(tricky, (bytes) => {
      for (let cut = 0; cut <= bytes.length; cut++) {
        const text = decode(bytes, 0, cut) + decode(bytes, cut);
        if (Buffer.compare(encode(text), bytes) !== 0) return false;
      }
      return true;
    }),
  );
});

test('a stream gives the same text for every cutting', () => {
  fc.assert(
    fc.property(tricky, (bytes) => {
      const whole = decode(bytes);
      for (let a = 0; a <= bytes.length; a++) if (decodeCut(bytes, [a]) !== whole) return false;
      return decodeCut(bytes, [...bytes.keys()]) === whole;
    }),
    { numRuns: 1000 },
  );
});

test('what is held back is at most the three bytes that begin a character', () => {
  const cases: [string, number][] = [
    ['', 0],
    ['41', 0],
    ['c3', 1],
    ['c3 a9', 0],
    ['41 e2', 1],
    ['e2 82', 2],
    ['e2 82 ac', 0],
    ['f0 9f 98', 3],
    ['f0 9f 98 80', 0],
    ['ed a0', 0],
    ['f4 90', 0],
    ['c1', 0],
    ['f5', 0],
    ['80 80 80', 0],
  ];
  for (const [bytes, held] of cases) assert.equal(unfinishedTail(hex(bytes), 0, hex(bytes).length), held, bytes);
});

test('a large text with a bad byte goes both ways', () => {
  const bytes = Buffer.concat([Buffer.alloc(700_000, 'é'), hex('ff'), Buffer.alloc(700_000, 'x')]);
  assert.ok(encode(decode(bytes)).equals(bytes));
});

/** The rule in its simplest form: a character where the strict decoder of the platform takes one, else one byte. */
function decodeSimply(bytes: Uint8Array): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let i = 0; i < bytes.length;) {
    let size = 4;
    for (; size > 0; size--) {
      try {
        const char = strict.decode(bytes.subarray(i, i + size));
        if ([...char].length === 1 && i + size <= bytes.length) {
          text += char;
          break;
        }
      } catch {
        // Not so many.
      }
    }
    if (size === 0) text += String.fromCharCode(0xdc00 | bytes[i]!);
    i += Math.max(1, size);
  }
  return text;
}

function encodeSimply(text: string): Buffer {
  const pieces = [...text].map((char) => {
    const unit = char.charCodeAt(0);
    return char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff ? Buffer.of(unit & 0xff) : Buffer.from(char);
  });
  return Buffer.concat(pieces);
}

test('many bytes at a time are decoded as one at a time, wherever they lie in memory', () => {
  const many = fc.array(tricky, { minLength: 8, maxLength: 40 }).map((parts) => Buffer.concat(parts));
  fc.assert(
    fc.property(many, fc.nat(7), (bytes, offset) => {
      const moved = Buffer.alloc(bytes.length + offset + 3, 0xbf);
      moved.set(bytes, offset);
      const text = decode(moved, offset, offset + bytes.length);
      return text === decodeSimply(bytes) && encode(text).equals(bytes);
    }),
    { numRuns: 300 },
  );
});

test('units of all kinds are encoded as one at a time', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0xdc80, max: 0xdcff }),
    fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdc7f, 0xdc80, 0xdcff, 0xdd00, 0xdfff),
    fc.integer({ min: 0, max: 0xffff }),
  );
  const text = fc.array(unit, { maxLength: 300 }).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(text, (given) => {
      const bytes = encode(given);
      return bytes.equals(encodeSimply(given)) && byteLength(given) === bytes.length;
    }),
    { numRuns: 2000 },
  );
});

test('a long text is encoded in parts of which none cuts a character', () => {
  for (const before of [0xfffd, 0xfffe, 0xffff, 0x10000]) {
    for (const middle of ['😀', '\ud83d', '\ude00', '\udcff', '\ud83d\udcff']) {
      const text = '\udcfe'.repeat(before) + middle + 'é'.repeat(0x10000) + '\udc80';
      const ends = [Buffer.alloc(before, 0xfe), Buffer.from('é'.repeat(0x10000)), hex('80')] as const;
      const bytes = Buffer.concat([ends[0], encodeSimply(middle), ends[1], ends[2]]);
      assert.ok(encode(text).equals(bytes), `${before} and ${JSON.stringify(middle)}`);
    }
  }
});

test('byte values are data too', () => {
  assert.deepEqual(bytesOf([0, 255, 65]), hex('00 ff 41'));
  assert.deepEqual(bytesOf('\udcff'), hex('ff'));
});

test('what goes out as it came in is the same bytes, and any other text its own', () => {
  const noise = fc.uint8Array({ minLength: 1000, maxLength: 5000 });
  const sent = (text: string): Buffer => encodeToSend(text) ?? Buffer.from(text, 'latin1');
  fc.assert(
    fc.property(noise, noise, fc.nat(500), (one, other, start) => {
      const part = Buffer.from(one.subarray(start));
      const text = decodeReceived(one, start, one.length);
      // Another text of the same length, and one that came in meanwhile.
      const last = text.charCodeAt(text.length - 1);
      const similar = text.slice(0, -1) + (last === 0x61 ? 'b' : 'a');
      const before = sent(text);
      const others = [similar, text.slice(1), text + text, decode(other)];
      const alike = others.every((each) => sent(each).equals(encode(each)));
      decodeReceived(other, 0, other.length);
      const after = sent(text);
      return before.equals(part) && alike && after.equals(part);
    }),
  );
  assert.equal(encodeToSend('plain'.repeat(1000)), null, 'ASCII needs no bytes');
  assert.equal(encodeToSend(''), null);
  assert.ok(encodeToSend('naïve'.repeat(1000))!.equals(Buffer.from('naïve'.repeat(1000))));
});
