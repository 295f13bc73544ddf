/**
 * Text by code points. A string is UTF-16 underneath, so that code points and units differ only where a text
 * has surrogate pairs; a lone surrogate (a byte from outside that was no UTF-8) is a code point of its own.
 *
 * Most texts have no pair, and then every position is the unit's. Whether a text has one is asked of a
 * pattern, which V8 answers at once for texts of one byte per unit and by a fast scan for others; for the last
 * few longer texts the answer is kept, with a table of places for those that do have pairs. So `len`, `s[i]`
 * and slices cost next to nothing in a loop over a long text, whatever it holds.
 *
 * Always: nothing here finds or cuts half of a pair.
 */

/** The most units a string can have in V8. */
export const MAX_LENGTH = 536_870_888;

/** Texts up to this are looked through each time: cheaper than remembering them. */
const SHORT = 24;
/** Texts up to this are cut by our own loop. */
const LINE = 512;
/** Texts up to this are not remembered where a look tells that they have no pair: lines, each seen once. */
const LOOKED_AT = 256;
/** Code points between two entries of a table of places. */
const STEP = 32;
/** How many longer texts are remembered. */
const REMEMBERED = 4;

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

const isHigh = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** What is known of a text. */
interface Layout {
  readonly text: string;
  /** In code points. */
  readonly length: number;
  /** The unit where every `STEP`th code point begins; null for a text without pairs. */
  readonly places: Uint32Array | null;
  /** The position last asked for and its unit: the next one is mostly near. */
  lastPosition: number;
  lastUnit: number;
}

function layout(text: string, length: number, places: Uint32Array | null): Layout {
  return { text, length, places, lastPosition: 0, lastUnit: 0 };
}

const NOTHING = layout('', 0, null);
let latest = NOTHING;
const others: Layout[] = new Array<Layout>(REMEMBERED - 1).fill(NOTHING);
let oldest = 0;

function layoutOf(text: string): Layout {
  if (text === latest.text) return latest;
  return recall(text);
}

function recall(text: string): Layout {
  for (let i = 0; i < others.length; i++) {
    const known = others[i]!;
    if (known.text === text) {
      others[i] = latest;
      return (latest = known);
    }
  }
  others[oldest] = latest;
  oldest = (oldest + 1) % others.length;
  return (latest = PAIR.test(text) ? measure(text) : layout(text, text.length, null));
}

function measure(text: string): Layout {
  const places = new Uint32Array(Math.ceil(text.length / STEP) + 1);
  let points = 0;
  for (let unit = 0; unit < text.length; points++) {
    if (points % STEP === 0) places[points / STEP] = unit;
    unit += pairAt(text, unit) ? 2 : 1;
  }
  return layout(text, points, places.slice(0, Math.ceil(points / STEP)));
}

function pairAt(text: string, unit: number): boolean {
  return isHigh(text.charCodeAt(unit)) && isLow(text.charCodeAt(unit + 1));
}

/** Whether code points and units differ. */
export function hasPairs(text: string): boolean {
  if (text.length > LOOKED_AT) return layoutOf(text).places !== null;
  if (text.length > SHORT) return PAIR.test(text);
  for (let i = 0; i < text.length - 1; i++) if (pairAt(text, i)) return true;
  return false;
}

/** In code points. */
export function length(text: string): number {
  if (text.length > LOOKED_AT) return layoutOf(text).length;
  if (text.length > SHORT) return PAIR.test(text) ? layoutOf(text).length : text.length;
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i++) if (pairAt(text, i)) pairs++;
  return text.length - pairs;
}

/** The unit where code point `position` (from 0 to the length) begins. */
function unitOf(text: string, position: number): number {
  if (!hasPairs(text)) return position;
  if (text.length <= SHORT) return walk(text, 0, position);
  const known = layoutOf(text);
  if (position >= known.length) return text.length;
  const ahead = position - known.lastPosition;
  const unit =
    ahead >= 0 && ahead < STEP
      ? walk(text, known.lastUnit, ahead)
      : walk(text, known.places![Math.floor(position / STEP)]!, position % STEP);
  known.lastPosition = position;
  known.lastUnit = unit;
  return unit;
}

/** The unit `count` code points after `unit`. */
function walk(text: string, unit: number, count: number): number {
  for (; count > 0; count--) unit += pairAt(text, unit) ? 2 : 1;
  return unit;
}

/** The position of the code point that begins at `unit`. */
function positionOf(text: string, unit: number): number {
  if (unit <= 0 || !hasPairs(text)) return unit;
  let at = 0;
  let position = 0;
  if (text.length > SHORT) {
    const places = layoutOf(text).places!;
    let low = 0;
    let high = places.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (places[middle]! <= unit) low = middle;
      else high = middle - 1;
    }
    at = places[low]!;
    position = low * STEP;
  }
  for (; at < unit; position++) at += pairAt(text, at) ? 2 : 1;
  return position;
}

/** The text that was indexed last and has no pairs. */
let plain = '';

/** As `charAt`, for loops that go through a text: told at once where the text is that of the last call. */
export function charOf(text: string, position: number): string | undefined {
  if (text === plain) {
    const char = text[position];
    if (char !== undefined) return char;
  } else if (!hasPairs(text)) {
    plain = text;
  }
  return charAt(text, position);
}

