/**
 * A program written three times: in Sentra, JavaScript and Python. The rivals take turns, all must print the same, and
 * what counts are the times that the programs took themselves.
 */
import { join } from 'node:path';
import { median, onPath, runTimed, sameResult, sentra } from './measure';
import { renderTable } from './table';

export interface Row {
  readonly name: string;
  readonly js: number;
  readonly sentra: number;
  readonly python: number | null;
}

const PYTHON_ROUNDS = 2;

/** Runs `folder/name` with `.js`, `.sn` and `.py`, each as often as `rounds` says, Python less often. */
export function sideBySide(folder: string, name: string, rounds: number, args: readonly string[] = []): Row {
  const path = (extension: string): string => join(folder, `${name}.${extension}`);
  const times: Record<string, number[]> = { js: [], sentra: [], python: [] };
  let expected: string | null = null;
  const once = (who: string, command: string, program: readonly string[]): void => {
    const printed = runTimed(command, [...program, ...args]);
    expected ??= printed.result;
    if (!sameResult(expected, printed.result)) {
      throw new Error(`${name}: ${who} gives ${printed.result} where JavaScript gives ${expected}`);
    }
    times[who]!.push(printed.times.get('elapsed_ms')!);
  };
  for (let round = 0; round < rounds; round++) {
    once('js', process.execPath, [path('js')]);
    once('sentra', sentra, ['run', path('sn')]);
    if (round < PYTHON_ROUNDS && onPath('python3')) once('python', 'python3', [path('py')]);
  }
  const of = (who: string): number => median(times[who]!);
  return { name, js: of('js'), sentra: of('sentra'), python: times['python']!.length === 0 ? null : of('python') };
}

export function rowsTable(rows: readonly Row[]): string {
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
