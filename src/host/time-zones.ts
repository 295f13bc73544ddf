/**
 * What a clock on the wall shows in a time zone. The zones of the IANA database are those of the runtime (Intl); the
 * rest is arithmetic on the days of the Gregorian calendar, which is taken to hold for all years.
 */

/** Formatters are slow to make and large: the ones used last are kept. */
const MAX_KEPT_ZONES = 32;
const kept = new Map<string, Intl.DateTimeFormat>();

/** Null for a zone that does not exist. */
function formatterOf(zone: string): Intl.DateTimeFormat | null {
  let formatter = kept.get(zone);
  if (formatter === undefined) {
    try {
      formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch {
      return null;
    }
    if (kept.size >= MAX_KEPT_ZONES) kept.delete(kept.keys().next().value!);
  } else {
    kept.delete(zone);
  }
  kept.set(zone, formatter);
  return formatter;
}

/** "UTC", "local", a fixed offset such as "+02:00", or a name of the IANA database such as "Europe/Berlin". */
export function isZone(zone: string): boolean {
  return zone === 'UTC' || zone === 'local' || fixedOffset(zone) !== null || formatterOf(zone) !== null;
}

export function zoneNames(): readonly string[] {
  return ['UTC', 'local', ...Intl.supportedValuesOf('timeZone')];
}

function fixedOffset(zone: string): number | null {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (found === null || Number(found[2]) > 23 || Number(found[3]) > 59) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === '-' ? -minutes : minutes) * 60_000;
}

const MAX_MS = 8.64e15;

/** Milliseconds that the wall clock there is ahead of UTC at this moment. */
export function offsetAt(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  // Asked about a reading of the wall at the very ends of the clock's range.
  if (Math.abs(ms) > MAX_MS) return offsetAt(Math.sign(ms) * MAX_MS, zone);
  // Fractions of a minute are those of local mean time, before zones were agreed on.
  if (zone === 'local') return Math.round(-new Date(ms).getTimezoneOffset() * 60) * 1000;
  const fixed = fixedOffset(zone);
  if (fixed !== null) return fixed;
  const parts = formatterOf(zone)!.formatToParts(ms);
  const name = parts.find((part) => part.type === 'timeZoneName')!.value;
  const found = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
  if (found?.[1] === undefined) return 0;
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0);
  return (found[1] === '-' ? -seconds : seconds) * 1000;
}

/**
 * The moment at which the wall clock there shows this (`wall` is that reading as if it were UTC). A reading that
 * comes twice, when clocks are set back, is the first one; one that is left out, when they are set forward, is what
 * a clock shows that was not set: an hour later.
 */
export function momentOf(wall: number, zone: string): number {
  const DAY = 86_400_000;
  const before = offsetAt(wall - DAY, zone);
  const after = offsetAt(wall + DAY, zone);
  // The offset before a change fits the first of two readings, and is that of a clock that was not set.
  const early = wall - before;
  if (before === after || offsetAt(early, zone) === before) return early;
  const late = wall - after;
  return offsetAt(late, zone) === after ? late : early;
}
