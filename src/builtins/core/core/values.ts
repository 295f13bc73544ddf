/** Kinds of values and changing one kind into another; errors and assertions. */
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { ErrorDetails } from '../../../runtime/errors';
import { MapValue, str as textOf, truthy, typeName } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { any, string } from '../../types';
import type { Type } from '../../types';
import { failure, finite, MAX_ITEMS } from '../value-types';

export const type = defineBuiltin({
  name: 'type',
  group: 'core',
  summary: 'Names the type of a value',
  details: 'The name is one of null, boolean, number, string, array, map, function, error, task and channel.',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'string', about: "The type's name" },
  aliases: ['typeof'],
  example: `log(type(42), type("a"), type([]), type({}))  // expect: number string array map
log(type(null), type(log))  // expect: null function`,
  failing: 'type()  // expect error: type',
  run: (value) => typeName(value),
});

export const str = defineBuiltin({
  name: 'str',
  group: 'core',
  summary: 'Makes the text of a value, as log shows it',
  details:
    'A string stays as it is; strings inside arrays and maps are quoted. A container that holds itself shows as [...] or {...} there.',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'string', about: 'The text' },
  example: `log(str(5) + "px")  // expect: 5px
log(str(["a", {"k": null}]))  // expect: ["a", {"k": null}]`,
  failing: 'str()  // expect error: str',
  run: (value) => textOf(value),
});

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const WITH_BASE = /^[+-]?0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)$/;

/** What the digits of a short text say; null for any other text. Most numbers in data are such. */
function parseDigits(text: string): number | null {
  if (text.length === 0 || text.length > 9) return null;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = 10 * value + digit;
  }
  return value;
}

/** The number a text holds, as the language writes numbers; null where it holds none. */
function parseNumber(text: string): number | null {
  const digits = parseDigits(text);
  if (digits !== null) return digits;
  const trimmed = text.trim();
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  if (!WITH_BASE.test(trimmed)) return null;
  const sign = trimmed.startsWith('-') ? -1 : 1;
  return sign * Number(trimmed.replace(/^[+-]/, ''));
}

function toNumber(value: Value): number | null {
  switch (typeof value) {
    case 'number':
      return value;
    case 'string':
      return parseNumber(value);
    case 'boolean':
      return value ? 1 : 0;
    default:
      return null;
  }
}

export const num = defineBuiltin({
  name: 'num',
  group: 'core',
  summary: 'Makes a number of a text, null where the text holds none',
  details:
    'Reads what the language writes: whole numbers, fractions, exponents, 0x, 0b and 0o; white space around is skipped. A number stays as it is, true is 1 and false is 0. Use int or float where anything else is an error.',
  params: [{ name: 'value', type: any, about: 'The text' }],
  gives: { type: 'number or null', about: 'The number, null for all that is none' },
  example: `log(num("3.5") + 1)  // expect: 4.5
log(num("0xFF"), num("ten"))  // expect: 255 null`,
  failing: 'num()  // expect error: num',
  run: (value) => toNumber(value),
});

const numeric: Type<Value> = {
  name: 'number, string or boolean',
  takes: 'a number or a text that holds one',
  test: 'check($)',
  check: (value) => toNumber(value) !== null,
};

const wholeable: Type<Value> = {
  name: 'number, string or boolean',
  takes: 'a finite number or a text that holds one',
  test: 'check($)',
  check: (value) => Number.isFinite(toNumber(value) ?? NaN),
};

export const int = defineBuiltin({
  name: 'int',
  group: 'core',
  summary: 'Makes a whole number of a number or a text, dropping the fraction',
  params: [{ name: 'value', type: wholeable, about: 'A finite number, or a text that holds one' }],
  gives: { type: 'number', about: 'The whole number nearest to the value on the side of 0' },
  example: `log(int(3.9), int(-3.9), int("42"))  // expect: 3 -3 42`,
  failing:
    'int("many")  // expect error: int: value must be a finite number or a text that holds one, got the string "many"',
  run: (value) => Math.trunc(toNumber(value)!),
});

export const float = defineBuiltin({
  name: 'float',
  group: 'core',
  summary: 'Makes a number of a text, an error where the text holds none',
  params: [{ name: 'value', type: numeric, about: 'A number, or a text that holds one' }],
  gives: { type: 'number', about: 'The number' },
  example: `log(float("2.50"), float("1e3"), float(7))  // expect: 2.5 1000 7`,
  failing:
    'float("2,5")  // expect error: float: value must be a number or a text that holds one, got the string "2,5"',
  run: (value) => toNumber(value)!,
});

export const bool = defineBuiltin({
  name: 'bool',
  group: 'core',
  summary: 'Tells whether a value is truthy',
  details: 'False, null, 0, NaN, "", [] and {} are not; all else is.',
  params: [{ name: 'value', type: any, about: 'Any value' }],
  gives: { type: 'boolean', about: 'True for a truthy value' },
  example: `log(bool("no"), bool(""), bool([]), bool([0]))  // expect: true false false true`,
  failing: 'bool()  // expect error: bool',
  run: (value) => truthy(value),
});

