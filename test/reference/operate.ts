/** What the operators, indexes and members of the language do to the reference evaluator's values. */
import type * as ast from '../../src/syntax/ast';
import {
  GivenUp, RefError, RefMap, characters, compareText, fail, isEqual, isWhole, keyText, toText, typeOf,
} from './values'; // prettier-ignore
import type { Value } from './values';

export function binary(op: ast.BinaryOp, a: Value, b: Value): Value {
  switch (op) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case 'in':
      return isIn(a, b);
    case '..':
      return range(a, b);
    case '+':
      return plus(a, b);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(op, a, b);
    case '|':
    case '^':
    case '&':
    case '<<':
    case '>>':
      return bits(op, a, b);
    default:
      return arithmetic(op, a, b);
  }
}

function plus(a: Value, b: Value): Value {
  if (typeof a === 'string' || typeof b === 'string') return toText(a) + toText(b);
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  return arithmetic('+', a, b);
}

function arithmetic(op: ast.BinaryOp, a: Value, b: Value): number {
  if (typeof a !== 'number' || typeof b !== 'number') return fail('ETYPE', `${typeOf(a)} ${op} ${typeOf(b)}`);
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '**':
      return a ** b;
    default:
      throw new Error(`no arithmetic operator: ${op}`);
  }
}

function compare(op: '<' | '<=' | '>' | '>=', a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
  }
  if (typeof a !== 'string' || typeof b !== 'string') return fail('ETYPE', `${typeOf(a)} ${op} ${typeOf(b)}`);
  const order = compareText(a, b);
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0;
}

function bitOperand(value: Value): bigint {
  if (!isWhole(value) || value < -(2 ** 31) || value > 2 ** 32 - 1)
    return fail('ETYPE', `${toText(value)} has no 32 bits`);
  return BigInt.asUintN(32, BigInt(value));
}

function bits(op: '|' | '^' | '&' | '<<' | '>>', a: Value, b: Value): number {
  const left = bitOperand(a);
  if ((op === '<<' || op === '>>') && isWhole(b) && b < 0) return fail('ETYPE', 'a count below 0');
  const right = bitOperand(b);
  switch (op) {
    case '|':
      return Number(left | right);
    case '^':
      return Number(left ^ right);
    case '&':
      return Number(left & right);
    case '<<':
      return right > 31n ? 0 : Number(BigInt.asUintN(32, left << right));
    case '>>':
      return right > 31n ? 0 : Number(left >> right);
  }
}

export function unary(op: ast.Unary['op'], value: Value): Value {
  if (op === '~') return Number(BigInt.asUintN(32, ~bitOperand(value)));
  if (typeof value !== 'number') return fail('ETYPE', `-${typeOf(value)}`);
  return -value;
}

function isIn(item: Value, container: Value): boolean {
  if (Array.isArray(container)) return container.some((element) => isEqual(element, item));
  if (container instanceof RefMap) return container.entries.has(keyText(item));
  if (typeof container === 'string' && typeof item === 'string') return container.includes(item);
  return fail('ETYPE', `${typeOf(item)} in ${typeOf(container)}`);
}

export function rangeEnds(a: Value, b: Value): [number, number] {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return fail('ETYPE', 'a range needs whole numbers');
  return [a as number, b as number];
}

function range(a: Value, b: Value): Value[] {
  const [from, to] = rangeEnds(a, b);
  if (to - from > 100_000) throw new GivenUp('a long range');
  const items: Value[] = [];
  for (let i = from; i <= to; i++) items.push(i);
  return items;
}

function place(index: Value, length: number): number {
  if (!isWhole(index)) return fail('ETYPE', 'an index must be a whole number');
  const at = index < 0 ? length + index : index;
  if (at < 0 || at >= length) return fail('EINDEX', `index ${index} of ${length}`);
  return at;
}

export function getIndex(container: Value, index: Value): Value {
  if (container === null) return fail('ENULL', 'null has no entries');
  if (Array.isArray(container)) return container[place(index, container.length)]!;
  if (typeof container === 'string') {
    const chars = characters(container);
    return chars[place(index, chars.length)]!;
  }
  if (container instanceof RefMap) return container.entries.get(keyText(index)) ?? null;
  if (container instanceof RefError) return errorMember(container, keyText(index));
  return fail('ETYPE', `${typeOf(container)} has no entries`);
}

function errorMember(error: RefError, name: string): Value {
  if (name === 'message') return error.message;
  if (name === 'code') return error.code;
  if (['line', 'file', 'stack', 'function', 'cause'].includes(name)) throw new GivenUp(`no '${name}' of errors here`);
  return error.fields.entries.get(name) ?? null;
}

export function getMember(container: Value, name: string): Value {
  if (container === null) return fail('ENULL', `null has no '${name}'`);
  if (container instanceof RefMap || container instanceof RefError) return getIndex(container, name);
  return fail('ETYPE', `${typeOf(container)} has no '${name}'`);
}

export function setIndex(container: Value, index: Value, value: Value): void {
  if (container === null) fail('ENULL', 'null takes no entries');
  else if (Array.isArray(container)) container[place(index, container.length)] = value;
  else if (container instanceof RefMap) container.entries.set(keyText(index), value);
  else fail('ETYPE', `${typeOf(container)} takes no entries`);
}

export function slice(container: Value, from: Value, to: Value): Value {
  const items = Array.isArray(container) ? container : typeof container === 'string' ? characters(container) : null;
  if (items === null) return fail('ETYPE', `no slice of ${typeOf(container)}`);
  const end = (value: Value, missing: number): number => {
    if (value === null) return missing;
    if (!isWhole(value)) return fail('ETYPE', 'a slice needs whole numbers');
    return Math.max(0, Math.min(items.length, value < 0 ? value + items.length : value));
  };
  const start = end(from, 0);
  const stop = end(to, items.length);
  const part: Value[] = [];
  for (let i = start; i < stop; i++) part.push(items[i]!);
  return typeof container === 'string' ? part.join('') : part;
}
