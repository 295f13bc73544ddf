/**
 * What the benchmarks share: running programs, finding peers, medians, and goals. Figures of one table always come
 * from one run with the rivals taking turns, so that a busy machine slows all of them; what counts are the ratios.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const root = join(__dirname, '..');
export const sentra = join(root, 'bin', 'sentra');

/** A goal and what was measured; `missing` names what has to be installed to measure it. */
export interface Goal {
  readonly what: string;
  readonly measured: number | null;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly unit?: string;
  readonly missing?: string;
}

export function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** What a benchmark program printed: its result, and figures of its own by name: times ("elapsed_ms"), memory ("peak_kb"). */
export interface Printed {
  readonly result: string;
  readonly times: ReadonlyMap<string, number>;
  /** The whole process, start-up included. */
  readonly wallMs: number;
}

/** Runs a benchmark program to its end. Throws when it fails, with what it wrote to stderr. */
export function runTimed(command: string, args: readonly string[]): Printed {
  const start = performance.now();
  const ended = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 26 });
  const wallMs = performance.now() - start;
  if (ended.status !== 0) {
    const reason = ended.error?.message ?? `exit status ${ended.status}`;
    throw new Error(`${command} ${args.join(' ')}: ${reason}\n${ended.stderr}`);
  }
  const times = new Map<string, number>();
  const result: string[] = [];
  for (const line of ended.stdout.trimEnd().split('\n')) {
    const time = /^(\w+_(?:ms|kb))\s+(\S+)$/.exec(line);
    if (time === null) result.push(line);
    else times.set(time[1]!, Number(time[2]));
  }
  return { result: result.join('\n'), times, wallMs };
}

/** Languages print fractions with different numbers of digits; all else must be the same, spaces aside. */
export function sameResult(a: string, b: string): boolean {
  const left = a.split(/\s+/);
  const right = b.split(/\s+/);
  return (
    left.length === right.length && left.every((word, i) => word === right[i] || near(Number(word), Number(right[i])))
  );
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}
