/**
 * `while` and the forms of `for`. Whether a header is one of `in` or of three parts shows after the names it
 * begins with, so nothing is read twice.
 */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserModules } from './parser-modules';
import { isWord, T } from './tokens';

export abstract class ParserLoops extends ParserModules {
  /** The body of `if` and of loops; without braces it is reported and read as one statement. */
  protected abstract parseBody(after: string): ast.Block;
  /** `= value`, `+= value`, `++`, `<- value` behind an expression; the expression alone otherwise. */
  protected abstract finishSimpleStatement(start: number, expr: ast.Expr): ast.Stmt;
  /** From behind the pattern of a `let` on. */
  protected abstract finishLet(
    start: number,
    keyword: ast.Let['keyword'],
    target: ast.Pattern,
    exported: boolean,
    doc: string | null,
  ): ast.Let;
  /** With the current token `:=` behind a name: reports it. */
  protected abstract foreignDeclaration(start: number, target: ast.Pattern): ast.Let;
  /** Behind the condition of `if` or `while`: reports `:=` and `~=`, and reads what follows. */
  protected abstract foreignConditionTail(word: string): void;
  /** With the current token behind the names of a loop: reports Go's `:= range`, and takes it. */
  protected abstract foreignRange(): boolean;
  /** A header of `for` that neither has `in` nor parts. */
  protected abstract foreignForHeader(first: ast.Stmt): void;

  protected parseWhile(start: number, label: string | null): ast.While {
    this.lexer.next();
    const test = this.parseCondition('while');
    const body = this.parseBody('the condition');
    return { kind: 'While', start, end: this.lexer.prevEnd, label, test, body };
  }

  /** The condition of `if` and `while`. */
  protected parseCondition(word: string): ast.Expr {
    const { mode } = this;
    this.mode = Mode.NewlineEnds | Mode.NoMap;
    if (this.at(T.LBrace))
      this.fail(
        `a condition after '${word}'`,
        word === 'while' ? { hint: 'a loop without an end is written while true { ... }' } : {},
      );
    let test = this.parseExpr();
    if (this.at(T.Assign) && !this.lexer.newlineBefore) test = this.foreignEquality(test);
    else this.foreignConditionTail(word);
    this.mode = mode;
    return test;
  }

  protected parseFor(start: number, label: string | null): ast.For | ast.ForIn {
    const { lexer, mode } = this;
    const { tallest } = this;
    this.tallest = 0;
    lexer.next();
    const parenthesised = this.at(T.LParen);
    if (parenthesised) this.open();
    const inner = parenthesised ? Mode.Plain : Mode.NewlineEnds | Mode.NoMap;
    this.mode = inner;
    const loop = this.parseForHeader(start, label, parenthesised, inner);
    this.mode = mode;
    this.growFrom(tallest);
    return loop;
  }

  private parseForHeader(
    start: number,
    label: string | null,
    parenthesised: boolean,
    inner: number,
  ): ast.For | ast.ForIn {
    const { lexer } = this;
    const first = lexer.start;
    switch (lexer.kind) {
      case T.Let:
      case T.Const:
      case T.Var: {
        const keyword = lexer.kind === T.Let ? 'let' : lexer.kind === T.Const ? 'const' : 'var';
        const doc = this.docHere();
        lexer.next();
        const target = this.parsePattern('a name for the loop');
        if (this.atForIn()) return this.finishForIn(start, label, parenthesised, [target]);
        return this.finishFor(start, label, parenthesised, inner, this.finishLet(first, keyword, target, false, doc));
      }
      case T.LBracket:
      case T.LBrace:
        if (lexer.kind === T.LBrace && !parenthesised && !this.looksLikePattern()) {
          this.fail("what to loop over after 'for'", { hint: 'a loop without an end is written while true { ... }' });
        }
        return this.finishForIn(start, label, parenthesised, [this.parsePattern('a name for the loop')]);
      case T.Semicolon:
        return this.finishFor(start, label, parenthesised, inner, null);
      case T.Ident:
        {
          const next = lexer.peekKind();
          if (next === T.In || next === T.Comma || ((next === T.Ident || next === T.ColonAssign) && this.peekIsOf())) {
            return this.finishForIn(start, label, parenthesised, [this.parsePattern('a name for the loop')]);
          }
        }
        break;
      default:
        break;
    }
    this.mode = inner | Mode.Statement;
    const statement = this.parseSimpleStatement();
    this.mode = inner;
    return this.finishFor(start, label, parenthesised, inner, statement);
  }

