/** What the process that runs a file's tests tells the one that asked for them. */

/** A failure as a person reads it and as a program does. */
export interface TestError {
  readonly message: string;
  readonly code: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** With its place, the calls and a hint. */
  readonly shown: string;
}

export type TestEvent =
  | { readonly kind: 'begin'; readonly name: string; readonly limitMs: number }
  | { readonly kind: 'end'; readonly name: string; readonly ms: number; readonly error: TestError | null }
  /** Outside of the tests, or in a task that one of them left behind. */
  | { readonly kind: 'failure'; readonly error: TestError }
  /** The file does not parse; why, it has printed. */
  | { readonly kind: 'broken' };
