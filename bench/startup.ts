/** Whole processes from start to end: the smallest Sentra program against Node doing nothing at all. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, root, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const ROUNDS = 31;
const hello = join(root, 'bench', 'startup', 'hello.sn');

const rivals = [
  { title: 'node -e 0', command: process.execPath, args: ['-e', '0'], prints: '' },
  { title: 'sentra run hello.sn', command: sentra, args: ['run', hello], prints: 'hello\n' },
];

export function run(): Goal[] {
  const times: number[][] = rivals.map(() => []);
  for (let round = -2; round < ROUNDS; round++) {
    rivals.forEach(({ title, command, args, prints }, i) => {
      const start = performance.now();
      const ended = spawnSync(command, args, { encoding: 'utf8' });
      const taken = performance.now() - start;
      if (ended.status !== 0 || ended.stdout !== prints) throw new Error(`${title}: ${ended.stdout}${ended.stderr}`);
      // The first rounds fill caches, ours and the system's.
      if (round >= 0) times[i]!.push(taken);
    });
  }
  const [bare, ours] = times.map(median) as [number, number];
  const columns = [
    { title: 'start to end' },
    { title: 'median', digits: 1, unit: ' ms' },
    { title: 'of node', digits: 2 },
  ];
  const rows = rivals.map(({ title }, i) => [title, median(times[i]!), median(times[i]!) / bare]);
  process.stdout.write(`${renderTable(columns, rows)}\n`);
  return [{ what: 'start-up, of node -e 0', measured: ours / bare, atMost: 1.25 }];
}
