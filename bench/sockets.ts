/**
 * Sockets: an echo server against one of bare `node:net` under the same client, which is a process of its own and
 * compares every byte; what the reports to the event stream cost while nobody listens; many connections, many
 * refusals, and a peer that does not read.
 *
 * The servers run all the time and take turns; what counts is the ratio within a round.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'sockets');
const ROUNDS = 7;
/** No further round begins after so long, once there are so many. */
const LOAD_MS = 30_000;
const LEAST_ROUNDS = 3;
/** Of the system: `/proc/PID/stat` counts in these. */
const TICKS_PER_SECOND = 100;
const MIB = 1024 * 1024;

interface Load {
  readonly title: string;
  readonly connections: number;
  readonly bytes: number;
  /** Of each connection. */
  readonly messages: number;
  readonly content: 'text' | 'bytes';
  /** Of the bare server's messages a second. */
  readonly atLeast?: number;
}

const loads: readonly Load[] = [
  { title: '64 B over 1,000', connections: 1000, bytes: 64, messages: 50, content: 'text', atLeast: 0.85 },
  { title: '64 KiB of text over 10', connections: 10, bytes: 65536, messages: 400, content: 'text', atLeast: 0.85 },
  { title: '64 KiB of any bytes over 10', connections: 10, bytes: 65536, messages: 400, content: 'bytes' },
];

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const goals: Goal[] = [];
  if (wanted('echo')) goals.push(...(await echoes()));
  if (wanted('tap')) goals.push(await unheardReports());
  if (wanted('many')) goals.push(...(await manyConnections()));
  if (wanted('stalled')) goals.push(await stalledReceiver());
  return goals;
}

class Server {
  private constructor(
    readonly child: ChildProcess,
    readonly port: string,
  ) {}

