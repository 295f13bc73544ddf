/**
 * Statements. A statement ends at a line break, at `;`, before `}`, and behind the `}` of its own block. An
 * error in one is reported, what is left of it is skipped, and the list goes on with the next.
 *
 * At the start of a statement `{` opens a block, except where only a map can follow (see parser-functions).
 */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserBranches } from './parser-branches';
import { isWord, T } from './tokens';

const ASSIGN_OPS: Partial<Record<T, ast.AssignOp>> = {
  [T.Assign]: '=', [T.PlusAssign]: '+=', [T.MinusAssign]: '-=', [T.StarAssign]: '*=', [T.SlashAssign]: '/=',
  [T.PercentAssign]: '%=', [T.CoalesceAssign]: '??=',
}; // prettier-ignore

export abstract class ParserStatements extends ParserBranches {
  /** With a word of another language at the start of a statement: what it begins, or null for a plain name. */
  protected abstract foreignStatement(): ast.Stmt | null;
  /** The statement has ended and something else stands on its line: reports, and skips it if nothing can be made of it. */
  protected abstract foreignTail(statement: ast.Stmt): void;
  /** `else`, `catch`, `finally` on their own. */
  protected abstract strayClause(): ast.Stmt;
  /** In a `let` where the pattern or `=` is not what it should be: reports, and reads on if it can. */
  protected abstract foreignLetTarget(): ast.Pattern | null;
  protected abstract foreignLetTail(target: ast.Pattern): void;

  // ------------------------------------------------------------------ lists of statements

  protected parseStatements(inSelect: boolean): ast.Stmt[] {
    const { lexer } = this;
    const body: ast.Stmt[] = [];
    for (;;) {
      while (lexer.kind === T.Semicolon) lexer.next();
      if (this.at(T.RBrace) || this.at(T.Eof) || (inSelect && this.atCase())) return body;
      const { start } = lexer;
      const { nesting, mode, tallest } = this;
      const openCount = this.openKinds.length;
      this.tallest = 0;
      try {
        const statement = this.parseStatement();
        body.push(statement);
        if (!lexer.newlineBefore) this.endStatement(statement, inSelect);
        this.grow();
      } catch (error) {
        this.recover(error, start, openCount, nesting, mode);
      }
      if (this.tallest < tallest) this.tallest = tallest;
    }
  }

  private endStatement(statement: ast.Stmt, inSelect: boolean): void {
    if (this.at(T.Semicolon) || this.at(T.RBrace) || this.at(T.Eof)) return;
    if (inSelect && this.atCase()) return;
    if (this.source.text.charCodeAt(statement.end - 1) === 125 && endsWithBlock(statement)) return;
    this.foreignTail(statement);
  }

  protected parseBlock(after: string): ast.Block {
    const { lexer, mode, tallest } = this;
    const { start } = lexer;
    if (!this.at(T.LBrace)) {
      const foreign = this.foreignBlock();
      if (foreign !== null) return foreign;
      this.fail(`'{' after ${after}`);
    }
    this.tallest = 0;
    this.enter();
    this.open();
    this.mode = Mode.NewlineEnds;
    const body = this.parseStatements(false);
    this.noteOutdented();
    this.close(T.RBrace, 'the block');
    this.mode = mode;
    this.leave(tallest);
    return { kind: 'Block', start, end: lexer.prevEnd, body };
  }

  protected parseBody(after: string): ast.Block {
    const { lexer } = this;
    if (this.at(T.LBrace)) return this.parseBlock(after);
    const foreign = this.foreignBlock();
    if (foreign !== null) return foreign;
    if (this.at(T.RBrace) || this.at(T.RParen) || this.at(T.RBracket) || this.at(T.Eof) || lexer.badBefore)
      this.fail(`'{' after ${after}`);
    this.report('missing-braces', `expected '{' after ${after}, found ${this.found()}`, this.here(), {
      label: "'{' must stand before this",
      hint: 'a body always stands in braces: { ... }',
    });
    if (this.at(T.Semicolon)) return { kind: 'Block', start: lexer.prevEnd, end: lexer.prevEnd, body: [] };
    const { mode } = this;
    const { start } = lexer;
    this.enter();
    this.mode = Mode.NewlineEnds;
    const statement = this.parseStatement();
    this.mode = mode;
    this.nesting--;
    return { kind: 'Block', start, end: statement.end, body: [statement] };
  }

  // ------------------------------------------------------------------ one statement

