/** Tasks and channels: `spawn`, `defer`, `select`. */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserMatch } from './parser-match';
import { T } from './tokens';

export abstract class ParserTasks extends ParserMatch {
  /** Statements up to the `}`, and in a `select` up to the next case. */
  protected abstract parseStatements(inSelect: boolean): ast.Stmt[];

  protected parseSpawn(): ast.Spawn {
    const { lexer } = this;
    const { start } = lexer;
    const word = lexer.value;
    const { tallest } = this;
    this.tallest = 0;
    this.enter();
    lexer.next();
    let body: ast.Spawn['body'];
    if (this.at(T.LBrace)) {
      body = this.parseBlock(`'${word}'`);
    } else {
      body = this.parseCall(word);
    }
    this.leave(tallest);
    return { kind: 'Spawn', start, end: lexer.prevEnd, body };
  }

  protected parseDefer(): ast.Defer {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    if (this.at(T.LBrace)) {
      this.report('foreign-syntax', "'defer' takes a call, not a block", this.here(), {
        label: 'expected a call',
        hint: 'write defer fn() { ... }()',
      });
      const block = this.parseBlock("'defer'");
      const callee: ast.Fn = {
        kind: 'Fn',
        start: block.start,
        end: block.end,
        name: null,
        params: [],
        rest: null,
        body: block,
        doc: null,
      };
      return {
        kind: 'Defer',
        start,
        end: block.end,
        call: { kind: 'Call', start: block.start, end: block.end, callee, args: [] },
      };
    }
    const call = this.parseCall('defer');
    return { kind: 'Defer', start, end: lexer.prevEnd, call };
  }

  /** The call behind `spawn` or `defer`. */
  private parseCall(word: string): ast.Call | ast.MethodCall {
    const { lexer } = this;
    const { start } = lexer;
    if (lexer.newlineBefore && (this.mode & Mode.NewlineEnds) !== 0) this.fail(`a call after '${word}'`);
    const expr = this.parsePostfix();
    const end = lexer.prevEnd;
    if (expr.kind === 'Call' || expr.kind === 'MethodCall') return expr;
    const text = expr.kind === 'Ident' ? expr.name : null;
    const at = { start: end, end };
    this.report(
      'not-a-call',
      `'${word}' takes a call`,
      { start, end },
      {
        label: expr.kind === 'Fn' ? 'this function is not called' : 'this is no call',
        ...(expr.kind === 'Fn' && { hint: `write () after the function's '}'`, fix: { span: at, text: '()' } }),
        ...(text !== null && { hint: `write ${word} ${text}()`, fix: { span: at, text: '()' } }),
      },
    );
    return { kind: 'Call', start, end, callee: expr, args: [] };
  }

  // ------------------------------------------------------------------ select

  protected parseSelect(): ast.Select {
    const { lexer, mode } = this;
    const { start } = lexer;
    lexer.next();
    if (!this.at(T.LBrace)) this.fail("'{' and the cases of the select");
    const { tallest } = this;
    this.tallest = 0;
    this.enter();
    const cases: ast.SelectCase[] = [];
    this.open();
    this.mode = Mode.NewlineEnds;
    while (this.take(T.Semicolon));
    while (!this.at(T.RBrace) && !this.at(T.Eof)) this.parseCaseInto(cases);
    this.close(T.RBrace, 'the cases of the select');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Select', start, end: lexer.prevEnd, cases };
  }

  /** One case; after an error reading goes on with the next one. */
  private parseCaseInto(cases: ast.SelectCase[]): void {
    const { nesting, mode } = this;
    const { start } = this.lexer;
    const openCount = this.openKinds.length;
    try {
      cases.push(this.parseCase());
    } catch (error) {
      this.recover(error, start, openCount, nesting, mode);
      while (!this.at(T.Eof) && !this.at(T.RBrace) && !this.atCase()) this.skipBalanced();
    }
  }

  /** Skips a token, or brackets with all that is in them. */
  protected skipBalanced(): void {
    let depth = 0;
    do {
      if (this.at(T.LParen) || this.at(T.LBracket) || this.at(T.LBrace)) depth++;
      else if (this.at(T.RParen) || this.at(T.RBracket) || this.at(T.RBrace)) depth--;
      this.skipToken();
    } while (depth > 0 && !this.at(T.Eof));
  }

  /** Whether a case of a `select` begins here; `case` and `default` may be names of variables as well. */
  protected atCase(): boolean {
    const { lexer } = this;
    if (lexer.kind !== T.Ident || !lexer.foreign) return false;
    if (lexer.value === 'default') {
      const next = lexer.peekKind();
      return next === T.Colon || next === T.FatArrow || next === T.LBrace;
    }
    if (lexer.value !== 'case') return false;
    const next = lexer.peekKind();
    return !(next >= T.FirstAssign && next <= T.MinusMinus) && next !== T.Dot;
  }

