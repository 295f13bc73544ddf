/**
 * Text as a terminal shows it: how many columns each character takes, and what is put in the place of
 * characters that show nothing, move the cursor or are no characters at all. A source text may hold
 * anything, so nothing of it reaches a terminal unless it has gone through here.
 */

import { eastAsianWidth } from 'get-east-asian-width';

/** What is shown as one: a character with its combining marks, a tab, an escape in the place of a byte. */
export interface Cell {
  /** Half-open range of UTF-16 offsets in the text. */
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  /** Columns of the terminal. */
  readonly width: number;
}

const TAB_COLUMNS = 4;

/** Neither control characters nor anything beyond ASCII: shown as it is, a column each. */
const PLAIN = /^[\x20-\x7e]*$/;

/** The cells of a line of text, which holds no line break. */
export function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of segments(text)) {
    let at = index;
    // A cluster that holds a character to escape is taken apart; an emoji sequence keeps its joiners.
    for (const part of mustEscape(segment) ? segment : [segment]) {
      const shown =
        part === '\t' ? ' '.repeat(TAB_COLUMNS - (column % TAB_COLUMNS)) : mustEscape(part) ? escaped(part) : part;
      const width = shown === part ? clusterWidth(part) : shown.length;
      cells.push({ start: at, end: at + part.length, shown, width });
      at += part.length;
      column += width;
    }
  }
  return cells;
}

/** Columns that a text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  if (SINGLE.test(text)) return widthOfSingles(text);
  return cellsOf(text).reduce((sum, cell) => sum + cell.width, 0);
}

/**
 * Characters each of which is shown by itself and as it is: ASCII, Latin, Greek, Cyrillic, lines and blocks, Kana,
 * Chinese, Hangul. Taking texts of these apart would take most of the time of a large table.
 */
const SINGLE =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0556\u2010-\u2027\u2190-\u2199\u2500-\u259f\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;
const FIRST_WIDE = 0x1100;

function widthOfSingles(text: string): number {
  let width = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= FIRST_WIDE && eastAsianWidth(code) === 2) width++;
  }
  return width;
}

/** A line of text as it is shown, and its columns; no more of them than `most`: what was cut off ends in "…". */
export function shownWithin(text: string, most = Infinity): { readonly shown: string; readonly width: number } {
  if (SINGLE.test(text)) {
    const width = PLAIN.test(text) ? text.length : widthOfSingles(text);
    if (width <= most) return { shown: text, width };
    if (width === text.length) return most < 1 ? EMPTY : { shown: text.slice(0, most - 1) + '…', width: most };
  }
  const cells = cellsOf(text);
  let width = cells.reduce((sum, cell) => sum + cell.width, 0);
  let count = cells.length;
  if (width <= most) return { shown: cells.map((cell) => cell.shown).join(''), width };
  if (most < 1) return EMPTY;
  while (width > most - 1) width -= cells[--count]!.width;
  const kept = cells.slice(0, count).map((cell) => cell.shown);
  return { shown: kept.join('') + '…', width: width + 1 };
}

const EMPTY = { shown: '', width: 0 };

/** Longer lines of a message are cut: they hold a name or a text of the program that is no name any more. */
const MAX_LINE = 1000;
const MAX_LINES = 100;

/** A message made safe: line breaks stay, everything else that is not plain text is escaped. */
export function printable(text: string): string {
  if (text.length <= MAX_LINE && PLAIN.test(text)) return text;
  const lines = text.split(/\r?\n/, MAX_LINES + 1);
  const shown = lines.slice(0, MAX_LINES).map(printableLine);
  return (lines.length > MAX_LINES ? [...shown, '…'] : shown).join('\n');
}

/** The lines of a text broken at spaces: the first of them has `room` columns, the others have `rest`. */
export function wrapped(text: string, room: number, rest = room): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  let width = 0;
  for (const word of text.split(' ')) {
    const columns = displayWidth(word);
    if (line !== null && width + 1 + columns > (lines.length === 0 ? room : rest)) {
      lines.push(line);
      line = null;
    }
    width = line === null ? columns : width + 1 + columns;
    line = line === null ? word : `${line} ${word}`;
  }
  return [...lines, line ?? ''];
}

function printableLine(line: string): string {
  const shown = cellsOf(line.slice(0, MAX_LINE)).map((cell) => cell.shown);
  return shown.join('') + (line.length > MAX_LINE ? '…' : '');
}

/** Made when it is first needed, since that takes longer than most programs. */
let segmenter: Intl.Segmenter | null = null;

function segments(text: string): Iterable<{ readonly segment: string; readonly index: number }> {
  if (PLAIN.test(text)) return Array.from(text, (segment, index) => ({ segment, index }));
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Control characters, bytes and lone surrogates, line separators, and what hides or turns round text. */
const ESCAPED =
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/u;
const JOINED_EMOJI =
  /^\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*)*$/u;

function mustEscape(cluster: string): boolean {
  return ESCAPED.test(cluster) && !JOINED_EMOJI.test(cluster);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\0': '\\0', '\t': '\\t' };

/** As the language writes it; a byte that is no text is shown by its value. */
function escaped(char: string): string {
  const short = SHORT_ESCAPES[char];
  if (short !== undefined) return short;
  const code = char.codePointAt(0)!;
  if (code < 0x100) return '\\x' + hex(code, 2);
  if (code >= 0xdc80 && code <= 0xdcff) return '\\x' + hex(code & 0xff, 2);
  return code > 0xffff ? `\\u{${hex(code, 5)}}` : '\\u' + hex(code, 4);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Columns of a character with all that combines with it. */
function clusterWidth(cluster: string): number {
  const code = cluster.codePointAt(0)!;
  if (code < 0x300) return cluster.length > 1 && cluster.includes('\ufe0f') ? 2 : 1;
  if (/^[\p{Mn}\p{Me}]/u.test(cluster)) return 0;
  return eastAsianWidth(code) === 2 || cluster.includes('\ufe0f') || /^\p{Emoji_Presentation}/u.test(cluster) ? 2 : 1;
}
