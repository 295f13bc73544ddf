/**
 * What people bring into expressions from other languages. Each gets a message that says what to write here,
 * and is read as what was meant, so that it is one error and not several.
 *
 * These methods are only called where the text has already stopped being right, or at one of the words that
 * the lexer marks; the way of right programs does not lead through here.
 */
import type { Span } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import { Mode } from './parser-base';
import { ParserStatements } from './parser-statements';
import { isWord, startsOperand, T } from './tokens';

const OPERATOR_WORDS: Readonly<Record<string, readonly [T, string]>> = {
  and: [T.AndAnd, '&&'],
  or: [T.OrOr, '||'],
  is: [T.EqEq, '=='],
  mod: [T.Percent, '%'],
  xor: [T.NotEq, '!='],
};

const FUNCTION_WORDS = new Set(['function', 'func', 'fun', 'def', 'proc', 'sub', 'lambda']);

export abstract class ParserForeignExpressions extends ParserStatements {
  /** Where the map began in which a missing value was last reported. */
  private valueMissedIn = -1;

  /** The kind of the token behind the current one when it stands on the same line, else Eof. */
  protected peekOnLine(): T {
    const { lexer } = this;
    const mark = lexer.mark();
    lexer.next();
    const kind = lexer.newlineBefore ? T.Eof : lexer.kind;
    lexer.reset(mark);
    return kind;
  }

  protected isFunctionWord(word: string): boolean {
    return FUNCTION_WORDS.has(word);
  }

  // ------------------------------------------------------------------ operators

  protected override foreignOperator(): boolean {
    const { lexer } = this;
    if (lexer.kind !== T.Ident || this.lineEnded()) return false;
    const span = this.here();
    const word = lexer.value;
    if (word === 'not' && lexer.peekKind() === T.In) {
      this.foreign(span, "'not in' is written with '!' before the whole test", 'no such operator', {
        hint: 'write !(x in y)',
      });
      lexer.next();
      return true;
    }
    if (word === 'instanceof' && startsOperand(lexer.peekKind())) {
      this.foreign(span, "there is no 'instanceof'", 'no such operator', {
        hint: 'type(v) == "map" tells the type of a value',
      });
      lexer.kind = T.EqEq;
      return true;
    }
    const operator = Object.hasOwn(OPERATOR_WORDS, word) ? OPERATOR_WORDS[word]! : null;
    if (operator === null || !startsOperand(lexer.peekKind())) return false;
    const mark = lexer.mark();
    lexer.next();
    if (word === 'is' && this.atWord('not') && startsOperand(lexer.peekKind())) {
      this.foreign({ start: span.start, end: lexer.end }, "'is not' is written '!='", "write '!='", { instead: '!=' });
      lexer.kind = T.NotEq;
      return true;
    }
    lexer.reset(mark);
    this.foreign(span, `'${word}' is written '${operator[1]}'`, `write '${operator[1]}'`, { instead: operator[1] });
    lexer.kind = operator[0];
    return true;
  }

  protected override foreignElvis(question: Span): never {
    const span = { start: question.start, end: this.lexer.end };
    this.foreign(span, "'?:' is written '??'", "write '??'", {
      instead: '??',
      hint: "'??' tests for null, '||' for every falsy value",
    });
    return this.giveUp();
  }

  protected override foreignEquality(left: ast.Expr): ast.Expr {
    const span = this.here();
    this.report('unexpected-token', "'=' assigns, and only as a statement of its own", span, {
      label: "to compare, write '=='",
      fix: { span, text: '==' },
    });
    this.lexer.next();
    const right = this.parseExpr();
    return { kind: 'Binary', start: left.start, end: this.lexer.prevEnd, op: '==', opSpan: span, left, right };
  }