  protected parseStatement(): ast.Stmt {
    const { lexer } = this;
    const { start } = lexer;
    switch (lexer.kind) {
      case T.Let:
      case T.Const:
      case T.Var:
        return this.parseLet(start, false, this.docHere());
      case T.Fn:
        if (!isWord(lexer.peekKind())) break;
        return this.parseFnDecl(start, false, this.docHere());
      case T.If:
        return this.parseIf();
      case T.While:
        return this.parseWhile(start, null);
      case T.For:
        return this.parseFor(start, null);
      case T.Try:
        return this.parseTry();
      case T.Select:
        return this.parseSelect();
      case T.Import:
        return this.parseImport();
      case T.Export:
        return this.parseExport();
      case T.LBrace:
        if (this.looksLikeMap()) break;
        return this.parseBlock('');
      case T.Else:
      case T.Catch:
      case T.Finally:
        return this.strayClause();
      case T.Ident:
        if (lexer.foreign) {
          const foreign = this.foreignStatement();
          if (foreign !== null) return foreign;
        }
        break;
      default:
        break;
    }
    const { mode } = this;
    this.mode |= Mode.Statement;
    const statement = this.parseSimpleStatement();
    this.mode = mode;
    if (
      statement.kind === 'ExprStmt' &&
      this.at(T.Colon) &&
      statement.expr.kind === 'Ident' &&
      statement.expr !== this.parenthesised
    ) {
      return this.parseLabelled(statement.expr);
    }
    return statement;
  }

  /** `case` or `default` where no `select` is around. */
  protected failCaseOutside(word: ast.Ident): never {
    const { start, end } = word;
    this.report(
      'unexpected-token',
      `'${word.name}' stands outside of a 'select'`,
      { start, end },
      {
        label: 'not in a select',
        hint: 'a choice by value is written match value { 1 => ..., _ => ... }',
      },
    );
    return this.giveUp();
  }

  private parseLabelled(label: ast.Ident): ast.Stmt {
    this.lexer.next();
    if (label.name === 'default') this.failCaseOutside(label);
    if (this.at(T.For)) return this.parseFor(label.start, label.name);
    if (this.at(T.While)) return this.parseWhile(label.start, label.name);
    if (isWord(this.lexer.kind) && !this.lexer.newlineBefore && this.lexer.peekKind() === T.Assign) {
      this.failWith('foreign-syntax', 'a variable is declared with let, and without a type', {
        label: 'expected a loop after a label',
        hint: `write let ${label.name} = ...`,
      });
    }
    return this.failWith('unexpected-token', `a label stands before a loop, not before ${this.found()}`, {
      related: [this.related(label.start, label.end + 1, 'the label')],
      hint: "only 'for' and 'while' can be labelled",
    });
  }

  protected parseSimpleStatement(): ast.Stmt {
    const { lexer } = this;
    const { start } = lexer;
    switch (lexer.kind) {
      case T.Return: {
        lexer.next();
        const value = this.valueFollows() ? this.parseValue() : null;
        return { kind: 'Return', start, end: lexer.prevEnd, value };
      }
      case T.Throw: {
        lexer.next();
        if (!this.valueFollows())
          this.fail("a value after 'throw'", { hint: 'throw error("message"), or throw the error that was caught' });
        const value = this.parseValue();
        return { kind: 'Throw', start, end: lexer.prevEnd, value };
      }
      case T.Break:
      case T.Continue: {
        const kind = lexer.kind === T.Break ? 'Break' : 'Continue';
        lexer.next();
        const labelled = this.at(T.Ident) && !lexer.newlineBefore && !this.atWord('case') && !this.atWord('default');
        const label = labelled ? lexer.value : null;
        if (labelled) lexer.next();
        return { kind, start, end: lexer.prevEnd, label };
      }
      case T.Defer:
        return this.parseDefer();
      default:
        break;
    }
    return this.finishSimpleStatement(start, this.parseExpr());
  }

  private valueFollows(): boolean {
    const { kind } = this.lexer;
    return (
      !this.lineEnded() &&
      kind !== T.Semicolon &&
      kind !== T.RBrace &&
      kind !== T.RParen &&
      kind !== T.RBracket &&
      kind !== T.Comma &&
      kind !== T.Eof
    );
  }

  /** The value that a statement gives away; one that would be several (`return a, b`) is reported. */
  private parseValue(): ast.Expr {
    const { mode } = this;
    this.mode &= ~(Mode.Statement | Mode.ArrowBody);
    const value = this.parseExpr();
    this.mode = mode;
    return value;
  }

  protected finishSimpleStatement(start: number, expr: ast.Expr): ast.Stmt {
    const { lexer } = this;
    const { kind } = lexer;
    if ((kind >= T.FirstAssign && kind <= T.LastAssign) || kind === T.PlusPlus || kind === T.MinusMinus) {
      if (
        lexer.newlineBefore &&
        (this.mode & Mode.NewlineEnds) !== 0 &&
        (kind === T.PlusPlus || kind === T.MinusMinus)
      ) {
        return { kind: 'ExprStmt', start, end: lexer.prevEnd, expr };
      }
      return this.parseAssign(start, expr);
    }
    if (kind === T.LeftArrow && !this.lineEnded()) {
      lexer.next();
      const value = this.parseValue();
      return { kind: 'Send', start, end: lexer.prevEnd, channel: expr, value };
    }
    if (kind === T.ColonAssign && !this.lineEnded() && expr.kind === 'Ident') {
      return this.foreignDeclaration(start, { kind: 'NamePattern', start: expr.start, end: expr.end, name: expr.name });
    }
    return { kind: 'ExprStmt', start, end: lexer.prevEnd, expr };
  }

