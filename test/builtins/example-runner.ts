/**
 * Runs the programs in the file given as argument, a JSON array of texts, one after the other in this process,
 * from the index given as second argument on. What each prints goes to standard output as it is; around it
 * stand lines that begin with NUL: `\0begin INDEX`, and `\0end` with JSON: the failure (null for none), how often a
 * permission was asked for, and what the stream of events did not tell of that.
 */
import { readFileSync } from 'node:fs';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { setPolicy } from '../../src/host/permissions';
import type { Action } from '../../src/host/permissions';
import { flush, writeOut } from '../../src/host/process';
import { compileText } from '../../src/program/compile';
import { runModules } from '../../src/program/link';
import { liveTasks, setHooks, spawnTask, watchTask } from '../../src/runtime/scheduler';
import { ErrorValue, inspect } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

const programs = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as string[];
let failure: string | null = null;
/** A program is under way, and its main task has not ended, or has. */
let state: 'between' | 'running' | 'ended' = 'between';
let index = Number(process.argv[3]) - 1;

setHooks({
  unobservedFailure: (_task, error) => fail(error),
  idle: () => {
    if (liveTasks.size > 0) fail(`deadlock: ${[...liveTasks].map((task) => task.waitingOn?.describe()).join('; ')}`);
    end();
  },
  pause: () => {
    if (state === 'ended' && liveTasks.size === 0) end();
  },
});

let asked: { readonly action: Action; readonly target: string }[] = [];
let events: HostEvent[] = [];
setPolicy({
  refuses(action, target) {
    asked.push({ action, target });
    return null;
  },
});
listen((event) => events.push(event));

/** What was asked for and not told of; and what was opened and not closed, as its last event. */
function untold(): string[] {
  const lacks: string[] = [];
  for (const { action, target } of asked) {
    const isWork = ['read', 'write', 'run', 'env'].includes(action);
    const tells = ({ subject }: HostEvent): boolean =>
      isWork ? subject.role === action && subject.remote?.host === target : ['socket', 'server'].includes(subject.role);
    if (!events.some(tells)) lacks.push(`${action} ${target}`);
  }
  const last = new Map(events.map((event) => [event.subject, event.kind]));
  for (const [{ role, handle }, kind] of last) {
    if (role !== 'socket' && role !== 'server' && kind !== 'closed') lacks.push(`${handle} is ${kind} and not closed`);
  }
  return lacks;
}

function fail(error: Value): void {
  failure ??= error instanceof ErrorValue ? error.message : inspect(error);
}

/** What goes on in the background is told of a little later. */
const PATIENCE_MS = 500;

function end(): void {
  if (state === 'between') return;
  state = 'between';
  const until = performance.now() + PATIENCE_MS;
  const look = (): void => {
    if (untold().length > 0 && performance.now() < until) setTimeout(look, 5);
    else ended();
  };
  look();
}

function ended(): void {
  writeOut(`\n\0end ${JSON.stringify({ failure, asked: asked.length, untold: untold() })}\n`);
  flush();
  setImmediate(next);
}

function next(): void {
  index++;
  failure = null;
  asked = [];
  events = [];
  state = 'running';
  if (index >= programs.length) process.exit(0);
  writeOut(`\0begin ${index}\n`);
  const { program, diagnostics } = compileText(`example-${index}.sn`, programs[index]!);
  if (program === null) {
    failure = diagnostics.map((each) => each.message).join('; ');
    return end();
  }
  const task = spawnTask(runModules(program), null);
  watchTask(task, {
    taskEnded: () => {
      state = 'ended';
      if (task.state === 'failed') fail(task.value as Value);
    },
  });
}

next();
