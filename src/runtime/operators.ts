/**
 * What the operators of the language do. Compiled programs test for the common case in place (two
 * numbers, an index inside an array, a record with the key) and call these for all else, so most calls of
 * these end in an error or handle a rarer type. Errors name the operands by their text in the program.
 */
import { fault } from './errors';
import type { ErrorValue } from './errors';
import { memberHint, methodHint } from './method-hints';
import { butGot, butGotTwo, nullHint, operatorHint, textHint, what } from './operand-wording';
import { describe } from './describe-value';
import * as strings from './strings';
import { Channel, ErrorValue as SentraError, MapValue, equal, inspect, str, truthy, typeName } from './values';
import type { FunctionValue, Value } from './values';

// ---------------------------------------------------------------- arithmetic

export function add(a: Value, b: Value): Value {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string') return a + (typeof b === 'string' ? b : str(b));
  if (typeof b === 'string') return str(a) + b;
  if (Array.isArray(a) && Array.isArray(b)) return a.concat(b);
  throw needsNumbers('+', a, b);
}

export function sub(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  throw needsNumbers('-', a, b);
}

export function mul(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  throw needsNumbers('*', a, b);
}

export function div(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  throw needsNumbers('/', a, b);
}

/** The remainder has the sign of the dividend, as in Go and JavaScript. */
export function mod(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a % b;
  throw needsNumbers('%', a, b);
}

export function pow(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a ** b;
  throw needsNumbers('**', a, b);
}

export function neg(a: Value): number {
  if (typeof a === 'number') return -a;
  throw fault('ETYPE', (site) => `'-' needs a number${butGot(site, 0, a)}`, textHint(a));
}

function needsNumbers(op: string, a: Value, b: Value): ErrorValue {
  const wants = op === '+' ? `'+' joins two numbers, two arrays, or text with anything` : `'${op}' needs two numbers`;
  const misfit = op === '+' ? (value: Value) => typeof value !== 'number' && !Array.isArray(value) : isNoNumber;
  return fault('ETYPE', (site) => wants + butGotTwo(site, a, b, misfit), {
    hint: (site) => nullHint(site, 0, a) ?? nullHint(site, 1, b) ?? textHint(a, b).hint ?? operatorHint(op, a, b),
  });
}

function isNoNumber(value: Value): boolean {
  return typeof value !== 'number';
}

// ---------------------------------------------------------------- bits

function bits(op: string, value: Value, index: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= -0x80000000 && value <= 0xffffffff) return value;
  throw fault(
    'ETYPE',
    (site) => `'${op}' needs whole numbers from -2147483648 to 4294967295${butGot(site, index, value)}`,
  );
}

export function bitAnd(a: Value, b: Value): number {
  return (bits('&', a, 0) & bits('&', b, 1)) >>> 0;
}

export function bitOr(a: Value, b: Value): number {
  return (bits('|', a, 0) | bits('|', b, 1)) >>> 0;
}

export function bitXor(a: Value, b: Value): number {
  return (bits('^', a, 0) ^ bits('^', b, 1)) >>> 0;
}

export function bitNot(a: Value): number {
  return ~bits('~', a, 0) >>> 0;
}

/** Bits shifted out on the left are lost; a count of 32 or more leaves 0. */
export function shiftLeft(a: Value, b: Value): number {
  const value = bits('<<', a, 0);
  const count = shiftCount('<<', b);
  return count > 31 ? 0 : (value << count) >>> 0;
}

/** Fills with zeros from the left, since values are unsigned. */
export function shiftRight(a: Value, b: Value): number {
  const value = bits('>>', a, 0);
  const count = shiftCount('>>', b);
  return count > 31 ? 0 : value >>> count;
}

function shiftCount(op: string, value: Value): number {
  const count = bits(op, value, 1);
  if (count < 0) throw fault('ETYPE', `'${op}' needs a count of 0 or more, got ${count}`);
  return count;
}

// ---------------------------------------------------------------- comparison

export function lt(a: Value, b: Value): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a < b : order('<', a, b) < 0;
}

export function le(a: Value, b: Value): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a <= b : order('<=', a, b) <= 0;
}

export function gt(a: Value, b: Value): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a > b : order('>', a, b) > 0;
}

