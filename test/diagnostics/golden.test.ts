/**
 * Every mistake in golden/ gives exactly the text that stands below it.
 *
 *     UPDATE_GOLDEN=1 node --import tsx --test test/diagnostics/golden.test.ts
 *
 * writes what Sentra says now into the files: read the change before it is kept.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { PLAIN_STYLE, renderDiagnostics } from '../../src/diagnostics/render-terminal';
import { encode } from '../../src/host/text';
import { compileFile } from '../../src/program/compile';
import { failureOutput } from './failure-output';
import { difference, parseGolden, withExpected } from './golden-file';
import type { GoldenFile } from './golden-file';

const GOLDEN = join(__dirname, 'golden');
/** Fewer than this and files have been lost. */
const MIN_FILES = 110;

const update = process.env['UPDATE_GOLDEN'] !== undefined;
const only = process.env['GOLDEN'] ?? '';
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'sentra-golden-')));
const startDirectory = process.cwd();
after(() => {
  process.chdir(startDirectory);
  rmSync(directory, { recursive: true });
});

const files = readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.golden'))
  .sort();

for (const file of files.filter((each) => each.includes(only))) {
  test(file, async () => {
    const content = readFileSync(join(GOLDEN, file), 'utf8');
    const golden = parseGolden(content);
    const actual = (await outputOf(golden, file)) + '\n';
    if (update) writeFileSync(join(GOLDEN, file), withExpected(content, actual));
    else if (actual !== golden.expected) assert.fail(`${file}\n${difference(golden.expected, actual)}`);
  });
}

if (only === '') {
  test('there are golden files for all kinds of mistakes', () => {
    assert.ok(files.length >= MIN_FILES, `${files.length} files`);
    const outputs = files.map((file) => parseGolden(readFileSync(join(GOLDEN, file), 'utf8')).expected);
    assert.equal(new Set(outputs).size, outputs.length, 'two files expect the same');
  });
}

/** What is said about a program, which lies in a directory of its own that is the working directory. */
async function outputOf(golden: GoldenFile, file: string): Promise<string> {
  const home = join(directory, file.replace(/\W/g, '-'));
  for (const { path, text } of golden.sources) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), encode(text));
  }
  process.chdir(home);
  const { diagnostics, program } = compileFile(golden.sources[0]!.path);
  if (golden.mode === 'check')
    return diagnostics.length === 0 ? 'nothing found' : renderDiagnostics(diagnostics, PLAIN_STYLE);
  if (program === null) return `does not run:\n${renderDiagnostics(diagnostics, PLAIN_STYLE)}`;
  return failureOutput(program);
}
