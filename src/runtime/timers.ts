/**
 * Timers of tasks: a binary heap by deadline under one timer of the event loop, so that a million sleeping
 * tasks cost a million small objects and nothing more. A timer knows its place in the heap and can be
 * taken out.
 *
 * Always: a timer whose `index` is not -1 is at that place of the heap. The event loop is kept alive by this
 * file exactly while the heap holds a timer.
 */
import { Wait } from './park';
import { resume } from './scheduler';
import type { Steps } from './task';

export interface Timer {
  /** Place in the heap, -1 while not set. */
  index: number;
  /** Milliseconds of the monotonic clock (`performance.now()`). */
  deadline: number;
  /** Timers with the same deadline fire in the order in which they were set. */
  order: number;
  fire(): void;
}

const heap: Timer[] = [];
let orders = 0;
/** The event loop's own timer, for the first deadline or an earlier one, as `wakeAt` says. */
let wake: NodeJS.Timeout | null = null;
let wakeAt = Infinity;
/** Set in place of `wake` when a deadline has come: the event loop has no timer shorter than 1 ms. */
let wakeSoon: NodeJS.Immediate | null = null;

/** Fires once, `delayMs` from now. `Infinity` never comes. */
export function setTimer(timer: Timer, delayMs: number): void {
  timer.deadline = performance.now() + delayMs;
  timer.order = orders++;
  heap.push(timer);
  up(timer, heap.length - 1);
  if (timer.index === 0) arm();
}

/** Takes a timer out; no effect on one that is not set. */
export function clearTimer(timer: Timer): void {
  takeOut(timer);
  if (heap.length === 0) wake?.unref();
}

function takeOut(timer: Timer): void {
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
  if (first === undefined || wakeSoon !== null) return;
  if (wake !== null) {
    if (wakeAt <= first.deadline) {
      wake.ref();
      return;
    }
    clearTimeout(wake);
    wake = null;
  }
  const delay = first.deadline - performance.now();
  if (delay <= 0) {
    wakeSoon = setImmediate(fireDue);
  } else {
    wakeAt = first.deadline;
    wake = setTimeout(fireDue, Math.min(MAX_DELAY_MS, Math.ceil(delay)));
  }
}

/** Timers fired between two looks at the clock. */
const FIRED_PER_CLOCK = 256;
/** After this the event loop gets a turn, and so do the tasks that were woken. */
const MAX_FIRING_MS = 8;

function fireDue(): void {
  clearTimeout(wake ?? undefined);
  wake = null;
  wakeSoon = null;
  const now = performance.now();
  for (let fired = 1; heap.length > 0 && heap[0]!.deadline <= now; fired++) {
    const timer = heap[0]!;
    takeOut(timer);
    timer.fire();
    if (fired % FIRED_PER_CLOCK === 0 && performance.now() - now >= MAX_FIRING_MS) break;
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

/** A sleeping task's wait is its timer too: one object. */
class Sleep extends Wait<null> implements Timer {
  readonly external = true;
  index = -1;
  deadline = 0;
  order = 0;

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
export function sleep(ms: number): Steps<null> {
  const timer = new Sleep();
  setTimer(timer, ms);
  return timer.steps();
}

/** A timer that calls a function; for timeouts of waits. */
export class Timeout implements Timer {
  index = -1;
  deadline = 0;
  order = 0;
  constructor(private readonly expired: () => void) {}
  fire(): void {
    this.expired();
  }
}
