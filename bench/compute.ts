/**
 * Programs that compute, against the same programs in JavaScript, Python and Lua; see bench/compute/README.md.
 * Each is measured in two files: alone, and together with code that serves, spawns and waits.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { geometricMean, median, onPath, root, runTimed, sameResult, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'compute');
/** How often JavaScript and Sentra take turns; the slower peers run fewer times. */
const ROUNDS = 5;
const PEER_ROUNDS = 1;

interface Row {
  readonly name: string;
  readonly js: number;
  readonly alone: number;
  readonly withWaiting: number;
  readonly python: number | null;
  readonly lua: number | null;
}

export function run(filters: readonly string[]): Goal[] {
  const programs = readdirSync(folder)
    .filter((file) => file.endsWith('.sn'))
    .map((file) => file.slice(0, -'.sn'.length))
    .filter((name) => filters.length === 0 || filters.includes(name));
  const peers = { python: onPath('python3') ? 'python3' : null, lua: onPath('lua5.4') ? 'lua5.4' : null };
  const work = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  try {
    const rows = programs.map((name) => measure(name, peers, work));
    process.stdout.write(`${table(rows)}\n`);
    return goals(rows);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function measure(name: string, peers: { python: string | null; lua: string | null }, work: string): Row {
  const path = (extension: string): string => join(folder, `${name}.${extension}`);
  const both = join(work, `${name}.sn`);
  writeFileSync(both, readFileSync(path('sn'), 'utf8') + readFileSync(join(folder, 'with-waiting.txt'), 'utf8'));
  const times: Record<string, number[]> = {};
  let expected: string | null = null;
  const once = (who: string, command: string, args: readonly string[]): void => {
    const { result, times: taken, wallMs } = runTimed(command, args);
    expected ??= result;
    if (!sameResult(expected, result))
      throw new Error(`${name}: ${who} gives ${result} where JavaScript gives ${expected}`);
    // Lua's own clock counts the processor's time only; its start-up takes a millisecond.
    (times[who] ??= []).push(who === 'lua' ? wallMs : taken.get('elapsed_ms')!);
  };
  for (let round = 0; round < ROUNDS; round++) {
    once('js', process.execPath, [path('js')]);
    once('alone', sentra, ['run', path('sn')]);
    once('withWaiting', sentra, ['run', both]);
    if (round >= PEER_ROUNDS) continue;
    if (peers.python !== null) once('python', peers.python, [path('py')]);
    if (peers.lua !== null) once('lua', peers.lua, [path('lua')]);
  }
  const of = (who: string): number | null => (times[who] === undefined ? null : median(times[who]));
  return {
    name,
    js: of('js')!,
    alone: of('alone')!,
    withWaiting: of('withWaiting')!,
    python: of('python'),
    lua: of('lua'),
  };
}

function table(rows: readonly Row[]): string {
  const ratio = (a: number | null, b: number): number | null => (a === null ? null : a / b);
  const columns = [
    { title: 'program' },
    { title: 'JavaScript', unit: ' ms' },
    { title: 'Sentra', unit: ' ms' },
    { title: 'of JavaScript', digits: 2 },
    { title: 'with waiting', unit: ' ms' },
    { title: 'of JavaScript', digits: 2 },
    { title: 'Python', unit: ' ms' },
    { title: 'of Sentra', digits: 1 },
    { title: 'Lua', unit: ' ms' },
    { title: 'of Sentra', digits: 1 },
  ];
  const cells = rows.map((row) => [
    row.name,
    row.js,
    row.alone,
    row.alone / row.js,
    row.withWaiting,
    row.withWaiting / row.js,
    row.python,
    ratio(row.python, row.alone),
    row.lua,
    ratio(row.lua, row.alone),
  ]);
  return renderTable(columns, cells);
}

function goals(rows: readonly Row[]): Goal[] {
  if (rows.length === 0) return [];
  const alone = rows.map((row) => row.alone / row.js);
  const python = rows.flatMap((row) => (row.python === null ? [] : [row.python / row.alone]));
  const lua = rows.flatMap((row) => (row.lua === null ? [] : [row.lua / row.alone]));
  return [
    { what: 'time of JavaScript, geometric mean', measured: geometricMean(alone), atMost: 1.3 },
    { what: 'time of JavaScript, slowest program', measured: Math.max(...alone), atMost: 3 },
    {
      what: 'time of JavaScript beside code that waits, geometric mean',
      measured: geometricMean(rows.map((row) => row.withWaiting / row.js)),
      atMost: 1.5,
    },
    python.length === 0
      ? { what: 'times as fast as Python', measured: null, missing: 'python3' }
      : { what: 'times as fast as Python, closest program', measured: Math.min(...python), atLeast: 1 },
    lua.length === 0
      ? { what: 'times as fast as Lua', measured: null, missing: 'lua5.4' }
      : { what: 'times as fast as Lua, geometric mean', measured: geometricMean(lua), atLeast: 4 },
  ];
}
