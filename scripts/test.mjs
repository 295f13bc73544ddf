// Runs the tests: all of test/**/*.test.ts, or those whose path contains one of the arguments.
//   npm test                       everything, after set-up and build
//   npm test -- lexer socket       only files with "lexer" or "socket" in their path
//   npm test -- --no-setup lexer   without looking whether the build is up to date
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** For one test file. */
const FILE_MS = 120_000;
/** For everything: the command never hangs. */
const ALL_MS = 900_000;

const filters = process.argv.slice(2).filter((each) => !each.startsWith('--'));
const options = process.argv.slice(2).filter((each) => each.startsWith('--'));
for (const option of options) {
  if (option !== '--no-setup') {
    process.stderr.write(`test: there is no option ${option}; it takes --no-setup and parts of paths\n`);
    process.exit(2);
  }
}

if (!options.includes('--no-setup')) {
  const setup = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--tests'], { stdio: 'inherit' });
  if (setup.status !== 0) process.exit(setup.status ?? 1);
}

const files = readdirSync(join(root, 'test'), { recursive: true })
  .map((path) => `test/${path}`)
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => filters.length === 0 || filters.some((part) => path.includes(part)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`test: no file in test/ has ${filters.join(' or ')} in its path\n`);
  process.exit(2);
}

const args = [
  '--import',
  'tsx',
  '--test',
  `--test-concurrency=${Math.max(2, availableParallelism())}`,
  `--test-timeout=${FILE_MS}`,
  '--test-reporter=./scripts/test-reporter.mjs',
  '--test-reporter-destination=stdout',
  ...files,
];
const tests = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
const overdue = setTimeout(() => {
  process.stderr.write(`test: not done after ${ALL_MS / 1000} s; ended\n`);
  tests.kill('SIGKILL');
}, ALL_MS);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
tests.on('close', (code) => {
  clearTimeout(overdue);
  process.exit(code ?? 1);
});
