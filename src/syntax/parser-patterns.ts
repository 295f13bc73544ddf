/**
 * Patterns that bind names: what `let`, parameters, `for` and `select` take values apart with. The patterns
 * of `match`, which also compare, are in parser-match.
 */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserRecovery } from './parser-recovery';
import { isWord, T } from './tokens';

export abstract class ParserPatterns extends ParserRecovery {
  /** A pattern; `expected` says what a plain name would be: "the name of the variable". */
  protected parsePattern(expected: string): ast.Pattern {
    switch (this.lexer.kind) {
      case T.LBracket:
        return this.parseArrayPattern();
      case T.LBrace:
        return this.parseMapPattern();
      case T.LParen:
        return this.fail(expected, { hint: 'values are taken apart with [a, b] or {a, b}' });
      default:
        return this.parseNamePattern(expected);
    }
  }

  protected parseNamePattern(expected: string): ast.NamePattern {
    const { start, end, name } = this.parseName(expected);
    return { kind: 'NamePattern', start, end, name };
  }

  private parseArrayPattern(): ast.ArrayPattern {
    const { start } = this.lexer;
    const { tallest, mode } = this;
    const items: (ast.PatternItem | null)[] = [];
    let rest: ast.NamePattern | null = null;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBracket)) {
      if (this.take(T.Comma)) {
        items.push(null);
        continue;
      }
      if (this.at(T.Ellipsis)) {
        rest = this.parseRest(T.RBracket);
        break;
      }
      items.push(this.parsePatternItem());
      if (!this.moreItems(T.RBracket, 'the names')) break;
    }
    this.close(T.RBracket, 'the names');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'ArrayPattern', start, end: this.lexer.prevEnd, items, rest };
  }

  private parsePatternItem(): ast.PatternItem {
    const { start } = this.lexer;
    const target = this.parsePattern('a name');
    const fallback = this.parseFallback();
    return { kind: 'PatternItem', start, end: this.lexer.prevEnd, target, fallback };
  }

  protected parseFallback(): ast.Expr | null {
    return this.take(T.Assign) ? this.parseExpr() : null;
  }

  private parseMapPattern(): ast.MapPattern {
    const { start } = this.lexer;
    const { tallest, mode } = this;
    const entries: ast.MapPatternEntry[] = [];
    let rest: ast.NamePattern | null = null;
    this.enter();
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBrace)) {
      if (this.at(T.Ellipsis)) {
        rest = this.parseRest(T.RBrace);
        break;
      }
      entries.push(this.parsePatternEntry());
      if (!this.moreItems(T.RBrace, 'the names')) break;
    }
    this.close(T.RBrace, 'the names');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'MapPattern', start, end: this.lexer.prevEnd, entries, rest };
  }

  private parsePatternEntry(): ast.MapPatternEntry {
    const { lexer } = this;
    const { start, end, kind } = lexer;
    const key = this.parseKey();
    let target: ast.Pattern;
    if (this.take(T.Colon)) {
      target = this.parsePattern(`a name for the value of '${key}'`);
    } else {
      if (isWord(kind) && kind !== T.Ident) {
        this.report(
          'reserved-word',
          `'${key}' is a word of the language and cannot be a name`,
          { start, end },
          {
            label: 'expected a name',
            hint: `to take the value of this key: {${key}: name}`,
          },
        );
        this.giveUp();
      }
      if (kind !== T.Ident) {
        this.fail(`':' and a name after the key`, {
          hint: `a key that is no plain name needs a name for its value: {"${key}": value}`,
        });
      }
      target = { kind: 'NamePattern', start, end, name: key };
    }
    const fallback = this.parseFallback();
    return { kind: 'PatternEntry', start, end: lexer.prevEnd, key, target, fallback };
  }

  /** A key of a map in a pattern: any word, a string or a number. */
  protected parseKey(): string {
    const { lexer } = this;
    const { kind, value } = lexer;
    if (isWord(kind) || kind === T.Str || kind === T.Template) {
      lexer.next();
      return value;
    }
    if (kind === T.Num) {
      lexer.next();
      return String(lexer.number);
    }
    return this.fail('a key: a name or a string');
  }

  /** `...rest`, which stands last; a comma may follow. */
  protected parseRest(close: T): ast.NamePattern | null {
    this.lexer.next();
    const rest = isWord(this.lexer.kind) ? this.parseNamePattern('a name for the rest') : null;
    const { start, end } = this.lexer;
    if (this.take(T.Comma) && !this.at(close)) {
      this.report(
        'rest-last',
        `what follows '...' is the rest: nothing can come after it`,
        { start, end },
        { label: 'move the rest to the end' },
      );
      while (!this.at(close) && !this.at(T.Eof) && !this.at(T.Semicolon)) this.skipToken();
    }
    return rest;
  }
}
