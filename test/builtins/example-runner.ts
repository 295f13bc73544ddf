/**
 * Runs the programs in the file given as argument, a JSON array of texts, one after the other in this process,
 * from the index given as second argument on. What each prints goes to standard output as it is; around it
 * stand lines that begin with NUL: `\0begin INDEX`, and `\0end` with the failure as JSON (null for none).
 */
import { readFileSync } from 'node:fs';
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

function fail(error: Value): void {
  failure ??= error instanceof ErrorValue ? error.message : inspect(error);
}

function end(): void {
  if (state === 'between') return;
  state = 'between';
  writeOut(`\n\0end ${JSON.stringify(failure)}\n`);
  flush();
  setImmediate(next);
}

function next(): void {
  index++;
  failure = null;
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
