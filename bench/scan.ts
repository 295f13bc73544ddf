/**
 * How fast networks are looked at, against nmap and Node's own resolver. Everything happens in a network namespace of
 * its own, so nothing of this machine is scanned; needs root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, onPath, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const ROUNDS = 3;
/** The first lookups of a program vary from run to run, as V8 compiles meanwhile. */
const LOOKUP_ROUNDS = 7;
const name = `sn-bench-${process.pid}`;
const folder = join(__dirname, 'scan');

interface Ran {
  readonly stdout: string;
  readonly ms: number;
  /** Of the process and its children, bytes. */
  readonly peak: number;
}

/** Runs a command inside of the namespace; its memory as /usr/bin/time would tell it, from the kernel. */
function inside(...command: readonly string[]): Ran {
  const start = performance.now();
  const ended = spawnSync('ip', ['netns', 'exec', name, ...command], {
    encoding: 'utf8',
    timeout: 240_000,
    maxBuffer: 1 << 28,
  });
  const ms = performance.now() - start;
  if (ended.status !== 0) throw new Error(`${command.join(' ')}: status ${ended.status}\n${ended.stderr}`);
  return { stdout: ended.stdout, ms, peak: Number(/^peak (\d+)$/m.exec(ended.stdout)?.[1] ?? 0) };
}

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const missing = process.getuid?.() !== 0 ? 'root' : ['ip', 'nmap', 'named'].find((program) => !onPath(program));
  const wanted = (part: string): boolean => filters.length === 0 || filters.includes(part);
  if (missing !== undefined) {
    const what = ['all ports by connect', 'all ports by SYN', '1,000 ports of 254 hosts', '10,000 lookups'];
    return what.map((each) => ({ what: each, measured: null, missing }));
  }
  spawnSync('ip', ['netns', 'add', name]);
  spawnSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  try {
    const goals: Goal[] = [];
    if (wanted('connect')) goals.push(...allPorts('TCP', ['-sT', '-T5', '--min-rate', '100000'], 'connect'));
    if (wanted('syn')) goals.push(...allPorts('SYN', ['-sS'], 'SYN'));
    if (wanted('hosts')) goals.push(manyHosts());
    if (wanted('dns')) goals.push(...(await lookups()));
    return goals;
  } finally {
    spawnSync('ip', ['netns', 'del', name]);
  }
}

/** "Not shown: 65535 closed tcp ports": how many nmap has found closed. */
function nmapClosed(stdout: string): number {
  return [...stdout.matchAll(/(\d+) closed tcp/g)].reduce((sum, found) => sum + Number(found[1]), 0);
}

function allPorts(kind: string, flags: readonly string[], label: string): Goal[] {
  const times = { nmap: [] as number[], sentra: [] as number[] };
  let peak = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = inside('nmap', ...flags, '-n', '-Pn', '-p1-65535', '127.0.0.1');
    const ours = inside(sentra, 'run', join(folder, 'all-ports.sn'), kind);
    if (!ours.stdout.startsWith('65535 {"closed": 65535}'))
      throw new Error(`the scan by ${label} gives ${ours.stdout}`);
    if (nmapClosed(theirs.stdout) !== 65535) throw new Error(`nmap gives ${theirs.stdout}`);
    times.nmap.push(theirs.ms);
    times.sentra.push(ours.ms);
    peak = Math.max(peak, ours.peak);
  }
  const [nmap, own] = [median(times.nmap), median(times.sentra)];
  const columns = [{ title: `65,535 ports by ${label}` }, { title: 'time', unit: ' ms' }, { title: 'of nmap', digits: 2 }, { title: 'memory', unit: ' MB' }]; // prettier-ignore
  process.stdout.write(
    `${renderTable(columns, [
      ['nmap', nmap, 1, null],
      ['Sentra', own, own / nmap, peak / 1e6],
    ])}\n\n`,
  );
  return [
    { what: `65,535 ports by ${label}, against nmap`, measured: own / nmap, atMost: 1.2 },
    { what: `memory of that`, measured: peak / 1e6, atMost: 150, unit: ' MB' },
  ];
}

