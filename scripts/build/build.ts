/**
 * Builds the command: `dist/sentra.js`, what every program needs, and `dist/ID/later.js`, all else, with only Node's
 * own modules outside of them (see later.ts); in `dist/ID` also a `.cache` for each, what V8 compiled of it in a run
 * of a typical program. `bin/sentra` loads them. The ID is made of the text of both files and stands at the head of
 * the first, so a program always reads what was built together: one that runs while the command is built anew finds
 * what belongs to it, until that was built twice. Files are put in place when they are complete.
 */
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { plainForms } from './derive-plain-forms';
import { asFunctions, putOff } from './later';
import { registryPlugin } from './lazy-registry';
import { quickStart, SUBSTITUTES } from './quick-start';

const root = dirname(dirname(__dirname));
const dist = join(root, 'dist');
const CACHE_MS = 60_000;

async function bundle(): Promise<{ start: string; later: string }> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts', 'later'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    minifySyntax: true,
    legalComments: 'eof',
    // Native code, which is loaded from node_modules by those who use it.
    external: ['koffi'],
    plugins: [putOff(root), registryPlugin(), plainForms(), quickStart()],
    ...SUBSTITUTES,
    logLevel: 'warning',
  });
  return asFunctions(result.outputFiles);
}

/**
 * Runs the command as it is used, under the same options, which V8 compares when it loads a cache: a typical program,
 * and one that uses what is put off. Each gives the cache of one file.
 */
function makeCache(folder: string, program: string, file: string): void {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require=${JSON.stringify(join(__dirname, 'capture-cache.cjs'))}`,
    SENTRA_CACHE_OF: `${file}.js`,
    SENTRA_CACHE_OUT: join(folder, `${file}.cache`),
  };
  const args = [join(__dirname, `${program}.sn`)];
  const run = spawnSync(join(root, 'bin', 'sentra'), args, { env, cwd: root, timeout: CACHE_MS, encoding: 'utf8' });
  const expected = readFileSync(join(__dirname, `${program}.out`), 'utf8');
  if (run.status !== 0 || run.stdout !== expected) {
    throw new Error(`${program}.sn failed in the build (status ${String(run.status)})\n${run.stdout}${run.stderr}`);
  }
}

/** What names the folder of a build, as `bin/sentra` reads it off the first file. */
function idIn(start: string): string | null {
  return /^\/\*([\da-f]{16})\*\//.exec(start)?.[1] ?? null;
}

async function main(): Promise<void> {
  const { start, later } = await bundle();
  const id = createHash('sha256').update(start).update('\0').update(later).digest('hex').slice(0, 16);
  const own = join(dist, id);
  const first = join(dist, 'sentra.js');
  const before = existsSync(first) ? idIn(readFileSync(first, 'latin1')) : null;
  mkdirSync(own, { recursive: true });
  const folder = mkdtempSync(join(dist, '.build-'));
  try {
    writeFileSync(join(folder, 'sentra.js'), `/*${id}*/${start}`);
    writeFileSync(join(folder, 'later.js'), later);
    // Of another version of V8, perhaps; with none, the runs below compile what they need.
    for (const file of ['sentra', 'later']) rmSync(join(own, `${file}.cache`), { force: true });
    renameSync(join(folder, 'later.js'), join(own, 'later.js'));
    renameSync(join(folder, 'sentra.js'), first);
    makeCache(folder, 'typical', 'sentra');
    makeCache(folder, 'typical-later', 'later');
    for (const file of ['sentra', 'later']) renameSync(join(folder, `${file}.cache`), join(own, `${file}.cache`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // What an earlier build left, but for the one that programs may still run.
  for (const name of readdirSync(dist)) {
    const kept = [id, before, 'sentra.js', '.inputs.json'].includes(name) || name.startsWith('.build-');
    if (!kept) rmSync(join(dist, name), { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
