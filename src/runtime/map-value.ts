/**
 * The map of the language: insertion-ordered, string keys, safe for any key.
 *
 * A small map whose keys the program text names is a *record*: each key `k` is the property `$k` of the
 * object itself, so V8 gives it a hidden class and a read by a constant key is one load. The `$` makes
 * `__proto__` and `constructor` ordinary keys and keeps the order of keys such as "443". A new key that
 * is computed at run time, a delete, or too many keys move all entries into `m`; the properties are then
 * `undefined`, which no entry can be, so that compiled reads fall through to the general path.
 *
 * Always: either `m` is undefined and every `$` property is an entry, or `m` holds every entry and every
 * `$` property is undefined.
 */
import type { Value } from './values';

/** A record with more keys than this becomes a real Map: hidden-class transitions stop paying. */
const MAX_RECORD_KEYS = 32;

/** `key` to `$key`, so that a computed read does not build a new string each time. */
const propertyNames = new Map<string, string>();
const MAX_CACHED_NAMES = 4096;

function propertyOf(key: string): string {
  let name = propertyNames.get(key);
  if (name === undefined) {
    if (propertyNames.size >= MAX_CACHED_NAMES) propertyNames.clear();
    name = '$' + key;
    propertyNames.set(key, name);
  }
  return name;
}

export class MapValue {
  /** The entries, once the map is no record; see the head of the file. */
  m: Map<string, Value> | undefined = undefined;
  [property: `$${string}`]: Value | undefined;

  static of(entries: Iterable<readonly [string, Value]>): MapValue {
    const map = new MapValue();
    map.m = new Map(entries);
    return map;
  }

  /** From a plain object whose keys are ours: `{ host, port }`. Makes a record. */
  static from(fields: Readonly<Record<string, Value>>): MapValue {
    const map = new MapValue();
    for (const key of Object.keys(fields)) map.setConstant(key, fields[key]!);
    return map;
  }

  get size(): number {
    return this.m === undefined ? Object.keys(this).length - 1 : this.m.size;
  }

  /** The entry's value, or undefined where the key is missing. */
  get(key: string): Value | undefined {
    return this.m === undefined ? this[propertyOf(key) as `$${string}`] : this.m.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Sets an entry under a key computed at run time. */
  set(key: string, value: Value): void {
    if (this.m === undefined) {
      const property = propertyOf(key) as `$${string}`;
      if (this[property] !== undefined) {
        this[property] = value;
        return;
      }
      this.m = this.intoMap();
    }
    this.m.set(key, value);
  }

  /** Sets an entry under a key that stands in the program's text: may grow a record. */
  setConstant(key: string, value: Value): void {
    const property = `$${key}` as const;
    if (this.m === undefined && (this[property] !== undefined || Object.keys(this).length <= MAX_RECORD_KEYS)) {
      this[property] = value;
    } else {
      this.set(key, value);
    }
  }

  /** True when there was such a key. */
  delete(key: string): boolean {
    if (!this.has(key)) return false;
    if (this.m === undefined) this.m = this.intoMap();
    return this.m.delete(key);
  }

  clear(): void {
    if (this.m === undefined) this.m = this.intoMap();
    this.m.clear();
  }

  keys(): string[] {
    if (this.m !== undefined) return [...this.m.keys()];
    const names = Object.keys(this);
    const keys: string[] = [];
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      if (name !== 'm') keys.push(name.slice(1));
    }
    return keys;
  }

  values(): Value[] {
    return this.m !== undefined ? [...this.m.values()] : this.keys().map((key) => this[`$${key}`]!);
  }

  entries(): [string, Value][] {
    return this.m !== undefined ? [...this.m] : this.keys().map((key) => [key, this[`$${key}`]!]);
  }

  /** Same keys, same values, same order; nested values are shared. */
  clone(): MapValue {
    if (this.m !== undefined) return MapValue.of(this.m);
    const copy = new MapValue();
    for (const key of this.keys()) copy[`$${key}`] = this[`$${key}`]!;
    return copy;
  }

  private intoMap(): Map<string, Value> {
    const entries = new Map<string, Value>();
    for (const key of this.keys()) {
      entries.set(key, this[`$${key}`]!);
      this[`$${key}`] = undefined;
    }
    return entries;
  }
}