/** As `length`; see `charOf`. */
export function lengthOf(text: string): number {
  return text === plain ? text.length : length(text);
}

/** The character at a position; a negative one counts from the end. Undefined outside of the text. */
export function charAt(text: string, position: number): string | undefined {
  if (!hasPairs(text)) return text[position < 0 ? position + text.length : position];
  const count = length(text);
  const at = position < 0 ? position + count : position;
  if (at < 0 || at >= count) return undefined;
  const unit = unitOf(text, at);
  return pairAt(text, unit) ? text.slice(unit, unit + 2) : text[unit];
}

/** The code point at a position; a negative one counts from the end. Undefined outside of the text. */
export function codeAt(text: string, position: number): number | undefined {
  if (hasPairs(text)) return charAt(text, position)?.codePointAt(0);
  const code = text.charCodeAt(position < 0 ? position + text.length : position);
  return code === code ? code : undefined;
}

/** From `start` up to `end`, both cut to 0 and the length. */
export function slice(text: string, start: number, end: number): string {
  if (!hasPairs(text)) return text.slice(Math.max(0, start), Math.max(0, end));
  const count = length(text);
  const from = Math.max(0, start);
  const to = Math.min(count, end);
  return from >= to ? '' : text.slice(unitOf(text, from), unitOf(text, to));
}

/** Texts up to this are taken apart unit by unit: the engine's `split` costs much for a short text. */
const SHORT_TO_SPLIT = 128;

/** The characters as strings, one for each code point. */
export function characters(text: string): string[] {
  if (text.length > SHORT_TO_SPLIT) return hasPairs(text) ? [...text] : text.split('');
  const found: string[] = [];
  for (let i = 0; i < text.length; i++) {
    if (pairAt(text, i)) return [...text];
    found.push(text[i]!);
  }
  return found;
}

/** The character of a code point below 0x10000. */
export function charFrom(code: number): string {
  return String.fromCharCode(code);
}

/** By code point: negative, 0 or positive. */
export function compare(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    return x < 0xd800 || y < 0xd800 ? x - y : comparePointsAt(a, b, i);
  }
  return a.length - b.length;
}

/** Both differ first at unit `i`, which may be the second half of a pair in one of them. */
function comparePointsAt(a: string, b: string, i: number): number {
  const split = i > 0 && isHigh(a.charCodeAt(i - 1)) && (isLow(a.charCodeAt(i)) || isLow(b.charCodeAt(i)));
  const at = split ? i - 1 : i;
  return a.codePointAt(at)! - b.codePointAt(at)!;
}

// ---------------------------------------------------------------- searching

/** Whether a match of `part` could begin or end inside of a pair. */
function mayCutPair(part: string): boolean {
  return isLow(part.charCodeAt(0)) || isHigh(part.charCodeAt(part.length - 1));
}

function cutsPair(text: string, from: number, to: number): boolean {
  return (from > 0 && pairAt(text, from - 1)) || (to > 0 && to < text.length && pairAt(text, to - 1));
}

/** The unit where `part` stands first from unit `from` on; -1 where it does not. */
export function findUnit(text: string, part: string, from = 0): number {
  let at = text.indexOf(part, from);
  if (at < 0 || !mayCutPair(part)) return at;
  while (at >= 0 && cutsPair(text, at, at + part.length)) at = text.indexOf(part, at + 1);
  return at;
}

function findLastUnit(text: string, part: string, from: number): number {
  let at = text.lastIndexOf(part, from);
  if (at < 0 || !mayCutPair(part)) return at;
  while (at >= 0 && cutsPair(text, at, at + part.length)) at = at === 0 ? -1 : text.lastIndexOf(part, at - 1);
  return at;
}

export function contains(text: string, part: string): boolean {
  return findUnit(text, part) >= 0;
}

/** The position of the first `part` at position `from` or later; -1 where there is none. */
export function indexOf(text: string, part: string, from = 0): number {
  if (from <= 0) return positionOf(text, findUnit(text, part));
  return from > length(text) ? -1 : positionOf(text, findUnit(text, part, unitOf(text, from)));
}

/** The position of the last `part`; -1 where there is none. */
export function lastIndexOf(text: string, part: string): number {
  return positionOf(text, findLastUnit(text, part, Infinity));
}

export function startsWith(text: string, part: string): boolean {
  return text.startsWith(part) && !(mayCutPair(part) && cutsPair(text, 0, part.length));
}

export function endsWith(text: string, part: string): boolean {
  return text.endsWith(part) && !(mayCutPair(part) && cutsPair(text, text.length - part.length, text.length));
}

/** The pieces between the places where `separator` stands; its characters where it is empty. */
export function split(text: string, separator: string): string[] {
  if (separator === '') return characters(text);
  if (!mayCutPair(separator)) return text.length <= LINE ? splitLine(text, separator) : text.split(separator);
  const pieces: string[] = [];
  let from = 0;
  for (let at = findUnit(text, separator); at >= 0; at = findUnit(text, separator, from)) {
    pieces.push(text.slice(from, at));
    from = at + separator.length;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** As `text.split(separator)`, and faster for a few pieces: V8's own leaves the compiled code for each call. */
function splitLine(text: string, separator: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
    pieces.push(text.substring(from, at));
    from = at + separator.length;
  }
  pieces.push(from === 0 ? text : text.substring(from));
  return pieces;
}
