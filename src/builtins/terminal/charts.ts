/** Numbers as pictures made of characters. */
import { isTerminal, terminalWidth } from '../../host/process';
import { str } from '../../runtime/values';
import type { MapValue, Value } from '../../runtime/values';
import { defineBuiltin } from '../define-builtin';
import { option, options, whole } from '../types';
import type { Type } from '../types';
import { cellText } from './cell-text';

const TICKS = '▁▂▃▄▅▆▇█';
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const FULL = '█';
/** Columns where the output is no terminal. */
const PIPE_WIDTH = 80;
const MIN_BAR = 8;

const points: Type<(number | null)[]> = {
  name: 'array',
  takes: 'an array of numbers (null leaves a gap)',
  test: '(Array.isArray($) && check($))',
  check: (value) => (value as Value[]).every((each) => each === null || typeof each === 'number'),
};

export const sparkline = defineBuiltin({
  name: 'sparkline',
  group: 'terminal',
  summary: 'Draws numbers as one line of small bars',
  details:
    'The smallest number is the lowest bar, the largest the highest; numbers that are all the same stand in the middle. What is no finite number leaves a gap.',
  params: [{ name: 'numbers', type: points, about: 'The numbers; null leaves a gap' }],
  gives: { type: 'string', about: 'A character for each number' },
  example: 'log(sparkline([1, 2, 4, 8, 4, null, 1]))  // expect: ▁▂▄█▄ ▁',
  failing: 'sparkline("123")  // expect error: sparkline: numbers must be an array of numbers (null leaves a gap)',
  run: (numbers) => {
    const finite = numbers.filter((each): each is number => Number.isFinite(each));
    // Halved, so that the difference of any two numbers is one.
    const low = finite.reduce((least, each) => Math.min(least, each / 2), Infinity);
    const high = finite.reduce((most, each) => Math.max(most, each / 2), -Infinity);
    return numbers
      .map((each) => {
        if (each === null || !Number.isFinite(each)) return ' ';
        const height = low === high ? 0.5 : (each / 2 - low) / (high - low);
        return TICKS[Math.min(TICKS.length - 1, Math.floor(height * TICKS.length))]!;
      })
      .join('');
  },
});

const measures: Type<MapValue> = {
  name: 'map',
  takes: 'a map of finite numbers',
  test: '($ instanceof MapValue && check($))',
  check: (value) => (value as MapValue).values().every((each) => Number.isFinite(each)),
};

export const chartBar = defineBuiltin({
  name: 'chart_bar',
  group: 'terminal',
  summary: 'Draws the numbers of a map as bars, a line for each',
  details:
    'The bars begin at 0; those of negative numbers go to the left. On a terminal the chart is as wide as that, else 80 columns, unless the option width says otherwise.',
  params: [
    { name: 'values', type: measures, about: 'A label and its number each' },
    {
      name: 'options',
      type: options({ width: option(whole(20, 1000), 'Columns that the chart takes') }),
      about: 'How it is laid out',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The lines of the chart, without a line end after the last one' },
  example: `log(chart_bar({"GET": 40, "POST": 15, "PUT": 0}, {"width": 30}))
// expect: GET   ████████████████████  40
// expect: POST  ███████▌              15
// expect: PUT                          0`,
  failing: 'chart_bar({"GET": "many"})  // expect error: chart_bar: values must be a map of finite numbers',
  run: (values, given) => {
    const width = given.width ?? (isTerminal(1) ? Math.max(20, terminalWidth() - 1) : PIPE_WIDTH);
    return drawBars(values.entries() as [string, number][], width);
  },
});

function drawBars(entries: readonly (readonly [string, number])[], width: number): string {
  const most = Math.max(4, Math.floor(width / 3));
  const labels = entries.map(([label]) => cellText(label, most));
  const labelWidth = labels.reduce((widest, label) => Math.max(widest, label.width), 0);
  const numbers = entries.map(([, value]) => str(value));
  const numberWidth = numbers.reduce((widest, text) => Math.max(widest, text.length), 0);
  const room = Math.max(MIN_BAR, width - labelWidth - numberWidth - 4);
  // Scaled down before they are added, so that no sum is too large for a number.
  const high = entries.reduce((largest, [, value]) => Math.max(largest, value / room), 0);
  const low = entries.reduce((least, [, value]) => Math.min(least, value / room), 0);
  const perColumn = high - low;
  const left = perColumn === 0 ? 0 : Math.round(-low / (perColumn / room));
  return entries
    .map(([, value], i) => {
      const label = labels[i]!.shown + ' '.repeat(labelWidth - labels[i]!.width);
      const size = perColumn === 0 ? 0 : Math.abs(value) / perColumn;
      const bar =
        value < 0
          ? FULL.repeat(Math.min(left, Math.round(size))).padStart(left)
          : ' '.repeat(left) + barText(Math.min(size, room - left));
      return `${label}  ${bar.padEnd(room)}  ${numbers[i]!.padStart(numberWidth)}`;
    })
    .join('\n');
}

/** With parts of a column to an eighth. */
function barText(size: number): string {
  const eighths = Math.round(size * 8);
  return FULL.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}
