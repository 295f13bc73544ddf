/**
 * Runs a program and ends the process. The program is over when its main task and all tasks it spawned have
 * ended and nothing (a started server) holds it open; a failure of the main task, SIGINT, SIGTERM or SIGHUP
 * begin an *orderly end*: listeners close, all tasks are cancelled so that their `finally` and `defer` run,
 * for at most five seconds; only those that answer a request may go on for the first four of them. What the top level deferred runs last of all.
 * Then sockets send what was handed over to them.
 *
 * Exit status: 0; 1 after an error that nobody caught, in any task; 128 and the signal's number.
 */
import { collectGarbage, heapBytes, heapShare } from '../host/heap';
import { interruptCame, unwatchInterrupts, watchInterrupts } from '../host/interrupt-watch';
import { exit, flush, onNothingLeft, onSignal, signalNumber } from '../host/process';
import type { Signal } from '../host/process';
import { interruptible } from '../host/script';
import { closeListeners, unfinished } from '../host/shutdown';
import { running } from '../runtime/errors';
import { runDeferredWaiting, runLeftDeferred } from '../runtime/functions';
import { watchMemory } from '../runtime/memory-limit';
import { endOverrun, onOverrun } from '../runtime/overrun';
import { abandonRunning, cancelTask, drain, liveTasks, setHooks, spawnTask, watchTask } from '../runtime/scheduler';
import type { Steps, Task } from '../runtime/task';
import type { Value } from '../runtime/values';
import type { CompiledProgram } from './compile';
import { deferredToEnd, runModules } from './link';
import { reportDeadlock, reportFailure } from './report';

/** Tasks that are cancelled may clean up this long. */
const GRACE_MS = 5000;
/** Answers to requests that had arrived may take this long, and are cancelled then. */
const ANSWER_MS = 4000;

/** Runs a program in this process, which ends with it. `report` is told of each failure that nothing caught. */
export function runProgram(program: CompiledProgram, report: (error: Value) => void = reportFailure): void {
  new Run(report).start(runModules(program));
}

class Run {
  private status = 0;
  private starting = true;
  private ending = false;
  private lastDeferred = false;

  constructor(private readonly report: (error: Value) => void) {}

  start(main: Steps<Value>): void {
    setHooks({
      unobservedFailure: (_task, error) => this.failed(error),
      idle: () => this.idle(),
      pause: () => this.paused(),
    });
    this.listenToSignals();
    onNothingLeft(() => this.forsaken());
    watchMemory({ share: heapShare, bytes: heapBytes, collect: collectGarbage });
    onOverrun({
      watch: () => this.watch(),
      interrupted: () => this.interrupted(),
      leave: () => this.leaveSignals(),
    });
    const task = spawnTask(main, null);
    watchTask(task, {
      taskEnded: () => {
        if (task.state === 'failed' && !this.ending) this.mainFailed(task);
      },
    });
    const undisturbed = interruptible(drain);
    this.starting = false;
    this.paused();
    if (!undisturbed) {
      const interrupted = running.task;
      this.signalled('SIGINT');
      abandonRunning();
      spawnTask(runLeftDeferred(interrupted), null);
    }
  }

  private listenToSignals(): void {
    const signalled = (signal: Signal): void => this.signalled(signal);
    this.leaveInterrupt = onSignal(signalled, ['SIGINT']);
    this.leaveSignals = onSignal(signalled, ['SIGTERM', 'SIGHUP']);
  }

  /** Listens no more: the system ends the process at the next SIGINT. */
  private leaveInterrupt: () => void = () => {};
  /** The same for the other signals. */
  private leaveSignals: () => void = () => {};

  /** In the midst of computing: Ctrl-C is asked for; where that is not possible, it is left to the system. */
  private watch(): void {
    flush();
    // `interruptible` does it for the first turn.
    if (this.starting) return;
    this.leaveInterrupt();
    watchInterrupts();
  }

  private interrupted(): boolean {
    if (!interruptCame()) return false;
    // Also one that answers a request and may otherwise go on for a while.
    if (running.task !== null) running.task.cancelled = true;
    this.signalled('SIGINT');
    return true;
  }

  private paused(): void {
    // Ctrl-C in the moment in which `interruptible` ends is lost: nothing is shown yet that could call for it.
    if (this.starting) return;
    flush();
    if (endOverrun()) {
      const interrupted = unwatchInterrupts();
      // `interruptible` puts back the handlers that were there when it began.
      this.leaveInterrupt();
      this.leaveSignals();
      this.listenToSignals();
      if (interrupted) this.signalled('SIGINT');
    }
  }

  private failed(error: Value): void {
    this.report(error);
    if (this.status === 0) this.status = 1;
  }

  private mainFailed(task: Task): void {
    this.failed(task.value as Value);
    this.endInOrder();
  }

  private signalled(signal: Signal): void {
    const status = 128 + signalNumber(signal);
    if (this.ending) exit(status);
    this.status = status;
    this.endInOrder();
  }

  private endInOrder(): void {
    this.ending = true;
    setTimeout(() => exit(this.status), GRACE_MS).unref();
    const spared = closeListeners();
    for (const task of [...liveTasks]) if (!spared.has(task)) cancelTask(task);
    if (spared.size > 0) setTimeout(() => spared.forEach((task) => cancelTask(task)), ANSWER_MS).unref();
  }

  /** Tasks wait for something outside that is gone and has woken none: an end without a word would pass for success. */
  private forsaken(): void {
    if (this.ending) exit(this.status);
    reportDeadlock(liveTasks);
    this.status = 1;
    this.endInOrder();
  }

  /** No task can go on, and nothing from outside will wake one. */
  private idle(): void {
    if (liveTasks.size > 0 && !this.ending) {
      reportDeadlock(liveTasks);
      this.status = 1;
      this.endInOrder();
    } else if (liveTasks.size === 0 && !this.lastDeferred && deferredToEnd.length > 0) {
      this.lastDeferred = true;
      spawnTask(runDeferredWaiting(deferredToEnd), null);
    } else {
      const left = unfinished();
      if (left.length === 0) exit(this.status);
      for (const steps of left) spawnTask(steps, null);
    }
  }
}
