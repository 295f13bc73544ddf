/** What is said of names from elsewhere: only what there is here. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foreignModule, foreignName } from '../../src/analysis/foreign-names';
import { findBuiltin } from '../../src/builtins/registry';
import { builtinView } from '../../src/program/builtin-view';

/** Called in the hints as a function of the program's own. */
const OWN = new Set(['f', 'fn']);

test('every function that a hint names is a built-in', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'src', 'analysis', 'foreign-names.ts'), 'utf8');
  const names = [...text.matchAll(/^ {2}(\w+): [[']/gm)].map(([, name]) => name!);
  assert.ok(names.length > 100);
  for (const name of names) {
    const hint = foreignName(name, builtinView)?.hint ?? foreignModule(name);
    assert.ok(hint !== null, name);
    for (const [, called] of hint.matchAll(/\b(\w+)\(/g)) {
      assert.ok(OWN.has(called!) || findBuiltin(called!) !== undefined, `${name}: there is no ${called}`);
    }
  }
});
