/**
 * What parameters of built-ins take. A type words itself for messages ("a whole number from 0 to 65535"),
 * tests a value in one JavaScript expression (put into the checked wrapper, so that V8 sees plain code), and
 * carries its TypeScript type to the function behind it.
 */
import { describe } from '../runtime/describe-value';
import { Channel, ErrorValue, MapValue, Task, inspect } from '../runtime/values';
import type { FunctionValue, Value } from '../runtime/values';
import { fault } from '../runtime/errors';
import { didYouMean } from '../diagnostics/did-you-mean';

export interface Type<T> {
  /** "a whole number from 0 to 65535": reads well after "must be". */
  readonly takes: string;
  /** Short name for signatures and the reference: "number", "string or array". */
  readonly name: string;
  /**
   * JavaScript expression over `$` that is true for a value of the type. May use `MapValue`,
   * `ErrorValue`, `Task`, `Channel` and `check` (this type's own `check` function).
   */
  readonly test: string;
  /** The test as a function, where one expression is not enough. */
  readonly check?: (value: Value) => boolean;
  /** More to say about a value that was refused; null for nothing more. */
  readonly explain?: (value: Value) => string | null;
  /** Makes what the function behind gets from the checked value (null where it was left out). */
  readonly convert?: (value: Value, builtin: string) => T;
  /** The entries of an options map, for the reference. */
  readonly options?: Readonly<Record<string, Option<unknown>>>;
  /** Never set: carries T. */
  readonly phantom?: T;
}

function type<T>(name: string, takes: string, test: string, more: Partial<Type<T>> = {}): Type<T> {
  return { name, takes, test, ...more };
}

export const any = type<Value>('any', 'a value', 'true');
export const string = type<string>('string', 'a string', "typeof $ === 'string'");
export const number = type<number>('number', 'a number', "typeof $ === 'number'");
export const boolean = type<boolean>('boolean', 'true or false', "typeof $ === 'boolean'");
export const array = type<Value[]>('array', 'an array', 'Array.isArray($)');
export const map = type<MapValue>('map', 'a map', '$ instanceof MapValue');
export const fn = type<FunctionValue>('function', 'a function', "typeof $ === 'function'");
export const error = type<ErrorValue>('error', 'an error', '$ instanceof ErrorValue');
export const task = type<Task>('task', 'a task', '$ instanceof Task');
export const channel = type<Channel>('channel', 'a channel', '$ instanceof Channel');

