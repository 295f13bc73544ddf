/**
 * `sentra repl`: reads an input, runs it, shows its value, and again. An input is compiled with the variables of
 * those before it and runs as a task; tasks that it spawns go on in the background while the next is typed.
 * Nothing that an input does ends the prompt, except `exit()`.
 *
 * While an input runs, Ctrl-C ends it and the tasks it has started. At the end of the input all tasks are
 * cancelled in order, as at the end of any program, and what was deferred runs.
 */
import { createColors } from 'picocolors';
import type { Diagnostic } from '../diagnostics/diagnostic';
import { didYouMean } from '../diagnostics/did-you-mean';
import { renderFailure } from '../diagnostics/render-terminal';
import { exit, onSignal, signalNumber, writeErr, writeOut } from '../host/process';
import { readText } from '../host/files';
import { closeListeners } from '../host/shutdown';
import { INTERRUPTED } from '../host/terminal';
import { UnreadableFile } from '../program/compile';
import type { CompiledProgram } from '../program/compile';
import { deferredToEnd } from '../program/link';
import { errorStyle, reportDeadlock, reportDiagnostics, reportFailure } from '../program/report';
import { ReplSession, outcome } from '../program/session';
import { runDeferredWaiting } from '../runtime/functions';
import { endOverrun, onOverrun } from '../runtime/overrun';
import { cancelTask, holdOpen, liveTasks, releaseOpen, setHooks, spawnTask } from '../runtime/scheduler';
import type { Task, Value } from '../runtime/values';
import { typeName } from '../runtime/values';
import { parse } from '../syntax/parser';
import { complete } from './complete';
import { documentation, listOfGroups, unknown } from './doc';
import { InterruptibleSteps } from './interruptible-steps';
import { helpWidth, outputStyle } from './output-style';
import { REPL_COMMANDS, replHelp } from './repl-commands';
import { openInput } from './repl-input';
import type { LineSource } from './repl-input';
import { unreadable } from './unreadable-file';
import { showValue } from './show-value';
import { UsageError } from './usage';
import { version } from './version';

/** Tasks may clean up this long when the prompt ends. */
const GRACE_MS = 5000;

export function repl(args: readonly string[]): void {
  if (args.length > 0)
    throw new UsageError(`sentra repl takes no arguments, got '${args[0]}'`, `to run a file: sentra ${args[0]}`);
  new Repl().start();
}

/** An input that runs. */
interface Running {
  readonly task: Task;
  readonly steps: InterruptibleSteps<unknown>;
  /** Tasks of earlier inputs, which Ctrl-C leaves alone. */
  readonly before: ReadonlySet<Task>;
}

class Repl {
  private session = new ReplSession();
  private readonly input: LineSource;
  private running: Running | null = null;
  private ending = false;
  private lastDeferred = false;
  private status = 0;
  private stopListening: () => void = () => {};
  private overrun = false;
  /** What runs was ended because it waits for something that never comes, which has been told. */
  private deadlocked = false;

  constructor() {
    this.input = openInput((line) =>
      complete(line, { declared: () => this.session.declared(), value: (name) => this.session.variables[name] }),
    );
  }

  start(): void {
    setHooks({
      unobservedFailure: (_task, error) => reportFailure(error),
      idle: () => this.idle(),
      pause: () => this.paused(),
    });
    this.listen();
    onOverrun({
      watch() {},
      // What the prompt runs is ended by its own means; a task beside it by the system.
      interrupted: () => false,
      leave: () => this.leaveSignals(),
    });
    holdOpen();
    if (this.input.interactive) writeOut(`Sentra ${version}. Type .help for help, Ctrl-D to end.\n`);
    void this.loop();
  }

  private leaveSignals(): void {
    if (this.running?.steps.running === true) return;
    this.overrun = true;
    this.stopListening();
  }

  private listen(): void {
    this.stopListening = onSignal((signal) => this.signalled(signal));
  }

  private async loop(): Promise<void> {
    for (;;) {
      const text = await this.readInput();
      if (text === null) break;
      const command = /^\s*(\.[A-Za-z]+)\s*(.*)$/s.exec(text);
      if (command !== null) {
        if (command[1] === '.exit') break;
        await this.command(command[1]!, command[2]!.trim());
      } else if (text.trim() !== '') {
        await this.evaluate(text);
      }
    }
    this.end();
  }

  /** An input over as many lines as it takes; null at the end. */
  private async readInput(): Promise<string | null> {
    let text = '';
    for (;;) {
      const line = await this.input.read(text === '' ? this.prompt('> ') : this.prompt('. '));
      if (line === INTERRUPTED) {
        text = '';
        continue;
      }
      if (line === null) return text === '' ? null : text;
      text = text === '' ? line : `${text}\n${line}`;
      if (/^\s*\.[A-Za-z]/.test(text) || text.trim() === '') return text;
      if (!parse({ name: '', text }).incomplete && !this.goesOn()) return text;
    }
  }

  /** In pasted text a statement may go on in the next line though it could end here. */
  private goesOn(): boolean {
    const next = this.input.pending();
    return next !== null && GOES_ON.test(next) && !isCommand(next);
  }

  private prompt(text: string): string {
    return this.input.interactive ? createColors(outputStyle().colors).cyan(text) : '';
  }

