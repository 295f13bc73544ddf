/**
 * Programs of a size or depth that nobody writes: an error that says so, or they run; never a crash, never an
 * error of JavaScript, and never longer than a moment.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileText } from '../../src/program/compile';
import { ErrorValue } from '../../src/runtime/values';
import { executeNow } from './execute';

/** What it prints; or the code of the error, found before or during the run. */
function result(text: string): string {
  const { diagnostics, program } = compileText('limits.sn', text);
  if (program === null) {
    const errors = diagnostics.filter((each) => each.severity === 'error');
    assert.ok(errors.length > 0 && errors.length < 200, `${errors.length} errors`);
    return `error ${errors[0]!.code}`;
  }
  const { output, thrown } = executeNow(program);
  if (thrown === undefined) return output.trimEnd();
  assert.ok(thrown instanceof ErrorValue, 'an error of the language');
  return `thrown ${thrown.code}`;
}

const DEEP = 100_000;

for (const [name, before, middle, after] of [
  ['round brackets', '(', '1', ')'],
  ['square brackets', '[', '', ']'],
  ['maps', '({"a": ', '1', '})'],
  ['calls', 'log(', '1', ')'],
  ['unary operators', '!', '1', ''],
  ['minus signs', '- ', '1', ''],
  ['powers', '2 ** ', '1', ''],
  ['conditionals', 'true ? 1 : ', '1', ''],
  ['function literals', 'fn() => ', '1', ''],
  ['function literals with blocks', 'fn() { return ', '1', '}'],
  ['match', 'match 1 { 1 => ', '1', '}'],
  ['templates', '`${', '1', '}`'],
  ['receives', '<- ', '1', ''],
] as const) {
  test(`${DEEP} nested ${name}`, () => {
    assert.equal(result(`let x = ${before.repeat(DEEP)}${middle}${after.repeat(DEEP)}\n`), 'error too-deep');
  });
}

for (const [name, before, after] of [
  ['blocks', '{ ', '}'],
  ['ifs', 'if true { ', '}'],
  ['loops', 'while false { ', '}'],
  ['functions', 'fn f() { ', '}'],
  ['tries', 'try { ', '} catch {}'],
  ['tasks', 'spawn { ', '}'],
  ['else ifs', 'if false {} else ', '{}'],
] as const) {
  test(`${DEEP} nested ${name}`, () => {
    const text = name === 'else ifs' ? before.repeat(DEEP) + after : before.repeat(DEEP) + after.repeat(DEEP);
    assert.equal(result(text), 'error too-deep');
  });
}

test('brackets that are never closed', () => {
  for (const bracket of ['(', '[', '{', '({', 'f(', '`${', 'fn(', 'match x {']) {
    assert.match(result(bracket.repeat(DEEP)), /^error /, bracket);
  }
});

test('brackets that were never opened', () => {
  for (const bracket of [')', ']', '}', '}`', '=>']) assert.match(result(bracket.repeat(1000)), /^error /, bracket);
});

for (const [name, first, each] of [
  ['sums', '1', ' + 1'],
  ['fields', 'x', '.a'],
  ['indexes', 'x', '[0]'],
  ['calls', 'x', '()'],
  ['methods', 'x', '.f()'],
  ['comparisons', '1', ' == 1'],
  ['ors', '1', ' || 1'],
] as const) {
  test(`a chain of ${DEEP} ${name}`, () => {
    assert.equal(result(`let x = 1\nlet y = ${first}${each.repeat(DEEP)}\n`), 'error too-deep');
  });
}

test('what stays within the limits runs', () => {
  assert.equal(result(`log(len(${'['.repeat(300)}${']'.repeat(300)}))`), '1');
  assert.equal(result(`log(${Array.from({ length: 500 }, () => '1').join(' + ')})`), '500');
  assert.equal(result(`let x = 0\n${'if true { '.repeat(100)}x = 1${'}'.repeat(100)}\nlog(x)`), '1');
  assert.equal(result(`log(${'(fn() => '.repeat(60)}1${')()'.repeat(60)})`), '1');
});