  private parseAssign(start: number, expr: ast.Expr): ast.Assign {
    const { lexer } = this;
    const { kind } = lexer;
    const target = this.asTarget(expr);
    const opSpan = this.here();
    lexer.next();
    if (kind === T.PlusPlus || kind === T.MinusMinus) {
      const value: ast.NumLit = { kind: 'Num', ...opSpan, value: 1 };
      return {
        kind: 'Assign',
        start,
        end: lexer.prevEnd,
        target,
        op: kind === T.PlusPlus ? '+=' : '-=',
        opSpan,
        value,
      };
    }
    const value = this.parseValue();
    if (this.at(T.Assign) && !this.lineEnded()) {
      this.failWith('unexpected-token', 'an assignment is a statement and gives no value', {
        label: "a second '='",
        hint: 'assign to one variable after the other; equality is written ==',
      });
    }
    return { kind: 'Assign', start, end: lexer.prevEnd, target, op: ASSIGN_OPS[kind]!, opSpan, value };
  }

  private asTarget(expr: ast.Expr): ast.Assign['target'] {
    if (expr.kind === 'Ident' || expr.kind === 'Index' || expr.kind === 'Field') return expr;
    const { start, end } = expr;
    const what = TARGETS[expr.kind] ?? 'the value of an expression';
    const pattern = expr.kind === 'Array' || expr.kind === 'Map';
    this.report(
      'bad-assignment',
      `cannot assign to ${what}`,
      { start, end },
      {
        label: 'no variable, element or field',
        ...(pattern && { hint: 'take a value apart with let: let [a, b] = ...' }),
        ...(!pattern && this.at(T.Assign) && { hint: 'equality is written ==' }),
      },
    );
    return { kind: 'Ident', start, end, name: '' };
  }

  // ------------------------------------------------------------------ declarations

  protected parseLet(start: number, exported: boolean, doc: string | null): ast.Let {
    const { lexer } = this;
    const keyword = lexer.kind === T.Let ? 'let' : lexer.kind === T.Const ? 'const' : 'var';
    lexer.next();
    const target = this.foreignLetTarget() ?? this.parsePattern('the name of the variable');
    return this.finishLet(start, keyword, target, exported, doc);
  }

  protected finishLet(
    start: number,
    keyword: ast.Let['keyword'],
    target: ast.Pattern,
    exported: boolean,
    doc: string | null,
  ): ast.Let {
    const { lexer } = this;
    if (!this.at(T.Assign)) this.foreignLetTail(target);
    let init: ast.Expr | null = null;
    if (this.take(T.Assign)) {
      init = this.parseValue();
      if (this.at(T.Assign) && !this.lineEnded()) {
        this.failWith('unexpected-token', 'an assignment is a statement and gives no value', {
          label: "a second '='",
          hint: 'declare one variable after the other; equality is written ==',
        });
      }
    } else if (keyword === 'const' || target.kind !== 'NamePattern') {
      const { end } = target;
      this.report(
        'missing-value',
        keyword === 'const' ? 'a constant needs a value' : 'a pattern needs a value to take apart',
        { start, end },
        { label: "no '=' and value follow" },
      );
    }
    return { kind: 'Let', start, end: lexer.prevEnd, keyword, target, init, exported, doc };
  }

  protected parseFnDecl(start: number, exported: boolean, doc: string | null): ast.FnDecl {
    const named = isWord(this.lexer.peekKind());
    const fn = this.parseFn(doc);
    if (fn.name === null) {
      if (!named)
        this.report(
          'missing-name',
          'a function that is declared needs a name',
          { start, end: fn.start + 2 },
          { label: "expected 'fn name(...)'" },
        );
      return {
        kind: 'FnDecl',
        start,
        end: fn.end,
        fn: { ...fn, name: { kind: 'Ident', start: fn.start, end: fn.start, name: '' } },
        exported,
      };
    }
    return { kind: 'FnDecl', start, end: fn.end, fn, exported };
  }
}

const TARGETS: Partial<Record<ast.Expr['kind'], string>> = {
  Call: 'the result of a call', MethodCall: 'the result of a call', Slice: 'a slice', Num: 'a number', Str: 'a string',
  Template: 'a string', Bool: 'a boolean', Null: 'null', Array: 'a new array', Map: 'a new map', Fn: 'a function',
  Receive: 'what is received',
}; // prettier-ignore

function endsWithBlock(statement: ast.Stmt): boolean {
  switch (statement.kind) {
    case 'FnDecl':
    case 'If':
    case 'While':
    case 'For':
    case 'ForIn':
    case 'Block':
    case 'Try':
    case 'Select':
      return true;
    case 'ExprStmt':
      return (
        statement.expr.kind === 'Match' || (statement.expr.kind === 'Spawn' && statement.expr.body.kind === 'Block')
      );
    default:
      return false;
  }
}
