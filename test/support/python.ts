/** Answers of Python, to compare with; a test without it says so. */
import { spawnSync } from 'node:child_process';

const found = spawnSync('python3', ['-c', 'print(1)'], { encoding: 'utf8' }).stdout === '1\n';

/** For the option `skip` of tests. */
export const withoutPython: string | false = found ? false : 'python3 is not installed (Debian: python3)';

const TIMEOUT_MS = 20_000;

/** Runs a program that reads JSON from standard input as `data` and leaves its answer in `answer`. */
export function python(program: string, data: unknown): unknown {
  const text = `import sys, json\ndata = json.load(sys.stdin)\n${program}\njson.dump(answer, sys.stdout)`;
  const run = spawnSync('python3', ['-c', text], {
    input: JSON.stringify(data),
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`python3: ${run.error?.message ?? run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Whether a module of Python's can be loaded. */
export function pythonHas(module: string): boolean {
  return found && spawnSync('python3', ['-c', `import ${module}`]).status === 0;
}
