/** What people bring from other languages into declarations, loops, the arms of a match, imports and exports. */
import type * as ast from './ast';
import { ParserForeignStatements } from './parser-foreign-statements';
import { startsOperand, T } from './tokens';

export abstract class ParserForeignDeclarations extends ParserForeignStatements {
  // ------------------------------------------------------------------ declarations

  protected override foreignDeclaration(start: number, target: ast.Pattern): ast.Let {
    const { lexer } = this;
    const name = target.kind === 'NamePattern' ? target.name : 'x';
    this.foreign({ start, end: lexer.end }, 'a variable is declared with let', `write let ${name} =`, {
      instead: `let ${name} =`,
    });
    lexer.kind = T.Assign;
    return this.finishLet(start, 'let', target, false, null);
  }

  protected override foreignLetTarget(): ast.Pattern | null {
    const { lexer } = this;
    if (this.at(T.LParen)) {
      const { start } = lexer;
      if (/^\(\s*\w+\s*(?:\w+\s*)?=/.test(this.source.text.slice(start, start + 200))) {
        this.foreign(this.here(), 'each variable is declared on a line of its own', 'no list of declarations', {
          hint: 'write const A = 1, and the next in the next line',
        });
        this.skipBalanced();
        return this.giveUp();
      }
      const items: ast.PatternItem[] = [];
      this.open();
      while (this.at(T.Ident)) {
        const target = this.parseNamePattern('a name');
        items.push({ kind: 'PatternItem', start: target.start, end: target.end, target, fallback: null });
        if (!this.take(T.Comma)) break;
      }
      this.close(T.RParen, 'the names');
      const end = lexer.prevEnd;
      this.foreign({ start, end }, 'values are taken apart with [ ] or { }', 'write [a, b]');
      return { kind: 'ArrayPattern', start, end, items, rest: null };
    }
    if (this.atWord('mut') && this.peekOnLine() === T.Ident) {
      this.foreign(this.here(), "'let' declares a variable that can change", "leave 'mut' out", { instead: '' });
      lexer.next();
    }
    return null;
  }

  protected override foreignLetTail(target: ast.Pattern): void {
    const { lexer } = this;
    if (this.lineEnded() || lexer.badBefore) return;
    const span = this.here();
    switch (lexer.kind) {
      case T.Colon:
        return this.skipForeignType('a variable');
      case T.Ident:
        if ([T.Assign, T.Eof, T.Semicolon].includes(this.peekOnLine())) this.skipForeignType('a variable');
        return;
      case T.ColonAssign:
      case T.EqEq:
        this.foreign(span, "the value follows a single '='", "write '='", { instead: '=' });
        lexer.kind = T.Assign;
        return;
      case T.LeftArrow:
        this.foreign(span, 'what is received is a value like any other', "write '= <-'", { instead: '= <-' });
        lexer.next();
        this.parseExpr();
        return;
      case T.Comma:
        if (target.kind !== 'NamePattern') return;
        return this.failWith('foreign-syntax', 'one variable is declared at a time', {
          label: 'a second one',
          hint: `take an array apart with let [${target.name}, ...] = ..., or begin a new line`,
        });
      default:
        break;
    }
  }

  protected override foreignConditionTail(word: string): void {
    const { lexer } = this;
    const { start, end } = this.here();
    if (this.at(T.ColonAssign)) {
      this.foreign(this.here(), `'${word}' takes a condition alone`, 'no variable can be declared here', {
        hint: 'declare it on the line before: let x = ...',
      });
      while (!this.at(T.LBrace) && !this.at(T.RBrace) && !this.at(T.Eof) && !lexer.newlineBefore) this.skipBalanced();
      return;
    }
    if (!this.at(T.Tilde) || this.source.text[end] !== '=') return;
    this.foreign({ start, end: end + 1 }, "'~=' is written '!='", "write '!='", { instead: '!=' });
    lexer.next();
    lexer.next();
    this.parseExpr();
  }

  protected override foreignRange(): boolean {
    const { lexer } = this;
    if (!this.at(T.ColonAssign)) return false;
    const { start, end } = lexer;
    if (!/^\s*range\s+\w/.test(this.source.text.slice(end, end + 40))) return false;
    lexer.next();
    this.foreign({ start, end: lexer.end }, "a loop over elements is written with 'in'", "write 'in'", {
      instead: 'in',
    });
    lexer.next();
    return true;
  }

  protected override foreignForHeader(first: ast.Stmt): void {
    if (this.at(T.LBrace) || this.at(T.RParen)) {
      if (first.kind === 'ExprStmt')
        this.failWith('foreign-syntax', "a loop with a condition alone is a 'while'", {
          label: "expected ';' or 'in'",
          hint: 'write while condition { ... }',
        });
      return;
    }
    if (this.at(T.Comma))
      this.failWith('unexpected-token', 'one variable is declared at a time', {
        label: 'a second one',
        hint: 'declare the others before the loop',
      });
    if (first.kind !== 'ExprStmt' || first.expr.kind !== 'Ident') return;
    if (this.at(T.Colon))
      this.failWith('foreign-syntax', "a loop over elements is written with 'in'", {
        label: "write 'in'",
        hint: `write for ${first.expr.name} in list`,
      });
    if (this.at(T.Ident)) {
      const next = this.peekOnLine();
      if (next === T.LBrace || next === T.RParen) {
        const { start } = this.lexer;
        this.failWith('unexpected-token', `expected 'in' before ${this.found()}`, {
          label: "write 'in' before this",
          fix: { span: { start, end: start }, text: 'in ' },
        });
      }
      this.failWith('foreign-syntax', 'the variable of a loop has no type', {
        label: 'expected the loop to go on',
        hint: `write for (let ${this.lexer.value} = ...; ...) or for ${this.lexer.value} in ...`,
      });
    }
  }

  // ------------------------------------------------------------------ match

  protected override foreignArm(): boolean {
    const { lexer } = this;
    if (this.at(T.Else)) {
      this.foreign(this.here(), "the arm for everything else is written '_'", "write '_'", { instead: '_' });
      lexer.next();
      return true;
    }
    if (!lexer.foreign) return false;
    const next = lexer.peekKind();
    if (this.atWord('default') && (next === T.Colon || next === T.ThinArrow)) {
      this.foreign(this.here(), "the arm for everything else is written '_ =>'", "write '_ =>'");
      lexer.next();
      lexer.next();
      lexer.kind = T.FatArrow;
      this.skipArms();
    }
    if ((this.atWord('case') || this.atWord('when')) && (startsOperand(next) || next === T.Dot)) {
      this.foreign(this.here(), `an arm of a match has no '${lexer.value}'`, 'leave it out', {
        hint: 'match value { 1 => ..., 2, 3 => ..., _ => ... }',
        instead: '',
      });
      lexer.next();
    }
    return false;
  }

  protected override foreignArmArrow(): void {
    const span = this.here();
    if (this.at(T.Colon)) {
      this.foreign(span, "a pattern and its result are separated by '=>'", "write '=>'", {
        hint: 'several statements stand in braces: 1 => { ... }',
      });
      this.skipArms();
    }
    if (!this.at(T.ThinArrow) && !this.at(T.Assign)) this.fail("'=>' after the pattern");
    this.foreign(span, "a pattern and its result are separated by '=>'", "write '=>'", { instead: '=>' });
    this.lexer.next();
  }

  /** The arms are written in another way: one error for all. */
  private skipArms(): never {
    while (!this.at(T.RBrace) && !this.at(T.Eof)) this.skipBalanced();
    return this.giveUp();
  }

  protected override foreignPatternTail(): void {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.Dot:
      case T.LParen:
      case T.Plus:
        return this.fail("'=>' after the pattern", {
          hint: 'a pattern compares with literals; compare with other values in a guard: v if v == limit => ...',
        });
      case T.Lt:
      case T.LtEq:
      case T.Gt:
      case T.GtEq:
      case T.EqEq:
      case T.NotEq:
      case T.In:
        return this.failWith('unexpected-token', `a pattern holds no comparison`, {
          label: 'expected a literal, a name, [...] or {...}',
          hint: `compare in a guard: n if n ${lexer.shown()} ... => ...`,
        });
      case T.TemplateHead:
        return this.failWith('unexpected-token', 'a pattern holds no expression', {
          label: "no '${ }' here",
          hint: 'compare in a guard: v if v == `...` => ...',
        });
      case T.DotDot:
        return this.failWith('bad-range', 'a range in a pattern is one of numbers', {
          label: 'expected a number before it',
        });
      default:
        break;
    }
  }