export function ge(a: Value, b: Value): boolean {
  return typeof a === 'number' && typeof b === 'number' ? a >= b : order('>=', a, b) >= 0;
}

function order(op: string, a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return strings.compare(a, b);
  const misfit = (value: Value): boolean => typeof value !== 'number' && typeof value !== 'string';
  throw fault(
    'ETYPE',
    (site) => `'${op}' compares two numbers or two strings${butGotTwo(site, a, b, misfit)}`,
    textHint(a, b),
  );
}

export { equal as eq, truthy, str };

export function isIn(item: Value, container: Value): boolean {
  if (Array.isArray(container)) return container.some((element) => equal(element, item));
  if (container instanceof MapValue) return container.has(keyOf(item, 0));
  if (typeof container === 'string') {
    if (typeof item === 'string') return strings.contains(container, item);
    throw fault('ETYPE', `'in' looks for a string in a string, got ${describe(item)}`);
  }
  throw fault('ETYPE', (site) => `'in' needs an array, a map or a string on its right${butGot(site, 1, container)}`);
}

// ---------------------------------------------------------------- indexes and members

/** A map's key: a string as it is, a number or boolean as its text. */
export function keyOf(key: Value, operand = 1): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return str(key);
  throw fault('ETYPE', (site) => `a map's key must be a string, a number or a boolean${butGot(site, operand, key)}`);
}

/** `a[i]` where the fast path did not apply. */
export function index(container: Value, key: Value): Value {
  if (Array.isArray(container)) return container[arrayIndex(container, key)]!;
  if (typeof container === 'string') return textIndex(container, key);
  if (container instanceof MapValue) return container.get(typeof key === 'string' ? key : keyOf(key)) ?? null;
  if (container instanceof SentraError) return container.get(keyOf(key));
  throw cannotIndex(container, key);
}

/** `s[i]`, for a string. */
export function textIndex(text: string, key: Value): string {
  const char = typeof key === 'number' ? strings.charOf(text, key) : undefined;
  if (char !== undefined) return char;
  throw badIndex(key, strings.length(text), 'character');
}

export { charFrom, lengthOf as textLength } from './strings';

function cannotIndex(container: Value, key: Value): ErrorValue {
  if (container === null) {
    return fault(
      'ENULL',
      (site) =>
        `cannot read ${typeof key === 'string' ? inspect(key) : `[${str(key)}]`} of ${what(site, 0)}: it is null`,
    );
  }
  return fault('ETYPE', (site) => `cannot index ${what(site, 0)}: it is ${describe(container)}`);
}

function arrayIndex(array: Value[], key: Value): number {
  if (typeof key === 'number' && Number.isInteger(key)) {
    const at = key < 0 ? key + array.length : key;
    if (at >= 0 && at < array.length) return at;
  }
  throw badIndex(key, array.length, 'element');
}

function badIndex(key: Value, length: number, unit: string): ErrorValue {
  const units = length === 1 ? unit : unit + 's';
  if (typeof key === 'number' && Number.isInteger(key)) {
    const range = length === 0 ? '' : length === 1 ? ' (only 0)' : ` (0 to ${length - 1})`;
    return fault(
      'EINDEX',
      (site) => `index ${str(key)} is outside ${what(site, 0)}, which has ${length} ${units}${range}`,
    );
  }
  return fault('ETYPE', (site) => `an index must be a whole number${butGot(site, 1, key)}`, indexHint(key));
}

/** In other languages `for` over an array gives its indexes. */
function indexHint(key: Value): { hint?: string } {
  if (typeof key !== 'string') return {};
  const { hint } = textHint(key);
  return { hint: hint ?? "'for i, x in items' gives each index with its element" };
}

/** `a[i] = v` where the fast path did not apply. */
export function setIndex(container: Value, key: Value, value: Value): void {
  if (Array.isArray(container)) {
    container[arrayIndex(container, key)] = value;
  } else if (container instanceof MapValue) {
    container.set(keyOf(key), value);
  } else if (container === null) {
    throw fault(
      'ENULL',
      (site) =>
        `cannot set ${typeof key === 'string' ? inspect(key) : `[${str(key)}]`} of ${what(site, 0)}: it is null`,
    );
  } else if (typeof container === 'string') {
    throw fault('ETYPE', (site) => `cannot change a character of ${what(site, 0)}: strings never change`);
  } else {
    throw fault('ETYPE', (site) => `cannot set an entry of ${what(site, 0)}: it is ${describe(container)}`);
  }
}

