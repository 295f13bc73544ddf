/**
 * What cryptography, compression and files cost, against hand-written JavaScript and Python, and the memory that a file
 * of 1 GB takes to be hashed and walked by lines; see bench/files/README.md.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { rowsTable, sideBySide } from './side-by-side';

const folder = join(root, 'bench', 'files');
const ROUNDS = 3;
const MEMORY = 'memory';
const MEMORY_LIMIT_MB = 100;
const PIECE_BYTES = 1_000_000;

export function run(filters: readonly string[]): Goal[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.sn'))
    .map((file) => file.slice(0, -'.sn'.length))
    .filter((name) => filters.length === 0 || filters.includes(name));
  const work = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  try {
    const [some, much, out] = ['some.log', 'much.log', 'out.log'].map((name) => join(work, name)) as [
      string,
      string,
      string,
    ];
    writeLog(some, 100);
    if (names.some((name) => name === MEMORY || name === 'hash-file')) writeLog(much, 1000);
    const compared = names.filter((name) => name !== MEMORY);
    const rows = compared.map((name) => sideBySide(folder, name, ROUNDS, [some, much, out]));
    if (rows.length > 0) process.stdout.write(`${rowsTable(rows)}\n`);
    return names.includes(MEMORY) ? memoryGoals(some, much) : [];
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** A log of so many MB; no two pieces are the same. */
function writeLog(path: string, megabytes: number): void {
  const fd = openSync(path, 'w');
  const line = (i: number): string => {
    const status = i % 13 === 0 ? 500 : 200;
    return `10.0.${i % 40}.${(i * 7) % 250} - "GET /articles/${(i * 7919) % 3000}.html HTTP/1.1" ${status} ${i % 90000}\n`;
  };
  let text = '';
  for (let i = 0; text.length < PIECE_BYTES; i++) text += line(i);
  const piece = Buffer.from(`${text.slice(0, PIECE_BYTES - 1)}\n`);
  for (let i = 0; i < megabytes; i++) {
    piece.write(String(i).padStart(6, '0'), 0);
    writeSync(fd, piece);
  }
  closeSync(fd);
}

function memoryGoals(some: string, much: string): Goal[] {
  const { times } = runTimed(sentra, ['run', join(folder, `${MEMORY}.sn`), some, much]);
  const goal = (what: string, kb: number): Goal => ({
    what,
    measured: kb / 1000,
    atMost: MEMORY_LIMIT_MB,
    unit: ' MB',
  });
  return [
    goal('memory for the hash of 1 GB, more than at the start', times.get('hash_kb')!),
    goal('memory for the lines of 1 GB too, more than at the start', times.get('lines_kb')!),
  ];
}
