/**
 * Builds the command: `dist/sentra.js`, everything in one file with only Node's own modules outside of it, and
 * `dist/sentra.cache`, what V8 compiled of it in a run of a typical program. `bin/sentra` loads both. Files are
 * put in place when they are complete, so that a command that starts meanwhile finds the old ones.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { plainForms } from './derive-plain-forms';
import { registryPlugin } from './lazy-registry';
import { quickStart, SUBSTITUTES } from './quick-start';

const root = dirname(dirname(__dirname));
const dist = join(root, 'dist');
const CACHE_MS = 60_000;

/** `bin/sentra` evaluates the file and calls what it gives with its own `require`. */
const HEAD = '(function (require) { const module = { exports: {} };';
const FOOT = 'return module.exports; })';

async function bundle(): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts'],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    minifySyntax: true,
    legalComments: 'eof',
    // Native code, which is loaded from node_modules by those who use it.
    external: ['koffi'],
    plugins: [registryPlugin(), plainForms(), quickStart()],
    ...SUBSTITUTES,
    banner: { js: HEAD },
    footer: { js: FOOT },
    logLevel: 'warning',
  });
  return inAscii(result.outputFiles[0]!.text);
}

/**
 * The file is read as Latin-1, which is the quickest, and V8 keeps such a text in half the memory. esbuild escapes
 * what is not ASCII in strings; it is left in regular expressions, where the same escapes stand for it.
 */
function inAscii(text: string): string {
  // eslint-disable-next-line no-control-regex -- all that is not ASCII is looked for
  return text.replace(/[^\x00-\x7f]/g, (char) => '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'));
}

/** Runs the command as it is used, under the same options, which V8 compares when it loads the cache. */
function makeCache(folder: string): void {
  const env = { ...process.env, NODE_OPTIONS: `--require=${JSON.stringify(join(__dirname, 'capture-cache.cjs'))}`, SENTRA_CACHE_OUT: join(folder, 'sentra.cache') };
  const command = [join(root, 'bin', 'sentra'), join(__dirname, 'typical.sn')];
  const run = spawnSync(command[0]!, command.slice(1), { env, cwd: root, timeout: CACHE_MS, encoding: 'utf8' });
  const expected = readFileSync(join(__dirname, 'typical.out'), 'utf8');
  if (run.status !== 0 || run.stdout !== expected) {
    throw new Error(`the typical program failed in the build (status ${String(run.status)})\n${run.stdout}${run.stderr}`);
  }
}

async function main(): Promise<void> {
  const text = await bundle();
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, '.build-'));
  try {
    writeFileSync(join(folder, 'sentra.js'), text);
    // An old cache would be refused for the new text; with none, the run below compiles what it needs.
    rmSync(join(dist, 'sentra.cache'), { force: true });
    renameSync(join(folder, 'sentra.js'), join(dist, 'sentra.js'));
    makeCache(folder);
    renameSync(join(folder, 'sentra.cache'), join(dist, 'sentra.cache'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`build: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
