/**
 * Where values that are no errors were thrown. An error knows its place; a text or a map does not, and `throw "no
 * such host"` is what people write first. The last few are kept until somebody asks about the one that ended the
 * program.
 */
import type { Trace } from './errors';
import { traceHere } from './park';
import { ErrorValue } from './values';
import type { Value } from './values';

/** Values thrown while the one in question is on its way: by what `finally` and `defer` run. */
const KEPT = 8;

const latest: { readonly value: Value; readonly trace: Trace }[] = [];

/** `throw value` */
export function thrown(value: Value): Value {
  if (value instanceof ErrorValue) return value;
  if (latest.unshift({ value, trace: traceHere() }) > KEPT) latest.pop();
  return value;
}

/** Where the value was thrown last; null where that is not known any more. */
export function placeThrown(value: Value): Trace | null {
  return latest.find((each) => Object.is(each.value, value))?.trace ?? null;
}
