/**
 * What the built-in functions cost, against hand-written JavaScript and Python; see bench/library/README.md. The rivals
 * take turns, and all must print the same.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './measure';
import type { Goal } from './measure';
import { rowsTable, sideBySide } from './side-by-side';

const folder = join(root, 'bench', 'library');
const ROUNDS = 5;
/** Times of JavaScript that are promised. */
const GOALS: Readonly<Record<string, number>> = { sort: 1.5, 'map-updates': 1.5, 'split-join': 1.5, text: 2 };

export function run(filters: readonly string[]): Goal[] {
  const rows = readdirSync(folder)
    .filter((file) => file.endsWith('.sn'))
    .map((file) => file.slice(0, -'.sn'.length))
    .filter((name) => filters.length === 0 || filters.includes(name))
    .map((name) => sideBySide(folder, name, ROUNDS));
  process.stdout.write(`${rowsTable(rows)}\n`);
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
