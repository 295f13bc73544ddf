/** pack and unpack, compared with Python's module struct. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOf } from '../../src/host/text';
import { call, refused } from './call-builtin';

const hasPython = spawnSync('python3', ['-c', 'import struct']).status === 0;

type Cell = readonly [format: string, values: readonly (number | string | boolean | number[])[]];

const integer = (code: string, least: number, greatest: number): fc.Arbitrary<Cell> =>
  fc
    .array(fc.oneof(fc.integer({ min: least, max: greatest }), fc.constantFrom(least, greatest, 0)), { maxLength: 3 })
    .map((values) => [values.length === 1 ? code : `${values.length}${code}`, values]);
const large = (code: string, least: bigint, greatest: bigint): fc.Arbitrary<Cell> =>
  fc
    .oneof(fc.bigInt({ min: least, max: greatest }), fc.constantFrom(least, greatest, 0n, 2n ** 53n))
    .map((value) => [code, [Number.isSafeInteger(Number(value)) ? Number(value) : String(value)]]);
const bytes = fc.array(fc.nat(255), { maxLength: 6 });

const cell: fc.Arbitrary<Cell> = fc.oneof(
  integer('b', -128, 127),
  integer('B', 0, 255),
  integer('h', -32768, 32767),
  integer('H', 0, 65535),
  integer('i', -(2 ** 31), 2 ** 31 - 1),
  integer('I', 0, 2 ** 32 - 1),
  integer('l', -(2 ** 31), 2 ** 31 - 1),
  integer('L', 0, 2 ** 32 - 1),
  large('q', -(2n ** 63n), 2n ** 63n - 1n),
  large('Q', 0n, 2n ** 64n - 1n),
  fc.float({ noNaN: true }).map((value): Cell => ['f', [value]]),
  fc.double({ noNaN: true }).map((value): Cell => ['d', [value]]),
  fc.boolean().map((value): Cell => ['?', [value]]),
  fc.nat(255).map((value): Cell => ['c', [[value]]]),
  fc.tuple(fc.nat(8), bytes).map(([size, value]): Cell => [`${size}s`, [value]]),
  // Python itself fails at "0p".
  fc.tuple(fc.integer({ min: 1, max: 8 }), bytes).map(([size, value]): Cell => [`${size}p`, [value]]),
  fc.nat(3).map((count): Cell => [`${count}x`, []]),
);
const native: fc.Arbitrary<Cell> = fc.oneof(
  cell,
  large('n', -(2n ** 63n), 2n ** 63n - 1n),
  large('N', 0n, 2n ** 64n - 1n),
);
const layout = fc
  .constantFrom('<', '>', '!', '=', '@', '')
  .chain((mark) => fc.tuple(fc.constant(mark), fc.array(mark === '@' || mark === '' ? native : cell, { maxLength: 8 })))
  .map(([mark, cells]): Cell => [
    mark + cells.map(([format]) => format).join(' '),
    cells.flatMap(([, values]) => values),
  ]);

const SCRIPT = `import json, struct, sys
def look(format, values):
    given = [bytes(v) if isinstance(v, list) else int(v) if isinstance(v, str) else v for v in values]
    packed = struct.pack(format, *given)
    back = [list(v) if isinstance(v, bytes) else str(v) if isinstance(v, int) and not isinstance(v, bool) and abs(v) > 2**53 - 1 else v for v in struct.unpack(format, packed)]
    return [list(packed), back]
print(json.dumps([look(*each) for each in json.load(sys.stdin)]))`;

test('the same bytes and the same values as Python', { skip: hasPython ? false : 'python3 is not installed' }, () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const cases = fc.sample(layout, { numRuns: 3000, seed });
  // JSON has no -0 and no infinity.
  const sent = cases.map(
    ([format, values]) => [format, values.map((value) => (Object.is(value, -0) ? 0 : value))] as const,
  );
  const usable = sent.filter(([, values]) =>
    values.every((value) => typeof value !== 'number' || Number.isFinite(value)),
  );
  const run = spawnSync('python3', ['-c', SCRIPT], {
    input: JSON.stringify(usable),
    encoding: 'utf8',
    maxBuffer: 1 << 27,
  });
  assert.equal(run.status, 0, run.stderr);
  const expected = JSON.parse(run.stdout) as [number[], unknown[]][];
  usable.forEach(([format, values], i) => {
    const what = `${JSON.stringify(format)} with ${JSON.stringify(values)}, seed ${seed}`;
    const packed = call('pack', format, ...values) as string;
    assert.deepEqual([...bytesOf(packed)], expected[i]![0], what);
    const back = (call('unpack', format, packed) as unknown[]).map((value, k) =>
      Array.isArray(expected[i]![1][k]) ? [...bytesOf(value as string)] : value,
    );
    assert.deepEqual(back, expected[i]![1], what);
    assert.equal(call('pack_size', format), expected[i]![0].length, what);
  });
});

test('what is packed comes back, from a text and from an array, also from the midst', () => {
  fc.assert(
    fc.property(layout, bytes, ([format, values], before) => {
      const packed = call('pack', format, ...values) as string;
      const back = call('unpack', format, packed);
      const array = [...bytesOf(packed)];
      assert.deepEqual(call('unpack', format, array), back);
      assert.deepEqual(call('unpack', format, [...before, ...array, 1, 2], before.length), back);
    }),
  );
});

test('formats that are none', () => {
  const problem = (format: string, text: string): void => void refused('EINVAL', text, 'pack_size', format);
  problem('!z', `the format "!z" is wrong at 1: there is no field 'z'`);
  problem('!3', 'a count stands at its end with no letter behind it');
  problem('<n', `'n' has a size only with '@'`);
  problem('3 H', `there is no field ' '`);
  problem('H!', `there is no field '!'`);
  problem('99999999999999999999x', 'it takes more than 268435456 bytes');
  problem('9999999B', 'it has more than 4194304 values');
  problem('constructor', `there is no field 'o'`);
  assert.equal(call('pack_size', ''), 0);
  assert.equal(call('pack', '!'), '');
});

test('values that do not fit', () => {
  refused(
    'ETYPE',
    "pack: value 2 must be a whole number from -128 to 127, for 'b', got the number 128",
    'pack',
    'bb',
    0,
    128,
  );
  refused('ETYPE', "from 0 to 65535, for 'H', got the number 1.5", 'pack', 'H', 1.5);
  refused('ETYPE', 'got the string "5"', 'pack', 'H', '5');
  refused('ETYPE', 'or such a text of decimal digits', 'pack', 'Q', '18446744073709551616');
  refused('ETYPE', 'or such a text of decimal digits', 'pack', 'Q', -1);
  refused('ETYPE', "must be a number for 'd', got null", 'pack', 'd', null);
  refused('ETYPE', 'a number that four bytes can hold', 'pack', 'f', 1e300);
  refused('ETYPE', "must be true or false for '?'", 'pack', '?', 1);
  refused('ETYPE', 'a text of one byte', 'pack', 'c', 'é');
  refused('ETYPE', 'a string or an array of byte values', 'pack', '4s', [256]);
  refused('EINVAL', 'takes 2 values, got 1', 'pack', 'HH', 1);
  refused('EINVAL', 'takes 1 values, got 2', 'pack', '4s', 'a', 'b');
  refused('EINVAL', 'takes 4 bytes, got 5', 'unpack', 'I', 'abcde');
  refused('EINVAL', 'takes 4 bytes, got 2 from 3 on', 'unpack', 'I', 'abcde', 3);
  refused('EINVAL', 'takes 4 bytes, got 0 from 9 on', 'unpack', 'I', 'abcde', 9);
});

test('infinities and NaN go through', () => {
  for (const value of [NaN, Infinity, -Infinity, -0, 1e-45]) {
    assert.deepEqual(call('unpack', '<d', call('pack', '<d', value)), [value]);
    assert.deepEqual(call('unpack', '>f', call('pack', '>f', value)), [Math.fround(value)]);
  }
});
