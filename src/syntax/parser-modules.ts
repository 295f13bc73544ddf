/**
 * `import` and `export`.
 *
 * `import "lib/my-tools.sn"` names the module after the last part of its path: `my_tools`, with `_` for what
 * no name can hold, and with a `_` in front of a digit and behind a word of the language.
 */
import type * as ast from './ast';
import { isNamePart, isNameStart } from './characters';
import { Mode } from './parser-base';
import { ParserTasks } from './parser-tasks';
import { isKeyword, isWord, T } from './tokens';

type ExportEntry = ast.Export['entries'][number];

export abstract class ParserModules extends ParserTasks {
  protected abstract parseLet(start: number, exported: boolean, doc: string | null): ast.Let;
  protected abstract parseFnDecl(start: number, exported: boolean, doc: string | null): ast.FnDecl;
  /** `import x from "y"`, `import * as x from "y"` and others: what was meant, reported. */
  protected abstract foreignImport(start: number): ast.Import;
  /** What other languages export: reports it. */
  protected abstract foreignExport(start: number): ast.Stmt;

  protected parseImport(): ast.Import {
    const { lexer } = this;
    const { start } = lexer;
    lexer.next();
    if (this.at(T.LBrace)) return this.parseNamedImport(start);
    if (!this.at(T.Str) && !this.at(T.Template) && !this.at(T.Ident)) return this.foreignImport(start);
    const path = this.parseImportPath();
    if (path.kind === 'Ident' && !lexer.newlineBefore && (this.at(T.Comma) || this.at(T.Dot) || this.atWord('from'))) {
      return this.foreignImport(start);
    }
    return this.finishImport(start, path);
  }

  /** `as name`, if it follows, and the import of a whole module. */
  protected finishImport(start: number, path: ast.StrLit | ast.Ident): ast.Import {
    const local =
      !this.lexer.newlineBefore && this.takeWord('as') ? this.parseName("a name after 'as'") : localName(path);
    return { kind: 'Import', start, end: this.lexer.prevEnd, path, local, names: null };
  }

  protected parseImportPath(): ast.StrLit | ast.Ident {
    const { lexer } = this;
    const { start, end, kind, value } = lexer;
    if (kind === T.Str || kind === T.Template) {
      lexer.next();
      if (end - start === 2)
        this.report('empty-path', 'the path of an import is empty', { start, end }, { label: 'no file is named here' });
      return { kind: 'Str', start, end, value };
    }
    return this.parseName('the path of a file in quotes, or the name of a module');
  }

  private parseNamedImport(start: number): ast.Import {
    const { lexer, mode } = this;
    const names: ast.ImportName[] = [];
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBrace)) {
      names.push(this.parseImportName());
      if (!this.moreItems(T.RBrace, 'the names')) break;
    }
    this.close(T.RBrace, 'the names');
    this.mode = mode;
    if (!this.takeWord('from')) this.fail("'from' and the path of the file", { hint: 'import { name } from "path"' });
    const path = this.parseImportPath();
    return { kind: 'Import', start, end: lexer.prevEnd, path, local: null, names };
  }

  private parseImportName(): ast.ImportName {
    const { lexer } = this;
    const { start, end, value: name } = lexer;
    if (!isWord(lexer.kind)) this.fail('a name that the file exports');
    if (lexer.kind !== T.Ident) {
      // A word of the language can be exported under that name, but needs another one here.
      lexer.next();
      if (!this.takeWord('as')) this.fail(`'as' and another name: '${name}' is a word of the language`);
      return { kind: 'ImportName', start, name, local: this.parseName("a name after 'as'"), end: lexer.prevEnd };
    }
    lexer.next();
    const local: ast.Ident = this.takeWord('as')
      ? this.parseName("a name after 'as'")
      : { kind: 'Ident', start, end, name };
    return { kind: 'ImportName', start, end: lexer.prevEnd, name, local };
  }

  // ------------------------------------------------------------------ export

  protected parseExport(): ast.Stmt {
    const { lexer } = this;
    const { start } = lexer;
    const doc = this.docHere();
    lexer.next();
    switch (lexer.kind) {
      case T.Let:
      case T.Const:
      case T.Var:
        return this.parseLet(start, true, doc ?? this.docHere());
      case T.Fn:
        return this.parseFnDecl(start, true, doc ?? this.docHere());
      case T.LBrace:
        return this.parseExportList(start);
      default:
        break;
    }
    return this.foreignExport(start);
  }

  private parseExportList(start: number): ast.Export {
    const { mode } = this;
    const entries: ExportEntry[] = [];
    this.open();
    this.mode = Mode.Plain;
    while (!this.at(T.RBrace)) {
      entries.push(this.parseExportEntry());
      if (!this.moreItems(T.RBrace, 'the names')) break;
    }
    this.close(T.RBrace, 'the names');
    this.mode = mode;
    return { kind: 'Export', start, end: this.lexer.prevEnd, entries };
  }

  private parseExportEntry(): ExportEntry {
    const { lexer } = this;
    const { kind, value: name } = lexer;
    const nameSpan = this.here();
    if (!isWord(kind) && kind !== T.Str && kind !== T.Template) this.fail('a name, or "name": value');
    lexer.next();
    if (this.take(T.Colon)) return { name, nameSpan, value: this.parseExpr() };
    if (kind !== T.Ident) this.fail("':' and the value that is exported");
    const value: ast.Ident = { kind: 'Ident', ...nameSpan, name };
    if (!this.takeWord('as')) return { name, nameSpan, value };
    if (!isWord(lexer.kind)) this.fail("a name after 'as'");
    const exported = { name: lexer.value, nameSpan: this.here(), value };
    lexer.next();
    return exported;
  }
}

/** The variable that an import without `as` makes; its span is that of the path. Null where no name is left. */
function localName(path: ast.StrLit | ast.Ident): ast.Ident | null {
  const { start, end } = path;
  if (path.kind === 'Ident') return { kind: 'Ident', start, end, name: path.name };
  const parts = path.value.split(/[\\/]/);
  const last = (parts.pop() || parts.pop() || '').replace(/\.sn$/, '');
  let name = '';
  for (const char of last) name += isNamePart(char.codePointAt(0)!) ? char : '_';
  if (/^_*$/.test(name)) return null;
  if (!isNameStart(name.codePointAt(0)!)) name = `_${name}`;
  if (isKeyword(name)) name = `${name}_`;
  return { kind: 'Ident', start, end, name };
}
