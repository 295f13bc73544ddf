/** Whatever is passed: a result that is a value of the language, or an error of the language with a code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Builtin } from '../../src/builtins/define-builtin';
import { inspect } from '../../src/runtime/values';
import { ErrorValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { assertIsValue, builtinsOf, everyKind } from './call-builtin';

/** They end or leave the process, read its input, or print into the report. */
const OUTSIDE = new Set(['exit', 'exec', 'readline', 'read_stdin', 'log', 'print', 'eprint', 'doc']);
const KINDS = everyKind().length;

function forms({ definition, checked, checkedWaiting }: Builtin): ((...args: Value[]) => unknown)[] {
  if (definition.waits !== 'with its callback') return [checked];
  return [
    checked,
    (...args) => {
      const step = (checkedWaiting(...args) as Generator).next();
      assert.equal(step.done, true);
      return step.value as unknown;
    },
  ];
}

function callWith(builtin: Builtin, choices: readonly number[]): void {
  for (const form of forms(builtin)) {
    const args = choices.map((choice) => everyKind()[choice]!);
    const shown = `${builtin.name}(${args.map(inspect).join(', ')})`;
    try {
      assertIsValue(form(...args), shown);
    } catch (error) {
      if (!(error instanceof ErrorValue)) throw new Error(`${shown} throws ${String(error)}`, { cause: error });
      assert.match(error.code, /^E[A-Z]+$/, `${shown}: ${error.message}`);
      assert.ok(
        error.message.startsWith(`${builtin.name}: `) || builtin.name === 'assert',
        `${shown}: ${error.message}`,
      );
    }
  }
}

const GROUPS = 'core string array map math json csv toml url html regex'.split(' ');

for (const builtin of builtinsOf(...GROUPS)) {
  if (OUTSIDE.has(builtin.name)) continue;
  test(`${builtin.name} takes or refuses every kind of value in every place`, () => {
    callWith(builtin, []);
    for (let a = 0; a < KINDS; a++) {
      callWith(builtin, [a]);
      if (builtin.maxArgs < 2) continue;
      for (let b = 0; b < KINDS; b++) callWith(builtin, [a, b]);
    }
    if (builtin.maxArgs < 3) return;
    const more = fc.array(fc.nat(KINDS - 1), { minLength: 3, maxLength: Math.min(6, builtin.maxArgs) });
    fc.assert(
      fc.property(more, (choices) => callWith(builtin, choices)),
      { numRuns: 300 },
    );
  });
}