  private async evaluate(text: string): Promise<void> {
    const word = text.trim();
    if ((word === 'exit' || word === 'quit') && !this.session.declared().includes(word))
      return this.complain(`'${word}' alone ends nothing`, 'exit() or Ctrl-D ends the prompt');
    const result = await this.execute(text);
    if (result === null || (result.value === null && !showsNull(text))) return;
    writeOut(`${showValue(result.value, outputStyle())}\n`);
  }

  /** Runs an input to its end; null when it failed, which has been told by then. */
  private async execute(text: string): Promise<{ readonly value: Value } | null> {
    const compilation = this.session.compile(text);
    if (compilation.program === null) {
      reportDiagnostics(compilation.diagnostics.filter(isError));
      return null;
    }
    const { program } = compilation;
    this.input.release();
    const { task, steps } = await this.run(program);
    const { failed, value } = outcome(task);
    if (this.deadlocked) this.deadlocked = false;
    else if (failed && (task.cancelled || steps.interrupted)) writeErr('stopped\n');
    else if (failed) reportFailure(value);
    return failed ? null : { value };
  }

  /** The prompt holds the process open, except while something runs. */
  private run(program: CompiledProgram): Promise<Running> {
    return new Promise((resolve) => {
      const before = new Set(liveTasks);
      const task = this.session.run(program, () => {
        const running = this.running!;
        if (running.steps.interrupted) this.interrupt();
        this.running = null;
        holdOpen();
        resolve(running);
      });
      const steps = new InterruptibleSteps(task.steps!);
      task.steps = steps;
      this.running = { task, steps, before };
      releaseOpen();
    });
  }

  private async command(name: string, argument: string): Promise<void> {
    switch (name) {
      case '.help':
        return writeOut(replHelp(helpWidth()));
      case '.doc':
        return this.doc(argument);
      case '.clear':
        this.session = new ReplSession();
        return;
      case '.load':
        return this.load(argument);
      case '.type':
        return this.type(argument);
      default: {
        const near = didYouMean(
          name,
          REPL_COMMANDS.map((each) => each.name),
        );
        this.complain(
          `there is no command '${name}'`,
          near === null ? `'.help' lists them` : `did you mean '${near}'?`,
        );
      }
    }
  }

  private doc(name: string): void {
    if (name === '') return writeOut(listOfGroups());
    const text = documentation(name);
    if (text !== null) writeOut(text);
    else writeErr(`${renderFailure(unknown(name), errorStyle())}\n`);
  }

  private async load(path: string): Promise<void> {
    if (path === '') return this.complain('.load needs the name of a file', null);
    const text = readText(path);
    if (typeof text === 'string') return this.evaluate(text);
    const { message, hint } = unreadable(new UnreadableFile(path, text.code));
    this.complain(message, hint);
  }

  private async type(expression: string): Promise<void> {
    if (expression === '') return this.complain('.type needs an expression', '.type [1, 2]');
    const result = await this.execute(expression);
    if (result !== null) writeOut(`${typeName(result.value)}\n`);
  }

  private complain(message: string, hint: string | null): void {
    const failure = { code: '', message, hint, place: null, notes: [], stack: [], stackCut: false, cause: null };
    writeErr(`${renderFailure(failure, errorStyle())}\n`);
  }

  private paused(): void {
    if (endOverrun() && this.overrun) {
      this.overrun = false;
      this.listen();
    }
    this.input.redraw();
  }

  private signalled(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
    if (signal === 'SIGINT' && !this.ending) return this.interrupt();
    this.status = 128 + signalNumber(signal);
    if (this.ending) exit(this.status);
    this.end();
  }

  /** Ends what runs and all that it has started; where nothing does, drops what is typed. */
  private interrupt(): void {
    const { running } = this;
    if (running === null) return this.input.interrupt();
    for (const task of [...liveTasks]) if (!running.before.has(task)) cancelTask(task);
  }

  /** Nothing can wake what runs. */
  private idle(): void {
    if (this.ending) return this.ended();
    const { running } = this;
    if (running === null) return;
    this.deadlocked = true;
    reportDeadlock([...liveTasks].filter((task) => !running.before.has(task)));
    this.interrupt();
  }

  private end(): void {
    if (this.ending) return;
    this.ending = true;
    this.input.release();
    if (this.input.interactive) writeOut('\n');
    setTimeout(() => exit(this.status), GRACE_MS).unref();
    closeListeners();
    for (const task of [...liveTasks]) cancelTask(task);
    if (this.running === null) releaseOpen();
  }

  private ended(): void {
    if (liveTasks.size > 0 || this.lastDeferred || deferredToEnd.length === 0) exit(this.status);
    this.lastDeferred = true;
    spawnTask(runDeferredWaiting(deferredToEnd), null);
  }
}

/** How a line begins that goes on with the statement before it. */
const GOES_ON = /^\s*(?:(?:else|catch|finally)\b|[.*%>&|?:]|\/(?![/*])|<(?!-)|==|!=)/;

function isCommand(line: string): boolean {
  const name = /^\s*(\.\w+)(?:\s|$)/.exec(line)?.[1];
  return REPL_COMMANDS.some((each) => each.name === name);
}

/** The value null of a call is mostly that of one that gives nothing. */
function showsNull(text: string): boolean {
  const last = parse({ name: '', text }).program.body.at(-1);
  return last?.kind === 'ExprStmt' && last.expr.kind !== 'Call' && last.expr.kind !== 'MethodCall';
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}
