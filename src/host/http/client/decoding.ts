/**
 * Content codings (RFC 9110, section 8.4.1): gzip, deflate, br, and zstd where the runtime has it. What comes out is
 * bounded, and so is the number of codings: a small answer must not become a large one without end.
 */
import type { Transform } from 'node:stream';
import type * as Zlib from 'node:zlib';
import { operation } from '../../../runtime/operation';
import type { Steps } from '../../../runtime/task';
import { node } from '../../node';

/** Codings of one body, one over the other. */
export const MAX_CODINGS = 3;
/** Up to this size it is quicker to decode at once than to hand it to another thread. */
const SMALL = 16 * 1024;
/** What a small body becomes at most, to be decoded at once. */
const SMALL_OUTPUT = 512 * 1024;

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** Later versions of Node have it. */
type Zstd = typeof Zlib & {
  zstdDecompress?: unknown;
  createZstdDecompress?: (options?: object) => Transform;
};

/** The Accept-Encoding field. */
export function acceptedCodings(): string {
  return hasZstd() ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br';
}

let zstd: boolean | null = null;

function hasZstd(): boolean {
  return (zstd ??= typeof (node.zlib as Zstd).createZstdDecompress === 'function');
}

/** What a Content-Encoding field names, the outermost first; a text for what cannot be decoded. */
export function codingsOf(field: string): Coding[] | string {
  const names = field
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '' && each !== 'identity');
  if (names.length > MAX_CODINGS)
    return `it is encoded ${names.length} times over, more than the ${MAX_CODINGS} allowed`;
  const codings: Coding[] = [];
  for (const name of names.reverse()) {
    const coding = name.replace(/^x-/, '');
    if (coding === 'gzip' || coding === 'deflate' || coding === 'br' || (coding === 'zstd' && hasZstd()))
      codings.push(coding);
    else if (coding === 'zstd') return `its coding "zstd" takes Node 22.15 or later, and this is ${process.version}`;
    else return `its coding "${name}" is not known here`;
  }
  return codings;
}

/** Why a body cannot be decoded. */
export class DecodeFailure {
  constructor(
    readonly kind: 'bad' | 'too large',
    readonly message: string,
  ) {}
}

function failureFrom(error: Error & { code?: string }): DecodeFailure {
  return error.code === 'ERR_BUFFER_TOO_LARGE'
    ? new DecodeFailure('too large', '')
    : new DecodeFailure('bad', error.message);
}

/** Decodes a whole body. Throws a `DecodeFailure`. */
export function* decodeWhole(body: Buffer, codings: readonly Coding[], maxBytes: number): Steps<Buffer> {
  let bytes = body;
  for (const coding of codings) {
    if (bytes.length === 0) return bytes;
    const result = decodeAtOnce(bytes, coding, maxBytes) ?? (yield* decodeElsewhere(bytes, coding, maxBytes));
    if (result instanceof DecodeFailure) throw result;
    bytes = result;
  }
  return bytes;
}

/** Null where it is too much for that. */
function decodeAtOnce(bytes: Buffer, coding: Coding, maxBytes: number): Buffer | DecodeFailure | null {
  if (bytes.length > SMALL || coding === 'zstd') return null;
  const options = { maxOutputLength: Math.min(maxBytes, SMALL_OUTPUT) };
  const { zlib } = node;
  try {
    if (coding === 'br') return zlib.brotliDecompressSync(bytes, options);
    if (coding === 'gzip') return zlib.gunzipSync(bytes, options);
    return isWrapped(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
  } catch (error) {
    const failure = failureFrom(error as Error);
    return failure.kind === 'too large' && maxBytes > SMALL_OUTPUT ? null : failure;
  }
}

/** Some servers send "deflate" without the zlib header that it should have. */
function isWrapped(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x0f) === 8 && (bytes.length < 2 || ((bytes[0]! << 8) | bytes[1]!) % 31 === 0);
}

function decodeElsewhere(bytes: Buffer, coding: Coding, maxBytes: number): Steps<Buffer | DecodeFailure> {
  return operation<Buffer | DecodeFailure>('for the body to be decoded', (succeed) => {
    const decoder = new StreamDecoder([coding], bytes);
    const pieces: Buffer[] = [];
    let size = 0;
    decoder.onPiece = (piece) => {
      size += piece.length;
      if (size <= maxBytes) {
        pieces.push(piece);
        return;
      }
      decoder.stop();
      succeed(new DecodeFailure('too large', ''));
    };
    decoder.onEnd = (failure) => succeed(failure ?? Buffer.concat(pieces, size));
    decoder.end(bytes);
    return () => decoder.stop();
  });
}

/** Decodes a stream. */
export class StreamDecoder {
  onPiece: (piece: Buffer) => void = () => {};
  /** Called once; with null for success. */
  onEnd: (failure: DecodeFailure | null) => void = () => {};
  private readonly first: Transform;
  private readonly all: Transform[];
  private over = false;

  /** `beginning`: the first bytes, by which "deflate" is told from what is sent under its name. */
  constructor(codings: readonly Coding[], beginning: Uint8Array) {
    this.all = codings.map((coding) => transformOf(coding, beginning));
    this.first = this.all[0]!;
    this.all.forEach((each, i) => {
      each.on('error', (error) => this.finish(failureFrom(error)));
      const next = this.all[i + 1];
      if (next !== undefined) each.pipe(next);
    });
    const last = this.all.at(-1)!;
    last.on('data', (piece: Buffer) => {
      if (!this.over) this.onPiece(piece);
    });
    last.on('end', () => this.finish(null));
  }

  private finish(failure: DecodeFailure | null): void {
    if (this.over) return;
    this.stop();
    this.onEnd(failure);
  }

  /** Calls `done` when it has room for more. */
  write(piece: Buffer, done: () => void): void {
    this.first.write(piece, () => done());
  }

  end(piece?: Buffer): void {
    if (piece === undefined) this.first.end();
    else this.first.end(piece);
  }

  pause(): void {
    this.all.at(-1)!.pause();
  }

  resume(): void {
    this.all.at(-1)!.resume();
  }

  stop(): void {
    this.over = true;
    for (const each of this.all) each.destroy();
  }
}

function transformOf(coding: Coding, beginning: Uint8Array): Transform {
  const { zlib } = node;
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'deflate':
      return isWrapped(beginning) ? zlib.createInflate() : zlib.createInflateRaw();
    case 'zstd':
      return (zlib as Zstd).createZstdDecompress!();
  }
}
