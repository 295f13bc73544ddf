/** What timers of Node take: a time that is too long for one would end after a millisecond, or be an error. */

/** About 24 days, less than a timer may have: Node adds a second to some. */
const MAX_MS = 2 ** 31 - 10_000;

/** Whole milliseconds for a time limit of sockets and servers of Node, where 0 is none, as an infinite one is. */
export function nodeTimerMs(ms: number): number {
  return ms === Infinity ? 0 : Math.min(Math.ceil(ms), MAX_MS);
}
