/** Heads of HTTP/1 messages as they pass by (RFC 9112): lenient, since nothing is decided by them. */
import { latin1 } from '../bytes';

export interface HttpHead {
  /** "GET"; null for a response. */
  readonly method: string | null;
  readonly target: string;
  /** Null for a request. */
  readonly status: number | null;
  readonly reason: string;
  /** "1.1" */
  readonly version: string;
  /** Names in lower case, in order; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes up to the body. */
  readonly length: number;
}

const REQUEST = /^([A-Z]{3,20}) (\S{1,16384}) HTTP\/(\d\.\d)\r?$/;
const RESPONSE = /^HTTP\/(\d\.\d) (\d{3})(?: (.*?))?\r?$/;

/** The place behind the empty line that ends a head; -1 where it has not come. */
export function headEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (bytes[i] !== 0x0a) continue;
    if (bytes[i + 1] === 0x0a && i + 1 < end) return i + 2;
    if (bytes[i + 1] === 0x0d && bytes[i + 2] === 0x0a && i + 2 < end) return i + 3;
  }
  return -1;
}

/** The head in `bytes[start..end)`, where it may be cut; null for what is none. */
export function decodeHttpHead(bytes: Uint8Array, start: number, end: number): HttpHead | null {
  const limit = headEnd(bytes, start, end);
  const lines = latin1(bytes.subarray(start, limit < 0 ? end : limit)).split('\n');
  const first = lines[0]!;
  const request = REQUEST.exec(first);
  const response = request === null ? RESPONSE.exec(first) : null;
  if (request === null && response === null) return null;
  const headers: [string, string][] = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }
  return {
    method: request?.[1] ?? null,
    target: request?.[2] ?? '',
    status: response === null ? null : Number(response[2]),
    reason: response?.[3]?.trimEnd() ?? '',
    version: request?.[3] ?? response![1]!,
    headers,
    length: (limit < 0 ? end : limit) - start,
  };
}

export function headerOf(head: HttpHead, name: string): string | null {
  return head.headers.find(([each]) => each === name)?.[1] ?? null;
}
