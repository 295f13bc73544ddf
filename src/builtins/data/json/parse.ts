/**
 * JSON as values. The engine's own parser reads the text, and its objects become maps. What it cannot do is left to
 * the reader in reader.ts, which goes through the text once more: say where a mistake is; keep the order of keys such
 * as "443", which objects of JavaScript put first; and go deeper than a recursion can.
 *
 * Always: both give equal values, with the entries in the order of the text, and the last value of a key that is
 * there twice in the place of its first.
 */
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { MAX_DEPTH, readJson } from './reader';

const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Throws an error of the language that says where the text is no JSON. */
export function parseJson(builtin: string, given: string): Value {
  const text = given.charCodeAt(0) === BYTE_ORDER_MARK ? given.slice(1) : given;
  if (text.length > LONG && nesting(text) > MAX_DEPTH) return readJson(builtin, text);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return readJson(builtin, text);
  }
  if (typeof parsed !== 'object' || parsed === null) return parsed as Value;
  try {
    return new Conversion().container(parsed, 0);
  } catch (reason) {
    if (reason !== NEEDS_READER) throw reason;
    return readJson(builtin, text);
  }
}

/** The engine takes any depth, at 50 bytes for each level: in a text of this size too much to just try. */
const LONG = 4 * MAX_DEPTH;

/** How deep arrays and maps are nested. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) {
          if (text.charCodeAt(at) === BACKSLASH) at++;
        }
        break;
      case 0x5b:
      case 0x7b:
        depth++;
        if (depth > deepest) deepest = depth;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      default:
    }
  }
  return deepest;
}

const NEEDS_READER = new Error('what the engine made of the text cannot be turned into values');

/** Deeper nesting is for the reader. */
const MAX_RECURSION = 500;
/** As many different keys are names; where there are more, keys are data, and records do not pay. */
const MAX_NAMES = 1000;
/** A map with more keys is no record; see runtime/map-value.ts. */
const MAX_RECORD_KEYS = 32;

class Conversion {
  private readonly properties = new Map<string, `$${string}`>();

  /** Arrays are changed in place. */
  container(source: object, depth: number): Value {
    if (depth > MAX_RECURSION) throw NEEDS_READER;
    return Array.isArray(source)
      ? this.items(source, depth)
      : this.map(source as Readonly<Record<string, unknown>>, depth);
  }

  private items(items: unknown[], depth: number): Value {
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (typeof item === 'object' && item !== null) items[i] = this.container(item, depth + 1);
    }
    return items as Value[];
  }

  private map(source: Readonly<Record<string, unknown>>, depth: number): Value {
    const keys = Object.keys(source);
    if (keys.length > 1 && isIndex(keys[0]!)) throw NEEDS_READER;
    const map = new MapValue();
    const properties = this.properties;
    const isRecord = keys.length <= MAX_RECORD_KEYS && properties.size < MAX_NAMES;
    const entries = isRecord ? null : (map.m = new Map<string, Value>());
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const found = source[key];
      const value = typeof found === 'object' && found !== null ? this.container(found, depth + 1) : (found as Value);
      if (entries !== null) {
        entries.set(key, value);
        continue;
      }
      let property = properties.get(key);
      if (property === undefined) properties.set(key, (property = `$${key}`));
      map[property] = value;
    }
    return map;
  }
}

/** Objects of JavaScript put such keys before all others. */
function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && /^(?:0|[1-9]\d{0,9})$/.test(key);
}
