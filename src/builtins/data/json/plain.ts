/**
 * Values as plain objects, which the engine's own writer makes text of in a fraction of the time that ours takes.
 *
 * Always: the engine writes for them what write.ts would write. Whatever is not sure of that gives no plain value at
 * all: a key that objects of JavaScript would move to the front ("443") or that means something to them, a number that
 * JSON does not have, nesting that may be a cycle. An array may be given as it is, so that none is changed.
 */
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';

type Plain = string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>;

const NOT_PLAIN = new Error('the engine would write something else');

/** Deeper nesting is for write.ts. */
const MAX_DEPTH = 400;
const MAX_KEPT_KEYS = 4096;

/** Null for a value that has no plain form; `null` itself has no need of one. */
export function plainValue(value: Value): Plain | null {
  try {
    return plain(value, 0);
  } catch (reason) {
    if (reason !== NOT_PLAIN) throw reason;
    return null;
  }
}

function plain(value: Value, depth: number): Plain {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw NOT_PLAIN;
      return value;
    default:
      if (value === null) return value;
      if (depth > MAX_DEPTH) throw NOT_PLAIN;
      if (Array.isArray(value)) return plainItems(value, depth + 1);
      if (value instanceof MapValue) return plainMap(value, depth + 1);
      throw NOT_PLAIN;
  }
}

function plainItems(items: readonly Value[], depth: number): readonly unknown[] {
  let changed: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const made = plain(item, depth);
    if (changed !== null) changed.push(made);
    else if (made !== item) {
      changed = items.slice(0, i);
      changed.push(made);
    }
  }
  return changed ?? items;
}

function plainMap(map: MapValue, depth: number): Readonly<Record<string, unknown>> {
  const made: Record<string, unknown> = {};
  if (map.m === undefined && Object.getPrototypeOf(map) === MapValue.prototype) {
    const names = Object.keys(map);
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name !== 'm') made[keyOf(name)] = plain(map[name as `$${string}`]!, depth);
    }
    return made;
  }
  for (const [key, value] of map.entries()) {
    if (isMoved(key)) throw NOT_PLAIN;
    made[key] = plain(value, depth);
  }
  return made;
}

/** By the property of a record: its key. */
const keys = new Map<string, string>();

function keyOf(property: string): string {
  let key = keys.get(property);
  if (key === undefined) {
    key = property.slice(1);
    if (isMoved(key)) throw NOT_PLAIN;
    if (keys.size < MAX_KEPT_KEYS) keys.set(property, key);
  }
  return key;
}

function isMoved(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57 && /^\d{1,10}$/.test(key)) || key === '__proto__';
}
