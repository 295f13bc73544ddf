/** Whatever the text, parsing ends, throws nothing, and gives a tree whose spans are in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_ERRORS } from '../../src/syntax/scanner';
import { parseText } from './parsing';
import { checkNesting } from './tree-checks';

function check(text: string): void {
  const { program, diagnostics } = parseText(text);
  checkNesting(program, text);
  assert.ok(diagnostics.length <= MAX_ERRORS);
  let last = 0;
  for (const { span, fix, related, message } of diagnostics) {
    assert.ok(last <= span.start && span.start <= span.end && span.end <= text.length, message);
    last = span.start;
    assert.ok(
      fix === undefined || (0 <= fix.span.start && fix.span.start <= fix.span.end && fix.span.end <= text.length),
      message,
    );
    for (const other of related ?? []) assert.ok(0 <= other.span.start && other.span.end <= text.length, message);
    assert.doesNotMatch(message, /undefined|\[object/);
  }
}

const TOKENS = (
  'let const var fn return if else while for in match try catch finally throw break continue defer spawn go select import ' +
  'export true false null a b _ x from as case default timeout of not and or is function func def class switch do elif ' +
  'except lambda new await async print end then type int typeof raise del mut 1 2.5 0x 1..5 "s" \'t\' `t` `a${ }b` ` ( ) [ ] { } ( ) ' +
  '[ ] { } , , ; : . ... ? => <- ! ~ + - * / % ** == != < <= > >= | ^ & << >> .. && || ?? = += -= ??= ++ -- := === !== &&= ' +
  '?. -> :: # $ @ \\ /** */ // /* \n \n \n'
).split(' ');

const soup = fc
  .array(fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom(' ', ' ', '', '\n')), { maxLength: 60 })
  .map((parts) => parts.map(([token, space]) => token + space).join(''));

/** Pieces of right programs, which reach further into the grammar than single tokens. */
const PIECES = [
  'let x = ', 'fn f(a, b = 1) {', '}', ' => ', 'if x {', ' else ', 'for i, v in xs {', 'for (let i = 0; i < 3; i++) {', 'match v {',
  '1, 2 => ', 'n if n > 3 => ', '[x, ...rest] => ', '{"k": v} => ', '_ => ', 'select {', 'case v = <-ch: ', 'case ch <- 1: ',
  'case timeout(5): ', 'default: ', 'spawn ', 'spawn {', 'try {', '} catch (e) {', '} finally {', 'return ', 'f(', ')', '[1, ', ']', '{a: ',
  '{', 'x.y', 'x[1]', 'x[1:2]', '`a ${', '} b`', 'x', ' + ', ' ? ', ' : ', '\n', '; ', ', ', 'a.b(c)', 'export ', 'import "a" as ',
  '{ a, b as c } from "d"', '/** doc */ ', '// note\n', 'x = ', 'ch <- ', '<-ch', '-', '!', 'defer f()', 'throw ', 'outer: ', '(a, b) => ',
]; // prettier-ignore

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((parts) => parts.join(''));
const bytes = fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data).toString('latin1'));

const runs = { numRuns: 1500 };
test('random tokens', () => fc.assert(fc.property(soup, check), runs));
test('pieces of programs in any order', () => fc.assert(fc.property(pieces, check), runs));
test('random bytes', () => fc.assert(fc.property(bytes, check), runs));
test('random text of all of Unicode', () =>
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), runs));

const PROGRAM = `import math
/** Doc. */
export fn f(a, {b, c: [d] = [1]}, ...rest) {
  for (let i = 0; i < len(a); i++) { if a[i] > 2 && b { continue } else { log(\`\${a[i]} \${ {k: 1}.k }\`) } }
  match a { 1..3, "x" => b, [h, ...t] if h => { return t }, {k, ...o} => o, _ => null }
  select { case v = <-c: g(v)\n case d <- 1: g()\n case timeout(5): return\n default: break }
  try { spawn f(1) } catch (e) { throw e } finally { defer g() }
}
let x = f(1)?.y
`;

test('a program with any one character left out or doubled', () => {
  for (let at = 0; at < PROGRAM.length; at++) {
    check(PROGRAM.slice(0, at) + PROGRAM.slice(at + 1));
    check(PROGRAM.slice(0, at) + PROGRAM[at]! + PROGRAM.slice(at));
  }
});

test('a program that ends anywhere', () => {
  for (let at = 0; at <= PROGRAM.length; at++) check(PROGRAM.slice(0, at));
});

test('a program of which two parts are swapped', () => {
  const cut = fc.nat(PROGRAM.length);
  fc.assert(
    fc.property(cut, cut, cut, (a, b, c) => {
      const [x, y, z] = [a, b, c].sort((p, q) => p - q) as [number, number, number];
      check(PROGRAM.slice(0, x) + PROGRAM.slice(y, z) + PROGRAM.slice(x, y) + PROGRAM.slice(z));
    }),
    { numRuns: 500 },
  );
});
