/**
 * Every built-in, called with one argument too many or too few: refused before the program runs, also by its name in
 * the module of its group. Called as a value it ignores further arguments, and says which one is missing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins, findGroup, groupNames } from '../../src/builtins/registry';
import { compileText } from '../../src/program/compile';
import { executeNow } from '../lang/execute';

const builtins = allBuiltins().filter((entry): entry is Builtin => entry instanceof Builtin);

const nulls = (count: number): string => new Array<string>(count).fill('null').join(', ');

/** The calls of a function under `name` that take too many and too few arguments, with the code each should have. */
function wrongCalls({ minArgs, maxArgs }: Builtin, name: string): [call: string, code: string][] {
  const calls: [string, string][] = [];
  if (maxArgs !== Infinity) calls.push([`${name}(${nulls(maxArgs + 1)})`, 'too-many-arguments']);
  if (minArgs > 0) calls.push([`${name}(${nulls(minArgs - 1)})`, 'too-few-arguments']);
  return calls;
}

function assertRefused(before: string, calls: readonly (readonly [call: string, code: string])[]): void {
  const text = `${before}\n${calls.map(([call]) => call).join('\n')}\n`;
  const { program, diagnostics } = compileText('calls.sn', text);
  assert.equal(program, null);
  const line = (offset: number): number => text.slice(0, offset).split('\n').length - 2;
  const found = diagnostics
    .filter(({ code }) => code === 'too-many-arguments' || code === 'too-few-arguments')
    .map(({ code, span }) => [calls[line(span.start)]![0], code]);
  assert.deepEqual(found, calls);
}

test('wrong counts are refused before the run', () => {
  const calls = builtins.flatMap((builtin) => wrongCalls(builtin, builtin.name));
  assert.ok(calls.length > builtins.length);
  assertRefused('', calls);
});

test('wrong counts are refused before the run in modules too', () => {
  const names = groupNames();
  const calls = names.flatMap((group) =>
    [...findGroup(group)!].flatMap(([member, entry]) =>
      entry instanceof Builtin ? wrongCalls(entry, `${group}_module.${member}`) : [],
    ),
  );
  assert.ok(calls.length > builtins.length);
  assertRefused(names.map((group) => `import ${group} as ${group}_module`).join('; '), calls);
});

test('a value that is called with too few says what is missing', () => {
  // Those whose first parameter takes null have nothing to say about it.
  const wanting = builtins.filter(({ minArgs }) => minArgs > 0);
  const calls = wanting.map(({ name }) => `ask("${name}", ${name})`);
  const { program } = compileText(
    'calls.sn',
    `fn ask(name, f) { try { f(...[]); log(name, "ran") } catch (e) { log(e.code, e.message) } }\n${calls.join('\n')}\n`,
  );
  const { output, thrown } = executeNow(program!);
  assert.equal(thrown, undefined);
  const lines = output.trimEnd().split('\n');
  assert.equal(lines.length, wanting.length);
  lines.forEach((line, i) => {
    const { name, definition } = wanting[i]!;
    const said = `ETYPE ${name}: ${definition.params[0]!.name} is missing: it must be `;
    assert.ok(line.startsWith(said), line);
  });
});

test('a value that is called with too many ignores them', () => {
  const { program } = compileText(
    'calls.sn',
    'let f = upper\nlet g = index_of\nlog(f("a", 1, 2), g("abab", "b", 2, null), [3.5].map(floor), ["a", "b"].map(str))',
  );
  assert.equal(executeNow(program!).output, 'A 3 [3] ["a", "b"]\n');
});
