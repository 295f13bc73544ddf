/**
 * Handles: short texts that say what they stand for and end in a number that no other one has:
 * "tcp:127.0.0.1:54321#3". A program holds its sockets by them, and the stream of events names what it tells about.
 */

let lastNumber = 0;

/** A handle that was never given out before. `what` is "tcp", "tcp-listen"..., `where` an address or path. */
export function newHandle(what: string, where: string): string {
  // Joined: a template would keep its pieces alive as long as the handle, five objects in place of one.
  return [what, ':', where, '#', ++lastNumber].join('');
}

/** Whether a handle with this number was given out. */
export function wasGiven(number: number): boolean {
  return number <= lastNumber;
}