  /** With the current token `{` behind `for`: whether names follow, and not the body of a loop without a header. */
  private looksLikePattern(): boolean {
    const { lexer } = this;
    const mark = lexer.mark();
    lexer.next();
    let found = this.at(T.Ellipsis);
    if (isWord(lexer.kind) || this.at(T.Str)) {
      const jump = this.at(T.Break) || this.at(T.Continue) || this.at(T.Return);
      lexer.next();
      found = !jump && (this.at(T.Comma) || this.at(T.Colon) || this.at(T.Assign) || this.at(T.RBrace));
    }
    lexer.reset(mark);
    return found;
  }

  /** `of`, or Go's `:= range`. */
  private peekIsOf(): boolean {
    const { lexer } = this;
    const mark = lexer.mark();
    lexer.next();
    const found = this.atWord('of') || (this.take(T.ColonAssign) && this.atWord('range'));
    lexer.reset(mark);
    return found;
  }

  /** Behind the first name: whether the header is one of `in`. */
  private atForIn(): boolean {
    return this.at(T.In) || this.at(T.Comma) || this.atWord('of');
  }

  private finishForIn(start: number, label: string | null, parenthesised: boolean, names: ast.Pattern[]): ast.ForIn {
    const { lexer } = this;
    while (this.take(T.Comma)) names.push(this.parsePattern('a second name for the loop'));
    if (parenthesised && this.at(T.RParen) && names.length > 1) {
      const span = { start: this.openStarts.at(-1)!, end: lexer.end };
      this.foreign(span, 'the names of a loop stand without parentheses', 'leave the parentheses out');
      this.close(T.RParen, 'the names');
      parenthesised = false;
      this.mode = Mode.NewlineEnds | Mode.NoMap;
    }
    if (this.atWord('of')) {
      const span = this.here();
      this.report('foreign-syntax', "a loop over elements is written with 'in'", span, {
        label: "write 'in'",
        fix: { span, text: 'in' },
      });
      lexer.next();
    } else if (this.at(T.Assign) && names.length > 1) {
      this.failWith('unexpected-token', 'one variable is declared at a time', {
        hint: 'declare the others before the loop',
      });
    } else if (!this.foreignRange()) {
      this.expect(T.In, "'in' and what to loop over");
    }
    const { value, first } = this.loopNames(names);
    const iterable = this.parseExpr();
    if (parenthesised) this.close(T.RParen, 'what is looped over');
    const body = this.parseBody('the header of the loop');
    return { kind: 'ForIn', start, end: lexer.prevEnd, label, first, value, iterable, body };
  }

  private loopNames(names: ast.Pattern[]): { value: ast.Pattern; first: ast.NamePattern | null } {
    const value = names.length === 1 ? names[0]! : names[1]!;
    if (names.length > 2) {
      this.report(
        'too-many-names',
        'a loop has one or two names',
        { start: names[2]!.start, end: names.at(-1)!.end },
        {
          label: 'too many',
          hint: 'take the elements apart with a pattern: for i, [a, b] in list',
        },
      );
    }
    const first = names.length === 1 ? null : names[0]!;
    if (first === null || first.kind === 'NamePattern') return { value, first };
    this.report('unexpected-token', 'the index or key has a plain name', first, { label: 'expected a name' });
    return { value, first: null };
  }

  private finishFor(
    start: number,
    label: string | null,
    parenthesised: boolean,
    inner: number,
    init: ast.Stmt | null,
  ): ast.For {
    const { lexer } = this;
    if (init !== null && !this.at(T.Semicolon)) this.foreignForHeader(init);
    this.expect(T.Semicolon, "';' after the first part of the loop");
    const test = this.at(T.Semicolon) ? null : this.parseExpr();
    // `for (...; test)` and `for ...; test {` leave the last part and its `;` out.
    const last = parenthesised ? T.RParen : T.LBrace;
    if (!this.at(last)) this.expect(T.Semicolon, "';' after the condition of the loop");
    let update: ast.Stmt | null = null;
    if (!this.at(last)) {
      this.mode = inner | Mode.Statement;
      update = this.parseSimpleStatement();
      this.mode = inner;
      if (this.at(T.Comma))
        this.failWith('unexpected-token', 'one statement stands in each part of a loop', {
          hint: 'move the other into the body',
        });
    }
    if (parenthesised) this.close(T.RParen, 'the parts of the loop');
    const body = this.parseBody('the header of the loop');
    return {
      kind: 'For',
      start,
      end: lexer.prevEnd,
      label,
      init: this.asInit(init),
      test,
      update: this.asUpdate(update),
      body,
    };
  }

  private asInit(statement: ast.Stmt | null): ast.For['init'] {
    if (statement?.kind === 'Let') return statement;
    return this.asUpdate(statement);
  }

  private asUpdate(statement: ast.Stmt | null): ast.For['update'] {
    if (statement === null || statement.kind === 'Assign' || statement.kind === 'ExprStmt') return statement;
    this.report('unexpected-token', 'this cannot stand in the header of a loop', statement, {
      label: 'expected an assignment or a call',
    });
    return null;
  }
}
