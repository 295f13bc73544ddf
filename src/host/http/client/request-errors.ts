/**
 * What went wrong with a request, in words: how far it had come, who the peer was, how long it took. Made in the
 * task that waits, so that the stack shows the program.
 */
import type { ErrorValue } from '../../../runtime/errors';
import { fault } from '../../../runtime/errors';
import type { Value } from '../../../runtime/values';
import { formatAddress } from '../../net/address';
import { failureOf } from '../../failure';
import { networkError } from '../../net/failures';
import { ConnectFailure } from './connecting';
import type { DecodeFailure } from './decoding';
import type { ExchangeFailure } from './exchange';
import type { Place } from './place';
import type { ClientRequest, Phase } from './request';

/** What every error of a request tells. */
function fieldsOf({ host, port, shown }: Place, phase: Phase, startedAt: number): Record<string, Value> {
  return { host, port, url: shown, phase, elapsed_ms: Math.round(performance.now() - startedAt) };
}

function seconds(ms: number): string {
  const value = Math.round(ms) / 1000;
  return `${value} ${value === 1 ? 'second' : 'seconds'}`;
}

/** The error of an exchange that failed. `startedAt` is when the whole request began. */
export function exchangeError(
  request: ClientRequest,
  place: Place,
  failure: ExchangeFailure,
  startedAt: number,
): ErrorValue {
  const { builtin, timeoutMs, connectMs } = request;
  const { phase, error } = failure;
  const fields = fieldsOf(place, phase, startedAt);
  const make = (code: string, words: string, hint?: string): ErrorValue =>
    fault(code, `${builtin}: ${words} (${code})`, {
      function: builtin,
      fields,
      ...(hint === undefined ? {} : { hint }),
    });
  if (error instanceof ConnectFailure) {
    if (error.words !== null)
      return make(error.failure.code, `connection to ${formatAddress(place.host, place.port)} failed: ${error.words}`);
    return networkError({ builtin, doing: error.doing, target: error.target, fields }, error.failure);
  }
  // Newer versions of undici do not say which of the parser's errors it was.
  const code = error.code ?? (error.name === 'HTTPParserError' ? 'HPE_ERROR' : 'EIO');
  if (/^ERR_(SSL|TLS)_/.test(code)) {
    // In TLS 1.3 the server looks at the client's certificate when the client takes the handshake to be over.
    const early = phase === 'headers';
    const target = { host: place.host, port: place.port };
    const told = early ? { ...fields, phase: 'tls' } : fields;
    return networkError({ builtin, doing: early ? 'secure' : 'receive', target, fields: told }, failureOf(error));
  }
  const after = seconds(performance.now() - startedAt);
  if (code === 'ETIMEDOUT') {
    const target = { host: place.host, port: place.port };
    if (phase === 'name' || phase === 'connect' || phase === 'tls') {
      const limit = Math.min(timeoutMs, connectMs) / 1000;
      const doing = phase === 'tls' ? 'secure' : 'connect';
      if (phase === 'name')
        return make(
          'ETIMEDOUT',
          `connection to ${formatAddress(place.host, place.port)} timed out after ${seconds(limit * 1000)}: no name server has answered for '${place.host}'`,
        );
      return networkError({ builtin, doing, target, seconds: limit, fields }, { code, message: '' });
    }
    return phase === 'headers'
      ? make(
          code,
          `${place.shown} timed out after ${after}: connected, but the server has not answered`,
          'option "timeout" allows more time',
        )
      : make(
          code,
          `${place.shown} timed out after ${after}: ${bytes(failure)} of the body had come`,
          'option "timeout" allows more time',
        );
  }
  if (code === 'EOVERFLOW') {
    return make(
      code,
      `the body of ${place.shown} is larger than the ${request.maxBodyBytes} bytes allowed`,
      'option "max_body" allows more; "on_chunk" and http_download take any size',
    );
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return make('EOVERFLOW', `the head of the answer of ${place.shown} is too large`);
  }
  if (code.startsWith('HPE_')) {
    if (phase === 'body' && code === 'HPE_INVALID_EOF_STATE') return cutShort(make, place, failure);
    const what = phase === 'body' ? 'the body' : 'the answer';
    return make('EPROTO', `${what} of ${place.shown} is not valid HTTP: ${readable(error.message)}`);
  }
  if (phase === 'body') return cutShort(make, place, failure);
  if (code === 'UND_ERR_INVALID_ARG') return make('EINVAL', `the request cannot be sent: ${error.message}`);
  if (code === 'EREQUESTBODY') return make('EIO', error.message);
  return make(
    'ECONNRESET',
    `${formatAddress(place.host, place.port)} closed the connection after ${after} without an answer`,
  );
}

function cutShort(
  make: (code: string, words: string) => ErrorValue,
  place: Place,
  failure: ExchangeFailure,
): ErrorValue {
  return make(
    'ECONNRESET',
    `the body of ${place.shown} is cut short: ${bytes(failure)} had come when the connection ended`,
  );
}

function bytes({ received, expected }: ExchangeFailure): string {
  if (expected !== null) return `${received} of ${expected} bytes`;
  return received === 1 ? '1 byte' : `${received} bytes`;
}

/** What the parser says, without its own name for it. */
function readable(message: string): string {
  return (
    message.replace(/^Response does not match the HTTP\/1\.1 protocol\s*\(?/i, '').replace(/\)$/, '') ||
    'a line that is none of the protocol'
  );
}

/** A body that cannot be decoded. */
export function decodeError(
  request: ClientRequest,
  place: Place,
  failure: DecodeFailure | string,
  startedAt: number,
): ErrorValue {
  const { builtin } = request;
  const fields = fieldsOf(place, 'body', startedAt);
  if (typeof failure !== 'string' && failure.kind === 'too large') {
    return fault(
      'EOVERFLOW',
      `${builtin}: the body of ${place.shown} is larger than the ${request.maxBodyBytes} bytes allowed, once it is unpacked (EOVERFLOW)`,
      { function: builtin, fields, hint: 'option "max_body" allows more' },
    );
  }
  const why = typeof failure === 'string' ? failure : failure.message;
  return fault('EENCODING', `${builtin}: the body of ${place.shown} cannot be unpacked: ${why} (EENCODING)`, {
    function: builtin,
    fields,
    hint: 'with option "decompress": false the body is given as it is',
  });
}

export function redirectError(
  request: ClientRequest,
  place: Place,
  why: string,
  startedAt: number,
  hint?: string,
): ErrorValue {
  const { builtin } = request;
  return fault('EREDIRECT', `${builtin}: ${place.shown}: ${why} (EREDIRECT)`, {
    function: builtin,
    fields: fieldsOf(place, 'headers', startedAt),
    ...(hint === undefined ? {} : { hint }),
  });
}
