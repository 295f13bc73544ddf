/**
 * Operators and lists as people know them from other languages. Each gets a message that says what to write here,
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

/** Functions that other languages have as operators, or call without parentheses. */
const CALLED_WORDS: ReadonlySet<string> = new Set([
  'len',
  'str',
  'num',
  'int',
  'float',
  'bool',
  'type',
  'keys',
  'values',
  'abs',
  'sqrt',
]);

const SHELL_TESTS: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };

export abstract class ParserForeignOperators extends ParserStatements {
  /** The kind of the token behind the current one when it stands on the same line, else Eof. */
  protected peekOnLine(): T {
    const { lexer } = this;
    const mark = lexer.mark();
    lexer.next();
    const kind = lexer.newlineBefore ? T.Eof : lexer.kind;
    lexer.reset(mark);
    return kind;
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
    if (this.source.text[span.end] === '~')
      this.failWith('foreign-syntax', "there is no '=~'", {
        label: 'no such operator',
        hint: 'write regex_match("pattern", text)',
      });
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
      case T.Bang:
        return this.foreignBang(object, next);
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

  /** Rust's `name!(...)` and TypeScript's `x!`. */
  private foreignBang(object: ast.Expr, next: T): boolean {
    const { lexer } = this;
    if (lexer.start !== lexer.prevEnd || this.source.text[lexer.end] === '=') return false;
    const span = this.here();
    const text = this.source.text.slice(lexer.end, lexer.end + 1);
    if (object.kind === 'Ident' && (text === '(' || text === '[')) {
      const { name } = object;
      const hint = name === 'println' || name === 'print' ? 'log(...) prints its values' : name === 'vec' ? 'an array is written [1, 2]' : null; // prettier-ignore
      const details = { label: `leave '!' out`, ...(hint !== null && { hint }) };
      if (text === '[') return this.failWith('foreign-syntax', 'there are no macros', details);
      this.foreign({ start: object.start, end: span.end }, 'there are no macros', details.label, details);
      lexer.next();
      return true;
    }
    if (startsOperand(next) && next !== T.LBracket) return false;
    this.foreign(span, "no '!' stands behind a value", "leave '!' out", { instead: '' });
    lexer.next();
    return true;
  }

  /** `i++` where its value is wanted. */
  protected override reportStep(span: Span): void {
    this.foreign(
      span,
      `'${this.lexer.shown()}' is a statement of its own and gives no value`,
      'not within an expression',
    );
  }
  /** Where the map began in which a missing value was last reported. */
  private valueMissedIn = -1;

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
      case T.Str: {
        if (!this.foreignStringPrefix()) return item;
        const { start, end, value } = lexer;
        lexer.next();
        return { kind: 'Str', start, end, value };
      }
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
      case T.Ident:
      case T.Num:
        return this.foreignBeside(item);
      case T.Ellipsis:
        this.foreign({ start: item.start, end: lexer.end }, "'...' stands before what is spread", `write it in front`);
        lexer.next();
        return item;
      default:
        break;
    }
    return item;
  }

  /** A name or number right behind an item, with nothing between them. */
  private foreignBeside(item: ast.Expr): ast.Expr {
    const { lexer } = this;
    if (lexer.newlineBefore) return item;
    if (item.kind === 'Ident' && item.name === 'chan') {
      this.foreign(
        { start: item.start, end: lexer.end },
        'a channel has no type: values carry theirs',
        'leave it out',
        {
          hint: 'channel(size) makes a channel',
        },
      );
      lexer.next();
      return item;
    }
    if (item.kind === 'Ident' && CALLED_WORDS.has(item.name)) {
      this.foreign(item, `'${item.name}' is called like every function: with parentheses`, `write ${item.name}(...)`);
      return this.parseExpr();
    }
    const test = item.kind === 'Binary' && item.op === '-' && item.right.kind === 'Ident' ? item.right : null;
    if (test === null || !Object.hasOwn(SHELL_TESTS, test.name)) return item;
    const operator = SHELL_TESTS[test.name]!;
    this.foreign(
      { start: test.start - 1, end: test.end },
      `'-${test.name}' is written '${operator}'`,
      `write '${operator}'`,
      {
        instead: operator,
      },
    );
    return this.parseExpr();
  }

  /** Python's `f"..."`, `r"..."`, `b"..."`: whether such letters stand right before the string; reports them. */
  protected foreignStringPrefix(): boolean {
    const { lexer, source } = this;
    if (!this.at(T.Str) || lexer.start !== lexer.prevEnd) return false;
    const before = source.text.slice(Math.max(0, lexer.start - 3), lexer.start);
    const prefix = /(?:^|\W)([frbuFRBU]{1,2})$/.exec(before)?.[1];
    if (prefix === undefined) return false;
    const start = lexer.start - prefix.length;
    if (/f/i.test(prefix)) {
      this.foreign(
        { start, end: lexer.end },
        'text with values in it goes between backticks',
        `not between quotes behind '${prefix}'`,
        { hint: 'write `... ${value} ...`' },
      );
    } else {
      this.foreign({ start, end: lexer.start }, `no '${prefix}' stands before a string`, `leave '${prefix}' out`, {
        ...(/r/i.test(prefix) && { hint: "a backslash in it is written '\\\\'" }),
        instead: '',
      });
    }
    return true;
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
