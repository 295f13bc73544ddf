/** Offsets of a source text as lines and columns. Both count from 1; a column counts code points. */
import type { Source } from './diagnostic';

export interface Position {
  readonly line: number;
  readonly column: number;
}

const known = new WeakMap<Source, readonly number[]>();

/** The offset at which each line starts. */
export function lineStarts(source: Source): readonly number[] {
  let starts = known.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = source.text.indexOf('\n'); at >= 0; at = source.text.indexOf('\n', at + 1)) found.push(at + 1);
    known.set(source, (starts = found));
  }
  return starts;
}

export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  const start = starts[low - 1]!;
  let column = 1;
  for (let at = start; at < offset; at++) {
    if ((source.text.charCodeAt(at) & 0xfc00) !== 0xdc00 || (source.text.charCodeAt(at - 1) & 0xfc00) !== 0xd800)
      column++;
  }
  return { line: low, column };
}
