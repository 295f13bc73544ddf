/**
 * Runs other programs. A string goes to the shell, an array runs a program without one. The child has its own
 * process group, so that a timeout, a cancelled task or the end of Sentra takes what it started with it. Only
 * the task that asked waits.
 */
import { fault } from '../runtime/errors';
import type { ErrorValue } from '../runtime/errors';
import { operation } from '../runtime/operation';
import type { Steps } from '../runtime/task';
import { Timeout, clearTimer, setTimer } from '../runtime/timers';
import { node } from './node';
import { begin } from './permissions';
import { flush, onExit } from './process';
import type { Reported } from './reported';
import { givenEnvironment } from './thread-pool';
import { bytesOf, decode } from './text';

export interface CommandOptions {
  readonly cwd: string | null;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>> | null;
  /** Given to the child on its standard input, which is then closed. */
  readonly input: string | readonly number[] | null;
  readonly timeoutSeconds: number | null;
  /** Of standard output and error together. */
  readonly maxOutputBytes: number;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; 128 and the signal's number for one that a signal ended. */
  readonly code: number;
}

/** Groups of children that run now: ended with the program. */
const groups = new Set<number>();

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Errors: ENOENT and EACCES for the program, ETIMEDOUT, EOVERFLOW for more output than allowed. */
export function* runCommand(
  builtin: string,
  command: string | readonly string[],
  options: CommandOptions,
): Steps<CommandResult> {
  const shown = typeof command === 'string' ? command : command.join(' ');
  const seen = begin(builtin, 'run', shown);
  flush();
  return yield* operation<CommandResult>(`for the command '${shown}' to end`, (succeed, fail) =>
    start(builtin, command, shown, options, seen, succeed, fail),
  );
}

function start(
  builtin: string,
  command: string | readonly string[],
  shown: string,
  options: CommandOptions,
  seen: Reported,
  succeed: (result: CommandResult) => void,
  fail: (makeError: () => ErrorValue) => void,
): () => void {
  const output: [Buffer[], Buffer[]] = [[], []];
  let total = 0;
  const written = (which: 0 | 1): string => decode(Buffer.concat(output[which]));
  const refuse = (code: string, message: string): ErrorValue =>
    fault(code, `${builtin}: ${message} (${code})`, {
      function: builtin,
      // What it had written by then is not lost.
      fields: { command: shown, ...(total === 0 ? {} : { stdout: written(0), stderr: written(1) }) },
    });
  const failed = (code: string, message: string): void => {
    seen.failed({ code, message });
    fail(() => refuse(code, message));
  };
  const impossible = whyImpossible(command, options);
  const child = impossible === null ? spawn(command, options) : impossible;
  if (typeof child === 'string' || child instanceof Error) {
    const why = typeof child === 'string' ? child : child.message;
    if (typeof child !== 'string' && (child as NodeJS.ErrnoException).code === 'E2BIG') {
      failed('E2BIG', `'${shown.slice(0, SHOWN_CHARS)}...' cannot be run: its arguments are too long`);
    } else {
      failed('EINVAL', `'${shown}' cannot be run: ${why}`);
    }
    seen.closed();
    return () => {};
  }
  const stop = (): void => {
    clearTimer(timer);
    if (child.pid === undefined) return;
    groups.delete(child.pid);
    endGroup(child.pid);
    // One that has left the group may hold the other ends for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = new Timeout(() => {
    stop();
    failed('ETIMEDOUT', `'${shown}' was still running after ${options.timeoutSeconds} seconds and was ended`);
  });
  if (options.timeoutSeconds !== null) setTimer(timer, options.timeoutSeconds * 1000);
  if (child.pid !== undefined) remember(child.pid);

  [child.stdout, child.stderr].forEach((stream, which) => {
    stream.on('data', (piece: Buffer) => {
      seen.received(piece, STREAMS[which]);
      const room = options.maxOutputBytes - total;
      if (room < 0) return;
      total += piece.length;
      output[which]!.push(piece.length <= room ? piece : piece.subarray(0, room));
      if (piece.length <= room) return;
      stop();
      failed('EOVERFLOW', `'${shown}' wrote more than the allowed ${options.maxOutputBytes} bytes and was ended`);
    });
  });
  // A child that does not read its input is no error.
  child.stdin.on('error', () => {});
  const input = options.input === null ? null : bytesOf(options.input);
  if (input !== null && input.length > 0 && child.pid !== undefined) seen.sent(input, STDIN);
  child.stdin.end(input ?? undefined);
  child.on('error', (error: NodeJS.ErrnoException) => {
    clearTimer(timer);
    failed(error.code ?? 'EIO', wordFailure(error, command, options.cwd));
    if (child.pid === undefined) seen.closed();
  });
  child.on('close', (code, signal) => {
    clearTimer(timer);
    if (child.pid !== undefined) groups.delete(child.pid);
    const status = code ?? 128 + (signal === null ? 0 : node.os.constants.signals[signal]);
    seen.closed({ code: status });
    succeed({ stdout: written(0), stderr: written(1), code: status });
  });
  return stop;
}

const SHOWN_CHARS = 60;

/** Its streams as the stream of events names them. */
const STDIN = { host: 'stdin', port: null };
const STREAMS = [
  { host: 'stdout', port: null },
  { host: 'stderr', port: null },
];

/** What the system or Node's way to it cannot pass on; null where there is no such thing. */
function whyImpossible(command: string | readonly string[], { cwd, env }: CommandOptions): string | null {
  const parts = typeof command === 'string' ? [command] : command;
  if ((parts[0] ?? '') === '') return 'the name of the program is empty';
  const texts = [...parts, cwd ?? '', ...Object.entries(env ?? {}).flat()];
  if (texts.some((text) => text.includes('\0'))) return 'a part of it holds NUL, which no command may';
  if (Object.keys(env ?? {}).some((name) => name === '' || name.includes('='))) {
    return "the name of a variable is empty or holds '='";
  }
  if (texts.every((text) => text.isWellFormed())) return null;
  return 'a part of it holds a byte that is no UTF-8; only its input may';
}

/** An error where Node refuses without trying. */
function spawn(command: string | readonly string[], options: CommandOptions) {
  const settings = {
    cwd: options.cwd ?? undefined,
    env: { ...givenEnvironment(), ...options.env },
    detached: true,
    stdio: 'pipe',
  } as const;
  try {
    return typeof command === 'string'
      ? node.childProcess.spawn(command, { ...settings, shell: true })
      : node.childProcess.spawn(command[0] ?? '', command.slice(1), settings);
  } catch (error) {
    return error as Error;
  }
}

function wordFailure(error: NodeJS.ErrnoException, command: string | readonly string[], cwd: string | null): string {
  if (cwd !== null && !node.fs.existsSync(cwd)) return `the directory ${cwd} does not exist`;
  const program = typeof command === 'string' ? 'the shell' : `the program '${command[0]}'`;
  switch (error.code) {
    case 'ENOENT':
      return `${program} was not found`;
    case 'EACCES':
      return `${program} may not be run: it is no executable file, or there is no permission`;
    default:
      return `${program} could not be started: ${error.message}`;
  }
}

let exitWatched = false;

function remember(pid: number): void {
  groups.add(pid);
  if (exitWatched) return;
  exitWatched = true;
  onExit(() => groups.forEach(endGroup));
}