export const range = defineBuiltin({
  name: 'range',
  group: 'core',
  summary: 'Makes the array of numbers from a start up to an end that is left out',
  details:
    'With one argument it counts from 0 up to it. A negative step counts down. `a..b` makes the same with the end included.',
  params: [
    { name: 'start', type: finite, about: 'The first number; with one argument, the end, and the start is 0' },
    { name: 'end', type: finite, about: 'Where to stop: the first number that is not in it', optional: true },
    {
      name: 'step',
      type: finite,
      about: 'The difference of two neighbours, not 0; 1 where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'The numbers' },
  errors: { ERANGE: `the step is 0, or the array would have more than ${MAX_ITEMS} elements` },
  example: `log(range(4))  // expect: [0, 1, 2, 3]
log(range(2, 5), range(10, 0, -5))  // expect: [2, 3, 4] [10, 5]`,
  failing: 'range(1, 9, 0)  // expect error: range: the step is 0',
  run: (first, last, step) => {
    const start = last === null ? 0 : first;
    const end = last ?? first;
    const by = step ?? 1;
    if (by === 0) throw failure('ERANGE', 'range', 'the step is 0: the end is never reached');
    const size = Math.max(0, Math.ceil((end - start) / by));
    if (!(size <= MAX_ITEMS)) {
      throw failure(
        'ERANGE',
        'range',
        `the array would have ${size} elements, more than the ${MAX_ITEMS} it may have`,
        'a while loop counts without making an array',
      );
    }
    const items: number[] = [];
    for (let i = 0; i < size; i++) items.push(start + i * by);
    return items;
  },
});

/** Members that an error works out itself. */
const OWN_MEMBERS = ['message', 'line', 'file', 'stack'];

const errorFields: Type<MapValue> = {
  name: 'map',
  takes: `a map of fields without ${OWN_MEMBERS.slice(0, -1).join(', ')} and ${OWN_MEMBERS.at(-1)}, whose code, function and hint are strings`,
  test: '($ instanceof MapValue && check($))',
  check: (value) => fieldMisfit(value as MapValue) === null,
  explain: (value) => (value instanceof MapValue ? fieldMisfit(value) : null),
};

function fieldMisfit(fields: MapValue): string | null {
  for (const name of OWN_MEMBERS) if (fields.has(name)) return `the error itself knows its ${name}`;
  for (const name of ['code', 'function', 'hint']) {
    const value = fields.get(name) ?? null;
    if (value !== null && typeof value !== 'string') return `its ${name} is ${describe(value)}`;
  }
  return null;
}

export const error = defineBuiltin({
  name: 'error',
  group: 'core',
  summary: 'Makes an error value, to be thrown or handed on',
  details:
    "The error knows where it was made. `code` (a string), `cause` and `hint` have a meaning for what shows errors; all other fields are the program's own and are read as `e.name`.",
  params: [
    { name: 'message', type: string, about: 'What went wrong, for a person' },
    { name: 'fields', type: errorFields, about: 'More members: code, cause, hint, and any other', optional: true },
  ],
  gives: { type: 'error', about: 'The error value; it is not thrown yet' },
  example: `try {
  throw error("no route to the host", {"code": "ENOROUTE", "host": "10.0.0.9"})
} catch (e) {
  log(e.code, e.host, e.message)  // expect: ENOROUTE 10.0.0.9 no route to the host
}`,
  failing: `throw error("no route to the host")  // expect error: no route to the host`,
  run: (message, fields) => {
    if (fields === null) return fault('ERROR', message);
    const details: { -readonly [K in keyof ErrorDetails]: ErrorDetails[K] } = {};
    const own: Record<string, Value> = Object.create(null) as Record<string, Value>;
    let code = 'ERROR';
    for (const [name, value] of fields.entries()) {
      if (name === 'code') code = typeof value === 'string' ? value : code;
      else if (name === 'cause') details.cause = value;
      else if (name === 'function') {
        if (typeof value === 'string') details.function = value;
      } else {
        if (name === 'hint' && typeof value === 'string') details.hint = value;
        own[name] = value;
      }
    }
    return fault(code, message, { ...details, fields: own });
  },
});

export const assert = defineBuiltin({
  name: 'assert',
  group: 'core',
  summary: 'Fails with an error where a condition does not hold',
  params: [
    { name: 'condition', type: any, about: 'What must be truthy' },
    {
      name: 'message',
      type: any,
      about: 'What the error says; "assertion failed" where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EASSERT: 'the condition is falsy' },
  example: `assert(1 + 1 == 2, "arithmetic is broken")
log("still here")  // expect: still here`,
  failing: 'assert(len([]) > 0, "the list is empty")  // expect error: the list is empty',
  run: (condition, message) => {
    if (!truthy(condition))
      throw fault('EASSERT', message === null ? 'assertion failed' : textOf(message), { function: 'assert' });
    return null;
  },
});
