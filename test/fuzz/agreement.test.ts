/**
 * Generated programs do, compiled, what the reference evaluator says: without waits, and with waits at some
 * places, where the functions concerned are compiled as generators.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkFor } from './budget';
import { compare } from './compare';
import { GeneratedProgram } from './generate-program';
import { reduce } from './reduce';

const data = fc.array(fc.nat(9999), { minLength: 60, maxLength: 900 });

const counts = { made: 0, ran: 0, refused: new Map<string, number>() };

function agrees(text: string): boolean {
  const result = compare(text);
  counts.made++;
  if (result.ran) counts.ran++;
  if (result.refused !== null) counts.refused.set(result.refused, (counts.refused.get(result.refused) ?? 0) + 1);
  return result.difference === null;
}

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

function agreement(name: string, share: number, textOf: (program: GeneratedProgram, choice: number) => string): void {
  test(name, () => {
    const texts = data.map((numbers) => textOf(new GeneratedProgram(numbers), numbers[0]!));
    const runs = checkFor(share, texts, (text) => assert.ok(agrees(text)), explain);
    assert.ok(runs > 10, `only ${runs} programs`);
    assert.ok(counts.ran > counts.made * 0.5, `only ${counts.ran} of ${counts.made} programs ran: ${[...counts.refused.keys()].slice(0, 5).join('; ')}`);
    if (process.env['SENTRA_FUZZ_SECONDS'] !== undefined) console.log(`${name}: ${runs} programs; ${counts.ran} of ${counts.made} ran so far`);
  });
}

agreement('without waits', 0.2, (program) => program.plain);
agreement('with waits everywhere', 0.1, (program) => program.waiting(() => true));
agreement('with waits at some places', 0.2, (program, choice) => program.waiting((place) => (choice * (place + 7)) % 5 === 0));
