/**
 * The process a program runs in: its arguments, what it prints, its end, and signals.
 *
 * What is printed is gathered and written in one piece when the tasks pause, when it grows large or old, and
 * before anything else becomes visible (the error stream, a prompt, a child process, the end): so the order of
 * what a person sees is the order of the calls. On a terminal nothing is held back. A reader that has gone
 * away (`| head`) ends the program as it ends any other: quietly, with the status of SIGPIPE.
 */
import { node } from './node';
import { decode, encode } from './text';

/** More than this is written at once. */
const MAX_PENDING_CHARS = 1 << 16;
/** Text older than this is written with the next piece, for programs that compute between two lines. */
const MAX_PENDING_MS = 100;
/** 128 + SIGPIPE. */
const BROKEN_PIPE_STATUS = 141;

let pending = '';
let pendingSince = 0;
const terminals: (boolean | undefined)[] = [];

/** Whether standard input (0), output (1) or error (2) is a terminal. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  return (terminals[fd] ??= detectTerminal(fd));
}

function detectTerminal(fd: number): boolean {
  try {
    const stat = node.fs.fstatSync(fd);
    if (!stat.isCharacterDevice()) return false;
    if (process.platform === 'linux') {
      // Most are told by the number of the driver, without loading Node's module for terminals and what it needs.
      const major = (stat.rdev >> 8) & 0xfff;
      if (major === LINUX_MEMORY) return false;
      if (LINUX_TERMINALS.includes(major)) return true;
    }
  } catch {
    return false;
  }
  return node.tty.isatty(fd);
}

/** `/dev/null` and its like. */
const LINUX_MEMORY = 1;
/** Consoles, and the pseudo-terminals of windows and remote logins. */
const LINUX_TERMINALS = [4, 136, 137, 138, 139, 140, 141, 142, 143];

/**
 * Whether output there may be coloured: it is a terminal, or FORCE_COLOR (force-color.org) is set; and NO_COLOR
 * (no-color.org) is not, which counts more.
 */
export function colorsWanted(fd: 1 | 2): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal(fd) && TERM !== 'dumb';
}

/** Columns of the terminal, 80 where the output is none. */
export function terminalWidth(): number {
  return terminalColumns(1) ?? 80;
}

/** Columns of the terminal that this is; null where it is none. */
export function terminalColumns(fd: 1 | 2): number | null {
  if (!isTerminal(fd)) return null;
  return (fd === 1 ? process.stdout : process.stderr).columns || 80;
}

/** Prints to standard output, sooner or later; see the head of the file. */
export function writeOut(text: string): void {
  if (pending === '') pendingSince = performance.now();
  pending += text;
  if (pending.length > MAX_PENDING_CHARS || isTerminal(1) || performance.now() - pendingSince > MAX_PENDING_MS) {
    flush();
  }
}

/** Prints to standard error, at once, after what was printed to standard output before. */
export function writeErr(text: string): void {
  flush();
  writeFully(2, encode(text));
}

/** Writes what `writeOut` still holds. */
export function flush(): void {
  if (pending === '') return;
  const bytes = encode(pending);
  pending = '';
  writeFully(1, bytes);
}

const drawers: ((fd: 1 | 2) => void)[] = [];

/** Called before anything is written, for who draws on the terminal: to make room. */
export function beforeOutput(action: (fd: 1 | 2) => void): void {
  drawers.push(action);
}

/** What stands on the terminal ends with a line end, as far as this process wrote it. */
let lineBegins = true;

/** Whether the cursor of the terminal stands at the beginning of a line. */
export function atLineStart(): boolean {
  return lineBegins;
}

/** A person has ended a line. */
export function noteLineEnd(): void {
  lineBegins = true;
}

const NEWLINE = 0x0a;

function writeFully(fd: 1 | 2, bytes: Buffer): void {
  for (const makeRoom of drawers) makeRoom(fd);
  if (bytes.length > 0 && isTerminal(fd)) lineBegins = bytes[bytes.length - 1] === NEWLINE;
  writeNow(fd, bytes);
}

