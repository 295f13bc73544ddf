/**
 * A value as the prompt shows it: in colour, strings quoted, long arrays and maps over several lines, very long
 * ones cut. Whatever bytes a string holds, the terminal gets only characters that it shows.
 */
import { createColors } from 'picocolors';
import { displayWidth, printable } from '../diagnostics/display';
import type { Style } from '../diagnostics/render-terminal';
import { ErrorValue, inspect, MapValue, quote, typeName } from '../runtime/values';
import type { Value } from '../runtime/values';

/** Elements of one array or map that are shown. */
const MAX_ELEMENTS = 100;
/** Characters of one string that are shown. */
const MAX_CHARACTERS = 10_000;
/** Columns of an element that may stand beside others, with what parts it from the next. */
const MAX_COLUMN = 20;
/** Arrays and maps inside each other. */
const MAX_DEPTH = 8;

export function showValue(value: Value, style: Style): string {
  return new Display(style).show(value, 0, style.width, []);
}

class Display {
  private readonly colors: ReturnType<typeof createColors>;
  private readonly width: number;

  constructor(style: Style) {
    this.colors = createColors(style.colors);
    this.width = style.width;
  }

  /** `indent` columns stand before the following lines, `room` are left on the first. */
  show(value: Value, indent: number, room: number, open: readonly Value[]): string {
    if (!Array.isArray(value) && !(value instanceof MapValue)) return this.simple(value);
    const [left, right] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
    const size = Array.isArray(value) ? value.length : value.size;
    if (size === 0) return left + right;
    if (open.includes(value) || open.length >= MAX_DEPTH) return `${left}...${right}`;
    const inside = [...open, value];
    const inline = this.parts(value, 0, Infinity, inside).join(', ');
    if (!inline.includes('\n') && displayWidth(plain(inline)) + 2 <= room) return left + inline + right;
    const space = ' '.repeat(indent + 2);
    const parts = this.parts(value, indent + 2, room - 2, inside);
    const cut = size > MAX_ELEMENTS ? parts.splice(-1) : [];
    const lines = [...(Array.isArray(value) ? inRows(parts, this.width - indent - 2) : parts), ...cut];
    return `${left}\n${lines.map((line) => space + line).join(',\n')}\n${' '.repeat(indent)}${right}`;
  }

  private parts(value: Value[] | MapValue, indent: number, room: number, open: readonly Value[]): string[] {
    const { dim, blue } = this.colors;
    const parts: string[] = [];
    if (Array.isArray(value)) {
      for (const item of value.slice(0, MAX_ELEMENTS)) parts.push(this.show(item, indent, room, open));
    } else {
      for (const [key, item] of value.entries().slice(0, MAX_ELEMENTS)) {
        const name = quoted(key);
        parts.push(`${blue(name)}: ${this.show(item, indent, room - displayWidth(name) - 2, open)}`);
      }
    }
    const more = (Array.isArray(value) ? value.length : value.size) - parts.length;
    if (more > 0) parts.push(dim(`... ${more} more`));
    return parts;
  }

  private simple(value: Value): string {
    const { green, yellow, cyan, red, dim } = this.colors;
    if (value instanceof ErrorValue) return red(printable(`error ${value.code}: ${value.message}`));
    switch (typeName(value)) {
      case 'string':
        return green(quoted(value as string));
      case 'number':
        return yellow(inspect(value));
      case 'boolean':
      case 'null':
        return yellow(inspect(value));
      case 'function':
      case 'task':
      case 'channel':
        return cyan(printable(inspect(value)));
      default:
        return dim(printable(inspect(value)));
    }
  }
}

/** Many short elements stand side by side, in columns of one width; others each on a line of its own. */
function inRows(parts: readonly string[], room: number): readonly string[] {
  const widths = parts.map((part) => displayWidth(plain(part)));
  const column = Math.max(...widths) + 2;
  if (column > MAX_COLUMN || parts.some((part) => part.includes('\n'))) return parts;
  const perRow = Math.max(1, Math.floor((room + 1) / column));
  const rows: string[] = [];
  for (let i = 0; i < parts.length; i += perRow) {
    const row = parts.slice(i, i + perRow);
    const padded = row.map((part, j) =>
      j === row.length - 1 ? part : `${part},`.padEnd(column + part.length - widths[i + j]!),
    );
    rows.push(padded.join(''));
  }
  return rows;
}

function quoted(text: string): string {
  if (text.length <= MAX_CHARACTERS) return printable(quote(text));
  return `${printable(quote(text.slice(0, MAX_CHARACTERS)))} ... ${text.length - MAX_CHARACTERS} more`;
}

/** Without colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character of colours
  return text.replace(/\x1b\[\d+m/g, '');
}