  protected override foreignToken(left: ast.Expr): void {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.EqEqEq:
        return this.foreign(this.here(), "there is no '===': '==' compares without converting", "write '=='", {
          instead: '==',
        });
      case T.NotEqEq:
        return this.foreign(this.here(), "there is no '!==': '!=' compares without converting", "write '!='", {
          instead: '!=',
        });
      case T.LeftArrow:
        this.foreign(this.here(), "'<-' sends only as a statement of its own", 'no operator within an expression', {
          hint: 'to receive, write <-channel; to compare with a negative number, put a space: a < -b',
        });
        lexer.splitTo(T.Lt);
        return;
      case T.Lt:
      case T.LtEq:
      case T.Gt:
      case T.GtEq:
        if (
          left.kind === 'Binary' &&
          left !== this.parenthesised &&
          (left.op === '<' || left.op === '<=' || left.op === '>' || left.op === '>=')
        ) {
          this.report(
            'chained-comparison',
            'comparisons cannot be chained',
            { start: left.opSpan.start, end: lexer.end },
            {
              label: 'the first gives true or false, which has no order',
              hint: 'write a < b && b < c',
            },
          );
        }
        break;
      default:
        break;
    }
  }

  protected override foreignMember(object: ast.Expr): boolean {
    const { lexer } = this;
    const span = this.here();
    if (this.lineEnded() && !this.at(T.QuestionDot)) return false;
    const next = lexer.peekKind();
    switch (lexer.kind) {
      case T.QuestionDot:
        this.foreign(span, "there is no '?.'", 'no such operator', {
          hint: 'test first: x == null ? null : x.name; a missing key of a map gives null by itself',
        });
        if (next === T.LParen || next === T.LBracket) lexer.next();
        else lexer.kind = T.Dot;
        return true;
      case T.ThinArrow:
        if ((this.mode & Mode.Guard) !== 0) return false;
        if (object.kind === 'Ident' && lexer.start > lexer.prevEnd) {
          this.foreign(
            { start: object.start, end: lexer.end },
            "a function is written with 'fn' and '=>'",
            'not a function',
            { instead: `fn(${object.name}) =>` },
          );
          lexer.kind = T.FatArrow;
          return false;
        }
        if (!isWord(next)) return false;
        break;
      default:
        if (object.kind !== 'Ident' || next !== T.Ident) return false;
    }
    this.foreign(span, "a member is written with '.'", "write '.'", { instead: '.' });
    lexer.kind = T.Dot;
    return true;
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

  protected override skipForeignType(owner: string): void {
    const { lexer } = this;
    if (this.at(T.Colon) && this.peekOnLine() === T.Eof) return;
    const { start } = lexer;
    const marked = this.at(T.Colon) || this.at(T.ThinArrow);
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
    if ((this.mode & (Mode.NewlineEnds | Mode.NoMap)) === 0 && lexer.newlineBefore && this.openKinds.length > 0 && this.beginsStatement()) {
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
      case T.PlusPlus:
      case T.MinusMinus: {
        const op = lexer.shown();
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
      case T.Pipe:
      case T.OrOr:
        return this.fail('an expression', { hint: 'a function is written fn(x) => value' });
      case T.Slash:
        return this.failWith('unexpected-token', "expected an expression, found '/'", {
          hint: 'a regular expression is a string here: regex_match("^[a-z]+$", text)',
        });
      case T.Ellipsis:
        return this.failWith('unexpected-token', "'...' stands only in [ ], { } and the arguments of a call", {
          label: 'nothing to spread into',
        });
      case T.Star:
      case T.Amp:
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

  protected override foreignTuple(start: number, first: ast.Expr): ast.Expr {
    const { lexer, mode } = this;
    const items: (ast.Expr | ast.Spread)[] = this.at(T.RParen) ? [] : [first];
    this.mode = Mode.Plain;
    while (this.take(T.Comma) && !this.at(T.RParen))
      items.push(this.at(T.Ellipsis) ? this.parseSpread() : this.parseExpr());
    this.mode = mode;
    this.close(T.RParen, 'the expression');
    this.nesting--;
    const { prevEnd: end } = lexer;
    if (this.at(T.FatArrow) && (mode & Mode.Guard) === 0) return this.foreignArrow(start, items as ast.Expr[]);
    if (items.length === 0)
      this.report(
        'unexpected-token',
        'nothing stands in the parentheses',
        { start, end },
        { label: 'expected an expression' },
      );
    else this.foreign({ start, end }, 'there are no tuples', 'write an array: [a, b]');
    return { kind: 'Array', start, end, items };
  }

  // ------------------------------------------------------------------ lists

  protected override foreignInList(item: ast.Expr, close: T): ast.Expr {
    const { lexer } = this;
    const span = this.here();
    switch (lexer.kind) {
      case T.For:
        this.foreign(span, 'there are no comprehensions', 'expected a comma or the end of the list', {
          hint: 'write map(list, fn(x) => ...) or filter(list, fn(x) => ...)',
        });
        while (!this.at(close) && !this.at(T.Eof) && !this.at(T.RBrace)) this.skipBalanced();
        return item;
      case T.If:
        this.foreignChoice(span);
        return item;
      case T.Assign:
        if (item.kind !== 'Ident' || close !== T.RParen) return item;
        this.foreign({ start: item.start, end: lexer.end }, 'arguments have no names', 'leave the name out', {
          hint: 'options are given in a map: f(x, {name: value})',
        });
        lexer.next();
        return this.parseExpr();
      case T.Colon:
        return this.foreignColon(item, close);
      case T.FatArrow:
        if (close !== T.RBracket) return item;
        this.foreign(span, 'keys and values stand in a map', 'not in an array', { hint: 'write {"key": value}' });
        lexer.next();
        return this.parseExpr();
      case T.Semicolon:
        if (this.peekOnLine() === T.Eof) return item;
        this.report('unexpected-token', `expected ',', found ';'`, span, {
          label: "write ','",
          fix: { span, text: ',' },
        });
        lexer.kind = T.Comma;
        return item;
      case T.PlusPlus:
      case T.MinusMinus:
        this.reportStep(span);
        lexer.next();
        return item;
      case T.Ellipsis:
        this.foreign({ start: item.start, end: lexer.end }, "'...' stands before what is spread", `write it in front`);
        lexer.next();
        return item;
      default:
        break;
    }
    return item;
  }

  /** `i++` where its value is wanted. */
  protected reportStep(span: Span): void {
    this.foreign(
      span,
      `'${this.lexer.shown()}' is a statement of its own and gives no value`,
      'not within an expression',
    );
  }

  private foreignColon(item: ast.Expr, close: T): ast.Expr {
    if (close === T.RParen && item.kind === 'Ident') {
      this.foreign(
        { start: item.start, end: this.lexer.end },
        'arguments have no names, and names no types',
        "no ':' here",
        { hint: 'options are given in a map: f(x, {name: value})' },
      );
    } else if (close === T.RBracket) {
      this.foreign(this.here(), 'keys and values stand in a map', 'not in an array', { hint: 'write {"key": value}' });
    } else {
      return item;
    }
    this.lexer.next();
    return this.parseExpr();
  }

  /** Python's `a if test else b` from its `if` on. */
  protected foreignChoice(span: Span): void {
    this.foreign(span, 'a choice is written condition ? a : b', "'if' cannot stand behind a value");
    this.lexer.next();
    this.parseExpr();
    if (this.take(T.Else)) this.parseExpr();
  }

  /** With the current token an opening bracket: whether a block follows the closing one. */
  private blockFollowsBrackets(): boolean {
    const { lexer } = this;
    const mark = lexer.mark();
    this.skipBalanced();
    const found = this.at(T.LBrace);
    lexer.reset(mark);
    return found;
  }

  protected override foreignEntry(key: ast.Expr): ast.MapEntry | null {
    const { lexer } = this;
    const { start } = key;
    const span = this.here();
    switch (lexer.kind) {
      case T.Assign:
      case T.FatArrow:
      case T.ThinArrow:
      case T.ColonAssign: {
        this.foreign(span, "a key and its value are separated by ':'", "write ':'", { instead: ':' });
        lexer.next();
        const value = this.parseExpr();
        return { kind: 'Entry', start, end: lexer.prevEnd, key, value };
      }
      case T.LParen: {
        if (key.kind !== 'Str' || !this.blockFollowsBrackets()) return null;
        this.foreign(key, 'a function in a map is a value like any other', 'expected a key and a value', {
          hint: `write ${key.value}: fn(...) { ... }`,
        });
        const value = this.parseFnRest(lexer.start, null, null);
        return { kind: 'Entry', start, end: lexer.prevEnd, key, value };
      }
      case T.Comma:
      case T.RBrace:
        if (key.kind !== 'Str' && key.kind !== 'Num') return null;
        if (this.valueMissedIn !== this.openStarts.at(-1)) {
          this.report('missing-value', 'the key has no value', key, {
            label: "expected ':' and a value after it",
            hint: 'a list of values is an array: [a, b]',
          });
        }
        this.valueMissedIn = this.openStarts.at(-1)!;
        return { kind: 'Entry', start, end: lexer.prevEnd, key, value: this.missing() };
      default:
        break;
    }
    return null;
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
