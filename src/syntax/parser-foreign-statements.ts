/**
 * What people bring into statements from other languages, and what else goes wrong between them. As with
 * expressions: one message that says what to write, and reading goes on with what was meant.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import { ParserForeignValues } from './parser-foreign-values';
import { startsOperand, T } from './tokens';

const TYPE_WORDS = new Set([
  'bool',
  'char',
  'double',
  'float',
  'int',
  'long',
  'string',
  'val',
  'local',
  'mut',
  'static',
  'void',
]);
const CLASS_WORDS = new Set([
  'class', 'struct', 'interface', 'enum', 'trait', 'abstract', 'type', 'impl', 'module', 'namespace', 'protocol', 'record',
]); // prettier-ignore
const END_WORDS = new Set(['end', 'endif', 'done', 'fi']);
const PRINT_WORDS = new Set(['print', 'println', 'puts', 'echo']);
/** Words that other languages put before a block, alone or with something in between, and what to write here. */
const BLOCK_WORDS: Readonly<Record<string, string>> = {
  switch: 'match value { 1 => ..., 2, 3 => ..., _ => ... }',
  when: 'match value { 1 => ..., 2, 3 => ..., _ => ... }',
  do: 'while true { ... if done { break } }',
  repeat: 'while true { ... if done { break } }',
  loop: 'while true { ... }',
  foreach: 'for x in list { ... }',
  unless: 'if !condition { ... }',
  until: 'while !condition { ... }',
  with: 'let x = ..., then defer close(x)',
  using: 'let x = ..., then defer close(x)',
  begin: '{ ... }',
};

