/**
 * How long fuzzing takes and where it starts. In `npm test` each property gets its share of a few seconds;
 * `SENTRA_FUZZ_SECONDS` (or `npm run fuzz SECONDS`) gives more, `SENTRA_FUZZ_SEED` repeats a run.
 */
import fc from 'fast-check';

const seconds = Number(process.env['SENTRA_FUZZ_SECONDS'] ?? 12);
export const seed = Number(process.env['SENTRA_FUZZ_SEED'] ?? Date.now() % 0x7fffffff);

/**
 * Checks a property for its share of the time; the error of a failure names the seed. `explain` may make more
 * of a value that fails than fast-check's shrinking does, and takes its place.
 */
export function checkFor<T>(
  share: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => void,
  explain?: (value: T) => string,
): number {
  const details = fc.check(fc.property(values, check), {
    seed,
    numRuns: 1_000_000_000,
    interruptAfterTimeLimit: 1000 * seconds * share,
    markInterruptAsFailure: false,
    endOnFailure: explain !== undefined,
  });
  if (!details.failed) return details.numRuns;
  const repeat = `repeat with SENTRA_FUZZ_SEED=${seed} (run ${details.numRuns})`;
  if (explain !== undefined && details.counterexample !== null)
    throw new Error(`${explain(details.counterexample[0])}\n${repeat}`);
  throw new Error(`${fc.defaultReportMessage(details) ?? 'failed'}\n${repeat}`);
}
