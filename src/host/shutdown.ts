/**
 * What the orderly end of a program closes first: whoever opens a listener registers how to close it, so the
 * end of a program that opened none loads no network module.
 */
const closers = new Set<() => void>();

/** `close` is called at most once, when the program begins to end. Gives the function that takes it back. */
export function closeAtShutdown(close: () => void): () => void {
  closers.add(close);
  return () => closers.delete(close);
}

/** Closes all listeners: nobody new gets in, those who wait for a client are woken with an error. */
export function closeListeners(): void {
  const all = [...closers];
  closers.clear();
  for (const close of all) close();
}
