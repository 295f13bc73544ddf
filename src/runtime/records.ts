/**
 * Makers of maps whose keys the program text names: one constructor for each list of keys, so that all maps
 * from one literal share a hidden class from the start. What they make are `MapValue`s like any other.
 */
import { MapValue } from './map-value';
import type { Value } from './values';

export type RecordConstructor = new (...values: Value[]) => MapValue;

const constructors = new Map<string, RecordConstructor>();

/** The constructor for these keys, all different, in this order. */
export function recordConstructor(keys: readonly string[]): RecordConstructor {
  const id = JSON.stringify(keys);
  let constructor = constructors.get(id);
  if (constructor === undefined) constructors.set(id, (constructor = make(keys)));
  return constructor;
}

function make(keys: readonly string[]): RecordConstructor {
  const params = keys.map((_key, i) => `v${i}`).join(', ');
  const fields = keys.map((key, i) => `this[${JSON.stringify('$' + key)}] = v${i};`).join(' ');
  // Keys stand in the text as string literals of JSON, which JavaScript reads as the same strings.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see above
  const makeConstructor = new Function(
    `return function MapValue(${params}) { this.m = undefined; ${fields} };`,
  ) as () => RecordConstructor;
  const constructor = makeConstructor();
  constructor.prototype = MapValue.prototype;
  return constructor;
}
