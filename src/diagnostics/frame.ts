/**
 * A piece of source text with a gutter, carets under a span and a label behind them. Lines that are too wide
 * are cut around the carets; the carets stand right whatever the characters before them take.
 *
 *       ┌─ scan.sn:4:13
 *     4 │ let addrs = dns_lokup(host)
 *       │             ^^^^^^^^^ not defined here
 */
import type { Source, Span } from './diagnostic';
import { cellsOf, displayWidth, printable } from './display';
import type { Cell } from './display';
import { lineStarts, positionAt } from './lines';

export interface Frame {
  readonly source: Source;
  readonly span: Span;
  readonly label: string;
}

/** How the parts are set off from each other; each function gets plain text. */
export interface Paint {
  /** Under the span: `^`, or `-` for a place that only explains the first. */
  readonly caret: string;
  readonly gutter: (text: string) => string;
  readonly mark: (text: string) => string;
}

/** Text to the left of the carets that stays in sight when a line is cut. */
const CONTEXT_COLUMNS = 24;
const MIN_COLUMNS = 20;

/** The largest line number that the frame shows; the gutter is as wide as the widest one. */
export function lastLineOf(frame: Frame): number {
  return positionAt(frame.source, lastOffset(frame.span)).line;
}

/** The lines of a frame. `corner` is `┌` or `├`; `width` is what the terminal has in all. */
export function renderFrame(frame: Frame, corner: string, gutterWidth: number, width: number, paint: Paint): string[] {
  const { source, span, label } = frame;
  const blank = ' '.repeat(gutterWidth);
  const bar = paint.gutter(`${blank} │`);
  const columns = columnsFor(width, gutterWidth);
  const first = positionAt(source, span.start);
  const lastLine = lastLineOf(frame);
  const lines = [`${paint.gutter(`${blank} ${corner}─`)} ${printable(source.name)}:${first.line}:${first.column}`];
  const put = (number: number, text: string): void => {
    lines.push(`${paint.gutter(`${String(number).padStart(gutterWidth)} │`)} ${text}`.trimEnd());
  };
  const top = excerpt(source, first.line, span, columns);
  put(first.line, top.text);
  if (lastLine === first.line) {
    lines.push(...underline(top, label, columns, paint.caret).map((line) => `${bar} ${paint.mark(line)}`));
    return lines;
  }
  lines.push(`${bar} ${paint.mark(carets(top, paint.caret))}`);
  if (lastLine === first.line + 2)
    put(first.line + 1, excerpt(source, first.line + 1, { start: -1, end: -1 }, columns).text);
  else if (lastLine > first.line + 2) lines.push(paint.gutter(`${blank} ⋮`));
  const bottom = excerpt(source, lastLine, span, columns);
  put(lastLine, bottom.text);
  lines.push(...underline(bottom, label, columns, paint.caret).map((line) => `${bar} ${paint.mark(line)}`));
  return lines;
}

/**
 * A second place on the line of the first frame: only its carets and label, to stand below those of the first.
 * Null where it needs a frame of its own.
 */
export function renderSameLine(
  frame: Frame,
  first: Frame,
  gutterWidth: number,
  width: number,
  paint: Paint,
): string[] | null {
  const line = lastLineOf(frame);
  const isSame =
    frame.source === first.source && lineOf(frame) === line && lineOf(first) === line && lastLineOf(first) === line;
  if (!isSame) return null;
  const columns = columnsFor(width, gutterWidth);
  const top = excerpt(frame.source, line, first.span, columns);
  const own = excerpt(frame.source, line, frame.span, columns);
  if (top.text.includes('…') || own.text !== top.text) return null;
  const bar = paint.gutter(`${' '.repeat(gutterWidth)} │`);
  return underline(own, frame.label, columns, paint.caret).map((text) => `${bar} ${paint.mark(text)}`);
}

function lineOf(frame: Frame): number {
  return positionAt(frame.source, frame.span.start).line;
}

function columnsFor(width: number, gutterWidth: number): number {
  return Math.max(MIN_COLUMNS, width - gutterWidth - 3);
}

