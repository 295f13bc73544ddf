/**
 * How long queries wait, for thousands of them at once: those that wait equally long stand in one line, so the next
 * one is always the first of a line, and one timer does for all. Joining and leaving are a few assignments.
 *
 * Always: a timer is set exactly while somebody stands in a line, and rings no later than the first is due.
 */
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';

/** What stands in a line. The fields are this file's. */
export abstract class Waiting {
  line: Line | null = null;
  due = 0;
  ahead: Waiting | null = null;
  behind: Waiting | null = null;

  /** Its time has come; it stands in no line any more. */
  abstract timeIsUp(): void;
}

interface Line {
  readonly waitMs: number;
  first: Waiting | null;
  last: Waiting | null;
}

const lines = new Map<number, Line>();
/** The line that was joined last: nearly always the next one too. */
let latest: Line = { waitMs: NaN, first: null, last: null };
const timer = new Timeout(ring);
let ringsAt = Infinity;

/** `timeIsUp` is called in this many milliseconds from `now` (the monotonic clock). It must not wait already. */
export function startWaiting(one: Waiting, now: number, waitMs: number): void {
  const line = latest.waitMs === waitMs ? latest : lineFor(waitMs);
  latest = line;
  one.line = line;
  one.due = now + waitMs;
  one.ahead = line.last;
  if (line.last === null) {
    line.first = one;
    lines.set(waitMs, line);
  } else {
    line.last.behind = one;
  }
  line.last = one;
  if (one.due < ringsAt) ringAt(one.due, now);
}

function lineFor(waitMs: number): Line {
  return lines.get(waitMs) ?? { waitMs, first: null, last: null };
}

function ringAt(due: number, now: number): void {
  if (ringsAt !== Infinity) clearTimer(timer);
  ringsAt = due;
  setTimer(timer, Math.max(0, due - now));
}

/** No effect on one that does not wait. */
export function stopWaiting(one: Waiting): void {
  const { line, ahead, behind } = one;
  if (line === null) return;
  one.line = one.ahead = one.behind = null;
  if (ahead === null) line.first = behind;
  else ahead.behind = behind;
  if (behind === null) line.last = ahead;
  else behind.ahead = ahead;
  if (line.first !== null) return;
  lines.delete(line.waitMs);
  if (lines.size > 0) return;
  clearTimer(timer);
  ringsAt = Infinity;
}

function ring(): void {
  ringsAt = Infinity;
  const now = performance.now();
  for (const line of [...lines.values()]) {
    while (line.first !== null && line.first.due <= now) {
      const one = line.first;
      stopWaiting(one);
      one.timeIsUp();
    }
  }
  let next = Infinity;
  for (const { first } of lines.values()) next = Math.min(next, first!.due);
  if (next < ringsAt) ringAt(next, now);
}
