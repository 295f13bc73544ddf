/** The report of a deadlock: every task waits for another, so the program cannot go on. */
import type { Diagnostic, Source, Span } from '../diagnostics/diagnostic';
import { waitTrace } from '../runtime/scheduler';
import type { Task } from '../runtime/values';

/** More tasks than this are only counted: they mostly wait at the same few places. */
const MAX_SHOWN = 10;

interface Waiting {
  readonly source: Source;
  readonly span: Span;
  readonly message: string;
}

/** Each task and the place where it waits, in the order in which they were started; null for no tasks. */
export function deadlockDiagnostic(tasks: Iterable<Task>): Diagnostic | null {
  const all = [...tasks].sort((a, b) => a.id - b.id).flatMap(waiting);
  const [first, ...others] = all.slice(0, MAX_SHOWN);
  if (first === undefined) return null;
  const more = all.length - MAX_SHOWN;
  return {
    code: 'EDEADLOCK',
    severity: 'error',
    message:
      all.length === 1
        ? 'deadlock: the program waits for something that nothing can bring about'
        : 'deadlock: every task waits for another, and nothing can wake one of them',
    source: first.source,
    span: first.span,
    label: first.message,
    related: others,
    notes: more > 0 ? [`${more} more ${more === 1 ? 'task waits' : 'tasks wait'}`] : [],
  };
}

function waiting(task: Task): Waiting[] {
  const place = waitTrace(task)?.frames[0];
  if (place === undefined || task.waitingOn === null) return [];
  return [{ source: place.source, span: place.span, message: `task ${task.id} waits ${task.waitingOn.describe()}` }];
}
