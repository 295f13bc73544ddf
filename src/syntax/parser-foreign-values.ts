/**
 * What people bring from other languages in the place of values: other words for functions and for what
 * stands before a value, types, and tokens that no expression begins with.
 */
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserForeignOperators } from './parser-foreign-operators';
import { isWord, startsOperand, T } from './tokens';

const FUNCTION_WORDS = new Set(['function', 'func', 'fun', 'def', 'proc', 'sub', 'lambda']);

export abstract class ParserForeignValues extends ParserForeignOperators {
  protected isFunctionWord(word: string): boolean {
    return FUNCTION_WORDS.has(word);
  }

  // ------------------------------------------------------------------ functions

  protected override foreignArrow(start: number, params: readonly ast.Expr[]): ast.Fn {
    const { lexer } = this;
    const first = params[0];
    const call = params.length === 1 && first?.kind === 'Call' ? first : null;
    const bare = first !== undefined && first.kind === 'Ident' && start === first.start;
    // A `->` has been reported where it was met.
    const reported = this.source.text.charCodeAt(lexer.start) === 45;
    if (reported) {
      // Nothing more to say.
    } else if (call === null) {
      this.report(
        'foreign-syntax',
        "a function begins with 'fn'",
        { start, end: lexer.end },
        {
          label: bare ? `write fn(${first.name}) =>` : "write 'fn' before this",
          fix: {
            span: bare ? { start, end: first.end } : { start, end: start },
            text: bare ? `fn(${first.name})` : 'fn',
          },
        },
      );
    } else {
      this.foreign({ start, end: lexer.end }, "a function begins with 'fn'", "write 'fn' before the parameters");
    }
    return this.finishFn(start, null, this.asParams(call?.args ?? params), null, null);
  }

  private asParams(names: readonly (ast.Expr | ast.Spread)[]): ast.Param[] {
    const params: ast.Param[] = [];
    for (const name of names) if (name.kind === 'Ident') params.push(this.paramOf(name));
    return params;
  }

  protected override foreignFunction(start: number, call: ast.Call): ast.Fn | null {
    const { callee } = call;
    if (callee.kind !== 'Ident' || !this.isFunctionWord(callee.name)) return null;
    this.foreign(callee, `a function begins with 'fn'`, "write 'fn'", { instead: 'fn' });
    return this.finishFn(start, null, this.asParams(call.args), null, null);
  }

  /** Python's `lambda a, b: a + b`, from its word on. */
  private foreignLambda(): ast.Fn {
    const { lexer, mode } = this;
    const { start } = lexer;
    const span = this.here();
    lexer.next();
    const names: ast.Ident[] = [];
    while (this.at(T.Ident)) {
      names.push(this.parseName('a parameter'));
      if (!this.take(T.Comma)) break;
    }
    this.foreign(span, 'a function is written fn(x) => value', "write 'fn'", {
      hint: `write fn(${names.map((name) => name.name).join(', ')}) => ...`,
    });
    this.expect(T.Colon, "'=>' after the parameters");
    this.mode = mode & ~Mode.Statement;
    const body = this.parseExpr();
    this.mode = mode;
    return {
      kind: 'Fn',
      start,
      end: lexer.prevEnd,
      name: null,
      params: this.asParams(names),
      rest: null,
      body,
      doc: null,
    };
  }

  protected override foreignParam(): void {
    const span = this.here();
    this.foreign(span, 'the rest of the arguments is written ...name', "write '...'", { instead: '...' });
    this.lexer.next();
  }

  /** `fn first<T>(items)`, from the `<` on. */
  protected override skipTypeParameters(): void {
    const { lexer } = this;
    const { start } = lexer;
    while (!this.at(T.Gt) && !this.at(T.LParen) && !this.at(T.Eof)) lexer.next();
    this.take(T.Gt);
    const span = { start, end: lexer.prevEnd };
    this.foreign(span, 'a function has no types: values carry theirs', 'leave them out', { instead: '' });
  }

  protected override skipForeignType(owner: string): void {
    const { lexer } = this;
    if (this.at(T.Colon) && this.peekOnLine() === T.Eof) return;
    const { start } = lexer;
    const marked = this.at(T.Colon) || this.at(T.ThinArrow);
    const arrow = this.at(T.ThinArrow) ? lexer.mark() : null;
    /** Open angle brackets: a comma within them does not end the type. */
    let angles = 0;
    do {
      if (this.at(T.LBracket) || this.at(T.LParen)) {
        this.skipBalanced();
        continue;
      }
      if (this.at(T.Lt)) angles++;
      else if (this.at(T.Gt)) angles--;
      else if (this.at(T.GtGt)) angles -= 2;
      lexer.next();
    } while (!lexer.newlineBefore && (goesOnWithType(lexer.kind) || (angles > 0 && this.at(T.Comma))));
    const span = { start, end: lexer.prevEnd };
    if (arrow !== null && !this.at(T.LBrace) && !this.at(T.FatArrow)) {
      lexer.reset(arrow);
      this.foreign(this.here(), "the value of a function follows '=>'", "write '=>'", { instead: '=>' });
      lexer.kind = T.FatArrow;
      return;
    }
    const details = marked
      ? { instead: '' }
      : owner === 'a parameter'
        ? { hint: 'between two parameters stands a comma' }
        : {};
    this.foreign(
      span,
      `${owner} has no type: values carry theirs`,
      marked ? 'leave the type out' : 'one name is enough',
      details,
    );
  }

