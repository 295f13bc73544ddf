/** Programs of the system that tests talk to: found, started, waited for, ended. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';

const PATH = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Where a program is; null where it is not installed. */
export function findProgram(name: string): string | null {
  for (const folder of PATH) if (existsSync(join(folder, name))) return join(folder, name);
  return null;
}

/** For `skip`: false when all are there, else which are missing. */
export function missing(...names: readonly string[]): string | false {
  const absent = names.filter((name) => findProgram(name) === null);
  return absent.length === 0 ? false : `not installed here: ${absent.join(', ')}`;
}

/** For `skip`: false for root with these programs on Linux. */
export function needsRoot(...names: readonly string[]): string | false {
  if (process.platform !== 'linux') return 'Linux alone has network namespaces';
  if (process.getuid?.() !== 0) return 'only root may make a network namespace and use raw sockets';
  return missing(...names);
}

const started = new Set<ChildProcess>();

after(() => {
  for (const child of started) child.kill('SIGKILL');
});

/** A program that runs until `stop`. */
export interface Service {
  readonly child: ChildProcess;
  /** All it wrote so far. */
  output(): string;
  /** `signal` must end it. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program and waits until `isReady` holds; fails with its output when it ends before or takes over 15 s. */
export async function startService(
  command: string,
  args: readonly string[],
  isReady: (output: string) => boolean | Promise<boolean>,
  env: NodeJS.ProcessEnv = {},
): Promise<Service> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  started.add(child);
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString('latin1')));
  child.stderr.on('data', (piece: Buffer) => (output += piece.toString('latin1')));
  const over = new Promise<void>((resolve) => {
    child.on('close', () => {
      started.delete(child);
      resolve();
    });
    child.on('error', () => resolve());
  });
  child.on('exit', () => {
    // What it has started may hold the pipes open, and need not be waited for.
    setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, 200).unref();
  });
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await over;
  };
  for (let i = 0; i < 750; i++) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${command} ended: ${output}`);
    if (await isReady(output)) return { child, output: () => output, stop };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stop();
  throw new Error(`${command} was not ready in time: ${output}`);
}

/** Runs a program to its end and gives what it printed; throws when it fails. */
export function runProgram(command: string, args: readonly string[], input = ''): string {
  const run = spawnSync(command, args, { encoding: 'utf8', input, timeout: 60_000, maxBuffer: 1 << 26 });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: status ${run.status}\n${run.stdout}${run.stderr}`);
  return run.stdout;
}

/** A directory that is removed after the tests of the file. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sentra-test-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
