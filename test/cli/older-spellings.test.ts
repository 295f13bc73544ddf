/** `sentra check` suggests the present name for every older spelling, called by itself, as a value and behind a dot. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins } from '../../src/builtins/registry';
import { directoryWith, sentra } from '../support/command';

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly fix?: { readonly text?: string; readonly replacement?: string };
}

function findings(name: string, text: string): Finding[] {
  const folder = directoryWith({ [name]: text });
  const { stdout } = sentra(['check', '--json', join(folder, name)]);
  return (JSON.parse(stdout) as Finding[]).filter((each) => each.code === 'older-spelling');
}

const spellings = allBuiltins()
  .filter((entry): entry is Builtin => entry instanceof Builtin)
  .flatMap(({ name, definition }) => (definition.aliases ?? []).map((older) => ({ older, name })));

const expected = spellings.map(({ older, name }) => `'${older}' is the older spelling of '${name}'`);

test('as a value', () => {
  const text = spellings.map(({ older }) => `log(${older})`).join('\n');
  assert.deepEqual(
    findings('values.sn', text).map((each) => each.message),
    expected,
  );
});

test('behind a dot', () => {
  const text = spellings.map(({ older }) => `fn _f_${older}(x) { return x.${older}() }`).join('\n');
  assert.deepEqual(
    findings('methods.sn', text)
      .map((each) => each.message)
      .sort(),
    [...expected].sort(),
  );
});

test('a name of the program is none', () => {
  const text = `let m = {"startsWith": fn(x) => x, length: 3}
log(m.startsWith("a"), m.length)
m.endsWith = fn(x) => x
m["includes"] = fn(x) => x
log(m.endsWith("a"), m.includes("b"))
let indexOf = fn(x) => x
log(indexOf(1))`;
  assert.deepEqual(findings('own.sn', text), []);
});
