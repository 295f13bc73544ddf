/** The Retry-After field (RFC 9110, section 10.2.3): seconds, or a date. */

/** Milliseconds from now on; null where it says nothing. A moment that is over is 0. */
export function retryAfterMs(field: unknown, now: number): number | null {
  if (typeof field !== 'string') return null;
  const text = field.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // A date begins with the day of the week; anything else that JavaScript would take for one is none.
  const date = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
