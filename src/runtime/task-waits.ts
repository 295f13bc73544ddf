/**
 * Waiting for tasks to end, one or many, and running functions as tasks that belong to a call: such tasks
 * never outlive it. Which failures count as seen is decided here: a task is watched while somebody waits for
 * it, and whoever gives one task's end as the answer for several takes over the failures of the others.
 */
import { fault, running } from './errors';
import type { ErrorValue, Site, SpawnTrace } from './errors';
import { ready, traceHere } from './park';
import type { Interruption } from './park';
import { cancelTask, currentTask, unwatchTask, watchTask } from './scheduler';
import type { Steps, Task, TaskWatcher } from './task';
import { TIMED_OUT, TimedWait } from './timed-wait';
import type { Value } from './values';

/** "2 seconds", "0.5 seconds". */
export function secondsText(ms: number): string {
  return ms === 1000 ? '1 second' : `${ms / 1000} seconds`;
}

function timedOut(builtin: string, what: string, timeoutMs: number): ErrorValue {
  return fault('ETIMEDOUT', `${builtin}: ${what} ended within ${secondsText(timeoutMs)}`, { function: builtin });
}

function refuseItself(builtin: string, tasks: readonly Task[]): void {
  if (!tasks.includes(currentTask())) return;
  throw fault('EDEADLK', `${builtin}: a task cannot wait for itself, that would never end`, { function: builtin });
}

/** The result of a task that has ended; throws what it failed with. */
function outcome(task: Task): Value {
  if (task.state === 'failed') throw task.value;
  return task.value as Value;
}

/** The result of a task, or throws its error. Throws ETIMEDOUT at the timeout; the task goes on. */
export function waitForTask(task: Task, timeoutMs: number | null): Steps<Value> {
  if (task.ended) return ready(outcome(task));
  refuseItself('wait', [task]);
  return new TaskWait(task, timeoutMs).steps();
}

class TaskWait extends TimedWait<Value> implements TaskWatcher {
  constructor(
    private readonly awaited: Task,
    private readonly timeoutMs: number | null,
  ) {
    super(timeoutMs);
    watchTask(awaited, this);
  }

  taskEnded(): void {
    this.wake(null);
  }

  protected leave(): void {
    unwatchTask(this.awaited, this);
  }

  override result(given: unknown): Value {
    if (given === TIMED_OUT) throw timedOut('wait', `task ${this.awaited.id} has not`, this.timeoutMs!);
    return outcome(this.awaited);
  }

  describe(): string {
    return `for task ${this.awaited.id} to end`;
  }
}

type Until = 'all have ended' | 'all have ended or one failed' | 'one has ended';

/** Gives the task that decided it (any one where all had to end), or `TIMED_OUT`. */
class TasksWait extends TimedWait<Task | typeof TIMED_OUT> implements TaskWatcher {
  private readonly left: Set<Task>;

  constructor(
    tasks: readonly Task[],
    private readonly until: Until,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
    this.left = new Set(tasks.filter((task) => !task.ended));
    for (const task of this.left) watchTask(task, this);
  }

  taskEnded(task: Task): void {
    this.left.delete(task);
    const decided = this.until === 'one has ended' || (this.until !== 'all have ended' && task.state === 'failed');
    if (decided) takeOver(this.left);
    else if (this.left.size > 0) return;
    this.leave();
    this.wake(task);
  }

  protected leave(): void {
    for (const task of this.left) unwatchTask(task, this);
  }

  describe(): string {
    const ids = [...this.left].slice(0, MAX_NAMED).map((task) => task.id);
    const more = this.left.size - ids.length;
    const names = ids.join(', ') + (more > 0 ? ` and ${more} more` : '');
    if (this.until === 'one has ended') return `for one of the tasks ${names} to end`;
    return this.left.size === 1 ? `for task ${names} to end` : `for the tasks ${names} to end`;
  }
}

/** A description names at most so many tasks. */
const MAX_NAMED = 5;

function takeOver(tasks: Iterable<Task>): void {
  for (const task of tasks) task.observed = true;
}

/**
 * The results of all, in order. Throws what the first one to fail failed with, and ETIMEDOUT at the timeout;
 * the others go on.
 */
export function* waitForAll(tasks: readonly Task[], timeoutMs: number | null): Steps<Value[]> {
  let failed = tasks.find((task) => task.state === 'failed');
  if (failed !== undefined) takeOver(tasks);
  else if (tasks.some((task) => !task.ended)) {
    refuseItself('wait_all', tasks);
    const last = yield* new TasksWait(tasks, 'all have ended or one failed', timeoutMs).steps();
    if (last === TIMED_OUT) {
      const left = tasks.filter((task) => !task.ended).length;
      throw timedOut('wait_all', `${left} of ${tasks.length} tasks ${left === 1 ? 'has' : 'have'} not`, timeoutMs!);
    }
    if (last.state === 'failed') failed = last;
  }
  if (failed !== undefined) throw failed.value;
  return tasks.map((task) => task.value as Value);
}

/** The result of the first one to end, or throws its error. Of some that have ended already: the first in order. */
export function* waitForAny(tasks: readonly Task[], timeoutMs: number | null): Steps<Value> {
  const ended = tasks.find((task) => task.ended);
  if (ended !== undefined) {
    takeOver(tasks);
    return outcome(ended);
  }
  refuseItself('wait_any', tasks);
  const first = yield* new TasksWait(tasks, 'one has ended', timeoutMs).steps();
  if (first === TIMED_OUT) throw timedOut('wait_any', `none of ${tasks.length} tasks has`, timeoutMs!);
  return outcome(first);
}

/** The place of the call of a built-in, for the errors of the tasks that it runs functions in. */
export function calledHere(): SpawnTrace {
  const caller = traceHere();
  return {
    caller,
    get site(): Site {
      return caller.site!;
    },
    get function(): string {
      return caller.frames[0]?.function ?? '';
    },
    parent: null,
    depth: (running.task?.spawned?.depth ?? 0) + 1,
  };
}

/**
 * Waits until tasks that belong to the running call have ended, however they end; false when the time is over
 * first. When the caller is cancelled meanwhile, so are they, and the error is thrown once they have ended.
 */
export function* untilEnded(tasks: readonly Task[], timeoutMs: number | null): Steps<boolean> {
  let thrown: { readonly error: unknown } | null = null;
  while (tasks.some((task) => !task.ended)) {
    try {
      const last = yield* new TasksWait(tasks, 'all have ended', thrown === null ? timeoutMs : null).steps();
      if (last === TIMED_OUT) return tasks.every((task) => task.ended);
    } catch (error) {
      // Once is enough for one that cleans up already; whoever cancels again wants that to end too.
      for (const task of tasks) if (thrown !== null || !task.cancelled) cancelTask(task);
      thrown ??= { error };
    }
  }
  if (thrown !== null) throw thrown.error;
  return true;
}

/** Cancels a task that belongs to the running call and waits until its clean-up is over. */
export function* endTask(task: Task, interruption: Interruption): Steps<void> {
  cancelTask(task, interruption);
  yield* untilEnded([task], null);
}