/** The offset of the last character of a span: one that ends behind a line break belongs to the line before. */
function lastOffset(span: Span): number {
  return Math.max(span.start, span.end - 1);
}

interface Excerpt {
  readonly text: string;
  /** Columns before the carets, and of them. */
  readonly before: number;
  readonly marked: number;
}

function carets(shown: Excerpt, caret: string): string {
  return ' '.repeat(shown.before) + caret.repeat(shown.marked);
}

/** The carets with the label behind them, or under them where it would not fit. */
function underline(shown: Excerpt, label: string, columns: number, caret: string): string[] {
  const marks = carets(shown, caret);
  if (label === '') return [marks];
  const text = printable(label);
  const room = columns - marks.length - 1;
  const wide = displayWidth(text);
  if (wide <= room || wide > columns) return [`${marks} ${text}`];
  return [marks, ' '.repeat(Math.min(shown.before, columns - wide)) + text];
}

/** A line of the source as far as it fits, with what of the span stands on it. */
function excerpt(source: Source, line: number, span: Span, columns: number): Excerpt {
  const starts = lineStarts(source);
  const lineStart = starts[line - 1]!;
  let lineEnd = starts[line] === undefined ? source.text.length : starts[line] - 1;
  if (lineEnd > lineStart && source.text.charCodeAt(lineEnd - 1) === 13) lineEnd--;
  const from = Math.min(Math.max(span.start, lineStart), lineEnd);
  const to = Math.min(Math.max(span.end, lineStart), lineEnd);
  // Of a line of megabytes only what may be shown is looked at.
  const reach = 4 * columns;
  const near = clearOfPairs(source.text, Math.max(lineStart, from - reach));
  const far = clearOfPairs(source.text, Math.min(lineEnd, from + reach));
  const cells = cellsOf(source.text.slice(near, far));
  // An indented line is marked from its first word on, when the span began on a line before.
  const start = span.start < lineStart ? firstWord(cells, from - near) : from - near;
  const cutBefore = near > lineStart;
  const cutBehind = far < lineEnd;
  return cut(cells, start, to - near, columns, cutBefore, cutBehind);
}

function firstWord(cells: readonly Cell[], from: number): number {
  return cells.find((cell) => cell.start >= from && cell.shown.trim() !== '')?.start ?? from;
}

/** Not between the halves of a surrogate pair. */
function clearOfPairs(text: string, at: number): number {
  const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return isLow && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}

function cut(
  cells: readonly Cell[],
  start: number,
  end: number,
  columns: number,
  cutBefore: boolean,
  cutBehind: boolean,
): Excerpt {
  let total = 0;
  let before = 0;
  let marked = 0;
  for (const cell of cells) {
    if (cell.end <= start) before += cell.width;
    else if (cell.start < Math.max(end, start + 1)) marked += cell.width;
    total += cell.width;
  }
  if (total <= columns && !cutBefore && !cutBehind) {
    return { text: cells.map((cell) => cell.shown).join(''), before, marked: Math.max(1, marked) };
  }
  const inSight = !cutBefore && before + marked < columns;
  let left = inSight ? 0 : Math.max(0, before - Math.min(CONTEXT_COLUMNS, columns >> 1));
  if (!cutBehind) left = Math.min(left, Math.max(0, total - columns + 1));
  const dotted = left > 0 || cutBefore;
  let text = dotted ? '…' : '';
  let width = text.length;
  let skipped = 0;
  for (const cell of cells) {
    if (skipped < left) {
      skipped += cell.width;
      continue;
    }
    const last = !cutBehind && cell === cells.at(-1);
    if (width + cell.width > columns - (last ? 0 : 1)) break;
    text += cell.shown;
    width += cell.width;
  }
  if (cutBehind || skipped + width - (dotted ? 1 : 0) < total) text += '…';
  const indent = before - skipped + (dotted ? 1 : 0);
  return { text, before: indent, marked: Math.max(1, Math.min(marked, columns - indent)) };
}
