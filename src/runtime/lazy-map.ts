/**
 * Maps whose entries are worked out when they are read: a request that nobody asks for its cookies never parses
 * them. To a program it is a map like any other: reading by a constant key stays one load (a getter on the
 * prototype), and whoever walks, prints, compares or copies it sees all entries.
 *
 * Always: an entry is worked out at most once; what a program writes takes its place. As long as `m` is undefined
 * the fixed keys come first, in their order, then those of `extra`. Taking a key away settles the map: `m` then
 * holds every entry, and the getters give undefined, as those of a record do.
 */
import { MapValue } from './map-value';
import type { Value } from './values';

export interface LazyEntry<S> {
  /** Works the entry out. May throw, then it is tried again at the next reading. */
  readonly read: (source: S) => Value;
  /** In its place where the whole map is walked, which must not throw. */
  readonly shown?: (source: S) => Value;
}

export abstract class LazyMap<S> extends MapValue {
  /** Keys that nobody foresaw. */
  private extra: Map<string, Value> | null = null;
  /** Somebody has asked for all keys, and probably goes through them: no entry may throw any more. */
  private walked = false;
  /** By name, in order; on the prototype. */
  protected abstract readonly fixed: ReadonlyMap<string, LazyEntry<S>>;

  constructor(readonly source: S) {
    super();
  }

  /** What an entry that was worked out or written holds; undefined before. */
  abstract known(key: string): Value | undefined;

  override get size(): number {
    return this.m === undefined ? this.fixed.size + (this.extra?.size ?? 0) : this.m.size;
  }

  override get(key: string): Value | undefined {
    if (this.m !== undefined) return this.m.get(key);
    const entry = this.fixed.get(key);
    if (entry === undefined) return this.extra?.get(key);
    return this.walked && entry.shown !== undefined ? this.shownValue(key, entry) : this[`$${key}`];
  }

  private shownValue(key: string, { shown }: LazyEntry<S>): Value {
    return this.known(key) ?? (shown === undefined ? this[`$${key}`]! : shown(this.source));
  }

  override has(key: string): boolean {
    return this.m === undefined ? this.fixed.has(key) || this.extra?.has(key) === true : this.m.has(key);
  }

  override set(key: string, value: Value): void {
    if (this.m !== undefined) this.m.set(key, value);
    else if (this.fixed.has(key)) this[`$${key}`] = value;
    else (this.extra ??= new Map()).set(key, value);
  }

  override setConstant(key: string, value: Value): void {
    this.set(key, value);
  }

  override delete(key: string): boolean {
    if (this.m === undefined && !this.fixed.has(key)) return this.extra?.delete(key) === true;
    this.m ??= new Map(this.entries());
    return this.m.delete(key);
  }

  override clear(): void {
    this.m = new Map();
  }

  override keys(): string[] {
    if (this.m !== undefined) return [...this.m.keys()];
    this.walked = true;
    return [...this.fixed.keys(), ...(this.extra?.keys() ?? [])];
  }

  override values(): Value[] {
    return this.entries().map(([, value]) => value);
  }

  override entries(): [string, Value][] {
    if (this.m !== undefined) return [...this.m];
    const all: [string, Value][] = [];
    for (const [key, entry] of this.fixed) all.push([key, this.shownValue(key, entry)]);
    return this.extra === null ? all : [...all, ...this.extra];
  }

  override clone(): MapValue {
    return MapValue.of(this.entries());
  }
}

export type LazyMapConstructor<S> = new (source: S) => LazyMap<S>;

/**
 * A kind of map with these entries, in this order. The getters are written out as JavaScript, so that each reads
 * its own slot and V8 can inline it. The keys come from Sentra's own code and are plain names.
 */
export function lazyMap<S>(
  entries: Readonly<Record<string, LazyEntry<S>['read'] | LazyEntry<S>>>,
): LazyMapConstructor<S> {
  const fixed = new Map<string, LazyEntry<S>>();
  for (const [key, given] of Object.entries(entries))
    fixed.set(key, typeof given === 'function' ? { read: given } : given);
  const keys = [...fixed.keys()];
  const slots = keys.map((key) => `this.known_${key} = undefined;`).join(' ');
  const members = keys.map((key, i) => {
    const slot = `this.known_${key}`;
    return `get $${key}() { return this.m !== undefined ? undefined : ${slot} !== undefined ? ${slot} : (${slot} = read${i}(this.source)); }
set $${key}(value) { ${slot} = value; }`;
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- text of our own
  const make = new Function(
    'Base',
    'fixed',
    ...keys.map((_key, i) => `read${i}`),
    `class MapValue extends Base {
constructor(source) { super(source); ${slots} }
${members.join('\n')}
known(key) { return this['known_' + key]; }
}
MapValue.prototype.fixed = fixed;
return MapValue;`,
  ) as (...values: unknown[]) => LazyMapConstructor<S>;
  return make(LazyMap, fixed, ...[...fixed.values()].map((entry) => entry.read));
}
