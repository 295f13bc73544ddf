/**
 * Runs tasks. One queue of those that can go on; a task runs until it waits or ends. Between two waits
 * nothing interrupts it, except that compiled loops in functions that can wait ask `pace` now and then and
 * yield `TURN` when the time is over. After `TURN_MS` of running tasks the event loop gets a turn, so that
 * sockets and timers are served while tasks compute or pass messages to each other.
 *
 * Always: a task is in the queue once when it is `ready` and never otherwise; `outside` counts the parked
 * tasks whose waitable is external and the holds of `holdOpen`.
 *
 * There is one scheduler in a process, as there is one program: module state, because every step and
 * every wake reads it.
 */
import { caught, ErrorValue, fault, running } from './errors';
import type { SpawnTrace } from './errors';
import { LiveTasks } from './live-tasks';
import { limitMemory } from './memory-limit';
import { Interruption, stepInto, TURN_IN_PLACE } from './park';
import { Phase, Task, TURN } from './task';
import type { Steps, TaskWatcher, Waitable, Woken } from './task';
import type { Value } from './values';

/** How long tasks run before the event loop gets a turn; a loop that can be interrupted gives way then. */
const TURN_MS = 8;
/**
 * Steps between two looks at the clock, at most: a step can be as short as 30 ns, and a look takes as long. Fewer
 * while steps are long, so that there is a look about every `PACE_MS`.
 */
const MAX_STEPS_PER_LOOK = 64;
let stepsPerLook = MAX_STEPS_PER_LOOK;

/** What a task that is cancelled fails with. */
export const cancelledError = (): ErrorValue => fault('ECANCELED', 'the task was cancelled');

const CANCELLED = new Interruption(cancelledError);

