/**
 * Reads a text into its syntax tree. Whatever the text is, the answer is a tree and what is wrong with the
 * text; nothing is thrown, and the time is linear in its length.
 */
import type { Diagnostic, Source } from '../diagnostics/diagnostic';
import type * as ast from './ast';
import type { Comment } from './lexer';
import { notText } from './not-text';
import { ParserForeignDeclarations } from './parser-foreign-declarations';
import { T } from './tokens';

export interface Parsed {
  /** Not to be run when there are errors. */
  readonly program: ast.Program;
  /** In the order of the text. */
  readonly diagnostics: Diagnostic[];
  /** The text is right as far as it goes, but ends inside something that more input could complete. */
  readonly incomplete: boolean;
  /** All comments, in the order of the text, where they were asked for. */
  readonly comments: Comment[];
}

export interface ParseOptions {
  /** Keep the comments. */
  readonly comments?: boolean;
}

export function parse(source: Source, options: ParseOptions = {}): Parsed {
  const finding = notText(source);
  if (finding !== null) {
    const program: ast.Program = { kind: 'Program', start: 0, end: source.text.length, body: [] };
    return { program, diagnostics: [finding], incomplete: false, comments: [] };
  }
  return new Parser(source, options.comments === true).parse();
}

class Parser extends ParserForeignDeclarations {
  parse(): Parsed {
    const { lexer } = this;
    const body: ast.Stmt[] = [];
    try {
      this.parseProgram(body);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The caller had used up most of the stack already.
      lexer.report('too-deep', 'the program is nested too deeply to be read here', lexer.start, lexer.start);
    }
    const { diagnostics, stopped } = lexer;
    diagnostics.sort((a, b) => a.span.start - b.span.start);
    return {
      program: { kind: 'Program', start: 0, end: this.source.text.length, body },
      diagnostics,
      incomplete:
        !stopped && diagnostics.length > 0 && diagnostics.length === this.endReports + (lexer.incomplete ? 1 : 0),
      comments: lexer.comments ?? [],
    };
  }

  private parseProgram(body: ast.Stmt[]): void {
    for (;;) {
      for (const statement of this.parseStatements(false)) body.push(statement);
      if (this.at(T.Eof)) return;
      this.report('unexpected-token', "unexpected '}'", this.here(), { label: 'no block is open here' });
      this.lexer.next();
    }
  }
}
