/**
 * What the built-in functions cost, against hand-written JavaScript and Python; see bench/library/README.md. The rivals
 * take turns, and all must print the same.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { median, onPath, root, runTimed, sameResult, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'library');
const ROUNDS = 5;
const PYTHON_ROUNDS = 2;
/** Times of JavaScript that are promised. */
const GOALS: Readonly<Record<string, number>> = { sort: 1.5, 'map-updates': 1.5, 'split-join': 1.5, text: 2 };

interface Row {
  readonly name: string;
  readonly js: number;
  readonly sentra: number;
  readonly python: number | null;
}

export function run(filters: readonly string[]): Goal[] {
  const rows = readdirSync(folder)
    .filter((file) => file.endsWith('.sn'))
    .map((file) => file.slice(0, -'.sn'.length))
    .filter((name) => filters.length === 0 || filters.includes(name))
    .map(measure);
  process.stdout.write(`${table(rows)}\n`);
  return rows.flatMap(({ name, js, sentra, python }): Goal[] => {
    const atMost = GOALS[name];
    if (atMost === undefined) return [];
    const faster: Goal =
      python === null
        ? { what: `${name}: times as fast as Python`, measured: null, missing: 'python3' }
        : { what: `${name}: times as fast as Python`, measured: python / sentra };
    return [{ what: `${name}: time of JavaScript`, measured: sentra / js, atMost }, faster];
  });
}

function measure(name: string): Row {
  const path = (extension: string): string => join(folder, `${name}.${extension}`);
  const times: Record<string, number[]> = { js: [], sentra: [], python: [] };
  let expected: string | null = null;
  const once = (who: string, command: string, args: readonly string[]): void => {
    const printed = runTimed(command, args);
    expected ??= printed.result;
    if (!sameResult(expected, printed.result)) {
      throw new Error(`${name}: ${who} gives ${printed.result} where JavaScript gives ${expected}`);
    }
    times[who]!.push(printed.times.get('elapsed_ms')!);
  };
  for (let round = 0; round < ROUNDS; round++) {
    once('js', process.execPath, [path('js')]);
    once('sentra', sentra, ['run', path('sn')]);
    if (round < PYTHON_ROUNDS && onPath('python3')) once('python', 'python3', [path('py')]);
  }
  const of = (who: string): number => median(times[who]!);
  return { name, js: of('js'), sentra: of('sentra'), python: times['python']!.length === 0 ? null : of('python') };
}

function table(rows: readonly Row[]): string {
  const columns = [
    { title: 'program' },
    { title: 'JavaScript', unit: ' ms' },
    { title: 'Sentra', unit: ' ms' },
    { title: 'of JavaScript', digits: 2 },
    { title: 'Python', unit: ' ms' },
    { title: 'of Sentra', digits: 2 },
  ];
  return renderTable(
    columns,
    rows.map(({ name, js, sentra, python }) => [
      name,
      js,
      sentra,
      sentra / js,
      python,
      python === null ? null : python / sentra,
    ]),
  );
}
