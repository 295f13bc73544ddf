/** Whole numbers near a number, and numbers kept within bounds. */
import { defineBuiltin } from '../../define-builtin';
import { number, whole } from '../../types';
import { failure } from '../../core/value-types';
import { ofNumber } from './of-number';

export const floor = ofNumber(
  {
    name: 'floor',
    summary: 'Rounds a number down',
    gives: 'The greatest whole number that is not above it',
    example: 'log(floor(2.7), floor(-2.2))  // expect: 2 -3',
    failing: 'floor("2.7")  // expect error: floor: x must be a number, got the string "2.7"',
  },
  'Math.floor($1)',
  Math.floor,
);

export const ceil = ofNumber(
  {
    name: 'ceil',
    summary: 'Rounds a number up',
    gives: 'The least whole number that is not below it',
    example: 'log(ceil(2.1), ceil(-2.7))  // expect: 3 -2',
    failing: 'ceil(null)  // expect error: ceil: x must be a number, got null',
  },
  'Math.ceil($1)',
  Math.ceil,
);

export const trunc = ofNumber(
  {
    name: 'trunc',
    summary: 'Cuts off what stands after the decimal point of a number',
    gives: 'The whole number nearest to it on the side of 0',
    example: 'log(trunc(2.7), trunc(-2.7))  // expect: 2 -2',
    failing: 'trunc([1.5])  // expect error: trunc: x must be a number, got an array of 1',
  },
  'Math.trunc($1)',
  Math.trunc,
);

/** The most digits a number can have after (or before) its decimal point. */
const MAX_DIGITS = 400;

export const round = defineBuiltin({
  name: 'round',
  group: 'math',
  summary: 'Rounds a number to the nearest whole number, or to some decimal digits',
  details:
    'What lies in the middle is rounded away from 0. The digits are those that the number prints with, so round(1.005, 2) is 1.01.',
  params: [
    { name: 'x', type: number, about: 'The number' },
    {
      name: 'digits',
      type: whole(-MAX_DIGITS, MAX_DIGITS),
      about: 'How many digits to keep after the decimal point, 0 where it is left out; -2 rounds to hundreds',
      optional: true,
    },
  ],
  gives: { type: 'number', about: 'The rounded number' },
  example: `log(round(2.5), round(-2.5), round(2.4))  // expect: 3 -3 2
log(round(3.14159, 2), round(1250, -2))  // expect: 3.14 1300`,
  failing: 'round("2.5")  // expect error: round: x must be a number, got the string "2.5"',
  inline: [{ when: "typeof $1 === 'number'", code: '($1 < 0 ? -Math.round(-$1) : Math.round($1))' }],
  run: (x, digits) => {
    const size = Math.abs(x);
    const rounded =
      digits === null || digits === 0 || !Number.isFinite(x)
        ? Math.round(size)
        : shifted(Math.round(shifted(size, digits)), -digits);
    // Shifting may have left the range of numbers: then there are no digits to cut off.
    return Number.isNaN(rounded) || rounded === Infinity ? x : x < 0 ? -rounded : rounded;
  },
});

/** `x` times 10 ** `digits`, as exact as its decimal text: a multiplication would round once more. */
function shifted(x: number, digits: number): number {
  const [figures, exponent = '0'] = String(x).split('e');
  return Number(`${figures!}e${Number(exponent) + digits}`);
}

export const clamp = defineBuiltin({
  name: 'clamp',
  group: 'math',
  summary: 'Keeps a number within bounds',
  params: [
    { name: 'x', type: number, about: 'The number' },
    { name: 'low', type: number, about: 'The least it may be' },
    { name: 'high', type: number, about: 'The most it may be' },
  ],
  gives: { type: 'number', about: 'The number, or the bound that it is beyond' },
  errors: { ERANGE: 'low is above high' },
  example: 'log(clamp(120, 0, 100), clamp(-5, 0, 100), clamp(7, 0, 100))  // expect: 100 0 7',
  failing: 'clamp(5, 10, 0)  // expect error: clamp: low is 10 and high is 0: low must not be above high',
  run: (x, low, high) => {
    if (low > high) {
      throw failure('ERANGE', 'clamp', `low is ${low} and high is ${high}: low must not be above high`);
    }
    return x < low ? low : x > high ? high : x;
  },
});
