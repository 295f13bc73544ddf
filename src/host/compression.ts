/**
 * Compressing and expanding: gzip (RFC 1952), zlib and raw deflate (RFC 1950, RFC 1951), brotli (RFC 7932). Threads
 * of the system do it while other tasks go on. What expanding may give is bounded, so that a small text that grows
 * without end (a bomb) costs no more than the bound.
 */
import { fault } from '../runtime/errors';
import type { ErrorValue } from '../runtime/errors';
import { ready } from '../runtime/park';
import { operation } from '../runtime/operation';
import type { Steps } from '../runtime/task';
import { node } from './node';

export type Format = 'gzip' | 'zlib' | 'deflate' | 'brotli';

/** Less than this is compressed at once: handing it to a thread would take longer. */
const SMALL_BYTES = 4096;

/** `level`: from 0 (quick) to 9, for brotli to 11 (small). */
export function* compress(format: Format, data: Buffer, level: number): Steps<Buffer> {
  const { zlib } = node;
  const params = {
    [zlib.constants.BROTLI_PARAM_QUALITY]: level,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  };
  if (data.length < SMALL_BYTES) {
    switch (format) {
      case 'gzip':
        return yield* ready(zlib.gzipSync(data, { level }));
      case 'zlib':
        return yield* ready(zlib.deflateSync(data, { level }));
      case 'deflate':
        return yield* ready(zlib.deflateRawSync(data, { level }));
      case 'brotli':
        return yield* ready(zlib.brotliCompressSync(data, { params }));
    }
  }
  return yield* operation<Buffer>('for data to be compressed', (succeed, fail) => {
    const done = (error: Error | null, result: Buffer): void => {
      if (error === null) succeed(result);
      else fail(() => fault('ENOMEM', `the data cannot be compressed: ${error.message}`));
    };
    switch (format) {
      case 'gzip':
        return zlib.gzip(data, { level }, done);
      case 'zlib':
        return zlib.deflate(data, { level }, done);
      case 'deflate':
        return zlib.deflateRaw(data, { level }, done);
      case 'brotli':
        return zlib.brotliCompress(data, { params }, done);
    }
  });
}

/** What Node gives with `info: true`: how much of the input was used is with the engine. */
interface Expanded {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Errors: EDATA, ETRUNCATED, ETRAILING, EOVERFLOW. */
export function expand(builtin: string, format: Format, data: Buffer, maxOutputBytes: number): Steps<Buffer> {
  return operation<Buffer>('for data to be expanded', (succeed, fail) => {
    const settings = { info: true, maxOutputLength: Math.max(1, maxOutputBytes) };
    const done = (error: NodeJS.ErrnoException | null, result: Buffer): void => {
      if (error !== null) return fail(() => wordFailure(builtin, format, error, maxOutputBytes));
      // The types of Node do not know what `info` changes.
      const { buffer, engine } = result as unknown as Expanded;
      const used = engine.bytesWritten;
      if (buffer.length > maxOutputBytes) return fail(() => tooLarge(builtin, maxOutputBytes));
      // Zeros behind a gzip file are padding, which gzip itself allows.
      const padded = format === 'gzip' && data.subarray(used).every((byte) => byte === 0);
      if (used < data.length && !padded) return fail(() => trailing(builtin, data.length - used, used));
      succeed(buffer);
    };
    const { zlib } = node;
    switch (format) {
      case 'gzip':
        return zlib.gunzip(data, settings, done);
      case 'zlib':
        return zlib.inflate(data, settings, done);
      case 'deflate':
        return zlib.inflateRaw(data, settings, done);
      case 'brotli':
        return zlib.brotliDecompress(data, settings, done);
    }
  });
}

const NAMES: Readonly<Record<Format, string>> = {
  gzip: 'gzip data',
  zlib: 'deflate data (zlib)',
  deflate: 'raw deflate data',
  brotli: 'brotli data',
};

function wordFailure(builtin: string, format: Format, error: NodeJS.ErrnoException, max: number): ErrorValue {
  if (error.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(builtin, max);
  if (error.code === 'Z_BUF_ERROR') {
    return fault('ETRUNCATED', `${builtin}: the data ends too early (ETRUNCATED)`, { function: builtin });
  }
  const said = error.code?.startsWith('Z_') === true ? `: ${error.message}` : '';
  return fault('EDATA', `${builtin}: this is no ${NAMES[format]}, or it is damaged${said} (EDATA)`, {
    function: builtin,
  });
}

function tooLarge(builtin: string, max: number): ErrorValue {
  return fault('EOVERFLOW', `${builtin}: the data expands to more than the allowed ${max} bytes (EOVERFLOW)`, {
    function: builtin,
    hint: 'option "max_output" allows more; data from strangers may be made to grow without end',
  });
}

function trailing(builtin: string, count: number, at: number): ErrorValue {
  const bytes = count === 1 ? '1 byte stands' : `${count} bytes stand`;
  return fault('ETRAILING', `${builtin}: ${bytes} behind the end of the data, from byte ${at} on (ETRAILING)`, {
    function: builtin,
    fields: { at },
  });
}
