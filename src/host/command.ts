/**
 * Runs other programs. A string goes to the shell, an array runs a program without one. The child has its own
 * process group, so that a timeout, a cancelled task or the end of Sentra takes what it started with it. Only
 * the task that asked waits.
 */
import { fault } from '../runtime/errors';
import type { ErrorValue } from '../runtime/errors';
import { operation } from '../runtime/scheduler';
import type { Steps } from '../runtime/task';
import { Timeout, clearTimer, setTimer } from '../runtime/timers';
import { node } from './node';
import { askPermission } from './permissions';
import { flush, onExit } from './process';
import { decode, encode } from './text';

export interface CommandOptions {
  readonly cwd: string | null;
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>> | null;
  /** Given to the child on its standard input, which is then closed. */
  readonly input: string | null;
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
  askPermission(builtin, 'run', shown);
  flush();
  return yield* operation<CommandResult>(`for the command '${shown}' to end`, (succeed, fail) =>
    start(builtin, command, shown, options, succeed, fail),
  );
}

function start(
  builtin: string,
  command: string | readonly string[],
  shown: string,
  options: CommandOptions,
  succeed: (result: CommandResult) => void,
  fail: (makeError: () => ErrorValue) => void,
): () => void {
  const refuse = (code: string, message: string): ErrorValue =>
    fault(code, `${builtin}: ${message} (${code})`, { function: builtin, fields: { command: shown } });
  const child = spawn(command, options);
  if (child instanceof Error) {
    fail(() => refuse('EINVAL', `'${shown}' cannot be run: ${child.message}`));
    return () => {};
  }
  const output: [Buffer[], Buffer[]] = [[], []];
  let total = 0;
  const stop = (): void => {
    clearTimer(timer);
    if (child.pid === undefined) return;
    groups.delete(child.pid);
    endGroup(child.pid);
  };
  const timer = new Timeout(() => {
    stop();
    fail(() =>
      refuse('ETIMEDOUT', `'${shown}' was still running after ${options.timeoutSeconds} seconds and was ended`),
    );
  });
  if (options.timeoutSeconds !== null) setTimer(timer, options.timeoutSeconds * 1000);
  if (child.pid !== undefined) remember(child.pid);

  [child.stdout, child.stderr].forEach((stream, which) => {
    stream.on('data', (piece: Buffer) => {
      total += piece.length;
      if (total <= options.maxOutputBytes) {
        output[which]!.push(piece);
        return;
      }
      stop();
      fail(() =>
        refuse('EOVERFLOW', `'${shown}' wrote more than the allowed ${options.maxOutputBytes} bytes and was ended`),
      );
    });
  });
  // A child that does not read its input is no error.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input === null ? undefined : encode(options.input));
  child.on('error', (error: NodeJS.ErrnoException) => {
    clearTimer(timer);
    fail(() => refuse(error.code ?? 'EIO', wordFailure(error, command, options.cwd)));
  });
  child.on('close', (code, signal) => {
    clearTimer(timer);
    if (child.pid !== undefined) groups.delete(child.pid);
    succeed({
      stdout: decode(Buffer.concat(output[0])),
      stderr: decode(Buffer.concat(output[1])),
      code: code ?? 128 + (signal === null ? 0 : node.os.constants.signals[signal]),
    });
  });
  return stop;
}

/** An error where Node refuses without trying: an empty command, NUL in an argument, too many arguments. */
function spawn(command: string | readonly string[], options: CommandOptions) {
  const settings = {
    cwd: options.cwd ?? undefined,
    env: { ...process.env, ...options.env },
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
