/**
 * Times as text, by a pattern of parts: `YYYY-MM-DD HH:mm:ss`. Writing and reading share the list of parts, so that
 * what was written with a pattern that says all of a time reads as the same time.
 *
 * Years from 0 to 9999 have four digits; others a sign and six (ISO 8601, expanded).
 */
import { failureAt } from '../../data/place-in-text';
import { failure } from '../value-types';
import { momentOf, offsetAt } from '../../../host/time-zones';

/** The range of the clock: 100 million days on either side of 1970. */
export const MAX_MS = 8.64e15;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The calendar repeats, days of the week included. */
const CYCLE_YEARS = 400;
const CYCLE_MS = 146_097 * 86_400_000;

/** What the wall clock shows. */
export interface Wall {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  /** 1 is Monday, 7 Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  /** Milliseconds ahead of UTC. */
  readonly offset: number;
}

export function wallAt(time: number, zone: string): Wall {
  const offset = offsetAt(time, zone);
  // At the very ends of the clock's range the wall shows what the clock cannot hold; 400 years away it can.
  const away = time > 0 ? -1 : 1;
  const shown = new Date(time + offset + away * CYCLE_MS);
  const year = shown.getUTCFullYear() - away * CYCLE_YEARS;
  return {
    year,
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    ms: shown.getUTCMilliseconds(),
    weekday: shown.getUTCDay() === 0 ? 7 : shown.getUTCDay(),
    yearDay: Math.round((startOfDay(shown) - away * CYCLE_MS - utc(year, 1, 1)) / 86_400_000) + 1,
    offset,
  };
}

function startOfDay(date: Date): number {
  return date.getTime() - (((date.getTime() % 86_400_000) + 86_400_000) % 86_400_000);
}

/** As `Date.UTC`, which takes years 0 to 99 for those of the last century and ends where the clock does. */
function utc(year: number, month: number, day: number): number {
  const away = year > 0 ? -1 : 1;
  const date = new Date(0);
  date.setUTCFullYear(year + away * CYCLE_YEARS, month - 1, day);
  return date.getTime() - away * CYCLE_MS;
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

type Part = 'YYYY' | 'MM' | 'DD' | 'HH' | 'mm' | 'ss' | 'SSS' | 'Z' | 'ZZ' | 'MMM' | 'ddd';

const PARTS: readonly string[] = [
  'YYYY',
  'MM',
  'DD',
  'HH',
  'mm',
  'ss',
  'SSS',
  'Z',
  'ZZ',
  'MMM',
  'ddd',
] satisfies Part[];

/** A pattern taken apart: parts, and text between them. */
type Piece = { readonly part: Part } | { readonly text: string };

const MAX_KEPT_PATTERNS = 64;
const kept = new Map<string, readonly Piece[]>();

function piecesOf(builtin: string, pattern: string): readonly Piece[] {
  let pieces = kept.get(pattern);
  if (pieces === undefined) {
    pieces = takeApart(builtin, pattern);
    if (kept.size >= MAX_KEPT_PATTERNS) kept.clear();
    kept.set(pattern, pieces);
  }
  return pieces;
}

function takeApart(builtin: string, pattern: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const text = (more: string): void => {
    const last = pieces.at(-1);
    if (last !== undefined && 'text' in last) pieces[pieces.length - 1] = { text: last.text + more };
    else if (more !== '') pieces.push({ text: more });
  };
  for (const found of pattern.matchAll(/\[([^\]]*)\]|Y+|M+|D+|d+|H+|h+|m+|s+|S+|Z+/g)) {
    text(pattern.slice(at, found.index));
    at = found.index + found[0].length;
    if (found[1] !== undefined) {
      text(found[1]);
    } else if (PARTS.includes(found[0])) {
      pieces.push({ part: found[0] as Part });
    } else {
      throw failureAt(
        'EFORMAT',
        builtin,
        pattern,
        found.index,
        `'${found[0]}' in the format is no part of a time`,
        `the parts are ${PARTS.join(', ')}; other text with such letters goes into [brackets]`,
      );
    }
  }
  text(pattern.slice(at));
  return pieces;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}

function yearText(year: number): string {
  return year >= 0 && year <= 9999 ? digits(year, 4) : `${year < 0 ? '-' : '+'}${digits(Math.abs(year), 6)}`;
}

/** "Z", "+02:00"; seconds are those of local mean time. */
function offsetText(offset: number, colon: string): string {
  const seconds = Math.abs(offset) / 1000;
  const tail = seconds % 60 === 0 ? '' : colon + digits(seconds % 60, 2);
  return `${offset < 0 ? '-' : '+'}${digits(Math.floor(seconds / 3600), 2)}${colon}${digits(Math.floor(seconds / 60) % 60, 2)}${tail}`;
}