  // ------------------------------------------------------------------ import, export

  protected override foreignImport(start: number): ast.Import {
    const { lexer } = this;
    switch (lexer.kind) {
      case T.Star:
        lexer.next();
        if (!this.takeWord('as')) return this.fail("'as' and a name", { hint: 'import "path" as name' });
        return this.foreignDefaultImport(start, this.parseName("a name after 'as'"));
      case T.LParen:
        return this.failWith('foreign-syntax', 'each module is imported on a line of its own', {
          label: 'no list of modules',
          hint: 'import "path"',
        });
      case T.Dot:
        return this.failWith('foreign-syntax', 'a module of built-ins has a plain name', {
          label: 'no dotted names',
          hint: 'import "lib/tool" imports a file, import math the built-ins of a group',
        });
      case T.Comma:
        return this.failWith('foreign-syntax', 'each module is imported on a line of its own', {
          label: 'a second one',
          hint: 'import { a, b } from "path" takes single names',
        });
      default:
        break;
    }
    if (this.atWord('from')) {
      const text = this.source.text;
      const end = lexer.prevEnd;
      const nameStart = end - (/[^\s]*$/.exec(text.slice(Math.max(start, end - 200), end))?.[0].length ?? 0);
      const name: ast.Ident = { kind: 'Ident', start: nameStart, end, name: text.slice(nameStart, end) };
      return this.foreignDefaultImport(start, name);
    }
    return this.fail('the path of a file in quotes, or the name of a module', {
      hint: 'import "path", import "path" as name, import { a } from "path", import math',
    });
  }

