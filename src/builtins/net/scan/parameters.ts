/** What the functions that look at networks take. */
import type { Value } from '../../../runtime/values';
import { fault } from '../../../runtime/errors';
import { whole } from '../../types';
import type { Type } from '../../types';

export { host } from '../socket/parameters';

/** A port that something can listen on. */
export const targetPort = whole(1, 65535);

/** "22", "22,80,1000-2000": the ports as pairs of first and last; null for what is no such list. */
function parsePorts(text: string): (readonly [number, number])[] | null {
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(',')) {
    const found = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part);
    if (found === null) return null;
    const first = Number(found[1]);
    const last = Number(found[2] ?? found[1]);
    if (first < 1 || last > 65535 || first > last) return null;
    ranges.push([first, last]);
  }
  return ranges;
}

/** A port, a list of ports, or a text with ranges. */
export const ports: Type<number | string | number[]> = {
  name: 'number, string or array',
  takes: 'a port from 1 to 65535, an array of ports, or a text such as "22,80,8000-8100"',
  test: 'check($)',
  check: (value) => {
    if (typeof value === 'string') return parsePorts(value) !== null;
    const isPort = (each: Value): boolean => typeof each === 'number' && Number.isInteger(each) && each >= 1 && each <= 65535; // prettier-ignore
    return Array.isArray(value) ? value.length > 0 && value.every(isPort) : isPort(value);
  },
  explain: (value) => {
    const range = typeof value === 'string' ? /(\d+)\s*-\s*(\d+)/.exec(value) : null;
    return range !== null && Number(range[1]) > Number(range[2]) ? 'the smaller port of a range stands first' : null;
  },
};

/** All the ports that are meant, each once, in their order. */
export function portList(given: number | string | readonly number[]): number[] {
  if (typeof given === 'number') return [given];
  if (typeof given !== 'string') return [...new Set(given)];
  const list = new Set<number>();
  for (const [first, last] of parsePorts(given)!) for (let port = first; port <= last; port++) list.add(port);
  return [...list];
}

/** From the first to the last port. Error: ERANGE where they are the wrong way round. */
export function portRange(builtin: string, first: number, last: number): number[] {
  if (first > last) {
    throw fault('ERANGE', `${builtin}: first is ${first} and last is ${last}: the smaller port stands first (ERANGE)`, {
      function: builtin,
      hint: `${builtin}(host, ${last}, ${first})`,
    });
  }
  return Array.from({ length: last - first + 1 }, (_none, i) => first + i);
}
