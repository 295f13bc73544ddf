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
/** Arrays and maps inside each other. */
const MAX_DEPTH = 8;

export function showValue(value: Value, style: Style): string {
  return new Display(style).show(value, 0, style.width, []);
}

class Display {
  private readonly colors: ReturnType<typeof createColors>;

  constructor(style: Style) {
    this.colors = createColors(style.colors);
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
    const lines = this.parts(value, indent + 2, room - 2, inside).map((part) => `${space}${part}`);
    return `${left}\n${lines.join(',\n')}\n${' '.repeat(indent)}${right}`;
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

function quoted(text: string): string {
  if (text.length <= MAX_CHARACTERS) return printable(quote(text));
  return `${printable(quote(text.slice(0, MAX_CHARACTERS)))} ... ${text.length - MAX_CHARACTERS} more`;
}

/** Without colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character of colours
  return text.replace(/\x1b\[\d+m/g, '');
}
