/**
 * examples/log-analyser.sn over a log of 100 MB, against programs in Python and GNU awk that give the same figures.
 * The log is made by the example itself.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, onPath, root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const MEGABYTES = 100;
const ROUNDS = 3;
const example = join(root, 'examples', 'log-analyser.sn');
const folder = join(root, 'bench', 'logs');

const peers = [
  { name: 'Python', program: 'python3', args: [join(folder, 'analyse.py')] },
  { name: 'GNU awk', program: 'gawk', args: ['-f', join(folder, 'analyse.awk')] },
];

export function run(): Goal[] {
  const work = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  try {
    const log = join(work, 'access.log');
    execFileSync(sentra, [example, '--make', String(MEGABYTES), log]);
    const size = statSync(log).size / 1e6;
    const contenders = [
      { name: 'Sentra', program: sentra, args: [example, '--json'] },
      ...peers.filter(({ program }) => onPath(program)),
    ];
    const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
    let expected: string | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, program, args } of contenders) {
        const { result, wallMs } = runTimed(program, [...args, log]);
        expected ??= result;
        if (result !== expected) throw new Error(`logs: ${name} gives\n${result}\nwhere Sentra gives\n${expected}`);
        times.get(name)!.push(wallMs);
      }
    }
    const figures = contenders.map(({ name }) => ({ name, ms: median(times.get(name)!) }));
    const columns = [{ title: 'program' }, { title: 'time', unit: ' ms' }, { title: 'MB/s' }];
    process.stdout.write(
      `${renderTable(
        columns,
        figures.map(({ name, ms }) => [name, ms, (1000 * size) / ms]),
      )}\n`,
    );
    return peers.map(({ name, program }) => goal(name, program, figures));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function goal(name: string, program: string, figures: readonly { readonly name: string; readonly ms: number }[]): Goal {
  const what = `a log of ${MEGABYTES} MB: times as fast as ${name}`;
  const peer = figures.find((each) => each.name === name);
  if (peer === undefined) return { what, measured: null, missing: program };
  return { what, measured: peer.ms / figures[0]!.ms, atLeast: 1 };
}
