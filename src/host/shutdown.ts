/**
 * What the orderly end of a program closes first, and what it sends last: whoever opens a listener or a socket
 * registers for it, so the end of a program that opened none loads no network module.
 */
import type { Steps, Task } from '../runtime/task';

/** Gives the tasks that may come to their own end first: answers to requests that have arrived. */
type Closer = () => Iterable<Task> | void;

const closers = new Set<Closer>();

/** `close` is called at most once, when the program begins to end. Gives the function that takes it back. */
export function closeAtShutdown(close: Closer): () => void {
  closers.add(close);
  return () => closers.delete(close);
}

type Finisher = () => Iterable<Steps<unknown>>;

const finishers: Finisher[] = [];

/** `finish` is called once, when all tasks have ended: it gives what is still to be done before the process does. */
export function finishAtEnd(finish: Finisher): void {
  finishers.push(finish);
}

/** What was handed over to be sent and has not gone out: the program ends when these steps have ended. */
export function unfinished(): Steps<unknown>[] {
  return finishers.splice(0).flatMap((finish) => [...finish()]);
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
