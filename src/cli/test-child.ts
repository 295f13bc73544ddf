/**
 * `sentra test --one FILE`: runs the tests of one file in this process and tells on descriptor 3 how they end.
 * The functions whose names begin with `test_` are called by code that is added at the end of the file, through
 * `test`, so that the file itself may also be run by `sentra run`.
 */
import { testRun } from '../builtins/test/test-run';
import type { TestFailure, TestReporter } from '../builtins/test/test-run';
import { printable } from '../diagnostics/display';
import { exit, isTerminal, setArgs } from '../host/process';
import { tell } from '../host/test-process';
import { compileWithMore } from '../program/compile';
import { reportDiagnostics } from '../program/report';
import { runProgram } from '../program/run';
import { renderError } from '../runtime/failures';
import { ErrorValue, inspect } from '../runtime/values';
import type { Value } from '../runtime/values';
import { parse } from '../syntax/parser';
import type { TestError, TestEvent } from './test-events';

const PREFIX = 'test_';
const WIDTH = 100;

export interface ChildOptions {
  readonly filter: string;
  readonly timeoutMs: number | null;
  readonly colors: boolean;
}

export function runOneFile(path: string, { filter, timeoutMs, colors }: ChildOptions): void {
  if (isTerminal(1)) throw new Error('sentra test --one is for sentra test itself');
  const emit = (event: TestEvent): void => tell(JSON.stringify(event));
  const { program, diagnostics } = compileWithMore(path, callsOfTests);
  if (program === null) {
    reportDiagnostics(diagnostics.filter((each) => each.severity === 'error'));
    emit({ kind: 'broken' });
    exit(2);
  }
  const reporter = new Reporter(emit, colors);
  testRun.report(reporter, filter, timeoutMs);
  setArgs([]);
  runProgram(program, (error) => reporter.failed(error));
}

class Reporter implements TestReporter {
  private current: string | null = null;
  /** What failed in tasks that the running test has spawned. */
  private beside: Value[] = [];

  constructor(
    private readonly emit: (event: TestEvent) => void,
    private readonly colors: boolean,
  ) {}

  begin(name: string, limitMs: number): void {
    this.current = name;
    this.emit({ kind: 'begin', name, limitMs });
  }

  end(name: string, failure: TestFailure | null, ms: number): void {
    const [own, ...others] = [...(failure === null ? [] : [failure.error]), ...this.beside];
    this.emit({ kind: 'end', name, ms, error: own === undefined ? null : described(own, this.colors) });
    this.current = null;
    this.beside = [];
    for (const error of others) this.failed(error);
  }

  /** Nothing has caught it, and no task waited for it. */
  failed(error: Value): void {
    if (this.current === null) this.emit({ kind: 'failure', error: described(error, this.colors) });
    else this.beside.push(error);
  }
}

/** The code that calls the functions; nothing for a text that does not parse, or has none. */
function callsOfTests(text: string): string {
  const { program } = parse({ name: '', text });
  const names = program.body.flatMap((statement) =>
    statement.kind === 'FnDecl' && statement.fn.name!.name.startsWith(PREFIX) ? [statement.fn.name!.name] : [],
  );
  if (names.length === 0) return '';
  // A name that the file does not use for anything of its own.
  let runner = 'sentra_test_runner';
  while (text.includes(runner)) runner += '_';
  const calls = [...new Set(names)].map((name) => `${runner}.test(${JSON.stringify(name)}, ${name})`);
  return `import test as ${runner}\n${calls.join('\n')}\n`;
}

function described(error: Value, colors: boolean): TestError {
  const shown = renderError(error, { colors, width: WIDTH });
  if (!(error instanceof ErrorValue)) {
    return { message: printable(inspect(error)), code: null, file: null, line: null, column: null, shown };
  }
  const { site } = error.trace;
  return {
    message: error.message,
    code: error.code,
    file: site?.source.name ?? null,
    line: site?.line ?? null,
    column: site?.column ?? null,
    shown,
  };
}
