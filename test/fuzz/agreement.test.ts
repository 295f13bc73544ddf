/**
 * Generated programs do, compiled, what the reference evaluator says: without waits, and with waits at some
 * places, where the functions concerned are compiled as generators.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkFor } from './budget';
import { compare, helperPaths } from './compare';
import { GeneratedProgram, importing, inFunction } from './generate-program';
import { corpus, mutate, mutations } from './mutate';
import { reduce } from './reduce';

const data = fc.array(fc.nat(9999), { minLength: 100, maxLength: 2500, size: 'max' });

function differs(text: string): boolean {
  try {
    return compare(text).difference !== null;
  } catch {
    return false;
  }
}

function explain(text: string): string {
  const small = reduce(text, differs);
  const { difference } = compare(small);
  return `the program\n${small}\n--- the reference evaluator:\n${difference?.expected}\n--- compiled:\n${difference?.actual}`;
}

function agreement(name: string, share: number, texts: fc.Arbitrary<string>, leastRan = 0.5): void {
  test(name, () => {
    const counts = { made: 0, ran: 0 };
    const runs = checkFor(
      share,
      texts,
      (text) => {
        const result = compare(text);
        counts.made++;
        if (result.ran) counts.ran++;
        assert.equal(result.difference, null);
      },
      explain,
    );
    assert.ok(runs > 10, `only ${runs} programs`);
    assert.ok(counts.ran > counts.made * leastRan, `only ${counts.ran} of ${counts.made} programs ran`);
    if (process.env['SENTRA_FUZZ_SECONDS'] !== undefined)
      console.log(`${name}: ${runs} programs, ${counts.ran} of them ran`);
  });
}

const generated = data.map((numbers) => ({ program: new GeneratedProgram(numbers), choice: numbers[0]! }));

const somewhere = generated.map(({ program, choice }) => program.waiting((place) => (choice * (place + 7)) % 5 === 0));

agreement(
  'without waits',
  0.12,
  generated.map(({ program }) => program.plain),
);
agreement(
  'with waits everywhere',
  0.06,
  generated.map(({ program }) => program.waiting(() => true)),
);
agreement('with waits at some places', 0.12, somewhere);
agreement('in a function', 0.05, somewhere.map(inFunction));
agreement(
  'with imported functions',
  0.08,
  fc.tuple(somewhere, fc.constantFrom(...helperPaths)).map(([text, helpers]) => importing(text, helpers)),
);
agreement(
  'changed programs',
  0.07,
  fc.oneof(
    fc.tuple(fc.constantFrom(...corpus), mutations(3)).map(([text, changes]) => mutate(text, changes)),
    fc.tuple(generated, mutations(2)).map(([{ program, choice }, changes]) =>
      mutate(
        program.waiting((place) => place % 2 === choice % 3),
        changes,
      ),
    ),
  ),
  0.01,
);
