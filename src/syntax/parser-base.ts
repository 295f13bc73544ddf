/**
 * What all parts of the parser stand on: looking at and taking tokens, reporting, brackets, and the limits
 * on the depth of the tree.
 *
 * The parser is one object built in layers, each a class in a file of its own that extends the one before:
 * base, recovery, patterns, functions, literals, expressions, match, tasks, modules, loops, branches,
 * statements, then what is said to people of other languages (the files parser-foreign-*), and parser on
 * top. What a lower layer needs of a higher one it declares abstract.
 *
 * What always holds: an error is reported where the text stops making sense, then `SyntaxPanic` is thrown
 * to the nearest list of statements, which skips to where the next statement begins. Nothing else is
 * thrown, and nothing leaves `parse`. A tree with errors may have `null` literals in the place of what
 * could not be read; it must not be run.
 */
import type { Related, Source, Span } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import { Lexer } from './lexer';
import type { Details } from './scanner';
import { startsOperand, T } from './tokens';

/**
 * How deep brackets, blocks, functions and operators that take an operand to their right may nest. Each
 * level costs the parser up to 1.5 KB of JavaScript stack, so this many use some 600 KB of Node's default of
 * 984 KB; programs written by people stay below 20.
 */
export const MAX_NESTING = 400;

/**
 * How tall the tree may get, counting also the chains that nest to the left without brackets
 * (`a + b + c`, `a.b().c()`, `else if`). The passes behind the parser walk the tree recursively and rely on
 * it; the longest such chains in real programs are texts of a few hundred lines joined with `+`.
 */
export const MAX_HEIGHT = 1000;

/** Bits of `mode`: how the surroundings change the reading of an expression. */
export const enum Mode {
  /** Inside brackets: line breaks mean nothing, `{` is a map. */
  Plain = 0,
  /** A line break may end the expression. */
  NewlineEnds = 1,
  /** In a header without parentheses: `{` opens the block. */
  NoMap = 2,
  /** At the start of a statement: `<-`, `++` and assignments end the expression. */
  Statement = 4,
  /** After `=>`: `channel <- value` is a send when it is spaced like one. */
  ArrowBody = 8,
  /** In the guard of a match arm: `=>` belongs to the arm. */
  Guard = 16,
}

/** Thrown after an error has been reported, to get to where reading can go on. */
export class SyntaxPanic extends Error {}
export const PANIC = new SyntaxPanic('syntax error');

export abstract class ParserBase {
  protected readonly lexer: Lexer;
  protected mode: number = Mode.NewlineEnds;
  /** The expression that was last read with parentheses around it. */
  protected parenthesised: ast.Expr | null = null;
  /** How often it was reported that the text ends where something had to follow: at most once. */
  protected endReports = 0;
  /** Open brackets, innermost last: their kinds and offsets. */
  protected readonly openKinds: T[] = [];
  protected readonly openStarts: number[] = [];
  /** Where the list began in which a missing comma was last reported. */
  private commaMissedIn = -1;
  private outdented: Related | null = null;
  /** How deep the parser is. */
  protected nesting = 0;
  /** The height of the tallest node finished within the construct being read. */
  protected tallest = 0;

  constructor(
    protected readonly source: Source,
    keepComments: boolean,
  ) {
    this.lexer = new Lexer(source, keepComments);
    this.lexer.next();
  }

  protected abstract parseExpr(): ast.Expr;
  /** An operand with its prefixes and all that follows it without a binary operator: `-a.b(c)`. */
  protected abstract parseOperand(): ast.Expr;
  /** `{ ... }` where nothing else may stand; `after` says behind what: "the condition". */
  protected abstract parseBlock(after: string): ast.Block;
  protected abstract parseStatement(): ast.Stmt;
  /** A statement without a block, as after `=>`; `mode` says where it stands. */
  protected abstract parseSimpleStatement(): ast.Stmt;

  // ------------------------------------------------------------------ tokens

  protected at(kind: T): boolean {
    return this.lexer.kind === kind;
  }

  /** Takes the token if it is of the kind. */
  protected take(kind: T): boolean {
    if (this.lexer.kind !== kind) return false;
    this.lexer.next();
    return true;
  }

  /** Takes a token of the kind or reports what was expected: `expect(T.Assign, "'=' after the name")`. */
  protected expect(kind: T, expected: string, details?: Details): void {
    if (!this.take(kind)) this.fail(expected, details);
  }

  /** Whether the current token is the word, which is a name elsewhere. */
  protected atWord(word: string): boolean {
    return this.lexer.kind === T.Ident && this.lexer.value === word;
  }

