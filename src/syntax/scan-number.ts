/**
 * Numbers: `42`, `1_000`, `3.14`, `1.5e10`, `0xFF`, `0o17`, `0b1010`. A malformed number is one error over
 * its whole length and still gives a value, so that reading goes on behind it. `1..5` is a range and
 * `1.name` a field of a number: a point belongs to a number only before a digit.
 */
import { isDigit, isHexDigit, isNamePart, isNameStart } from './characters';
import type { Scanner } from './scanner';

const DOT = 46;
const UNDERSCORE = 95;

/** Reads the number that begins at the scanner's place and moves behind it. */
export function scanNumber(scanner: Scanner): number {
  const { text } = scanner;
  const start = scanner.pos;
  let pos = start;
  let code = text.charCodeAt(pos);
  if (code === 48) {
    const marker = text.charCodeAt(pos + 1) | 32;
    if (marker === 120 || marker === 98 || marker === 111) return scanPrefixed(scanner, marker);
  }

  // Most numbers are a few digits and nothing else.
  let value = 0;
  while (isDigit(code)) {
    value = value * 10 + (code - 48);
    code = text.charCodeAt(++pos);
  }
  let plain = pos - start <= 15;

  if (code === UNDERSCORE) {
    plain = false;
    pos = skipDigits(text, pos);
    code = text.charCodeAt(pos);
  }
  if (code === DOT && isDigit(text.charCodeAt(pos + 1))) {
    plain = false;
    pos = skipDigits(text, pos + 1);
    code = text.charCodeAt(pos);
  } else if (code === DOT && endsInBareExponent(text, pos + 1)) {
    pos = skipWord(text, pos + 1);
    scanner.pos = pos;
    scanner.report('bad-number', `the number '${clip(text, start, pos)}' has no digit after its point`, start, pos, {
      label: 'a digit must follow the point',
      hint: `write '${text.slice(start, Math.min(pos, start + 40)).replace('.', '.0')}'`,
    });
    return value;
  }
  if ((code | 32) === 101 && isExponent(text, pos)) {
    plain = false;
    const sign = text.charCodeAt(pos + 1);
    pos = skipDigits(text, sign === 43 || sign === 45 ? pos + 2 : pos + 1);
    code = text.charCodeAt(pos);
  }
  if (nameFollows(text, pos)) {
    scanner.pos = skipWord(text, pos);
    reportTail(scanner, start, pos);
    return value;
  }
  scanner.pos = pos;
  if (plain && (pos - start === 1 || text.charCodeAt(start) !== 48)) return value;
  if (text.charCodeAt(start) === 48 && pos - start > 1 && isDigitOrUnderscore(text.charCodeAt(start + 1))) {
    reportLeadingZero(scanner, start, pos);
    return value;
  }
  if (plain) return value;
  return valueOf(scanner, start, pos);
}

function scanPrefixed(scanner: Scanner, marker: number): number {
  const { text } = scanner;
  const start = scanner.pos;
  const end = skipWord(text, start + 2);
  scanner.pos = end;
  const base = marker === 120 ? 16 : marker === 98 ? 2 : 8;
  const kind = base === 16 ? 'hexadecimal' : base === 2 ? 'binary' : 'octal';
  const allowed = base === 16 ? '0-9 and a-f' : base === 2 ? '0 and 1' : '0-7';
  if (end === start + 2) {
    scanner.report('bad-number', `the ${kind} number '${clip(text, start, end)}' has no digits`, start, end, {
      label: `${allowed} must follow`,
    });
    return 0;
  }
  for (let pos = start + 2; pos < end; pos++) {
    const code = text.charCodeAt(pos);
    if (code === UNDERSCORE) continue;
    const digit = isHexDigit(code) ? parseInt(text[pos]!, 16) : 99;
    if (digit >= base) {
      const shown = String.fromCodePoint(text.codePointAt(pos)!);
      scanner.report('bad-number', `'${shown}' is not a digit of a ${kind} number`, pos, pos + shown.length, {
        label: `only ${allowed} may stand here`,
      });
      return 0;
    }
  }
  return valueOf(scanner, start, end);
}

