/** Where a task waits in the program: for reports of a deadlock, of failures, and for the stream of events. */
import { running } from './errors';
import type { Site, Trace } from './errors';
import { PROBE, stepInto } from './park';
import { Phase } from './task';
import type { Task } from './task';

/**
 * Where a parked task waits: the frames of its code, as an error thrown there would have them. The task
 * stays as it is. Null for one that is not parked.
 */
export function waitTrace(task: Task): Trace | null {
  if (task.phase !== Phase.Waiting) return null;
  const before = running.task;
  running.task = task;
  PROBE.found = null;
  try {
    const result = stepInto(task.steps!, PROBE);
    if (result.done === true || result.value !== task.waitingOn) {
      throw new Error(`task ${task.id} waited ${task.waitingOn?.describe()} in a way that a probe ends`);
    }
  } finally {
    running.task = before;
  }
  const found = PROBE.found as Trace | null;
  PROBE.found = null;
  return found;
}

/** The place in the program where a parked task waits; null where no code of the program does. */
export function whereIsItWaiting(task: Task): Site | null {
  return waitTrace(task)?.site ?? null;
}
