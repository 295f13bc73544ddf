/** Numbers that describe many numbers. Sums keep what is lost in each addition (Neumaier), so that order hardly matters. */
import { MapValue } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, whole } from '../../types';
import type { Type } from '../../types';
import { failure, numbers } from '../../core/value-types';

const theValues = { name: 'values', type: numbers, about: 'The numbers' } as const;

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  // Among infinities nothing is lost that could be told.
  return Number.isFinite(sum) ? sum + lost : sum;
}

function meanOf(values: ArrayLike<number>): number {
  const sum = sumOf(values);
  if (Number.isFinite(sum)) return sum / values.length;
  // The sum may be too large where the mean is not.
  const parts = Float64Array.from(values, (value) => value / values.length);
  return sumOf(parts);
}

function needsSome(builtin: string, values: readonly number[]): void {
  if (values.length === 0) throw failure('EEMPTY', builtin, 'the array is empty, so there is none');
}

export const mean = defineBuiltin({
  name: 'mean',
  group: 'math',
  summary: 'Gives the arithmetic mean of numbers: their sum divided by how many they are',
  params: [theValues],
  gives: { type: 'number', about: 'The mean' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(mean([1, 2, 6]))  // expect: 3',
  failing: 'mean([])  // expect error: mean: the array is empty',
  run: (values) => {
    needsSome('mean', values);
    return meanOf(values);
  },
});

/** In ascending order; null where one is NaN, which has no place among them. */
function ordered(values: readonly number[]): Float64Array | null {
  const sorted = Float64Array.from(values).sort();
  return Number.isNaN(sorted.at(-1)) ? null : sorted;
}

/** The value at a fraction (0 to 1) of the way, on the straight line between its two neighbours. */
function valueAt(sorted: Float64Array, fraction: number): number {
  const place = fraction * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  if (low === high || place === below) return low;
  const part = place - below;
  return low * (1 - part) + high * part;
}

export const median = defineBuiltin({
  name: 'median',
  group: 'math',
  summary: 'Gives the number in the middle of sorted numbers, or the mean of the two there',
  params: [theValues],
  gives: { type: 'number', about: 'The median; NaN where one of the numbers is NaN' },
  errors: { EEMPTY: 'the array is empty' },
  example: 'log(median([9, 1, 2]), median([4, 1, 2, 3]))  // expect: 2 2.5',
  failing: 'median([1, "2"])  // expect error: median: values must be an array of numbers, got an array of 2',
  run: (values) => {
    needsSome('median', values);
    const sorted = ordered(values);
    return sorted === null ? NaN : valueAt(sorted, 0.5);
  },
});

export const stdev = defineBuiltin({
  name: 'stdev',
  group: 'math',
  summary: 'Gives the standard deviation of numbers: how far they lie from their mean',
  details:
    'The numbers are taken as a sample (the sum of squares is divided by one less than their count). With `true` they are the whole population, and it is divided by their count.',
  params: [
    { name: 'values', type: numbers, about: 'The numbers, at least two of a sample' },
    { name: 'population', type: boolean, about: 'Whether these are all the numbers there are', optional: true },
  ],
  gives: { type: 'number', about: 'The standard deviation, in the unit of the numbers' },
  errors: { EEMPTY: 'the array is empty, or a sample of one number' },
  example: `let ms = [2, 4, 4, 4, 5, 5, 7, 9]
log(round(stdev(ms), 4), stdev(ms, true))  // expect: 2.1381 2`,
  failing: 'stdev([5])  // expect error: stdev: a sample of one number has no deviation',
  run: (values, population) => {
    needsSome('stdev', values);
    if (population !== true && values.length === 1) {
      throw failure(
        'EEMPTY',
        'stdev',
        'a sample of one number has no deviation',
        'stdev(values, true) takes it as the whole population',
      );
    }
    const middle = meanOf(values);
    const squares = Float64Array.from(values, (value) => (value - middle) ** 2);
    return Math.sqrt(sumOf(squares) / (population === true ? values.length : values.length - 1));
  },
});

const percent: Type<number> = {
  name: 'number',
  takes: 'a number from 0 to 100',
  test: "(typeof $ === 'number' && $ >= 0 && $ <= 100)",
};

export const percentile = defineBuiltin({
  name: 'percentile',
  group: 'math',
  summary: 'Gives the number below which a part of sorted numbers lies',
  details:
    'Between two neighbours it lies on the straight line from one to the other. The percentile 50 is the median.',
  params: [theValues, { name: 'percent', type: percent, about: 'The part in percent' }],
  gives: { type: 'number', about: 'The percentile; NaN where one of the numbers is NaN' },
  errors: { EEMPTY: 'the array is empty' },
  example: `let ms = range(1, 101)
log(percentile(ms, 95), percentile(ms, 0), percentile(ms, 100))  // expect: 95.05 1 100`,
  failing:
    'percentile([1, 2], 101)  // expect error: percentile: percent must be a number from 0 to 100, got the number 101',
  run: (values, part) => {
    needsSome('percentile', values);
    const sorted = ordered(values);
    return sorted === null ? NaN : valueAt(sorted, part / 100);
  },
});

const DEFAULT_BINS = 10;
const MAX_BINS = 1_000_000;

export const histogram = defineBuiltin({
  name: 'histogram',
  group: 'math',
  summary: 'Counts how many numbers lie in each of some ranges of equal width',
  details:
    'The ranges go from the least number to the greatest. Each has its lower end in it and not its upper one; the last has both. Where all numbers are the same there is one range. Infinity, -Infinity and NaN are left out.',
  params: [
    theValues,
    {
      name: 'bins',
      type: whole(1, MAX_BINS),
      about: `How many ranges; ${DEFAULT_BINS} where it is left out`,
      optional: true,
    },
  ],
  gives: { type: 'array', about: 'For each range a map {from, to, count}; no range without numbers' },
  example: `for bin in histogram([1, 2, 2, 3, 9], 2) {
  log(bin)
}
// expect: {"from": 1, "to": 5, "count": 4}
// expect: {"from": 5, "to": 9, "count": 1}`,
  failing: 'histogram([1, 2], 0)  // expect error: histogram: bins must be a whole number from 1 to',
  run: (values, bins) => {
    const finiteOnes = values.filter(Number.isFinite);
    if (finiteOnes.length === 0) return [];
    let low = Infinity;
    let high = -Infinity;
    for (const value of finiteOnes) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    // One number alone, however often, is no width to be divided.
    const size = low === high ? 1 : (bins ?? DEFAULT_BINS);
    // Where it does not overflow, in the way in which edges that are whole numbers come out as such.
    const span = (high - low) * size;
    const edge = (i: number): number => {
      if (i === size) return high;
      return Number.isFinite(span) ? low + ((high - low) * i) / size : low * (1 - i / size) + high * (i / size);
    };
    const counts = new Array<number>(size).fill(0);
    for (const value of finiteOnes) counts[binOf(value, low, high, size, edge)]!++;
    return counts.map((count, i) => MapValue.from({ from: edge(i), to: edge(i + 1), count }));
  },
});

/** The range that a value is in; what rounding has put beyond an edge goes back. */
function binOf(value: number, low: number, high: number, size: number, edge: (i: number) => number): number {
  if (size === 1) return 0;
  // Halves, since the distance of two numbers may be too large for one.
  const place = (value / 2 - low / 2) / (high / 2 - low / 2);
  // Halves of the least numbers there are may be 0 both.
  let bin = Number.isNaN(place) ? 0 : Math.min(size - 1, Math.floor(place * size));
  while (bin > 0 && value < edge(bin)) bin--;
  while (bin < size - 1 && value >= edge(bin + 1)) bin++;
  return bin;
}
