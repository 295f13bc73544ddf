/**
 * Runs compiled programs one after the other in this process and tells what each did: the scheduler and the
 * standard streams are one per process, so a program starts when the one before has ended. What it prints is
 * caught where the host writes it.
 */
import { flush } from '../../src/host/process';
import { node } from '../../src/host/node';
import { decode } from '../../src/host/text';
import { deferredToEnd, runModules } from '../../src/program/link';
import type { CompiledProgram } from '../../src/program/compile';
import { runDeferredWaiting } from '../../src/runtime/functions';
import { cancelTask, drain, liveTasks, setHooks, spawnTask } from '../../src/runtime/scheduler';
import type { Task } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';

export interface Ran {
  readonly output: string;
  readonly errorOutput: string;
  /** What the main task threw; undefined when it ended well. */
  readonly thrown: Value | undefined;
  /** What the calls threw that the top level put off to the end of the program. */
  readonly thrownLate: Value | undefined;
  /** What tasks threw that nobody waited for. */
  readonly failed: readonly Value[];
  /** What each task waited for when none could go on. */
  readonly deadlock: readonly string[];
}

/** A program of the tests ends within this. */
const LIMIT_MS = 10_000;

/** `deadlocked` is told of the tasks when none can go on, while they still wait. */
export function execute(
  program: CompiledProgram,
  deadlocked: (tasks: Iterable<Task>) => void = () => {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const ended = (ran: Ran): void => {
      clearTimeout(timer);
      resolve(ran);
    };
    const running = new Running(program, ended, deadlocked);
    const timer = setTimeout(() => reject(new Error(`the program did not end: ${running.stop()}`)), LIMIT_MS);
    running.start();
  });
}

/** As `execute`, for a program that waits for nothing outside: done when this returns. */
export function executeNow(program: CompiledProgram): Ran {
  const results: Ran[] = [];
  const running = new Running(program, (ran) => results.push(ran));
  running.start();
  for (let turns = 0; results.length === 0 && turns < 10_000; turns++) drain();
  return results[0] ?? { ...running.stop(), thrown: 'the program did not end' };
}

class Running {
  private output = '';
  private errorOutput = '';
  private readonly failed: Value[] = [];
  private readonly deadlock: string[] = [];
  private main: Task | null = null;
  private last: Task | null = null;
  private thrownLate: Value | undefined;
  private ending = false;
  private readonly writeSync = node.fs.writeSync;

  constructor(
    private readonly program: CompiledProgram,
    private readonly ended: (ran: Ran) => void,
    private readonly deadlocked: (tasks: Iterable<Task>) => void = () => {},
  ) {}

  start(): void {
    this.catchOutput();
    setHooks({
      unobservedFailure: (task, error) => {
        if (task === this.main) this.end();
        else if (task === this.last) this.thrownLate = error;
        else this.failed.push(error);
      },
      idle: () => this.idle(),
      pause: flush,
    });
    this.main = spawnTask(runModules(this.program), null);
  }

  private catchOutput(): void {
    const streams = node.fs as { writeSync: unknown };
    streams.writeSync = (fd: number, bytes: Buffer, ...rest: never[]): number => {
      if (fd !== 1 && fd !== 2) return this.writeSync(fd, bytes, ...rest);
      const text = decode(bytes);
      if (fd === 1) this.output += text;
      else this.errorOutput += text;
      return bytes.length;
    };
  }

  /** The orderly end: every task's `finally` and `defer` run. */
  private end(): void {
    this.ending = true;
    for (const task of [...liveTasks]) cancelTask(task);
  }

  private idle(): void {
    if (liveTasks.size > 0 && !this.ending) {
      this.deadlocked(liveTasks);
      for (const task of liveTasks) this.deadlock.push(task.waitingOn?.describe() ?? task.state);
      this.end();
    } else if (liveTasks.size === 0 && deferredToEnd.length > 0) {
      this.last = spawnTask(runDeferredWaiting(deferredToEnd), null);
    } else {
      this.ended(this.stop());
    }
  }

  stop(): Ran {
    flush();
    node.fs.writeSync = this.writeSync;
    deferredToEnd.length = 0;
    setHooks({ unobservedFailure() {}, idle() {}, pause() {} });
    const { output, errorOutput, failed, deadlock, thrownLate } = this;
    const thrown = this.main?.state === 'failed' ? (this.main.value as Value) : undefined;
    return { output, errorOutput, failed, deadlock, thrown, thrownLate };
  }
}
