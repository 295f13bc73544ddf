/**
 * Writes generated JavaScript so that its line N is line N of the source: stack traces and breakpoints
 * then need no map. Where one piece of source is written twice (the two forms of a function), the second
 * copy stays on one line. Every place that can fail or be stepped to is noted with its source span.
 */
import type { Span } from '../diagnostics/diagnostic';

/** A noted place: generated line and column (from 0), the span in the source, spans of the operands. */
export interface Mark {
  readonly line: number;
  column: number;
  readonly span: Span;
  readonly operands: readonly Span[];
  /** Of a call: the name of what is called, and the spans of its arguments where each stands for one. */
  readonly name: string | null;
  readonly args: readonly Span[];
}

const NO_OPERANDS: readonly Span[] = [];

export class Writer {
  readonly marks: Mark[] = [];
  private readonly parts: string[] = [];
  private line = 0;
  private column = 0;
  /** Where each line of the source starts. */
  private readonly lineStarts: readonly number[];
  private oneLine = 0;

  constructor(source: string) {
    const starts = [0];
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
    this.lineStarts = starts;
  }

  /** `text` holds no line break. */
  write(text: string): void {
    this.parts.push(text);
    this.column += text.length;
  }

  /** Breaks lines until the line of this source offset is reached; none when it is already passed. */
  toLineOf(offset: number): void {
    if (this.oneLine > 0) return;
    let line = this.line;
    while (line + 1 < this.lineStarts.length && this.lineStarts[line + 1]! <= offset) line++;
    if (line === this.line) return;
    this.parts.push('\n'.repeat(line - this.line));
    this.line = line;
    this.column = 0;
  }

  /** Notes that the code from here on stands for this span. */
  mark(
    span: Span,
    operands: readonly Span[] = NO_OPERANDS,
    name: string | null = null,
    args: readonly Span[] = NO_OPERANDS,
  ): void {
    this.marks.push({ line: this.line, column: this.column, span, operands, name, args });
  }

  /** What `body` writes has no line breaks. */
  onOneLine(body: () => void): void {
    this.oneLine++;
    body();
    this.oneLine--;
  }

  /** The text with `header` before it; marks on the first line move along. */
  finish(header: string): string {
    for (const mark of this.marks) {
      if (mark.line > 0) break;
      mark.column += header.length;
    }
    return header + this.parts.join('');
  }
}
