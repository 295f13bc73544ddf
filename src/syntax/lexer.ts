/**
 * Turns text into tokens, one at a time and on demand: the fields hold the current token, `next` moves to
 * the one behind it. There is no list of tokens and no object per token; a hello world is read in
 * microseconds.
 *
 * What always holds: `next` moves on or is at the end; text that is no token is reported once and skipped,
 * so the parser sees well-formed tokens only. A template comes in parts: after the parser has read the
 * expression of a `${`, it stands at the `}` and calls `nextTemplatePart`.
 */
import type { Source } from '../diagnostics/diagnostic';
import { isAsciiNamePart, isInvisible, isNamePart, isNameStart, isUnicodeSpace, nameCharacter } from './characters';
import { scanNumber } from './scan-number';
import { scanString, scanTemplatePart } from './scan-string';
import { Scanner } from './scanner';
import { T, WORDS } from './tokens';

/** A comment with its delimiters. */
export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly block: boolean;
}

/** A place to come back to after looking ahead. */
export interface Mark {
  readonly pos: number;
  readonly kind: T;
  readonly start: number;
  readonly prevEnd: number;
  readonly newlineBefore: boolean;
  readonly value: string;
  readonly number: number;
  readonly foreign: boolean;
  readonly badBefore: boolean;
  readonly docStart: number;
  readonly docEnd: number;
  readonly reported: number;
  readonly incomplete: boolean;
}

export class Lexer extends Scanner {
  kind: T = T.Eof;
  start = 0;
  /** The end of the token before this one. */
  prevEnd = 0;
  /** A line break stands between the token before and this one. */
  newlineBefore = true;
  /** The word of a name or keyword, the value of a string or of a part of a template. */
  value = '';
  number = 0;
  /** The name means something in another language (`elif`, `new`). */
  foreign = false;
  /** Text that is no token was reported and skipped right before this one. */
  badBefore = false;
  /** The last documentation comment before this token, or -1. */
  docStart = -1;
  docEnd = -1;
  /** Filled when the caller asked for comments. */
  readonly comments: Comment[] | null;
  #firstHash = -1;
  #lastComment = -1;

  constructor(source: Source, keepComments = false) {
    super(source);
    this.comments = keepComments ? [] : null;
    if (this.text.charCodeAt(0) === 0xfeff) this.pos = 1;
    if (this.text.startsWith('#!', this.pos)) this.pos = this.#lineEnd(this.pos);
  }

  /** The end of the current token. */
  get end(): number {
    return this.pos;
  }

  mark(): Mark {
    const {
      pos,
      kind,
      start,
      prevEnd,
      newlineBefore,
      value,
      number,
      foreign,
      badBefore,
      docStart,
      docEnd,
      incomplete,
    } = this;
    const reported = this.diagnostics.length;
    return {
      pos,
      kind,
      start,
      prevEnd,
      newlineBefore,
      value,
      number,
      foreign,
      badBefore,
      docStart,
      docEnd,
      reported,
      incomplete,
    };
  }

  /** Back to a mark, as if nothing had been read since. */
  reset(mark: Mark): void {
    if (this.stopped) return;
    this.forgetSince(mark.reported);
    this.pos = mark.pos;
    this.kind = mark.kind;
    this.start = mark.start;
    this.prevEnd = mark.prevEnd;
    this.newlineBefore = mark.newlineBefore;
    this.value = mark.value;
    this.number = mark.number;
    this.foreign = mark.foreign;
    this.badBefore = mark.badBefore;
    this.docStart = mark.docStart;
    this.docEnd = mark.docEnd;
    this.incomplete = mark.incomplete;
  }

  override stop(): void {
    super.stop();
    this.kind = T.Eof;
    this.start = this.pos;
  }

