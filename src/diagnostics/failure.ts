/**
 * How a program that ran has failed, as data: what an error value, its call stack and its causes come to when
 * nobody caught it. The runtime makes it, the renderers show it.
 */
import type { Source, Span } from './diagnostic';

/** A call on the way to the place that failed. */
export interface StackCall {
  /** The name of the function; '' where it has none. */
  readonly function: string;
  /** Where it was called; for a task, where that was spawned. */
  readonly source: Source;
  readonly span: Span;
  readonly spawned: boolean;
}

export interface Failure {
  /** '' where there is none. */
  readonly code: string;
  readonly message: string;
  /** Null where no code of the program was running. */
  readonly place: { readonly source: Source; readonly span: Span } | null;
  readonly hint: string | null;
  readonly notes: readonly string[];
  /** Innermost first. */
  readonly stack: readonly StackCall[];
  /** Further calls came before the last one of the stack, but were not noted. */
  readonly stackCut: boolean;
  readonly cause: Failure | null;
}