test('literals of 10 MB', () => {
  const size = 10_000_000;
  assert.equal(result(`log(len("${'x'.repeat(size)}"))`), String(size));
  assert.equal(result(`log(len(\`${'\\n'.repeat(size / 2)}\`))`), String(size / 2));
  assert.equal(result(`log(${'1'.repeat(size)})`), 'Infinity');
  assert.equal(result(`// ${'x'.repeat(size)}\nlog(1) /* ${'y'.repeat(size)} */`), '1');
  assert.match(result(`let ${'n'.repeat(size)} = 5\nlog(${'n'.repeat(size)})`), /^5$|^error /);
});

test('an array of a million elements, a program of 100,000 statements', () => {
  assert.equal(result(`log(len([${'1,'.repeat(1_000_000)}]))`), '1000000');
  assert.equal(result(`let x = 0\n${'x += 1\n'.repeat(100_000)}log(x)`), '100000');
});

test('a map of 10,000 keys, a match of 5,000 arms, a function of 1,000 parameters', () => {
  const many = (count: number, each: (i: number) => string): string =>
    Array.from({ length: count }, (_none, i) => each(i)).join(', ');
  assert.equal(result(`log(len({${many(10_000, (i) => `k${i}: ${i}`)}}))`), '10000');
  assert.equal(result(`log(match 4999 { ${many(5000, (i) => `${i} => ${i * 2}`)} })`), '9998');
  assert.equal(result(`fn f(${many(1000, (i) => `p${i}`)}) => p0 + p999\nlog(f(${many(1000, String)}))`), '999');
});

test('a call with more arguments than JavaScript takes', () => {
  assert.match(
    result('let a = 1..1000000\nfn f(...xs) => len(xs)\ntry { log(f(...a)) } catch e { log(e.code) }'),
    /^(1000000|ESTACK|ENOMEM|ERANGE)$/,
  );
  assert.match(
    result('let a = 1..1000000\ntry { log(len(push([], ...a))) } catch e { log(e.code) }'),
    /^(1000000|ESTACK|ENOMEM|ERANGE)$/,
  );
});

test('text that means something in JavaScript', () => {
  for (const text of [
    '\u2028',
    '\u2029',
    '\0',
    '*/',
    '<!--',
    '-->',
    '</script>',
    "'use strict'",
    '${x}',
    '`',
    '\\u0041',
    '\ufeff',
    '//# sourceMappingURL=x',
  ]) {
    const quoted = JSON.stringify(text).replaceAll('${', '\\u0024{');
    assert.equal(
      result(`log(${quoted} == "${text.replace(/[\\"]/g, '\\$&').replace('\0', '\\0')}", len(${quoted}))`).split(
        ' ',
      )[0],
      'true',
      quoted,
    );
    assert.match(result(`log(1) // ${text.replace(/[\r\n]/g, '')}\nlog(2)`), /^1\n2$/, quoted);
  }
});

test('recursion of every kind ends in an error that can be caught, many times over', () => {
  const kinds = [
    'fn f(n) { return f(n + 1) + 1 }',
    'fn f(n) { return [n].map(f) }',
    'fn f(n) { return {"f": f}.f(n) }',
    'fn f(n) { try { return f(n) } finally { n = 1 } }',
    'fn f(n) { defer fn() {}(); return f(n) }',
    'fn f(n) { return match n { x => f(x) } }',
    'fn f(n) { return `${f(n)}` }',
    'fn f(n) { yield_now(); return f(n) }',
    'fn f(n) { for x in [1] { f(x) } }',
    'fn f(n) { return [1, 2].sort_by(f) }',
  ];
  for (const kind of kinds) {
    assert.equal(
      result(
        `${kind}\nlet codes = []\nfor i in 1..3 { try { f(1) } catch e { push(codes, e.code) } }\nlog(join(codes, " "))`,
      ),
      'ESTACK ESTACK ESTACK',
      kind,
    );
  }
});
