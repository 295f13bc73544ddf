/**
 * A program that keeps more and more ends with an error of the language, while there is still memory to tell it: what
 * loops and calls that may take long ask for the time, they ask here too. One step that takes all that is left at once
 * comes before it, and then V8 ends the process.
 */
import { fault } from './errors';

export interface Memory {
  /** From 0 to 1; garbage counts until it is collected. */
  share(): number;
  bytes(): number;
  collect(): void;
}

const LOOK_MS = 100;
const FULL = 0.9;
/** The engine needs this much to move new values to where they stay. */
const SPARE_BYTES = 150e6;
/** What comes together before it is collected once more, of all there is: collecting takes seconds by then. */
const STEP = 0.05;
const MB = 1e6;

let memory: Memory | null = null;
let nextLook = 0;
/** What was left when it was collected last. */
let collected = 0;

export function watchMemory(next: Memory): void {
  memory = next;
}

/** `now` is the monotonic clock. Throws ENOMEM. */
export function limitMemory(now: number): void {
  if (now < nextLook || memory === null) return;
  nextLook = now + LOOK_MS;
  const full = Math.min(FULL, 1 - SPARE_BYTES / memory.bytes());
  if (memory.share() < Math.max(full, collected + STEP)) return;
  memory.collect();
  collected = memory.share();
  if (collected < full) return;
  collected = 0;
  throw fault('ENOMEM', `the program has used up its memory of ${Math.round(memory.bytes() / MB)} MB`, {
    hint: 'work through files and connections piece by piece; NODE_OPTIONS=--max-old-space-size=8000 allows 8,000 MB',
  });
}
