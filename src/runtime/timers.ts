/**
 * Timers of tasks: a binary heap by deadline under one timer of the event loop, so that a million sleeping
 * tasks cost a million small objects and nothing more. A timer knows its place in the heap and can be
 * taken out.
 */
import { currentTask, resume } from './scheduler';
import type { Steps, Task, Waitable } from './task';

export abstract class Timer {
  /** Place in the heap, -1 while not set. */
  index = -1;
  /** Milliseconds of the monotonic clock (`performance.now()`). */
  deadline = 0;
  /** Timers with the same deadline fire in the order in which they were set. */
  order = 0;
  abstract fire(): void;
}

const heap: Timer[] = [];
let orders = 0;
let wake: NodeJS.Timeout | null = null;
let wakeAt = Infinity;

/** Fires once, `delayMs` from now. */
export function setTimer(timer: Timer, delayMs: number): void {
  timer.deadline = performance.now() + delayMs;
  timer.order = orders++;
  heap.push(timer);
  up(timer, heap.length - 1);
  if (timer.index === 0) arm();
}

/** Takes a timer out; no effect on one that has fired. */
export function clearTimer(timer: Timer): void {
  const index = timer.index;
  if (index < 0) return;
  timer.index = -1;
  const last = heap.pop()!;
  if (last === timer) return;
  down(last, index);
  if (last.index === index) up(last, index);
}

export function pendingTimers(): number {
  return heap.length;
}

/** The event loop's longest delay; a longer sleep is armed again. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function arm(): void {
  const first = heap[0];
  if (first === undefined || first.deadline === wakeAt) return;
  if (wake !== null) {
    if (wakeAt <= first.deadline) return;
    clearTimeout(wake);
  }
  wakeAt = first.deadline;
  wake = setTimeout(fireDue, Math.min(MAX_DELAY_MS, Math.max(0, Math.ceil(first.deadline - performance.now()))));
}

function fireDue(): void {
  wake = null;
  wakeAt = Infinity;
  const now = performance.now();
  while (heap.length > 0 && heap[0]!.deadline <= now) {
    const timer = heap[0]!;
    clearTimer(timer);
    timer.fire();
  }
  arm();
}

function before(a: Timer, b: Timer): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}

function up(timer: Timer, from: number): void {
  let index = from;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex]!;
    if (!before(timer, parent)) break;
    heap[index] = parent;
    parent.index = index;
    index = parentIndex;
  }
  heap[index] = timer;
  timer.index = index;
}

function down(timer: Timer, from: number): void {
  let index = from;
  for (;;) {
    let childIndex = 2 * index + 1;
    if (childIndex >= heap.length) break;
    if (childIndex + 1 < heap.length && before(heap[childIndex + 1]!, heap[childIndex]!)) childIndex++;
    const child = heap[childIndex]!;
    if (!before(child, timer)) break;
    heap[index] = child;
    child.index = index;
    index = childIndex;
  }
  heap[index] = timer;
  timer.index = index;
}

class Sleep extends Timer implements Waitable {
  readonly external = true;
  constructor(private readonly task: Task) {
    super();
  }
  fire(): void {
    resume(this.task, null);
  }
  abandon(): void {
    clearTimer(this);
  }
  describe(): string {
    return 'for its sleep to end';
  }
}

/** Parks the running task for this many milliseconds. */
export function* sleep(ms: number): Steps<null> {
  const timer = new Sleep(currentTask());
  setTimer(timer, ms);
  yield timer;
  return null;
}

/** A timer that calls a function; for timeouts of waits. */
export class Timeout extends Timer {
  constructor(private readonly expired: () => void) {
    super();
  }
  fire(): void {
    this.expired();
  }
}
