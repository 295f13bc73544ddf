/**
 * Whatever the text is, it is read, checked and compiled without a JavaScript error, and what comes out is
 * JavaScript that parses: random bytes, random tokens, and programs with a few changes.
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { compileText } from '../../src/program/compile';
import { decode } from '../../src/host/text';
import { checkFor } from './budget';
import { GeneratedProgram } from './generate-program';

/** Compiles, and checks what must hold of the result whatever was compiled. */
function compiles(text: string): boolean {
  const { diagnostics, program } = compileText('fuzz.sn', text);
  for (const { span, message, code } of diagnostics) {
    assert.ok(span.start >= 0 && span.start <= span.end && span.end <= text.length, `${code}: the span ${span.start} to ${span.end}`);
    assert.ok(message.length > 0);
  }
  if (program === null) {
    assert.ok(diagnostics.some((each) => each.severity === 'error'), 'refused without an error');
    return false;
  }
  for (const { code } of program.modules) new Script(code);
  return true;
}

const TOKENS = [
  'let', 'const', 'var', 'fn', 'return', 'if', 'else', 'while', 'for', 'in', 'match', 'try', 'catch', 'finally', 'throw',
  'break', 'continue', 'defer', 'spawn', 'go', 'select', 'case', 'default', 'import', 'export', 'from', 'as', 'true',
  'false', 'null', 'nil', 'a', 'b', 'x', 'len', 'log', '_', 'function', 'class', 'constructor', '__proto__', '0', '1', '42', '1.5', '0xFF',
  '"s"', "'t'", '`u`', '`${', '}`', '"\\', '(', ')', '[', ']', '{', '}', ',', ';', ':', '.', '...', '..', '?', '=>', '<-', '!', '~',
  '+', '-', '*', '/', '%', '**', '==', '!=', '<', '<=', '>', '>=', '|', '^', '&', '<<', '>>', '&&', '||', '??', '=', '+=', '??=',
  '++', '--', ':=', '===', '?.', '->', '::', '//', '/*', '*/', '\n', '\n', ' ', '\u2028', '\0', '\udc80', '😀', 'é', '#!', '\\',
]; // prettier-ignore

/** Pieces of programs, so that soups of tokens get further than the first statement. */
const PIECES = [
  'let a = 1\n', 'fn f(a, b = 2, ...c) { return a }\n', 'for x in a { break }\n', 'match a { 1 => b, _ => { c } }\n', 'let [a, {b}] = x\n',
  'try { a } catch e { b } finally { c }\n', 'outer: while true { continue outer }\n', 'select { case v = <-a: b\ndefault: c }\n', 'spawn { a }\n',
  'a[1:2].b += 3\n', '({a, "b": 1, [c]: 2, ...d})', 'fn(x) => x', 'if a { b } else { c }\n', 'defer f()\n', 'import array\n', 'export let z = 1\n',
]; // prettier-ignore

function refusedOrCompiled(name: string, share: number, texts: fc.Arbitrary<string>): void {
  test(name, () => {
    let compiled = 0;
    const runs = checkFor(share, texts, (text) => {
      if (compiles(text)) compiled++;
    });
    assert.ok(runs > 50, `only ${runs} texts`);
    if (process.env['SENTRA_FUZZ_SECONDS'] !== undefined) console.log(`${name}: ${runs} texts, ${compiled} of them programs`);
  });
}

refusedOrCompiled('random bytes', 0.06, fc.uint8Array({ maxLength: 200 }).map((bytes) => decode(Buffer.from(bytes))));

refusedOrCompiled('random characters', 0.06, fc.string({ unit: 'binary', maxLength: 100 }));

refusedOrCompiled(
  'random tokens',
  0.12,
  fc.array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TOKENS) }, { weight: 1, arbitrary: fc.constantFrom(...PIECES) }), { maxLength: 40 })
    .map((tokens) => tokens.join(' ')),
);

const corpus = readdirSync(join(__dirname, '../lang'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.sn'))
  .flatMap((path) => readFileSync(join(__dirname, '../lang', path), 'utf8').split(/^\/\/ ====.*\n/m))
  .filter((text) => text.length < 3000);

/** A few cuts, copies and swaps at random places. */
function mutate(text: string, data: readonly number[]): string {
  let changed = text;
  for (let i = 0; i + 3 < data.length; i += 4) {
    const [kind, first, second, third] = data.slice(i, i + 4) as [number, number, number, number];
    const at = first % (changed.length + 1);
    const other = second % (changed.length + 1);
    const length = third % 20;
    switch (kind % 5) {
      case 0:
        changed = changed.slice(0, at) + changed.slice(at + length);
        break;
      case 1:
        changed = changed.slice(0, at) + changed.slice(other, other + length) + changed.slice(at);
        break;
      case 2:
        changed = changed.slice(0, at) + TOKENS[second % TOKENS.length]! + changed.slice(at + (third % 3));
        break;
      case 3:
        changed = changed.slice(0, at) + PIECES[second % PIECES.length]! + changed.slice(at);
        break;
      default:
        changed = changed.slice(0, Math.max(at, changed.length - 200));
    }
  }
  return changed;
}

const mutations = fc.array(fc.nat(1_000_000), { minLength: 4, maxLength: 24 });

refusedOrCompiled(
  'changed programs of the tests',
  0.16,
  fc.tuple(fc.constantFrom(...corpus), mutations).map(([text, data]) => mutate(text, data)),
);

refusedOrCompiled(
  'changed generated programs',
  0.1,
  fc.tuple(fc.array(fc.nat(9999), { minLength: 50, maxLength: 400 }), mutations).map(([data, changes]) =>
    mutate(new GeneratedProgram(data).waiting(() => true), changes),
  ),
);
