/**
 * What the orderly end of a program closes first: whoever opens a listener registers how to close it, so the
 * end of a program that opened none loads no network module.
 */
import type { Task } from '../runtime/task';

/** Gives the tasks that may come to their own end first: answers to requests that have arrived. */
type Closer = () => Iterable<Task> | void;

const closers = new Set<Closer>();

/** `close` is called at most once, when the program begins to end. Gives the function that takes it back. */
export function closeAtShutdown(close: Closer): () => void {
  closers.add(close);
  return () => closers.delete(close);
}

/**
 * Closes all listeners: nobody new gets in, those who wait for a client are woken with an error. Gives the tasks
 * that are not to be cancelled yet.
 */
export function closeListeners(): Set<Task> {
  const all = [...closers];
  closers.clear();
  const spared = new Set<Task>();
  for (const close of all) for (const task of close() ?? []) spared.add(task);
  return spared;
}
