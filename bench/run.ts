/**
 * `npm run bench`: every part, or those named, each with the programs named after it:
 *   npm run bench -- startup compute fib trees
 * Prints a table for each part and then how the goals stand. A figure that misses its goal fails nothing (machines
 * differ); a wrong result does.
 */
import type { Goal } from './measure';
import { renderTable } from './table';

type Part = (filters: readonly string[]) => Goal[] | Promise<Goal[]>;

const parts: Readonly<Record<string, () => Promise<{ readonly run: Part }>>> = {
  startup: () => import('./startup'),
  compute: () => import('./compute'),
  tasks: () => import('./tasks'),
  http: () => import('./http'),
  sockets: () => import('./sockets'),
  library: () => import('./library'),
  logs: () => import('./logs'),
  files: () => import('./files'),
  ws: () => import('./ws'),
  scan: () => import('./scan'),
  traffic: () => import('./traffic'),
};

/** The parts named, each with the words after it. Words before the first part go to all parts. */
function chosen(words: readonly string[]): [string, string[]][] {
  const result: [string, string[]][] = [];
  for (const word of words) {
    if (Object.hasOwn(parts, word)) result.push([word, []]);
    else if (result.length > 0) result.at(-1)![1].push(word);
    else throw new Error(`there is no part ${word}; the parts are ${Object.keys(parts).join(', ')}`);
  }
  return result.length > 0 ? result : Object.keys(parts).map((name) => [name, []]);
}

function verdict({ measured, atMost, atLeast }: Goal): string {
  if (measured === null) return 'skipped';
  const met = (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast);
  return met ? 'met' : 'MISSED';
}

function goalText({ atMost, atLeast, unit = '' }: Goal): string {
  return [
    atMost === undefined ? '' : `at most ${atMost}${unit}`,
    atLeast === undefined ? '' : `at least ${atLeast}${unit}`,
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function measuredText({ measured, unit = '', missing }: Goal): string {
  if (measured === null) return `no ${missing ?? 'figure'}`;
  return measured.toFixed(measured >= 100 ? 0 : 2) + unit;
}

async function main(): Promise<void> {
  const goals: Goal[] = [];
  for (const [name, filters] of chosen(process.argv.slice(2))) {
    process.stdout.write(`\n${name}\n\n`);
    goals.push(...(await (await parts[name]!()).run(filters)));
  }
  const columns = [{ title: 'goal' }, { title: 'measured' }, { title: 'should be' }, { title: '' }];
  const rows = goals.map((goal) => [goal.what, measuredText(goal), goalText(goal), verdict(goal)]);
  process.stdout.write(`\n${renderTable(columns, rows)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
