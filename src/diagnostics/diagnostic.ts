/**
 * A diagnostic is data: what is wrong, where, and what to do about it. The lexer, the parser, the
 * checker and run-time errors all make the same shape; renderers (terminal, JSON) are apart from it.
 * Spans are offsets into the source text; line and column are computed when shown.
 */

/** Half-open range of UTF-16 offsets in a source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One source text: a file, `-e` code or an input of the REPL. */
export interface Source {
  /** How the source is named to a person: a path as the user gave it, `<command line>`, `<repl 3>`. */
  readonly name: string;
  readonly text: string;
}

export type Severity = 'error' | 'warning';

/** A second place that explains the first: "the block was opened here". */
export interface Related {
  readonly source: Source;
  readonly span: Span;
  readonly message: string;
}

export interface Diagnostic {
  /** Stable, kebab-case for findings before the run (`unknown-name`), upper case at run time (`ETYPE`). */
  readonly code: string;
  readonly severity: Severity;
  /** The title: one sentence without a full stop. */
  readonly message: string;
  readonly source: Source;
  readonly span: Span;
  /** It is about the file as a whole, whose text is not shown with it. */
  readonly ofFile?: boolean;
  /** Short text under the caret: "not defined here". */
  readonly label?: string;
  readonly related?: readonly Related[];
  readonly notes?: readonly string[];
  /** Given only when it is likely right. */
  readonly hint?: string;
  /** A replacement an editor can apply. */
  readonly fix?: { readonly span: Span; readonly text: string };
}
