/**
 * Runs tasks. One queue of those that can go on; a task runs until it waits or ends. Between two waits
 * nothing interrupts it, except that compiled loops in functions that can wait ask `slice()` now and
 * then and yield `TURN` when their time is over. After `DRAIN_MS` of running tasks the event loop gets a
 * turn, so that sockets and timers are served while tasks compute.
 *
 * There is one scheduler in a process, as there is one program: module state, because every step and
 * every wake reads it.
 */
import { caught, ErrorValue, fault, running } from './errors';
import type { SpawnTrace } from './errors';
import { Task, TURN } from './task';
import type { Steps, TaskWatcher, Waitable } from './task';
import type { Value } from './values';

/** A loop that can be interrupted gives way after this. */
const SLICE_MS = 8;
/** How long ready tasks run before the event loop gets a turn. */
const DRAIN_MS = 8;
/** Steps between two looks at the clock: a step can be as short as 50 ns, a look costs 30. */
const STEPS_PER_CLOCK = 64;

const CANCELLED = 'the task was cancelled';

export interface SchedulerHooks {
  /** A task failed and no task had asked for its result. */
  unobservedFailure(task: Task, error: Value): void;
  /** No task is ready and none can become so: nothing from outside is awaited either. */
  idle(): void;
  /** Tasks have run and now wait: the moment to write what was printed. */
  pause(): void;
}

let hooks: SchedulerHooks = { unobservedFailure() {}, idle() {}, pause() {} };

/** Ready tasks as a ring: `count` of them from `head` on; the capacity is a power of two. */
let ring: (Task | undefined)[] = new Array<Task | undefined>(1024);
let head = 0;
let count = 0;

let drainScheduled = false;
let draining = false;
let stepNumber = 0;
let sliceStep = -1;
let sliceStart = 0;
/** Waits that something outside will end, and servers that keep the program alive. */
let outside = 0;

/** Every task that has not ended; for reports, cancelling and the end of the program. */
export const liveTasks = new Set<Task>();

export function setHooks(next: SchedulerHooks): void {
  hooks = next;
}

/** Something outside the program (a started server, an operation under way) will wake it: it is not over. */
export function holdOpen(): void {
  outside++;
}

export function releaseOpen(): void {
  outside--;
  if (outside === 0 && count === 0 && !draining) scheduleDrain();
}

function enqueue(task: Task): void {
  if (count === ring.length) growRing();
  ring[(head + count) & (ring.length - 1)] = task;
  count++;
  if (!drainScheduled && !draining) scheduleDrain();
}

function growRing(): void {
  const larger = new Array<Task | undefined>(ring.length * 2);
  for (let i = 0; i < count; i++) larger[i] = ring[(head + i) & (ring.length - 1)];
  ring = larger;
  head = 0;
}

const soon = Promise.resolve();

function scheduleDrain(): void {
  drainScheduled = true;
  void soon.then(drain);
}

/** Runs ready tasks; gives the event loop a turn when they take long. */
export function drain(): void {
  drainScheduled = false;
  if (draining) return;
  draining = true;
  let untilClock = STEPS_PER_CLOCK;
  let started = -1;
  while (count > 0) {
    const task = ring[head]!;
    ring[head] = undefined;
    head = (head + 1) & (ring.length - 1);
    count--;
    const turned = step(task);
    if (turned || --untilClock === 0) {
      untilClock = STEPS_PER_CLOCK;
      const now = performance.now();
      if (started < 0) started = now;
      if (turned || now - started >= DRAIN_MS) break;
    }
  }
  draining = false;
  hooks.pause();
  if (count > 0) {
    drainScheduled = true;
    setImmediate(drain);
  } else if (outside === 0) {
    hooks.idle();
  }
}

/** Runs a task up to its next wait. True when it gave way because its slice was over. */
function step(task: Task): boolean {
  stepNumber++;
  running.task = task;
  task.state = 'running';
  if (task.cancelPending && !task.started) {
    task.cancelPending = false;
    task.throws = true;
    task.value = fault('ECANCELED', CANCELLED);
  }
  task.started = true;
  const value = task.value;
  task.value = null;
  try {
    const throws = task.throws;
    task.throws = false;
    const result = throws ? task.steps!.throw(value) : task.steps!.next(value);
    if (result.done === true) {
      finish(task, result.value ?? null, false);
      return false;
    }
    if (result.value === TURN) {
      task.state = 'ready';
      if (task.cancelPending) {
        task.cancelPending = false;
        task.throws = true;
        task.value = fault('ECANCELED', CANCELLED);
      }
      enqueue(task);
      return true;
    }
    park(task, result.value);
  } catch (error) {
    finish(task, caught(error), true);
  } finally {
    running.task = null;
  }
  return false;
}

function park(task: Task, waitable: Waitable): void {
  task.state = 'waiting';
  task.waitingOn = waitable;
  if (waitable.external) outside++;
  if (task.cancelPending) {
    task.cancelPending = false;
    interrupt(task, fault('ECANCELED', CANCELLED));
  }
}

function finish(task: Task, value: unknown, failed: boolean): void {
  task.state = failed ? 'failed' : 'done';
  task.value = value;
  task.throws = failed;
  task.steps = null;
  liveTasks.delete(task);
  const watchers = task.watchers;
  task.watchers = null;
  if (watchers !== null) for (const watcher of watchers) watcher.taskEnded(task);
  if (failed && !task.observed && !isCancellation(value as Value)) {
    hooks.unobservedFailure(task, value as Value);
  }
}

function isCancellation(error: Value): boolean {
  return error instanceof ErrorValue && error.code === 'ECANCELED';
}

