/**
 * Expressions: precedence climbing over the table of tokens.ts.
 *
 * A prefix (`-`, `!`, `~`, `<-`) binds tighter than every binary operator, `**` included: `-2 ** 2` is
 * `(-2) ** 2`, and `2 ** -1` needs no parentheses. `**` groups to the right, all others to the left; `? :`
 * groups to the right and is the loosest.
 *
 * A line break ends an expression only outside of brackets, and only before a token that could begin
 * a statement of its own: `(`, `[`, `-`, `+`, `!`, `~`, `<-`, a name or a literal.
 *
 * The span of a node begins where its first operand does, parentheses included: `(a + b).c` is a field
 * whose object spans `a + b`.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserLiterals } from './parser-literals';
import { isWord, Level, PRECEDENCE, startsOperand, T } from './tokens';

const BINARY: Partial<Record<T, ast.BinaryOp>> = {
  [T.EqEq]: '==', [T.NotEq]: '!=', [T.EqEqEq]: '==', [T.NotEqEq]: '!=', [T.Lt]: '<', [T.LtEq]: '<=', [T.Gt]: '>',
  [T.GtEq]: '>=', [T.In]: 'in', [T.Pipe]: '|', [T.Caret]: '^', [T.Amp]: '&', [T.LtLt]: '<<', [T.GtGt]: '>>',
  [T.DotDot]: '..', [T.Plus]: '+', [T.Minus]: '-', [T.Star]: '*', [T.Slash]: '/', [T.Percent]: '%', [T.StarStar]: '**',
}; // prettier-ignore

const LOGICAL: Partial<Record<T, ast.Logical['op']>> = { [T.AndAnd]: '&&', [T.OrOr]: '||', [T.Coalesce]: '??' };

export abstract class ParserExpressions extends ParserLiterals {
  protected abstract parseMatch(): ast.Match;
  protected abstract parseSpawn(): ast.Spawn;
  /** With a word of another language as the current token: what it begins, or null if it is a plain name here. */
  protected abstract foreignOperand(): ast.Expr | null;
  /** With such a word behind an operand: makes it the operator it stands for, if it stands for one. */
  protected abstract foreignOperator(): boolean;
  /** With an operator of another language as the current token: reports it; the token is then the right one. */
  protected abstract foreignToken(left: ast.Expr): void;
  /** `?.`, `->`, `::` or `!` behind an operand: reports it and gives true when the operand goes on behind it. */
  protected abstract foreignMember(object: ast.Expr): boolean;
  /** `?:`, which is `??` here. */
  protected abstract foreignElvis(question: Span): never;
  /** `function(x) {` and the like, read as a call up to its `{`: the function that is meant, or null for a call. */
  protected abstract foreignFunction(start: number, call: ast.Call): ast.Fn | null;
  /** With the current token one that begins no operand: reports, and reads on if it can. */
  protected abstract foreignStart(): ast.Expr;

  protected parseExpr(): ast.Expr {
    const { tallest } = this;
    this.tallest = 0;
    const { start } = this.lexer;
    let expr = this.parseBinary(Level.Coalesce);
    if (this.lexer.kind === T.Question) expr = this.parseConditional(start, expr);
    if (this.tallest < tallest) this.tallest = tallest;
    return expr;
  }

  private parseConditional(start: number, test: ast.Expr): ast.Cond {
    const { mode } = this;
    this.enter();
    const question = this.here();
    this.lexer.next();
    if (this.at(T.Colon)) this.foreignElvis(question);
    this.mode &= ~(Mode.Statement | Mode.ArrowBody);
    const then = this.parseExpr();
    if (!this.take(T.Colon)) {
      this.fail("':' and the value for the other case", {
        related: [this.related(question.start, question.end, "this '?' has no ':'")],
      });
    }
    const otherwise = this.parseExpr();
    this.mode = mode;
    this.leave(0);
    return { kind: 'Cond', start, end: this.lexer.prevEnd, test, then, otherwise };
  }

  // ------------------------------------------------------------------ binary operators

  private parseBinary(least: number): ast.Expr {
    const { lexer } = this;
    const { start } = lexer;
    let left = this.parseOperand();
    for (;;) {
      let level = PRECEDENCE[lexer.kind]!;
      if (level === 0) {
        if (!lexer.foreign || !this.foreignOperator()) return left;
        level = PRECEDENCE[lexer.kind]!;
      }
      if (level < least || !this.goesOn()) return left;
      this.foreignToken(left);
      const { kind } = lexer;
      const opSpan: Span = { start: lexer.start, end: lexer.end };
      lexer.next();
      const { tallest } = this;
      this.tallest = 0;
      this.enter();
      const right = this.parseBinary(kind === T.StarStar ? level : level + 1);
      this.nesting--;
      if (this.tallest < tallest) this.tallest = tallest;
      this.grow();
      const logical = LOGICAL[kind];
      left =
        logical !== undefined
          ? { kind: 'Logical', start, end: lexer.prevEnd, op: logical, left, right }
          : { kind: 'Binary', start, end: lexer.prevEnd, op: BINARY[kind]!, opSpan, left, right };
    }
  }

  /** Whether the binary operator that is the current token goes on with the expression before it. */
  private goesOn(): boolean {
    const { lexer, mode } = this;
    switch (lexer.kind) {
      case T.Plus:
      case T.Minus:
        return !this.lineEnded();
      case T.MinusMinus:
        if (this.lineEnded() || (mode & Mode.Statement) !== 0) return false;
        if (!startsOperand(lexer.peekKind())) return false;
        lexer.splitTo(T.Minus);
        return true;
      case T.LeftArrow:
        if (this.lineEnded() || (mode & Mode.Statement) !== 0) return false;
        if ((mode & Mode.ArrowBody) !== 0 && this.spacedLikeSend()) return false;
        if (!this.spacedLikeSend()) lexer.splitTo(T.Lt);
        return true;
      default:
        break;
    }
    return true;
  }

  /** `a <- b` and not `a <-b` or `a<-b`, which compare with a negative number. */
  protected spacedLikeSend(): boolean {
    const { lexer } = this;
    const next = this.source.text.charCodeAt(lexer.end);
    return lexer.start > lexer.prevEnd && (next === 32 || next === 9 || next === 10 || next === 13);
  }

  // ------------------------------------------------------------------ operands

  protected parseOperand(): ast.Expr {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.Bang:
        return this.parseUnary('!');
      case T.Minus:
        return this.parseUnary('-');
      case T.Tilde:
        return this.parseUnary('~');
      case T.LeftArrow:
        return this.parseReceive();
      default:
        break;
    }
    return this.parsePostfix();
  }

  private parseUnary(op: ast.Unary['op']): ast.Unary {
    const { start } = this.lexer;
    const { tallest } = this;
    this.tallest = 0;
    this.enter();
    this.lexer.next();
    const operand = this.parseOperand();
    this.leave(tallest);
    return { kind: 'Unary', start, end: this.lexer.prevEnd, op, operand };
  }

  private parseReceive(): ast.Receive {
    const { start } = this.lexer;
    const { tallest } = this;
    this.tallest = 0;
    this.enter();
    this.lexer.next();
    const channel = this.parseOperand();
    this.leave(tallest);
    return { kind: 'Receive', start, end: this.lexer.prevEnd, channel };
  }

  /** An operand and the calls, indexes and fields that follow it. */
  protected parsePostfix(): ast.Expr {
    const { lexer } = this;
    const { start } = lexer;
    let expr = this.parsePrimary();
    for (;;) {
      switch (lexer.kind) {
        case T.LParen: {
          if (this.lineEnded()) return expr;
          const args = this.parseArgs();
          expr = { kind: 'Call', start, end: lexer.prevEnd, callee: expr, args };
          this.grow();
          continue;
        }
        case T.LBracket:
          if (this.lineEnded()) return expr;
          expr = this.parseIndex(start, expr);
          this.grow();
          continue;
        case T.Dot:
          expr = this.parseMember(start, expr);
          this.grow();
          continue;
        case T.Bang:
          if (this.lineEnded() || !this.foreignMember(expr)) return expr;
          continue;
        case T.QuestionDot:
        case T.ThinArrow:
        case T.ColonColon:
          if (this.foreignMember(expr)) continue;
          if (lexer.kind === T.ThinArrow || !this.at(T.FatArrow)) return expr;
          expr = this.foreignArrow(start, [expr]);
          continue;
        case T.LBrace: {
          if (expr.kind !== 'Call' || (this.mode & Mode.NoMap) !== 0 || this.lineEnded()) return expr;
          const fn = this.foreignFunction(start, expr);
          if (fn === null) return expr;
          expr = fn;
          continue;
        }
        case T.FatArrow:
          if (expr.kind === 'Call' && !this.lineEnded() && (this.mode & Mode.Guard) === 0) {
            expr = this.foreignArrow(start, [expr]);
            continue;
          }
          break;
        default:
          break;
      }
      return expr;
    }
  }

  protected parseArgs(): (ast.Expr | ast.Spread)[] {
    const args: (ast.Expr | ast.Spread)[] = [];
    const { mode } = this;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RParen)) {
      args.push(this.parseItem(T.RParen));
      if (!this.moreItems(T.RParen, 'the arguments')) break;
    }
    this.close(T.RParen, 'the arguments');
    this.mode = mode;
    this.nesting--;
    return args;
  }

  private parseIndex(start: number, object: ast.Expr): ast.Index | ast.Slice {
    const { mode, lexer } = this;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    if (this.at(T.RBracket))
      this.failWith('unexpected-token', 'an index must stand in the brackets', {
        label: 'nothing stands here',
        hint: 'push(array, value) appends to an array',
      });
    const from = this.at(T.Colon) || this.at(T.ColonColon) ? null : this.parseExpr();
    if (this.at(T.ColonColon))
      this.failWith('foreign-syntax', 'a slice has no step', { label: 'expected one colon', hint: 'a[from:to]' });
    const slice = this.take(T.Colon);
    const to = !slice || this.at(T.RBracket) ? null : this.parseExpr();
    if (slice && this.at(T.Colon))
      this.failWith('foreign-syntax', 'a slice has no step', { label: 'expected one colon', hint: 'a[from:to]' });
    if (this.at(T.Comma))
      this.failWith('unexpected-token', 'an index is one value', {
        label: 'a second one',
        hint: 'an array in an array is read with a[i][j]',
      });
    this.close(T.RBracket, slice ? 'the end of the slice' : 'the index');
    this.mode = mode;
    this.nesting--;
    if (slice) return { kind: 'Slice', start, end: lexer.prevEnd, object, from, to };
    return { kind: 'Index', start, end: lexer.prevEnd, object, index: from! };
  }

  private parseMember(start: number, object: ast.Expr): ast.Field | ast.MethodCall {
    const { lexer } = this;
    lexer.next();
    if (this.at(T.Str) || this.at(T.Template))
      this.failWith('foreign-syntax', "texts are joined with '+'", { label: "write '+' before it, not '.'" });
    if (!isWord(lexer.kind)) this.fail("a name after '.'");
    const name = lexer.value;
    const nameSpan = this.here();
    lexer.next();
    if (!this.at(T.LParen) || this.lineEnded())
      return { kind: 'Field', start, end: lexer.prevEnd, object, name, nameSpan };
    const args = this.parseArgs();
    return { kind: 'MethodCall', start, end: lexer.prevEnd, object, name, nameSpan, args };
  }

  // ------------------------------------------------------------------ what operands begin with

  private parsePrimary(): ast.Expr {
    const { lexer } = this;
    const { start } = lexer;
    switch (lexer.kind) {
      case T.Ident: {
        if (lexer.foreign) {
          const foreign = this.foreignOperand();
          if (foreign !== null) return foreign;
        }
        const name: ast.Ident = { kind: 'Ident', start, end: lexer.end, name: lexer.value };
        lexer.next();
        if (this.at(T.FatArrow) && !this.lineEnded() && (this.mode & Mode.Guard) === 0)
          return this.foreignArrow(start, [name]);
        return name;
      }
      case T.Num: {
        const { number: value, end } = lexer;
        lexer.next();
        return { kind: 'Num', start, end, value };
      }
      case T.Str:
      case T.Template: {
        const { value, end } = lexer;
        lexer.next();
        return { kind: 'Str', start, end, value };
      }
      case T.TemplateHead:
        return this.parseTemplate();
      case T.True:
      case T.False: {
        const value = lexer.kind === T.True;
        lexer.next();
        return { kind: 'Bool', start, end: lexer.prevEnd, value };
      }
      case T.Null:
        lexer.next();
        return { kind: 'Null', start, end: lexer.prevEnd };
      case T.LParen:
        return this.parseParenthesised();
      case T.LBracket:
        return this.parseArray();
      case T.LBrace:
        if ((this.mode & Mode.NoMap) !== 0) break;
        return this.parseMap();
      case T.Fn:
        return this.parseFn(this.docHere());
      case T.Match:
        return this.parseMatch();
      case T.Spawn:
        return this.parseSpawn();
      default:
        break;
    }
    return this.foreignStart();
  }
}
