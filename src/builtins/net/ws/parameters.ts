/** What the functions of WebSockets take, and finding what a handle stands for. */
import { peek, wasClosed } from '../../../host/net/handles';
import { byteLength } from '../../../host/text';
import { WsConnection, endedError } from '../../../host/ws/connection';
import { pastConnection } from '../../../host/ws/past-connections';
import { WsServer } from '../../../host/ws/server';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import type { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { maySendCode, MAX_REASON_BYTES, NORMAL } from '../../../wire/websocket/close-codes';
import { boolean, data, matches, option, whole } from '../../types';
import type { Type } from '../../types';

function handleType(what: string): Type<string> & { readonly convert: (value: Value) => string } {
  return {
    name: `${what} or its id`,
    takes: `a WebSocket ${what}, or its id`,
    test: "(typeof $ === 'string' || ($ instanceof MapValue && check($)))",
    check: (value) => typeof (value as MapValue).get('id') === 'string',
    convert: (value) => (typeof value === 'string' ? value : ((value as MapValue).get('id') as string)),
  };
}

export const connection = handleType('connection');
export const server = handleType('server');
export const client = handleType('client');

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const protocols: Type<string[]> = {
  name: 'array',
  takes: 'an array of subprotocol names, each once (letters, digits and - . _ ...)',
  test: 'check($)',
  check: (value) =>
    Array.isArray(value) &&
    value.every((each) => typeof each === 'string' && TOKEN.test(each)) &&
    new Set(value).size === value.length,
};

/** Those that the opening handshake sets itself. */
const OWN_HEADER = /^(?:sec-websocket-.*|connection|upgrade|host|content-length|transfer-encoding)$/i;
// eslint-disable-next-line no-control-regex -- what a field value may not hold (RFC 9110, section 5.5)
const BAD_VALUE = /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/;

export const headers: Type<Record<string, string>> & { readonly convert: (value: Value) => Record<string, string> } = {
  name: 'map',
  takes: 'a map of header names and texts without line breaks, and without those that the handshake sets itself',
  test: '($ instanceof MapValue && check($))',
  check: (value) =>
    (value as MapValue)
      .entries()
      .every(
        ([name, text]) =>
          TOKEN.test(name) && !OWN_HEADER.test(name) && typeof text === 'string' && !BAD_VALUE.test(text),
      ),
  convert: (value) => Object.fromEntries((value as MapValue).entries()) as Record<string, string>,
};

const closeCode: Type<number> = {
  name: 'number',
  takes: 'a close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999',
  test: "(typeof $ === 'number' && check($))",
  check: (value) => Number.isInteger(value) && maySendCode(value as number),
};

const closeReason: Type<string> = {
  name: 'string',
  takes: `a text of at most ${MAX_REASON_BYTES} bytes`,
  test: "(typeof $ === 'string' && check($))",
  check: (value) => {
    const text = value as string;
    return text.isWellFormed() && byteLength(text) <= MAX_REASON_BYTES;
  },
};

/** How a connection is closed. */
export const code = {
  name: 'code',
  type: closeCode,
  about: `The close code; ${NORMAL}, a normal end, where it is left out`,
  optional: true,
} as const;
export const reason = { name: 'reason', type: closeReason, about: 'For people to read', optional: true } as const;

/** A control frame carries no more (RFC 6455, section 5.5). */
const MAX_PING_BYTES = 125;

export const pingData: Type<string | readonly number[]> = {
  name: data.name,
  takes: `${data.takes}, of at most ${MAX_PING_BYTES} bytes`,
  test: 'check($)',
  check: (value) => matches(data, value) && sizeOf(value as string | readonly number[]) <= MAX_PING_BYTES,
};

function sizeOf(bytes: string | readonly number[]): number {
  return typeof bytes === 'string' ? byteLength(bytes) : bytes.length;
}

const MIB = 1024 * 1024;
/** The longest text that the runtime can make. */
const LARGEST = 512 * MIB - 64;

export const messageOptions = {
  max_message: option(whole(1, LARGEST), 'Bytes of the largest message taken; a larger one closes with 1009', 16 * MIB),
  compress: option(boolean, 'false never compresses (permessage-deflate)', true),
};

function notOne(builtin: string, handle: string, what: string, hint: string): ErrorValue {
  return fault('EBADF', `${builtin}: ${describe(handle)} is no WebSocket ${what} (EBADF)`, { function: builtin, hint });
}

/** Open or ended with messages left; undefined for one that is over. Error: EBADF for what never was one. */
export function findConnection(builtin: string, handle: string): WsConnection | undefined {
  const found = peek(handle);
  if (found instanceof WsConnection) return found;
  if (found === undefined && /^wss?:/.test(handle) && wasClosed(handle)) return undefined;
  throw notOne(builtin, handle, 'connection', 'a connection is what ws_connect and ws_server_accept give');
}

/** Error: ECLOSED as well. */
export function openConnection(builtin: string, handle: string): WsConnection {
  const found = findConnection(builtin, handle);
  if (found !== undefined) return found;
  throw endedError(builtin, handle, pastConnection(handle)?.ending ?? null);
}

/** Null for one that is stopped. */
export function findServer(builtin: string, handle: string): WsServer | null {
  const found = peek(handle);
  if (found instanceof WsServer) return found;
  if (found === undefined && /^wss?-listen:/.test(handle) && wasClosed(handle)) return null;
  throw notOne(builtin, handle, 'server', 'a server is what ws_listen gives');
}

/** Errors: ECLOSED, EBADF. */
export function openServer(builtin: string, handle: string): WsServer {
  const found = findServer(builtin, handle);
  if (found !== null) return found;
  throw fault('ECLOSED', `${builtin}: ${handle} is stopped (ECLOSED)`, { function: builtin });
}

/** A client of this server that was accepted; null for one that is over. Error: EBADF for what never was one. */
export function findClient(builtin: string, of: WsServer, handle: string): WsConnection | null {
  const found = of.client(handle);
  if (found !== undefined) return found;
  if (of.isPending(handle) || findConnection(builtin, handle) === undefined) return null;
  throw fault('EBADF', `${builtin}: ${handle} is no client of ${of.handle} (EBADF)`, { function: builtin });
}
