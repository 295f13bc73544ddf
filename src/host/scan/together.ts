/** Several things that wait, at the same time inside of one task: when it is cancelled or one fails, all end. */
import { Operation } from '../../runtime/operation';
import { cancelTask, spawnTask, watchTask } from '../../runtime/scheduler';
import type { Steps, Task } from '../../runtime/task';

/** `work` for each item, at most `most` at a time; the results in the order of the items. */
export function* together<T, R>(items: readonly T[], most: number, work: (item: T) => Steps<R>): Steps<R[]> {
  const results: R[] = [];
  let next = 0;
  function* worker(): Steps<null> {
    while (next < items.length) {
      const index = next++;
      results[index] = yield* work(items[index]!);
    }
    return null;
  }
  const tasks: Task[] = Array.from({ length: Math.min(most, items.length) }, () => spawnTask(worker(), null));
  try {
    for (const task of tasks) yield* ended(task);
  } finally {
    for (const task of tasks) {
      task.observed = true;
      cancelTask(task);
    }
  }
  return results;
}

function* ended(task: Task): Steps<void> {
  const operation = new Operation<null>(`for task ${task.id}`);
  watchTask(task, { taskEnded: () => operation.succeed(null) });
  yield* operation.wait();
  if (task.state === 'failed') throw task.value;
}