export interface SchedulerHooks {
  /** A task failed while no task waited for it. One that was cancelled and ends with that is no failure. */
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
/** When the tasks got their turn; the monotonic clock. */
let turnStart = 0;
/**
 * The number of the present step. A compiled loop compares it in each turn: if it has changed since the last
 * one, the loop has waited and need not ask for the time. It begins anew before it is too large for V8 to keep
 * as it is.
 */
export const present = { step: 0 };
const MAX_STEP = 0x3fffffff;
/** Waits that something outside will end, and servers that keep the program alive. */
let outside = 0;

/** Every task that has not ended; for reports, cancelling and the end of the program. */
export const liveTasks = new LiveTasks();

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

/** How much is awaited from outside; for tests that look for what is left behind. */
export function awaitedFromOutside(): number {
  return outside;
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

/**
 * For what the event loop calls most, with no code of the program below it: what it wakes between `eventBegins` and
 * `eventEnds` runs there and then, without a way through the engine's queue. False where tasks are about to run anyway;
 * then there is nothing to end.
 */
export function eventBegins(): boolean {
  if (draining || drainScheduled) return false;
  drainScheduled = true;
  return true;
}

export function eventEnds(): void {
  drainScheduled = false;
  if (count > 0) drain();
}

/**
 * How many of something to do until the next look at the clock, when so many took so long. Always the same operations:
 * one that came new in the midst of a hot loop would throw away the loop's code.
 */
function adapted(count: number, ms: number, most: number): number {
  const more = ms < PACE_MS / 2 ? 1 : 0;
  const less = ms > 2 * PACE_MS ? 1 : 0;
  const next = (count << more) >> less;
  return next > most ? most : next < 1 ? 1 : next;
}

/** Runs ready tasks; gives the event loop a turn when they take long. */
export function drain(): void {
  drainScheduled = false;
  if (draining) return;
  draining = true;
  turnStart = performance.now();
  try {
    runReady();
  } finally {
    draining = false;
    running.task = null;
  }
  hooks.pause();
  goOnLater();
}

/**
 * Until none is ready or the time is over. V8 optimises this loop while it runs for the first time: with what comes
 * after it in the same function, it would throw that away at the loop's end, which it had not seen yet.
 */
function runReady(): void {
  let last = turnStart;
  let untilLook = stepsPerLook;
  while (count > 0) {
    const task = ring[head]!;
    ring[head] = undefined;
    head = (head + 1) & (ring.length - 1);
    count--;
    const turned = step(task);
    if (turned || --untilLook === 0) {
      const now = performance.now();
      if (now - turnStart >= TURN_MS) return;
      stepsPerLook = adapted(stepsPerLook, now - last, MAX_STEPS_PER_LOOK);
      untilLook = stepsPerLook;
      last = now;
    }
  }
}

/** What is still ready goes on in the event loop's next turn; tells when nothing can become ready any more. */
function goOnLater(): void {
  if (count > 0) {
    drainScheduled = true;
    setImmediate(drain);
  } else if (outside === 0 && !drainScheduled) {
    hooks.idle();
  }
}

/** Runs a task up to its next wait. True when it only let others run. */
function step(task: Task): boolean {
  present.step = (present.step + 1) & MAX_STEP;
  running.task = task;
  if (task.started) task.phase = Phase.Running;
  else begin(task);
  const value = task.value;
  let yielded: Waitable | null;
  try {
    const result = task.throws ? throwInto(task, value) : task.steps!.next(value);
    yielded = result.value as Waitable | null;
    if (result.done === true) {
      finish(task, yielded ?? null, false);
      return false;
    }
  } catch (error) {
    finish(task, caught(error), true);
    return false;
  }
  task.value = null;
  if (yielded === TURN || yielded === TURN_IN_PLACE) {
    letOthersRun(task, yielded);
    return true;
  }
  task.phase = Phase.Waiting;
  task.waitingOn = yielded;
  if (yielded.external) outside++;
  if (task.pendingCancel !== null) cancelAtWait(task);
  return false;
}

function throwInto(task: Task, error: unknown): IteratorResult<Waitable | null> {
  task.throws = false;
  return error instanceof Interruption ? stepInto(task.steps!, error) : task.steps!.throw(error);
}

/** A cancel came before the wait: it takes effect now. */
function cancelAtWait(task: Task): void {
  const cancel = task.pendingCancel!;
  task.pendingCancel = null;
  interrupt(task, cancel);
}

/** The first step; of a task that was cancelled before it, no step of its code runs. */
function begin(task: Task): void {
  task.started = true;
  task.phase = Phase.Running;
  const cancel = task.pendingCancel;
  if (cancel === null) return;
  task.pendingCancel = null;
  task.throws = true;
  task.value = cancel.makeError();
}

function letOthersRun(task: Task, yielded: Waitable | null): void {
  task.phase = Phase.Ready;
  const cancel = task.pendingCancel;
  if (cancel !== null) {
    task.pendingCancel = null;
    task.throws = true;
    // A bare `yield` of compiled code cannot make the error in its place.
    task.value = yielded === TURN ? cancel.makeError() : cancel;
  }
  enqueue(task);
}

function finish(task: Task, value: unknown, failed: boolean): void {
  running.task = null;
  task.phase = failed ? Phase.Failed : Phase.Done;
  task.value = value;
  task.throws = failed;
  task.steps = null;
  task.pendingCancel = null;
  liveTasks.delete(task);
  const watchers = task.watchers;
  task.watchers = null;
  if (watchers === null) {
    if (failed && !task.observed && !endedByCancel(task)) hooks.unobservedFailure(task, value as Value);
  } else if (watchers instanceof Set) {
    for (const watcher of watchers) watcher.taskEnded(task);
  } else {
    watchers.taskEnded(task);
  }
}

function endedByCancel(task: Task): boolean {
  return task.cancelled && task.value instanceof ErrorValue && task.value.code === 'ECANCELED';
}

/** Starts a task; it runs once the present one waits. */
export function spawnTask(steps: Steps<unknown>, spawned: SpawnTrace | null): Task {
  const task = new Task(steps, spawned);
  liveTasks.add(task);
  enqueue(task);
  return task;
}

function unpark(task: Task): void {
  if (task.phase !== Phase.Waiting) throw new Error(`task ${task.id} was woken while it was ${task.state}`);
  if (task.waitingOn!.external) outside--;
  task.waitingOn = null;
  task.phase = Phase.Ready;
}

/** Wakes a waiting task with the result of its wait. The caller has already taken it off its waitable. */
export function resume(task: Task, value: Woken): void {
  unpark(task);
  task.value = value;
  enqueue(task);
}

/** Wakes a waiting task by throwing `error` at its wait. The caller has already taken it off its waitable. */
export function resumeWithError(task: Task, error: Value | Interruption): void {
  unpark(task);
  task.value = error;
  task.throws = true;
  enqueue(task);
}

/** Takes a waiting task off what it waits for; the error is made and thrown where it waits. */
export function interrupt(task: Task, interruption: Interruption): void {
  task.waitingOn!.abandon(task);
  resumeWithError(task, interruption);
}

/**
 * `cancel(t)`: its current wait throws ECANCELED, or its next one when the current one is just over: what a
 * wait has got is never lost. A task that has not begun never does. Cancelling again before the task has
 * felt the first cancel changes nothing.
 */
export function cancelTask(task: Task, interruption: Interruption = CANCELLED): void {
  switch (task.phase) {
    case Phase.Waiting:
      task.cancelled = true;
      interrupt(task, interruption);
      break;
    case Phase.Ready:
    case Phase.Running:
      task.cancelled = true;
      if (!(task.throws && task.value instanceof Interruption)) task.pendingCancel ??= interruption;
      break;
    case Phase.Done:
    case Phase.Failed:
      break;
  }
}

/** Asks to be told when the task ends; at once when it has. A watcher is told once, however often it asked. */
export function watchTask(task: Task, watcher: TaskWatcher): void {
  if (task.ended) watcher.taskEnded(task);
  else if (task.watchers === null) task.watchers = watcher;
  else if (task.watchers instanceof Set) task.watchers.add(watcher);
  else task.watchers = new Set([task.watchers, watcher]);
}

export function unwatchTask(task: Task, watcher: TaskWatcher): void {
  if (task.watchers === watcher) {
    task.watchers = null;
  } else if (task.watchers instanceof Set) {
    task.watchers.delete(watcher);
    if (task.watchers.size === 0) task.watchers = null;
  }
}

/** A loop looks at the clock about this often, in milliseconds. */
const PACE_MS = 0.5;
/** Turns of a loop between two looks at the clock, at most: a turn may suddenly take longer than those before. */
const MAX_TURNS = 1024;
let lastLook = 0;
let lookStep = -1;

/**
 * Asked by compiled loops in functions that can wait, after `turns` turns within one step: how many to make
 * before asking again, negative when it is time to let others run first. After that the loop asks with the
 * negative number at its next turn: code that had to negate it would be new to the engine, in the midst of a
 * hot loop. For the same reason nothing here is done only now and then.
 */
export function pace(asked: number): number {
  const turns = Math.abs(asked | 0);
  const sameStep = lookStep === present.step;
  lookStep = present.step;
  const now = performance.now();
  limitMemory(now);
  const taken = now - lastLook;
  lastLook = now;
  // Between two steps other tasks ran: that time says nothing about this loop.
  const next = sameStep ? adapted(turns, taken, MAX_TURNS) : turns;
  return next * (now - turnStart >= TURN_MS ? -1 : 1);
}

/** Asked by loops of built-ins: is it time to let others run? Then `yield* turn()`. */
export function timeIsOver(): boolean {
  return performance.now() - turnStart >= TURN_MS;
}

/**
 * The engine has thrown away the JavaScript that ran inside `drain` (Ctrl-C in a loop without end): the task
 * that ran is gone, without its `finally` blocks; all others go on.
 */
export function abandonRunning(): void {
  draining = false;
  const task = running.task;
  running.task = null;
  if (task !== null) {
    task.cancelled = true;
    finish(task, cancelledError(), true);
  }
  if (!drainScheduled) scheduleDrain();
}

/** The running task. Built-ins that wait run in one. */
export function currentTask(): Task {
  if (running.task === null) throw new Error('no task is running');
  return running.task;
}
