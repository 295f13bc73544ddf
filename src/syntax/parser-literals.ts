/**
 * What stands in brackets of its own: parentheses, arrays, maps, templates, and the items of lists.
 */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserFunctions } from './parser-functions';
import { isWord, T } from './tokens';

export abstract class ParserLiterals extends ParserFunctions {
  /** `x =>`, `(a, b) =>` without `fn`: the function that is meant. */
  protected abstract foreignArrow(start: number, params: readonly ast.Expr[]): ast.Fn;
  /** With the current token `=` behind what should be a condition or a value: reports and reads the comparison. */
  protected abstract foreignEquality(left: ast.Expr): ast.Expr;
  /** With a comma behind the first expression in parentheses. */
  protected abstract foreignTuple(start: number, first: ast.Expr): ast.Expr;
  /** Between two items of a list: named arguments, `for` and `if` behind a value, `=` for `:`. */
  protected abstract foreignInList(item: ast.Expr, close: T): ast.Expr;
  /** What somebody wrote in a map literal that is no entry of one. */
  protected abstract foreignEntry(key: ast.Expr): ast.MapEntry | null;

  /** An argument or an element of an array. */
  protected parseItem(close: T): ast.Expr | ast.Spread {
    if (this.at(T.Ellipsis)) return this.parseSpread();
    const item = this.parseExpr();
    return this.at(T.Comma) || this.at(close) ? item : this.foreignInList(item, close);
  }

  protected parseSpread(): ast.Spread {
    const { start } = this.lexer;
    const { tallest } = this;
    this.tallest = 0;
    this.lexer.next();
    const value = this.parseExpr();
    this.growFrom(tallest);
    return { kind: 'Spread', start, end: this.lexer.prevEnd, value };
  }

  protected parseParenthesised(): ast.Expr {
    const { start } = this.lexer;
    const { mode, tallest } = this;
    this.enter();
    this.open();
    if (this.at(T.RParen)) return this.foreignTuple(start, this.missing());
    this.mode = Mode.Plain;
    let expr = this.parseExpr();
    this.mode = mode;
    if (!this.at(T.RParen)) {
      if (this.at(T.Comma)) return this.foreignTuple(start, expr);
      expr = this.at(T.Assign) ? this.foreignEquality(expr) : expr;
      if (!this.at(T.RParen)) expr = this.foreignInList(expr, T.RParen);
    }
    this.close(T.RParen, 'the expression');
    this.leave(tallest);
    if (this.at(T.FatArrow) && !this.lineEnded() && (mode & Mode.Guard) === 0) return this.foreignArrow(start, [expr]);
    this.parenthesised = expr;
    return expr;
  }

  protected parseArray(): ast.ArrayLit {
    const { start } = this.lexer;
    const { mode, tallest } = this;
    const items: (ast.Expr | ast.Spread)[] = [];
    this.tallest = 0;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBracket)) {
      items.push(this.parseItem(T.RBracket));
      if (!this.moreItems(T.RBracket, 'the elements')) break;
    }
    this.close(T.RBracket, 'the elements');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Array', start, end: this.lexer.prevEnd, items };
  }

  protected parseMap(): ast.MapLit {
    const { start } = this.lexer;
    const { mode, tallest } = this;
    const entries: (ast.MapEntry | ast.Spread)[] = [];
    this.tallest = 0;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBrace)) {
      entries.push(this.at(T.Ellipsis) ? this.parseSpread() : this.parseEntry());
      if (!this.moreItems(T.RBrace, 'the entries')) break;
    }
    this.close(T.RBrace, 'the entries');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Map', start, end: this.lexer.prevEnd, entries };
  }

  private parseEntry(): ast.MapEntry {
    const { lexer } = this;
    const { start } = lexer;
    const { tallest } = this;
    this.tallest = 0;
    const plain = this.at(T.Ident);
    const key = this.parseEntryKey();
    if (!this.take(T.Colon)) {
      if (plain && (this.at(T.Comma) || this.at(T.RBrace))) {
        const { end } = key;
        const name = (key as ast.StrLit).value;
        return { kind: 'Entry', start, end, key, value: { kind: 'Ident', start, end, name } };
      }
      const foreign = this.foreignEntry(key);
      if (foreign !== null) return foreign;
      this.fail(`':' and a value after the key`);
    }
    const value = this.parseExpr();
    this.growFrom(tallest);
    if (!this.at(T.Comma) && !this.at(T.RBrace)) this.foreignInList(value, T.RBrace);
    return { kind: 'Entry', start, end: lexer.prevEnd, key, value };
  }

  private parseEntryKey(): ast.Expr {
    const { lexer } = this;
    const { start, end, kind } = lexer;
    if (isWord(kind)) {
      const { value } = lexer;
      lexer.next();
      return { kind: 'Str', start, end, value };
    }
    switch (kind) {
      case T.Str:
      case T.Template:
      case T.TemplateHead:
      case T.Num:
      case T.Minus:
        return this.parseOperand();
      case T.LBracket: {
        this.open();
        const key = this.parseExpr();
        this.close(T.RBracket, 'the key');
        return key;
      }
      default:
        break;
    }
    return this.fail("a key: a name, a string or an expression in '[ ]'");
  }

  protected parseTemplate(): ast.Template {
    const { lexer } = this;
    const { start } = lexer;
    const { mode, tallest } = this;
    const strings = [lexer.value];
    const exprs: ast.Expr[] = [];
    this.tallest = 0;
    this.enter();
    this.mode = Mode.Plain;
    for (;;) {
      lexer.next();
      exprs.push(this.parseTemplateExpr());
      lexer.nextTemplatePart(start);
      strings.push(lexer.value);
      if (this.at(T.Template)) break;
    }
    lexer.next();
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Template', start, end: lexer.prevEnd, strings, exprs };
  }

  /** The expression in `${ }`, up to the `}`. Reading goes on there after an error: the text that follows is no code. */
  private parseTemplateExpr(): ast.Expr {
    const { nesting, mode } = this;
    const openCount = this.openKinds.length;
    const missing = this.missing();
    try {
      if (this.at(T.RBrace))
        this.failWith('unexpected-token', "an expression must stand in '${ }'", { label: 'nothing stands here' });
      const expr = this.parseExpr();
      if (!this.at(T.RBrace)) this.fail("'}' after the expression in the template");
      return expr;
    } catch (error) {
      this.restore(error, openCount, nesting, mode);
      for (let depth = 0; !this.at(T.Eof) && !(depth === 0 && this.at(T.RBrace)); this.skipToken()) {
        if (this.at(T.LBrace)) depth++;
        else if (this.at(T.RBrace)) depth--;
      }
      if (this.at(T.Eof)) throw error;
      return missing;
    }
  }
}