/** Go's `func (r Type) name(`. */
const GO_METHOD = /^\w+ *\( *\w+ +\*?[\w.[\]]+ *\) *\w+ *[([]/;

export abstract class ParserForeignStatements extends ParserForeignValues {
  /** Where the last block ended that another language would have begun there. */
  private foreignBlockEnd = -1;

  // ------------------------------------------------------------------ blocks

  protected override foreignBlock(): ast.Block | null {
    const { lexer } = this;
    // The shell's `while true; do`.
    if (this.at(T.Semicolon) && /^; *(?:then|do)\b/.test(this.source.text.slice(lexer.start, lexer.start + 20)))
      lexer.next();
    const span = this.here();
    if (this.at(T.Colon)) {
      this.foreign(span, "a block stands in braces, not behind ':'", "write '{' here and '}' at its end");
    } else if (this.atWord('then') || this.atWord('do') || this.atWord('begin')) {
      this.foreign(span, `a block stands in braces: there is no '${lexer.value}'`, "write '{' here and '}' at its end");
    } else {
      return null;
    }
    lexer.next();
    this.foreignBlockEnd = span.end;
    return { kind: 'Block', start: span.start, end: span.end, body: [] };
  }

  protected override isForeign(block: ast.Block): boolean {
    return block.end === this.foreignBlockEnd;
  }

  protected override foreignElseIf(): boolean {
    const { lexer } = this;
    if (!lexer.foreign || !(this.atWord('elif') || this.atWord('elseif') || this.atWord('elsif'))) return false;
    this.foreign(this.here(), `'${lexer.value}' is written 'else if'`, "write 'else if'", { instead: 'else if' });
    return true;
  }

  protected override foreignCatch(): { readonly param: ast.NamePattern | null } | null {
    const { lexer } = this;
    if (!lexer.foreign || !(this.atWord('except') || this.atWord('rescue'))) return null;
    this.foreign(this.here(), `'${lexer.value}' is written 'catch'`, "write 'catch'", {
      hint: 'catch e { ... } catches every error; tell them apart by e.code',
    });
    lexer.next();
    let param: ast.NamePattern | null = null;
    while (!this.at(T.Colon) && !this.at(T.LBrace) && !this.at(T.Eof) && !this.at(T.RBrace) && !lexer.newlineBefore) {
      if (this.takeWord('as') || this.take(T.FatArrow)) param = this.parseNamePattern('the name of the error');
      else this.skipBalanced();
    }
    return { param };
  }

  protected override strayClause(): ast.Stmt {
    const { lexer } = this;
    const { start } = lexer;
    const word = lexer.value;
    const span = this.here();
    lexer.next();
    const owner = word === 'else' ? 'if' : 'try';
    if (this.at(T.Colon)) {
      const block = this.foreignBlock()!;
      return { ...block, start };
    }
    this.report('unexpected-token', `'${word}' without '${owner}'`, span, {
      label: `no '${owner}' ends right before it`,
    });
    if (word === 'else' && this.at(T.If)) return this.parseStatement();
    if (word === 'catch' && (this.at(T.LParen) || this.at(T.Ident))) this.skipBalanced();
    if (!this.at(T.LBrace)) this.giveUp();
    return this.parseBlock(`'${word}'`);
  }

  // ------------------------------------------------------------------ words at the start of a statement

  protected override foreignStatement(): ast.Stmt | null {
    const { lexer } = this;
    const word = lexer.value;
    const span = this.here();
    const { start } = span;
    const next = this.peekOnLine();
    if (this.isFunctionWord(word) && next === T.Ident && word !== 'lambda') {
      this.foreign(span, `a function begins with 'fn'`, "write 'fn'", { instead: 'fn' });
      return this.parseFnDecl(start, false, this.docHere());
    }
    if (this.isFunctionWord(word) && next === T.Star) {
      this.foreign(span, 'there are no generators', 'no such function', {
        hint: 'a task that sends its values to a channel does it: spawn { for x in list { ch <- x } }',
      });
      return this.skipped(start);
    }
    if (this.isFunctionWord(word) && next === T.LParen && GO_METHOD.test(this.lineFrom(start))) {
      this.foreign(span, 'a function belongs to no type', 'no receiver before its name', {
        hint: 'take the value as a parameter: fn name(value) { ... }',
      });
      return this.skipped(start);
    }
    if (CLASS_WORDS.has(word) && next === T.Ident) {
      this.foreign(span, `there is no '${word}'`, 'no such declaration', {
        hint: 'a function that makes a map does it: fn point(x, y) { return {x, y} }',
      });
      return this.skipped(start);
    }
    if (
      PRINT_WORDS.has(word) &&
      startsOperand(next) &&
      this.source.text[span.end] !== '!' &&
      next !== T.LParen &&
      next !== T.LBracket &&
      next !== T.Minus &&
      next !== T.LeftArrow
    ) {
      return this.foreignCall(word === 'print' ? 'print' : 'log', word);
    }
    if (TYPE_WORDS.has(word) && next === T.Ident && this.declaresFunction()) {
      this.foreign(span, `a function begins with 'fn'`, "write 'fn'", { instead: 'fn' });
      return this.parseFnDecl(start, false, this.docHere());
    }
    if (TYPE_WORDS.has(word) && next === T.Ident) {
      this.foreign(span, 'a variable is declared with let, and without a type', "write 'let'", { instead: 'let' });
      lexer.next();
      return this.finishLet(start, 'let', this.parsePattern('the name of the variable'), false, null);
    }
    if (Object.hasOwn(BLOCK_WORDS, word) && (next === T.Ident || next === T.LBrace || next === T.Bang)) {
      this.foreign(span, `there is no '${word}'`, 'no such statement', { hint: `write ${BLOCK_WORDS[word]}` });
      const skipped = this.skipped(start);
      if ((word === 'do' || word === 'repeat') && (this.at(T.While) || this.atWord('until'))) this.skipToBlockEnd();
      return skipped;
    }
    return this.foreignKeyword(word, next);
  }

  private lineFrom(start: number): string {
    return this.source.text.slice(start, start + 200).split(/[\r\n]/)[0]!;
  }

  /** C's `int main(`. */
  private declaresFunction(): boolean {
    const mark = this.lexer.mark();
    this.lexer.next();
    this.lexer.next();
    const found = this.at(T.LParen);
    this.lexer.reset(mark);
    return found;
  }

  private foreignKeyword(word: string, next: T): ast.Stmt | null {
    const { lexer } = this;
    const span = this.here();
    const { start } = span;
    const operand =
      startsOperand(next) && next !== T.LParen && next !== T.LBracket && next !== T.Minus && next !== T.LeftArrow;
    switch (word) {
      case 'elif':
      case 'elseif':
      case 'elsif': {
        if (!operand && next !== T.LParen) return null;
        this.foreign(span, `'${word}' is written 'else if'`, "write 'else if' behind the '}' of an 'if'");
        lexer.next();
        this.parseCondition('else if');
        return this.parseBody('the condition');
      }
      case 'except':
      case 'rescue': {
        if (!operand && next !== T.Colon && next !== T.LParen && next !== T.FatArrow) return null;
        this.foreignCatch();
        return this.at(T.LBrace) || this.at(T.Colon) ? this.parseBody("'catch'") : this.skipped(start);
      }
      case 'begin':
      case 'ensure': {
        if (next !== T.Eof || this.peekBeginsOutside()) return null;
        const instead = word === 'begin' ? 'try' : 'finally';
        this.foreign(span, `'${word}' is written '${instead}'`, `write '${instead}' and its block in braces`);
        lexer.next();
        this.foreignBlockEnd = span.end;
        return { kind: 'Block', start, end: span.end, body: [] };
      }
      case 'goto':
        if (next !== T.Ident) return null;
        this.foreign(span, "there is no 'goto'", 'no such statement', {
          hint: "'break' and 'continue' take the label of a loop",
        });
        return this.skipped(start);
      case 'raise':
        if (!operand) return null;
        this.foreign(span, "'raise' is written 'throw'", "write 'throw'", { hint: 'throw error("message")' });
        lexer.next();
        return { kind: 'Throw', start, value: this.parseExpr(), end: lexer.prevEnd };
      case 'assert':
        return operand ? this.foreignCall('assert', word) : null;
      case 'del':
      case 'delete':
        if (!operand) return null;
        this.foreign(span, `'${word}' is a function here`, 'no such statement', {
          hint: 'write delete(map, key), or remove_at(array, index)',
        });
        lexer.next();
        return this.finishSimpleStatement(start, this.parseExpr());
      case 'global':
      case 'nonlocal':
        if (next !== T.Ident) return null;
        this.foreign(
          span,
          `there is no '${word}': a function sees and sets the variables around it`,
          'leave the line out',
        );
        return this.skipped(start);
      case 'from':
        return next === T.Ident || next === T.Dot || next === T.Str ? this.foreignFrom(start) : null;
      case 'package':
        if (next !== T.Ident) return null;
        this.foreign(span, "there is no 'package': every file is a module of its own", 'leave the line out');
        return this.skipped(start);
      case 'use':
      case 'include':
      case 'require':
        if (next !== T.Ident && next !== T.Str) return null;
        this.foreign(span, `'${word}' is written 'import'`, "write 'import'", { instead: 'import' });
        return this.skipped(start);
      case 'pub':
      case 'public':
      case 'private':
      case 'static':
        if (next !== T.Fn && next !== T.Let && next !== T.Const && next !== T.Var) return null;
        this.foreign(span, `there is no '${word}'`, `leave '${word}' out`, {
          hint: "what other files may use is marked with 'export'",
          instead: '',
        });
        lexer.next();
        return this.parseStatement();
      case 'async':
        if (next !== T.Fn && next !== T.Ident) return null;
        this.foreign(span, "there is no 'async': any function may wait", "leave 'async' out", { instead: '' });
        lexer.next();
        return this.parseStatement();
    }
    return null;
  }

  /** A word alone on its line: whether it stands for a value, as `begin.x` or `begin = 1` in the next line would. */
  private peekBeginsOutside(): boolean {
    return /^\w+\s*[.=([]/.test(this.source.text.slice(this.lexer.start, this.lexer.start + 200));
  }

  /** `print x`: a call without parentheses. */
  private foreignCall(name: string, word: string): ast.Stmt {
    const { lexer } = this;
    const { start } = lexer;
    this.foreign(this.here(), `'${word}' is called like every function: with parentheses`, `write ${name}(...)`);
    lexer.next();
    do this.parseExpr();
    while (this.take(T.Comma));
    return { kind: 'ExprStmt', start, end: lexer.prevEnd, expr: this.missing() };
  }

  /** Skips what was reported, with its block. */
  private skipped(start: number): ast.Stmt {
    this.lexer.next();
    let block = false;
    while (!block && !this.at(T.RBrace) && !this.at(T.Eof) && !this.at(T.Semicolon)) {
      block = this.at(T.LBrace) || (this.at(T.Colon) && this.peekOnLine() === T.Eof);
      if (this.lexer.newlineBefore && !block) break;
      this.skipBalanced();
    }
    const end = this.lexer.prevEnd;
    this.foreignBlockEnd = end;
    return { kind: 'Block', start, end, body: [] };
  }

  private foreignFrom(start: number): ast.Stmt {
    const { lexer } = this;
    const from = this.here();
    lexer.next();
    const path = this.at(T.Str) ? `"${lexer.value}"` : lexer.shown();
    while (!lexer.newlineBefore && !this.at(T.Import) && !this.at(T.Eof) && !this.at(T.Semicolon)) this.skipToken();
    this.foreign({ start: from.start, end: lexer.prevEnd }, 'the names stand before the path', "begin with 'import'", {
      hint: `write import { name } from ${path}`,
    });
    return this.skipped(start);
  }

  // ------------------------------------------------------------------ behind a statement

  protected override foreignTail(statement: ast.Stmt): void {
    const { lexer } = this;
    if (statement.end === this.foreignBlockEnd || lexer.badBefore) return;
    if (this.foreignStringPrefix()) return lexer.next();
    const span = this.here();
    // `end` of a block that began with `then`, and the rest of a name like `x.5`: both have been reported.
    if (this.foreignBlockEnd >= 0 && END_WORDS.has(lexer.value) && this.at(T.Ident)) return this.giveUp();
    if (this.at(T.Num) && this.source.text.charCodeAt(lexer.start) === 46) return this.giveUp();
    switch (lexer.kind) {
      case T.PlusPlus:
      case T.MinusMinus:
        this.reportStep(span);
        return lexer.next();
      case T.If:
        return this.foreignChoice(span);
      case T.Comma:
        this.foreignList(statement);
        return this.giveUp();
      case T.OtherAssign: {
        const op = lexer.shown().slice(0, -1);
        const target = this.source.text.slice(statement.start, Math.min(statement.end, statement.start + 40));
        this.foreign(span, `there is no '${op}='`, 'no such assignment', {
          hint: `write ${target} = ${target} ${op} ...`,
        });
        lexer.next();
        this.parseExpr();
        return;
      }
      case T.RParen:
      case T.RBracket:
        this.report('unexpected-token', `unexpected '${lexer.shown()}'`, span, { label: 'no bracket is open here' });
        return this.giveUp();
      case T.LBrace:
        {
          if (/^\{ *\|/.test(this.source.text.slice(lexer.start, lexer.start + 20)))
            return this.foreignBlockArgument(span);
          const called =
            statement.kind === 'ExprStmt' && statement.expr.kind === 'Call' && statement.expr.callee.kind === 'Ident'
              ? statement.expr.callee
              : null;
          if (called !== null && Object.hasOwn(BLOCK_WORDS, called.name)) {
            this.foreign(called, `there is no '${called.name}'`, 'no such statement', {
              hint: `write ${BLOCK_WORDS[called.name]}`,
            });
            this.skipBalanced();
            return;
          }
          if (called !== null) {
            this.report('unexpected-token', "expected the end of the statement, found '{'", span, {
              label: 'what is this block for?',
              hint: `a function is declared with 'fn': fn ${called.name}(...) { ... }`,
            });
            this.skipBalanced();
            return;
          }
        }
        break;
      default:
        break;
    }
    if (
      statement.kind === 'ExprStmt' &&
      statement.expr.kind === 'Ident' &&
      (this.at(T.Str) || this.at(T.Num) || this.at(T.TemplateHead) || this.at(T.Template))
    ) {
      if (statement.expr.name === 'case') this.failCaseOutside(statement.expr);
      this.failWith('unexpected-token', `expected the end of the statement, found ${this.found()}`, {
        label: 'a second value on the line',
        hint: `a call needs parentheses: ${statement.expr.name}(...)`,
      });
    }
    if (this.atWord('do')) return this.foreignBlockArgument(span);
    const { text } = this.source;
    if (
      this.at(T.Ident) &&
      lexer.start === lexer.prevEnd &&
      text[lexer.start - 1] === ']' &&
      /^\w[\w.]* *\{/.test(this.lineFrom(lexer.start))
    )
      this.failWith('foreign-syntax', 'a list or a map has no type: values carry theirs', {
        label: 'leave the type out',
        hint: 'an array is written [1, 2], a map {"key": value}',
      });
    const afterQuote = this.at(T.Ident) && lexer.start === lexer.prevEnd && this.isQuote(lexer.prevEnd - 1);
    if (afterQuote) lexer.stringsReportedTo = lexer.start + this.lineFrom(lexer.start).length;
    this.failWith('unexpected-token', `expected a line break or ';' after the statement, found ${this.found()}`, {
      label: 'a statement ends before this',
      ...(afterQuote && {
        hint: 'a quote within a string is written \\\' or \\", or the string begins with the other kind',
      }),
      ...(this.atWord('as') && { hint: 'int(v), num(v) and str(v) make another value of a value' }),
    });
  }

  /** Ruby's `each do |x|` and `map { |x| ... }`. */
  private foreignBlockArgument(span: Span): void {
    const block = this.at(T.LBrace);
    this.foreign(span, 'a function is passed in the parentheses of the call', 'no block behind a call', {
      hint: 'write map(list, fn(x) => ...), or for x in list { ... }',
    });
    if (block) this.skipBalanced();
    else this.giveUp();
    this.foreignBlockEnd = this.lexer.prevEnd;
  }

  private isQuote(offset: number): boolean {
    const code = this.source.text.charCodeAt(offset);
    return code === 34 || code === 39;
  }

  private foreignList(statement: ast.Stmt): void {
    const span = this.here();
    switch (statement.kind) {
      case 'Return':
        return this.foreign(span, "'return' gives one value", 'a second one', {
          hint: 'return an array: return [a, b]',
        });
      case 'Let':
        return this.foreign(span, 'one variable is declared at a time', 'a second one', {
          hint: `begin a new line with '${statement.keyword}'`,
        });
      case 'ExprStmt':
        if (statement.expr.kind === 'Ident' || statement.expr.kind === 'Index' || statement.expr.kind === 'Field') {
          return this.foreign(span, 'one variable is assigned at a time', 'a second one', {
            hint: 'let [a, b] = [b, a] takes values apart into new variables',
          });
        }
        break;
      default:
        break;
    }
    this.report('unexpected-token', "expected a line break or ';' after the statement, found ','", span, {
      label: 'a statement ends before this',
    });
  }
}
