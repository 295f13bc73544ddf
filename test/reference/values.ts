/**
 * The values of the reference evaluator and what can be done with them, written from the contract of the
 * language and from nothing else: the point of it is to be a second opinion. It knows no records, no fast
 * paths and no text caches; strings are taken apart into code points each time.
 */
import type * as ast from '../../src/syntax/ast';
import type { Scope } from './scope';

export type Value = null | boolean | number | string | Value[] | RefMap | RefFunction | RefError;

export class RefMap {
  readonly entries = new Map<string, Value>();

  static of(pairs: Iterable<readonly [string, Value]>): RefMap {
    const map = new RefMap();
    for (const [key, value] of pairs) map.entries.set(key, value);
    return map;
  }
}

/** A function of the program with the scope it was made in, or a built-in. */
export class RefFunction {
  constructor(
    readonly name: string,
    readonly node: ast.Fn | null,
    readonly scope: Scope | null,
    readonly native: ((args: Value[]) => Value) | null,
  ) {}
}

/** `at` is the offset in the source where it was made. */
export class RefError {
  constructor(
    readonly code: string,
    readonly message: string,
    readonly at: number,
    readonly fields: RefMap = new RefMap(),
  ) {}
}

/** What travels as a JavaScript exception while a program's `throw` looks for its `catch`. */
export class Thrown {
  constructor(readonly value: Value) {}
}

/** A failure of an operation; the evaluator adds the place. */
export class Failure {
  constructor(
    readonly code: string,
    readonly message: string,
  ) {}
}

/** Begins the messages of this evaluator: they are not those of the language, and whoever prints one can tell. */
export const OWN_WORDS = '\u{e000}';

export function fail(code: string, message: string): never {
  throw new Failure(code, OWN_WORDS + message);
}

/** The program takes too many steps or nests too deeply for this evaluator; nothing is known of its result. */
export class GivenUp extends Error {}

/** How many values may still be shown or compared: what holds itself twice, many times over, has no end. */
export const patience = { left: 0 };

function lookAt(): void {
  if (--patience.left < 0) throw new GivenUp('too much to show or to compare');
}

export function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof RefMap) return 'map';
  if (value instanceof RefFunction) return 'function';
  if (value instanceof RefError) return 'error';
  return typeof value;
}

export function isTruthy(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return false;
  if (typeof value === 'number') return !Number.isNaN(value);
  if (Array.isArray(value)) return value.length !== 0;
  if (value instanceof RefMap) return value.entries.size !== 0;
  return true;
}

export function characters(text: string): string[] {
  return Array.from(text);
}

export function toText(value: Value): string {
  return typeof value === 'string' ? value : shown(value, []);
}

function shown(value: Value, around: readonly Value[]): string {
  lookAt();
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return value === 0 ? '0' : `${value}`;
  if (typeof value === 'string') return quoted(value);
  if (value instanceof RefFunction) return `<fn ${value.name === '' ? 'anonymous' : value.name}>`;
  if (value instanceof RefError) return value.message;
  const inside = [...around, value];
  if (Array.isArray(value)) {
    if (around.includes(value)) return '[...]';
    return `[${value.map((item) => shown(item, inside)).join(', ')}]`;
  }
  if (around.includes(value)) return '{...}';
  return `{${[...value.entries].map(([key, item]) => `${quoted(key)}: ${shown(item, inside)}`).join(', ')}}`;
}

function quoted(text: string): string {
  const named: Record<string, string> = {
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\0': '\\0',
    '"': '\\"',
    '\\': '\\\\',
  };
  let out = '';
  for (const char of characters(text)) {
    const code = char.codePointAt(0)!;
    if (named[char] !== undefined) out += named[char];
    else if (code < 32 || code === 127) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code < 0xe000) out += `\\u${code.toString(16)}`;
    else out += char;
  }
  return `"${out}"`;
}

export function isEqual(a: Value, b: Value, pairs: readonly (readonly [Value, Value])[] = []): boolean {
  lookAt();
  if (typeOf(a) !== typeOf(b)) return false;
  if (pairs.some(([x, y]) => x === a && y === b)) return true;
  const inside = [...pairs, [a, b] as const];
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a === b) return true;
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]!, inside));
  }
  if (a instanceof RefMap && b instanceof RefMap) {
    if (a === b) return true;
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, item]) => b.entries.has(key) && isEqual(item, b.entries.get(key)!, inside));
  }
  return a === b;
}

/** By code point. */
export function compareText(a: string, b: string): number {
  const left = characters(a);
  const right = characters(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'boolean') return toText(key);
  return fail('ETYPE', 'a key must be a string, a number or a boolean');
}

export function isWhole(value: Value): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}
