/** One direction of a TCP connection, put in order: whatever comes twice, too early or never. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Stream } from '../../src/wire/traffic/stream';
import type { StreamReader } from '../../src/wire/traffic/stream';

/** Bytes that were given, and -1 for each that was told to be missing. */
class Heard implements StreamReader {
  readonly done = false;
  readonly all: number[] = [];
  readonly times: number[] = [];

  data(bytes: Uint8Array, start: number, end: number, time: number): void {
    this.all.push(...bytes.subarray(start, end));
    this.times.push(time);
  }

  gap(count: number): void {
    for (let i = 0; i < count; i++) this.all.push(-1);
  }
}

const FIRST = 0xfffffff0;

function feed(stream: Stream, bytes: Uint8Array, from: number, to: number, time = 0): void {
  stream.segment((FIRST + from) | 0, bytes, from, to, to - from, time);
}

test('in any order, overlapping and again: all bytes once and in order, also where the numbers begin anew', () => {
  const cuts = fc.array(fc.tuple(fc.nat(199), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(cuts, (pieces) => {
      const bytes = Uint8Array.from({ length: 240 }, (_, i) => i);
      const heard = new Heard();
      const stream = new Stream(FIRST | 0, heard);
      const seen = new Set<number>();
      for (const [from, length] of pieces) {
        feed(stream, bytes, from, from + length);
        for (let i = from; i < from + length; i++) seen.add(i);
      }
      stream.end();
      const last = Math.max(...seen);
      assert.deepEqual(
        heard.all,
        Array.from({ length: last + 1 }, (_, i) => (seen.has(i) ? i : -1)),
      );
    }),
  );
});

test('what waits for a lost packet is given at the end, with the times at which it came', () => {
  const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6]);
  const heard = new Heard();
  const stream = new Stream(FIRST | 0, heard);
  feed(stream, bytes, 0, 2, 1);
  feed(stream, bytes, 5, 6, 3);
  feed(stream, bytes, 3, 4, 2);
  assert.deepEqual(heard.all, [1, 2]);
  stream.end();
  assert.deepEqual(heard.all, [1, 2, -1, 4, -1, 6]);
  assert.deepEqual(heard.times, [1, 2, 3]);
});

test('a flood behind a gap is held in bounded memory: the gap is given up', () => {
  const heard = new Heard();
  const stream = new Stream(0, heard);
  const piece = new Uint8Array(1000).fill(7);
  for (let i = 1; i <= 600; i++) stream.segment(i * 1000, piece, 0, 1000, 1000, i);
  assert.ok(heard.all.length > 300_000, `${heard.all.length} bytes were given before the end`);
  assert.equal(heard.all.indexOf(7), 1000);
});
