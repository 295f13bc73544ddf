/**
 * `sentra test`: finds the files, runs each in a process of its own, several at a time, and shows how their tests
 * end, in the order of the files. Exit status 1 when one fails; 2 when there is none, or a file does not parse.
 */
import { createColors } from 'picocolors';
import { printable } from '../diagnostics/display';
import { isFile, listDirectory } from '../host/files';
import { exit, writeErr, writeOut } from '../host/process';
import { processesAtATime, runTestProcess } from '../host/test-process';
import { UnreadableFile } from '../program/compile';
import { counted, filesBelow } from './files-below';
import { outputStyle } from './output-style';
import { runOneFile } from './test-child';
import type { TestError, TestEvent } from './test-events';
import { unreadable } from './unreadable-file';
import { helpHint, optionsFirst, readCommandLine, UsageError } from './usage';
import type { OptionSpec } from './usage';

const OPTIONS: readonly OptionSpec[] = [
  { names: ['--filter'], takes: 'a value' },
  { names: ['--timeout'], takes: 'a value' },
  { names: ['--json'], takes: 'nothing' },
  { names: ['--verbose'], takes: 'nothing' },
  // For the processes that the command starts.
  { names: ['--one'], takes: 'nothing' },
  { names: ['--colors'], takes: 'nothing' },
];

/** What stands outside of tests may take this long. */
const OUTSIDE_MS = 30_000;
/** Longer than its limit a test takes only when it cleans up; beyond that it computes without end. */
const SLACK_MS = 10_000;

interface TestResult {
  readonly name: string;
  readonly status: 'passed' | 'failed';
  readonly ms: number;
  readonly error: TestError | null;
}

interface FileResult {
  readonly file: string;
  readonly tests: TestResult[];
  /** What went wrong outside of its tests. */
  readonly errors: TestError[];
  broken: boolean;
  output: string;
}

export function test(args: readonly string[]): void {
  const ordered = optionsFirst(args, OPTIONS);
  const { options, operands } = readCommandLine('sentra test', ordered, OPTIONS);
  const filter = options.get('--filter') ?? '';
  const timeoutMs = timeoutOf(options.get('--timeout'));
  if (options.has('--one')) {
    runOneFile(operands[0]!, { filter, timeoutMs, colors: options.has('--colors') });
    return;
  }
  const files = (operands.length === 0 ? ['.'] : operands).flatMap(testsAt);
  if (files.length === 0) {
    throw new UsageError(
      `sentra test: no test files ${operands.length === 0 ? 'here' : `in ${operands.join(', ')}`}: their names end in _test.sn or .test.sn`,
      helpHint('sentra test'),
    );
  }
  const json = options.has('--json');
  const { colors } = outputStyle();
  const passed = [...ordered.slice(0, ordered.length - operands.length)].filter((each) => each !== '--');
  const childArgs = ['test', '--one', ...(colors && !json ? ['--colors'] : []), ...passed];
  new TestCommand(files, childArgs, filter, { json, verbose: options.has('--verbose') }).run();
}

function timeoutOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && Number.isFinite(seconds)) return seconds * 1000;
  throw new UsageError(`sentra test: --timeout takes a number of seconds, got '${text}'`);
}

/** A file, or all test files below a directory. */
function testsAt(path: string): string[] {
  if (isFile(path)) return [path];
  if (listDirectory(path).length === 0) throw unreadable(new UnreadableFile(path, 'ENOENT'));
  return filesBelow(path, (name) => /[._]test\.sn$/.test(name));
}

class TestCommand {
  private readonly results: (FileResult | undefined)[];
  private next = 0;
  private shown = 0;
  private readonly start = performance.now();
  private readonly colors = createColors(outputStyle().colors);

  constructor(
    private readonly files: readonly string[],
    private readonly args: readonly string[],
    private readonly filter: string,
    private readonly show: { readonly json: boolean; readonly verbose: boolean },
  ) {
    this.results = new Array<FileResult | undefined>(files.length).fill(undefined);
  }

  run(): void {
    for (let i = Math.min(processesAtATime(), this.files.length); i > 0; i--) this.startNext();
  }

