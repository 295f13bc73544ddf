/**
 * The insides of strings and templates. A string ends with its quote or, with an error, at the end of its
 * line, so that one forgotten quote does not swallow the rest of the file. A template may span lines;
 * CR LF in it counts as LF, so that a program means the same however its file was saved.
 */
import { isDigit, isHexDigit, nameCharacter } from './characters';
import type { Scanner } from './scanner';

const BACKSLASH = 92;
const BACKTICK = 96;
const DOLLAR = 36;
const LBRACE = 123;

/** Reads a string whose opening quote is at the scanner's place and gives its value. */
export function scanString(scanner: Scanner): string {
  const { text } = scanner;
  const quote = text.charCodeAt(scanner.pos);
  const start = scanner.pos;
  if (text.charCodeAt(start + 1) === quote && text.charCodeAt(start + 2) === quote) {
    const whole = scanTriple(scanner, start);
    if (whole !== null) return whole;
  }
  let from = start + 1;
  let parts: string[] | null = null;
  let pos = from;
  for (;;) {
    const code = text.charCodeAt(pos);
    if (code === quote) break;
    if (code === BACKSLASH && pos + 1 < text.length && !isLineEnd(text.charCodeAt(pos + 1))) {
      parts ??= [];
      parts.push(text.slice(from, pos));
      scanner.pos = pos;
      parts.push(scanEscape(scanner, false));
      pos = from = scanner.pos;
    } else if (code !== code || isLineEnd(code)) {
      scanner.pos = pos;
      reportUnterminated(scanner, start, pos, String.fromCharCode(quote));
      return joined(parts, text.slice(from, pos));
    } else {
      pos++;
    }
  }
  scanner.pos = pos + 1;
  return joined(parts, text.slice(from, pos));
}

export interface TemplatePart {
  readonly value: string;
  /** It ended before `${`, which has been read, and not with the closing backtick. */
  readonly opens: boolean;
}

/** Reads a part of a template from behind its backtick, or behind the `}` of its last `${`. */
export function scanTemplatePart(scanner: Scanner, templateStart: number): TemplatePart {
  const { text } = scanner;
  let from = scanner.pos;
  let parts: string[] | null = null;
  let pos = from;
  for (;;) {
    const code = text.charCodeAt(pos);
    if (code === BACKTICK) {
      scanner.pos = pos + 1;
      return { value: joined(parts, text.slice(from, pos)), opens: false };
    }
    if (code === DOLLAR && text.charCodeAt(pos + 1) === LBRACE) {
      scanner.pos = pos + 2;
      return { value: joined(parts, text.slice(from, pos)), opens: true };
    }
    if (code === BACKSLASH && pos + 1 < text.length) {
      parts ??= [];
      parts.push(text.slice(from, pos));
      scanner.pos = pos;
      parts.push(scanEscape(scanner, true));
      pos = from = scanner.pos;
    } else if (code === 13) {
      parts ??= [];
      parts.push(text.slice(from, pos), '\n');
      pos += text.charCodeAt(pos + 1) === 10 ? 2 : 1;
      from = pos;
    } else if (code !== code) {
      scanner.pos = pos;
      scanner.incomplete = true;
      scanner.report('unterminated-string', 'the template is never closed', templateStart, templateStart + 1, {
        label: "opened here; no '`' follows",
      });
      return { value: joined(parts, text.slice(from, pos)), opens: false };
    } else {
      pos++;
    }
  }
}

/** Reads the escape whose backslash is at the scanner's place; a wrong one is reported and stands for itself. */
function scanEscape(scanner: Scanner, inTemplate: boolean): string {
  const { text } = scanner;
  const start = scanner.pos;
  const char = text[start + 1]!;
  scanner.pos = start + 2;
  switch (char) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return isDigit(text.charCodeAt(start + 2)) ? reportOctal(scanner, start) : '\0';
    case '\\':
    case '"':
    case "'":
      return char;
    case 'x':
      return scanFixed(scanner, start, 2);
    case 'u':
      return text[start + 2] === '{' ? scanBraced(scanner, start) : scanFixed(scanner, start, 4);
  }
  if (inTemplate && (char === '`' || char === '$' || char === '{')) return char;
  return reportUnknown(scanner, start);
}

