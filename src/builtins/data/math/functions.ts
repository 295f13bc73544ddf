/**
 * Roots, powers, logarithms and angles. Outside of what a function is defined for it gives NaN, as 0 / 0 does.
 */
import { defineBuiltin } from '../../define-builtin';
import { number } from '../../types';
import { ofNumber } from './of-number';

export const abs = ofNumber(
  {
    name: 'abs',
    summary: 'Gives a number without its sign',
    gives: 'The number, or its opposite where it is negative',
    example: 'log(abs(-3.5), abs(2))  // expect: 3.5 2',
    failing: 'abs("5")  // expect error: abs: x must be a number, got the string "5"',
  },
  'Math.abs($1)',
  Math.abs,
);

export const sqrt = ofNumber(
  {
    name: 'sqrt',
    summary: 'Gives the square root of a number',
    gives: 'The root; NaN for a negative number',
    example: 'log(sqrt(2), sqrt(-1))  // expect: 1.4142135623730951 NaN',
    failing: 'sqrt([4])  // expect error: sqrt: x must be a number, got an array of 1',
  },
  'Math.sqrt($1)',
  Math.sqrt,
);

export const cbrt = ofNumber(
  {
    name: 'cbrt',
    summary: 'Gives the cube root of a number',
    gives: 'The root, which a negative number has too',
    example: 'log(cbrt(27), cbrt(-8))  // expect: 3 -2',
    failing: 'cbrt(true)  // expect error: cbrt: x must be a number, got true',
  },
  'Math.cbrt($1)',
  Math.cbrt,
);

export const pow = defineBuiltin({
  name: 'pow',
  group: 'math',
  summary: 'Raises a number to a power, as the operator ** does',
  params: [
    { name: 'base', type: number, about: 'The number' },
    { name: 'exponent', type: number, about: 'The power, which need not be whole' },
  ],
  gives: { type: 'number', about: 'The result; NaN for a negative base and an exponent that is not whole' },
  example: 'log(pow(2, 10), pow(2, -1), pow(9, 0.5))  // expect: 1024 0.5 3',
  failing: 'pow(2)  // expect error: pow',
  inline: [{ when: "typeof $1 === 'number' && typeof $2 === 'number'", code: '$1 ** $2' }],
  run: (base, exponent) => base ** exponent,
});

export const exp = ofNumber(
  {
    name: 'exp',
    summary: 'Raises E to a power',
    takes: 'The power',
    gives: 'E ** x',
    example: 'log(exp(0), exp(1) == E)  // expect: 1 true',
    failing: 'exp("1")  // expect error: exp: x must be a number, got the string "1"',
  },
  'Math.exp($1)',
  Math.exp,
);

export const ln = ofNumber(
  {
    name: 'ln',
    summary: 'Gives the natural logarithm of a number',
    gives: 'The logarithm to the base E; -Infinity for 0, NaN for a negative number',
    example: 'log(ln(E), ln(1), ln(0))  // expect: 1 0 -Infinity',
    failing: 'ln("e")  // expect error: ln: x must be a number, got the string "e"',
  },
  'Math.log($1)',
  Math.log,
);

export const log2 = ofNumber(
  {
    name: 'log2',
    summary: 'Gives the logarithm of a number to the base 2',
    gives: 'The logarithm; -Infinity for 0, NaN for a negative number',
    example: 'log(log2(1024), ceil(log2(1000)))  // expect: 10 10',
    failing: 'log2({})  // expect error: log2: x must be a number, got an empty map',
  },
  'Math.log2($1)',
  Math.log2,
);

export const log10 = ofNumber(
  {
    name: 'log10',
    summary: 'Gives the logarithm of a number to the base 10',
    gives: 'The logarithm; -Infinity for 0, NaN for a negative number',
    example: 'log(log10(1000), log10(0.01))  // expect: 3 -2',
    failing: 'log10("100")  // expect error: log10: x must be a number, got the string "100"',
  },
  'Math.log10($1)',
  Math.log10,
);

