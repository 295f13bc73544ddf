/** `if` with its `else if`s, and `try`. */
import type * as ast from './ast';
import { ParserLoops } from './parser-loops';
import { isWord, T } from './tokens';

export abstract class ParserBranches extends ParserLoops {
  /** Whether the block is one that `foreignBlock` made: its statements come behind it. */
  protected abstract isForeign(block: ast.Block): boolean;
  /** `elif` and the like behind the block of an `if`: reports and takes it. */
  protected abstract foreignElseIf(): boolean;
  /** `except X as e`, `rescue` behind the block of a `try`: reports and reads the name of the error. */
  protected abstract foreignCatch(): { readonly param: ast.NamePattern | null } | null;

  // ------------------------------------------------------------------ if, try

  /** A chain of `else if` is read in a loop, so that its length costs no stack. */
  protected parseIf(): ast.If {
    const { lexer } = this;
    const starts: number[] = [];
    const tests: ast.Expr[] = [];
    const blocks: ast.Block[] = [];
    let otherwise: ast.Block | ast.If | null = null;
    for (;;) {
      starts.push(lexer.start);
      lexer.next();
      tests.push(this.parseCondition('if'));
      blocks.push(this.parseBody('the condition'));
      if (this.foreignElseIf()) continue;
      if (!this.take(T.Else)) break;
      if (this.at(T.If)) continue;
      otherwise = this.parseBody("'else'");
      break;
    }
    const { prevEnd: end } = lexer;
    for (let i = tests.length - 1; i >= 0; i--) {
      otherwise = { kind: 'If', start: starts[i]!, end, test: tests[i]!, then: blocks[i]!, otherwise };
      this.grow();
    }
    return otherwise as ast.If;
  }

  protected parseTry(): ast.Try {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    const block = this.parseBlock("'try'");
    let param: ast.NamePattern | null = null;
    let handler: ast.Block | null = null;
    for (;;) {
      const foreign = this.foreignCatch();
      if (foreign === null && !this.at(T.Catch)) break;
      if (handler !== null && foreign === null) {
        this.failWith('unexpected-token', "a 'try' has one 'catch'", {
          label: 'a second one',
          hint: 'tell errors apart in it: if e.code == "ETIMEDOUT" { ... }',
        });
      }
      if (foreign === null) lexer.next();
      param = foreign === null ? this.parseCatchParam() : foreign.param;
      handler = this.parseBlock(param === null ? "'catch'" : 'the name of the error');
    }
    const finalizer = this.take(T.Finally) ? this.parseBlock("'finally'") : null;
    if (handler === null && finalizer === null && !this.isForeign(block))
      this.fail("'catch' or 'finally' after the block of a 'try'");
    return { kind: 'Try', start, end: lexer.prevEnd, block, param, handler, finalizer };
  }

  private parseCatchParam(): ast.NamePattern | null {
    if (this.at(T.LBrace)) return null;
    if (!this.at(T.LParen)) return this.at(T.Colon) ? null : this.parseNamePattern("the name of the error or '{'");
    this.open();
    if (this.at(T.RParen)) {
      this.close(T.RParen, 'the name');
      return null;
    }
    const param = this.parseNamePattern('the name of the error');
    if (this.at(T.Colon) || isWord(this.lexer.kind)) this.skipForeignType('an error');
    this.close(T.RParen, 'the name of the error');
    return param;
  }
}
