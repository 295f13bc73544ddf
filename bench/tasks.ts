/** What tasks cost: memory of a sleeping one, a switch through a channel, starting one and waiting for it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, onPath, root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'tasks');
const SLEEPERS = 1_000_000;
const ROUNDS = 5;

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const goals: Goal[] = [];
  if (wanted('sleepers')) goals.push(await sleepers());
  if (wanted('switch')) goals.push(switches());
  if (wanted('spawn')) goals.push(...spawns());
  return goals;
}

/** Bytes, as the kernel counts them; Linux only. */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024;
}

async function sleepers(): Promise<Goal> {
  const what = 'memory of one of 1,000,000 sleeping tasks';
  if (process.platform !== 'linux') return { what, measured: null, missing: 'Linux (/proc)' };
  const child = spawn(sentra, ['run', join(folder, 'sleepers.sn'), String(SLEEPERS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const bytes: number[] = [];
  let spawnMs = 0;
  let awake = 0;
  for await (const line of createInterface(child.stdout)) {
    const [word, figure] = line.split(' ');
    if (word === 'awake') awake = Number(figure);
    else bytes.push(residentBytes(child.pid!));
    if (word === 'asleep') spawnMs = Number(figure);
  }
  const status = await ended;
  if (status !== 0 || awake !== SLEEPERS)
    throw new Error(`sleepers: ${awake} of ${SLEEPERS} woke up, exit status ${status}`);
  const each = (bytes[1]! - bytes[0]!) / SLEEPERS;
  const columns = [
    { title: 'sleeping tasks' },
    { title: 'to start all', unit: ' ms' },
    { title: 'memory each', unit: ' B' },
  ];
  process.stdout.write(`${renderTable(columns, [[SLEEPERS.toLocaleString('en'), spawnMs, each]])}\n\n`);
  return { what, measured: each, atMost: 1024, unit: ' B' };
}

function switches(): Goal {
  const times = { bare: [] as number[], channel: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.bare.push(runTimed(process.execPath, [join(folder, 'switch.js')]).times.get('elapsed_ms')!);
    times.channel.push(runTimed(sentra, ['run', join(folder, 'switch.sn')]).times.get('elapsed_ms')!);
  }
  // Ten million switches each: so many that what V8 needs until it has optimised them weighs little.
  const bare = median(times.bare) / 10;
  const channel = median(times.channel) / 10;
  const columns = [
    { title: 'a switch between two tasks' },
    { title: 'time', unit: ' ns' },
    { title: 'of bare', digits: 2 },
  ];
  process.stdout.write(
    `${renderTable(columns, [
      ['generators in a queue, by hand', bare, 1],
      ['through a channel', channel, channel / bare],
    ])}\n\n`,
  );
  return { what: 'switch through a channel, of a bare generator in a queue', measured: channel / bare, atMost: 3 };
}

function spawns(): Goal[] {
  const forms = ['one_by_one_ms', 'all_at_once_ms'];
  const titles = ['one after the other', 'all at once'];
  if (!onPath('python3'))
    return [{ what: 'spawn and wait, times as fast as asyncio', measured: null, missing: 'python3' }];
  const times = { sentra: new Map<string, number[]>(), python: new Map<string, number[]>() };
  for (let round = 0; round < ROUNDS; round++) {
    const ours = runTimed(sentra, ['run', join(folder, 'spawn.sn')]);
    const theirs = runTimed('python3', [join(folder, 'spawn.py')]);
    if (ours.result !== theirs.result) throw new Error(`spawn: ${ours.result} is not ${theirs.result}`);
    for (const form of forms) {
      times.sentra.set(form, [...(times.sentra.get(form) ?? []), ours.times.get(form)!]);
      times.python.set(form, [...(times.python.get(form) ?? []), theirs.times.get(form)!]);
    }
  }
  const rows = forms.map((form, i) => {
    const ours = median(times.sentra.get(form)!);
    const theirs = median(times.python.get(form)!);
    return [titles[i]!, ours, theirs, theirs / ours] as const;
  });
  const columns = [
    { title: '100,000 tasks started and waited for' },
    { title: 'Sentra', digits: 1, unit: ' ms' },
    { title: 'asyncio', digits: 1, unit: ' ms' },
    { title: 'of Sentra', digits: 1 },
  ];
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return rows.map(([title, , , ratio]) => ({
    what: `spawn and wait ${title}, times as fast as asyncio`,
    measured: ratio,
    atLeast: 5,
  }));
}
