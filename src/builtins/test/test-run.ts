/** The run of a file's tests: which of them are wanted, and who is told how they end. Set by `sentra test`. */
import type { Value } from '../../runtime/values';

/** What a test threw, which may be any value. */
export interface TestFailure {
  readonly error: Value;
}

export interface TestReporter {
  begin(name: string, limitMs: number): void;
  /** `failure` is null where it passed. */
  end(name: string, failure: TestFailure | null, ms: number): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

class TestRun {
  timeoutMs = DEFAULT_TIMEOUT_MS;
  private reporter: TestReporter | null = null;
  private filter = '';

  /** From now on failures are told to `reporter`, and no more thrown. */
  report(reporter: TestReporter, filter: string, timeoutMs: number | null): void {
    this.reporter = reporter;
    this.filter = filter;
    if (timeoutMs !== null) this.timeoutMs = timeoutMs;
  }

  get reports(): boolean {
    return this.reporter !== null;
  }

  wants(name: string): boolean {
    return name.includes(this.filter);
  }

  begin(name: string, limitMs: number): void {
    this.reporter?.begin(name, limitMs);
  }

  end(name: string, failure: TestFailure | null, ms: number): void {
    this.reporter?.end(name, failure, ms);
  }
}

/** There is one in a process, as there is one program. */
export const testRun = new TestRun();
