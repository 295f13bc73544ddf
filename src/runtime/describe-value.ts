/** How messages name a value that does not fit: `the string "80"`, `an array of 3`, `null`. */
import { ErrorValue } from './errors';
import { Channel } from './channel';
import { MapValue } from './map-value';
import { Task } from './task';
import { functionName, inspect } from './values';
import type { Value } from './values';

/** Longer text is cut: a message is read at a glance. */
const MAX_TEXT = 40;

export function describe(value: Value): string {
  switch (typeof value) {
    case 'number':
      return `the number ${inspect(value)}`;
    case 'string':
      return `the string ${inspect(value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) + '…' : value)}`;
    case 'boolean':
      return String(value);
    case 'function':
      return functionName(value) === '' ? 'a function' : `the function ${functionName(value)}`;
    default:
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
      if (value instanceof MapValue) return value.size === 0 ? 'an empty map' : `a map of ${value.size}`;
      if (value instanceof ErrorValue) return 'an error';
      if (value instanceof Task) return 'a task';
      if (value instanceof Channel) return 'a channel';
      throw new Error('no value of the language');
  }
}
