/**
 * The test programs of this folder carry what is expected of them in comments:
 *
 *     log(1 + 2)       // expect: 3
 *     let x = 08       // expect error: part of the message       found before the run, on this line
 *     let x = 1        // expect warning: part of the message
 *     null.x           // expect runtime error: part of it        nobody caught it; it was thrown on this line
 *     ch <- 1          // expect deadlock: part of the wait
 *                      // expect failed task: part of the message
 *                      // expect error in lib/x.sn:3: part of it
 *
 * A line `// ==== title` begins a program of its own; the lines of the others are blank to it, so that the
 * numbers of its lines are those of the file.
 */

export interface Case {
  readonly title: string;
  readonly text: string;
  readonly output: readonly string[];
  readonly found: readonly Finding[];
  readonly runtimeError: Finding | null;
  readonly failedTasks: readonly string[];
  readonly deadlock: string | null;
}

export interface Finding {
  readonly severity: 'error' | 'warning';
  /** The end of the path; null for the file itself. */
  readonly file: string | null;
  readonly line: number;
  readonly message: string;
}

const TITLE = /^\/\/ ==== (.*)$/;
const EXPECTATION =
  /\/\/ expect(?: (?:(error|warning|runtime error|deadlock|failed task)|error in (\S+):(\d+)))?:(?: (.*))?$/;

export function casesOf(text: string): Case[] {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, i) => (TITLE.test(line) ? [i] : []));
  if (starts.length === 0) return [caseOf('', lines, 0)];
  return starts.map((start, i) => {
    const title = TITLE.exec(lines[start]!)![1]!;
    return caseOf(title, lines.slice(0, starts[i + 1] ?? lines.length), start);
  });
}

/** The program of the lines from `start` on. */
function caseOf(title: string, lines: readonly string[], start: number): Case {
  const output: string[] = [];
  const found: Finding[] = [];
  const failedTasks: string[] = [];
  let runtimeError: Finding | null = null;
  let deadlock: string | null = null;
  for (let i = start; i < lines.length; i++) {
    const match = EXPECTATION.exec(lines[i]!.trimEnd());
    if (match === null) continue;
    const [, kind, file, line, message = ''] = match;
    const here = {
      severity: 'error',
      file: file ?? null,
      line: file === undefined ? i + 1 : Number(line),
      message,
    } as const;
    if (file !== undefined) found.push(here);
    else if (kind === undefined) output.push(message.trimEnd());
    else if (kind === 'error') found.push(here);
    else if (kind === 'warning') found.push({ ...here, severity: 'warning' });
    else if (kind === 'runtime error') runtimeError = here;
    else if (kind === 'deadlock') deadlock = message;
    else failedTasks.push(message);
  }
  const text = lines.map((line, i) => (i < start ? '' : line)).join('\n');
  return { title, text, output, found, runtimeError, failedTasks, deadlock };
}
