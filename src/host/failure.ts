/** What the system said when something failed, before it is put into the words of the language. */

export interface Failure {
  readonly code: string;
  /** Its own text, for codes that no table knows. */
  readonly message: string;
  /** It was the lookup of the name that took too long. */
  readonly isLookup?: boolean;
}

/** Of an error of the system, or of the language. */
export function failureOf(error: unknown): Failure {
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  return { code: code ?? 'EIO', message: message ?? String(error) };
}