function partText(part: Part, wall: Wall): string {
  switch (part) {
    case 'YYYY':
      return yearText(wall.year);
    case 'MM':
      return digits(wall.month, 2);
    case 'MMM':
      return MONTHS[wall.month - 1]!;
    case 'DD':
      return digits(wall.day, 2);
    case 'ddd':
      return WEEKDAYS[wall.weekday - 1]!;
    case 'HH':
      return digits(wall.hour, 2);
    case 'mm':
      return digits(wall.minute, 2);
    case 'ss':
      return digits(wall.second, 2);
    case 'SSS':
      return digits(wall.ms, 3);
    case 'Z':
      return wall.offset === 0 ? 'Z' : offsetText(wall.offset, ':');
    case 'ZZ':
      return offsetText(wall.offset, '');
  }
}

export const ISO_FORMAT = 'YYYY-MM-DDTHH:mm:ss.SSSZ';

/** Errors: EFORMAT with the place in the pattern; ERANGE. */
export function formatTime(builtin: string, time: number, pattern: string, zone: string): string {
  if (!(Math.abs(time) <= MAX_MS)) throw outOfRange(builtin, time);
  const wall = wallAt(Math.floor(time), zone);
  let out = '';
  for (const piece of piecesOf(builtin, pattern)) out += 'text' in piece ? piece.text : partText(piece.part, wall);
  return out;
}

export function outOfRange(builtin: string, time: number) {
  return failure('ERANGE', builtin, `${time} ms is more than 100 million days from 1970, the most a clock can show`);
}

const READ: Readonly<Record<Part, RegExp>> = {
  YYYY: /[+-]\d{6}|\d{4}/y,
  MM: /\d\d/y,
  MMM: /[A-Za-z]{3}/y,
  DD: /\d\d/y,
  ddd: /[A-Za-z]{3}/y,
  HH: /\d\d/y,
  mm: /\d\d/y,
  ss: /\d\d/y,
  SSS: /\d{3}/y,
  Z: /Z|[+-]\d\d:?\d\d(?::?\d\d)?/y,
  ZZ: /Z|[+-]\d\d:?\d\d(?::?\d\d)?/y,
};

const EXPECTED: Readonly<Record<Part, string>> = {
  YYYY: 'a year of four digits',
  MM: 'a month of two digits',
  MMM: 'a month such as Jan',
  DD: 'a day of two digits',
  ddd: 'a day of the week such as Mon',
  HH: 'an hour of two digits',
  mm: 'minutes of two digits',
  ss: 'seconds of two digits',
  SSS: 'three digits of milliseconds',
  Z: 'Z or an offset such as +02:00',
  ZZ: 'Z or an offset such as +0200',
};

/** What was read of a time, and where it stands in the text. */
class Reading {
  year = 1970;
  month = 1;
  day = 1;
  hour = 0;
  minute = 0;
  second = 0;
  ms = 0;
  offset: number | null = null;
  private dayAt = 0;

  constructor(
    private readonly builtin: string,
    private readonly text: string,
  ) {}

  refuse(at: number, message: string) {
    return failureAt('ETIME', this.builtin, this.text, at, message);
  }

  take(part: Part, found: string, at: number): void {
    const number = (low: number, high: number, what: string): number => {
      const value = Number(found);
      if (value < low || value > high) throw this.refuse(at, `${what} goes from ${low} to ${high}, got ${found}`);
      return value;
    };
    switch (part) {
      case 'YYYY':
        this.year = Number(found);
        break;
      case 'MM':
        this.month = number(1, 12, 'the month');
        break;
      case 'MMM':
        this.month = this.name(MONTHS, found, at, 'month') + 1;
        break;
      case 'DD':
        this.day = number(1, 31, 'the day');
        this.dayAt = at;
        break;
      case 'ddd':
        this.name(WEEKDAYS, found, at, 'day of the week');
        break;
      case 'HH':
        this.hour = number(0, 24, 'the hour');
        break;
      case 'mm':
        this.minute = number(0, 59, 'the minute');
        break;
      case 'ss':
        // A leap second is the last one of its minute to all clocks that do not know of it.
        this.second = Math.min(59, number(0, 60, 'the second'));
        break;
      case 'SSS':
        this.ms = Number(found);
        break;
      case 'Z':
      case 'ZZ':
        this.offset = this.offsetOf(found, at);
        break;
    }
  }

  private name(names: readonly string[], found: string, at: number, what: string): number {
    const index = names.findIndex((each) => each.toLowerCase() === found.toLowerCase());
    if (index < 0) throw this.refuse(at, `there is no ${what} '${found}'`);
    return index;
  }