  /** `import x from "y"`: the whole module under a name. */
  private foreignDefaultImport(start: number, local: ast.Ident): ast.Import {
    if (!this.takeWord('from')) this.fail("'from' and a path");
    const path = this.parseImportPath();
    const { prevEnd: end } = this.lexer;
    const shown = this.source.text.slice(path.start, Math.min(path.end, path.start + 60));
    this.foreign({ start, end }, 'the path comes first, then the name', `write import ${shown} as ${local.name}`, {
      instead: `import ${shown} as ${local.name}`,
    });
    return { kind: 'Import', start, end, path, local, names: null };
  }

  protected override foreignExport(start: number): ast.Stmt {
    const { lexer } = this;
    const span = this.here();
    if (this.atWord('default')) {
      this.foreign(span, 'there is no default export: what is exported has a name', "leave 'default' out", {
        hint: 'export fn name(...) { ... }, or export { name }',
      });
      lexer.next();
      return this.parseStatement();
    }
    if (this.at(T.Star))
      return this.failWith('foreign-syntax', 'names are exported one by one', {
        label: 'no list of all names',
        hint: 'import what you need and export { a, b }',
      });
    if (lexer.foreign) {
      const foreign = this.foreignStatement();
      if (foreign !== null) return foreign;
    }
    if (this.at(T.Ident) && this.peekOnLine() === T.Assign) {
      const { start: nameStart } = span;
      this.report('unexpected-token', 'what is exported is declared', span, {
        label: `write let ${lexer.value}`,
        fix: { span: { start: nameStart, end: nameStart }, text: 'let ' },
      });
      return this.finishLet(start, 'let', this.parsePattern('the name of the variable'), false, null);
    }
    if (this.at(T.Ident)) {
      const name = lexer.value;
      this.report('unexpected-token', 'names are exported in braces', span, {
        label: `write { ${name} }`,
        fix: { span, text: `{ ${name} }` },
      });
      lexer.next();
      return { kind: 'Block', start, end: lexer.prevEnd, body: [] };
    }
    return this.fail("fn, let, const or '{ names }' after 'export'");
  }
}
