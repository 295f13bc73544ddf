/** The built-ins that generated programs use, once more and naively. */
import {
  GivenUp, RefError, RefFunction, RefMap, characters, compareText, fail, isEqual, isTruthy, isWhole, keyText, toText, typeOf,
} from './values'; // prettier-ignore
import type { Value } from './values';
import type { Caller } from './evaluator-base';

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : fail('ETYPE', 'a string is needed');
}

function array(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : fail('ETYPE', 'an array is needed');
}

function map(value: Value | undefined): RefMap {
  return value instanceof RefMap ? value : fail('ETYPE', 'a map is needed');
}

function whole(value: Value | undefined): number {
  return value !== undefined && isWhole(value) ? value : fail('ETYPE', 'a whole number is needed');
}

function callback(value: Value | undefined): RefFunction {
  return value instanceof RefFunction ? value : fail('ETYPE', 'a function is needed');
}

function any(value: Value | undefined): Value {
  return value === undefined ? fail('ETYPE', 'an argument is missing') : value;
}

export function builtins(caller: Caller): ReadonlyMap<string, RefFunction> {
  const made = new Map<string, RefFunction>();
  const define = (name: string, native: (args: Value[]) => Value): void => {
    made.set(name, new RefFunction(name, null, null, native));
  };

  define('log', (args) => {
    caller.print(args.map(toText).join(' ') + '\n');
    return null;
  });
  define('str', ([value]) => toText(any(value)));
  define('type', ([value]) => typeOf(any(value)));
  define('bool', ([value]) => isTruthy(any(value)));
  define('len', ([value]) => {
    if (typeof value === 'string') return characters(value).length;
    if (Array.isArray(value)) return value.length;
    return map(value).entries.size;
  });
  define('error', ([message, fields]) => {
    const given = fields === undefined || fields === null ? new RefMap() : map(fields);
    const code = given.entries.get('code');
    return new RefError(typeof code === 'string' ? code : 'ERROR', text(message), caller.at, given);
  });
  /** Other tasks may run here; in this evaluator there are none. */
  define('wait', ([task]) => {
    if (task !== null) throw new GivenUp('no tasks here');
    return null;
  });
  define('yield_now', () => null);

  define('push', ([items, ...values]) => {
    array(items).push(...values);
    return items!;
  });
  define('pop', ([items]) => array(items).pop() ?? null);
  define('reverse', ([items]) =>
    typeof items === 'string' ? characters(items).reverse().join('') : array(items).reverse(),
  );
  define('contains', ([container, item]) => {
    if (typeof container === 'string') return container.includes(text(item));
    return array(container).some((element) => isEqual(element, any(item)));
  });
  define('index_of', ([container, item]) => {
    if (Array.isArray(container)) return container.findIndex((element) => isEqual(element, any(item)));
    const at = text(container).indexOf(text(item));
    return at < 0 ? -1 : characters(text(container).slice(0, at)).length;
  });
  define('join', ([items, separator]) => {
    return array(items)
      .map(toText)
      .join(separator === undefined || separator === null ? '' : text(separator));
  });
  define('sorted', ([items]) => sorted(array(items)));
  define('map', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    const result: Value[] = [];
    for (let i = 0; i < given.length; i++) result.push(caller.call(fn, [given[i]!, i]));
    return result;
  });
  define('filter', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    const result: Value[] = [];
    for (let i = 0; i < given.length; i++) {
      const item = given[i]!;
      if (isTruthy(caller.call(fn, [item, i]))) result.push(item);
    }
    return result;
  });
  define('reduce', ([items, f, initial]) => {
    const given = array(items);
    const fn = callback(f);
    const without = initial === undefined || initial === null;
    if (without && given.length === 0) fail('EEMPTY', 'nothing to begin with');
    let result: Value = without ? given[0]! : initial;
    for (let i = without ? 1 : 0; i < given.length; i++) result = caller.call(fn, [result, given[i]!, i]);
    return result;
  });
  for (const [name, stops, otherwise] of [
    ['any', true, false],
    ['all', false, true],
  ] as const) {
    define(name, ([items, f]) => {
      const given = array(items);
      const fn = callback(f);
      for (let i = 0; i < given.length; i++) if (isTruthy(caller.call(fn, [given[i]!, i])) === stops) return stops;
      return otherwise;
    });
  }
  define('find', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    for (let i = 0; i < given.length; i++) {
      const item = given[i]!;
      if (isTruthy(caller.call(fn, [item, i]))) return item;
    }
    return null;
  });
  define('each', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    for (let i = 0; i < given.length; i++) caller.call(fn, [given[i]!, i]);
    return null;
  });
  define('sort_by', ([items, f]) => {
    const fn = callback(f);
    const keyed = array(items).map((item, i) => ({ item, key: caller.call(fn, [item, i]) }));
    sorted(keyed.map(({ key }) => key));
    const result: typeof keyed = [];
    for (const each of keyed) {
      let at = result.length;
      while (at > 0 && isAfter(result[at - 1]!.key, each.key)) at--;
      result.splice(at, 0, each);
    }
    return result.map(({ item }) => item);
  });
  define('range', (args) => {
    const [from, to] = args.length === 1 ? [0, whole(args[0])] : [whole(args[0]), whole(args[1])];
    const items: Value[] = [];
    for (let i = from; i < to; i++) items.push(i);
    return items;
  });

  define('concat', (args) => args.flatMap((each) => [...array(each)]));
  define('flatten', ([items]) => {
    if (array(items).includes(items!)) fail('ECYCLE', 'an array holds itself');
    return array(items).flatMap((each) => (Array.isArray(each) ? [...each] : [each]));
  });
  define('first', ([items]) => array(items)[0] ?? null);
  define('last', ([items]) => array(items).at(-1) ?? null);
  define('enumerate', ([items]) => array(items).map((item, i) => [i, item]));
  define('zip', ([a, b]) => {
    const [left, right] = [array(a), array(b)];
    return left.slice(0, right.length).map((item, i) => [item, right[i]!]);
  });
  define('unique', ([items]) => {
    const found: Value[] = [];
    for (const item of array(items)) if (!found.some((other) => isEqual(other, item))) found.push(item);
    return found;
  });
  define('partition', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    const parts: [Value[], Value[]] = [[], []];
    for (let i = 0; i < given.length; i++) parts[isTruthy(caller.call(fn, [given[i]!, i])) ? 0 : 1].push(given[i]!);
    return parts;
  });
  define('count_by', ([items, f]) => {
    const given = array(items);
    const fn = callback(f);
    const counts = new RefMap();
    for (let i = 0; i < given.length; i++) {
      const key = keyText(caller.call(fn, [given[i]!, i]));
      counts.entries.set(key, ((counts.entries.get(key) as number | undefined) ?? 0) + 1);
    }
    return counts;
  });
  define('merge', (args) => {
    const all = new RefMap();
    for (const each of args) for (const [key, value] of map(each).entries) all.entries.set(key, value);
    return all;
  });
  define('entries', ([value]) => [...map(value).entries].map(([key, each]) => [key, each]));
  define('delete', ([value, key]) => map(value).entries.delete(keyText(any(key))));
  define('lower', ([value]) => text(value).toLowerCase());
  define('starts_with', ([value, start]) => text(value).startsWith(text(start)));
  define('ends_with', ([value, end]) => text(value).endsWith(text(end)));

  define('keys', ([value]) => [...map(value).entries.keys()]);
  define('values', ([value]) => [...map(value).entries.values()]);
  define('has', ([value, key]) => map(value).entries.has(keyText(any(key))));
  define('get', ([value, key, missing]) => map(value).entries.get(keyText(any(key))) ?? missing ?? null);

  define('upper', ([value]) => text(value).toUpperCase());
  define('repeat', ([value, times]) => {
    const count = whole(times);
    return count < 0 ? fail('ERANGE', 'a count below 0') : text(value).repeat(count);
  });
  define('split', ([value, separator]) =>
    text(separator) === '' ? characters(text(value)) : text(value).split(text(separator)),
  );
  return made;
}

/** By insertion, one after the other. */
function sorted(items: Value[]): Value[] {
  const numbers = items.every((item) => typeof item === 'number');
  if (!numbers && !items.every((item) => typeof item === 'string'))
    return fail('ETYPE', 'numbers or strings are needed');
  const result: Value[] = [];
  for (const item of items) {
    let at = result.length;
    while (at > 0 && isAfter(result[at - 1]!, item)) at--;
    result.splice(at, 0, item);
  }
  return result;
}

function isAfter(a: Value, b: Value): boolean {
  return typeof a === 'number' ? a > (b as number) : compareText(a as string, b as string) > 0;
}