function manyHosts(): Goal {
  const times = { nmap: [] as number[], sentra: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    const theirs = inside('nmap', '-sT', '-T5', '--min-rate', '100000', '-n', '-Pn', '-p1-1000', '127.0.0.1-254');
    const ours = inside(sentra, 'run', join(folder, 'many-hosts.sn'));
    if (!ours.stdout.startsWith('254 254000 closed')) throw new Error(`the scan of many hosts gives ${ours.stdout}`);
    if (nmapClosed(theirs.stdout) !== 254_000) throw new Error(`nmap has found ${nmapClosed(theirs.stdout)} closed`);
    times.nmap.push(theirs.ms);
    times.sentra.push(ours.ms);
  }
  const [nmap, own] = [median(times.nmap), median(times.sentra)];
  const columns = [{ title: '1,000 ports of 254 hosts' }, { title: 'time', unit: ' ms' }, { title: 'of nmap', digits: 2 }]; // prettier-ignore
  process.stdout.write(
    `${renderTable(columns, [
      ['nmap', nmap, 1],
      ['Sentra', own, own / nmap],
    ])}\n\n`,
  );
  return { what: '1,000 ports of 254 hosts, against nmap', measured: own / nmap, atMost: 1.2 };
}

async function lookups(): Promise<Goal[]> {
  const directory = join(tmpdir(), name);
  spawnSync('mkdir', ['-p', directory]);
  const records = Array.from({ length: 256 }, (_none, i) => `n${i} IN A 10.0.0.${i}`).join('\n');
  writeFileSync(
    join(directory, 'zone'),
    `$TTL 60\n@ IN SOA ns x 1 1 1 1 1\n@ IN NS ns\nns IN A 127.0.0.1\n${records}\n`,
  );
  writeFileSync(
    join(directory, 'conf'),
    `options { directory "${directory}"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile "${directory}/k"; };
     controls {}; zone "bench.test" { type primary; file "${directory}/zone"; };`,
  );
  const server = spawn('ip', ['netns', 'exec', name, 'named', '-f', '-n', '1', '-c', join(directory, 'conf')], {
    stdio: 'ignore',
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    /** Lookups a second: the first 10,000 of a program, and those after them. */
    const rates = (ran: Ran): { first: number; later: number } => {
      const all = [...ran.stdout.matchAll(/^(\d+) (\d+) ([\d.]+)$/gm)].map(([, count, sum, ms]) => {
        // Each of the 256 addresses as often as the other implementation gets it.
        if (count !== '10000' || sum !== '1273080') throw new Error(`the lookups give ${ran.stdout}`);
        return 10_000_000 / Number(ms);
      });
      return { first: all[0]!, later: median(all.slice(1)) };
    };
    const theirs: { first: number; later: number }[] = [];
    const own: typeof theirs = [];
    for (let round = 0; round < LOOKUP_ROUNDS; round++) {
      theirs.push(rates(inside(process.execPath, join(folder, 'lookups.js'))));
      own.push(rates(inside(sentra, 'run', join(folder, 'lookups.sn'))));
    }
    const rows = (['first', 'later'] as const).map((which) => {
      const [node, ours] = [theirs, own].map((all) => median(all.map((each) => each[which])));
      return [`the ${which} ones of a program`, node!, ours!, ours! / node!] as const;
    });
    const columns = [
      { title: '10,000 A lookups by 100 tasks, a second' },
      { title: 'dns.Resolver' },
      { title: 'Sentra' },
      { title: 'ratio', digits: 2 },
    ];
    process.stdout.write(`${renderTable(columns, rows)}\n\n`);
    return rows.map(([which, , , ratio]) => ({
      what: `10,000 lookups with 100 tasks, ${which}, of dns.Resolver`,
      measured: ratio,
      atLeast: 0.8,
    }));
  } finally {
    server.kill('SIGKILL');
    spawnSync('rm', ['-rf', directory]);
  }
}
