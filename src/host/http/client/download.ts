/**
 * Downloads into files: with constant memory, into `path.part` first, which takes the name of the file when it is
 * complete. What a broken download has left there is gone on with, where the server still has the same file.
 *
 * Always: under the file's name there is either what was there before or all of the new content.
 */
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { operation } from '../../../runtime/operation';
import type { Steps } from '../../../runtime/task';
import { failureOf } from '../../failure';
import { node } from '../../node';
import { begin } from '../../permissions';
import { Progress } from '../../progress';
import type { Reported } from '../../reported';
import { headerMapOfBytes } from '../header-map';
import type { HeaderMap } from '../header-map';
import type { BodyPieces } from './body-pieces';
import { piecesOf } from './consume';
import { DecodeFailure } from './decoding';
import type { Exchange } from './exchange';
import { perform } from './perform';
import type { Answer, Consumer } from './perform';
import type { Place } from './place';
import type { ClientRequest, ResponseHead } from './request';
import { decodeError } from './request-errors';

/** A bar is shown for what takes longer. */
const BAR_AFTER_MS = 500;

/** What is known of a part: of which file it is, so that it is gone on with only while that is the same. */
interface Part {
  readonly size: number;
  /** An ETag, or a date. */
  readonly validator: string;
}

export interface Downloaded {
  readonly answer: Answer;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes that were there from an earlier download. */
  readonly resumedAt: number;
}

/** Downloads to a path. Errors: those of a request, ESTATUS for an answer that is no success, ENOSPC, EACCES... */
export function* download(request: ClientRequest, path: string): Steps<Downloaded> {
  const seen = begin(request.builtin, 'write', path);
  const file = new PartFile(request.builtin, path, seen);
  try {
    return yield* transfer(request, file);
  } finally {
    seen.closed();
  }
}

function* transfer(request: ClientRequest, file: PartFile): Steps<Downloaded> {
  const part = file.begun();
  const asks: ClientRequest = {
    ...request,
    // A packed body has other places than the file.
    decompress: part === null && request.decompress,
    fields: [
      ...request.fields,
      ...(part === null
        ? []
        : ['Range', `bytes=${part.size}-`, 'If-Range', part.validator, 'Accept-Encoding', 'identity']),
    ],
  };
  const taking = new Transfer(asks, file, part);
  let answer: Answer;
  try {
    answer = yield* perform(asks, taking);
  } catch (error) {
    taking.broken();
    throw error;
  }
  const { status } = answer.head;
  if (status === 416 && part !== null) {
    // The file has become shorter than the part: all of it again.
    file.discard();
    return yield* transfer(request, file);
  }
  if (status < 200 || status > 299) throw statusError(request, answer);
  file.complete();
  taking.progress?.done();
  return { answer, size: taking.size, resumedAt: taking.resumedAt };
}

export function statusError({ builtin }: ClientRequest, { head, place }: Answer): ErrorValue {
  const text = `${head.status} ${head.statusText}`.trimEnd();
  return fault('ESTATUS', `${builtin}: ${place.shown} answers ${text} (ESTATUS)`, {
    function: builtin,
    fields: { url: place.shown, host: place.host, port: place.port, status_code: head.status },
  });
}

class Transfer implements Consumer {
  size = 0;
  resumedAt = 0;
  progress: Progress | null = null;

  constructor(
    private readonly request: ClientRequest,
    private readonly file: PartFile,
    private readonly part: Part | null,
  ) {}

  wants({ status }: ResponseHead): boolean {
    return status === 200 || status === 206;
  }

  *take(exchange: Exchange, head: ResponseHead, place: Place, startedAt: number): Steps<null> {
    const headers = headerMapOfBytes(head.raw);
    const { part, file } = this;
    const start = head.status === 206 && part !== null ? rangeStart(headers.get('Content-Range')) : 0;
    if (head.status === 206 && (part === null || start !== part.size)) {
      throw fault(
        'EPROTO',
        `${this.request.builtin}: ${place.shown} answers with another part than was asked for (EPROTO)`,
        {
          function: this.request.builtin,
        },
      );
    }
    const packed = this.request.decompress && headers.has('Content-Encoding');
    file.open(start, packed ? null : validatorOf(headers));
    this.size = this.resumedAt = start;
    const length = Number(headers.get('Content-Length') ?? NaN);
    const total = Number.isNaN(length) || packed ? null : start + length;
    const name = node.path.basename(file.path);
    this.progress = new Progress({ total, label: name, unit: 'bytes', delayMs: BAR_AFTER_MS, start });
    const pieces = piecesOf(this.request, exchange, head, place, startedAt);
    try {
      yield* this.write(pieces);
    } catch (failure) {
      if (failure instanceof DecodeFailure) throw decodeError(this.request, place, failure, startedAt);
      throw failure;
    } finally {
      pieces.stop();
      file.close();
    }
    return null;
  }

