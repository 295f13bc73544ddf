/**
 * Reads JSON (RFC 8259) character by character, where the engine's parser does not do: see parse.ts. It keeps what is
 * open in a list of its own, so that no nesting is too deep for it. It takes exactly what the engine takes.
 */
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { characterAt, failureAt } from '../place-in-text';

export function readJson(builtin: string, text: string): Value {
  return new Reader(builtin, text).document();
}

const SPACE = /[ \t\n\r]*/y;
/** What of a string stands for itself. */
// eslint-disable-next-line no-control-regex -- JSON has no control characters in strings
const PLAIN = /[^"\\\x00-\x1f]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /^[\p{L}_$][\p{L}\p{N}_$]*/u;
const NUMBER_LIKE = /^[+-]?[\w.][\w.+-]*/;
/** Longer words are cut in messages. */
const MAX_WORD = 40;

/** Deeper nesting is refused: each level takes memory, and a text of a few megabytes could take all there is. */
export const MAX_DEPTH = 1_000_000;

const LITERALS = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t',
}; // prettier-ignore

/** Words of other languages, and what JSON has in their place. */
const FOREIGN = new Map([
  ['True', 'JSON writes true'],
  ['False', 'JSON writes false'],
  ['None', 'JSON writes null'],
  ['nil', 'JSON writes null'],
  ['undefined', 'JSON writes null'],
  ['NaN', 'JSON has no NaN'],
  ['Infinity', 'JSON has no Infinity'],
]);

/** An array or a map that is not closed yet. */
interface Open {
  readonly start: number;
  readonly items: Value[] | null;
  readonly entries: Map<string, Value> | null;
  /** Of a map: the key whose value is read. */
  key: string;
}

class Reader {
  private at = 0;

  constructor(
    private readonly builtin: string,
    private readonly text: string,
  ) {}

  document(): Value {
    const open: Open[] = [];
    this.skipSpace();
    if (this.at >= this.text.length) throw this.error(this.at, 'the text is empty', 'a JSON text is one value');
    for (;;) {
      let value = this.valueOrOpen(open);
      if (open.length > MAX_DEPTH)
        throw this.error(open.at(-1)!.start, `arrays and maps are nested more than ${MAX_DEPTH} deep`);
      if (value === undefined) continue;
      // Gives the value to what is open around it, and closes what ends there.
      for (;;) {
        const around = open.at(-1);
        if (around === undefined) return this.end(value);
        if (around.items !== null) around.items.push(value);
        else around.entries!.set(around.key, value);
        if (!this.closes(around)) break;
        open.pop();
        value = valueOf(around);
      }
    }
  }

  /** Reads a value; for an array or a map that is not empty only its beginning, and gives undefined. */
  private valueOrOpen(open: Open[]): Value | undefined {
    this.skipSpace();
    const start = this.at;
    switch (this.text[start]) {
      case '"':
        return this.string();
      case '[':
        this.at++;
        this.skipSpace();
        if (this.take(']')) return [];
        open.push({ start, items: [], entries: null, key: '' });
        return undefined;
      case '{': {
        this.at++;
        this.skipSpace();
        if (this.take('}')) return new MapValue();
        const opened: Open = { start, items: null, entries: new Map(), key: '' };
        open.push(opened);
        opened.key = this.key(opened);
        return undefined;
      }
      default:
        return this.literal(open.at(-1));
    }
  }

  /** What follows, as much of it as a message shows. */
  private ahead(): string {
    return this.text.slice(this.at, this.at + 2 * MAX_WORD);
  }