/** Starts a task; it runs once the present one waits. */
export function spawnTask(steps: Steps<unknown>, spawned: SpawnTrace | null): Task {
  const task = new Task(steps, spawned);
  liveTasks.add(task);
  enqueue(task);
  return task;
}

function unpark(task: Task): void {
  if (task.state !== 'waiting') throw new Error(`task ${task.id} was woken while it was ${task.state}`);
  if (task.waitingOn!.external) outside--;
  task.waitingOn = null;
  task.state = 'ready';
}

/** Wakes a waiting task with the result of its wait. The caller has already taken it off its waitable. */
export function resume(task: Task, value: unknown): void {
  unpark(task);
  task.value = value;
  enqueue(task);
}

/** Wakes a waiting task by throwing `error` at its wait. The caller has already taken it off its waitable. */
export function resumeWithError(task: Task, error: Value): void {
  unpark(task);
  task.value = error;
  task.throws = true;
  enqueue(task);
}

/** Takes a waiting task off what it waits for and throws `error` there. */
export function interrupt(task: Task, error: Value): void {
  task.waitingOn!.abandon(task);
  resumeWithError(task, error);
}

/** `cancel(t)`: its current wait, or its next one, throws ECANCELED. One that has not begun never does. */
export function cancelTask(task: Task): void {
  task.observed = true;
  switch (task.state) {
    case 'waiting':
      interrupt(task, fault('ECANCELED', CANCELLED));
      break;
    case 'ready':
    case 'running':
      task.cancelPending = true;
      break;
    case 'done':
    case 'failed':
      break;
  }
}

/** Asks to be told when the task ends; at once when it has. */
export function watchTask(task: Task, watcher: TaskWatcher): void {
  task.observed = true;
  if (task.ended) watcher.taskEnded(task);
  else (task.watchers ??= []).push(watcher);
}

export function unwatchTask(task: Task, watcher: TaskWatcher): void {
  const index = task.watchers?.indexOf(watcher) ?? -1;
  if (index >= 0) task.watchers!.splice(index, 1);
}

/** Asked by compiled loops in functions that can wait: is it time to let others run? */
export function slice(): boolean {
  const now = performance.now();
  if (sliceStep !== stepNumber) {
    sliceStep = stepNumber;
    sliceStart = now;
    return false;
  }
  return now - sliceStart >= SLICE_MS;
}

/** A loop looks at the clock about this often, in milliseconds. */
const PACE_MS = 0.5;
/** Turns of a loop between two looks at the clock, at most: a turn may suddenly take longer than those before. */
const MAX_TURNS = 1024;
let lastLook = 0;

/**
 * Asked by compiled loops in functions that can wait, after `turns` turns: how many to make before asking
 * again, negative when it is time to let others run first.
 */
export function pace(turns: number): number {
  const now = performance.now();
  const taken = now - lastLook;
  lastLook = now;
  if (sliceStep !== stepNumber) {
    sliceStep = stepNumber;
    sliceStart = now;
    return turns;
  }
  const next = taken < PACE_MS / 2 ? Math.min(MAX_TURNS, turns * 2) : taken > 2 * PACE_MS ? Math.max(1, turns >> 1) : turns;
  return now - sliceStart >= SLICE_MS ? -next : next;
}

/**
 * The engine has thrown away the JavaScript that ran inside `drain` (Ctrl-C in a loop without end): the task
 * that ran is gone, without its `finally` blocks; all others go on.
 */
export function abandonRunning(): void {
  draining = false;
  const task = running.task;
  running.task = null;
  if (task !== null) finish(task, fault('ECANCELED', CANCELLED), true);
  if (!drainScheduled) scheduleDrain();
}

/** The running task. Built-ins that wait run in one. */
export function currentTask(): Task {
  if (running.task === null) throw new Error('no task is running');
  return running.task;
}

/**
 * An operation of the outside world that one task waits for. `yield* wait()` parks; `succeed` or `fail`
 * wakes the task, also when they come before the wait.
 *
 * A failure is made in the task when it goes on, not where the news arrives: only there does the error's
 * stack show the program.
 */
export class Operation<T> implements Waitable {
  readonly external = true;
  private task: Task | null = null;
  private result: T | undefined;
  private failure: (() => Value) | null = null;
  private over = false;

  constructor(
    private readonly what: string,
    private readonly onCancel: (() => void) | null = null,
  ) {}

  describe(): string {
    return this.what;
  }

  abandon(): void {
    this.task = null;
    this.over = true;
    this.onCancel?.();
  }

  succeed(value: T): void {
    if (this.over) return;
    this.result = value;
    this.settle();
  }

  fail(makeError: () => Value): void {
    if (this.over) return;
    this.failure = makeError;
    this.settle();
  }

  private settle(): void {
    this.over = true;
    const task = this.task;
    this.task = null;
    if (task !== null) resume(task, null);
  }

  /** Waits for the end of the operation: `const socket = yield* operation.wait()`. */
  *wait(): Steps<T> {
    if (!this.over) {
      this.task = currentTask();
      yield this;
    }
    if (this.failure !== null) throw this.failure();
    return this.result as T;
  }
}

/**
 * Parks until `start`'s callbacks are called. `start` may return a function that stops the operation
 * when the task is cancelled. `what` words the wait: "for a connection on tcp:127.0.0.1:80".
 */
export function* operation<T>(
  what: string,
  start: (succeed: (value: T) => void, fail: (makeError: () => Value) => void) => (() => void) | void,
): Steps<T> {
  let stop: (() => void) | void;
  const op = new Operation<T>(what, () => stop?.());
  stop = start(
    (value) => op.succeed(value),
    (makeError) => op.fail(makeError),
  );
  return yield* op.wait();
}
