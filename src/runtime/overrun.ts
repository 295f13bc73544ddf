/**
 * Notices that tasks have computed for long without a pause. While JavaScript runs no signal handler does, so
 * a program that loops for ever in a function that cannot wait would shrug off Ctrl-C; whoever runs the
 * program then lets the system end the process instead. Loops that may have no end (`while`, `for (;;)`) in
 * functions that cannot wait call `tick` every thousand turns.
 */

/** Computing longer than this without a pause is an overrun. */
const LIMIT_MS = 1000;

let startedAt = -1;
let over = false;
let noticed: () => void = () => {};

/** `notice` is called once for each overrun, in the midst of it. */
export function onOverrun(notice: () => void): void {
  noticed = notice;
}

/** Called by compiled loops now and then. */
export function tick(): void {
  const now = performance.now();
  if (startedAt < 0) {
    startedAt = now;
  } else if (!over && now - startedAt > LIMIT_MS) {
    over = true;
    noticed();
  }
}

/** The tasks have paused. True when that ends an overrun. */
export function endOverrun(): boolean {
  startedAt = -1;
  if (!over) return false;
  over = false;
  return true;
}
