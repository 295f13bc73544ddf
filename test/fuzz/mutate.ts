/** Texts that are almost programs: soups of tokens, and programs with a few changes. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

export const TOKENS = [
  'let', 'const', 'var', 'fn', 'return', 'if', 'else', 'while', 'for', 'in', 'match', 'try', 'catch', 'finally', 'throw',
  'break', 'continue', 'defer', 'spawn', 'go', 'select', 'case', 'default', 'import', 'export', 'from', 'as', 'true',
  'false', 'null', 'nil', 'a', 'b', 'x', 'len', 'log', '_', 'function', 'class', 'constructor', '__proto__', '0', '1', '42', '1.5', '0xFF',
  '"s"', "'t'", '`u`', '`${', '}`', '"\\', '(', ')', '[', ']', '{', '}', ',', ';', ':', '.', '...', '..', '?', '=>', '<-', '!', '~',
  '+', '-', '*', '/', '%', '**', '==', '!=', '<', '<=', '>', '>=', '|', '^', '&', '<<', '>>', '&&', '||', '??', '=', '+=', '??=',
  '++', '--', ':=', '===', '?.', '->', '::', '//', '/*', '*/', '\n', '\n', ' ', '\u2028', '\0', '\udc80', '😀', 'é', '#!', '\\',
]; // prettier-ignore

/** Pieces of programs, so that soups of tokens get further than the first statement. */
export const PIECES = [
  'let a = 1\n', 'fn f(a, b = 2, ...c) { return a }\n', 'for x in a { break }\n', 'match a { 1 => b, _ => { c } }\n', 'let [a, {b}] = x\n',
  'try { a } catch e { b } finally { c }\n', 'outer: while true { continue outer }\n', 'select { case v = <-a: b\ndefault: c }\n', 'spawn { a }\n',
  'a[1:2].b += 3\n', '({a, "b": 1, [c]: 2, ...d})', 'fn(x) => x', 'if a { b } else { c }\n', 'defer f()\n', 'import array\n', 'export let z = 1\n',
]; // prettier-ignore

/** The programs of test/lang. */
export const corpus = readdirSync(join(__dirname, '../lang'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.sn'))
  .flatMap((path) => readFileSync(join(__dirname, '../lang', path), 'utf8').split(/^\/\/ ====.*\n/m))
  .filter((text) => text.length < 3000);

/** A few cuts, copies and swaps at random places. */
export function mutate(text: string, data: readonly number[]): string {
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

/** Data for `mutate`: four numbers for each change. */
export function mutations(most: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(1_000_000), { minLength: 4, maxLength: 4 * most });
}
