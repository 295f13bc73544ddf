/** The shapes of `format`, one line each, and what it says about templates that are wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ErrorValue } from '../../src/runtime/values';
import { python, withoutPython } from '../support/python';
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
  ['{:#x} {:#b} {:#o} {:#X}', [255, 5, 8, 255], '0xff 0b101 0o10 0XFF'],
  ['{:08x}', [0xbeef], '0000beef'],
  ['{:#010x}', [255], '0x000000ff'],
  ['{:x}', [-255], '-ff'],
  ['{:,} {:,.2f}', [1234567, 1234.5], '1,234,567 1,234.50'],
  ['{:,}', [-1234], '-1,234'],
  ['{:e} {:.1e}', [12345.678, 0.00123], '1.234568e+04 1.2e-03'],
  ['{:.3g}', [1234.5678], '1.23e+03'],
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

const oneOf = (...given: string[]): fc.Arbitrary<string> => fc.constantFrom('', '', ...given);
const decimal = fc.tuple(
  fc.constantFrom('', '', '<', '>', '^', '=', '*<', '_>', '0^', 'x='),
  oneOf('+', '-', ' '),
  fc.constant(''),
  oneOf('0'),
  oneOf('1', '6', '12', '17', '30'),
  oneOf(','),
  oneOf('.0', '.1', '.3', '.10'),
  fc.constantFrom('f', 'e', 'g', '%'),
);
const integral = fc.tuple(
  fc.constantFrom('', '', '<', '>', '^', '=', '*<', '_>', '0^', 'x='),
  oneOf('+', '-', ' '),
  oneOf('#'),
  oneOf('0'),
  oneOf('1', '6', '12', '30'),
  fc.constantFrom('x', 'X', 'b', 'o', 'd', ''),
);
const textual = fc.tuple(
  fc.constantFrom('', '<', '>', '^', '*<', '0^'),
  oneOf('1', '6', '30'),
  oneOf('.0', '.2'),
  oneOf('s'),
);
const fraction = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e7, max: 1e7 }),
  fc.integer({ min: -2_000_000, max: 2_000_000 }),
);
const place = fc.oneof(
  fc.tuple(decimal, fraction),
  fc.tuple(integral, fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3000, max: 3000 }))),
  fc.tuple(fc.tuple(fc.constantFrom('', '<', '^'), oneOf('0'), oneOf('9'), fc.constant(',d')), fc.maxSafeInteger()),
  fc.tuple(textual, fc.string({ unit: 'binary', maxLength: 8 })),
);

test('what Python formats too looks the same', { skip: withoutPython }, () => {
  const cases = fc.sample(place, 4000).map(([shape, value]) => [`a{:${shape.join('')}}}}`, value] as const);
  // Python rounds an exact half to the even digit, and its whole numbers have no -0.
  const answers = python(
    `from decimal import Decimal
from fractions import Fraction
def half(t, v):
    if not isinstance(v, (int, float)) or t[-4] not in "feg%": return False
    digits = int(t[t.index(".") + 1:-4]) if "." in t else 6
    scale = Fraction(v) * (100 if t[-4] == "%" else 1)
    if t[-4] in "eg" and v != 0: digits -= Decimal(v).adjusted() + (t[-4] == "g")
    return (scale * Fraction(10) ** digits) % 1 == Fraction(1, 2)
answer = [None if half(t, v) else t.format(float(v) if t[-4] in "feg%" else v) for t, v in data]`,
    cases.map(([template, value]) => [template, Object.is(value, -0) ? 0 : value]),
  ) as (string | null)[];
  assert.ok(answers.filter((each) => each !== null).length > 3000);
  cases.forEach(([template, value], i) => {
    const expected = answers[i] ?? null;
    if (expected === null || expected.includes('inf')) return;
    assert.equal(call('format', template, Object.is(value, -0) ? 0 : value), expected, `${template} of ${value}`);
  });
});

test('large whole numbers are exact in every base', () => {
  assert.equal(
    call('format', '{:d} {:x} {:o} {:b}', 2 ** 60 + 2 ** 9, 2 ** 60, -(2 ** 60), 2 ** 54),
    '1152921504606847488 1000000000000000 -100000000000000000000 1' + '0'.repeat(54),
  );
  assert.equal(call('format', '{:,d}', 1e21), '1,000,000,000,000,000,000,000');
});

test('a comma is for decimal digits', () => {
  for (const kind of 'sxXboc') refused('EFORMAT', 'the comma in', 'format', `{:,${kind}}`, 5);
});
