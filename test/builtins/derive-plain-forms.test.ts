/** The build derives both forms of a built-in that calls functions from one generator, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import ts from 'typescript';
import { derivePlainForms } from '../../scripts/build/derive-plain-forms';
import { GeneratorFunction, call } from '../../src/builtins/define-builtin';

const HEAD = `import { call, dual } from '../define-builtin';\n`;

/** Runs the derived file and gives what it assigns to `exports.result`. */
function derived(body: string): { plain: (...args: unknown[]) => unknown; waiting: (...args: unknown[]) => Generator } {
  const text = derivePlainForms('sample.ts', HEAD + body);
  const js = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const exports: { result?: unknown } = {};
  const require = (): unknown => ({
    GeneratorFunction,
    call,
    dual: (waiting: unknown, plain: unknown) => ({ waiting, plain }),
  });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text of this test
  const file = new Function('exports', 'require', js.outputText) as (exports: unknown, require: unknown) => void;
  file(exports, require);
  return exports.result as ReturnType<typeof derived>;
}

const DOUBLE = `export const result = dual(function* (items: number[], f: any) {
  const out = [];
  for (const [i, item] of items.entries()) out.push(yield* call(f, item, i));
  return out;
});`;

test('the plain form calls the function and is no generator', () => {
  const { plain } = derived(DOUBLE);
  assert.deepEqual(
    plain([1, 2], (x: number, i: number) => [x * 2, i]),
    [
      [2, 0],
      [4, 1],
    ],
  );
});

test('the waiting form passes on what the function yields', () => {
  const { waiting } = derived(DOUBLE);
  const steps = waiting([1], function* (x: number): Generator<string, number, number> {
    return x + (yield 'what is waited for');
  });
  assert.deepEqual(steps.next(), { value: 'what is waited for', done: false });
  assert.deepEqual(steps.next(41), { value: [42], done: true });
});

test('the waiting form takes functions that do not wait', () => {
  assert.deepEqual(
    derived(DOUBLE)
      .waiting([1, 2], (x: number) => x + 1)
      .next(),
    { value: [2, 3], done: true },
  );
});

test('generators of the same file get a plain twin, also when they call themselves', () => {
  const { plain, waiting } = derived(`
export function* walk(items: any[], f: any, depth: number): any {
  let total = 0;
  for (const item of items) total += Array.isArray(item) ? yield* walk(item, f, depth + 1) : yield* call(f, item, depth);
  return total;
}
export const result = dual(function* (items: any[], f: any) { return yield* walk(items, f, 0); });`);
  const weigh = (x: number, depth: number): number => x * 10 ** depth;
  assert.equal(plain([1, [2, [3]]], weigh), 321);
  assert.deepEqual(waiting([1, [2, [3]]], weigh).next(), { value: 321, done: true });
});

test('a file without dual stays as it is', () => {
  assert.equal(derivePlainForms('x.ts', 'export const a = 1;'), 'export const a = 1;');
});

for (const [what, body, message] of [
  ['a bare yield', 'dual(function* (f: any) { yield f; })', /sample\.ts:2:\d+: only call\(f, \.\.\.\)/],
  ['yielding something else', 'dual(function* (f: any) { return yield* f.steps(); })', /only call/],
  [
    'a generator from elsewhere',
    'dual(function* (f: any) { return yield* other(f); })',
    /other is no generator of this file/,
  ],
  ['calling an expression', 'dual(function* (o: any) { return yield* call(o.f, 1); })', /plain name/],
  [
    'a yield among the arguments',
    'dual(function* (f: any) { return yield* call(f, yield* call(f, 1)); })',
    /inside of the arguments/,
  ],
  ['a generator inside', 'dual(function* (f: any) { function* g() { yield 1; } return g; })', /no generator may stand/],
  ['something else than a generator', 'dual((f: any) => f)', /dual\(\) takes one function\*/],
] as const) {
  test(`the build refuses ${what}`, () => {
    assert.throws(() => derivePlainForms('sample.ts', HEAD + body), message);
  });
}
