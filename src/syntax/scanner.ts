/**
 * The text being read, the place in it, and the findings so far: what the parts of the lexer share.
 * Nothing here throws, whatever the text holds; what is wrong becomes a diagnostic.
 */
import type { Diagnostic, Source } from '../diagnostics/diagnostic';

/** What a finding may carry beside its code, place and message. */
export type Details = Omit<Diagnostic, 'code' | 'severity' | 'message' | 'source' | 'span'>;

/**
 * After this many errors reading stops. A person mends the first few and runs again; a file that is no
 * program at all (an image, say) would otherwise give one error for each of its bytes.
 */
export const MAX_ERRORS = 100;

export class Scanner {
  readonly text: string;
  readonly diagnostics: Diagnostic[] = [];
  /** Offset of the next character to read. */
  pos = 0;
  /** The text ended inside something that has not been closed: more input could make it right. */
  incomplete = false;
  /** Set when a limit was reached: the rest of the text is not read and nothing more is reported. */
  stopped = false;
  /** Strings that begin before this place may lack their end: what led to that has been reported. */
  stringsReportedTo = -1;
  #errors = 0;

  constructor(readonly source: Source) {
    this.text = source.text;
  }

  /** Notes an error; after the limit of errors the rest of the text counts as read. */
  report(code: string, message: string, start: number, end: number, details?: Details): void {
    if (this.stopped) return;
    this.diagnostics.push({
      code,
      severity: 'error',
      message,
      source: this.source,
      span: { start, end },
      ...details,
    });
    if (++this.#errors >= MAX_ERRORS) this.stop();
  }

  /** Takes back what was reported since there were `count` diagnostics (looking ahead reads tokens twice). */
  forgetSince(count: number): void {
    if (this.diagnostics.length <= count) return;
    this.#errors -= this.diagnostics.length - count;
    this.diagnostics.length = count;
  }

  /** Nothing more is read or reported. */
  stop(): void {
    this.stopped = true;
    this.pos = this.text.length;
  }
}
