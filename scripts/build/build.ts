/**
 * Builds the command: `dist/sentra.js`, what every program needs, and `dist/later.js`, all else, with only Node's own
 * modules outside of them (see later.ts); beside each a `.cache`, what V8 compiled of it in a run of a typical
 * program. `bin/sentra` loads them. Files are put in place when they are complete, so that a command that starts
 * meanwhile finds the old ones.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

async function main(): Promise<void> {
  const { start, later } = await bundle();
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, '.build-'));
  try {
    writeFileSync(join(folder, 'sentra.js'), start);
    writeFileSync(join(folder, 'later.js'), later);
    // An old cache would be refused for the new text; with none, the runs below compile what they need.
    for (const file of ['sentra', 'later']) rmSync(join(dist, `${file}.cache`), { force: true });
    for (const file of ['sentra', 'later']) renameSync(join(folder, `${file}.js`), join(dist, `${file}.js`));
    makeCache(folder, 'typical', 'sentra');
    makeCache(folder, 'typical-later', 'later');
    for (const file of ['sentra', 'later']) renameSync(join(folder, `${file}.cache`), join(dist, `${file}.cache`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