  static async start(command: string, args: readonly string[]): Promise<Server> {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface(child.stdout)) return new Server(child, line.split(' ')[1]!);
    throw new Error(`${command} ${args.join(' ')} ended before it listened`);
  }

  /** Milliseconds of the processor so far; 0 where the system does not tell. */
  get processorMs(): number {
    if (process.platform !== 'linux') return 0;
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

interface Measured {
  readonly result: string;
  readonly perSecond: number;
  readonly processorMs: number;
}

function load(server: Server, { connections, bytes, messages, content }: Load): Measured {
  const before = server.processorMs;
  const args = [join(folder, 'load.js'), server.port, connections, bytes, messages, content].map(String);
  const { result, times } = runTimed(process.execPath, args);
  return {
    result,
    perSecond: (connections * messages * 1000) / times.get('elapsed_ms')!,
    processorMs: server.processorMs - before,
  };
}

/** Both under the load in turns, in fewer rounds on a slow machine; the first round only warms up. */
function inTurns(first: Server, second: Server, what: Load, rounds: number): [Measured[], Measured[]] {
  const all: [Measured[], Measured[]] = [[], []];
  const start = performance.now();
  for (let round = 0; round <= rounds; round++) {
    if (round > LEAST_ROUNDS && performance.now() - start > LOAD_MS) break;
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const results: Measured[] = [];
    for (const i of order) results[i] = load([first, second][i]!, what);
    if (results[0]!.result !== results[1]!.result)
      throw new Error(`${results[0]!.result} is not ${results[1]!.result}`);
    if (round > 0) results.forEach((each, i) => all[i]!.push(each));
  }
  return all;
}

async function echoes(): Promise<Goal[]> {
  const bare = await Server.start(process.execPath, [join(folder, 'echo.js')]);
  const ours = await Server.start(sentra, ['run', join(folder, 'echo.sn'), '65536']);
  const goals: Goal[] = [];
  const rows: (string | number)[][] = [];
  try {
    for (const each of loads) {
      const [theirs, own] = inTurns(bare, ours, each, ROUNDS);
      const ratio = median(own.map(({ perSecond }, i) => perSecond / theirs[i]!.perSecond));
      rows.push([
        each.title,
        median(theirs.map(({ perSecond }) => perSecond)),
        median(own.map(({ perSecond }) => perSecond)),
        ratio,
        median(own.map(({ processorMs }, i) => processorMs / theirs[i]!.processorMs)),
      ]);
      if (each.atLeast !== undefined)
        goals.push({ what: `echo of ${each.title}, of bare node:net`, measured: ratio, atLeast: each.atLeast });
    }
  } finally {
    bare.stop();
    ours.stop();
  }
  const columns = [
    { title: 'echoes a second over connections' },
    { title: 'node:net' },
    { title: 'Sentra' },
    { title: 'ratio', digits: 2 },
    { title: 'processor time', digits: 2 },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return goals;
}

/** A copy of the built command in which no operation asks whether somebody listens. */
function withoutReports(copy: string): string {
  cpSync(join(root, 'bin'), join(copy, 'bin'), { recursive: true });
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  // One of the files has what reports; the other takes it from there, under the name of what that file exports.
  const asked = /\b(?:\w+\.)?tap\.on !== null/g;
  let places = 0;
  const files = readdirSync(join(copy, 'dist'), { recursive: true, encoding: 'utf8' });
  for (const name of files) {
    const file = join(copy, 'dist', name);
    if (name.endsWith('.cache')) rmSync(file);
    if (!name.endsWith('.js')) continue;
    const code = readFileSync(file, 'latin1');
    places += code.match(asked)?.length ?? 0;
    writeFileSync(file, code.replace(asked, 'false'), 'latin1');
  }
  if (places === 0) throw new Error('the build asks nowhere whether somebody listens');
  return join(copy, 'bin', 'sentra');
}

/** The processor time of the server is what a report costs; it is steadier than what a busy machine gets through. */
async function unheardReports(): Promise<Goal> {
  const what = 'reports to nobody: processor time of a build without them';
  if (process.platform !== 'linux') return { what, measured: null, missing: 'Linux (/proc)' };
  const copy = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  const args = ['run', join(folder, 'echo.sn'), '65536'];
  const servers: Server[] = [];
  try {
    servers.push(await Server.start(withoutReports(copy), args), await Server.start(sentra, args));
    const [without, usual] = inTurns(servers[0]!, servers[1]!, loads[0]!, 4);
    const total = (all: readonly Measured[]): number => all.reduce((sum, { processorMs }) => sum + processorMs, 0);
    const ratio = total(usual) / total(without);
    const columns = [
      { title: '64 B over 1,000, nobody listens to events' },
      { title: 'without reports', unit: ' ms' },
      { title: 'as built', unit: ' ms' },
      { title: 'ratio', digits: 2 },
    ];
    const row = ['processor time of the server', total(without), total(usual), ratio];
    process.stdout.write(`${renderTable(columns, [row])}\n\n`);
    return { what, measured: ratio, atMost: 1.05 };
  } finally {
    for (const server of servers) server.stop();
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Two programs, so that each has one end of every connection and stays within the usual limit of descriptors. */
async function manyConnections(): Promise<Goal[]> {
  const open = 10_000;
  const server = await Server.start(sentra, ['run', join(folder, 'echo.sn'), '65536']);
  try {
    const { result, times } = runTimed(sentra, ['run', join(folder, 'many.sn'), server.port, String(open)]);
    const figures = new Map(result.split('\n').map((line) => line.split(' ') as [string, string]));
    const columns = [{ title: 'many connections from one program' }, { title: 'done' }, { title: 'time', unit: ' ms' }];
    const rows = [
      ['open at once, each in a task', Number(figures.get('open')), times.get('open_ms')!],
      ['echoes over all of them', Number(figures.get('echoed')), times.get('echo_ms')!],
      ['connects that are refused', Number(figures.get('refused')), times.get('refused_ms')!],
    ];
    process.stdout.write(`${renderTable(columns, rows)}\n\n`);
    return [
      { what: 'connections open at once, each in a task', measured: Number(figures.get('echoed')), atLeast: open },
      { what: 'connects that are refused, and told so', measured: Number(figures.get('refused')), atLeast: 20_000 },
    ];
  } finally {
    server.stop();
  }
}

/** What the system sees of the whole program, which is both ends, before and while the sender waits. */
async function stalledReceiver(): Promise<Goal> {
  const what = 'a receiver that stops reading: growth of the sender';
  if (process.platform !== 'linux') return { what, measured: null, missing: 'Linux (/proc)' };
  const child = spawn(sentra, ['run', join(folder, 'stalled.sn')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const bytes: number[] = [];
  let sent = 0;
  try {
    for await (const line of createInterface(child.stdout)) {
      const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
      bytes.push(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024);
      sent = Number(line.split(' ')[1]);
      if (bytes.length === 2) break;
    }
  } finally {
    child.kill('SIGKILL');
  }
  const grown = (bytes[1]! - bytes[0]!) / MIB;
  const columns = [{ title: 'a receiver that stops reading' }, { title: 'sent', unit: ' MiB', digits: 1 }, { title: 'growth of the sender', unit: ' MiB', digits: 1 }]; // prettier-ignore
  process.stdout.write(`${renderTable(columns, [['the sender waits', sent / MIB, grown]])}\n\n`);
  return { what, measured: grown, atMost: 5, unit: ' MiB' };
}
