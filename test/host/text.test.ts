import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteLength, bytesOf, decode, Decoder, encode, unfinishedTail } from '../../src/host/text';

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

test('byte values are data too', () => {
  assert.deepEqual(bytesOf([0, 255, 65]), hex('00 ff 41'));
  assert.deepEqual(bytesOf('\udcff'), hex('ff'));
});
