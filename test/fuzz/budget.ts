/**
 * How long fuzzing takes and where it starts. In `npm test` each property gets its share of a few seconds;
 * `SENTRA_FUZZ_SECONDS` (or `npm run fuzz SECONDS`) gives more, `SENTRA_FUZZ_SEED` repeats a run.
 */
import fc from 'fast-check';

const seconds = Number(process.env['SENTRA_FUZZ_SECONDS'] ?? 12);
export const seed = Number(process.env['SENTRA_FUZZ_SEED'] ?? Date.now() % 0x7fffffff);

/** On a machine that is busy with other things the time may be over before anything was tried. */
const LEAST_RUNS = 20;

/**
 * Checks a property for its share of the time, and `LEAST_RUNS` times at least; the error of a failure names the seed.
 * `explain` may make more of a value that fails than fast-check's shrinking does, and takes its place. Gives the
 * number of runs.
 */
export function checkFor<T>(
  share: number,
  values: fc.Arbitrary<T>,
  check: (value: T) => void,
  explain?: (value: T) => string,
): number {
  const run = (from: number, numRuns: number, limitMs: number): number => {
    const details = fc.check(fc.property(values, check), {
      seed: from,
      numRuns,
      interruptAfterTimeLimit: limitMs,
      markInterruptAsFailure: false,
      endOnFailure: explain !== undefined,
    });
    if (!details.failed) return details.numRuns;
    const repeat = `repeat with SENTRA_FUZZ_SEED=${from} (run ${details.numRuns})`;
    if (explain !== undefined && details.counterexample !== null)
      throw new Error(`${explain(details.counterexample[0])}\n${repeat}`);
    throw new Error(`${fc.defaultReportMessage(details) ?? 'failed'}\n${repeat}`);
  };
  const runs = run(seed, 1_000_000_000, 1000 * seconds * share);
  return runs < LEAST_RUNS ? runs + run(seed + 1, LEAST_RUNS - runs, Infinity) : runs;
}
