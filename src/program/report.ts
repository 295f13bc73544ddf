/** What a person is told when something failed that the program did not handle: to standard error. */
import { writeErr } from '../host/process';
import { ErrorValue, inspect } from '../runtime/values';
import type { Task, Value } from '../runtime/values';

/** An error that nobody caught. */
export function reportFailure(error: Value, _task: Task): void {
  writeErr((error instanceof ErrorValue ? `error[${error.code}]: ${error.message} ${JSON.stringify(error.trace.frames.map((f) => `${f.function} ${f.file}:${f.line}:${f.column}`))}` : `uncaught: ${inspect(error)}`) + '\n');
}

/** Every task waits for another. */
export function reportDeadlock(tasks: Iterable<Task>): void {
  writeErr([...tasks].map((task) => `deadlock: task ${task.id} waits ${task.waitingOn?.describe()}\n`).join(''));
}
