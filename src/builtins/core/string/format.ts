/**
 * `format`: text with places for values, in the manner of Python's and Rust's.
 *
 *   place  {}  {0}  {name}, each with an optional `:` and a shape;  {{ and }} are braces
 *   shape  [[fill]align][sign][#][0][width][,][.precision][kind]
 *   align  < left  > right  ^ centre  = between sign and digits
 *   sign   + always  a space for numbers that are not negative
 *   kind   s text  d whole number  f fixed  e exponent  g fixed or exponent  %  x X b o  c code point
 *
 * A template is parsed once and kept, since it is mostly a constant in a loop.
 */
import { describe } from '../../../runtime/describe-value';
import type { ErrorValue } from '../../../runtime/errors';
import * as strings from '../../../runtime/strings';
import { MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { any, string } from '../../types';
import { failure } from '../value-types';
import { checkLength } from './case-and-space';

/** Wider than this is a mistake; it also keeps a template from using up all memory. */
const MAX_WIDTH = 10_000_000;
/** The most digits that JavaScript's own formatting gives. */
const MAX_PRECISION = 100;

interface Shape {
  readonly fill: string;
  readonly align: '<' | '>' | '^' | '=' | '';
  readonly sign: '+' | '-' | ' ';
  /** Writes 0x, 0b, 0o in front. */
  readonly prefix: boolean;
  readonly width: number;
  /** A comma between groups of three digits. */
  readonly grouped: boolean;
  readonly precision: number | null;
  readonly kind: string;
}

/** A literal text, or a place: its number or name, and how the value is shown (null for as `str` does). */
type Piece = string | { readonly which: number | string; readonly shape: Shape | null; readonly text: string };

const SHAPE = /^(?:(.)?([<>^=]))?([+\- ])?(#)?(0)?(\d+)?(,)?(?:\.(\d+))?([a-zA-Z%])?$/su;
const KINDS = 'sdfeg%xXboc';

const templates = new Map<string, readonly Piece[]>();
const MAX_TEMPLATES = 200;

function piecesOf(template: string): readonly Piece[] {
  let pieces = templates.get(template);
  if (pieces === undefined) {
    pieces = parse(template);
    if (templates.size >= MAX_TEMPLATES) templates.clear();
    templates.set(template, pieces);
  }
  return pieces;
}

function bad(template: string, at: number, message: string): ErrorValue {
  return failure(
    'EFORMAT',
    'format',
    `${message} (character ${strings.length(template.slice(0, at))} of the template)`,
    'a brace of its own is written {{ or }}',
  );
}

function parse(template: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = '';
  let next = 0;
  let at = 0;
  const brace = /[{}]/g;
  for (;;) {
    brace.lastIndex = at;
    const from = brace.exec(template)?.index;
    if (from === undefined) break;
    literal += template.slice(at, from);
    const char = template[from]!;
    if (template[from + 1] === char) {
      literal += char;
      at = from + 2;
      continue;
    }
    if (char === '}') throw bad(template, from, `there is a '}' that closes nothing`);
    const end = template.indexOf('}', from);
    if (end < 0) throw bad(template, from, `the '{' is not closed`);
    if (literal !== '') pieces.push(literal);
    literal = '';
    const inner = template.slice(from + 1, end);
    const colon = inner.indexOf(':');
    const name = (colon < 0 ? inner : inner.slice(0, colon)).trim();
    if (name.includes('{')) throw bad(template, from, `the '{' is not closed before the next one`);
    const which = name === '' ? next++ : /^\d+$/.test(name) ? Number(name) : name;
    pieces.push({
      which,
      shape: colon < 0 ? null : parseShape(template, from, inner.slice(colon + 1)),
      text: `{${inner}}`,
    });
    at = end + 1;
  }
  literal += template.slice(at);
  if (literal !== '') pieces.push(literal);
  return pieces;
}

function parseShape(template: string, at: number, text: string): Shape | null {
  if (text === '') return null;
  const match = SHAPE.exec(text);
  if (match === null)
    throw bad(template, at, `cannot read ':${text}': a shape is written as in {:>8}, {:08x} or {:.2f}`);
  const [, fill, align, sign, prefix, zero, width, grouped, precision, kind] = match;
  const shape: Shape = {
    fill: fill ?? (zero !== undefined ? '0' : ' '),
    align: (align ?? (zero === undefined ? '' : '=')) as Shape['align'],
    sign: (sign ?? '-') as Shape['sign'],
    prefix: prefix !== undefined,
    width: Number(width ?? 0),
    grouped: grouped !== undefined,
    precision: precision === undefined ? null : Number(precision),
    kind: kind ?? '',
  };
  if (kind !== undefined && !KINDS.includes(kind)) {
    throw bad(template, at, `there is no kind '${kind}' in ':${text}'; the kinds are ${KINDS.split('').join(' ')}`);
  }
  if (shape.grouped && 'sxXboc'.includes(shape.kind) && shape.kind !== '') {
    throw bad(template, at, `the comma in ':${text}' groups decimal digits, which the kind '${kind}' does not show`);
  }
  if (shape.width > MAX_WIDTH) throw bad(template, at, `the width ${width} is larger than ${MAX_WIDTH}`);
  if (shape.precision !== null && shape.precision > MAX_PRECISION && kind !== 's') {
    throw bad(template, at, `the precision ${precision} is larger than ${MAX_PRECISION}`);
  }
  return shape;
}

// ---------------------------------------------------------------- values

function show(value: Value, shape: Shape, place: string): string {
  const { kind } = shape;
  if (kind === 's' || (kind === '' && typeof value !== 'number')) return showText(value, shape, place);
  if (typeof value !== 'number') {
    throw failure('EFORMAT', 'format', `${place} shows a number, got ${describe(value)}`);
  }
  return showNumber(value, shape, place);
}

function showText(value: Value, shape: Shape, place: string): string {
  if (shape.align === '=' && shape.fill !== '0') {
    throw failure('EFORMAT', 'format', `${place} has '=', which is for numbers, got ${describe(value)}`);
  }
  let text = str(value);
  if (shape.precision !== null) text = strings.slice(text, 0, shape.precision);
  return pad(text, shape.width, shape.fill, shape.align === '' || shape.align === '=' ? '<' : shape.align);
}

function showNumber(value: number, shape: Shape, place: string): string {
  const negative = value < 0 || (Object.is(value, -0) && shape.kind !== '' && 'feg%'.includes(shape.kind));
  let digits = Number.isFinite(value)
    ? digitsOf(Math.abs(value), shape, place)
    : Number.isNaN(value)
      ? 'NaN'
      : 'Infinity';
  const sign = negative ? '-' : shape.sign === '-' ? '' : shape.sign;
  const lead = sign + (shape.prefix && 'xXbo'.includes(shape.kind) && shape.kind !== '' ? '0' + shape.kind : '');
  if (shape.grouped && Number.isFinite(value)) {
    const zeros = shape.align === '=' && shape.fill === '0';
    digits = grouped(digits, zeros ? shape.width - lead.length : 0);
  }
  if (shape.align !== '=') return pad(lead + digits, shape.width, shape.fill, shape.align === '' ? '>' : shape.align);
  return lead + pad(digits, shape.width - lead.length, Number.isFinite(value) ? shape.fill : ' ', '>');
}

/** Of a number that is not negative. */
function digitsOf(value: number, shape: Shape, place: string): string {
  const { kind, precision } = shape;
  switch (kind) {
    case 'f':
      return fixed(value, precision ?? 6);
    case '%':
      return fixed(value * 100, precision ?? 6) + '%';
    case 'e':
      return exponential(value, precision ?? 6);
    case 'g':
      return shortest(value, Math.max(1, precision ?? 6));
    case '':
      return precision === null ? String(value) : String(Number(value.toPrecision(Math.max(1, precision))));
    default:
      break;
  }
  if (!Number.isInteger(value))
    throw failure('EFORMAT', 'format', `${place} shows a whole number, got the number ${value}`);
  if (precision !== null)
    throw failure('EFORMAT', 'format', `${place} has a precision, which the kind '${kind}' has no use for`);
  switch (kind) {
    case 'd':
      return whole(value, 10);
    case 'x':
      return whole(value, 16);
    case 'X':
      return whole(value, 16).toUpperCase();
    case 'b':
      return whole(value, 2);
    case 'o':
      return whole(value, 8);
    default:
      if (value > 0x10ffff)
        throw failure('EFORMAT', 'format', `${place} shows a code point from 0 to 1114111, got ${value}`);
      return String.fromCodePoint(value);
  }
}

/** All digits, also of numbers that JavaScript would write rounded or with an exponent. */
function whole(value: number, base: number): string {
  return Number.isSafeInteger(value) ? value.toString(base) : BigInt(value).toString(base);
}

function fixed(value: number, precision: number): string {
  if (value < 1e21) return value.toFixed(precision);
  return Number.isFinite(value)
    ? BigInt(value).toString() + (precision === 0 ? '' : '.' + '0'.repeat(precision))
    : 'Infinity';
}

/** With an exponent of two digits at least. */
function exponential(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** As C's %g: so many digits, those that matter; with an exponent where it is less than -4 or not below their number. */
function shortest(value: number, digits: number): string {
  const rounded = exponential(value, digits - 1);
  const exponent = Number(rounded.slice(rounded.indexOf('e') + 1));
  const text = exponent < -4 || exponent >= digits ? rounded : value.toFixed(digits - 1 - exponent);
  return text.replace(/(?:\.0+|(\.\d*?)0+)(?=e|$)/, '$1');
}

/** A comma between groups of three digits; zeros before them, grouped too, up to a width. */
function grouped(digits: string, width: number): string {
  const [, head, rest] = /^(\d*)(.*)$/s.exec(digits) as unknown as [string, string, string];
  // A comma never stands first: there a digit more is taken, beyond the width.
  const padded = head.padStart(Math.ceil((3 * (width - rest.length) + 1) / 4), '0');
  return padded.replace(/\B(?=(?:\d{3})+$)/g, ',') + rest;
}

function pad(text: string, width: number, fill: string, align: '<' | '>' | '^'): string {
  const missing = width - strings.length(text);
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + text;
  const left = missing >> 1;
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

// ---------------------------------------------------------------- the built-in

function valueFor(which: number | string, place: string, values: readonly Value[]): Value {
  if (typeof which === 'number') {
    const value = values[which];
    if (value !== undefined) return value;
    const have =
      values.length === 0
        ? 'there are none'
        : values.length === 1
          ? 'there is only one'
          : `there are only ${values.length}`;
    throw failure('EFORMAT', 'format', `${place} needs value number ${which}, counted from 0, but ${have}`);
  }
  const named = values.find((value) => value instanceof MapValue);
  if (named === undefined)
    throw failure('EFORMAT', 'format', `${place} needs a map with the key ${JSON.stringify(which)} among the values`);
  const value = named.get(which);
  if (value !== undefined) return value;
  throw failure('EFORMAT', 'format', `${place} needs the key ${JSON.stringify(which)}, which the map does not have`);
}

export const format = defineBuiltin({
  name: 'format',
  group: 'string',
  summary: 'Makes a text of a template with places for values',
  details: `Places: {} takes the next value, {0} the first one, {name} the entry of the map among the values; {{ and }} are braces.
After a colon stands how the value is shown: [[fill]align][sign][#][0][width][,][.precision][kind]. Align is < left, > right, ^ centre or = (fill after the sign); sign is + or a space for numbers that are not negative; # writes 0x, 0b or 0o; the comma groups decimal digits by three.
Kinds: s text (the precision cuts it), d whole number, f fixed digits, e exponent, g so many digits and an exponent where it is shorter, % per cent, x X hexadecimal, b binary, o octal, c the character of a code point. Without a kind a value is shown as str does. An exact half is rounded away from zero.`,
  params: [
    { name: 'template', type: string, about: 'The text with places' },
    { name: 'values', type: any, about: 'What is put there; a map serves all places with names', rest: true },
  ],
  gives: { type: 'string', about: 'The text' },
  errors: { EFORMAT: 'the template does not parse, a value is missing, or a value does not fit its place' },
  example: `log(format("{} of {}: {:.1f} ms", 1, 4, 3.14159))  // expect: 1 of 4: 3.1 ms
log(format("[{:>8}] [{:<6}] [{:^5}]", "right", "left", "mid"))  // expect: [   right] [left  ] [ mid ]
log(format("{host}:{port:05d} {{ok}}", {"host": "db", "port": 80}))  // expect: db:00080 {ok}
log(format("{0:#x} {0:08b} {1:,}", 255, 1234567))  // expect: 0xff 11111111 1,234,567`,
  failing:
    'format("{} and {}", 1)  // expect error: format: {} needs value number 1, counted from 0, but there is only one',
  run: (template, values) => {
    const texts: string[] = [];
    let units = 0;
    for (const piece of piecesOf(template)) {
      const text = typeof piece === 'string' ? piece : shown(piece, values);
      units += text.length;
      checkLength('format', units);
      texts.push(text);
    }
    return texts.join('');
  },
});

function shown(piece: Exclude<Piece, string>, values: readonly Value[]): string {
  const value = valueFor(piece.which, piece.text, values);
  return piece.shape === null ? str(value) : show(value, piece.shape, piece.text);
}
