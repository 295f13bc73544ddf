/**
 * Whatever the text is, it is read, checked and compiled without a JavaScript error, and what comes out is
 * JavaScript that parses: random bytes, random tokens, and programs with a few changes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Script } from 'node:vm';
import fc from 'fast-check';
import { compileText } from '../../src/program/compile';
import { decode } from '../../src/host/text';
import { checkFor } from './budget';
import { GeneratedProgram } from './generate-program';
import { PIECES, TOKENS, corpus, mutate, mutations } from './mutate';

/** Compiles, and checks what must hold of the result whatever was compiled. */
function compiles(text: string): boolean {
  const { diagnostics, program } = compileText('fuzz.sn', text);
  for (const { span, message, code } of diagnostics) {
    assert.ok(
      span.start >= 0 && span.start <= span.end && span.end <= text.length,
      `${code}: the span ${span.start} to ${span.end}`,
    );
    assert.ok(message.length > 0);
  }
  if (program === null) {
    assert.ok(
      diagnostics.some((each) => each.severity === 'error'),
      'refused without an error',
    );
    return false;
  }
  for (const { code } of program.modules) new Script(code);
  return true;
}

function refusedOrCompiled(name: string, share: number, texts: fc.Arbitrary<string>): void {
  test(name, () => {
    let compiled = 0;
    const runs = checkFor(share, texts, (text) => {
      if (compiles(text)) compiled++;
    });
    assert.ok(runs > 50, `only ${runs} texts`);
    if (process.env['SENTRA_FUZZ_SECONDS'] !== undefined)
      console.log(`${name}: ${runs} texts, ${compiled} of them programs`);
  });
}

refusedOrCompiled(
  'random bytes',
  0.06,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => decode(Buffer.from(bytes))),
);

refusedOrCompiled('random characters', 0.06, fc.string({ unit: 'binary', maxLength: 100 }));

refusedOrCompiled(
  'random tokens',
  0.12,
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...TOKENS) },
        { weight: 1, arbitrary: fc.constantFrom(...PIECES) },
      ),
      { maxLength: 40 },
    )
    .map((tokens) => tokens.join(' ')),
);

refusedOrCompiled(
  'changed programs of the tests',
  0.16,
  fc.tuple(fc.constantFrom(...corpus), mutations(6)).map(([text, data]) => mutate(text, data)),
);

refusedOrCompiled(
  'changed generated programs',
  0.1,
  fc.tuple(fc.array(fc.nat(9999), { minLength: 50, maxLength: 400 }), mutations(2)).map(([data, changes]) =>
    mutate(
      new GeneratedProgram(data).waiting(() => true),
      changes,
    ),
  ),
);
