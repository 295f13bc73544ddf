/** Runs the built command as a person does: `bin/sentra` in a process of its own. `npm test` builds it before. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

export const BIN = join(__dirname, '..', '..', 'bin', 'sentra');

/** The folder of a built command in which all lies that belongs to its `dist/sentra.js`. */
export function ownFolder(dist: string): string {
  const head = readFileSync(join(dist, 'sentra.js'), 'latin1').slice(0, 100);
  return join(dist, /^\/\*(\w+)\*\//.exec(head)![1]!);
}

const TIMEOUT_MS = 30_000;

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status, or null when a signal ended it. */
  readonly status: number | null;
}

export interface Surroundings {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In the place of `bin/sentra`: a link to it. */
  readonly bin?: string;
}

export function sentra(args: readonly string[], { input = '', cwd, env, bin = BIN }: Surroundings = {}): Ended {
  const run = spawnSync(bin, args, { input, cwd, env: environment(env), encoding: 'utf8', timeout: TIMEOUT_MS });
  if (run.error !== undefined) throw run.error;
  return { stdout: run.stdout, stderr: run.stderr, status: run.status };
}

export function environment(changes: Surroundings['env'] = {}): NodeJS.ProcessEnv {
  return { ...process.env, SENTRA_HISTORY: '', NODE_OPTIONS: '', ...changes };
}

/** A command that goes on running; `ended` settles with what it wrote. */
export class RunningCommand {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  private readonly listeners = new Set<() => void>();

  constructor(args: readonly string[], { cwd, env, bin = BIN }: Surroundings = {}) {
    this.process = spawn(bin, args, { cwd, env: environment(env) });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => this.heard((this.stdout += text)));
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => this.heard((this.stderr += text)));
    this.ended = new Promise((resolve, reject) => {
      this.process.on('error', reject);
      this.process.on('close', (status) => {
        running.delete(this);
        this.heard('');
        resolve({ stdout: this.stdout, stderr: this.stderr, status });
      });
    });
    running.add(this);
  }

  private heard(_text: string): void {
    for (const listener of this.listeners) listener();
  }

  /** Until what it wrote, to either stream, holds this; gives what matched. */
  async says(pattern: string | RegExp, timeoutMs = TIMEOUT_MS): Promise<RegExpExecArray> {
    const expression =
      typeof pattern === 'string' ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : pattern;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = expression.exec(this.stdout) ?? expression.exec(this.stderr);
        if (found === null && this.process.exitCode === null) return;
        clearTimeout(timer);
        this.listeners.delete(look);
        if (found !== null) resolve(found);
        else reject(new Error(`it ended without ${String(pattern)}:\n${this.stdout}${this.stderr}`));
      };
      const timer = setTimeout(() => {
        this.listeners.delete(look);
        reject(new Error(`no ${String(pattern)} in time:\n${this.stdout}${this.stderr}`));
      }, timeoutMs);
      this.listeners.add(look);
      look();
    });
  }
}

const running = new Set<RunningCommand>();

after(() => {
  for (const each of running) each.process.kill('SIGKILL');
});

/** A new directory with these files in it, removed after the tests of the file. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentra-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