/** A whole number in a range, both ends inclusive. */
export function whole(min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Type<number> {
  const bounded = max < Number.MAX_SAFE_INTEGER;
  const takes = bounded
    ? `a whole number from ${min} to ${max}`
    : min > -Number.MAX_SAFE_INTEGER
      ? `a whole number, at least ${min}`
      : 'a whole number';
  return type('number', takes, `(Number.isSafeInteger($) && $ >= ${min} && $ <= ${max})`);
}

/** Seconds, fractions allowed. */
export const seconds = type<number>('number', 'a number of seconds, 0 or more', "(typeof $ === 'number' && $ >= 0)");
/** Milliseconds, fractions allowed. */
export const milliseconds = type<number>(
  'number',
  'a number of milliseconds, 0 or more',
  "(typeof $ === 'number' && $ >= 0)",
);
export const port = whole(0, 65535);

function isByte(value: Value): boolean {
  return typeof value === 'number' && (value & 255) === value;
}

/** Text, or an array of byte values: what is taken wherever data is sent. */
export const data = type<string | number[]>(
  'string or array',
  'a string or an array of byte values (whole numbers from 0 to 255)',
  "(typeof $ === 'string' || check($))",
  {
    check: (value) => Array.isArray(value) && value.every(isByte),
    explain: (value) => {
      if (!Array.isArray(value)) return null;
      const at = value.findIndex((byte) => !isByte(byte));
      return `its element ${at} is ${describe(value[at]!)}`;
    },
  },
);

export function oneOf<const T extends string>(...choices: readonly T[]): Type<T> {
  const list = choices
    .map((choice) => `"${choice}"`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  return type('string', list, 'check($)', { check: (value) => (choices as readonly Value[]).includes(value) });
}

export function either<A, B>(a: Type<A>, b: Type<B>): Type<A | B> {
  const names = { name: `${a.name} or ${b.name}`, takes: `${a.takes} or ${b.takes}` };
  return a.check === undefined && b.check === undefined
    ? { ...names, test: `(${a.test} || ${b.test})` }
    : { ...names, test: 'check($)', check: (value) => matches(a, value) || matches(b, value) };
}

/** One entry of an options map. Without a default it is null where it is not given. */
export interface Option<T> {
  readonly type: Type<T>;
  readonly about: string;
  readonly fallback: T | null;
}

export function option<T>(type: Type<T>, about: string): Option<T> & { readonly fallback: null };
export function option<T>(type: Type<T>, about: string, fallback: T): Option<T> & { readonly fallback: T };
export function option<T>(type: Type<T>, about: string, fallback: T | null = null): Option<T> {
  return { type, about, fallback };
}

type OptionValue<O> = O extends { readonly type: Type<infer T>; readonly fallback: infer F }
  ? F extends null
    ? T | null
    : T
  : never;

/** The options as the function behind the built-in sees them: checked, with the defaults filled in. */
export type OptionsOf<S> = { readonly [K in keyof S]: OptionValue<S[K]> };

type Convert<S> = (value: Value, builtin: string) => OptionsOf<S>;

/** A map of options. An unknown one is refused, with the nearest known name. */
export function options<const S extends Readonly<Record<string, Option<unknown>>>>(
  shape: S,
): Type<OptionsOf<S>> & { readonly convert: Convert<S> } {
  let convert: Convert<S> | null = null;
  return {
    name: 'map',
    takes: 'a map of options',
    test: map.test,
    options: shape,
    get convert() {
      return (convert ??= compileOptions(shape));
    },
  };
}

/**
 * Written out for each shape, as the checks of the arguments are: a record is read field by field, without a list of
 * its entries. Everything else, and whatever is refused, goes entry by entry.
 */
function compileOptions<S extends Readonly<Record<string, Option<unknown>>>>(shape: S): Convert<S> {
  const known = Object.keys(shape);
  const types = known.map((key) => shape[key]!.type);
  const defaults = Object.freeze(Object.fromEntries(known.map((key) => [key, shape[key]!.fallback])));
  const oneByOne = (value: MapValue, builtin: string): Record<string, unknown> => {
    const result: Record<string, unknown> = { ...defaults };
    for (const [key, given] of value.entries()) {
      const entry = shape[key];
      if (entry === undefined || !Object.hasOwn(shape, key)) throw unknownOption(builtin, key, known);
      if (given === null) continue;
      if (!matches(entry.type, given)) throw refusal(builtin, `option "${key}"`, entry.type, given);
      result[key] = entry.type.convert === undefined ? given : entry.type.convert(given, builtin);
    }
    return result;
  };
  const scope: Record<string, unknown> = { defaults, oneByOne };
  const tests = known.map((key, i) => {
    scope[`convert${i}`] = types[i]!.convert;
    return `let $${i} = map.$${key};
if ($${i} !== undefined) { count++; if ($${i} !== null && !(T${i}($${i}))) return oneByOne(map, builtin); }`;
  });
  const fields = known.map((key, i) => {
    const given = types[i]!.convert === undefined ? `$${i}` : `convert${i}($${i}, builtin)`;
    return `${key}: $${i} === undefined || $${i} === null ? defaults.${key} : ${given}`;
  });
  const body = `return (map, builtin) => {
if (!(map instanceof MapValue)) return defaults;
let count = 0;
${tests.join('\n')}
if (count !== map.size) return oneByOne(map, builtin);
return { ${fields.join(', ')} };
}`;
  return compileTests(types, body, scope) as Convert<S>;
}

function unknownOption(builtin: string, key: string, known: readonly string[]): ErrorValue {
  const near = didYouMean(key, known);
  return fault('EOPTION', `${builtin}: there is no option ${inspect(key)}; it takes ${known.join(', ')}`, {
    function: builtin,
    ...(near === null ? {} : { hint: `did you mean '${near}'?` }),
  });
}

/** The error for an argument of the wrong type: the one place that words it. */
export function refusal(
  builtin: string,
  parameter: string,
  type: Type<unknown>,
  value: Value,
  hint: string | null = null,
): ErrorValue {
  const more = type.explain?.(value) ?? hint;
  return fault('ETYPE', `${builtin}: ${parameter} must be ${type.takes}, got ${describe(value)}`, {
    function: builtin,
    ...(more === null ? {} : { hint: more }),
  });
}

/** Tests a value outside the compiled wrappers. */
export function matches(type: Type<unknown>, value: Value): boolean {
  let test = tests.get(type);
  if (test === undefined) {
    test = compileTests([type], 'return ($) => T0($)') as (value: Value) => boolean;
    tests.set(type, test);
  }
  return test(value);
}

const tests = new WeakMap<Type<unknown>, (value: Value) => boolean>();

/**
 * Compiles `body` with the test of each type at hand as `T0($)`, `T1($)`..., written out in place. The text
 * comes from the definitions in this folder, never from a program. `names` are further values it uses.
 */
export function compileTests(
  types: readonly Type<unknown>[],
  body: string,
  names: Readonly<Record<string, unknown>> = {},
): unknown {
  const text = body.replace(/\bT(\d+)\((\$\w*)\)/g, (_all, index: string, variable: string) =>
    types[Number(index)]!.test.replace(/\$/g, () => variable).replace(/\bcheck\(/g, `check${index}(`),
  );
  const scope: Record<string, unknown> = { MapValue, ErrorValue, Task, Channel, ...names };
  types.forEach((type, index) => (scope[`check${index}`] = type.check));
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see above: text of our own
  const make = new Function(...Object.keys(scope), text) as (...values: unknown[]) => unknown;
  return make(...Object.values(scope));
}
