/** From places in generated code back to the program: what error values and stack traces ask. */
import { lineStarts, positionAt } from '../diagnostics/lines';
import type { Source, Span } from '../diagnostics/diagnostic';
import type { Mark } from '../emit/writer';
import type { Script, Site } from '../runtime/errors';

const NO_CALL = { name: null, args: [] };

/** How the top level of a file is named in a call stack. */
export const TOP_LEVEL = '<main>';

export class ScriptSites implements Script {
  constructor(
    private readonly source: Source,
    /** In the order of the generated text. */
    private readonly marks: readonly Mark[],
  ) {}

  siteAt(line: number, column: number): Site | null {
    let low = 0;
    let high = this.marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const mark = this.marks[middle]!;
      if (mark.line < line - 1 || (mark.line === line - 1 && mark.column < column)) low = middle + 1;
      else high = middle;
    }
    const mark = this.marks[low - 1];
    if (mark !== undefined && mark.line === line - 1) return this.site(mark.span, mark.operands, mark);
    return this.lineSite(line);
  }

  /** A line as a whole, where nothing on it was noted. */
  private lineSite(line: number): Site | null {
    const starts = lineStarts(this.source);
    const start = starts[line - 1];
    if (start === undefined) return null;
    const text = this.source.text.slice(start, starts[line] ?? this.source.text.length);
    const indent = text.length - text.trimStart().length;
    return this.site({ start: start + indent, end: start + Math.max(indent, text.trimEnd().length) }, []);
  }

  site(span: Span, operands: readonly Span[], call: Pick<Mark, 'name' | 'args'> = NO_CALL): Site {
    const { line, column } = positionAt(this.source, span.start);
    return {
      source: this.source,
      span: { start: span.start, end: span.end },
      line,
      column,
      operands: operands.map((operand) => this.source.text.slice(operand.start, operand.end)),
      callee: call.name,
      args: call.args,
    };
  }

  functionName(generated: string | null): string | null {
    if (generated === null || generated === '') return '<anonymous>';
    if (generated === '$main') return TOP_LEVEL;
    // V8 names a function literal by the temporary that it is put into.
    if (/^\$\d/.test(generated)) return '<anonymous>';
    return generated.split('$')[0] || null;
  }
}
