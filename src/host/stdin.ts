/**
 * Standard input as tasks read it: by line or to its end, each reader holding up only its own task, several
 * in the order in which they asked. Input is read from the system only while somebody waits for it, so what
 * a program does not read stays for the program after it.
 */
import { park } from '../runtime/park';
import { currentTask, resume } from '../runtime/scheduler';
import type { Steps, Task, Waitable } from '../runtime/task';
import { flush, noteLineEnd, writeOut } from './process';
import { decode } from './text';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

class ReadWait implements Waitable {
  readonly external = true;
  constructor(
    readonly task: Task,
    /** Up to the end of a line or of the input, or whatever comes. */
    readonly what: 'line' | 'all' | 'keys',
  ) {}

  abandon(): void {
    waiting.splice(waiting.indexOf(this), 1);
    if (waiting.length === 0) process.stdin.pause();
  }

  describe(): string {
    return this.what === 'all' ? 'for the end of the input' : `for a ${this.what === 'line' ? 'line of input' : 'key'}`;
  }
}

const waiting: ReadWait[] = [];
/** What was read and nobody has taken; a line that is not complete is at the end. */
let pieces: Buffer[] = [];
let ended = false;
let opened = false;

function start(): void {
  flush();
  const input = process.stdin;
  if (!opened) {
    opened = true;
    input.on('data', (piece: Buffer) => {
      // Nobody waits: it is for the line editor of the REPL.
      if (waiting.length === 0) return;
      pieces.push(piece);
      serve(piece.includes(NEWLINE));
    });
    input.on('end', () => finish());
    // A terminal that went away, a closed descriptor: the same to a program as the end.
    input.on('error', () => finish());
  }
  input.resume();
}

function finish(): void {
  ended = true;
  serve(true);
}

/** Gives those who wait what they wait for, as far as it is there. */
function serve(hasLine: boolean): void {
  while (waiting.length > 0) {
    const next = waiting[0]!;
    if (!ended && (next.what === 'all' || (next.what === 'line' && !hasLine))) return;
    const text = next.what === 'all' ? takeAll() : next.what === 'line' ? takeLine() : takeKeys();
    if (text === undefined) return;
    if (next.what === 'line') noteLineEnd();
    waiting.shift();
    if (waiting.length === 0) process.stdin.pause();
    resume(next.task, text);
  }
}

function takeAll(): string {
  const text = decode(Buffer.concat(pieces));
  pieces = [];
  return text;
}

/** Undefined while no line is complete; null at the end of the input. */
function takeLine(): string | null | undefined {
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) {
    pieces = bytes.length === 0 ? [] : [bytes];
    if (!ended) return undefined;
    pieces = [];
    return bytes.length === 0 ? null : decode(bytes);
  }
  pieces = end + 1 < bytes.length ? [bytes.subarray(end + 1)] : [];
  return decode(bytes, 0, end > 0 && bytes[end - 1] === RETURN ? end - 1 : end);
}

/** What has come; null at the end of the input. */
function takeKeys(): string | null | undefined {
  if (pieces.length === 0) return ended ? null : undefined;
  return takeAll();
}

/** The next line of standard input without its line end; null when there is none left. */
export function* readLine(prompt = ''): Steps<string | null> {
  if (prompt !== '') writeOut(prompt);
  if (waiting.length === 0) {
    const ready = takeLine();
    if (ready !== undefined) return ready;
  }
  return (yield* wait('line')) as string | null;
}

/** All that is left of standard input. */
export function* readAllInput(): Steps<string> {
  if (waiting.length === 0 && ended) return takeAll();
  return (yield* wait('all')) as string;
}

/** What a terminal sends next, as it comes: keys, while `withoutEcho` holds. Null at the end of the input. */
export function* readKeys(): Steps<string | null> {
  if (waiting.length === 0 && (pieces.length > 0 || ended)) return takeKeys() ?? null;
  return (yield* wait('keys')) as string | null;
}

/** While `body` runs, the terminal sends each key at once and shows none. */
export function* withoutEcho<T>(body: () => Steps<T>): Steps<T> {
  const input = process.stdin;
  input.setRawMode(true);
  try {
    return yield* body();
  } finally {
    input.setRawMode(false);
  }
}

/** What Ctrl-C does where the terminal sends it as a key. */
export function interruptProcess(): void {
  process.kill(process.pid, 'SIGINT');
}

function* wait(what: ReadWait['what']): Steps {
  const mine = new ReadWait(currentTask(), what);
  waiting.push(mine);
  start();
  return yield* park(mine);
}
