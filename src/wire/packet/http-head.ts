/**
 * Heads of HTTP/1 messages as they pass by (RFC 9112): lenient, since nothing is decided by them. Only the first line
 * is taken apart at once; headers are looked for where they stand when somebody asks, so a head that nobody asks about
 * costs one walk over its bytes. It is valid as long as those bytes are.
 */
import { internLatin1, latin1 } from '../bytes';

const MAX_METHOD = 20;
const MAX_TARGET = 16_384;
const SPACE = 0x20;
const COLON = 0x3a;
const LINE_END = 0x0a;
const RETURN = 0x0d;

/** The place behind the empty line that ends a head; -1 where it has not come. */
export function headEnd(bytes: Uint8Array, start: number, end: number): number {
  // An end is two line ends with or without a return between them, so every other byte is enough to meet one.
  for (let i = start; i < end; i += 2) {
    const byte = bytes[i]!;
    if (byte > RETURN) continue;
    if (byte === LINE_END) {
      if (i > start && bytes[i - 1] === LINE_END) return i + 1;
      if (i > start + 1 && bytes[i - 1] === RETURN && bytes[i - 2] === LINE_END) return i + 1;
      if (i + 1 < end && bytes[i + 1] === LINE_END) return i + 2;
      if (i + 2 < end && bytes[i + 1] === RETURN && bytes[i + 2] === LINE_END) return i + 3;
    } else if (byte === RETURN && i > start && bytes[i - 1] === LINE_END && i + 1 < end && bytes[i + 1] === LINE_END)
      return i + 2;
  }
  return -1;
}

export class HttpHead {
  private lines: readonly number[] | null = null;

  constructor(
    private readonly bytes: Uint8Array,
    /** Where the first header begins, and where the head ends. */
    private readonly from: number,
    private readonly to: number,
    /** "GET"; null for a response. */
    readonly method: string | null,
    readonly target: string,
    /** Null for a request. */
    readonly status: number | null,
    readonly reason: string,
    /** "1.1" */
    readonly version: string,
    /** Bytes up to the body. */
    readonly length: number,
  ) {}

  /** The value of the first header of this name, which is given in lower case; null without one. */
  header(name: string): string | null {
    const { bytes, to } = this;
    const lines = (this.lines ??= this.lineStarts());
    for (const at of lines) {
      let i = 0;
      while (i < name.length && (bytes[at + i]! | 0x20) === name.charCodeAt(i)) i++;
      if (i < name.length) continue;
      let colon = at + i;
      while (colon < to && bytes[colon] === SPACE) colon++;
      if (bytes[colon] === COLON && colon < to) return this.value(colon + 1);
    }
    return null;
  }

  private lineStarts(): number[] {
    const { bytes, from, to } = this;
    const starts = [from];
    for (let at = from; at < to; at++) if (bytes[at] === LINE_END) starts.push(at + 1);
    return starts;
  }

  /** From `start` to the end of the line, without the space around it. */
  private value(start: number): string {
    const { bytes, to } = this;
    let end = start;
    while (end < to && bytes[end] !== LINE_END) end++;
    let first = start;
    while (first < end && isSpace(bytes[first]!)) first++;
    while (end > first && isSpace(bytes[end - 1]!)) end--;
    return internLatin1(bytes, first, end);
  }

  /** Names in lower case, in order; a name may come more than once. */
  get headers(): readonly (readonly [name: string, value: string])[] {
    const headers: [string, string][] = [];
    for (const line of latin1(this.bytes.subarray(this.from, this.to)).split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
    }
    return headers;
  }
}

/** The head in `bytes[start..end)`, where it may be cut; null for what is none. */
export function decodeHttpHead(bytes: Uint8Array, start: number, end: number): HttpHead | null {
  const found = headEnd(bytes, start, end);
  return decodeWholeHead(bytes, start, found < 0 ? end : found);
}

/** The head in `bytes[start..limit)`, which is all of it, or with `isCut` all that there is. */
export function decodeWholeHead(bytes: Uint8Array, start: number, limit: number, isCut = false): HttpHead | null {
  let line = start;
  while (line < limit && bytes[line] !== LINE_END) line++;
  const next = Math.min(line + 1, limit);
  if (line > start && bytes[line - 1] === RETURN) line--;
  // "HTTP/" begins a response; no method has a slash there.
  return bytes[start] === 0x48 && bytes[start + 4] === 0x2f
    ? response(bytes, start, line, next, limit)
    : request(bytes, start, line, next, limit, isCut);
}

function request(
  bytes: Uint8Array,
  start: number,
  line: number,
  next: number,
  limit: number,
  isCut: boolean,
): HttpHead | null {
  let at = start;
  while (at < line && bytes[at]! >= 0x41 && bytes[at]! <= 0x5a) at++;
  const method = at;
  if (method - start < 3 || method - start > MAX_METHOD || bytes[method] !== SPACE) return null;
  at++;
  while (at < line && !isSpace(bytes[at]!)) at++;
  const target = at;
  if (target === method + 1 || target - method > MAX_TARGET || bytes[target] !== SPACE) return null;
  const hasVersion = line === target + 9 && isVersion(bytes, target + 1);
  // Cut behind the target, or in the version.
  if (!hasVersion && !(isCut && line === limit && line > target && line < target + 9)) return null;
  return new HttpHead(
    bytes,
    next,
    limit,
    internLatin1(bytes, start, method),
    internLatin1(bytes, method + 1, target),
    null,
    '',
    hasVersion ? versionText(bytes, target + 6) : '',
    limit - start,
  );
}

function response(bytes: Uint8Array, start: number, line: number, next: number, limit: number): HttpHead | null {
  if (line < start + 12 || !isVersion(bytes, start) || bytes[start + 8] !== SPACE) return null;
  let status = 0;
  for (let i = start + 9; i < start + 12; i++) {
    if (!isDigit(bytes[i]!)) return null;
    status = 10 * status + bytes[i]! - 0x30;
  }
  if (line > start + 12 && bytes[start + 12] !== SPACE) return null;
  let end = line;
  while (end > start + 13 && isSpace(bytes[end - 1]!)) end--;
  const reason = internLatin1(bytes, Math.min(start + 13, end), end);
  return new HttpHead(bytes, next, limit, null, '', status, reason, versionText(bytes, start + 5), limit - start);
}

/** "HTTP/1.1" */
function isVersion(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    isDigit(bytes[at + 5]!) &&
    bytes[at + 6] === 0x2e &&
    isDigit(bytes[at + 7]!)
  );
}

function versionText(bytes: Uint8Array, at: number): string {
  return bytes[at] === 0x31 && bytes[at + 2] === 0x31 ? '1.1' : `${bytes[at]! - 0x30}.${bytes[at + 2]! - 0x30}`;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= RETURN);
}