  private parseCase(): ast.SelectCase {
    const { lexer } = this;
    const { start } = lexer;
    if (this.atWord('default')) {
      lexer.next();
      const { body, end } = this.parseCaseBody();
      return { kind: 'DefaultCase', start, end, body };
    }
    if (!this.atWord('case')) {
      this.fail("'case' or 'default'", {
        hint: 'case value = <-channel: ..., case channel <- value: ..., case timeout(ms): ..., default: ...',
      });
    }
    lexer.next();
    if (this.at(T.LeftArrow)) {
      const channel = this.parseReceived();
      const { body, end } = this.parseCaseBody();
      return { kind: 'ReceiveCase', start, end, target: null, channel, body };
    }
    if (this.take(T.Let) || this.take(T.Const) || this.take(T.Var) || this.at(T.LBrace) || this.at(T.LBracket)) {
      return this.parseReceiveCase(start, this.parsePattern('a name for what is received'));
    }
    return this.parseCaseOfExpr(start);
  }

  private parseCaseOfExpr(start: number): ast.SelectCase {
    const { lexer } = this;
    this.mode = Mode.NewlineEnds | Mode.Statement | Mode.Guard;
    const first = this.parseExpr();
    this.mode = Mode.NewlineEnds;
    if (this.at(T.LeftArrow)) {
      lexer.next();
      const value = this.parseGuarded();
      const { body, end } = this.parseCaseBody();
      return { kind: 'SendCase', start, end, channel: first, value, body };
    }
    if (first.kind === 'Ident' && (this.at(T.Assign) || this.at(T.ColonAssign) || this.at(T.Comma))) {
      return this.parseReceiveCase(start, {
        kind: 'NamePattern',
        start: first.start,
        end: first.end,
        name: first.name,
      });
    }
    if (first.kind === 'Call' && first.callee.kind === 'Ident' && first.callee.name === 'timeout')
      return this.parseTimeoutCase(start, first);
    return this.fail("'= <-channel', '<- value' or ':' of a timeout", {
      hint: 'case value = <-channel: ..., case channel <- value: ..., case timeout(ms): ...',
    });
  }

  private parseTimeoutCase(start: number, call: ast.Call): ast.SelectCase {
    const ms = call.args[0];
    if (call.args.length !== 1 || ms === undefined || ms.kind === 'Spread') {
      this.report('bad-timeout', "'timeout' of a select takes the milliseconds", call, {
        label: 'one number is needed',
      });
    }
    const { body, end } = this.parseCaseBody();
    const value = ms === undefined || ms.kind === 'Spread' ? this.missing() : ms;
    return { kind: 'TimeoutCase', start, end, ms: value, body };
  }

  private parseReceiveCase(start: number, target: ast.Pattern): ast.SelectCase {
    if (this.at(T.Comma)) {
      this.failWith('foreign-syntax', 'a receive gives one value', {
        label: "expected '= <-channel'",
        hint: 'a closed and empty channel gives null',
      });
    }
    if (this.at(T.ColonAssign)) {
      const span = this.here();
      this.report('foreign-syntax', "a case declares its name with '='", span, {
        label: "write '='",
        fix: { span, text: '=' },
      });
      this.lexer.next();
    } else {
      this.expect(T.Assign, "'= <-channel'");
    }
    if (!this.at(T.LeftArrow)) this.fail("'<-' and the channel", { hint: 'case value = <-channel: ...' });
    const channel = this.parseReceived();
    const { body, end } = this.parseCaseBody();
    return { kind: 'ReceiveCase', start, end, target, channel, body };
  }

  /** `<-` and the channel in the head of a case. */
  private parseReceived(): ast.Expr {
    this.lexer.next();
    this.mode = Mode.NewlineEnds | Mode.Guard;
    const channel = this.parseOperand();
    this.mode = Mode.NewlineEnds;
    return channel;
  }

  private parseGuarded(): ast.Expr {
    this.mode = Mode.NewlineEnds | Mode.Guard;
    const expr = this.parseExpr();
    this.mode = Mode.NewlineEnds;
    return expr;
  }

  /** `end` is that of the last statement, or of the `:`. */
  private parseCaseBody(): { readonly body: ast.Stmt[]; readonly end: number } {
    if (this.at(T.FatArrow) || this.at(T.ThinArrow)) {
      const span = this.here();
      this.report('unexpected-token', "a case of a select ends with ':'", span, {
        label: "write ':'",
        fix: { span, text: ':' },
      });
      this.lexer.next();
    } else {
      this.expect(T.Colon, "':' after the case");
    }
    const { prevEnd } = this.lexer;
    const body = this.parseStatements(true);
    return { body, end: body.at(-1)?.end ?? prevEnd };
  }
}