export const sin = ofNumber(
  {
    name: 'sin',
    summary: 'Gives the sine of an angle',
    takes: 'The angle in radians; PI is half a turn',
    gives: 'From -1 to 1',
    example: 'log(sin(0), sin(PI / 2))  // expect: 0 1',
    failing: 'sin("90")  // expect error: sin: x must be a number, got the string "90"',
  },
  'Math.sin($1)',
  Math.sin,
);

export const cos = ofNumber(
  {
    name: 'cos',
    summary: 'Gives the cosine of an angle',
    takes: 'The angle in radians; PI is half a turn',
    gives: 'From -1 to 1',
    example: 'log(cos(0), cos(PI))  // expect: 1 -1',
    failing: 'cos(null)  // expect error: cos: x must be a number, got null',
  },
  'Math.cos($1)',
  Math.cos,
);

export const tan = ofNumber(
  {
    name: 'tan',
    summary: 'Gives the tangent of an angle',
    takes: 'The angle in radians; PI is half a turn',
    gives: 'The sine divided by the cosine',
    example: 'log(tan(0), round(tan(PI / 4), 9))  // expect: 0 1',
    failing: 'tan(fn() => 1)  // expect error: tan: x must be a number, got a function',
  },
  'Math.tan($1)',
  Math.tan,
);

export const asin = ofNumber(
  {
    name: 'asin',
    summary: 'Gives the angle whose sine is a number',
    takes: 'The sine, from -1 to 1',
    gives: 'The angle in radians, from -PI / 2 to PI / 2; NaN outside of -1 to 1',
    example: 'log(asin(1) == PI / 2, asin(2))  // expect: true NaN',
    failing: 'asin("1")  // expect error: asin: x must be a number, got the string "1"',
  },
  'Math.asin($1)',
  Math.asin,
);

export const acos = ofNumber(
  {
    name: 'acos',
    summary: 'Gives the angle whose cosine is a number',
    takes: 'The cosine, from -1 to 1',
    gives: 'The angle in radians, from 0 to PI; NaN outside of -1 to 1',
    example: 'log(acos(1), acos(-1) == PI)  // expect: 0 true',
    failing: 'acos([])  // expect error: acos: x must be a number, got an empty array',
  },
  'Math.acos($1)',
  Math.acos,
);

export const atan = ofNumber(
  {
    name: 'atan',
    summary: 'Gives the angle whose tangent is a number',
    takes: 'The tangent',
    gives: 'The angle in radians, from -PI / 2 to PI / 2',
    example: 'log(atan(0), atan(INF) == PI / 2)  // expect: 0 true',
    failing: 'atan("0")  // expect error: atan: x must be a number, got the string "0"',
  },
  'Math.atan($1)',
  Math.atan,
);

export const atan2 = defineBuiltin({
  name: 'atan2',
  group: 'math',
  summary: 'Gives the angle between the x axis and the point (x, y)',
  params: [
    { name: 'y', type: number, about: 'How far up the point is' },
    { name: 'x', type: number, about: 'How far to the right' },
  ],
  gives: { type: 'number', about: 'The angle in radians, from -PI to PI' },
  example: 'log(atan2(1, 1) == PI / 4, atan2(0, -1) == PI)  // expect: true true',
  failing: 'atan2(1, "1")  // expect error: atan2: x must be a number, got the string "1"',
  inline: [{ when: "typeof $1 === 'number' && typeof $2 === 'number'", code: 'Math.atan2($1, $2)' }],
  run: (y, x) => Math.atan2(y, x),
});

export const hypot = defineBuiltin({
  name: 'hypot',
  group: 'math',
  summary: 'Gives the length of the line to a point: the square root of the sum of the squares',
  params: [{ name: 'values', type: number, about: 'How far the point is along each axis', rest: true }],
  gives: { type: 'number', about: 'The length; 0 without values' },
  example: 'log(hypot(3, 4), hypot(1, 2, 2))  // expect: 5 3',
  failing: 'hypot(3, "4")  // expect error: hypot: values must be a number, got the string "4"',
  run: (values) => {
    // Many values do not fit on the stack as arguments; taking one after the other loses a little of the last digit.
    if (values.length <= 1000) return Math.hypot(...values);
    return values.reduce((length, value) => Math.hypot(length, value), 0);
  },
});