  protected takeWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.lexer.next();
    return true;
  }

  /** Whether a line break before the current token ends what is being read. */
  protected lineEnded(): boolean {
    return this.lexer.newlineBefore && (this.mode & Mode.NewlineEnds) !== 0;
  }

  /** The span of the current token. */
  protected here(): Span {
    return { start: this.lexer.start, end: Math.max(this.lexer.end, this.lexer.start) };
  }

  /** Reads a name; `what` says whose: "the function". */
  protected parseName(expected: string): ast.Ident {
    const { lexer } = this;
    if (lexer.kind !== T.Ident) {
      if (lexer.kind < T.Ident || lexer.kind > T.LastWord) this.fail(expected);
      this.report('reserved-word', `'${lexer.value}' is a word of the language and cannot be a name`, this.here(), {
        label: `expected ${expected}`,
        hint: `call it '${lexer.value}_' or otherwise`,
      });
    }
    const name: ast.Ident = { kind: 'Ident', start: lexer.start, end: lexer.end, name: lexer.value };
    lexer.next();
    return name;
  }

  // ------------------------------------------------------------------ reporting

  protected report(code: string, message: string, span: Span, details?: Details): void {
    this.lexer.report(code, message, span.start, span.end, details);
  }

  /** Reports that something else was expected here, and gives up on the statement. */
  protected fail(expected: string, details?: Details): never {
    this.failWith('unexpected-token', `expected ${expected}, found ${this.found()}`, details);
  }

  /** Reports at the current token and gives up on the statement. */
  protected failWith(code: string, message: string, details?: Details): never {
    const { lexer } = this;
    const atEnd = lexer.kind === T.Eof;
    // A template or comment without an end, and what is open around what is open: one mistake, not several.
    const reported = lexer.badBefore || (atEnd && (this.endReports > 0 || lexer.incomplete)) || this.isReported();
    if (!reported) {
      const span = atEnd ? this.endOfText() : this.here();
      lexer.report(code, message, span.start, span.end, details);
      if (atEnd) this.endReports++;
    }
    throw PANIC;
  }

  /** The lexer has said something about the current token. */
  private isReported(): boolean {
    const last = this.lexer.diagnostics.at(-1)?.span;
    return last !== undefined && last.start <= this.lexer.start && this.lexer.start < last.end;
  }

  /** Gives up on the statement after an error that has been reported. */
  protected giveUp(): never {
    throw PANIC;
  }

  /** Reports what another language writes; `instead` can stand in the place of the span as it is. */
  protected foreign(
    span: Span,
    message: string,
    label: string,
    details?: { readonly hint?: string; readonly instead?: string },
  ): void {
    const { start, end } = span;
    const instead = details?.instead;
    const { text } = this.source;
    // A word that is left out goes with one of the spaces around it.
    const fixEnd =
      instead === '' && text[end] === ' ' && (start === 0 || ' \t\n('.includes(text[start - 1]!)) ? end + 1 : end;
    this.report(
      'foreign-syntax',
      message,
      { start, end },
      {
        label,
        ...(details?.hint !== undefined && { hint: details.hint }),
        ...(instead !== undefined && { fix: { span: { start, end: fixEnd }, text: instead } }),
      },
    );
  }

  /** The current token in words. */
  protected found(): string {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.Eof:
        return 'the end of the text';
      case T.Ident:
        return `the name '${lexer.shown()}'`;
      case T.Num:
        return `the number ${lexer.shown()}`;
      case T.Str:
        return `the string ${lexer.shown().split(/[\r\n]/)[0]}`;
      case T.Template:
      case T.TemplateHead:
        return 'a template';
      default:
        break;
    }
    return `'${lexer.shown()}'`;
  }

  protected related(start: number, end: number, message: string): Related {
    return { source: this.source, span: { start, end }, message };
  }

  /** Right behind the last token, which is where something is missing. */
  protected endOfText(): Span {
    return { start: this.lexer.prevEnd, end: this.lexer.prevEnd };
  }

  /** In the place of an expression that could not be read. */
  protected missing(): ast.NullLit {
    return { kind: 'Null', start: this.lexer.prevEnd, end: this.lexer.prevEnd };
  }

  // ------------------------------------------------------------------ brackets

  /** Takes an opening bracket; `close` must follow. */
  protected open(): void {
    this.openKinds.push(this.lexer.kind);
    this.openStarts.push(this.lexer.start);
    this.lexer.next();
  }

  /** Takes the closing bracket of the innermost open one, or reports with a pointer to where it was opened. */
  protected close(kind: T.RParen | T.RBracket | T.RBrace, what: string): void {
    if (this.lexer.kind !== kind) this.failUnclosed(kind, what);
    this.openKinds.pop();
    this.openStarts.pop();
    this.lexer.next();
  }

  /**
   * Behind an item of a list in brackets: takes the comma and tells whether another item follows. A comma
   * that is missing before something that looks like an item is reported once for each list.
   */
  protected moreItems(kind: T.RParen | T.RBracket | T.RBrace, what: string): boolean {
    if (this.take(T.Comma)) return this.lexer.kind !== kind;
    if (this.lexer.kind === kind) return false;
    const start = this.openStarts.at(-1)!;
    const besides = this.lexer.newlineBefore && this.indentation(this.lexer.start) <= this.indentation(start);
    if (besides || !startsOperand(this.lexer.kind)) this.failUnclosed(kind, what);
    // The comma may stand in a string that has no end.
    const inString = this.lexer.newlineBefore && this.hasOpenString(start);
    if (this.commaMissedIn !== start && !this.lexer.badBefore && !inString) {
      const at = this.endOfText();
      this.report('missing-comma', `expected ',' before ${this.found()}`, this.here(), {
        label: 'a comma must stand before this',
        related: [this.related(start, start + 1, `in the list that begins here`)],
        fix: { span: at, text: ',' },
      });
    }
    this.commaMissedIn = start;
    return true;
  }

  /** Whether a string without an end has been reported since that place. */
  private hasOpenString(start: number): boolean {
    return this.lexer.diagnostics.some(({ code, span }) => code === 'unterminated-string' && span.start > start);
  }

  /** `++` or `--` as the current token, where a value is read. */
  protected abstract reportStep(span: Span): void;

  /** As `failUnclosed`, where reading goes on as if the bracket were closed here. */
  protected reportUnclosed(kind: T, what: string): void {
    try {
      this.failUnclosed(kind, what);
    } catch (error) {
      if (error !== PANIC) throw error;
      this.openKinds.pop();
      this.openStarts.pop();
    }
  }

  protected failUnclosed(kind: T, what: string): never {
    if (this.at(T.PlusPlus) || this.at(T.MinusMinus)) {
      this.reportStep(this.here());
      this.giveUp();
    }
    const start = this.openStarts.at(-1)!;
    // The closing bracket most likely stands in a string that has no end.
    if (this.hasOpenString(start)) this.giveUp();
    const bracket = kind === T.RParen ? ')' : kind === T.RBracket ? ']' : '}';
    const related = [this.related(start, start + 1, `this '${this.source.text[start]}' is still open`)];
    if (kind === T.RBrace && this.at(T.Eof) && this.outdented !== null) related.push(this.outdented);
    this.failWith('unclosed-bracket', `expected '${bracket}' after ${what}, found ${this.found()}`, { related });
  }

  /** With the current token the `}` of a block: notes the first that stands further left than what it closes. */
  protected noteOutdented(): void {
    if (this.outdented !== null || !this.lexer.newlineBefore) return;
    const start = this.openStarts.at(-1)!;
    if (this.indentation(this.lexer.start) >= this.indentation(start)) return;
    this.outdented = this.related(
      start,
      start + 1,
      "the '}' that closes this stands further left: perhaps one is missing before it",
    );
  }

  // ------------------------------------------------------------------ limits

  /** Goes one level down; every `enter` has its `leave` unless the statement is given up. */
  protected enter(): void {
    if (++this.nesting > MAX_NESTING)
      this.failTooDeep('the program is nested too deeply', `more than ${MAX_NESTING} levels`);
  }

  /** Comes up from a level with a node that was built there: it is taller than all in it. */
  protected leave(outerTallest: number): void {
    this.nesting--;
    this.growFrom(outerTallest);
  }

  /** As `leave`, for a node that is no level of its own. */
  protected growFrom(outerTallest: number): void {
    this.grow();
    if (this.tallest < outerTallest) this.tallest = outerTallest;
  }

  /** A node was put on top of the tallest one. */
  protected grow(): void {
    if (++this.tallest > MAX_HEIGHT) this.failTooDeep('the chain is too long', `more than ${MAX_HEIGHT} links`);
  }

  private failTooDeep(message: string, label: string): never {
    const span = this.here();
    this.report('too-deep', message, span, { label, hint: 'split it up: give parts of it names with let' });
    this.lexer.stop();
    throw PANIC;
  }

  /** How many characters stand before the first one of the line that holds the offset; 0 far into a long line. */
  protected indentation(offset: number): number {
    const { text } = this.source;
    const limit = Math.max(offset - 1000, 0);
    let lineStart = offset;
    while (lineStart > limit && text.charCodeAt(lineStart - 1) !== 10 && text.charCodeAt(lineStart - 1) !== 13)
      lineStart--;
    if (lineStart > 0 && lineStart === limit) return 0;
    let pos = lineStart;
    while (text.charCodeAt(pos) === 32 || text.charCodeAt(pos) === 9) pos++;
    return pos - lineStart;
  }
}
