/** The shapes of `format`, one line each, and what it says about templates that are wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ErrorValue } from '../../src/runtime/values';
import { call, mapOf, refused } from './call-builtin';

const SHOWN: readonly [template: string, values: unknown[], expected: string][] = [
  ['', [], ''],
  ['no places', [], 'no places'],
  ['{{}} {{{}}}', [1], '{} {1}'],
  ['{} {} {0} {}', ['a', 'b', 'c'], 'a b a c'],
  ['{1}-{0}', [1, 2], '2-1'],
  ['{}', [[1, 'a']], '[1, "a"]'],
  ['{}', [null], 'null'],
  ['{name}:{port}', [mapOf({ name: 'db', port: 80 })], 'db:80'],
  ['{} {name}', [5, mapOf({ name: 'x' })], '5 x'],
  ['{:>5}|{:<5}|{:^5}|', ['ab', 'ab', 'ab'], '   ab|ab   | ab  |'],
  ['{:>5}|{:<5}|', [7, 7], '    7|7    |'],
  ['{:5}|{:5}|', ['ab', 7], 'ab   |    7|'],
  ['{:*^9}', ['mid'], '***mid***'],
  ['{:😀<3}', ['é'], 'é😀😀'],
  ['{:>3}', ['😀'], '  😀'],
  ['{:.2}', ['a😀b'], 'a😀'],
  ['{:.2f}', [3.14159], '3.14'],
  ['{:.0f}', [2.5], '3'],
  ['{:f}', [1], '1.000000'],
  ['{:8.3f}|', [-2.5], '  -2.500|'],
  ['{:08.3f}', [-2.5], '-002.500'],
  ['{:+d} {:+d} {: d}', [1, -1, 1], '+1 -1  1'],
  ['{:05d}', [-42], '-0042'],
  ['{:=5d}', [-42], '-  42'],
  ['{:x} {:X} {:b} {:o}', [255, 255, 5, 8], 'ff FF 101 10'],
  ['{:#x} {:#b} {:#o} {:#X}', [255, 5, 8, 255], '0xff 0b101 0o10 0xFF'],
  ['{:08x}', [0xbeef], '0000beef'],
  ['{:#010x}', [255], '0x000000ff'],
  ['{:x}', [-255], '-ff'],
  ['{:,} {:,.2f}', [1234567, 1234.5], '1,234,567 1,234.50'],
  ['{:,}', [-1234], '-1,234'],
  ['{:e} {:.1e}', [12345.678, 0.00123], '1.234568e+04 1.2e-03'],
  ['{:.3g}', [1234.5678], '1230'],
  ['{:%} {:.1%}', [0.5, 0.256], '50.000000% 25.6%'],
  ['{:c}', [0x1f600], '😀'],
  ['{:s}|{:6s}|', [5, true], '5|true  |'],
  ['{:d}', [2 ** 80], '1208925819614629174706176'],
  ['{:f}', [NaN], 'NaN'],
  ['{:06}', [-Infinity], '-Infinity'],
  ['{:}', ['x'], 'x'],
  ['{ 0 }', ['x'], 'x'],
];

for (const [template, values, expected] of SHOWN) {
  test(`format ${JSON.stringify(template)} gives ${JSON.stringify(expected)}`, () => {
    assert.equal(call('format', template, ...values), expected);
  });
}

const WRONG: readonly [template: string, values: unknown[], message: string][] = [
  ['{', [], "the '{' is not closed (character 0 of the template)"],
  ['ok {} {0', ['a'], "the '{' is not closed (character 6 of the template)"],
  ['}', [], "there is a '}' that closes nothing"],
  ['{a{b}', [1], "the '{' is not closed before the next one"],
  ['{:zz}', [1], "cannot read ':zz'"],
  ['{:5.}', [1], "cannot read ':5.'"],
  ['{:y}', [1], "there is no kind 'y'"],
  ['{:99999999}', [1], 'the width 99999999 is larger than 10000000'],
  ['{:.500f}', [1], 'the precision 500 is larger than 100'],
  ['{}', [], '{} needs value number 0, counted from 0, but there are none'],
  ['{2}', ['a', 'b'], '{2} needs value number 2, counted from 0, but there are only 2'],
  ['{name}', ['a'], '{name} needs a map with the key "name"'],
  ['{name}', [mapOf({})], '{name} needs the key "name", which the map does not have'],
  ['{:d}', ['5'], '{:d} shows a number, got the string "5"'],
  ['{:d}', [1.5], '{:d} shows a whole number, got the number 1.5'],
  ['{:.2d}', [1], "{:.2d} has a precision, which the kind 'd' has no use for"],
  ['{:c}', [0x110000], '{:c} shows a code point'],
  ['{:=5}', ['x'], "{:=5} has '=', which is for numbers"],
];

for (const [template, values, message] of WRONG) {
  test(`format ${JSON.stringify(template)} is refused`, () => {
    refused('EFORMAT', message, 'format', template, ...values);
  });
}

test('any template gives a text or an error of the language', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    ':',
    '<',
    '>',
    '^',
    '=',
    '+',
    ' ',
    '#',
    '0',
    '5',
    ',',
    '.',
    '2',
    'd',
    'f',
    'x',
    's',
    'e',
    'g',
    '%',
    'c',
    'a',
    '😀',
  );
  const value = fc.constantFrom<unknown>(null, true, 5, -2.5, NaN, 1e300, 'text', [1]);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(value, { maxLength: 3 }), (pieces, values) => {
      try {
        assert.equal(typeof call('format', pieces.join(''), ...values), 'string');
      } catch (error) {
        assert.ok(error instanceof ErrorValue, String(error));
        assert.equal(error.code, 'EFORMAT');
      }
    }),
    { numRuns: 2000 },
  );
});

test('fixed digits are those of JavaScript', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), fc.nat(20), (x, digits) => {
      const expected = Math.abs(x).toFixed(digits);
      assert.equal(call('format', `{:.${digits}f}`, x), (x < 0 || Object.is(x, -0) ? '-' : '') + expected);
    }),
  );
});
