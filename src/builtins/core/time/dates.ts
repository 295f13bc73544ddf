/** Times as text and in parts. A time is a number: milliseconds since the beginning of 1970 in UTC. */
import { isZone, zoneNames } from '../../../host/time-zones';
import { didYouMean } from '../../../diagnostics/did-you-mean';
import { MapValue } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { string } from '../../types';
import type { Type } from '../../types';
import { finite } from '../value-types';
import { formatTime, ISO_FORMAT, MAX_MS, outOfRange, parseIso, parseTime, wallAt } from './calendar';

const zone: Type<string> = {
  name: 'string',
  takes: '"UTC", "local", an offset such as "+02:00" or the name of a time zone such as "Europe/Berlin"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => isZone(value as string),
  explain: (value) => {
    const near = typeof value === 'string' ? didYouMean(value, zoneNames()) : null;
    return near === null ? null : `did you mean "${near}"?`;
  },
};

const ms = { name: 'ms', type: finite, about: 'Milliseconds since 1970, as time() gives them' } as const;

const FORMAT_DETAILS =
  'The parts are YYYY, MM, DD, HH, mm, ss, SSS (milliseconds), Z ("Z" or "+02:00"), ZZ ("+0200"), MMM (Jan) and ddd (Mon); all else stands for itself, and text with letters of those in [brackets]. Years before 0 and after 9999 have a sign and six digits.';

export const now = defineBuiltin({
  name: 'now',
  group: 'time',
  summary: 'Gives the present date and time of this place as text',
  params: [],
  gives: { type: 'string', about: 'Such as "2026-01-31 14:30:45"' },
  example: 'log(len(now()), parse_time(now()) <= time())  // expect: 19 true',
  failing: 'now("UTC")  // expect error: now',
  run: () => formatTime('now', Date.now(), 'YYYY-MM-DD HH:mm:ss', 'local'),
});

export const formatTimeBuiltin = defineBuiltin({
  name: 'format_time',
  group: 'time',
  summary: 'Writes a time as text',
  details: `${FORMAT_DETAILS}\n\nWithout a format it is ISO 8601 in UTC, which sorts as the times do.`,
  params: [
    ms,
    { name: 'format', type: string, about: 'The pattern; ISO 8601 where it is left out', optional: true },
    {
      name: 'zone',
      type: zone,
      about: 'The time zone; where it is left out "local" with a format and "UTC" without one',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The text' },
  errors: {
    EFORMAT: 'the format has a part that does not exist; the error has its place',
    ERANGE: 'the time is more than 100 million days from 1970',
  },
  aliases: ['formatTime'],
  example: `log(format_time(0))  // expect: 1970-01-01T00:00:00.000Z
log(format_time(1769869845123, "DD.MM.YYYY HH:mm [h]", "Europe/Berlin"))  // expect: 31.01.2026 15:30 h
log(format_time(1769869845123, null, "Asia/Kolkata"))  // expect: 2026-01-31T20:00:45.123+05:30`,
  failing: `format_time(0, "YYYY-MM-DD hh:mm")  // expect error: format_time: line 1, column 12: 'hh' in the format is no part of a time`,
  run: (time, format, where) =>
    formatTime('format_time', time, format ?? ISO_FORMAT, where ?? (format === null ? 'UTC' : 'local')),
});

export const parseTimeBuiltin = defineBuiltin({
  name: 'parse_time',
  group: 'time',
  summary: 'Reads a time from text',
  details: `Without a format it takes ISO 8601: a date, or a date and a time with "T" or a space between, with or without an offset. ${FORMAT_DETAILS} Parts that the format leaves out are those of the beginning of 1970.

Where the text says no offset, the zone counts. An hour that comes twice there, when clocks are set back, is the first one; one that is left out, when they are set forward, is taken as an hour later.

The error has the place as text_line and text_column, counted from 1.`,
  params: [
    { name: 'text', type: string, about: 'The text' },
    { name: 'format', type: string, about: 'Its pattern; ISO 8601 where it is left out', optional: true },
    {
      name: 'zone',
      type: zone,
      about: 'The zone of a text without an offset; "local" where it is left out',
      optional: true,
    },
  ],
  gives: { type: 'number', about: 'Milliseconds since 1970' },
  errors: {
    ETIME: 'the text is no such time, or there is no such day',
    EFORMAT: 'the format has a part that does not exist',
  },
  aliases: ['parseTime'],
  example: `log(parse_time("2026-01-31T14:30:45Z"))  // expect: 1769869845000
log(parse_time("31/Jan/2026:15:30:45 +0100", "DD/MMM/YYYY:HH:mm:ss ZZ"))  // expect: 1769869845000
log(parse_time("2026-07-01 12:00", null, "Europe/Berlin") == parse_time("2026-07-01 10:00Z"))  // expect: true`,
  failing: 'parse_time("2026-02-29")  // expect error: parse_time: line 1, column 9: Feb 2026 has 28 days, got 29',
  run: (text, format, where) =>
    format === null
      ? parseIso('parse_time', text, where ?? 'local')
      : parseTime('parse_time', text, format, where ?? 'local'),
});

export const dateParts = defineBuiltin({
  name: 'date_parts',
  group: 'time',
  summary: 'Takes a time apart into year, month, day and so on',
  params: [ms, { name: 'zone', type: zone, about: 'The time zone; "local" where it is left out', optional: true }],
  gives: {
    type: 'map',
    about:
      '{year, month (from 1), day, hour, minute, second, ms, weekday (1 is Monday, 7 Sunday), year_day (from 1), offset (minutes ahead of UTC)}',
  },
  errors: { ERANGE: 'the time is more than 100 million days from 1970' },
  example: `let d = date_parts(1769869845123, "UTC")
log(d.year, d.month, d.day, d.hour, d.weekday, d.year_day)  // expect: 2026 1 31 14 6 31`,
  failing: 'date_parts(0, "Europe/Berln")  // expect error: date_parts: zone must be "UTC", "local", an offset',
  run: (time, where) => {
    if (Math.abs(time) > MAX_MS) throw outOfRange('date_parts', time);
    const { yearDay, offset, ...wall } = wallAt(Math.floor(time), where ?? 'local');
    return MapValue.from({ ...wall, year_day: yearDay, offset: offset / 60_000 });
  },
});