/** Draws on the terminal, at once and without making room: for who draws. */
export function draw(fd: 1 | 2, text: string): void {
  writeNow(fd, encode(text));
}

function writeNow(fd: 1 | 2, bytes: Buffer): void {
  let written = 0;
  let pauseMs = 1;
  while (written < bytes.length) {
    try {
      written += node.fs.writeSync(fd, bytes, written);
      pauseMs = 1;
    } catch (error) {
      switch ((error as NodeJS.ErrnoException).code) {
        case 'EAGAIN':
          // Somebody else made the pipe non-blocking and its reader is slow.
          pauseThread(pauseMs);
          pauseMs = Math.min(2 * pauseMs, 20);
          break;
        case 'EINTR':
          break;
        case 'EPIPE':
          if (fd === 1) process.exit(BROKEN_PIPE_STATUS);
          return;
        default:
          // A closed or full standard stream: there is no place left to say so.
          return;
      }
    }
  }
}

let pauseCell: Int32Array | null = null;

function pauseThread(ms: number): void {
  pauseCell ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(pauseCell, 0, 0, ms);
}

let programArgs: readonly string[] = [];

/** The arguments after the program's name, as the command line gave them. */
/**
 * The arguments of the command with their bytes, as strings carry them: Node gives those that are no UTF-8 with
 * U+FFFD in their place. Where the system does not tell, they stay so.
 */
export function exactArguments(args: readonly string[]): readonly string[] {
  if (!args.some((each) => each.includes('\ufffd'))) return args;
  try {
    const all = node.fs.readFileSync('/proc/self/cmdline');
    const texts = decode(all, 0, all.length - 1).split('\0');
    return texts.slice(texts.length - args.length);
  } catch {
    return args;
  }
}

export function setArgs(args: readonly string[]): void {
  programArgs = args;
}

export function args(): readonly string[] {
  return programArgs;
}

/** The working directory. */
export function currentDirectory(): string {
  return process.cwd();
}

const atExit: (() => void)[] = [];

/** Runs when the process is about to end, however it does; must not wait. */
export function onExit(action: () => void): void {
  if (atExit.length === 0) {
    process.on('exit', (status) => {
      for (const each of atExit) each();
      leave?.(status);
    });
  }
  atExit.push(action);
}

let leave: ((status: number) => void) | null = null;

/** `action` comes after all of these: it may end the process itself. There is one. */
export function leaveBy(action: (status: number) => void): void {
  onExit(() => {});
  leave = action;
}

/** Calls `action` when nothing is left that could ever happen in this process, before it ends by itself. */
export function onNothingLeft(action: () => void): void {
  process.on('beforeExit', action);
}

/** Ends the process at once, after what was printed is written. */
export function exit(code: number): never {
  flush();
  process.exit(code);
}

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Calls `handler` on these signals in place of ending. Gives the function that undoes it. */
export function onSignal(
  handler: (signal: Signal) => void,
  signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'],
): () => void {
  const listener = (signal: NodeJS.Signals): void => handler(signal as Signal);
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

export function signalNumber(signal: NodeJS.Signals): number {
  return node.os.constants.signals[signal];
}

export interface PlatformInfo {
  /** "linux", "darwin", "windows"... */
  readonly os: string;
  /** "x64", "arm64"... */
  readonly arch: string;
  readonly hostname: string;
  readonly cpus: number;
  /** Bytes of memory of the machine. */
  readonly memory: number;
  readonly pid: number;
}

export function platformInfo(): PlatformInfo {
  const { os } = node;
  return {
    os: process.platform === 'win32' ? 'windows' : process.platform,
    arch: process.arch,
    hostname: os.hostname(),
    cpus: os.availableParallelism(),
    memory: os.totalmem(),
    pid: process.pid,
  };
}