  private startNext(): void {
    const index = this.next++;
    const file = this.files[index];
    if (file === undefined) return;
    const result: FileResult = { file, tests: [], errors: [], broken: false, output: '' };
    let current: { readonly name: string; readonly limitMs: number; readonly start: number } | null = null;
    const start = performance.now();
    const onEvent = (line: string): number => {
      const event = JSON.parse(line) as TestEvent;
      switch (event.kind) {
        case 'begin':
          current = { name: event.name, limitMs: event.limitMs, start: performance.now() };
          return event.limitMs + SLACK_MS;
        case 'end':
          current = null;
          result.tests.push({
            name: event.name,
            status: event.error === null ? 'passed' : 'failed',
            ms: event.ms,
            error: event.error,
          });
          break;
        case 'failure':
          result.errors.push(event.error);
          break;
        case 'broken':
          result.broken = true;
          break;
      }
      return OUTSIDE_MS;
    };
    runTestProcess([...this.args, '--', file], OUTSIDE_MS, onEvent, ({ output, status, stalled }) => {
      result.output = output;
      if (current !== null) {
        const why = stalled ? 'computed on after its time was over and was ended' : 'ended the program';
        const error = plainError(`the test ${why}${stalled ? '' : ` (status ${status})`}; those behind it did not run`);
        result.tests.push({ name: current.name, status: 'failed', ms: performance.now() - current.start, error });
      } else if (!isFailed(result) && (stalled || status !== 0)) {
        result.errors.push(
          plainError(
            stalled
              ? `what stands outside of tests took longer than ${OUTSIDE_MS / 1000} seconds`
              : `the program ended with status ${status}`,
          ),
        );
      }
      // A file without tests is one.
      if (result.tests.length === 0 && !result.broken && this.filter === '') {
        const error = result.errors.shift() ?? null;
        const ms = performance.now() - start;
        result.tests.push({ name: file, status: error === null ? 'passed' : 'failed', ms, error });
      }
      this.ended(index, result);
    });
  }

  private ended(index: number, result: FileResult): void {
    this.results[index] = result;
    this.startNext();
    if (!this.show.json) {
      for (let done = this.results[this.shown]; done !== undefined; done = this.results[++this.shown])
        this.showFile(done);
    }
    if (this.results.every((each) => each !== undefined)) this.finish();
  }

  private showFile(result: FileResult): void {
    const { file, tests, errors, broken, output } = result;
    if (tests.length === 0 && errors.length === 0 && !broken) return;
    const { bold, green, red, dim } = this.colors;
    const lines = [bold(printable(file))];
    for (const { name, status, ms, error } of tests) {
      const mark = status === 'passed' ? green('✓') : red('✗');
      lines.push(`  ${mark} ${printable(name)} ${dim(`(${durationText(ms)})`)}`);
      if (error !== null) lines.push('', indented(error.shown), '');
    }
    for (const error of errors) lines.push(`  ${red('✗')} outside of the tests`, '', indented(error.shown), '');
    if (broken) lines.push(`  ${red('✗')} does not parse`);
    const failed = isFailed(result);
    if (output !== '' && (failed || this.show.verbose)) {
      lines.push(dim('  it printed:'), indented(output.replace(/\n$/, '').split('\n').map(printable).join('\n')));
    }
    writeOut(`${lines.join('\n')}\n`);
  }

  private finish(): never {
    const results = this.results as FileResult[];
    const tests = results.flatMap((each) => each.tests);
    const failed = tests.filter((each) => each.status === 'failed').length;
    const passed = tests.length - failed;
    const others = results.reduce((sum, each) => sum + each.errors.length + (each.broken ? 1 : 0), 0);
    const ms = performance.now() - this.start;
    if (this.show.json) {
      writeOut(
        `${JSON.stringify({ passed, failed, errors: others, ms: Math.round(ms), files: results.map(jsonOf) }, null, 2)}\n`,
      );
    } else if (tests.length + others > 0) {
      const { green, red, bold } = this.colors;
      const parts = [green(`${passed} passed`)];
      if (failed > 0) parts.push(red(`${failed} failed`));
      if (others > 0) parts.push(red(`${others} outside of tests`));
      writeOut(`\n${bold(parts.join(', '))} in ${counted(results.length, 'file')} (${durationText(ms)})\n`);
    }
    if (tests.length + others === 0) {
      writeErr(`sentra test: no test has '${this.filter}' in its name\n`);
      exit(2);
    }
    exit(results.some((each) => each.broken) ? 2 : failed + others > 0 ? 1 : 0);
  }
}

function isFailed({ tests, errors, broken }: FileResult): boolean {
  return broken || errors.length > 0 || tests.some((each) => each.status === 'failed');
}

function plainError(message: string): TestError {
  return { message, code: null, file: null, line: null, column: null, shown: message };
}

function jsonOf({ file, tests, errors, broken, output }: FileResult): object {
  const errorOf = (error: TestError | null): object | null =>
    error === null
      ? null
      : { message: error.message, code: error.code, file: error.file, line: error.line, column: error.column };
  return {
    file,
    parses: !broken,
    tests: tests.map((each) => ({
      name: each.name,
      status: each.status,
      ms: round(each.ms),
      error: errorOf(each.error),
    })),
    errors: errors.map(errorOf),
    output,
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

function durationText(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
