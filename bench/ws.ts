/** WebSocket servers against a bare server of the package `ws`, with the same clients in a process of their own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, root, runTimed, sentra } from './measure';
import type { Goal, Printed } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'ws');
const ROUNDS = 5;

type Rival = 'sentra' | 'ws';
const RIVALS: readonly Rival[] = ['sentra', 'ws'];

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const goals: Goal[] = [];
  if (wanted('echo')) goals.push(...(await echoes()));
  if (wanted('broadcast')) goals.push(...(await broadcasts()));
  if (wanted('idle')) goals.push(await idle());
  if (wanted('churn')) goals.push(await churn());
  return goals;
}

interface Server {
  readonly port: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

async function start(rival: Rival, program: string): Promise<Server> {
  const file = join(folder, program);
  const child =
    rival === 'sentra'
      ? spawn(sentra, ['run', `${file}.sn`], { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn(process.execPath, [`${file}.js`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const port of createInterface(child.stdout)) {
    return {
      port,
      process: child,
      stop: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new Error(`${program} of ${rival} ended before it listened`);
}

function load(server: Server, ...args: readonly (string | number)[]): Printed {
  return runTimed(process.execPath, [join(folder, 'load.js'), server.port, ...args.map(String)]);
}

/** Each rival's figure for each round, in turns; the results have to be the same. */
async function inTurns(
  program: string,
  args: readonly (string | number)[],
  time: string,
  withPid = false,
): Promise<Record<Rival, number>> {
  const figures: Record<Rival, number[]> = { sentra: [], ws: [] };
  const servers = { sentra: await start('sentra', program), ws: await start('ws', program) };
  try {
    for (let round = -1; round < ROUNDS; round++) {
      const results = RIVALS.map((rival) => {
        const printed = load(servers[rival], ...args, ...(withPid ? [servers[rival].process.pid!] : []));
        // The first round warms up.
        if (round >= 0) figures[rival].push(printed.times.get(time)!);
        return printed.result;
      });
      if (results[0] !== results[1]) throw new Error(`${program}: ${results[0]} is not ${results[1]}`);
    }
  } finally {
    for (const rival of RIVALS) await servers[rival].stop();
  }
  return { sentra: median(figures.sentra), ws: median(figures.ws) };
}

const ECHOES = [
  { title: '1 connection', connections: 1, inFlight: 1, messages: 20_000 },
  { title: '64 connections', connections: 64, inFlight: 1, messages: 100_000 },
  { title: '64 connections, 16 in flight', connections: 64, inFlight: 16, messages: 300_000 },
] as const;
const ECHO_BYTES = 64;

async function echoes(): Promise<Goal[]> {
  const rows: (string | number)[][] = [];
  const goals: Goal[] = [];
  for (const { title, connections, inFlight, messages } of ECHOES) {
    const { sentra: ours, ws } = await inTurns(
      'echo',
      ['echo', connections, inFlight, messages, ECHO_BYTES],
      'elapsed_ms',
    );
    rows.push([title, messages / ours, messages / ws, ws / ours]);
    goals.push({ what: `echo over ${title}, of bare ws`, measured: ws / ours, atLeast: 0.9 });
  }
  const columns = [
    { title: `echo of ${ECHO_BYTES} bytes, thousands a second` },
    { title: 'Sentra', digits: 1 },
    { title: 'ws', digits: 1 },
    { title: 'of ws', digits: 2 },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return goals;
}

const BROADCASTS = [
  { title: '200 bytes', rounds: 100, burst: 1, bytes: 200 },
  { title: '200 bytes, ten in a turn', rounds: 200, burst: 10, bytes: 200 },
  { title: '4 kB, compressed', rounds: 20, burst: 1, bytes: 4096 },
] as const;

async function broadcasts(): Promise<Goal[]> {
  const goal = (title: string): string => `broadcast of ${title} to 1,000 clients, times as fast as a loop of ws.send`;
  if (process.platform !== 'linux') return [{ what: goal(''), measured: null, missing: 'Linux (/proc)' }];
  const rows: (string | number)[][] = [];
  const goals: Goal[] = [];
  for (const { title, rounds, burst, bytes } of BROADCASTS) {
    // Of the server's processor, since its clients are busier than it is.
    const args = ['broadcast', 1000, rounds, burst, bytes];
    const { sentra: ours, ws } = await inTurns('broadcast', args, 'server_ms', true);
    rows.push([title, ours / rounds, ws / rounds, ws / ours]);
    goals.push({ what: goal(title), measured: ws / ours, atLeast: 2 });
  }
  const columns = [
    { title: 'a broadcast to 1,000 clients, processor time' },
    { title: 'Sentra', digits: 2, unit: ' ms' },
    { title: 'a loop of ws.send', digits: 2, unit: ' ms' },
    { title: 'times as fast', digits: 2 },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return goals;
}

function residentBytes(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024;
}

/** Memory of a connection that does nothing, by that of the process. */
async function idle(): Promise<Goal> {
  const what = 'memory of an idle connection, of bare ws';
  if (process.platform !== 'linux') return { what, measured: null, missing: 'Linux (/proc)' };
  const count = 10_000;
  const each: Record<Rival, number> = { sentra: 0, ws: 0 };
  for (const rival of RIVALS) {
    const server = await start(rival, 'echo');
    const before = residentBytes(server.process);
    const clients = spawn(process.execPath, [join(folder, 'load.js'), server.port, 'idle', String(count)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => clients.once('close', resolve));
    await new Promise((resolve) => clients.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    each[rival] = (residentBytes(server.process) - before) / count;
    clients.stdin.end();
    await ended;
    await server.stop();
  }
  const columns = [
    { title: 'idle connections' },
    { title: 'Sentra, each', unit: ' B' },
    { title: 'ws, each', unit: ' B' },
    { title: 'of ws', digits: 2 },
  ];
  process.stdout.write(`${renderTable(columns, [['10,000', each.sentra, each.ws, each.sentra / each.ws]])}\n\n`);
  return { what, measured: each.sentra / each.ws, atMost: 1.3 };
}

/** What 10,000 connections that come and go leave behind, after as many before them. */
async function churn(): Promise<Goal> {
  const what = 'memory after 20,000 connections came and went, of that after 10,000';
  if (process.platform !== 'linux') return { what, measured: null, missing: 'Linux (/proc)' };
  const server = await start('sentra', 'echo');
  try {
    const args = ['churn', 10_000, 50] as const;
    load(server, ...args);
    const before = residentBytes(server.process);
    const { times } = load(server, ...args);
    const after = residentBytes(server.process);
    const columns = [
      { title: 'connections that come and go' },
      { title: 'a second' },
      { title: 'memory before', digits: 1, unit: ' MB' },
      { title: 'after', digits: 1, unit: ' MB' },
    ];
    const rows = [['10,000', 1e7 / times.get('elapsed_ms')!, before / 1e6, after / 1e6]];
    process.stdout.write(`${renderTable(columns, rows)}\n\n`);
    return { what, measured: after / before, atMost: 1.1 };
  } finally {
    await server.stop();
  }
}
