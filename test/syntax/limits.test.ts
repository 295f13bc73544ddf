/** Nesting without end, long chains, huge literals: an answer, soon, and no overflow of the stack. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_HEIGHT, MAX_NESTING } from '../../src/syntax/parser-base';
import { MAX_ERRORS } from '../../src/syntax/scanner';
import { parseText } from './parsing';
import { checkNesting, everyNode } from './tree-checks';

const MANY = 100_000;

const codes = (text: string): string[] => parseText(text).diagnostics.map((found) => found.code);

const NESTED = [
  '(', '[', '{', 'x = {a: ', 'f(', 'a[', 'a[:', '!', '-x - -', '<- ', '1 ** ', 'a ? ', 'a ? b : ', 'fn() {', 'fn() => ', 'f(fn() {',
  'fn f() {', 'fn f(a = fn(b = ', 'fn f({a: ', 'if x {', 'while x {', 'for x in y {', 'for (;;) {', 'try {', 'match a { _ => ', 'match ',
  'match a { [', 'match a { {a: ', 'let [', 'let {a: ', 'let {a = {b: ', 'spawn ', 'spawn {', 'spawn f(', 'defer f(', 'select { case x = <-y: ',
  '`${', '`${f(`', 'x = {[', '[...', 'a + b * (', '(a ?? b || c && d == e < f | g ^ h & i << j .. k + l * m ** (',
  'f(x, fn(y) { return [{a: `${g(fn(z) => match z { _ => ', 'return fn() => ', 'x = if a {', 'if x if y ', 'not ', 'new ', 'lambda x: ',
  'x => ', '(x) => ', '(x, ', 'function(', 'async ', 'export default ', 'public fn ', 'unless x {', 'class A {', 'switch (x) {', 'else ',
  'let x: a<', 'let x: a<b, ', 'f(a b ', 'case ', 'import ', '{a() {', ')', ']', '}', '([', '([{',
]; // prettier-ignore

for (const part of NESTED) {
  test(`${MANY} times ${part}`, () => {
    const started = performance.now();
    const { program, diagnostics } = parseText(part.repeat(MANY));
    assert.ok(performance.now() - started < 5000, 'takes no time that grows faster than the text');
    assert.ok(diagnostics.length > 0 && diagnostics.length <= MAX_ERRORS);
    checkNesting(program, part.repeat(MANY));
  });
}

test('what is closed again is refused at the same depth', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.deepEqual(codes(nested(MAX_NESTING)), []);
  const [error, ...others] = parseText(nested(MAX_NESTING + 1)).diagnostics;
  assert.equal(error?.code, 'too-deep');
  assert.equal(error.span.start, MAX_NESTING);
  assert.deepEqual(others, []);
});

test('one error only, though the text goes on', () => {
  assert.deepEqual(codes(`${'('.repeat(MAX_NESTING + 1)}\nlet = 5\n`), ['too-deep']);
});

for (const [name, first, link, last] of [
  ['sums', '1', ' + 1', ''],
  ['calls', 'f', '()', ''],
  ['fields', 'f', '.a', ''],
  ['methods', 'f', '\n.a()', ''],
  ['else if', 'if a {}', ' else if b {}', ''],
] as const) {
  test(`a chain of ${name} has a limit`, () => {
    const chain = (links: number): string => first + link.repeat(links) + last;
    assert.deepEqual(codes(chain(MAX_HEIGHT - 10)), []);
    assert.deepEqual(codes(chain(MAX_HEIGHT + 10)), ['too-deep']);
  });
}

test('no tree is much taller than the limit, however height is put together', () => {
  for (const text of [
    `${'(a + '.repeat(390)}1${')'.repeat(390)}`,
    `${'[f(a.b('.repeat(100)}1${'))]'.repeat(100)}`,
    `${'if x { y = [fn() { '.repeat(90)}${' }] }'.repeat(90)}`,
    `x = ${'fn(a = '.repeat(190)}1${') => 1 + 1 + 1 + 1'.repeat(190)}`,
  ]) {
    const { program } = parseText(text);
    const heights = new Map<unknown, number>();
    let tallest = 0;
    everyNode(program, (node, parent) => {
      const depth = parent === null ? 0 : heights.get(parent)! + 1;
      heights.set(node, depth);
      tallest = Math.max(tallest, depth);
    });
    assert.ok(tallest <= 2 * MAX_HEIGHT, `${tallest}`);
  }
});

test('long lists have no limit', () => {
  for (const text of [
    'f(a + b)\n'.repeat(MANY),
    `x = [${'a + b, '.repeat(MANY)}]`,
    `x = {${'a: b.c(), '.repeat(MANY)}}`,
    `f(${'a(1), '.repeat(MANY)})`,
    `match v {${'1 => f(a),\n'.repeat(MANY)}}`,
    `select {${'case a <- 1: f(a)\n'.repeat(MANY)}}`,
    `fn f(${'a, '.repeat(MANY)}) {}`,
    `let [${'a, '.repeat(MANY)}] = b`,
    `import {${'a, '.repeat(MANY)}} from "b"`,
    `x = \`${'${a + b}'.repeat(MANY)}\``,
  ]) {
    assert.deepEqual(codes(text), [], text.slice(0, 40));
  }
});

test('literals, names and comments of 10 MB', () => {
  const long = 'a'.repeat(10_000_000);
  for (const text of [
    `x = "${long}"`,
    `x = \`${long}\``,
    long,
    `// ${long}`,
    `/* ${long} */`,
    `/** ${'a\n'.repeat(300_000)} */ fn f() {}`,
    `x = ${'1'.repeat(10_000_000)}`,
  ]) {
    assert.deepEqual(codes(text), [], text.slice(0, 40));
  }
  assert.deepEqual(codes(`x = "${long}`), ['unterminated-string']);
});

test('little stack left: an error, not an overflow', () => {
  const found = new Set<string>();
  const descend = (): void => {
    try {
      descend();
    } catch {
      // At the very bottom: from here on there is a little more room at each return.
    }
    for (const code of codes('x = [[[[[[f(fn() { if a { b } })]]]]]]')) found.add(code);
  };
  try {
    descend();
  } catch (error) {
    assert.ok(error instanceof RangeError);
  }
  assert.deepEqual([...found], ['too-deep']);
});
