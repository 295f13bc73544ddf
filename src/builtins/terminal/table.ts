/**
 * Rows of values as a table of text. Every cell is measured as a terminal shows it; where the table is wider
 * than the terminal its widest columns are shortened, those of numbers last, since a shortened number lies.
 */
import { colorsWanted, isTerminal, terminalWidth } from '../../host/process';
import { MapValue, str } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { arrayOf, mapOrArray } from '../core/value-types';
import { defineBuiltin } from '../define-builtin';
import { either, map, oneOf, option, options, string, whole } from '../types';
import { cellText } from './cell-text';
import type { Shown } from './cell-text';

const columnMap = options({
  key: option(string, 'Which entry of the rows it shows'),
  title: option(string, 'What stands above it; the key where it is left out'),
  align: option(oneOf('left', 'right', 'center'), 'Where its cells stand; numbers right, all else left'),
  width: option(whole(1), 'The most columns of the terminal that it takes'),
});

const columnType = either(string, map);

type Align = 'left' | 'right' | 'center';

interface Column {
  /** The key of map rows, the index of array rows. */
  readonly key: string;
  readonly index: number;
  readonly title: string;
  readonly align: Align;
  readonly numbers: boolean;
  readonly most: number;
  readonly cells: Shown[];
}

const GAP = '  ';
/** Columns of text are shortened to this before those of numbers are. */
const MIN_WIDTH = 5;

type Row = MapValue | Value[];

function keysOf(rows: readonly Row[]): string[] {
  const keys = new Set<string>();
  for (const row of rows) if (row instanceof MapValue) for (const key of row.keys()) keys.add(key);
  return [...keys];
}

function cellOf(row: Row, key: string, index: number): Value {
  return (row instanceof MapValue ? row.get(key) : row[index]) ?? null;
}

/** The columns with all their cells, as wide as they would like to be. */
function columnsOf(rows: readonly Row[], given: readonly (string | MapValue)[] | null): Column[] {
  const widest = rows.reduce((most, row) => (Array.isArray(row) ? Math.max(most, row.length) : most), 0);
  const keys = given ?? keysOf(rows);
  const named: (string | MapValue)[] = [...keys];
  if (given === null) while (named.length < widest) named.push('');
  return named.map((each, index) => {
    const wanted =
      typeof each === 'string'
        ? { key: each, title: each, align: null, width: null }
        : columnMap.convert(each, 'table');
    const key = wanted.key ?? wanted.title ?? '';
    const values = rows.map((row) => cellOf(row, key, index));
    const some = values.some((value) => value !== null);
    const numbers = some && values.every((value) => value === null || typeof value === 'number');
    return {
      key,
      index,
      title: wanted.title ?? key,
      align: wanted.align ?? (numbers ? 'right' : 'left'),
      numbers,
      most: wanted.width ?? Infinity,
      cells: values.map((value) => cellText(value === null ? '' : str(value))),
    };
  });
}

/** How wide each column is, all together no wider than `room` where that is possible. */
function widthsOf(columns: readonly Column[], room: number): number[] {
  const widths = columns.map(({ title, cells, most }) => {
    let width = cellText(title).width;
    for (const cell of cells) if (cell.width > width) width = cell.width;
    return Math.min(width, most);
  });
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - room;
  const shorten = (which: readonly number[], least: number): void => {
    while (excess > 0) {
      const sorted = [...new Set(which.map((i) => widths[i]!))].sort((a, b) => b - a);
      const widest = sorted[0] ?? 0;
      if (widest <= least) return;
      // All of the widest ones together, down to the next ones.
      const all = which.filter((i) => widths[i] === widest);
      const next = Math.max(least, sorted[1] ?? least);
      const each = Math.min(widest - next, Math.ceil(excess / all.length));
      for (const i of all) {
        const cut = Math.min(each, excess);
        widths[i] = widest - cut;
        excess -= cut;
      }
    }
  };
  const text = columns.flatMap(({ numbers }, i) => (numbers ? [] : [i]));
  const all = columns.map((_column, i) => i);
  shorten(text, MIN_WIDTH);
  shorten(all, MIN_WIDTH);
  shorten(all, 1);
  return widths;
}

function padded({ shown, width }: Shown, room: number, align: Align): string {
  const space = room - width;
  switch (align) {
    case 'left':
      return shown + ' '.repeat(space);
    case 'right':
      return ' '.repeat(space) + shown;
    case 'center':
      return ' '.repeat(space >> 1) + shown + ' '.repeat(space - (space >> 1));
  }
}

function render(rows: readonly Row[], columns: readonly Column[], room: number): string {
  const widths = widthsOf(columns, room);
  const coloured = colorsWanted(1);
  const lines: string[] = [];
  const line = (cell: (column: Column, width: number) => Shown): string =>
    columns
      .map((column, i) => padded(cell(column, widths[i]!), widths[i]!, column.align))
      .join(GAP)
      .trimEnd();
  if (columns.some(({ title }) => title !== '')) {
    const head = line(({ title }, width) => cellText(title, width));
    lines.push(coloured ? `\x1b[1m${head}\x1b[22m` : head);
    const rule = widths.map((width) => '─'.repeat(width)).join(GAP);
    lines.push(coloured ? `\x1b[2m${rule}\x1b[22m` : rule);
  }
  rows.forEach((row, i) => {
    lines.push(
      line(({ cells, key, index }, width) => {
        const cell = cells[i]!;
        if (cell.width <= width) return cell;
        const value = cellOf(row, key, index);
        return cellText(value === null ? '' : str(value), width);
      }),
    );
  });
  return lines.join('\n');
}

export const table = defineBuiltin({
  name: 'table',
  group: 'terminal',
  summary: 'Makes a text of rows, with columns that are aligned',
  details:
    'Rows are maps, whose keys become columns, or arrays. Columns of numbers stand at the right, null is an empty cell. Wide characters, combining marks and emoji take the columns that a terminal gives them; control characters are shown as they would be written ("\\x1b"), so that what comes from the network changes nothing on the terminal. Looks that style gave to a text stay.\nOn a terminal the table is made to fit: the widest columns are shortened and end in "…". Into a file or a pipe nothing is lost; the option width says otherwise.',
  params: [
    { name: 'rows', type: arrayOf(mapOrArray, 'maps or arrays'), about: 'The rows' },
    {
      name: 'columns',
      type: arrayOf(columnType, 'keys or maps of options'),
      about:
        'Which columns, in this order: keys, or maps with key, title, align ("left", "right", "center") and width; for rows that are arrays, their titles. All that there are where it is left out',
      optional: true,
    },
    {
      name: 'options',
      type: options({ width: option(whole(1), 'Columns that the table may take at most') }),
      about: 'How it is laid out',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The lines of the table, without a line end after the last one' },
  errors: { EOPTION: 'A column has an option that does not exist' },
  example: `log(table([{"port": 22, "service": "ssh"}, {"port": 8080, "service": "http"}]))
// expect: port  service
// expect: ────  ───────
// expect:   22  ssh
// expect: 8080  http
log(table([["a", 1], ["b", 10]]))
// expect: a   1
// expect: b  10`,
  failing: 'table(["a", "b"])  // expect error: table: rows must be an array of maps or arrays, got an array of 2',
  run: (rows, columns, given) => {
    const room = given.width ?? (isTerminal(1) ? terminalWidth() : Infinity);
    return render(rows, columnsOf(rows, columns), room);
  },
});
