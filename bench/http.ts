/**
 * HTTP: a server in Sentra against the same on bare node:http, find-my-way and send, under wrk; and 50 tasks that ask
 * a server against undici, Node's fetch and aiohttp. The rivals take turns; the answers must be the same.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, onPath, root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'http');
const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 64;
const REQUESTS_EACH = 400;
const FILE_BYTES = 10_000;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly atLeast: number;
  readonly script?: string;
  readonly rival: string;
}

const cases: readonly Case[] = [
  { name: 'json', path: '/json', atLeast: 0.9, rival: 'node:http' },
  { name: 'route', path: '/users/77?page=2', atLeast: 0.85, script: 'post.lua', rival: 'node:http + find-my-way' },
  { name: 'static', path: '/static/file.css', atLeast: 0.9, rival: 'node:http + send' },
];

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const directory = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  const goals: Goal[] = [];
  try {
    writeFileSync(join(directory, 'file.css'), 'x'.repeat(FILE_BYTES));
    const chosen = cases.filter(({ name }) => wanted(name));
    if (chosen.length > 0) goals.push(...(await servers(chosen, directory)));
    if (wanted('client')) goals.push(...(await clients(directory)));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return goals;
}

interface Started {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Starts a server that prints its port. */
async function start(command: string, args: readonly string[]): Promise<Started> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('close', () => reject(new Error(`${command} ended before it listened`)));
  });
  return { process: child, url: `http://127.0.0.1:${port}` };
}

async function both(directory: string): Promise<{ ours: Started; theirs: Started }> {
  const ours = await start(sentra, ['run', join(folder, 'server.sn'), directory]);
  return { ours, theirs: await start(process.execPath, [join(folder, 'server.js'), directory]) };
}

interface Load {
  readonly perSecond: number;
  readonly p99Ms: number;
}

function wrk(url: string, script: string | undefined): Load {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency'];
  if (script !== undefined) args.push('-s', join(folder, script));
  const ended = spawnSync('wrk', [...args, url], { encoding: 'utf8', timeout: 60_000 });
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(ended.stdout)?.[1]);
  const [, figure, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(ended.stdout) ?? [];
  if (Number.isNaN(perSecond) || /Non-2xx/.test(ended.stdout))
    throw new Error(`wrk ${url}:\n${ended.stdout}${ended.stderr}`);
  const scale = unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1;
  return { perSecond, p99Ms: Number(figure) * scale };
}

async function sameAnswers(a: string, b: string, { path, script }: Case): Promise<void> {
  const ask = async (url: string): Promise<string> => {
    const init = script === undefined ? {} : { method: 'POST', body: '{"name": "ada", "age": 36}' };
    const answer = await fetch(url + path, { ...init, headers: { Connection: 'close' } });
    return `${answer.status} ${await answer.text()}`;
  };
  const [ours, theirs] = [await ask(a), await ask(b)];
  if (ours !== theirs) throw new Error(`http ${path}: ${ours.slice(0, 200)} is not ${theirs.slice(0, 200)}`);
}

async function servers(chosen: readonly Case[], directory: string): Promise<Goal[]> {
  if (!onPath('wrk')) return chosen.map(({ name }) => ({ what: `http ${name}`, measured: null, missing: 'wrk' }));
  const { ours, theirs } = await both(directory);
  const rows: (string | number)[][] = [];
  const goals: Goal[] = [];
  try {
    for (const each of chosen) {
      await sameAnswers(ours.url, theirs.url, each);
      const loads = { ours: [] as Load[], theirs: [] as Load[] };
      for (const { url } of [ours, theirs]) wrk(url + each.path, each.script);
      for (let round = 0; round < ROUNDS; round++) {
        loads.theirs.push(wrk(theirs.url + each.path, each.script));
        loads.ours.push(wrk(ours.url + each.path, each.script));
      }
      const rates = (list: readonly Load[]): number => median(list.map(({ perSecond }) => perSecond));
      const tails = (list: readonly Load[]): number => median(list.map(({ p99Ms }) => p99Ms));
      const ratio = rates(loads.ours) / rates(loads.theirs);
      const tail = tails(loads.ours) / tails(loads.theirs);
      rows.push([each.name, rates(loads.ours), rates(loads.theirs), ratio, tails(loads.ours), tails(loads.theirs)]);
      goals.push({ what: `http ${each.name}, of ${each.rival}`, measured: ratio, atLeast: each.atLeast });
      goals.push({ what: `http ${each.name}, latency p99 of ${each.rival}`, measured: tail, atMost: 1.5 });
    }
  } finally {
    ours.process.kill();
    theirs.process.kill();
  }
  const columns = [
    { title: `${CONNECTIONS} connections` },
    { title: 'Sentra', unit: '/s' },
    { title: 'bare', unit: '/s' },
    { title: 'of bare', digits: 2 },
    { title: 'p99', digits: 2, unit: ' ms' },
    { title: 'bare p99', digits: 2, unit: ' ms' },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return goals;
}

async function clients(directory: string): Promise<Goal[]> {
  const server = await start(process.execPath, [join(folder, 'server.js'), directory]);
  const url = `${server.url}/json`;
  const count = String(REQUESTS_EACH);
  const hasAiohttp = spawnSync('python3', ['-c', 'import aiohttp']).status === 0;
  const rivals: Record<string, () => ReturnType<typeof runTimed>> = {
    Sentra: () => runTimed(sentra, ['run', join(folder, 'client.sn'), url, count]),
    undici: () => runTimed(process.execPath, [join(folder, 'client.js'), url, count, 'undici']),
    fetch: () => runTimed(process.execPath, [join(folder, 'client.js'), url, count, 'fetch']),
    ...(hasAiohttp ? { aiohttp: () => runTimed('python3', [join(folder, 'client.py'), url, count]) } : {}),
  };
  const times = new Map<string, number[]>();
  try {
    let result: string | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, measure] of Object.entries(rivals)) {
        const printed = measure();
        result ??= printed.result;
        if (printed.result !== result) throw new Error(`http client ${name}: ${printed.result} is not ${result}`);
        times.set(name, [...(times.get(name) ?? []), printed.times.get('elapsed_ms')!]);
      }
    }
  } finally {
    server.process.kill();
  }
  const rate = (name: string): number | null => {
    const all = times.get(name);
    return all === undefined ? null : (50 * REQUESTS_EACH * 1000) / median(all);
  };
  const ours = rate('Sentra')!;
  const columns = [{ title: '50 requests at once' }, { title: 'rate', unit: '/s' }, { title: 'of Sentra', digits: 2 }];
  const rows = Object.keys(rivals).map((name) => [name, rate(name)!, rate(name)! / ours]);
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  const aiohttp = rate('aiohttp');
  return [
    { what: 'http client, of undici.request', measured: ours / rate('undici')!, atLeast: 0.85 },
    { what: "http client, times Node's fetch", measured: ours / rate('fetch')!, atLeast: 3 },
    aiohttp === null
      ? { what: 'http client, times aiohttp', measured: null, missing: 'aiohttp (Python)' }
      : { what: 'http client, times aiohttp', measured: ours / aiohttp, atLeast: 3 },
  ];
}