  // ------------------------------------------------------------------ operands

  protected override foreignOperand(): ast.Expr | null {
    const { lexer } = this;
    const word = lexer.value;
    const span = this.here();
    const next = this.peekOnLine();
    const spaced = this.source.text.charCodeAt(span.end) === 32;
    switch (word) {
      case 'not':
        if (!startsOperand(next) || (next === T.LParen && !spaced) || next === T.LBracket || next === T.Minus)
          return null;
        this.foreign(span, "'not' is written '!'", "write '!'", { instead: '!' });
        lexer.next();
        return this.parseOperand();
      case 'new':
        if (next !== T.Ident) return null;
        this.foreign(
          span,
          "there is no 'new': a function that makes a value is called like any other",
          "leave 'new' out",
          { instead: '' },
        );
        lexer.next();
        return this.parseOperand();
      case 'await':
        if (!startsOperand(next) || (next === T.LParen && !spaced) || next === T.LBracket || next === T.Minus)
          return null;
        this.foreign(span, "there is no 'await': a call waits by itself", "leave 'await' out", {
          instead: '',
          hint: 'wait(task) waits for what spawn has started',
        });
        lexer.next();
        return this.parseOperand();
      case 'async':
        if (next !== T.Ident && next !== T.Fn) return null;
        this.foreign(span, "there is no 'async': any function may wait", "leave 'async' out", { instead: '' });
        lexer.next();
        return this.parseOperand();
      case 'typeof':
        if (next !== T.Ident && next !== T.Num && next !== T.Str) return null;
        this.foreign(span, "'typeof' is a function here", 'write type(value)');
        lexer.next();
        return this.parseOperand();
      case 'lambda':
        return next === T.Ident || next === T.Colon ? this.foreignLambda() : null;
      case 'function':
      case 'func':
      case 'fun':
      case 'def':
        if (next !== T.Ident) return null;
        this.foreign(span, `a function begins with 'fn'`, "write 'fn'", { instead: 'fn' });
        return this.parseFn(null);
      case 'yield':
        if (!startsOperand(next) || next === T.LParen || next === T.LBracket || next === T.Minus) return null;
        this.foreign(span, "there is no 'yield'", 'no generators here', {
          hint: 'send the values to a channel from a task: ch <- value',
        });
        lexer.next();
        return this.parseOperand();
      case 'switch':
        if (next !== T.Ident) return null;
        this.foreign(span, "'switch' is written 'match'", 'no such statement', {
          hint: 'match value { 1 => ..., 2, 3 => ..., _ => ... }',
        });
        this.skipToBlockEnd();
        return this.missing();
    }
    return null;
  }

  /** Skips to the end of the line, or behind the block that begins on it. */
  protected skipToBlockEnd(): void {
    do {
      const block = this.at(T.LBrace);
      this.skipBalanced();
      if (block) return;
    } while (
      !this.lexer.newlineBefore &&
      !this.at(T.RBrace) &&
      !this.at(T.RParen) &&
      !this.at(T.Eof) &&
      !this.at(T.Semicolon)
    );
  }

