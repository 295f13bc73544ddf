/**
 * Going on after an error: from where the text stopped making sense to where the next statement begins, so
 * that one mistake is one error and the rest of the file is still read.
 */
import { PANIC, ParserBase } from './parser-base';
import { T } from './tokens';

export abstract class ParserRecovery extends ParserBase {
  /**
   * Skips from where an error was met to where the next statement seems to begin: behind `;`, at a new line
   * outside of brackets, at a line that begins with a keyword of a statement or stands as far left as the
   * broken statement did, or before the `}` that closes the block.
   */
  protected synchronize(statementStart: number, openCount: number): void {
    const { lexer } = this;
    const column = this.indentation(statementStart);
    const open = new OpenBrackets(this.openKinds.splice(openCount));
    this.openStarts.length = openCount;
    if (lexer.start === statementStart && !lexer.newlineBefore) this.skipToken();
    for (let first = true; ; first = false) {
      switch (lexer.kind) {
        case T.Eof:
          return;
        case T.Semicolon:
          if (open.depth === 0) return;
          break;
        case T.LParen:
        case T.LBracket:
        case T.LBrace:
          open.push(lexer.kind);
          break;
        case T.RParen:
          open.close(T.LParen);
          break;
        case T.RBracket:
          open.close(T.LBracket);
          break;
        case T.RBrace:
          if (!open.close(T.LBrace)) return;
          lexer.next();
          // The broken statement may go on behind its `}`: `} = m`, `} else {`.
          if (open.depth === 0 && lexer.newlineBefore && !this.continuesBlock()) return;
          continue;
        default:
          if (
            lexer.newlineBefore &&
            lexer.start > statementStart &&
            !this.continuesBlock() &&
            !(first && open.depth > 0 && this.indentation(lexer.start) > column)
          ) {
            if (open.depth === 0) return;
            if (this.beginsStatement() || this.indentation(lexer.start) <= column) return;
          }
      }
      this.skipToken();
    }
  }

  /** Skips the current token; a template is one. */
  protected skipToken(): void {
    if (this.at(T.TemplateHead)) this.skipTemplate();
    else this.lexer.next();
  }

  /** After a panic: back to the list that held the broken statement. Everything but a panic is passed on. */
  protected recover(error: unknown, start: number, openCount: number, nesting: number, mode: number): void {
    if (error !== PANIC) throw error;
    this.nesting = nesting;
    this.mode = mode;
    this.synchronize(start, openCount);
  }

  /** As `recover`, for a place that knows itself where to go on. */
  protected restore(error: unknown, openCount: number, nesting: number, mode: number): void {
    if (error !== PANIC) throw error;
    this.nesting = nesting;
    this.mode = mode;
    this.openKinds.length = openCount;
    this.openStarts.length = openCount;
  }

  /** Whether the current token goes on with a statement behind the `}` of its block. */
  private continuesBlock(): boolean {
    return this.at(T.Else) || this.at(T.Catch) || this.at(T.Finally);
  }

  protected beginsStatement(): boolean {
    switch (this.lexer.kind) {
      case T.Let:
      case T.Const:
      case T.Var:
      case T.Return:
      case T.If:
      case T.While:
      case T.For:
      case T.Try:
      case T.Throw:
      case T.Break:
      case T.Continue:
      case T.Defer:
      case T.Select:
      case T.Import:
      case T.Export:
        return true;
      case T.Fn:
        return this.lexer.peekKind() === T.Ident;
      default:
        break;
    }
    return false;
  }

  /** Skips the expressions in a template, so that its text is not read as code. */
  protected skipTemplate(): void {
    const { lexer } = this;
    const starts = [lexer.start];
    const depths = [0];
    while (starts.length > 0 && !this.at(T.Eof)) {
      lexer.next();
      const last = depths.length - 1;
      if (this.at(T.TemplateHead)) {
        starts.push(lexer.start);
        depths.push(0);
      } else if (this.at(T.LBrace)) {
        depths[last]!++;
      } else if (this.at(T.RBrace) && depths[last]!-- === 0) {
        depths[last] = 0;
        lexer.nextTemplatePart(starts[last]!);
        if (this.at(T.Template)) {
          starts.pop();
          depths.pop();
        }
      }
    }
    lexer.next();
  }
}

/** Brackets open while skipping. Closing is quick however many are open and whatever is closed. */
class OpenBrackets {
  private readonly counts = new Map<T, number>();

  constructor(private readonly kinds: T[]) {
    for (const kind of kinds) this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  get depth(): number {
    return this.kinds.length;
  }

  push(kind: T): void {
    this.kinds.push(kind);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  /** Closes the innermost bracket of the kind and those open in it; false when there is none. */
  close(kind: T): boolean {
    if ((this.counts.get(kind) ?? 0) === 0) return false;
    for (;;) {
      const last = this.kinds.pop()!;
      this.counts.set(last, this.counts.get(last)! - 1);
      if (last === kind) return true;
    }
  }
}
