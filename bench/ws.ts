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
const CHAT_ROUNDS = 2;

type Rival = 'sentra' | 'ws';
const RIVALS: readonly Rival[] = ['sentra', 'ws'];

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const goals: Goal[] = [];
  if (wanted('echo')) goals.push(...(await echoes()));
  if (wanted('broadcast')) goals.push(...(await chats()));
  if (wanted('idle')) goals.push(await idle());
  if (wanted('churn')) goals.push(await churn());
  return goals;
}

interface Server {
  readonly port: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const start = (rival: Rival, program: string): Promise<Server> =>
  startFile(`${program}${rival === 'sentra' ? '.sn' : '.js'}`);

async function startFile(program: string): Promise<Server> {
  const file = join(folder, program);
  const child = program.endsWith('.sn')
    ? spawn(sentra, ['run', file], { stdio: ['ignore', 'pipe', 'inherit'] })
    : spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  throw new Error(`${program} ended before it listened`);
}

function load(server: Server, ...args: readonly (string | number)[]): Printed {
  return runTimed(process.execPath, [join(folder, 'load.js'), server.port, ...args.map(String)]);
}

/** Each rival's figure for each round, in turns; the results have to be the same. */
async function inTurns(
  program: string,
  args: readonly (string | number)[],
  time: string,
): Promise<Record<Rival, number>> {
  const figures: Record<Rival, number[]> = { sentra: [], ws: [] };
  const servers = { sentra: await start('sentra', program), ws: await start('ws', program) };
  try {
    for (let round = -1; round < ROUNDS; round++) {
      const results = RIVALS.map((rival) => {
        const printed = load(servers[rival], ...args);
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

/** How many speakers wait to hear what they said before they say more. */
const CHATS = [
  { title: '200 bytes, 1 speaker', speakers: 1, messages: 60, bytes: 200 },
  { title: '200 bytes, 4 speakers', speakers: 4, messages: 120, bytes: 200 },
  { title: '200 bytes, 10 speakers', speakers: 10, messages: 200, bytes: 200 },
  { title: '4 kB, compressed, 1 speaker', speakers: 1, messages: 12, bytes: 4096 },
] as const;
const LISTENERS = 1000;

async function chats(): Promise<Goal[]> {
  const goal = (title: string): string =>
    `broadcast to ${LISTENERS} clients, ${title}: times as fast as a loop of ws.send`;
  if (process.platform !== 'linux') return [{ what: goal(''), measured: null, missing: 'Linux (/proc)' }];
  const rows: (string | number | null)[][] = [];
  const goals: Goal[] = [];
  for (const { title, speakers, messages, bytes } of CHATS) {
    const args = ['chat', LISTENERS, speakers, messages, bytes];
    // The floor does not compress.
    const programs = { sentra: 'chat.sn', ws: 'chat.js', ...(bytes < 1024 ? { floor: 'chat-floor.js' } : {}) };
    const { sentra: ours, ws, floor } = await chatTimes(programs, args);
    const each = (server: { total: number } | undefined) => (server === undefined ? null : server.total / messages);
    const times = ws!.total / ours!.total;
    rows.push([title, each(ours), (100 * ours!.system) / ours!.total, each(ws), times, each(floor)]);
    goals.push({ what: goal(title), measured: times, atLeast: 2 });
  }
  const columns = [
    { title: `a broadcast to ${LISTENERS} clients, processor time` },
    { title: 'Sentra', digits: 2, unit: ' ms' },
    { title: 'of it the system', unit: ' %' },
    { title: 'a loop of ws.send', digits: 2, unit: ' ms' },
    { title: 'times as fast', digits: 2 },
    { title: 'bare sockets', digits: 2, unit: ' ms' },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return goals;
}

/** Processor time of the servers, not wall time: their clients are busier than they are. Medians of rounds in turns. */
async function chatTimes(
  programs: Readonly<Record<string, string>>,
  args: readonly (string | number)[],
): Promise<Record<string, { total: number; system: number } | undefined>> {
  const servers = new Map<string, Server>();
  const measured = new Map<string, Printed[]>();
  try {
    for (const [rival, program] of Object.entries(programs)) servers.set(rival, await startFile(program));
    for (let round = -1; round < CHAT_ROUNDS; round++) {
      for (const [rival, server] of servers) {
        const printed = load(server, ...args, server.process.pid!);
        const all = `result ${args[3]} messages, each heard by ${args[1]}`;
        if (printed.result !== all) throw new Error(`chat of ${rival}: ${printed.result} is not ${all}`);
        if (round >= 0) measured.set(rival, [...(measured.get(rival) ?? []), printed]);
      }
    }
  } finally {
    for (const server of servers.values()) await server.stop();
  }
  const time = (rival: string, name: string) => median(measured.get(rival)!.map(({ times }) => times.get(name)!));
  return Object.fromEntries(
    [...measured.keys()].map((rival) => [rival, { total: time(rival, 'server_ms'), system: time(rival, 'system_ms') }]),
  );
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
