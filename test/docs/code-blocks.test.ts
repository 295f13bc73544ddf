/** Every program in the documentation runs, and prints what the page says. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RunningCommand } from '../support/command';
import { expectedPattern, programsOf } from './code-blocks';
import type { Program } from './code-blocks';

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const scratch = mkdtempSync(join(tmpdir(), 'sentra-docs-'));
after(() => rmSync(scratch, { recursive: true }));
let count = 0;

async function check({ text, fails, expected, files }: Program): Promise<void> {
  const folder = join(scratch, String(count++));
  mkdirSync(folder);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(join(folder, 'example.sn'), text);
  const { status, stdout, stderr } = await new RunningCommand(['example.sn'], { cwd: folder }).ended;
  if (fails) {
    assert.ok(status === 1 || status === 2, `it should fail, but: exit status ${status}\n${stdout}${stderr}`);
  } else {
    assert.equal(stderr, '');
    assert.equal(status, 0);
  }
  const printed = fails ? stdout + stderr : stdout;
  if (!expectedPattern(expected).test(printed)) assert.equal(printed, expected);
}

for (const page of pages) {
  const programs = programsOf(page);
  if (programs.length === 0) continue;
  describe(page, { concurrency: 2 }, () => {
    for (const program of programs) test(program.place, () => check(program));
  });
}

test('the tutorial and the language reference have programs to check', () => {
  assert.ok(programsOf('docs/tutorial.md').length > 20);
  assert.ok(programsOf('docs/language.md').length > 15);
});
