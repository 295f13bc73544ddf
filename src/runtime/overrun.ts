/**
 * Notices that tasks have computed for long without a pause. While JavaScript runs no signal handler does, so a
 * program that computes for ever would shrug off Ctrl-C. Loops in functions that cannot wait call `tick` every so
 * many turns; functions that call themselves, or run others through built-ins, call `called` every so many calls. In
 * programs that never pause only those loops do that may have no end (`while`, `for (;;)`): what such a program
 * computes is ended from outside. First `tick` asks for Ctrl-C, and ends the function with ECANCELED when it came;
 * later other signals are left to the system.
 */
import { fault } from './errors';
import { limitMemory } from './memory-limit';
import { limitWaitingCalls } from './waiting-calls';

/** Computing longer than this without a pause: from now on somebody asks for Ctrl-C. */
const WATCH_AFTER_MS = 20;
/** Computing longer than this: from now on the system answers the other signals, by ending the process. */
const LEAVE_AFTER_MS = 200;

export interface OverrunHooks {
  /** Called once for each overrun, in the midst of it. */
  watch(): void;
  /** Whether Ctrl-C came; asked between `watch` and `endOverrun`. */
  interrupted(): boolean;
  /** Called once for each overrun that lasts. */
  leave(): void;
}

let startedAt = -1;
let watching = false;
let left = false;
let hooks: OverrunHooks = { watch() {}, interrupted: () => false, leave() {} };

export function onOverrun(next: OverrunHooks): void {
  hooks = next;
}

const CALLS_PER_TICK = 250;
/** Such a function counts `left` down and calls `called` at 0. */
export const calls = { left: CALLS_PER_TICK };

export function called(): void {
  calls.left = CALLS_PER_TICK;
  tick();
  limitWaitingCalls(CALLS_PER_TICK);
}

/** Called by compiled loops now and then. Throws ECANCELED at Ctrl-C. */
export function tick(): void {
  const now = performance.now();
  limitMemory(now);
  if (startedAt < 0) {
    startedAt = now;
    return;
  }
  if (!watching) {
    if (now - startedAt <= WATCH_AFTER_MS) return;
    watching = true;
    hooks.watch();
  }
  if (hooks.interrupted()) throw fault('ECANCELED', 'the task was cancelled');
  if (left || now - startedAt <= LEAVE_AFTER_MS) return;
  left = true;
  hooks.leave();
}

/** What a loop counts in one stretch, between which it calls `tick`: some milliseconds. */
const STRETCH = 1 << 18;

/** Where the next stretch of a loop ends that counts far. */
export function stretch(counter: number, end: number): number {
  return counter < end ? counter + STRETCH : counter - STRETCH;
}

/** The tasks have paused. True when that ends an overrun. */
export function endOverrun(): boolean {
  startedAt = -1;
  if (!watching) return false;
  watching = false;
  left = false;
  return true;
}
