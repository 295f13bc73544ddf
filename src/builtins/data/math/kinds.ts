/** What kind of number a value is, and numbers as text in other bases. */
import { defineBuiltin } from '../../define-builtin';
import { any, string, whole } from '../../types';

export const is_nan = defineBuiltin({
  name: 'is_nan',
  group: 'math',
  summary: 'Tells whether a value is NaN, which == cannot tell',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'boolean', about: 'True for NaN alone; false for all else, also for what is no number' },
  aliases: ['isNaN'],
  example: 'log(is_nan(0 / 0), is_nan(1), is_nan("x"))  // expect: true false false',
  failing: 'is_nan()  // expect error: is_nan',
  run: (value) => Number.isNaN(value),
});

export const is_finite = defineBuiltin({
  name: 'is_finite',
  group: 'math',
  summary: 'Tells whether a value is a number other than NaN, Infinity and -Infinity',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'boolean', about: 'True for a finite number; false for what is no number' },
  aliases: ['isFinite'],
  example: 'log(is_finite(1e300), is_finite(1 / 0), is_finite(num("x")))  // expect: true false false',
  failing: 'is_finite()  // expect error: is_finite',
  run: (value) => Number.isFinite(value),
});

export const is_whole = defineBuiltin({
  name: 'is_whole',
  group: 'math',
  summary: 'Tells whether a value is a whole number',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'boolean', about: 'True for a finite number without a fraction; false for what is no number' },
  example: 'log(is_whole(4), is_whole(4.5), is_whole("4"))  // expect: true false false',
  failing: 'is_whole()  // expect error: is_whole',
  run: (value) => Number.isInteger(value),
});

const PREFIXES: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 };
/** More digits than the greatest number has in base 2: such a number is Infinity. */
const MAX_DIGITS = 1100;

/** The whole number that a text holds; null where it holds none. */
function parseWhole(text: string, base: number | null): number | null {
  const parts = /^([+-]?)(0[xXoObB])?([0-9a-zA-Z]+)$/.exec(text.trim());
  if (parts === null) return null;
  const [, sign = '', prefix = '', digits = ''] = parts;
  const prefixBase = PREFIXES[prefix.toLowerCase()];
  // In base 16, "0b1" is three digits.
  const isPrefix = prefixBase !== undefined && (base === null || base === prefixBase);
  const size = digitsIn(isPrefix ? digits : prefix + digits, isPrefix ? prefixBase : (base ?? 10));
  return size === null ? null : sign === '-' ? -size : size;
}

function digitsIn(digits: string, base: number): number | null {
  const last =
    base <= 10 ? String(base - 1) : `9a-${(base - 1).toString(36)}A-${(base - 1).toString(36).toUpperCase()}`;
  if (!new RegExp(`^[0-${last}]+$`).test(digits)) return null;
  if (base === 10) return Number(digits);
  const quick = parseInt(digits, base);
  if (Number.isSafeInteger(quick)) return quick;
  const figures = digits.replace(/^0+/, '');
  if (figures.length > MAX_DIGITS) return Infinity;
  // Rounded once, at the end.
  let exact = 0n;
  for (const digit of figures) exact = exact * BigInt(base) + BigInt(parseInt(digit, base));
  return Number(exact);
}

export const parse_int = defineBuiltin({
  name: 'parse_int',
  group: 'math',
  summary: 'Makes a whole number of a text in some base, null where the text holds none',
  details:
    'The whole text must be the number; only white space around it is skipped. Without a base it is decimal, or what 0x, 0o or 0b in front says; 0x may stand in front in base 16 too, and likewise 0o and 0b. Beyond 2 ** 53 it is the nearest number there is.',
  params: [
    { name: 'text', type: string, about: 'The text' },
    { name: 'base', type: whole(2, 36), about: 'How many digits there are; letters go on after 9', optional: true },
  ],
  gives: { type: 'number or null', about: 'The number, null for all that is none' },
  aliases: ['parseInt'],
  example: `log(parse_int("42"), parse_int("ff", 16), parse_int("0xff"))  // expect: 42 255 255
log(parse_int("42px"), parse_int("2", 2))  // expect: null null`,
  failing:
    'parse_int("ff", 64)  // expect error: parse_int: base must be a whole number from 2 to 36, got the number 64',
  run: parseWhole,
});

const DECIMAL = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|Infinity)$/;

export const parse_float = defineBuiltin({
  name: 'parse_float',
  group: 'math',
  summary: 'Makes a number of a decimal text, null where the text holds none',
  details:
    'The whole text must be the number; only white space around it is skipped. What str makes of any number is read as that number again, Infinity and NaN included.',
  params: [{ name: 'text', type: string, about: 'The text' }],
  gives: { type: 'number or null', about: 'The number, null for all that is none' },
  aliases: ['parseFloat'],
  example: 'log(parse_float("2.50"), parse_float("-1e3"), parse_float("2,5"))  // expect: 2.5 -1000 null',
  failing: 'parse_float(2.5)  // expect error: parse_float: text must be a string, got the number 2.5',
  run: (text) => {
    const trimmed = text.trim();
    if (DECIMAL.test(trimmed)) return Number(trimmed);
    return trimmed === 'NaN' ? NaN : null;
  },
});

export const to_base = defineBuiltin({
  name: 'to_base',
  group: 'math',
  summary: 'Writes a whole number in some base',
  params: [
    { name: 'n', type: whole(), about: 'The number' },
    { name: 'base', type: whole(2, 36), about: 'How many digits there are; letters go on after 9' },
  ],
  gives: { type: 'string', about: 'The digits, letters in lower case, with - in front of a negative number' },
  example: 'log(to_base(255, 16), to_base(5, 2), to_base(-35, 36))  // expect: ff 101 -z',
  failing: 'to_base(0.5, 2)  // expect error: to_base: n must be a whole number, got the number 0.5',
  run: (n, base) => n.toString(base),
});
