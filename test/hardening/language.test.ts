/**
 * What a program can name, write or nest must never reach the JavaScript underneath, change it, or bring
 * the process down: every line of it is tried on every kind of value, in every form there is.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { didYouMean } from '../../src/diagnostics/did-you-mean';
import { renderJson } from '../../src/diagnostics/render-json';
import { PLAIN_STYLE, renderDiagnostics } from '../../src/diagnostics/render-terminal';
import { compileText } from '../../src/program/compile';
import { KEYWORD_NAMES } from '../../src/syntax/tokens';
import { findingsIn, linesOf, literal } from './running';

/** Objects of JavaScript that everything else inherits from, with all their properties, before and after. */
const SHARED = [
  Object, Function, Array, String, Number, Boolean, Symbol, Error, RangeError, Map, Set, WeakMap, Promise, RegExp, Date, Buffer,
  Uint8Array, JSON, Math, Reflect, globalThis,
] as const; // prettier-ignore

function snapshot(): string[] {
  const generator = Object.getPrototypeOf(function* () {}) as object;
  const all = SHARED.flatMap((each) => [each, ...('prototype' in each ? [each.prototype as object] : [])]);
  return [...all, generator, Object.getPrototypeOf(generator.constructor) as object].map((each) =>
    Reflect.ownKeys(each)
      // Node makes some globals when they are first used.
      .filter((key) => each !== globalThis || key === '__proto__' || key === 'polluted')
      .map(String)
      .join(),
  );
}

