/** Values of the language from JavaScript's of JSON, and back. */
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

export function toValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (typeof json !== 'object' || json === null) return json as Value;
  return MapValue.of(Object.entries(json).map(([key, value]) => [key, toValue(value)] as const));
}

/** With own properties for all keys, `__proto__` too. */
export function toJavaScript(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toJavaScript);
  if (!(value instanceof MapValue)) return value;
  return Object.fromEntries(value.entries().map(([key, each]) => [key, toJavaScript(each)]));
}
