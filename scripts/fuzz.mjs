// Fuzzes the language for longer than `npm test` does.
//   npm run fuzz             for about a minute
//   npm run fuzz -- 600      for about 600 seconds
//   SENTRA_FUZZ_SEED=7 npm run fuzz    the programs of an earlier run, whose failure named the seed
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] ?? 60);
if (!(seconds > 0)) {
  process.stderr.write(`fuzz: the time must be a number of seconds, got ${process.argv[2]}\n`);
  process.exit(2);
}
const seed = process.env.SENTRA_FUZZ_SEED ?? String(Date.now() % 0x7fffffff);
process.stdout.write(`fuzz: ${seconds} s with the seed ${seed}\n`);
const args = [
  '--import',
  'tsx',
  '--test',
  '--test-reporter=spec',
  'test/fuzz/robustness.test.ts',
  'test/fuzz/agreement.test.ts',
];
const tests = spawn(process.execPath, args, {
  cwd: dirname(dirname(fileURLToPath(import.meta.url))),
  stdio: 'inherit',
  env: { ...process.env, SENTRA_FUZZ_SECONDS: String(seconds), SENTRA_FUZZ_SEED: seed },
});
tests.on('close', (code) => process.exit(code ?? 1));