function valueOf(scanner: Scanner, start: number, end: number): number {
  const written = scanner.text.slice(start, end);
  if (!written.includes('_')) return Number(written);
  const wrong = /_(?=[_.eE]|$)|[.eExXbBoO+-]_/.exec(written);
  // In hexadecimal `e` and `b` are digits, so `_` beside them is fine.
  const hexadecimal = /^0[xX]/.test(written);
  const wrongHex = hexadecimal ? /^0[xX]_|__|_$/.exec(written) : null;
  const found = hexadecimal ? wrongHex : wrong;
  if (found) {
    const at = start + found.index + found[0].indexOf('_');
    scanner.report('bad-number', `misplaced '_' in the number '${clip(scanner.text, start, end)}'`, at, at + 1, {
      label: "'_' stands between two digits",
    });
  }
  return Number(written.replaceAll('_', ''));
}

function reportTail(scanner: Scanner, start: number, tail: number): void {
  const { text } = scanner;
  const end = scanner.pos;
  const unit = text.slice(tail, Math.min(end, tail + 40));
  const number = clip(text, start, tail);
  const durations: Record<string, string> = {
    s: 'seconds',
    ms: 'milliseconds',
    m: 'minutes',
    min: 'minutes',
    h: 'hours',
  };
  if (/^[eE]$/.test(unit)) {
    scanner.report('bad-number', `the exponent of '${clip(text, start, end)}' has no digits`, tail, end, {
      label: 'digits must follow',
    });
    return;
  }
  const hint =
    durations[unit] !== undefined
      ? `numbers have no units; write ${number} and see in the function's description whether it takes seconds or milliseconds`
      : unit === 'n' || unit === 'f' || unit === 'L' || unit === 'u'
        ? `all numbers are of one type: write ${number}`
        : undefined;
  scanner.report('bad-number', `a name cannot begin with a digit: '${clip(text, start, end)}'`, start, end, {
    label: 'neither a number nor a name',
    ...(hint !== undefined && { hint }),
  });
}

function reportLeadingZero(scanner: Scanner, start: number, end: number): void {
  const written = scanner.text.slice(start, Math.min(end, start + 40));
  const octal = /^0[0-7]+$/.test(written);
  const decimal = written.replace(/^[0_]+(?=[0-9])/, '');
  const text = octal ? `0o${written.replace(/^0+(?=.)/, '')}` : decimal;
  scanner.report('bad-number', `the number '${written}' begins with 0`, start, end, {
    label: 'other languages would read this as octal',
    hint: octal ? `write ${decimal}, or ${text} if you mean octal` : `write ${decimal}`,
    ...(end - start <= 40 && { fix: { span: { start, end }, text } }),
  });
}

function isExponent(text: string, pos: number): boolean {
  const next = text.charCodeAt(pos + 1);
  return isDigit(next) || ((next === 43 || next === 45) && isDigit(text.charCodeAt(pos + 2)));
}

/** `1.e5` and `1.e`, which are no call of a function on a number. */
function endsInBareExponent(text: string, pos: number): boolean {
  if ((text.charCodeAt(pos) | 32) !== 101) return false;
  while (isDigit(text.charCodeAt(++pos)));
  return !nameFollows(text, pos) && text.charCodeAt(pos) !== 40;
}

function nameFollows(text: string, pos: number): boolean {
  const code = text.codePointAt(pos);
  return code !== undefined && isNameStart(code);
}

function isDigitOrUnderscore(code: number): boolean {
  return isDigit(code) || code === UNDERSCORE;
}

function skipDigits(text: string, pos: number): number {
  while (isDigitOrUnderscore(text.charCodeAt(pos))) pos++;
  return pos;
}

/** Behind the letters, digits and `_` from here on. */
function skipWord(text: string, pos: number): number {
  for (;;) {
    const code = text.codePointAt(pos);
    if (code === undefined || !isNamePart(code)) return pos;
    pos += code > 0xffff ? 2 : 1;
  }
}

function clip(text: string, start: number, end: number): string {
  return end - start > 40 ? `${text.slice(start, start + 40)}…` : text.slice(start, end);
}
