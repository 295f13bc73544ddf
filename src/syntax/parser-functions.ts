/**
 * Functions: parameters, bodies, and what may stand after `=>`.
 *
 * After `=>` a `{` opens a block, except where what follows can only be a map: `{"key":`, `{name:`, `{a, b`,
 * `{...more`. `{}` is an empty block. A `:` after a name makes a map unless a loop follows, which the name
 * then labels.
 */
import type * as ast from './ast';
import { documentation } from './documentation';
import { Mode } from './parser-base';
import { ParserPatterns } from './parser-patterns';
import { isWord, T } from './tokens';

export abstract class ParserFunctions extends ParserPatterns {
  /** Takes a type that somebody wrote after a name, having reported it. */
  protected abstract skipForeignType(owner: string): void;
  /** `fn first<T>(items)`: reports and skips what stands in angle brackets. */
  protected abstract skipTypeParameters(): void;
  /** Instead of `{`: reports; an empty block when reading can go on behind it (`:`), null otherwise. */
  protected abstract foreignBlock(): ast.Block | null;
  /** With the current token an operand that stands where a parameter should: `*args`, `int x`. */
  protected abstract foreignParam(): void;

  /** The documentation comment before the current token. */
  protected docHere(): string | null {
    const { docStart, docEnd } = this.lexer;
    return docStart < 0 ? null : documentation(this.source.text.slice(docStart, docEnd));
  }

  /** `fn`, a name perhaps, parameters and a body. */
  protected parseFn(doc: string | null): ast.Fn {
    const { start } = this.lexer;
    this.lexer.next();
    const name =
      isWord(this.lexer.kind) && this.lexer.kind !== T.Fn ? this.parseName('the name of the function') : null;
    if (name !== null && this.at(T.FatArrow)) return this.parseFnWithoutParentheses(start, name);
    return this.parseFnRest(start, name, doc);
  }

  /** `fn x => x * 2` */
  private parseFnWithoutParentheses(start: number, name: ast.Ident): ast.Fn {
    this.report('missing-parentheses', 'parameters stand in parentheses', name, {
      label: `write (${name.name})`,
      fix: { span: { start: name.start, end: name.end }, text: `(${name.name})` },
    });
    return this.finishFn(start, null, [this.paramOf(name)], null, null);
  }

  protected paramOf(name: ast.Ident): ast.Param {
    const { start, end } = name;
    return { kind: 'Param', start, end, target: { kind: 'NamePattern', start, end, name: name.name }, fallback: null };
  }

  /** From the parameters on. */
  protected parseFnRest(start: number, name: ast.Ident | null, doc: string | null): ast.Fn {
    if (this.at(T.Lt)) this.skipTypeParameters();
    if (!this.at(T.LParen)) {
      this.fail(name === null ? "'(' and the parameters after 'fn'" : `'(' after the function's name`, {
        hint: `a function without parameters is written fn ${name?.name ?? ''}() { ... }`,
      });
    }
    const { mode, tallest } = this;
    const params: ast.Param[] = [];
    let rest: ast.Ident | null = null;
    this.tallest = 0;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RParen)) {
      if (this.at(T.Ellipsis)) {
        rest = this.parseRestParam();
        break;
      }
      params.push(this.parseParam());
      if (this.at(T.LBrace)) {
        this.reportUnclosed(T.RParen, 'the parameters');
        this.mode = mode;
        this.nesting--;
        return this.finishFn(start, name, params, rest, doc);
      }
      if (!this.moreItems(T.RParen, 'the parameters')) break;
    }
    this.close(T.RParen, 'the parameters');
    this.mode = mode;
    this.nesting--;
    const fn = this.finishFn(start, name, params, rest, doc);
    if (this.tallest < tallest) this.tallest = tallest;
    return fn;
  }

  private parseParam(): ast.Param {
    const { start } = this.lexer;
    if (this.at(T.Star) || this.at(T.StarStar) || this.at(T.Amp)) this.foreignParam();
    const target = this.parsePattern('a parameter');
    if (this.at(T.Colon) || isWord(this.lexer.kind)) this.skipForeignType('a parameter');
    const fallback = this.parseFallback();
    return { kind: 'Param', start, end: this.lexer.prevEnd, target, fallback };
  }

  private parseRestParam(): ast.Ident | null {
    const rest = this.parseRest(T.RParen);
    if (rest === null) this.fail('a name for the rest of the arguments');
    if (this.at(T.Colon)) this.skipForeignType('a parameter');
    return { kind: 'Ident', start: rest.start, end: rest.end, name: rest.name };
  }

  /** The body, and the function. */
  protected finishFn(
    start: number,
    name: ast.Ident | null,
    params: ast.Param[],
    rest: ast.Ident | null,
    doc: string | null,
  ): ast.Fn {
    this.enter();
    if (this.at(T.Colon) || this.at(T.ThinArrow)) this.skipForeignType('a function');
    const body = this.parseFnBody(name);
    this.leave(0);
    return { kind: 'Fn', start, end: this.lexer.prevEnd, name, params, rest, body, doc };
  }

  private parseFnBody(name: ast.Ident | null): ast.Block | ast.Expr {
    if (this.at(T.LBrace)) return this.parseBlock('the parameters');
    if (this.take(T.FatArrow)) return this.parseArrowBody();
    return (
      this.foreignBlock() ??
      this.fail("'{' or '=>' after the parameters", {
        hint: `a function is written fn ${name?.name ?? ''}(...) { ... } or fn ${name?.name ?? ''}(...) => value`,
      })
    );
  }

  /** What stands after `=>`: a block, or an expression, or a statement without a block of its own. */
  protected parseArrowBody(): ast.Expr | ast.Block {
    if (this.at(T.LBrace) && !this.looksLikeMap()) return this.parseBlock("'=>'");
    const { mode } = this;
    const { start } = this.lexer;
    this.refuseBlockStatement();
    this.mode = (mode & ~Mode.Statement) | Mode.ArrowBody;
    const statement = this.parseSimpleStatement();
    this.mode = mode;
    if (statement.kind === 'ExprStmt') return statement.expr;
    return { kind: 'Block', start, end: statement.end, body: [statement] };
  }

  private refuseBlockStatement(): void {
    switch (this.lexer.kind) {
      case T.Let:
      case T.Const:
      case T.Var:
      case T.If:
      case T.While:
      case T.For:
      case T.Try:
      case T.Select:
        this.failWith('unexpected-token', `'${this.lexer.shown()}' cannot stand after '=>'`, {
          label: 'expected a value or a block',
          hint:
            this.lexer.kind === T.If
              ? `put it in braces: => { if ... }, or write a choice as condition ? a : b`
              : `put it in braces: => { ${this.lexer.shown()} ... }`,
        });
        break;
      default:
        break;
    }
  }

  /** With the current token `{`: whether what follows can only be a map. Looks at most three tokens ahead. */
  protected looksLikeMap(): boolean {
    const { lexer } = this;
    const mark = lexer.mark();
    lexer.next();
    const { kind } = lexer;
    let map = kind === T.Ellipsis;
    if (isWord(kind) || kind === T.Str || kind === T.Num) {
      lexer.next();
      if (this.at(T.Colon)) {
        lexer.next();
        map = kind !== T.Ident || !(this.at(T.For) || this.at(T.While));
      } else {
        map = this.at(T.Comma) && kind === T.Ident;
      }
    }
    lexer.reset(mark);
    return map;
  }
}
