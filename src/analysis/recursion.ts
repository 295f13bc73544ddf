/**
 * Which functions may be called again before a call of theirs has ended: those of a circle of calls (Tarjan's
 * strongly connected components, with a stack of its own, since programs have long chains of calls).
 */

/** Something that is called; `callers` are those in which a call of it stands. */
export interface Called {
  readonly callers: ReadonlySet<Called>;
}

interface Visit {
  readonly number: number;
  /** The lowest number that it leads back to. */
  low: number;
  /** No circle is known yet that it belongs to. */
  open: boolean;
}

export function recursive<T extends Called>(all: readonly T[]): ReadonlySet<T> {
  const visits = new Map<Called, Visit>();
  const unassigned: Called[] = [];
  const found = new Set<Called>();
  for (const start of all) {
    if (visits.has(start)) continue;
    const path: { readonly at: Called; readonly left: Iterator<Called> }[] = [];
    const enter = (at: Called): void => {
      visits.set(at, { number: visits.size, low: visits.size, open: true });
      unassigned.push(at);
      path.push({ at, left: at.callers.values() });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const visit = visits.get(top.at)!;
      const next = top.left.next();
      if (next.done !== true) {
        const known = visits.get(next.value);
        if (known === undefined) enter(next.value);
        else if (known.open) visit.low = Math.min(visit.low, known.number);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) visits.get(before.at)!.low = Math.min(visits.get(before.at)!.low, visit.low);
      if (visit.low === visit.number) close(top.at);
    }
  }
  return found as ReadonlySet<Called> as ReadonlySet<T>;

  function close(last: Called): void {
    const circle = unassigned.splice(unassigned.indexOf(last));
    for (const each of circle) visits.get(each)!.open = false;
    if (circle.length > 1 || last.callers.has(last)) for (const each of circle) found.add(each);
  }
}