/** `m.name` where the fast path did not apply: a missing key, a map that is no record, an error, or a mistake. */
export function getField(container: Value, name: string): Value {
  if (container instanceof MapValue) return container.get(name) ?? null;
  if (container instanceof SentraError) return container.get(name);
  if (container === null) {
    throw fault('ENULL', (site) => `cannot read '${name}' of ${what(site, 0)}: it is null`);
  }
  throw fault(
    'ETYPE',
    (site) => `cannot read '${name}' of ${what(site, 0)}: it is ${describe(container)}`,
    memberHint(container, name),
  );
}

/** `m.name = v` where the record has no such key yet, or it is no record. */
export function setField(container: Value, name: string, value: Value): void {
  if (container instanceof MapValue) container.setConstant(name, value);
  else setIndex(container, name, value);
}

/** `a[i:j]`; a side left out is null. Places beyond the ends are cut to them. */
export function slice(container: Value, from: Value, to: Value): Value {
  if (!Array.isArray(container) && typeof container !== 'string') {
    throw fault('ETYPE', (site) => `cannot take a slice of ${what(site, 0)}: it is ${describe(container)}`);
  }
  const start = from === null ? 0 : sliceEnd(from);
  if (Array.isArray(container)) return to === null ? container.slice(start) : container.slice(start, sliceEnd(to));
  const length = strings.length(container);
  const place = (end: number): number => Math.min(length, Math.max(0, end < 0 ? end + length : end));
  return strings.slice(container, place(start), to === null ? length : place(sliceEnd(to)));
}

function sliceEnd(end: Value): number {
  if (typeof end === 'number' && Number.isInteger(end)) return end;
  throw fault('ETYPE', `the ends of a slice must be whole numbers, got ${describe(end)}`);
}

// ---------------------------------------------------------------- calls

/** The value called is no function. */
export function notFunction(value: Value): never {
  throw fault('ETYPE', (site) => `cannot call ${what(site, 0)}: it is ${describe(value)}`);
}

/**
 * The function under `name` for `object.name(...)`, or undefined where the built-in of that name is meant.
 * A map's own key comes first.
 */
export function method(object: Value, name: string): FunctionValue | undefined {
  if (!(object instanceof MapValue)) return undefined;
  const member = object.get(name);
  if (member === undefined) return undefined;
  if (typeof member === 'function') return member;
  throw fault('ETYPE', (site) => `cannot call '${name}' of ${what(site, 0)}: it is ${describe(member)}`);
}

/**
 * `object.name(...)` where there is neither such a function in it nor such a built-in; `member` is what it has
 * under the name.
 */
export function noMethod(object: Value, name: string, member?: Value): never {
  if (object === null) throw fault('ENULL', (site) => `cannot call '${name}' of ${what(site, 0)}: it is null`);
  if (member !== undefined && member !== null) {
    throw fault('ETYPE', (site) => `cannot call '${name}' of ${what(site, 0)}: it is ${describe(member)}`);
  }
  const hint = methodHint(name, object instanceof MapValue ? object.keys() : []);
  if (object instanceof MapValue && member === undefined) {
    throw fault('ETYPE', (site) => `cannot call '${name}' of ${what(site, 0)}: the map has no key "${name}"`, hint);
  }
  throw fault(
    'ETYPE',
    (site) => `cannot call '${name}' of ${what(site, 0)}: ${describe(object)} has no such function`,
    hint,
  );
}

/** More arguments than this may not fit onto the stack. */
const MAX_ARGUMENTS = 50_000;

/** `...value` in a call. */
export function spreadArgs(value: Value): Value[] {
  const items = spreadItems(value);
  if (items.length <= MAX_ARGUMENTS) return items;
  throw fault('ERANGE', `a call takes at most ${MAX_ARGUMENTS} arguments, got ${items.length} from '...'`, {
    hint: 'pass the array itself, or add arrays with +',
  });
}

