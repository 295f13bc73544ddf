/** Stands in for `performance.now()`; see quick-start.ts. */
/** Kept, since the global `process` is an accessor. */
const { hrtime } = process;

export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
