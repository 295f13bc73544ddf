/**
 * Values as JSON. The engine's own writer makes the text where it is sure to write the same (plain.ts). All else is
 * written here: it keeps what is open in a list of its own, so that no nesting is too deep for it, maps keep the order
 * of their keys, and errors say where in the value something stands that JSON cannot hold.
 *
 * Always: reading what was written gives an equal value. So a character that stands for a byte from outside (a lone
 * surrogate) is written as \udcXX, which stays what it is through every encoding.
 */
import { describe } from '../../../runtime/describe-value';
import { ErrorValue, MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { failure } from '../../core/value-types';
import { plainValue } from './plain';

/** `indent` is what each level is moved to the right by; empty for all on one line. */
export function writeJson(builtin: string, value: Value, indent: string): string {
  try {
    const plain = indent.length > MAX_ENGINE_INDENT ? null : plainValue(value);
    return plain === null ? new Writer(builtin, indent).write(value) : JSON.stringify(plain, null, indent);
  } catch (error) {
    // The engine's own error, of a text that is longer than a string can be.
    if (!(error instanceof RangeError) || !error.message.includes('string length')) throw error;
    throw failure('ERANGE', builtin, 'the text would be longer than a string can be');
  }
}

/** The engine cuts a longer indent. */
const MAX_ENGINE_INDENT = 10;

/** An array or a map that is being written. */
interface Open {
  readonly container: Value[] | MapValue;
  readonly keys: string[] | null;
  /** How many are to be written. */
  readonly size: number;
  /** The one that comes next. */
  next: number;
}

/** Up to here a cycle is looked for in the list itself. */
const SHALLOW = 16;

/** What cannot stand in quotes as it is. */
// eslint-disable-next-line no-control-regex -- control characters are escaped
const SPECIAL = /["\\\x00-\x1f\ud800-\udfff]/;

function quoted(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

class Writer {
  private readonly open: Open[] = [];
  /** The containers in `open`, once it is deep. */
  private readonly deep = new Set<Value>();
  private readonly keyTexts = new Map<string, string>();
  private readonly colon: string;

  constructor(
    private readonly builtin: string,
    private readonly indent: string,
  ) {
    this.colon = indent === '' ? ':' : ': ';
  }

  write(value: Value): string {
    const { open } = this;
    let out = this.scalar(value) ?? this.begin(value as Value[] | MapValue);
    while (open.length > 0) {
      const top = open[open.length - 1]!;
      const { container, keys, size } = top;
      if (top.next === size) {
        open.pop();
        this.deep.delete(container);
        out += this.newLine() + (keys === null ? ']' : '}');
        continue;
      }
      const i = top.next++;
      if (i > 0) out += ',';
      out += this.newLine();
      let item: Value;
      if (keys === null) {
        item = (container as Value[])[i]!;
      } else {
        const key = keys[i]!;
        out += this.keyText(key);
        item = (container as MapValue).get(key)!;
      }
      out += this.scalar(item) ?? this.begin(item as Value[] | MapValue);
    }
    return out;
  }

  private newLine(): string {
    return this.indent === '' ? '' : '\n' + this.indent.repeat(this.open.length);
  }

  private keyText(key: string): string {
    let text = this.keyTexts.get(key);
    if (text === undefined) {
      text = quoted(key) + this.colon;
      if (this.keyTexts.size < 4096) this.keyTexts.set(key, text);
    }
    return text;
  }

  /** Null for an array or a map. */
  private scalar(value: Value): string | null {
    switch (typeof value) {
      case 'string':
        return quoted(value);
      case 'number':
        if (!Number.isFinite(value))
          throw this.refuse(value, 'JSON has no such number: null or a string may stand for it');
        return `${value}`;
      case 'boolean':
        return value ? 'true' : 'false';
      default:
        if (value === null) return 'null';
        if (Array.isArray(value) || value instanceof MapValue) return null;
        throw this.refuse(value, value instanceof ErrorValue ? 'write e.message or a map of its fields' : undefined);
    }
  }

  /** The whole of an empty one. */
  private begin(container: Value[] | MapValue): string {
    const keys = Array.isArray(container) ? null : container.keys();
    const size = Array.isArray(container) ? container.length : keys!.length;
    if (size === 0) return keys === null ? '[]' : '{}';
    if (this.isOpen(container)) throw this.cycle(container);
    this.open.push({ container, keys, size, next: 0 });
    return keys === null ? '[' : '{';
  }

  private isOpen(container: Value[] | MapValue): boolean {
    const { open, deep } = this;
    for (let i = Math.min(open.length, SHALLOW) - 1; i >= 0; i--) if (open[i]!.container === container) return true;
    if (open.length < SHALLOW) return false;
    if (deep.has(container)) return true;
    deep.add(container);
    return false;
  }

  private cycle(container: Value[] | MapValue): unknown {
    const outer = this.open.findIndex((each) => each.container === container);
    return failure(
      'ECYCLE',
      this.builtin,
      `${this.path()} is ${this.path(outer)} again: it holds itself, and its text would have no end`,
    );
  }

  private refuse(value: Value, hint?: string): unknown {
    return failure('EVALUE', this.builtin, `${this.path()} is ${describe(value)}, which JSON cannot hold`, hint);
  }

  /** Where the value that is being written stands: `$.hosts[3]`; or the container at `depth` around it. */
  private path(depth = this.open.length): string {
    // The middle of a long path says nothing.
    const steps = this.open.slice(0, depth).map(({ keys, next }) => {
      if (keys === null) return `[${next - 1}]`;
      const key = keys[next - 1]!;
      return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key) ? `.${key}` : `[${quoted(key)}]`;
    });
    const shown = steps.length > 24 ? [...steps.slice(0, 12), '...', ...steps.slice(-12)] : steps;
    return '$' + shown.join('');
  }
}