  private skipSpace(): void {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** After a value: true when its container ends; otherwise at the next value. */
  private closes(around: Open): boolean {
    this.skipSpace();
    const close = around.items !== null ? ']' : '}';
    if (this.take(close)) return true;
    const after = this.at;
    if (!this.take(',')) throw this.unfinished(around, `a comma or '${close}' must follow`);
    this.skipSpace();
    if (this.text[this.at] === close) {
      throw this.error(after, `a comma before '${close}'`, 'JSON has commas only between values: take the comma away');
    }
    if (around.entries !== null) around.key = this.key(around);
    return false;
  }

  private key(around: Open): string {
    const start = this.at;
    if (this.text[start] !== '"') {
      const word = WORD.exec(this.ahead())?.[0];
      const advice =
        word !== undefined ? `write "${word}"` : this.text[start] === "'" ? 'write double quotes' : undefined;
      throw this.unfinished(around, 'a key in double quotes must follow', advice);
    }
    const key = this.string();
    this.skipSpace();
    if (!this.take(':')) throw this.unfinished(around, "a colon ':' must follow the key");
    return key;
  }

  private string(): string {
    const { text } = this;
    const start = this.at;
    this.at++;
    let result = '';
    for (;;) {
      PLAIN.lastIndex = this.at;
      PLAIN.test(text);
      result += text.slice(this.at, PLAIN.lastIndex);
      this.at = PLAIN.lastIndex;
      if (this.take('"')) return result;
      if (this.take('\\')) result += this.escape(start);
      else if (this.at >= text.length) throw this.endInString(start);
      else throw this.controlCharacter();
    }
  }

  private escape(start: number): string {
    const { text } = this;
    const backslash = this.at - 1;
    if (this.at >= text.length) throw this.endInString(start);
    const char = text[this.at++]!;
    if (char === 'u') {
      const digits = text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.error(backslash, 'four hexadecimal digits must follow \\u');
      this.at += 4;
      return String.fromCharCode(parseInt(digits, 16));
    }
    const meant = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (meant !== undefined) return meant;
    throw this.error(
      backslash,
      `there is no escape of a backslash and ${characterAt(text, this.at - 1)}`,
      'a backslash itself is written \\\\; JSON has \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX',
    );
  }

  private endInString(start: number): unknown {
    return this.error(start, 'the string that begins here has no end', 'its closing quote is missing');
  }

  private controlCharacter(): unknown {
    const code = this.text.charCodeAt(this.at);
    const written =
      code === 10 ? '\\n' : code === 13 ? '\\r' : code === 9 ? '\\t' : `\\u${code.toString(16).padStart(4, '0')}`;
    return this.error(this.at, `${characterAt(this.text, this.at)} inside of a string`, `write it as ${written}`);
  }

  /** A number, true, false or null. */
  private literal(around: Open | undefined): Value {
    const { text, at } = this;
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      const next = text[this.at];
      if (next === undefined || !/[\w.+-]/.test(next)) return Number(number);
    } else {
      const word = WORD.exec(this.ahead())?.[0] ?? '';
      const meant = LITERALS.get(word);
      if (meant !== undefined) {
        this.at += word.length;
        return meant;
      }
    }
    this.at = at;
    throw this.noValue(around);
  }

  /** Says what is wrong where a value should stand. */
  private noValue(around: Open | undefined): unknown {
    const { text, at } = this;
    if (at >= text.length) return this.unfinished(around, 'a value must follow');
    const char = text[at]!;
    if (char === "'") return this.error(at, 'a string in single quotes', 'JSON has double quotes only');
    if (text.startsWith('//', at) || text.startsWith('/*', at) || char === '#') {
      return this.error(at, 'a comment', 'JSON has no comments');
    }
    if (char === '<' && around === undefined) {
      return this.error(at, "a value must stand here, found '<'", 'this looks like HTML or XML, not like JSON');
    }
    const word = WORD.exec(this.ahead())?.[0];
    if (word !== undefined) {
      return this.error(
        at,
        `the word ${shortened(word)} is no value`,
        FOREIGN.get(word) ?? 'strings stand in double quotes',
      );
    }
    const number = NUMBER_LIKE.exec(this.ahead())?.[0];
    if (number !== undefined) {
      return this.error(at, `${shortened(number)} is no number of JSON`, numberAdvice(number));
    }
    return this.unfinished(around, 'a value must stand here');
  }

  /** Something else stands where the array or map should go on. */
  private unfinished(around: Open | undefined, expected: string, hint?: string): unknown {
    const { text, at } = this;
    if (at < text.length || around === undefined) {
      const comment = text.startsWith('//', at) || text.startsWith('/*', at);
      return this.error(at, `${expected}, found ${characterAt(text, at)}`, comment ? 'JSON has no comments' : hint);
    }
    const [what, close] = around.items !== null ? ['array', ']'] : ['map', '}'];
    return this.error(around.start, `the ${what} that begins here has no end: '${close}' is missing`);
  }

  /** After the whole value nothing may follow. */
  private end(value: Value): Value {
    this.skipSpace();
    if (this.at >= this.text.length) return value;
    const several = /[[{"\d]/.test(this.text[this.at]!);
    throw this.error(
      this.at,
      `the text goes on after its value with ${characterAt(this.text, this.at)}`,
      several ? 'where each line is a value of its own, parse the lines one by one' : undefined,
    );
  }

  private error(offset: number, message: string, hint?: string): unknown {
    return failureAt('EJSON', this.builtin, this.text, offset, message, hint);
  }
}

function valueOf({ items, entries }: Open): Value {
  return items ?? MapValue.of(entries!);
}

function numberAdvice(number: string): string | undefined {
  if (/^-?0[xXoObB]/.test(number)) return 'JSON has decimal numbers only';
  if (/^-?0\d/.test(number)) return 'a number of JSON does not begin with 0';
  if (number.startsWith('+')) return 'JSON has no plus sign in front of numbers';
  if (/^-?\./.test(number)) return 'write a 0 in front of the decimal point';
  if (/\.(?:$|[eE])/.test(number)) return 'digits must follow the decimal point';
  if (number.startsWith('-I') || number.startsWith('-i')) return 'JSON has no Infinity';
  return undefined;
}

/** Long words are cut. */
function shortened(word: string): string {
  return word.length > MAX_WORD ? `${word.slice(0, MAX_WORD)}…` : word;
}
