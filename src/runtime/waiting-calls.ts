/**
 * A task that waits is resumed through all calls that wait around its wait. So a function that waits and then calls
 * itself, over and over, takes a time that grows with the square of the depth: the engine's own limit, tens of
 * thousands of calls, would be reached after half a minute. Such calls have a limit of their own. Recursion that
 * waits now and then, and deep recursion that waits at its bottom, is left to the engine's.
 */
import { framesNow, tooDeepToWait } from './errors';
import { present } from './scheduler';

const MAX_WAITING_CALLS = 5000;
/** The engine's frames for a call that may wait. */
const FRAMES_PER_CALL = 2;
const MAX_FRAMES = MAX_WAITING_CALLS * FRAMES_PER_CALL;

let lastStep = 0;

/** Called after so many calls of functions that call themselves. Throws ESTACK. */
export function limitWaitingCalls(calls: number): void {
  const steps = present.step - lastStep;
  lastStep = present.step;
  // Below 0 they were counted anew: the next time will do.
  if (steps < calls / 2 || framesNow(MAX_FRAMES) < MAX_FRAMES) return;
  throw tooDeepToWait();
}
