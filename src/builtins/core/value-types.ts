/** Types of parameters that only the groups core, string, array and map need. */
import { describe } from '../../runtime/describe-value';
import type { MapValue, Value } from '../../runtime/values';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { matches, whole } from '../types';
import type { Type } from '../types';

/** More elements than this are refused: they would not fit into memory. */
export const MAX_ITEMS = 50_000_000;

/** A place in an array or a text; a negative one counts from the end. */
export const position = whole();
/** How many. */
export const count = whole(0);

/** `items` names the elements in the plural: "numbers". */
export function arrayOf<T extends Value>(item: Type<T>, items: string): Type<T[]> {
  const misfit = (value: Value[]): number => {
    for (let i = 0; i < value.length; i++) if (!matches(item, value[i]!)) return i;
    return -1;
  };
  return {
    name: 'array',
    takes: `an array of ${items}`,
    test: 'check($)',
    check: (value) => Array.isArray(value) && misfit(value) < 0,
    explain: (value) => {
      if (!Array.isArray(value)) return null;
      const at = misfit(value);
      return at < 0 ? null : `its element ${at} is ${describe(value[at]!)}`;
    },
  };
}

/** As `arrayOf(number)`, without a call for each element. */
export const numbers: Type<number[]> = {
  name: 'array',
  takes: 'an array of numbers',
  test: 'check($)',
  check: (value) => Array.isArray(value) && firstNoNumber(value) < 0,
  explain: (value) => {
    if (!Array.isArray(value)) return null;
    const at = firstNoNumber(value);
    return at < 0 ? null : `its element ${at} is ${describe(value[at]!)}`;
  },
};

function firstNoNumber(items: readonly Value[]): number {
  for (let i = 0; i < items.length; i++) if (typeof items[i] !== 'number') return i;
  return -1;
}

export const textOrArray: Type<string | Value[]> = {
  name: 'string or array',
  takes: 'a string or an array',
  test: "(typeof $ === 'string' || Array.isArray($))",
};

export const mapOrArray: Type<MapValue | Value[]> = {
  name: 'map or array',
  takes: 'a map or an array',
  test: '($ instanceof MapValue || Array.isArray($))',
};

export const container: Type<string | Value[] | MapValue> = {
  name: 'string, array or map',
  takes: 'a string, an array or a map',
  test: "(typeof $ === 'string' || Array.isArray($) || $ instanceof MapValue)",
};

export const key: Type<string | number | boolean> = {
  name: 'string, number or boolean',
  takes: 'a string, a number or a boolean',
  test: "(typeof $ === 'string' || typeof $ === 'number' || typeof $ === 'boolean')",
};

export const finite: Type<number> = {
  name: 'number',
  takes: 'a finite number',
  test: 'Number.isFinite($)',
};

/** A map whose values are all strings. */
export const mapOfStrings: Type<MapValue> = {
  name: 'map',
  takes: 'a map of strings',
  test: '($ instanceof MapValue && check($))',
  check: (value) => (value as MapValue).values().every((each) => typeof each === 'string'),
};

/** The error of a built-in whose arguments have the right types and still do not go together. */
export function failure(code: string, builtin: string, message: string, hint?: string): ErrorValue {
  return fault(code, `${builtin}: ${message}`, { function: builtin, ...(hint === undefined ? {} : { hint }) });
}

/** Refuses to make an array of more elements than fit. */
export function checkSize(builtin: string, size: number): void {
  if (size > MAX_ITEMS) {
    throw failure('ERANGE', builtin, `the array would have ${size} elements, more than the ${MAX_ITEMS} it may have`);
  }
}
