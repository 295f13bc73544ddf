/**
 * A task that waits is resumed through all calls that wait around its wait. So a function that waits and then calls
 * itself, over and over, takes a time that grows with the square of the depth: the engine's own limit, tens of
 * thousands of calls, would be reached after half a minute. Such calls have a limit of their own, the higher the
 * fewer of them wait, so that all reach theirs in about a second. Deep recursion that waits at its bottom is left to
 * the engine's.
 */
import { framesNow, tooDeepToWait } from './errors';
import { present } from './scheduler';

/** Where each of them waits. */
const MAX_CALLS = 4000;
/** The engine has two frames for a call that may wait. */
const MAX_FRAMES = 2 * MAX_CALLS;
/** Where one in so many calls waits, the engine's limit comes first. */
const RARELY = 64;

let lastStep = 0;

/** Called after so many calls of functions that call themselves. Throws ESTACK. */
export function limitWaitingCalls(calls: number): void {
  const steps = present.step - lastStep;
  lastStep = present.step;
  // Below 0 they were counted anew: the next time will do.
  if (steps * RARELY < calls) return;
  const most = Math.floor(MAX_FRAMES * Math.sqrt(Math.max(1, calls / steps)));
  if (framesNow(most) >= most) throw tooDeepToWait();
}