  protected override foreignStart(): ast.Expr {
    const { lexer } = this;
    const span = this.here();
    if (
      (this.mode & (Mode.NewlineEnds | Mode.NoMap)) === 0 &&
      lexer.newlineBefore &&
      this.openKinds.length > 0 &&
      this.beginsStatement()
    ) {
      const opener = this.openKinds.at(-1);
      this.failUnclosed(opener === T.LParen ? T.RParen : opener === T.LBracket ? T.RBracket : T.RBrace, 'this');
    }
    switch (lexer.kind) {
      case T.Plus:
        if (lexer.newlineBefore && (this.mode & Mode.NewlineEnds) !== 0) {
          this.report('unexpected-token', "a line that begins with '+' does not go on with the one before", span, {
            label: 'no value before it',
            hint: "put the '+' at the end of the line before, or the whole in parentheses",
          });
        } else {
          this.foreign(span, "there is no '+' before a value", "leave '+' out", {
            instead: '',
            hint: 'num(text) makes a number of a text',
          });
        }
        lexer.next();
        return this.parseOperand();
      case T.LtLt:
        if (!/^<<[-~]?["']?[A-Z]/.test(this.source.text.slice(span.start, span.start + 5))) break;
        return this.failWith('foreign-syntax', 'text over several lines goes between backticks', {
          label: 'no here-document',
          hint: 'write `...`',
        });
      case T.PlusPlus:
      case T.MinusMinus: {
        const op = lexer.shown();
        if (op === '--' && this.source.text[span.end] === ' ' && (lexer.newlineBefore || span.start === 0)) {
          this.foreign(span, "a comment begins with '//'", "write '//'", { instead: '//' });
          const end = this.source.text.indexOf('\n', span.end);
          lexer.stringsReportedTo = end < 0 ? this.source.text.length : end;
          return this.giveUp();
        }
        lexer.next();
        const name = this.at(T.Ident) ? lexer.value : 'i';
        this.foreign(span, `'${op}' stands behind a variable, as a statement of its own`, 'not before a value', {
          hint: `write ${name}${op} on a line of its own`,
        });
        return this.parseOperand();
      }
      case T.If:
        this.foreign(span, "'if' gives no value", 'expected an expression', {
          hint: 'write condition ? a : b, or a match',
        });
        this.parseStatement();
        return this.missing();
      case T.Gt: {
        const before = /(?:<=?|>>)$/.exec(this.source.text.slice(Math.max(0, span.start - 2), span.start))?.[0];
        if (before === undefined) break;
        const whole = { start: span.start - before.length, end: span.end };
        if (before === '<') this.foreign(whole, "'<>' is written '!='", "write '!='", { instead: '!=' });
        else if (before === '>>')
          this.foreign(whole, "'>>>' is written '>>': shifts are unsigned", "write '>>'", { instead: '>>' });
        else
          this.foreign(whole, "there is no '<=>'", 'no such operator', {
            hint: 'write a < b ? -1 : a > b ? 1 : 0, or a - b for numbers',
          });
        lexer.next();
        return this.parseOperand();
      }
      case T.Assign:
        if (!this.source.text.startsWith('..', span.start - 2)) break;
        this.foreign({ start: span.start - 2, end: span.end }, "'..' includes its end", "write '..'", {
          instead: '..',
        });
        lexer.next();
        return this.parseOperand();
      case T.Let:
        return this.failWith('foreign-syntax', 'no variable is declared within an expression', {
          label: 'expected a condition or a value',
          hint: 'declare it on the line before, or take the value apart with a match',
        });
      case T.Colon:
        if (!/^:[A-Za-z_]/.test(this.source.text.slice(span.start, span.start + 2))) break;
        lexer.next();
        this.foreign({ start: span.start, end: lexer.end }, 'there are no symbols', `write "${lexer.shown()}"`, {
          instead: `"${lexer.shown()}"`,
        });
        lexer.next();
        return this.missing();
      case T.Pipe:
      case T.OrOr:
        return this.fail('an expression', { hint: 'a function is written fn(x) => value' });
      case T.Slash:
        if (!/^\/[^/\n]+\//.test(this.source.text.slice(span.start, span.start + 200))) break;
        return this.failWith('unexpected-token', "expected an expression, found '/'", {
          hint: 'a regular expression is a string here: regex_match("^[a-z]+$", text)',
        });
      case T.Ellipsis:
        return this.failWith('unexpected-token', "'...' stands only in [ ], { } and the arguments of a call", {
          label: 'nothing to spread into',
        });
      case T.Star:
      case T.StarStar:
      case T.Amp:
        if (
          lexer.kind !== T.Amp &&
          this.openKinds.at(-1) !== T.LBrace &&
          this.openKinds.length > 0 &&
          /^\*+[\w[({]/.test(this.source.text.slice(span.start, span.start + 3))
        ) {
          this.foreign(span, "an array is spread with '...'", "write '...'", { instead: '...' });
          lexer.next();
          return this.parseOperand();
        }
        if (!/[A-Za-z_]/.test(this.source.text[span.end] ?? '')) break;
        return this.fail('an expression', { hint: 'there are no pointers here' });
      case T.LBrace:
        return this.fail('an expression', {
          hint: 'here { opens the block; a map literal needs parentheses: ({ ... })',
        });
      default:
        break;
    }
    return this.fail('an expression');
  }
}

function goesOnWithType(kind: T): boolean {
  switch (kind) {
    case T.LBracket:
    case T.LParen:
    case T.Lt:
    case T.Gt:
    case T.GtGt:
    case T.Dot:
    case T.Question:
    case T.Pipe:
    case T.Star:
    case T.Amp:
    case T.Str:
      return true;
    default:
      return isWord(kind);
  }
}
