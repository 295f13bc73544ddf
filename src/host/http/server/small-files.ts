/**
 * Small files are kept in memory, so that an answer takes one question to the system: is it still the same file? What
 * is asked for otherwise than plainly (ranges, conditions) is left to `send`, whose fields these answers have too.
 */
import type * as Fs from 'node:fs';
import type * as Http from 'node:http';
import { node } from '../../node';
import type { Reported } from '../../reported';

/** Bytes of a file that is kept. */
const MAX_FILE = 64 * 1024;
/** Bytes of all that are kept; then all of them are forgotten. */
const MAX_ALL = 16 * 1024 * 1024;

interface Kept {
  readonly stat: Fs.Stats;
  readonly content: Buffer;
  /** Names and values in turn. */
  readonly fields: readonly string[];
}

const kept = new Map<string, Kept>();
let keptBytes = 0;

/** Whether a request asks for all of a file, whatever the client has of it. */
export function asksPlainly({ method, rawHeaders }: Http.IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const first = name.charCodeAt(0) | 0x20;
    if (first === 0x69 && /^if-/i.test(name)) return false;
    if (first === 0x72 && /^range$/i.test(name)) return false;
  }
  return true;
}

/** The content and fields of a small file, which is `seen` to be read; null for what `send` is to look at. */
export function smallFile(
  path: string,
  type: (path: string) => string,
  seen: () => Reported,
  done: (found: Pick<Kept, 'content' | 'fields'> | null) => void,
): void {
  node.fs.stat(path, (error, stat) => {
    if (error !== null || !stat.isFile() || stat.size > MAX_FILE) {
      done(null);
      return;
    }
    const known = kept.get(path);
    if (known !== undefined && isSame(known.stat, stat)) done(known);
    else read(path, stat, type, seen(), done);
  });
}

function isSame(a: Fs.Stats, b: Fs.Stats): boolean {
  return a.mtimeMs === b.mtimeMs && a.size === b.size && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/** A file that was changed this short a time ago may change again without its times telling. */
const SETTLED_MS = 2000;

function read(
  path: string,
  stat: Fs.Stats,
  type: (path: string) => string,
  seen: Reported,
  done: (found: Pick<Kept, 'content' | 'fields'> | null) => void,
): void {
  node.fs.readFile(path, (error, content) => {
    if (error === null) seen.received(content);
    else seen.failed(error);
    seen.closed();
    if (error !== null || content.length !== stat.size) {
      done(null);
      return;
    }
    const fields = [
      ...['Accept-Ranges', 'bytes', 'Cache-Control', 'public, max-age=0', 'Last-Modified', stat.mtime.toUTCString()],
      ...['ETag', `W/"${stat.size.toString(16)}-${stat.mtime.getTime().toString(16)}"`, 'Content-Type', type(path)],
    ];
    const found = { stat, content, fields };
    if (Date.now() - stat.ctimeMs > SETTLED_MS) keep(path, found);
    done(found);
  });
}

function keep(path: string, found: Kept): void {
  keptBytes += found.content.length - (kept.get(path)?.content.length ?? 0);
  if (keptBytes > MAX_ALL) {
    kept.clear();
    keptBytes = found.content.length;
  }
  kept.set(path, found);
}
