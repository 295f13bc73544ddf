/**
 * A wait that nothing outside will end any more. It can only come from a mistake of Sentra's own, so the test makes
 * one: timers that keep no process alive.
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sentra } from '../support/command';

const folder = mkdtempSync(join(tmpdir(), 'sentra-forsaken-'));
after(() => rmSync(folder, { recursive: true }));
const preload = join(folder, 'idle-timers.cjs');
writeFileSync(
  preload,
  `const { setTimeout } = globalThis;
globalThis.setTimeout = (...args) => setTimeout(...args).unref();
`,
);

function run(code: string): ReturnType<typeof sentra> {
  return sentra(['-e', code], { env: { NODE_OPTIONS: `--require=${preload}` } });
}

test('a program whose tasks nothing will wake says so, and where they wait', () => {
  const { stdout, stderr, status } = run('defer log("cleaned up")\nlog("before")\nsleep(60000)\nlog("after")');
  assert.deepEqual([stdout, status], ['before\ncleaned up\n', 1]);
  assert.match(stderr, /^error\[EDEADLOCK\]: deadlock: the program waits for something that nothing can bring about\n/);
  assert.match(stderr, /<command line>:3:1\n3 │ sleep\(60000\)\n/);
});

test('and ends as ever where all is done', () => {
  const { stdout, stderr, status } = run('log("all")');
  assert.deepEqual([stdout, stderr, status], ['all\n', '', 0]);
});