let untouched: string[];
before(() => (untouched = snapshot()));
after(() => {
  assert.deepEqual(snapshot(), untouched, 'an object of JavaScript was changed');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

/** Names that JavaScript's objects, and those of the implementation, answer to. */
const JS_NAMES = [
  ...new Set(
    [
      Object.prototype,
      Function.prototype,
      Array.prototype,
      String.prototype,
      Number.prototype,
      Map.prototype,
      Promise.prototype,
    ]
      .flatMap((each) => Object.getOwnPropertyNames(each))
      .concat(
        'prototype',
        'then',
        'polluted',
        'm',
        '$a',
        '$m',
        'fields',
        'trace',
        'text',
        'steps',
        'state',
        'waitingOn',
        'watchers',
      )
      .concat(
        'undefined',
        'NaN',
        'arguments',
        'callee',
        'caller',
        '0',
        '-1',
        '',
        '\0',
        '\u2028',
        '${1}',
        '`',
        '*/',
        '\ud800',
      ),
  ),
];

/** One expression for each kind of value, and the names that are really there. */
const VALUES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true',
  number: '5',
  string: '"text"',
  'empty array': '[]',
  array: '[1, "a"]',
  'empty map': '({})',
  record: '({a: 1, b: 2})',
  'map with many keys': 'many',
  function: 'declared',
  lambda: '(fn(x) => x)',
  'function that waits': 'waiting',
  'built-in': 'len',
  'built-in that waits': 'sleep',
  error: 'error("message", {code: "ECODE"})',
  'error of the runtime': 'caught',
  task: 'task',
  channel: 'channel(1)',
  'module of built-ins': 'array_module',
};

const PRELUDE = `
import array as array_module
fn declared(x) { return x }
fn waiting(x) { sleep(x); return x }
let many = {}
for i in 1..100 { many["key" + i] = i }
let task = spawn { 1 }
let caught = null
try { log(null.x) } catch e { caught = e }
let seen = {}
fn note(form, name, f) {
  let result = ""
  try {
    let v = f()
    result = type(v) + " " + str(v)
  } catch e {
    result = "error " + e.code
  }
  log(form + "|" + name + "|" + result)
}
`;

describe('properties of JavaScript on every kind of value', () => {
  for (const [kind, expression] of Object.entries(VALUES)) {
    test(kind, async () => {
      const forms: string[] = [];
      JS_NAMES.forEach((name, i) => {
        const key = literal(name);
        const note = (form: string, code: string): void => void forms.push(`note("${form}", "${i}", ${code})`);
        note('[literal]', `fn() => x[${key}]`);
        note('[computed]', `fn() => x["" + ${key}]`);
        note('in', `fn() => ${key} in x`);
        note('match', `fn() => match x { {${key}: v} => v, _ => null }`);
        note('pattern', `fn() { let {${key}: v} = x; return v }`);
        note('default', `fn() { let {${key}: v = "missing"} = x; return v }`);
        if (/^[A-Za-z_]\w*$/.test(name) && !KEYWORD_NAMES.includes(name)) {
          note('.name', `fn() => x.${name}`);
          note('.name()', `fn() => x.${name}()`);
          note('.name(1)', `fn() => x.${name}(x)`);
        }
      });
      const lines = await linesOf(`${PRELUDE}let x = ${expression}\n${forms.join('\n')}\n`);
      assert.equal(lines.length, forms.length);
      for (const line of lines) {
        const [form, number, result] = line.split('|') as [string, string, string];
        const shown = `${form} ${JSON.stringify(JS_NAMES[Number(number)])}: ${result}`;
        assert.doesNotMatch(result, /EINTERNAL|native code|\[object|undefined|function\*? ?\(/, shown);
        // A call may be one of a built-in of that name, which the program may make anyway.
        if (form.includes('()') || form.includes('(1)')) continue;
        if (form === 'default')
          assert.match(result, /^string missing$|^error E(TYPE|NULL)$|^(string|number|null|array|map|function)/, shown);
        else assert.match(result, allowed(kind, form, JS_NAMES[Number(number)]!), shown);
      }
    });
  }
});

/** What reading a name of JavaScript may give: nothing, or a proper error. */
function allowed(kind: string, form: string, name: string): RegExp {
  if (form === 'match' && kind !== 'module of built-ins')
    return kind.startsWith('error') && ['message', 'code', 'stack', 'cause', 'name'].includes(name)
      ? /./
      : /^null null$/;
  if (form === 'in') return /^boolean false$|^error ETYPE$|^boolean true$/;
  if (kind === 'string' && (name === '0' || name === '-1')) return /^error ETYPE$/;
  if (kind === 'module of built-ins') return /^null null$|^function <fn \w+>$/;
  return /^null null$|^error E(TYPE|NULL|INDEX)$/;
}

describe('names of JavaScript as keys', () => {
  const keys = [...JS_NAMES, '__proto__', 'constructor', 'toString', 'hasOwnProperty', '2', '1', '10'].filter(
    (name, i, all) => all.indexOf(name) === i,
  );
  const pairs = keys.map((name, i) => `${literal(name)}: ${i}`).join(', ');
  const check = 'log(len(m), keys(m) == names, values(m) == numbers)\n';
  const wanted = `let names = [${keys.map(literal).join(', ')}]\nlet numbers = [${keys.map((_name, i) => i).join(', ')}]\n`;
  const expected = `${keys.length} true true`;

  for (const [form, code] of Object.entries({
    'in a literal': `let m = {${pairs}}\n`,
    'set one by one': 'let m = {}\nfor i, name in names { m[name] = i }\n',
    spread: `let m = {...{${pairs}}}\n`,
    'in a map pattern': `let {...m} = {${pairs}}\n`,
    'as a parameter': `let m = null\nfn take({...all}) { m = all }\ntake({${pairs}})\n`,
    walked: `let m = {}\nfor k, v in ({${pairs}}) { m[k] = v }\n`,
    'put in again after being deleted': `let m = {${pairs}}\nfor name in names { delete(m, name) }\nfor i, name in names { m[name] = i }\n`,
    'through entries': `let m = from_entries(entries({${pairs}}))\n`,
    'through a channel and a task': `let ch = channel(1)\nch <- {${pairs}}\nlet m = wait(spawn { return <-ch })\n`,
    'in an error': `let m = {...{${pairs}}}\nlet e = error("x", m)\nlog(keys(m) == names)\nm = {...m}\n`,
  })) {
    test(form, async () => assert.equal((await linesOf(wanted + code + check)).at(-1), expected));
  }

  test('a value under __proto__ is no prototype', async () => {
    const lines = await linesOf(`
let m = {"__proto__": {polluted: 1}, constructor: {prototype: {polluted: 2}}}
let n = {...m}
m.__proto__.polluted = 3
n.constructor.prototype.polluted = 4
let {polluted = "none"} = m
log({}.polluted, [] == [], m.polluted, n.polluted, polluted, "polluted" in m)
log(m)
`);
    assert.deepEqual(lines, [
      'null true null null none false',
      '{"__proto__": {"polluted": 3}, "constructor": {"prototype": {"polluted": 4}}}',
    ]);
  });
});

const RESERVED =
  `abstract arguments as async await boolean byte case char class constructor debugger default delete do double
enum eval extends final float from function get globalThis goto implements instanceof int interface let long meta native new
of package private protected prototype public return set short static super switch synchronized target this throws transient
typeof undefined var void volatile with yield Object Array Function String Number Symbol Map Set Promise Proxy Reflect JSON
Math Error NaN Infinity require module exports process global Buffer console __proto__ __dirname __filename hasOwnProperty
toString valueOf then self window isNaN parseInt _ __ $main`
    .split(/\s+/)
    .filter((word) => !KEYWORD_NAMES.includes(word) && /^[A-Za-z_]\w*$/.test(word));

describe('words of JavaScript as names', () => {
  for (const word of RESERVED) {
    test(word, async () => {
      const w = word;
      const lines = await linesOf(`
let ${w} = 1
log(${w} + 1, \`\${${w}}\`, [${w}], {${w}}, {${w}: ${w}}.${w})
${w} = 5
${w} += 1
${w}++
log(${w})
{
  fn ${w}(a) { return a < 1 ? 0 : 1 + ${w}(a - 1) }
  log(${w}(3), [2].map(${w}), ${w})
}
fn f(${w}, b = ${w}) { return fn() => ${w} + b }
log(f(2)())
fn rest(...${w}) { return len(${w}) }
log(rest(1, 2))
for ${w} in [7] { log(${w}) }
for k, ${w} in [7] { log(k + ${w}) }
for (let ${w} = 0; ${w} < 1; ${w}++) { log(${w}) }
try { throw 8 } catch ${w} { log(${w}) }
let {${w}: other, ...${w}s} = {${w}: 9, x: 1}
log(other, ${w}s)
log(match 10 { ${w === '_' ? 'v' : w} => ${w === '_' ? 'v' : w} })
fn outer() {
  let ${w} = 3
  let inner = fn() { ${w} = ${w} * 2; return ${w} }
  inner()
  return ${w}
}
log(outer())
fn waits(${w}) { sleep(0); return ${w} }
log(wait(spawn waits(11)))
const c = fn ${w}() { return 12 }
log(c())
`);
      assert.deepEqual(lines, [
        `2 1 [1] {"${w}": 1} 1`, '7', `3 [2] <fn ${w}>`, '4', '2', '7', '7', '0', '8', '9 {"x": 1}', '10', '6', '11', '12',
      ]); // prettier-ignore
    });
  }
});

const STRINGS: Readonly<Record<string, string>> = {
  'a placeholder': '${1 + 1}',
  backticks: '`${process.exit(9)}`',
  'line separators': 'a\u2028b\u2029c',
  NUL: 'a\0b',
  'the end of a comment': '*/ throw 1 /*',
  'the start of a comment': '// <!-- -->',
  'a line break and code': '\n; throw new Error("out") //',
  'carriage return': '\r\nlet x',
  quotes: `"'\`\\"\\'`,
  backslashes: '\\\\n\\u0041\\x41\\',
  'a lone high surrogate': 'a\ud800b',
  'a byte': 'a\udc80\udcffb',
  'an emoji': '👍🏽👨‍👩‍👧',
  'a script tag': '</script><script>alert(1)</script>',
  'a source map': '//# sourceMappingURL=data:application/json;base64,e30=',
  'the word undefined': 'undefined',
  'control characters': Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join(''),
  'a replacement pattern': "$& $1 $` $' $$",
};

describe('strings that mean something in JavaScript', () => {
  for (const [what, text] of Object.entries(STRINGS)) {
    test(what, async () => {
      const units = Array.from(text, (char) => char.codePointAt(0));
      const points = `[${units.join(', ')}]`;
      // As it stands where a string literal may hold it.
      const raw = /["'\\`\p{Cc}]|\$\{/u.test(text) ? literal(text) : `"${text}"`;
      const lines = await linesOf(`
/* ${text.replaceAll('*/', '')} */
// ${text.replace(/[\r\n]/g, ' ')}
fn points(s) { return s.map(fn(c) => char_code(c)) }
fn chars(s) { let out = []; for c in s { out.push(c) }; return out }
let s = ${raw}
log(points(chars(s)) == ${points})
log(points(chars(${literal(text)})) == ${points})
log(points(chars(\`\${s}\`)) == ${points}, "" + s == s, [s] == [s])
let m = {${literal(text)}: s, [s + "x"]: 1}
log(m[s] == s, keys(m)[0] == s, s in m)
log(match s { ${literal(text)} => "same", _ => "other" })
try { throw error(s, {code: s}) } catch e { log(e.message == s, e.code == s) }
`);
      assert.deepEqual(lines, ['true', 'true', 'true true true', 'true true true', 'same', 'true true']);
    });
  }

  test('in the name of the file', async () => {
    for (const name of Object.values(STRINGS)) {
      const code = `fn f() { return null.x }\ntry { f() } catch e { log(e.file == ${literal(name)}, e.stack[0].file == e.file, e.line) }`;
      assert.deepEqual(await linesOf(code, name), ['true true 1']);
    }
  });
});

describe('values of JavaScript are never seen', () => {
  test('what is missing is null', async () => {
    const lines = await linesOf(`
fn nothing() {}
fn one(a) { return a }
fn no_value() { return }
let m = {}
let x
log(nothing(), one(), no_value(), m.a, m["a"], x, [nothing()], {a: nothing()})
log(type(nothing()), type(one()), str(m.a), match 1 { 2 => 3 })
let [a, b] = [1]
let {c} = {}
log(a, b, c)
log([1, 2].map(fn(v, i, more) => more), [3].map(fn() => null), wait(spawn { 1 }) ?? "none")
let ch = channel(1)
close(ch)
log(<-ch, receive(ch))
for v in [null] { log(v) }
log(if_null(null), [nothing][0]())
fn if_null(v) { return v ?? "null" }
`);
    assert.equal(lines.join('\n').includes('undefined'), false);
    assert.equal(lines[0], 'null null null null null null [null] {"a": null}');
  });

  test('numbers of all kinds', async () => {
    const lines = await linesOf(`
log(1 / 0, -1 / 0, 0 / 0, -0, 0 * -1, 2 ** 1024, 9007199254740993, 1e21, 1e-7)
log(type(0 / 0), 0 / 0 == 0 / 0, [0 / 0] == [0 / 0], {a: 1}[1 / 0], -0 == 0)
`);
    assert.deepEqual(lines, [
      'Infinity -Infinity NaN 0 0 Infinity 9007199254740992 1e+21 1e-7',
      'number false false null true',
    ]);
  });
});

describe('names of the host', () => {
  for (const name of [
    'globalThis',
    'process',
    'require',
    'eval',
    'Function',
    'Buffer',
    'import_meta',
    'module',
    '__filename',
    'setImmediate',
    'Reflect',
    'WebAssembly',
  ]) {
    test(name, () => {
      const found = findingsIn(`log(${name})\n${name}("x")\n`);
      assert.deepEqual(
        found.filter((each) => each.severity === 'error').map((each) => each.code),
        ['unknown-name', 'unknown-name'],
      );
    });
  }

  test('names of generated code cannot be written', () => {
    for (const name of ['$add', '$self', 'b$len', '$1', '$m', 'x$w', '$main'])
      assert.notEqual(findingsIn(`log(${name})`).length, 0, name);
  });
});

// ---------------------------------------------------------------- depth and size

/** A deep recursion in each form that a call can have; each must become an error that can be caught. */
const RECURSIONS: Readonly<Record<string, string>> = {
  'a function': 'fn f(n) { return n == 0 ? 0 : 1 + f(n - 1) }',
  'a function that waits': 'fn f(n) { if n == -1 { sleep(0) }; return n == 0 ? 0 : 1 + f(n - 1) }',
  'a function that waits in every call': 'fn f(n) { sleep(0); return n == 0 ? 0 : 1 + f(n - 1) }',
  'two functions that wait in every call':
    'fn f(n) { yield_now(); return n == 0 ? 0 : 1 + g(n - 1) }\nfn g(n) { sleep(0); return f(n) }',
  'through a built-in, with waits': 'fn f(n) { sleep(0); return n == 0 ? 0 : [n].map(fn(x) => f(x - 1))[0] }',
  'a function called as a value that waits in each second call':
    'fn every(n) { if n % 2 == 0 { yield_now() }; return n == 0 ? 0 : 1 + every(n - 1) }\nlet f = [every][0]',
  'tasks that wait for each other': 'fn f(n) => n == 0 ? 0 : wait(spawn f(n - 1))',
  'two functions': 'fn f(n) => n == 0 ? 0 : g(n - 1)\nfn g(n) => n == 0 ? 0 : f(n - 1)',
  'a lambda': 'let f = fn(n) => n == 0 ? 0 : 1 + f(n - 1)',
  'a method of a map': 'let m = {f: fn(n) => n == 0 ? 0 : 1 + m.f(n - 1)}\nfn f(n) => m.f(n)',
  'through a built-in': 'fn f(n) => n == 0 ? 0 : [n].map(fn(x) => f(x - 1))[0]',
  'through sort': 'fn f(n) => n == 0 ? 0 : len([2, 1].sort(fn(a, b) => f(n - 1)))',
  'with many parameters': 'fn f(n, a = 1, b = 2, c = 3, ...rest) => n == 0 ? 0 : f(n - 1, a, b, c, ...rest)',
  'in a template': 'fn f(n) => n == 0 ? "" : `${f(n - 1)}`',
  'in a try': 'fn f(n) { try { return n == 0 ? 0 : 1 + f(n - 1) } finally { n = 0 } }',
  'in a defer': 'fn f(n) { if n > 0 { defer f(n - 1) }; return 0 }',
  'in a match': 'fn f(n) => match n { 0 => 0, v => 1 + f(v - 1) }',
};

describe('recursion 100,000 deep', () => {
  for (const [form, code] of Object.entries(RECURSIONS)) {
    test(form, async () => {
      const lines = await linesOf(`
${code}
fn attempt(n) {
  try { return "done " + type(f(n)) } catch e { return e.code }
}
log(attempt(10))
log(attempt(100000))
log(attempt(10))
`);
      assert.match(lines[0]!, /^done/);
      assert.match(lines[1]!, /^ESTACK$|^done/);
      assert.equal(lines[2], lines[0]);
    });
  }

  test('nobody catches it', async () => {
    const { program } = compileText('main.sn', 'fn f(n) { return 1 + f(n + 1) }\nf(0)\n');
    assert.ok(program !== null);
    const { execute } = await import('../lang/execute');
    const { renderError } = await import('../../src/runtime/failures');
    const ran = await execute(program);
    assert.match(renderError(ran.thrown!, PLAIN_STYLE), /^error\[ESTACK\][^]*more calls of f$/);
  });

  test('values nested 100,000 deep', async () => {
    const lines = await linesOf(`
let deep = []
for i in 1..100000 { deep = [deep] }
let other = []
for i in 1..100000 { other = [other] }
let m = {}
for i in 1..100000 { m = {m} }
fn attempt(f) { try { return type(f()) } catch e { return type(e) == "error" ? e.code : type(e) } }
log(attempt(fn() => str(deep)), attempt(fn() => deep == other), attempt(fn() => str(m)), attempt(fn() => \`\${deep}\`))
log(attempt(fn() => deep in [other]), attempt(fn() => error(deep)), attempt(fn() { throw deep }))
`);
    for (const result of lines.join(' ').split(' '))
      assert.match(result, /^(ESTACK|ETYPE|string|boolean|null|error|array)$/);
  });

  test('values that hold themselves', async () => {
    const lines = await linesOf(`
let a = [1]
a.push(a)
let b = [1]
b.push(b)
let m = {}
m.me = m
log(a, m, a == b, a in [b], m == m)
`);
    assert.deepEqual(lines, ['[1, [...]] {"me": {...}} true true true']);
  });
});

const DEPTH = 100_000;

/** Nested 100,000 deep: none may crash, hang or throw; `works` where it is no nesting at all. */
const NESTED: Readonly<Record<string, string>> = {
  parentheses: '('.repeat(DEPTH),
  'closed parentheses': `let x = ${'('.repeat(DEPTH)}1${')'.repeat(DEPTH)}`,
  brackets: `let x = ${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  'closing brackets': ']'.repeat(DEPTH),
  maps: `let x = ${'{a: '.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
  blocks: `${'{ '.repeat(DEPTH)}${'} '.repeat(DEPTH)}`,
  functions: `let x = ${'fn() => '.repeat(DEPTH)}1`,
  'functions with blocks': `${'fn f() { '.repeat(DEPTH)}${'} '.repeat(DEPTH)}`,
  calls: `let x = ${'f('.repeat(DEPTH)}${')'.repeat(DEPTH)}`,
  'calls in a row': `let x = f${'()'.repeat(DEPTH)}`,
  indexes: `let x = ${'a['.repeat(DEPTH)}1${']'.repeat(DEPTH)}`,
  'fields in a row': `let a = {}\nlet x = a${'.b'.repeat(DEPTH)}`,
  minus: `let x = ${'- '.repeat(DEPTH)}1`,
  'exclamation marks': `let x = ${'!'.repeat(DEPTH)}1`,
  receives: `let x = ${'<- '.repeat(DEPTH)}1`,
  sums: `let x = 1${' + 1'.repeat(DEPTH)}`,
  powers: `let x = 1${' ** 1'.repeat(DEPTH)}`,
  choices: `let x = ${'true ? 1 : '.repeat(DEPTH)}1`,
  'choices in the middle': `let x = ${'true ? '.repeat(DEPTH)}1`,
  'and, or': `let x = true${' && true || false'.repeat(DEPTH / 2)}`,
  comparisons: `let x = 1${' < 1'.repeat(DEPTH)}`,
  'else if': `if false {} ${'else if true {} '.repeat(DEPTH)}`,
  ifs: `${'if true { '.repeat(DEPTH)}${'} '.repeat(DEPTH)}`,
  loops: `${'while false { '.repeat(DEPTH)}${'} '.repeat(DEPTH)}`,
  matches: `let x = ${'match 1 { 1 => '.repeat(DEPTH)}1${' }'.repeat(DEPTH)}`,
  templates: `let x = ${'`${'.repeat(DEPTH)}1${'}`'.repeat(DEPTH)}`,
  patterns: `let ${'['.repeat(DEPTH)}a${']'.repeat(DEPTH)} = 1`,
  'map patterns': `let ${'{a: '.repeat(DEPTH)}b${'}'.repeat(DEPTH)} = 1`,
  'patterns of a match': `match 1 { ${'['.repeat(DEPTH)}a${']'.repeat(DEPTH)} => 1 }`,
  tries: `${'try { '.repeat(DEPTH)}${'} catch {} '.repeat(DEPTH)}`,
  spawns: `${'spawn { '.repeat(DEPTH)}${'} '.repeat(DEPTH)}`,
  spreads: `let x = ${'[...'.repeat(DEPTH)}[]${']'.repeat(DEPTH)}`,
  'comments in a row': '/**/'.repeat(DEPTH),
  'comment starts': '/*'.repeat(DEPTH),
  quotes: '"'.repeat(DEPTH),
  labels: `${'a: '.repeat(DEPTH)}for x in [] {}`,
  statements: 'let x = 1\n'.repeat(DEPTH),
  semicolons: ';'.repeat(DEPTH),
  'mixed brackets': '([{'.repeat(DEPTH / 3),
  'unknown characters': '\u{1F600}'.repeat(DEPTH),
  'unknown names': 'x1\n'.repeat(1000) + 'log(missing)\n'.repeat(DEPTH / 10),
};

describe('100,000 of everything', () => {
  for (const [what, text] of Object.entries(NESTED)) {
    test(what, () => {
      const start = performance.now();
      const { diagnostics, program } = compileText('main.sn', text);
      const rendered = renderDiagnostics(diagnostics.slice(0, 200), PLAIN_STYLE);
      assert.ok(program !== null || diagnostics.some((each) => each.severity === 'error'));
      assert.ok(
        rendered.split('\n').every((line) => line.length <= 240),
        'a line is too long',
      );
      assert.ok(performance.now() - start < 30_000, `took ${Math.round(performance.now() - start)} ms`);
    });
  }
});

const MEGABYTES = 10 * 1024 * 1024;

describe('10 MB', () => {
  test('a string', async () => {
    assert.deepEqual(await linesOf(`let s = "${'x'.repeat(MEGABYTES)}"\nlog(len(s), s[0], s[-1])`), [
      `${MEGABYTES} x x`,
    ]);
  });
  test('a string of escapes', async () => {
    assert.deepEqual(await linesOf(`let s = "${'\\n'.repeat(MEGABYTES / 2)}"\nlog(len(s))`), [`${MEGABYTES / 2}`]);
  });
  test('a template', async () => {
    assert.deepEqual(await linesOf(`let s = \`${'x\n'.repeat(MEGABYTES / 2)}\`\nlog(len(s))`), [`${MEGABYTES}`]);
  });
  test('a key', async () => {
    assert.deepEqual(await linesOf(`let m = {"${'k'.repeat(MEGABYTES)}": 1}\nlog(len(keys(m)[0]))`), [`${MEGABYTES}`]);
  });
  test('a comment', async () => {
    assert.deepEqual(await linesOf(`/* ${'x'.repeat(MEGABYTES)} */\n// ${'y'.repeat(MEGABYTES)}\nlog(1)`), ['1']);
  });
  test('an array', async () => {
    const item = `"${'x'.repeat(98)}", `;
    const count = Math.ceil(MEGABYTES / item.length);
    assert.deepEqual(await linesOf(`let a = [${item.repeat(count)}2]\nlog(len(a), a[-1])`), [`${count + 1} 2`]);
  });
  test('a number', () => {
    compileText('main.sn', `let x = ${'9'.repeat(MEGABYTES)}\nlog(x)`);
    compileText('main.sn', `let x = 0.${'0'.repeat(MEGABYTES)}1\nlog(x)`);
  });
  test('a name', async () => {
    const name = 'x'.repeat(MEGABYTES);
    assert.deepEqual(await linesOf(`let ${name} = 1\nlog(${name})`), ['1']);
    const found = findingsIn(`log(${name})`);
    assert.equal(found.length, 1);
    assert.ok(renderDiagnostics(found, PLAIN_STYLE).length < 2000);
    assert.equal(didYouMean(name, ['x'.repeat(1000)]), null);
  });
  test('text that is no program', () => {
    for (const unit of ['\0', 'a ', '\udc80', '"', '`', '#', '.. ', '\n}', '(', '0x ', '\\', '“']) {
      const start = performance.now();
      const text = unit.repeat(MEGABYTES / unit.length / 4);
      const { diagnostics } = compileText('main.sn', text);
      renderDiagnostics(diagnostics.slice(0, 200), PLAIN_STYLE);
      assert.ok(
        performance.now() - start < 30_000,
        `${JSON.stringify(unit)} took ${Math.round(performance.now() - start)} ms`,
      );
    }
  });
});

describe('text that is no program', () => {
  const units = [
    'let ', 'fn f(', 'a', '"', "'", '`', '${', '}', '{', '(', ')', '[', ']', '=', '=>', '<-', '\n', '\r\n', '\t', '\\', '/*', '*/', '//',
    '\0', '\x1b[31m', '\x9b', '\u202e', '\u200b', '\u2028', '\udc80', '\ud800', '👍', '日本', 'e\u0301', '#', '@', '0x', '1e', '..', 'import "', 'match ',
  ]; // prettier-ignore

  test('what is said about it shows nothing raw, at any width', () => {
    let said = 0;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...units), { maxLength: 40 }),
        fc.integer({ min: 1, max: 120 }),
        (parts, width) => {
          const { diagnostics } = compileText('\x1b.sn', parts.join(''));
          said += diagnostics.length;
          const text = renderDiagnostics(diagnostics, { colors: false, width });
          assert.doesNotMatch(text, /(?!\n)\p{Cc}|[\u200b\u2028\u202e]|\p{Cs}/u);
          JSON.parse(renderJson(diagnostics));
        },
      ),
      { numRuns: 1500, seed: 1 },
    );
    assert.ok(said > 1000);
  });
});
