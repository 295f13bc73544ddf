/**
 * Those who wait for the same thing, in order of arrival. The links are in the members themselves, so that
 * joining allocates nothing and leaving from the middle (a cancel, a timeout) takes the same time whatever
 * the length.
 */

/** A member of at most one queue. */
export interface Queued {
  queue: WaitQueue<Queued> | null;
  ahead: Queued | null;
  behind: Queued | null;
}

export class WaitQueue<T extends Queued> {
  first: T | null = null;
  private last: T | null = null;

  join(member: T): void {
    member.queue = this;
    member.ahead = this.last;
    if (this.last === null) this.first = member;
    else this.last.behind = member;
    this.last = member;
  }

  /** Takes out the one that has waited longest. */
  next(): T | null {
    const member = this.first;
    if (member === null) return null;
    const { behind } = member;
    this.first = behind as T | null;
    if (behind === null) this.last = null;
    else behind.ahead = null;
    member.behind = null;
    member.queue = null;
    return member;
  }

  remove(member: T): void {
    const { ahead, behind } = member;
    if (ahead === null) this.first = behind as T | null;
    else ahead.behind = behind;
    if (behind === null) this.last = ahead as T | null;
    else behind.ahead = ahead;
    member.queue = null;
    member.ahead = null;
    member.behind = null;
  }
}

/** Takes a member out of the queue it is in, if any. */
export function leaveQueue(member: Queued): void {
  member.queue?.remove(member);
}
