/**
 * `match`: arms of patterns, guards and bodies. Arms end at a comma, a line break, or with the `}` of a
 * block. Patterns compare with literals and bind names; they hold no expressions, so `=>` behind one is
 * always the arm's.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserExpressions } from './parser-expressions';
import { T } from './tokens';

export abstract class ParserMatch extends ParserExpressions {
  /** `case 1:`, `else`, `default` at the start of an arm: reports and takes the word; true when it stands for `_`. */
  protected abstract foreignArm(): boolean;
  /** Instead of `=>`: reports and takes what other languages write there. */
  protected abstract foreignArmArrow(): void;
  /** With the current token one that goes on with a pattern as if it were an expression. */
  protected abstract foreignPatternTail(): void;

  protected parseMatch(): ast.Match {
    const { lexer, mode } = this;
    const { start } = lexer;
    const { tallest } = this;
    this.tallest = 0;
    this.enter();
    lexer.next();
    this.mode = (mode & Mode.NewlineEnds) | Mode.NoMap;
    const subject = this.parseExpr();
    this.mode = Mode.NewlineEnds;
    const arms: ast.MatchArm[] = [];
    if (!this.at(T.LBrace))
      this.fail("'{' and the arms of the match", { hint: 'match value { 1 => "one", 2, 3 => "few", _ => "many" }' });
    this.open();
    while (!this.at(T.RBrace) && !this.at(T.Eof)) this.parseArmInto(arms);
    this.close(T.RBrace, 'the arms of the match');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Match', start, end: lexer.prevEnd, subject, arms };
  }

  /** One arm; after an error reading goes on with the next one. */
  private parseArmInto(arms: ast.MatchArm[]): void {
    const { nesting, mode } = this;
    const { start } = this.lexer;
    const openCount = this.openKinds.length;
    try {
      const arm = this.parseArm();
      arms.push(arm);
      this.endArm(arm);
    } catch (error) {
      this.recover(error, start, openCount, nesting, mode);
      while (this.take(T.Semicolon));
    }
  }

  private endArm(arm: ast.MatchArm): void {
    if (this.take(T.Comma) || this.take(T.Semicolon) || this.lexer.newlineBefore || this.at(T.RBrace)) return;
    if (arm.body.kind === 'Block') return;
    this.fail("',' or a line break after the arm");
  }

  private parseArm(): ast.MatchArm {
    const { lexer } = this;
    const { start } = lexer;
    const { tallest } = this;
    this.tallest = 0;
    const patterns: ast.MatchPattern[] = [];
    if (this.foreignArm()) {
      patterns.push({ kind: 'Any', start, end: lexer.prevEnd });
    } else {
      do patterns.push(this.parseMatchPattern());
      while (this.take(T.Comma) || this.take(T.Pipe) || this.foreignAlternative());
    }
    let guard: ast.Expr | null = null;
    if (this.take(T.If)) {
      this.mode = Mode.NewlineEnds | Mode.Guard;
      guard = this.parseExpr();
      this.mode = Mode.NewlineEnds;
    }
    if (!this.take(T.FatArrow)) {
      this.foreignPatternTail();
      this.foreignArmArrow();
    }
    const body = this.parseArrowBody();
    this.growFrom(tallest);
    return { kind: 'Arm', start, end: lexer.prevEnd, patterns, guard, body };
  }

  /** `1 || 2`, `1 or 2` between patterns. */
  private foreignAlternative(): boolean {
    if (!this.at(T.OrOr) && !this.atWord('or')) return false;
    const span = this.here();
    this.report('foreign-syntax', `alternatives of a pattern are separated by '|' or ','`, span, {
      label: "write '|'",
      fix: { span, text: '|' },
    });
    this.lexer.next();
    return true;
  }

  // ------------------------------------------------------------------ patterns

  private parseMatchPattern(): ast.MatchPattern {
    const { lexer } = this;
    const { start, end } = lexer;
    switch (lexer.kind) {
      case T.Ident: {
        const name = lexer.value;
        lexer.next();
        return name === '_' ? { kind: 'Any', start, end } : { kind: 'NamePattern', start, end, name };
      }
      case T.Num:
      case T.Minus:
        return this.parseNumberPattern();
      case T.Str:
      case T.Template: {
        const { value } = lexer;
        lexer.next();
        if (this.at(T.DotDot))
          this.failWith('bad-range', 'a range in a pattern is one of numbers', { label: 'between strings here' });
        return { kind: 'Value', start, end, value: { kind: 'Str', start, end, value } };
      }
      case T.True:
      case T.False: {
        const value = lexer.kind === T.True;
        lexer.next();
        return { kind: 'Value', start, end, value: { kind: 'Bool', start, end, value } };
      }
      case T.Null:
        lexer.next();
        return { kind: 'Value', start, end, value: { kind: 'Null', start, end } };
      case T.LBracket:
        return this.parseArrayMatch();
      case T.LBrace:
        return this.parseMapMatch();
      default:
        break;
    }
    this.foreignPatternTail();
    return this.fail('a pattern: a literal, a name, _, [...] or {...}');
  }

  private parseNumberPattern(): ast.MatchPattern {
    const { lexer } = this;
    const { start } = lexer;
    const from = this.parseSignedNumber();
    if (!this.at(T.DotDot) && !this.at(T.Ellipsis)) {
      const end = lexer.prevEnd;
      return { kind: 'Value', start, end, value: { kind: 'Num', start, end, value: from } };
    }
    if (this.at(T.Ellipsis)) this.reportThreeDots(this.here());
    lexer.next();
    if (!this.at(T.Num) && !this.at(T.Minus))
      this.fail('the last number of the range', { hint: 'a range without an end is a guard: n if n >= 10 => ...' });
    const to = this.parseSignedNumber();
    return { kind: 'RangePattern', start, end: lexer.prevEnd, from, to };
  }

  protected reportThreeDots(span: Span): void {
    this.report('foreign-syntax', "a range is written with two points: '..'", span, {
      label: "write '..'",
      fix: { span, text: '..' },
    });
  }

  private parseSignedNumber(): number {
    const negative = this.take(T.Minus);
    const { number } = this.lexer;
    this.expect(T.Num, 'a number');
    return negative ? -number : number;
  }

  private parseArrayMatch(): ast.ArrayMatch {
    const { lexer } = this;
    const { start } = lexer;
    const { tallest } = this;
    const items: ast.MatchPattern[] = [];
    let open = false;
    let rest: ast.NamePattern | null = null;
    this.enter();
    this.open();
    while (!this.at(T.RBracket)) {
      if (this.at(T.Ellipsis)) {
        open = true;
        rest = this.parseRest(T.RBracket);
        break;
      }
      if (this.at(T.Comma)) this.fail('a pattern', { hint: "'_' stands for an element that may be anything" });
      items.push(this.parseInnerPattern());
      if (!this.moreItems(T.RBracket, 'the patterns')) break;
    }
    this.close(T.RBracket, 'the patterns');
    this.leave(tallest);
    return { kind: 'ArrayMatch', start, end: lexer.prevEnd, items, open, rest };
  }

  private parseMapMatch(): ast.MapMatch {
    const { lexer } = this;
    const { start } = lexer;
    const { tallest } = this;
    const entries: { key: string; pattern: ast.MatchPattern }[] = [];
    let rest: ast.NamePattern | null = null;
    this.enter();
    this.open();
    while (!this.at(T.RBrace)) {
      if (this.at(T.Ellipsis)) {
        rest = this.parseRest(T.RBrace);
        break;
      }
      entries.push(this.parseMatchEntry());
      if (!this.moreItems(T.RBrace, 'the patterns')) break;
    }
    this.close(T.RBrace, 'the patterns');
    this.leave(tallest);
    return { kind: 'MapMatch', start, end: lexer.prevEnd, entries, rest };
  }

  private parseMatchEntry(): { key: string; pattern: ast.MatchPattern } {
    const { start, end, kind } = this.lexer;
    const key = this.parseKey();
    if (this.take(T.Colon)) return { key, pattern: this.parseInnerPattern() };
    if (kind !== T.Ident) this.fail("':' and a pattern after the key");
    return { key, pattern: { kind: 'NamePattern', start, end, name: key } };
  }

  private parseInnerPattern(): ast.MatchPattern {
    const pattern = this.parseMatchPattern();
    if (this.at(T.Pipe) || this.at(T.OrOr)) {
      this.failWith('unexpected-token', 'alternatives stand only at the top of a pattern', {
        label: "no '|' inside of '[ ]' and '{ }'",
        hint: 'write the whole pattern once for each alternative: [1, x] | [2, x] => ...',
      });
    }
    if (this.at(T.DotDot) || this.at(T.Dot) || this.at(T.LParen)) this.foreignPatternTail();
    return pattern;
  }
}
