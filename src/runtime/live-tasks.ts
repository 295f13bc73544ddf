/**
 * The tasks that have not ended, in a list of which each knows its place. A `Set` would do the same, but one that
 * is added to and deleted from without end makes a new table every so often, and a table that the young generation
 * has handed on keeps alive what was made after it: a server that answers requests would fill memory with tasks that
 * are over until the next full collection.
 *
 * Always: `task.place` is the index of a task that has not ended, and -1 of any other.
 */
import type { Task } from './task';

export class LiveTasks implements Iterable<Task> {
  private readonly list: Task[] = [];

  get size(): number {
    return this.list.length;
  }

  add(task: Task): void {
    task.place = this.list.push(task) - 1;
  }

  delete(task: Task): void {
    const last = this.list.pop()!;
    if (last !== task) {
      this.list[task.place] = last;
      last.place = task.place;
    }
    task.place = -1;
  }

  /** In the order in which they were started; those that are there now. */
  [Symbol.iterator](): Iterator<Task> {
    return this.list.toSorted((a, b) => a.id - b.id).values();
  }
}
