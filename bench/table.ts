/** Tables of figures for a terminal: the first column to the left, all others to the right. */

export type Cell = string | number | null;

export interface Column {
  readonly title: string;
  /** Digits after the point for numbers. */
  readonly digits?: number;
  readonly unit?: string;
}

export function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const text = rows.map((row) => columns.map((column, i) => cellText(row[i] ?? null, column)));
  const widths = columns.map((column, i) => Math.max(column.title.length, ...text.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map((column) => column.title)),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...text.map(line),
  ].join('\n');
}

function cellText(cell: Cell, column: Column): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  return cell.toFixed(column.digits ?? 0) + (column.unit ?? '');
}