  /** Moves to the next token. */
  next(): void {
    const { text } = this;
    this.prevEnd = this.pos;
    this.badBefore = false;
    this.newlineBefore = false;
    this.foreign = false;
    this.docStart = -1;
    for (;;) {
      const start = this.pos;
      const code = text.charCodeAt(start);
      this.start = start;
      switch (code) {
        case 10:
        case 13:
          this.newlineBefore = true;
          this.pos++;
          continue;
        case 32:
        case 9:
        case 11:
        case 12:
          this.pos++;
          continue;
        case 34: // "
        case 39: // '
          this.value = scanString(this);
          this.kind = T.Str;
          return;
        case 96: // `
          this.pos++;
          this.#templatePart(start);
          return;
        case 40:
          return this.#token(T.LParen, 1);
        case 41:
          return this.#token(T.RParen, 1);
        case 91:
          return this.#token(T.LBracket, 1);
        case 93:
          return this.#token(T.RBracket, 1);
        case 123:
          return this.#token(T.LBrace, 1);
        case 125:
          return this.#token(T.RBrace, 1);
        case 44:
          return this.#token(T.Comma, 1);
        case 59:
          return this.#token(T.Semicolon, 1);
        case 126:
          return this.#token(T.Tilde, 1);
        case 58: // :
          if (this.#peek(1) === 61) return this.#token(T.ColonAssign, 2);
          if (this.#peek(1) === 58) return this.#token(T.ColonColon, 2);
          return this.#token(T.Colon, 1);
        case 46: // .
          if (this.#peek(1) !== 46) {
            if (this.#isDigitAt(start + 1)) return this.#pointWithoutDigit();
            return this.#token(T.Dot, 1);
          }
          return this.#peek(2) === 46 ? this.#token(T.Ellipsis, 3) : this.#token(T.DotDot, 2);
        case 63: // ?
          if (this.#peek(1) === 63) {
            return this.#peek(2) === 61 ? this.#token(T.CoalesceAssign, 3) : this.#token(T.Coalesce, 2);
          }
          if (this.#peek(1) === 46 && !this.#isDigitAt(start + 2)) return this.#token(T.QuestionDot, 2);
          return this.#token(T.Question, 1);
        case 61: // =
          if (this.#peek(1) === 62) return this.#token(T.FatArrow, 2);
          if (this.#peek(1) !== 61) return this.#token(T.Assign, 1);
          return this.#peek(2) === 61 ? this.#token(T.EqEqEq, 3) : this.#token(T.EqEq, 2);
        case 33: // !
          if (this.#peek(1) !== 61) return this.#token(T.Bang, 1);
          return this.#peek(2) === 61 ? this.#token(T.NotEqEq, 3) : this.#token(T.NotEq, 2);
        case 60: // <
          switch (this.#peek(1)) {
            case 45:
              return this.#token(T.LeftArrow, 2);
            case 61:
              return this.#token(T.LtEq, 2);
            case 60:
              return this.#peek(2) === 61 ? this.#token(T.OtherAssign, 3) : this.#token(T.LtLt, 2);
          }
          return this.#token(T.Lt, 1);
        case 62: // >
          if (this.#peek(1) === 61) return this.#token(T.GtEq, 2);
          if (this.#peek(1) !== 62) return this.#token(T.Gt, 1);
          return this.#peek(2) === 61 ? this.#token(T.OtherAssign, 3) : this.#token(T.GtGt, 2);
        case 38: // &
          if (this.#peek(1) === 61) return this.#token(T.OtherAssign, 2);
          if (this.#peek(1) !== 38) return this.#token(T.Amp, 1);
          return this.#peek(2) === 61 ? this.#token(T.OtherAssign, 3) : this.#token(T.AndAnd, 2);
        case 124: // |
          if (this.#peek(1) === 61) return this.#token(T.OtherAssign, 2);
          if (this.#peek(1) !== 124) return this.#token(T.Pipe, 1);
          return this.#peek(2) === 61 ? this.#token(T.OtherAssign, 3) : this.#token(T.OrOr, 2);
        case 94: // ^
          return this.#peek(1) === 61 ? this.#token(T.OtherAssign, 2) : this.#token(T.Caret, 1);
        case 43: // +
          if (this.#peek(1) === 43) return this.#token(T.PlusPlus, 2);
          return this.#peek(1) === 61 ? this.#token(T.PlusAssign, 2) : this.#token(T.Plus, 1);
        case 45: // -
          switch (this.#peek(1)) {
            case 45:
              return this.#token(T.MinusMinus, 2);
            case 61:
              return this.#token(T.MinusAssign, 2);
            case 62:
              return this.#token(T.ThinArrow, 2);
          }
          return this.#token(T.Minus, 1);
        case 42: // *
          if (this.#peek(1) === 61) return this.#token(T.StarAssign, 2);
          if (this.#peek(1) !== 42) return this.#token(T.Star, 1);
          return this.#peek(2) === 61 ? this.#token(T.OtherAssign, 3) : this.#token(T.StarStar, 2);
        case 37: // %
          return this.#peek(1) === 61 ? this.#token(T.PercentAssign, 2) : this.#token(T.Percent, 1);
        case 47: // /
          switch (this.#peek(1)) {
            case 47:
              this.#comment(this.#lineEnd(start), false);
              continue;
            case 42:
              this.#blockComment();
              continue;
            case 61:
              return this.#token(T.SlashAssign, 2);
          }
          return this.#token(T.Slash, 1);
        case 48:
        case 49:
        case 50:
        case 51:
        case 52:
        case 53:
        case 54:
        case 55:
        case 56:
        case 57:
          this.number = scanNumber(this);
          this.kind = T.Num;
          return;
      }
      if (isAsciiNamePart(code)) return this.#word();
      if (start >= text.length) {
        this.kind = T.Eof;
        return;
      }
      const point = text.codePointAt(start)!;
      if (point >= 128 && isNameStart(point)) return this.#word();
      if (isUnicodeSpace(point)) {
        this.pos++;
        continue;
      }
      if (this.#unknown(point)) return;
    }
  }

  /** With the current token `}`: goes on with the template that opened at `templateStart`. */
  nextTemplatePart(templateStart: number): void {
    this.prevEnd = this.pos;
    this.start = this.pos;
    this.#templatePart(templateStart);
  }

  /** Makes the current token, of two signs, its first sign alone: `<-` in `x <-1`, `--` in `a--b`. */
  splitTo(kind: T): void {
    this.kind = kind;
    this.pos = this.start + 1;
  }

  /** The kind of the token behind the current one. */
  peekKind(): T {
    const mark = this.mark();
    this.next();
    const { kind } = this;
    this.reset(mark);
    return kind;
  }

  /** The current token as it stands in the text, cut short where it is long. */
  shown(): string {
    const { text, start, pos } = this;
    return pos - start > 40 ? `${text.slice(start, start + 40)}…` : text.slice(start, pos);
  }

  #token(kind: T, length: number): void {
    this.kind = kind;
    this.pos += length;
  }

  #peek(distance: number): number {
    return this.text.charCodeAt(this.pos + distance);
  }

  #isDigitAt(pos: number): boolean {
    const code = this.text.charCodeAt(pos);
    return code >= 48 && code <= 57;
  }

  #word(): void {
    const { text, start } = this;
    let pos = start;
    for (;;) {
      const code = text.charCodeAt(pos);
      if (isAsciiNamePart(code)) {
        pos++;
      } else if (code >= 128 && isNamePart(text.codePointAt(pos)!)) {
        pos += text.codePointAt(pos)! > 0xffff ? 2 : 1;
      } else {
        break;
      }
    }
    this.pos = pos;
    this.value = text.slice(start, pos);
    const kind = WORDS.get(this.value);
    this.kind = kind ?? T.Ident;
    this.foreign = kind === T.Ident;
  }

  #templatePart(templateStart: number): void {
    const part = scanTemplatePart(this, templateStart);
    this.value = part.value;
    this.kind = part.opens ? T.TemplateHead : T.Template;
  }

  #lineEnd(from: number): number {
    const { text } = this;
    let pos = from;
    for (;;) {
      const code = text.charCodeAt(pos);
      if (code === 10 || code === 13 || code !== code) return pos;
      pos++;
    }
  }

  #comment(end: number, block: boolean): void {
    if (this.comments !== null && this.start > this.#lastComment) {
      this.comments.push({ start: this.start, end, block });
      this.#lastComment = this.start;
    }
    this.pos = end;
  }

  #blockComment(): void {
    const { text, start } = this;
    const close = text.indexOf('*/', start + 2);
    if (close < 0) {
      this.pos = text.length;
      this.incomplete = true;
      this.report('unterminated-comment', 'the comment is never closed', start, start + 2, {
        label: "opened here; no '*/' follows",
      });
      return;
    }
    const end = close + 2;
    if (text.charCodeAt(start + 2) === 42 && end - start > 4) {
      this.docStart = start;
      this.docEnd = end;
    }
    for (let pos = start; !this.newlineBefore && pos < end; pos++) {
      const code = text.charCodeAt(pos);
      if (code === 10 || code === 13) this.newlineBefore = true;
    }
    this.#comment(end, true);
  }

  /** `.5` */
  #pointWithoutDigit(): void {
    const { start } = this;
    this.pos++;
    this.number = scanNumber(this) / 10 ** (this.pos - start - 1);
    this.kind = T.Num;
    const before = this.text.charCodeAt(start - 1);
    const afterOperand = isAsciiNamePart(before) || before === 41 || before === 93;
    this.report('bad-number', 'a number does not begin with a point', start, this.pos, {
      label: 'a digit must stand before the point',
      ...(afterOperand && { hint: 'an element of an array is read with [0]' }),
      ...(!afterOperand && { hint: `write 0${this.shown()}`, fix: { span: { start, end: start }, text: '0' } }),
    });
  }

  /** Reports a character that begins no token; true when a token was made of what follows it. */
  #unknown(code: number): boolean {
    const { text, start } = this;
    const char = String.fromCodePoint(code);
    const end = start + char.length;
    const next = text.codePointAt(end) ?? 0;
    this.pos = end;
    switch (char) {
      case '#':
        if (isNameStart(next) && /[([,=+*/<>-] ?$/.test(text.slice(Math.max(0, start - 2), start))) {
          this.start = end;
          this.#word();
          this.report('foreign-syntax', "the length is given by 'len'", start, this.pos, {
            label: `write len(${this.shown()})`,
            fix: { span: { start, end: this.pos }, text: `len(${this.shown()})` },
          });
          return true;
        }
        // Looking ahead may read the first one twice; only the first is reported.
        if (this.#firstHash < 0 || this.#firstHash === start) {
          this.#firstHash = start;
          this.report('foreign-syntax', "a comment begins with '//'", start, end, {
            label: "'#' begins nothing here",
            hint: "write '//'",
            fix: { span: { start, end }, text: '//' },
          });
        }
        this.pos = this.#lineEnd(end);
        return false;
      case '$':
      case '@':
        if (isNameStart(next)) {
          this.start = end;
          this.#word();
          if (isAsciiNamePart(text.charCodeAt(start - 1))) {
            this.report('bad-character', `a name cannot contain '${char}'`, start, end, {
              label: 'not part of a name',
            });
            this.badBefore = true;
            return true;
          }
          if (char === '@' && DECORATES.test(text.slice(start, start + 200))) {
            this.report('foreign-syntax', 'there are no decorators', start, this.pos, {
              label: 'nothing stands before a function',
              hint: `call it with the function: let f = ${this.shown()}(fn(x) { ... })`,
            });
            return true;
          }
          this.report('foreign-syntax', `names have no '${char}' before them`, start, this.pos, {
            label: `write ${this.shown()}`,
            fix: { span: { start, end }, text: '' },
          });
          return true;
        }
        break;
      case '“':
      case '”':
      case '„':
      case '‘':
      case '’':
      case '«':
        return this.#typographicQuote(char);
    }
    this.badBefore = true;
    // One error for a run of characters of the same kind, as in a file that is no text.
    while (this.pos < text.length && this.#isNothing(text.codePointAt(this.pos)!)) {
      this.pos += text.codePointAt(this.pos)! > 0xffff ? 2 : 1;
    }
    if (char === '$' && next === LPAREN) {
      this.report('foreign-syntax', "the output of a command is no value of '$( )'", start, end + 1, {
        label: 'no command runs here',
        hint: 'exec("...").stdout gives what a command prints',
      });
      return false;
    }
    const lookalike = LOOKALIKES[char];
    const shown = nameCharacter(code);
    const more = this.pos > end ? ` and ${this.pos - end} more like it` : '';
    this.report('bad-character', `unexpected ${shown}${more}`, start, this.pos, {
      label: 'not part of the language',
      ...(lookalike !== undefined && {
        hint: `did you mean '${lookalike}'?`,
        fix: { span: { start, end: this.pos }, text: lookalike },
      }),
      ...(char === '\\' && {
        hint: 'a statement goes on behind an operator, a comma or an open bracket; no backslash is needed',
      }),
      ...(isInvisible(code) && { hint: 'it shows nothing: delete it (it may have come from a web page)' }),
    });
    return false;
  }

  #isNothing(code: number): boolean {
    if (code < 32) return code !== 10 && code !== 13 && code !== 9 && code !== 11 && code !== 12;
    return (code >= 127 && !isNameStart(code) && !isUnicodeSpace(code)) || code === 127;
  }

  /** Text copied from a web page or a word processor: reads up to the closing quote of its line. */
  #typographicQuote(open: string): boolean {
    const { text, start } = this;
    const single = open === '‘' || open === '’';
    const closing = single ? /[‘’'\r\n]/g : /[“”«»"\r\n]/g;
    closing.lastIndex = start + 1;
    const at = closing.exec(text)?.index ?? text.length;
    const end = at === text.length || /[\r\n]/.test(text[at]!) ? at : at + 1;
    const value = text.slice(start + 1, at);
    const quote = single ? "'" : '"';
    this.pos = end;
    this.value = value;
    this.kind = T.Str;
    this.report('bad-character', `strings go between '"' or "'", not typographic quotes`, start, end, {
      label: 'typographic quotes',
      hint: `write ${quote}${value.length > 40 ? '...' : value}${quote}`,
      ...(!/["'\\]/.test(value) && { fix: { span: { start, end }, text: quote + value + quote } }),
    });
    return true;
  }
}

/** Python's `@cached` and the function in the next line. */
const DECORATES =
  /^@[\w.]+(?:\([^\n]*\))?[ \t]*\r?\n\s*(?:(?:export|async|public|static)\s+)*(?:fn|def|func|function|class)\b/;
const LPAREN = 40;

const LOOKALIKES: Readonly<Record<string, string>> = {
  '–': '-', '—': '-', '−': '-', '×': '*', '÷': '/', '≠': '!=', '≤': '<=', '≥': '>=', '→': '=>', '←': '<-',
  '…': '...', '；': ';', '，': ',', '（': '(', '）': ')', '：': ':', '｛': '{', '｝': '}', '＝': '=',
}; // prettier-ignore
