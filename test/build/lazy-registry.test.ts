import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lazyRegistry } from '../../scripts/build/lazy-registry';
import { allBuiltins, groupNames } from '../../src/builtins/registry';
import { sentra } from '../support/command';

const folder = join(__dirname, '..', '..', 'src', 'builtins');
const text = readFileSync(join(folder, 'registry.ts'), 'utf8');
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as the build does
const load = (path: string): Record<string, unknown> => require(join(folder, path)) as Record<string, unknown>;

test('the registry of the build names every built-in and imports no file of definitions', () => {
  const lazy = lazyRegistry(text, load);
  for (const { name } of allBuiltins()) assert.ok(lazy.includes(`{"name":${JSON.stringify(name)},`), name);
  assert.deepEqual(lazy.match(/^import .* from '\.\/(?!catalogue|define-builtin).*/gm), null);
});

test('a registry that is written otherwise, or a file without definitions, stops the build', () => {
  assert.throws(() => lazyRegistry(text.replace('const files', 'const all'), load), /not written as/);
  assert.throws(() => lazyRegistry(text.replace(/\[\s*core,\s/, '['), load), /not written as/);
  assert.throws(() => lazyRegistry(text, () => ({})), /defines no built-in/);
});

test('the built command has the same groups and built-ins', () => {
  const listed = sentra(['doc']).stdout.split('\n');
  assert.deepEqual(listed.filter((line) => /^\w+$/.test(line)), groupNames());
  const names = new Set(listed.filter((line) => line.startsWith('  ')).flatMap((line) => line.trim().split(/\s+/)));
  assert.deepEqual([...names].sort(), allBuiltins().map((entry) => entry.name).sort());
});