/** `...value` in an array. */
export function spreadItems(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return strings.characters(value);
  throw fault('ETYPE', (site) => `'...' needs an array or a string here${butGot(site, 0, value)}`);
}

/** `...value` in a map. */
export function spreadEntries(target: MapValue, value: Value): void {
  if (value === null) return;
  if (!(value instanceof MapValue)) {
    throw fault('ETYPE', (site) => `'...' needs a map here${butGot(site, 0, value)}`);
  }
  for (const [key, item] of value.entries()) target.set(key, item);
}

// ---------------------------------------------------------------- ranges and walks

/** More elements than this and `a..b` as an array is refused: it would not fit into memory. */
const MAX_RANGE = 100_000_000;

export function range(from: Value, to: Value): Value[] {
  const first = rangeEnd(from, 0);
  const last = rangeEnd(to, 1);
  if (last - first >= MAX_RANGE) {
    throw fault(
      'ERANGE',
      `the range ${first}..${last} has more than ${MAX_RANGE} elements; 'for' can walk it without making an array`,
    );
  }
  const items: Value[] = [];
  for (let i = first; i <= last; i++) items.push(i);
  return items;
}

/** An end of a range: a whole number. */
export function rangeEnd(value: Value, operand: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw fault('ETYPE', (site) => `the ends of a range must be whole numbers${butGot(site, operand, value)}`);
}

/** What a `for` walks by index: an array itself, a string's characters, the keys that a map has now. */
export function walk(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof MapValue) return value.keys();
  if (typeof value === 'string') return strings.characters(value);
  if (value instanceof Channel) throw new Error('a channel is walked where the compiler expected none');
  throw fault(
    'ETYPE',
    (site) =>
      `cannot walk ${what(site, 0)}: it is ${describe(value)}; 'for' takes an array, a map, a string, a range or a channel`,
    typeof value === 'number' ? { hint: 'for i in 1..n counts from 1 to n, for i in range(n) from 0' } : {},
  );
}

/** The map being walked, whose keys may go away meanwhile; null for anything else. */
export function walkedMap(value: Value): MapValue | null {
  return value instanceof MapValue ? value : null;
}

// ---------------------------------------------------------------- patterns

/** For `let [a, b] = value`: the array, or an error. */
export function asArray(value: Value): Value[] {
  if (Array.isArray(value)) return value;
  throw fault('ETYPE', (site) => `cannot take ${what(site, 0)} apart as an array: it is ${describe(value)}`);
}

/** For `let {a, b} = value`: the map (or error value), or an error. */
export function asMap(value: Value): MapValue | SentraError {
  if (value instanceof MapValue || value instanceof SentraError) return value;
  throw fault('ETYPE', (site) => `cannot take ${what(site, 0)} apart as a map: it is ${describe(value)}`);
}

/** `...others` in a map pattern: the entries that the pattern has not named. */
export function restOf(value: MapValue | SentraError, taken: readonly string[]): MapValue {
  if (!(value instanceof MapValue)) return new MapValue();
  return MapValue.of(value.entries().filter(([key]) => !taken.includes(key)));
}

/** In a `match`, whether a map pattern can apply: error values have members as maps do. */
export function isMapLike(value: Value): value is MapValue | SentraError {
  return value instanceof MapValue || value instanceof SentraError;
}

/** The entry that a pattern takes; undefined where there is none, so that its default applies. */
export function entry(value: MapValue | SentraError, key: string): Value | undefined {
  return value instanceof MapValue ? value.get(key) : (value.get(key) ?? undefined);
}

// ---------------------------------------------------------------- literals and arguments

/** A map literal with computed keys or spreads: keys and values in turn, a spread under `undefined`. */
export function buildMap(parts: readonly (Value | undefined)[]): MapValue {
  const made = new MapValue();
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i];
    if (key === undefined) spreadEntries(made, parts[i + 1]!);
    else made.set(keyOf(key), parts[i + 1]!);
  }
  return made;
}

/** The value of a parameter that no argument was passed for. A call, so that V8 never compiles the rare arm. */
export function missing(): null {
  return null;
}

export const isArray = Array.isArray;

export { typeName };