  private *write(pieces: BodyPieces): Steps<void> {
    for (let piece = yield* pieces.next(); piece !== null; piece = yield* pieces.next()) {
      yield* this.file.write(piece);
      this.size += piece.length;
      this.progress!.reach(this.size);
    }
  }

  /** What has come stays, for the next time. */
  broken(): void {
    this.progress?.abort();
    this.file.close();
  }
}

/** A file that was changed this short a time ago may have changed twice within the second that a date tells. */
const SETTLED_MS = 60_000;

/** What tells this version of a file from others (RFC 9110, section 8.8): a strong ETag, or else a date, as browsers have it. */
function validatorOf(headers: HeaderMap): string | null {
  const etag = headers.get('ETag');
  if (typeof etag === 'string' && !etag.startsWith('W/')) return etag;
  const modified = headers.get('Last-Modified');
  const now = headers.get('Date');
  if (typeof modified !== 'string' || typeof now !== 'string') return null;
  return Date.parse(now) - Date.parse(modified) >= SETTLED_MS ? modified : null;
}

function rangeStart(field: unknown): number {
  return typeof field === 'string' ? Number(/^bytes (\d+)-/.exec(field)?.[1] ?? NaN) : NaN;
}

/** The file under the name that it has until it is complete, and a note beside it of which version it is. */
class PartFile {
  private readonly part: string;
  private readonly note: string;
  private descriptor: number | null = null;

  constructor(
    private readonly builtin: string,
    readonly path: string,
    private readonly seen: Reported,
  ) {
    this.part = `${path}.part`;
    this.note = `${path}.part.version`;
  }

  /** What an earlier download left that can be gone on with. */
  begun(): Part | null {
    try {
      const { size } = node.fs.statSync(this.part);
      const note = node.fs.readFileSync(this.note);
      this.seen.received(note);
      const validator = note.toString('utf8');
      return size > 0 && /^[\x20-\x7e]{1,200}$/.test(validator) ? { size, validator } : null;
    } catch {
      return null;
    }
  }

  open(start: number, validator: string | null): void {
    this.attempt(() => {
      if (start === 0) node.fs.rmSync(this.note, { force: true });
      this.descriptor = node.fs.openSync(this.part, start === 0 ? 'w' : 'a');
      if (validator === null) return;
      this.seen.sent(validator);
      node.fs.writeFileSync(this.note, validator);
    });
  }

  write(piece: Buffer): Steps<null> {
    this.seen.sent(piece);
    return operation<null>(`to write ${this.part}`, (succeed, fail) => {
      const descriptor = this.descriptor!;
      const on = (at: number): void => {
        node.fs.write(descriptor, piece, at, piece.length - at, null, (error, written) => {
          if (error !== null) fail(() => this.failure(error));
          else if (at + written < piece.length) on(at + written);
          else succeed(null);
        });
      };
      on(0);
    });
  }

  close(): void {
    if (this.descriptor === null) return;
    node.fs.closeSync(this.descriptor);
    this.descriptor = null;
  }

  complete(): void {
    this.attempt(() => {
      node.fs.renameSync(this.part, this.path);
      node.fs.rmSync(this.note, { force: true });
    });
  }

  discard(): void {
    this.attempt(() => {
      node.fs.rmSync(this.part, { force: true });
      node.fs.rmSync(this.note, { force: true });
    });
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw this.failure(error);
    }
  }

  private failure(error: unknown): ErrorValue {
    this.seen.failed(error);
    const { code, message } = failureOf(error);
    const why = WORDS[code] ?? message;
    return fault(code, `${this.builtin}: cannot write ${this.path}: ${why} (${code})`, {
      function: this.builtin,
      fields: { path: this.path },
    });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};
