/** The two files that the build makes of the command. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { asFunctions } from '../../scripts/build/later';
import { BIN, ownFolder } from '../support/command';

/** The modules of a file by their paths, which stand where each begins. */
function modulesIn(path: string): string[] {
  const text = readFileSync(path, 'latin1');
  return [...text.matchAll(/^ *"?((?:src|node_modules)\/[^"\n]+\.\w+)"?\(/gm)].map(([, path]) => path!);
}

test('every module is in one of the files, once', () => {
  const dist = join(dirname(dirname(BIN)), 'dist');
  const start = modulesIn(join(dist, 'sentra.js'));
  const later = modulesIn(join(ownFolder(dist), 'later.js'));
  for (const path of ['src/runtime/scheduler.ts', 'src/builtins/core/string/case-and-space.ts']) assert.ok(start.includes(path), path);
  for (const path of ['src/builtins/net/http/answers.ts', 'node_modules/ws/lib/sender.js', 'src/cli/repl.ts']) {
    assert.ok(later.includes(path), path);
  }
  const all = [...start, ...later];
  assert.deepEqual(all.filter((path, i) => all.indexOf(path) !== i), []);
});

test('another cut than into two files stops the build', async () => {
  const files = ['main.js', 'later.js', 'chunk-A.js', 'chunk-B.js'].map((path) => {
    return { path, text: '', contents: new Uint8Array(), hash: '' };
  });
  await assert.rejects(asFunctions(files), /the command is cut into main\.js, later\.js, chunk-A\.js, chunk-B\.js/);
});