function scanFixed(scanner: Scanner, start: number, count: number): string {
  const { text } = scanner;
  let pos = start + 2;
  while (pos < start + 2 + count && isHexDigit(text.charCodeAt(pos))) pos++;
  scanner.pos = pos;
  if (pos < start + 2 + count) {
    const shape = count === 2 ? '\\xHH' : '\\uHHHH or \\u{H...}';
    scanner.report('bad-escape', `'${text.slice(start, start + 2)}' needs ${count} hexadecimal digits`, start, pos, {
      label: `write ${shape}`,
      hint: "a backslash itself is written '\\\\'",
    });
    return '';
  }
  return String.fromCharCode(parseInt(text.slice(start + 2, pos), 16));
}

function scanBraced(scanner: Scanner, start: number): string {
  const { text } = scanner;
  let pos = start + 3;
  let value = 0;
  while (isHexDigit(text.charCodeAt(pos))) {
    value = Math.min(value * 16 + parseInt(text[pos]!, 16), 0x110000);
    pos++;
  }
  const closed = text[pos] === '}' && pos > start + 3;
  scanner.pos = closed ? pos + 1 : pos;
  if (!closed) {
    scanner.report('bad-escape', "'\\u{' needs hexadecimal digits and a '}'", start, pos, {
      label: 'as in \\u{1F600}',
    });
    return '';
  }
  if (value > 0x10ffff) {
    scanner.report('bad-escape', 'there is no such character', start, pos + 1, {
      label: 'the last one is \\u{10FFFF}',
    });
    return '';
  }
  return String.fromCodePoint(value);
}

const ESCAPE_HINTS: Readonly<Record<string, string>> = {
  e: 'the escape character is \\x1b',
  a: 'the bell is \\x07',
  b: 'a backspace is \\x08; in a pattern write \\\\b',
  v: 'a vertical tab is \\x0b',
  f: 'a form feed is \\x0c',
  $: "'${' means nothing special in quotes: leave the backslash out",
  '`': 'a backtick needs no backslash in quotes',
  '/': "'/' needs no backslash",
  U: 'write \\u{H...}',
};

function reportUnknown(scanner: Scanner, start: number): string {
  const { text } = scanner;
  const code = text.codePointAt(start + 1)!;
  const char = String.fromCodePoint(code);
  const end = start + 1 + char.length;
  scanner.pos = end;
  const shown = code < 32 || code === 127 ? nameCharacter(code) : `'\\${char}'`;
  const doubled = { span: { start, end: start + 1 }, text: '\\\\' };
  scanner.report('bad-escape', `unknown escape ${shown}`, start, end, {
    label: 'no such escape',
    hint: Object.hasOwn(ESCAPE_HINTS, char) ? ESCAPE_HINTS[char]! : `a backslash itself is written '\\\\'`,
    ...(!Object.hasOwn(ESCAPE_HINTS, char) && code >= 32 && { fix: doubled }),
  });
  return char;
}

/** `\033` would otherwise be a NUL and the digits 33: surely not what was meant. */
function reportOctal(scanner: Scanner, start: number): string {
  const digits = /[0-7]{1,3}/y;
  digits.lastIndex = start + 1;
  const found = digits.exec(scanner.text)![0];
  const text = `\\x${parseInt(found, 8).toString(16).padStart(2, '0')}`;
  const end = start + 1 + Math.max(found.length, 2);
  scanner.pos = end;
  scanner.report('bad-escape', 'escapes have no octal form', start, end, {
    label: "'\\0' is followed by a digit",
    hint: `write ${text}`,
    fix: { span: { start, end }, text },
  });
  return '';
}

/** Python's text between three quotes, which is reported; null where only three quotes begin. */
function scanTriple(scanner: Scanner, start: number): string | null {
  const { text } = scanner;
  const quotes = text.slice(start, start + 3);
  const end = text.indexOf(quotes, start + 3);
  if (end < 0) return null;
  scanner.pos = end + 3;
  scanner.report('foreign-syntax', 'text over several lines goes between backticks', start, start + 3, {
    label: 'not between three quotes',
    hint: 'write `...`',
  });
  return text.slice(start + 3, end);
}

function reportUnterminated(scanner: Scanner, start: number, end: number, quote: string): void {
  if (start < scanner.stringsReportedTo) return;
  const triple = scanner.text.startsWith(quote.repeat(2), start - 2);
  scanner.report('unterminated-string', 'the string is not closed on its line', start, end, {
    label: `no ${quote === '"' ? `'"'` : `"'"`} follows`,
    hint: triple
      ? 'text over several lines goes between backticks: `...`'
      : 'close it on the same line; text over several lines goes between backticks: `...`',
  });
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}

function joined(parts: string[] | null, last: string): string {
  if (parts === null) return last;
  parts.push(last);
  return parts.join('');
}
