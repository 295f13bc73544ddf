/** What modules see of one another while a program runs. */
import { fault } from './errors';
import { MapValue } from './map-value';
import type { Value } from './values';

/**
 * The exports of a module by name, undefined where one is not set yet. Under a name with `$w` stands the
 * waiting form of a function; no name of a program has a `$`.
 */
export type Exports = Record<string, Value | undefined>;

const names = new WeakMap<Exports, string>();

/** `name` is how the module is shown to a person. */
export function makeExports(name: string): Exports {
  const made = Object.create(null) as Exports;
  names.set(made, name);
  return made;
}

/** An export of a module that imports this one too, directly or through others: it may not be set yet. */
export function isSet(value: Value | undefined, name: string, exports: Exports): Value {
  if (value !== undefined) return value;
  throw fault(
    'EUNSET',
    `'${name}' of ${names.get(exports)} is used before it is set: the two files import each other`,
    {
      hint: 'move what both need into a third file, or use it only inside functions that are called later',
    },
  );
}

/** A module as a value: a map of what it exports. */
export function namespaceMap(exports: Exports): MapValue {
  const map = new MapValue();
  for (const name of Object.keys(exports)) {
    const value = exports[name];
    if (value !== undefined && !name.includes('$')) map.set(name, value);
  }
  return map;
}
