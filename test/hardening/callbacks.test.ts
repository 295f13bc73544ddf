/**
 * Every built-in that is given a function is called by a program with functions that wait, throw, give odd values,
 * change what is being walked, or never come back: each call ends in time with a value, with the error of the
 * built-in, or with what the function threw. A function that waits before it answers changes no result. A built-in
 * that is added is covered by itself.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Builtin } from '../../src/builtins/define-builtin';
import { allBuiltins } from '../../src/builtins/registry';
import { setPolicy } from '../../src/host/permissions';
import { compileText } from '../../src/program/compile';
import { execute } from '../lang/execute';

/** A call that has not ended by then is canceled, and must end then. */
const PATIENCE_S = 0.05;

/** What may stand in the other places; new ones each time, since some are changed. */
const VALUES = `[null, 1, 0.01, "a", "a,b,a", [3, 1, 2], ["b", "a"], [], {"a": 1, "b": 2}]`;

/** Functions that answer, by what they are given and the containers of the call, which some change. */
const ANSWERING = `{
  "first": fn(a) => a,
  "second": fn(a, b) => b,
  "order": fn(a, b) => type(a) == "number" && type(b) == "number" ? a - b : 0,
  "disorder": fn(a, b) => 1,
  "text": fn(a) => "t",
  "nothing": fn() => null,
  "not a number": fn() => 0 / 0,
  "map": fn(a) => {"__proto__": a},
  "array": fn(a, b, c) => [a, b, c],
  "cycle": fn(a) { let around = [a]; push(around, around); return around },
  "function": fn(a) => fn() => a,
  "thrown text": fn(a) { throw "thrown" },
  "thrown null": fn(a) { throw null },
  "thrown error": fn(a) { throw error("mine", {"code": "EMINE"}) },
  "misuse": fn(a) => a.b.c,
  "growing": fn(a) { for each in given { if type(each) == "array" && len(each) < 50 { push(each, 1) } } return a },
  "emptying": fn(a) { for each in given { if type(each) == "array" { while len(each) > 0 { pop(each) } } } return a },
  "deleting": fn(a) { for each in given { if type(each) == "map" { for key in each { delete(each, key) } } } return a },
}`;

const NEVER = `{
  "endless wait": fn(a) => receive(channel()),
  "endless loop that lets others run": fn(a) { while true { yield_now() } },
  "built-in that waits": sleep,
  "built-in of many": channel,
  "task": fn(a) => spawn { sleep(1) },
  "waits for itself": fn(a) { let ch = channel(); ch <- a; return <-ch },
}`;

const PROGRAM = `
let given = []
let values = fn() => ${VALUES}
let answering = ${ANSWERING}
let never = ${NEVER}

/** Without the names of functions, which those that wait first do not have. */
fn shown(e) => type(e) == "error" ? regex_replace("got (the|a) function.*", e.code + " " + e.message, "") : str(e)

/** What a call gives or throws, as text; null when it had to be canceled. */
fn outcome(name, f, args) {
  given = args
  try {
    let result = with_timeout(${PATIENCE_S}, fn() => f(...args))
    if type(result) == "task" { cancel(result) }
    return shown(result) + " " + str(args.filter(fn(each) => type(each) != "function"))
  } catch (e) {
    if type(e) != "error" { return "threw " + str(e) }
    if e.code == "ETIMEDOUT" { return null }
    if e.code == "EINTERNAL" || type(e.code) != "string" || contains(e.message, "undefined") || contains(e.message, "[object") {
      log("PROBLEM", name, e.code, e.message)
    }
    return shown(e)
  }
}

/** The arguments of a call: others[k] is the index of the value in each place but that of the function. */
fn arguments_with(f, place, others) {
  let args = others.map(fn(k) => values()[k])
  insert(args, place, f)
  return args
}

fn attempts(name, built_in, place, count, compares) {
  let size = len(values())
  let choices = [[]]
  for i in range(count) { choices = flatten(choices.map(fn(chosen) => range(size).map(fn(k) => chosen + [k])), 1) }
  for others in choices {
    for how in answering {
      let f = answering[how]
      let plain = outcome(name, built_in, arguments_with(f, place, others))
      if !compares { continue }
      let waiting = outcome(name, built_in, arguments_with(fn(a, b, c) { yield_now(); return f(a, b, c) }, place, others))
      if plain != waiting && plain != null && waiting != null { log("PROBLEM", name, others, how, "gives", plain, "and after a wait", waiting) }
    }
  }
  // All at once, since each takes as long as it may.
  for how in never {
    wait_all(choices.map(fn(others) => spawn outcome(name, built_in, arguments_with(never[how], place, others))))
  }
}
`;

before(() => setPolicy({ refuses: () => 'nothing is permitted here' }));
after(() => setPolicy(null));

/** It reports to the run of tests that it is in. */
const LEFT_OUT = new Set(['test']);
const takers = allBuiltins().filter(
  (entry): entry is Builtin =>
    entry instanceof Builtin &&
    !LEFT_OUT.has(entry.name) &&
    entry.definition.params.some((param) => param.calls !== undefined && param.type.options === undefined),
);

test('the functions that are tried reach many groups', () => {
  const groups = new Set(takers.map((each) => each.definition.group));
  for (const group of ['array', 'map', 'regex', 'tasks', 'time', 'http', 'socket', 'ws', 'test'])
    assert.ok(groups.has(group), group);
});

for (const { name, definition, waitsWithCallback, minArgs } of takers) {
  test(name, async () => {
    const place = definition.params.findIndex((param) => param.calls !== undefined);
    const others = Math.min(2, Math.max(minArgs, place + 1) - 1);
    const call = `attempts("${name}", ${name}, ${Math.min(place, others)}, ${others}, ${waitsWithCallback})`;
    const { program } = compileText('calls.sn', `${PROGRAM}\n${call}\n`);
    const { output, thrown } = await execute(program!);
    assert.equal(thrown, undefined);
    assert.deepEqual(
      output.split('\n').filter((line) => line.startsWith('PROBLEM')),
      [],
    );
  });
}
