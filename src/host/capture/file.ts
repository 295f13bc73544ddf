/**
 * Capture files on the disk: read piece by piece in constant memory, also compressed with gzip; written to a file
 * beside the one that is meant, which takes its place when it is complete.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import type { Value } from '../../runtime/values';
import { WireError } from '../../wire/bytes';
import { CaptureReader } from '../../wire/capture-file/reader';
import type { FileKind, PacketSink } from '../../wire/capture-file/reader';
import type { StoredPacket } from '../../wire/capture-file/writer';
import { fileHeader, packetRecord } from '../../wire/capture-file/writer';
import { node } from '../node';
import { begin } from '../permissions';
import { Progress } from '../progress';
import type { Reported } from '../reported';
import { encode } from '../text';
import { PlainPieces, UnzippedPieces } from './pieces';
import type { Pieces } from './pieces';

const PROGRESS_DELAY_MS = 500;

export interface FileRead {
  readonly reader: CaptureReader;
  /** What is wrong with the end of the file; null for nothing. */
  readonly warning: string | null;
}

/** Hands all packets of a file to `sink`. Errors: ENOENT, EACCES, EISDIR..., EBADMSG for what is no capture. */
export function* readCapture(builtin: string, path: string, sink: PacketSink, showProgress: boolean): Steps<FileRead> {
  const { size, pieces } = openFile(builtin, path);
  const reader = new CaptureReader(sink);
  const progress = showProgress
    ? new Progress({ total: size, label: node.path.basename(path), unit: 'bytes', delayMs: PROGRESS_DELAY_MS })
    : null;
  let warning: string | null = null;
  try {
    for (;;) {
      let piece: Uint8Array | null;
      try {
        piece = yield* nextPiece(builtin, path, pieces);
      } catch (error) {
        if (reader.packets === 0 || !isDamaged(error as Value)) throw error;
        warning = 'the compressed file is damaged or cut off; what came before that was read';
        break;
      }
      if (piece === null) break;
      feed(builtin, path, reader, piece);
      progress?.reach(pieces.bytesRead);
      if (reader.problem !== null) break;
    }
    finish(builtin, path, reader);
    progress?.done();
    return { reader, warning: warning ?? reader.problem };
  } finally {
    if (progress?.over === false) progress.abort();
    pieces.close();
  }
}

function isDamaged(error: Value): boolean {
  return (error as ErrorValue).code === 'EBADMSG';
}

function openFile(builtin: string, path: string): { size: number; pieces: Pieces } {
  const seen = begin(builtin, 'read', path);
  let fd: number | null = null;
  try {
    fd = node.fs.openSync(path, 'r');
    const { size } = node.fs.fstatSync(fd);
    const start = startOf(fd, seen);
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    return { size, pieces: new (isGzip ? UnzippedPieces : PlainPieces)(fd, start, seen) };
  } catch (error) {
    if (fd !== null) node.fs.closeSync(fd);
    seen.failed(error);
    seen.closed();
    throw fileError(builtin, path, error);
  }
}

/** Two bytes; fewer where it has no more. */
function startOf(fd: number, seen: Reported): Buffer {
  const start = Buffer.alloc(2);
  let length = 0;
  for (let got = 1; got > 0 && length < start.length; length += got) {
    got = node.fs.readSync(fd, start, length, start.length - length, null);
  }
  seen.received(start.subarray(0, length));
  return start.subarray(0, length);
}

function nextPiece(builtin: string, path: string, pieces: Pieces): Steps<Uint8Array | null> {
  return operation<Uint8Array | null>(`for ${path} to be read`, (succeed, fail) => {
    pieces.next().then(succeed, (error: unknown) => fail(() => fileError(builtin, path, error)));
  });
}

function feed(builtin: string, path: string, reader: CaptureReader, piece: Uint8Array): void {
  try {
    reader.feed(piece);
  } catch (error) {
    throw foreign(builtin, path, error);
  }
}

function finish(builtin: string, path: string, reader: CaptureReader): void {
  try {
    reader.finish();
  } catch (error) {
    throw foreign(builtin, path, error);
  }
}

function foreign(builtin: string, path: string, error: unknown): unknown {
  if (!(error instanceof WireError)) return error;
  return fault('EBADMSG', `${builtin}: cannot read ${path}: ${error.reason} (EBADMSG)`, {
    function: builtin,
    fields: { path },
    hint: 'it takes pcap and pcapng files, also compressed with gzip',
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

function fileError(builtin: string, path: string, error: unknown): ErrorValue {
  const given = (error as NodeJS.ErrnoException).code ?? 'EIO';
  const code = given.startsWith('Z_') ? 'EBADMSG' : /^E[A-Z]+$/.test(given) ? given : 'EIO';
  const reason = given.startsWith('Z_') ? 'the compressed data are damaged or cut off' : (WORDS[code] ?? 'it failed');
  return fault(code, `${builtin}: ${path}: ${reason} (${code})`, { function: builtin, fields: { path } });
}

/** Writes packets to a file, whole or not at all. Gives the bytes written. Errors: EACCES, ENOSPC, EISDIR... */
export function writeCapture(builtin: string, path: string, packets: Iterable<StoredPacket>): number {
  const all = [...packets];
  const linkTypes = [...new Set(all.map(({ linkType }) => linkType))];
  if (linkTypes.length === 0) linkTypes.push(1);
  const kind: FileKind = path.endsWith('.pcap') && linkTypes.length === 1 ? 'pcap' : 'pcapng';
  return replaceFile(builtin, path, (writeAll) => {
    let written = writeAll([fileHeader(kind, linkTypes)]);
    for (let from = 0; from < all.length; from += 1000) {
      const part = all.slice(from, from + 1000);
      written += writeAll(part.map((each) => packetRecord(kind, each, linkTypes.indexOf(each.linkType)))); // prettier-ignore
    }
    return written;
  });
}

/** Writes a text to a file, whole or not at all. Errors: EACCES, ENOSPC, EISDIR... */
export function writeTextFile(builtin: string, path: string, text: string): void {
  replaceFile(builtin, path, (writeAll) => writeAll([encode(text)]));
}

/** Gives the bytes written. */
type WriteAll = (parts: readonly Uint8Array[]) => number;

/** `write` fills a file beside the one that is meant, which takes its place at the end. */
function replaceFile(builtin: string, path: string, write: (writeAll: WriteAll) => number): number {
  const seen = begin(builtin, 'write', path);
  const beside = `${path}.${process.pid}.part`;
  let fd: number | null = null;
  try {
    if (node.fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw Object.assign(new Error(), { code: 'EISDIR' });
    fd = node.fs.openSync(beside, 'w', 0o600);
    const open = fd;
    const written = write((parts) => writeParts(open, parts, seen));
    node.fs.closeSync(fd);
    fd = null;
    node.fs.renameSync(beside, path);
    return written;
  } catch (error) {
    if (fd !== null) node.fs.closeSync(fd);
    node.fs.rmSync(beside, { force: true });
    seen.failed(error);
    throw fileError(builtin, path, error);
  } finally {
    seen.closed();
  }
}

function writeParts(fd: number, parts: readonly Uint8Array[], seen: Reported): number {
  const bytes = Buffer.concat(parts);
  for (let at = 0; at < bytes.length;) {
    const written = node.fs.writeSync(fd, bytes, at);
    seen.sent(bytes.subarray(at, at + written));
    at += written;
  }
  return bytes.length;
}
