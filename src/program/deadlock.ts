/** The report of a deadlock: every task waits for another, so the program cannot go on. */
import type { Diagnostic, Source, Span } from '../diagnostics/diagnostic';
import { firstLine } from '../runtime/failures';
import { waitTrace } from '../runtime/wait-trace';
import type { Task } from '../runtime/values';

/** More places than this are only counted. */
const MAX_SHOWN = 10;

/** Tasks that wait for the same at the same place. */
interface Group {
  readonly source: Source;
  readonly span: Span;
  readonly what: string;
  readonly first: Task;
  count: number;
}

/** Each place where tasks wait, in the order in which those were started; null for no tasks. */
export function deadlockDiagnostic(tasks: Iterable<Task>): Diagnostic | null {
  const groups = grouped([...tasks].sort((a, b) => a.id - b.id));
  const [first, ...others] = groups.slice(0, MAX_SHOWN).map((group) => ({ ...group, message: wording(group) }));
  if (first === undefined) return null;
  const more = groups.slice(MAX_SHOWN).reduce((sum, group) => sum + group.count, 0);
  return {
    code: 'EDEADLOCK',
    severity: 'error',
    message:
      groups.length === 1 && first.count === 1
        ? 'deadlock: the program waits for something that nothing can bring about'
        : 'deadlock: every task waits for another, and nothing can wake one of them',
    source: first.source,
    span: first.span,
    label: first.message,
    related: others.map(({ source, span, message }) => ({ source, span, message })),
    notes: more > 0 ? [`${more} more ${more === 1 ? 'task waits' : 'tasks wait'} elsewhere`] : [],
  };
}

function grouped(tasks: readonly Task[]): Group[] {
  const groups = new Map<string, Group>();
  for (const task of tasks) {
    const place = waitTrace(task)?.frames[0];
    if (place === undefined || task.waitingOn === null) continue;
    const { source } = place;
    const what = task.waitingOn.describe();
    const key = `${source.name}:${place.span.start}:${what}`;
    const known = groups.get(key);
    if (known === undefined)
      groups.set(key, { source, span: firstLine(source, place.span), what, first: task, count: 1 });
    else known.count++;
  }
  return [...groups.values()];
}

function wording({ first, count, what }: Group): string {
  if (count === 1) return `task ${first.id} waits ${what}`;
  return `task ${first.id} and ${count - 1} ${count === 2 ? 'other' : 'others'} wait ${what}`;
}
