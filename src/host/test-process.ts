/**
 * A process of Sentra that runs the tests of one file, and what it tells about them: lines of JSON on descriptor
 * 3, so that they never mix with what the tests print. The process is ended where it tells nothing for too long:
 * a test that computes without end cannot be stopped from within.
 */
import { node } from './node';
import { onExit } from './process';
import { decode } from './text';

const EVENTS_FD = 3;
/** Of each stream of a file's tests no more than this is kept, from its end. */
const MAX_OUTPUT_BYTES = 1 << 20;

export interface TestProcess {
  /** What was printed to standard output and error, in the order in which it came. */
  readonly output: string;
  /** Null where a signal ended it. */
  readonly status: number | null;
  /** It told nothing for too long. */
  readonly stalled: boolean;
}

/**
 * Runs `sentra ARGS`. `onEvent` gets each line that it tells, and gives how many milliseconds may go by until the
 * next one.
 */
export function runTestProcess(
  args: readonly string[],
  firstLimitMs: number,
  onEvent: (line: string) => number,
  ended: (result: TestProcess) => void,
): void {
  const child = node.childProcess.spawn(process.argv[1]!, [...args], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  let kept = 0;
  let stalled = false;
  let timer = setTimeout(stall, firstLimitMs);
  running.add(child);
  watchExit();

  function stall(): void {
    stalled = true;
    child.kill('SIGKILL');
  }

  const keep = (piece: Buffer): void => {
    output.push(piece);
    kept += piece.length;
    while (kept - output[0]!.length > MAX_OUTPUT_BYTES) kept -= output.shift()!.length;
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  let line = '';
  (child.stdio[EVENTS_FD] as NodeJS.ReadableStream).setEncoding('utf8').on('data', (text: string) => {
    const lines = (line + text).split('\n');
    line = lines.pop()!;
    for (const each of lines) {
      clearTimeout(timer);
      timer = setTimeout(stall, onEvent(each));
    }
  });
  const end = (status: number | null): void => {
    clearTimeout(timer);
    running.delete(child);
    ended({ output: decode(Buffer.concat(output)), status, stalled });
  };
  child.once('error', () => end(null));
  child.once('close', (status) => end(status));
}

const running = new Set<{ kill(signal: 'SIGKILL'): boolean }>();
let exitWatched = false;

function watchExit(): void {
  if (exitWatched) return;
  exitWatched = true;
  onExit(() => {
    for (const child of running) child.kill('SIGKILL');
  });
}

/** In that process: tells something. */
export function tell(line: string): void {
  node.fs.writeSync(EVENTS_FD, `${line}\n`);
}

/** How many test processes run at a time. */
export function processesAtATime(): number {
  return Math.max(1, node.os.availableParallelism());
}