  private offsetOf(found: string, at: number): number {
    if (found === 'Z') return 0;
    const [hours, minutes, seconds = 0] = found.slice(1).replaceAll(':', '').match(/\d\d/g)!.map(Number);
    if (hours! > 23 || minutes! > 59 || seconds > 59) throw this.refuse(at, `there is no offset ${found}`);
    const total = (hours! * 3600 + minutes! * 60 + seconds) * 1000;
    return found.startsWith('-') ? -total : total;
  }

  moment(zone: string): number {
    const { year, month, day, hour, minute, second, ms } = this;
    const days = daysIn(year, month);
    if (day > days)
      throw this.refuse(this.dayAt, `${MONTHS[month - 1]} ${yearText(year)} has ${days} days, got ${day}`);
    if (hour === 24 && (minute > 0 || second > 0 || ms > 0)) {
      throw this.refuse(0, 'the hour 24 is the very end of a day: 24:00:00');
    }
    const wall = utc(year, month, day) + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    const moment = this.offset === null ? momentOf(wall, zone) : wall - this.offset;
    if (!(Math.abs(moment) <= MAX_MS)) throw this.refuse(0, 'it is more than 100 million days from 1970');
    return moment;
  }
}

/** Errors: ETIME with the place in the text, EFORMAT with the place in the pattern. */
export function parseTime(builtin: string, text: string, pattern: string, zone: string): number {
  const reading = new Reading(builtin, text);
  let at = 0;
  for (const piece of piecesOf(builtin, pattern)) {
    if ('text' in piece) {
      if (!text.startsWith(piece.text, at)) throw reading.refuse(at, `expected ${JSON.stringify(piece.text)}`);
      at += piece.text.length;
      continue;
    }
    const expression = READ[piece.part];
    expression.lastIndex = at;
    const found = expression.exec(text)?.[0];
    if (found === undefined) throw reading.refuse(at, `expected ${EXPECTED[piece.part]}`);
    reading.take(piece.part, found, at);
    at += found.length;
  }
  if (at < text.length) throw reading.refuse(at, 'the time ends here, and the text goes on');
  return reading.moment(zone);
}

/** ISO 8601 as it is met: a date, or date and time with T or a space, fractions of any length, with or without an offset. */
const ISO =
  /^(?<date>(?:[+-]\d{6}|\d{4})-\d\d-\d\d)(?:(?<between>[T ])(?<time>\d\d:\d\d)(?<seconds>:\d\d)?(?<fraction>[.,]\d{1,9})?(?<offset> ?(?:Z|[+-]\d\d:?\d\d(?::?\d\d)?))?)?$/i;

/** Errors: ETIME with the place. */
export function parseIso(builtin: string, text: string, zone: string): number {
  const found = ISO.exec(text)?.groups;
  if (found === undefined) throw notIso(builtin, text);
  const reading = new Reading(builtin, text);
  const { date, time = '', seconds = '', fraction = '', offset } = found;
  const yearLength = date!.length - 6;
  reading.take('YYYY', date!.slice(0, yearLength), 0);
  reading.take('MM', date!.slice(yearLength + 1, yearLength + 3), yearLength + 1);
  reading.take('DD', date!.slice(-2), yearLength + 4);
  let at = date!.length + 1;
  if (time !== '') {
    reading.take('HH', time.slice(0, 2), at);
    reading.take('mm', time.slice(3), at + 3);
    at += time.length;
  }
  if (seconds !== '') reading.take('ss', seconds.slice(1), at + 1);
  if (fraction !== '') reading.take('SSS', fraction.slice(1, 4).padEnd(3, '0'), at + seconds.length + 1);
  if (offset !== undefined) {
    reading.take('Z', offset.trim().toUpperCase(), at + seconds.length + fraction.length);
  }
  return reading.moment(zone);
}

/** Where the text is no such time any more. */
function notIso(builtin: string, text: string) {
  const steps: readonly [RegExp, string][] = [
    [/[+-]\d{6}|\d{4}/y, 'a year of four digits'],
    [/-/y, "'-'"],
    [/\d\d/y, 'a month of two digits'],
    [/-/y, "'-'"],
    [/\d\d/y, 'a day of two digits'],
    [/[Tt ]/y, "'T' or a space and the time"],
    [/\d\d/y, 'an hour of two digits'],
    [/:/y, "':'"],
    [/\d\d/y, 'minutes of two digits'],
    [/(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d(?::?\d\d)?))?/iy, ''],
  ];
  let at = 0;
  for (const [expression, expected] of steps) {
    expression.lastIndex = at;
    const found = expression.exec(text)?.[0];
    if (found === undefined) return failureAt('ETIME', builtin, text, at, `expected ${expected}`);
    at += found.length;
  }
  return failureAt('ETIME', builtin, text, at, 'expected seconds, an offset such as +02:00, or the end');
}
