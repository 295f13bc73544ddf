/**
 * Every built-in that may wait, or that needs a permission, is called by a program with values of every kind in every
 * place, while nothing outside is permitted: each call ends in time with a value of the language or with its error.
 * A group that is added is covered by itself.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins } from '../../src/builtins/registry';
import { setPolicy } from '../../src/host/permissions';
import { compileText } from '../../src/program/compile';
import { ErrorValue, inspect } from '../../src/runtime/values';
import { execute } from '../lang/execute';

/** They end the process, wait for a person, or are a test of their own. */
const LEFT_OUT = new Set(['exit', 'readline', 'read_stdin', 'prompt', 'confirm', 'select_option', 'test']);
/** A call that has not ended by then is canceled, and must end then. */
const PATIENCE_S = 0.05;

const VALUES = `[null, true, 0, 2, -1, 0.5, 0 / 0, 1e9, "", "a", "/nonexistent/x", "http://127.0.0.1:1/", "\\0\\udc80", [],
  [1, 2], ["a", null], {}, {"a": 1, "__proto__": []}, fn(a, b) => a, fn() { throw "thrown" }, error("mine"), channel(1)]`;

const PROGRAM = `
fn values() { return ${VALUES} }
fn attempt(name, f, args) {
  try {
    let result = with_timeout(${PATIENCE_S}, fn() => f(...args))
    if type(result) == "task" { cancel(result) }
    str(result)
  } catch (e) {
    if e == "thrown" || e == null { return null }
    if type(e) != "error" { log(name, "threw", type(e)); return null }
    if e.code == "EINTERNAL" || type(e.code) != "string" || contains(e.message, "undefined") || contains(e.message, "[object") {
      log(name, args, e.code, e.message)
    }
  }
}
fn attempts(name, f, most) {
  attempt(name, f, [])
  let size = len(values())
  for i in range(size) {
    attempt(name, f, [values()[i]])
    if most > 1 { for j in range(size) { attempt(name, f, [values()[i], values()[j]]) } }
    if most > 2 { for j in range(0, size, 3) { for k in range(1, size, 4) { attempt(name, f, [values()[i], values()[j], values()[k]]) } } }
  }
}
`;

before(() => setPolicy({ refuses: () => 'nothing is permitted here' }));
after(() => setPolicy(null));

const reaching = allBuiltins().filter(
  (entry): entry is Builtin =>
    entry instanceof Builtin && (entry.definition.waits !== undefined || entry.definition.permission !== undefined),
);
const groups = new Set(reaching.map((each) => each.definition.group));

for (const group of groups) {
  test(`the group ${group}`, async () => {
    const calls = reaching
      .filter((each) => each.definition.group === group && !LEFT_OUT.has(each.name))
      .map((each) => `spawn attempts("${each.name}", ${each.name}, ${Math.min(3, each.maxArgs)})`);
    const { program } = compileText('calls.sn', `${PROGRAM}\n${calls.join('\n')}\n`);
    const { output, thrown, failed } = await execute(program!);
    assert.equal(thrown, undefined);
    // A call that is canceled on a busy machine before it could fail by itself may still do so.
    for (const each of failed) assert.ok(each instanceof ErrorValue && each.code !== 'EINTERNAL', inspect(each));
    // What the functions themselves print is none of our business.
    const names = new Set(reaching.map((each) => each.name));
    assert.deepEqual(
      output.split('\n').filter((line) => names.has(line.split(' ')[0]!)),
      [],
    );
  });
}
