/** A WebSocket connection: connect, send, receive, ping, close. Also for the clients of a server. */
import { connectWs } from '../../../host/ws/client';
import { textOf } from '../../../host/ws/connection';
import type { WsConnection } from '../../../host/ws/connection';
import type { Message } from '../../../host/ws/waits';
import { pastConnection } from '../../../host/ws/past-connections';
import { fault } from '../../../runtime/errors';
import { readyNull } from '../../../runtime/park';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { NORMAL } from '../../../wire/websocket/close-codes';
import { defineBuiltin } from '../../define-builtin';
import { data, option, options, seconds, string } from '../../types';
import { clientTls, CONNECT_SECONDS, timeout, toMs } from '../socket/parameters';
import {
  code,
  connection,
  findConnection,
  headers,
  messageOptions,
  openConnection,
  pingData,
  protocols,
  reason,
} from './parameters';

const { alpn: _alpn, ...tls } = clientTls;

const connectOptions = options({
  headers: option(headers, 'Headers of the opening request'),
  protocols: option(protocols, 'Subprotocols, the preferred one first; the server has to choose one of them', []),
  timeout: option(seconds, 'Seconds to wait at most for the connection and the handshake together', CONNECT_SECONDS),
  ...messageOptions,
  ...tls,
});

const conn = { name: 'conn', type: connection, about: 'What ws_connect or ws_server_accept gave, or its id' } as const;

/** As the program sees it where it is opened. */
function connectionMap(it: WsConnection, url: string): MapValue {
  return MapValue.from({ id: it.handle, url, protocol: it.subprotocol, connected: true });
}

export const wsConnect = defineBuiltin({
  name: 'ws_connect',
  group: 'ws',
  summary: 'Connects to a WebSocket server',
  details:
    'The address is ws://host[:port]/path, or wss:// for TLS. Certificates are verified as everywhere; the options of TLS are those of socket_create. A redirect is not followed: the error says where to.',
  params: [
    { name: 'url', type: string, about: 'Where to' },
    { name: 'options', type: connectOptions, about: 'See below', optional: true },
  ],
  gives: {
    type: 'map',
    about: '`id`, `url`, `protocol` (the subprotocol that was agreed on, "" for none) and `connected` (true)',
  },
  errors: {
    EHANDSHAKE: 'the server refuses: `status` is the HTTP status; or its answer is against the protocol',
    ECONNREFUSED: 'nothing is listening there',
    ENOTFOUND: 'there is no such host',
    ETIMEDOUT: 'no answer in time',
    ECERT: 'the certificate of the server is not good: `reason` says why',
    EPROTO: 'the answer is no HTTP, or no TLS',
    EURL: 'the address is none of a WebSocket',
  },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
log(conn.connected)  // expect: true
ws_close(conn)`,
  failing: `ws_connect("ftp://127.0.0.1/")  // expect error: ws_connect: url must begin with ws:// or wss://`,
  waits: true,
  *run(address, given): Steps<MapValue> {
    const url = parseAddress('ws_connect', address);
    const it = yield* connectWs('ws_connect', url, { ...given, headers: given.headers ?? {}, alpn: ['http/1.1'] });
    return connectionMap(it, url.href);
  },
});

function parseAddress(builtin: string, address: string): URL {
  const refuse = (why: string) =>
    fault('EURL', `${builtin}: url ${why}, got "${address}" (EURL)`, { function: builtin });
  if (!/^(?:wss?|https?):\/\//i.test(address)) throw refuse('must begin with ws:// or wss://');
  const url = parseUrl(address);
  if (url === null) throw refuse('must be the address of a WebSocket server, such as ws://host:8080/path');
  if (url.hash !== '') throw refuse('may have no fragment (#...)');
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

export const wsSend = defineBuiltin({
  name: 'ws_send',
  group: 'ws',
  summary: 'Sends a text message',
  details: 'Waits while the other side does not read and more than 64 KiB are on their way.',
  params: [conn, { name: 'text', type: string, about: 'The message: text that is UTF-8' }],
  gives: { type: 'boolean', about: 'true' },
  errors: {
    ECLOSED: 'the connection is closed: `close_code` and `close_reason` say how',
    EVALUE: 'the text holds bytes that are no UTF-8',
  },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
log(ws_send(conn, "hello"))  // expect: true
log(ws_receive(client))  // expect: hello
ws_close(conn)`,
  failing: `ws_send("radio", "over")  // expect error: ws_send: the string "radio" is no WebSocket connection (EBADF)`,
  waits: true,
  run: (handle, text) => openConnection('ws_send', handle).send('ws_send', text, false),
});

export const wsSendBinary = defineBuiltin({
  name: 'ws_send_binary',
  group: 'ws',
  summary: 'Sends a binary message',
  details: 'Waits while the other side does not read and more than 64 KiB are on their way.',
  params: [conn, { name: 'data', type: data, about: 'The message: any bytes' }],
  gives: { type: 'boolean', about: 'true' },
  errors: { ECLOSED: 'the connection is closed: `close_code` and `close_reason` say how' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
ws_send_binary(conn, [0, 255])
log(bytes_of(ws_receive(client)))  // expect: [0, 255]
ws_close(conn)`,
  failing: `ws_send_binary("radio", [1])  // expect error: ws_send_binary: the string "radio" is no WebSocket connection (EBADF)`,
  waits: true,
  run: (handle, bytes) => openConnection('ws_send_binary', handle).send('ws_send_binary', bytes, true),
});

export const wsReceive = defineBuiltin({
  name: 'ws_receive',
  group: 'ws',
  summary: 'Waits for the next message',
  details:
    'Messages come in order, and those that came before the end are given after it too. ws_state tells an end from a timeout.',
  params: [conn, timeout],
  gives: { type: 'string or null', about: 'The message; null at the timeout and after the end' },
  errors: { EBADF: 'it never was a connection' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
ws_server_send_to(server, ws_server_accept(server), "welcome")
log(ws_receive(conn, 5))  // expect: welcome
log(ws_receive(conn, 0.01))  // expect: null
ws_close(conn)`,
  failing: `ws_receive("radio")  // expect error: ws_receive: the string "radio" is no WebSocket connection (EBADF)`,
  waits: true,
  run(handle, limit): Steps<string | null> {
    const found = findConnection('ws_receive', handle);
    return found === undefined ? readyNull() : found.receive(textOf, toMs(limit));
  },
});

const messageMap = ({ text, binary }: Message): MapValue => MapValue.from({ data: text, binary });

export const wsReceiveMessage = defineBuiltin({
  name: 'ws_receive_message',
  group: 'ws',
  summary: 'Waits for the next message and tells which kind it is',
  params: [conn, timeout],
  gives: { type: 'map or null', about: '`data`, and `binary` (true or false); null at the timeout and after the end' },
  errors: { EBADF: 'it never was a connection' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
ws_server_send_binary_to(server, ws_server_accept(server), [1, 2, 3])
let message = ws_receive_message(conn)
log(message.binary, len(message.data))  // expect: true 3
ws_close(conn)`,
  failing: `ws_receive_message("radio")  // expect error: ws_receive_message: the string "radio" is no WebSocket connection (EBADF)`,
  waits: true,
  run(handle, limit): Steps<MapValue | null> {
    const found = findConnection('ws_receive_message', handle);
    return found === undefined ? readyNull() : found.receive(messageMap, toMs(limit));
  },
});

export const wsPing = defineBuiltin({
  name: 'ws_ping',
  group: 'ws',
  summary: 'Sends a ping and waits for the answer',
  details: 'Pings of the other side are answered by themselves.',
  params: [
    conn,
    { name: 'data', type: pingData, about: 'Sent along and answered with; 125 bytes at most', optional: true },
  ],
  gives: { type: 'number', about: 'Milliseconds until the answer, with fractions' },
  errors: {
    ECLOSED: 'the connection is closed, also while this waits',
    ETIMEDOUT: 'no answer for 10 seconds',
  },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
log(ws_ping(conn) < 1000)  // expect: true
ws_close(conn)`,
  failing: `ws_ping("radio")  // expect error: ws_ping: the string "radio" is no WebSocket connection (EBADF)`,
  waits: true,
  run: (handle, payload) => openConnection('ws_ping', handle).ping('ws_ping', payload),
});

export const wsClose = defineBuiltin({
  name: 'ws_close',
  group: 'ws',
  summary: 'Closes a connection with the closing handshake',
  details:
    'What was sent before arrives first. The other side has 2 seconds to answer. Tasks that wait to receive get null. Closing twice is no error.',
  params: [conn, code, reason],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it never was a connection' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
ws_close(conn, 4000, "enough")
log(ws_receive(client), ws_state(client).code, ws_state(client).reason)  // expect: null 4000 enough`,
  failing: `let server = ws_listen("127.0.0.1", 0)
ws_close(ws_connect(server.url), 1006)  // expect error: ws_close: code must be a close code that may be sent`,
  waits: true,
  run: (handle, code, reason) => findConnection('ws_close', handle)?.close(code ?? NORMAL, reason ?? '') ?? readyNull(),
});

export const wsState = defineBuiltin({
  name: 'ws_state',
  group: 'ws',
  summary: 'Tells how a connection is',
  details:
    'The codes are those of RFC 6455: 1000 is a normal end, 1006 one without a closing handshake. Of connections that are over, the last few thousand are remembered.',
  params: [conn],
  gives: {
    type: 'map',
    about:
      '`state` ("open", "closing" or "closed"), `code` and `reason` of the end (null and "" before it), `bytes_in`, `bytes_out`, and `buffered` (bytes that the other side has yet to take)',
  },
  errors: { EBADF: 'it never was a connection' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
log(ws_state(conn).state)  // expect: open
ws_close(conn)
log(ws_state(conn).state, ws_state(conn).code)  // expect: closed 1000`,
  failing: `ws_state("radio")  // expect error: ws_state: the string "radio" is no WebSocket connection (EBADF)`,
  run(handle): Value {
    const found = findConnection('ws_state', handle);
    const it = found ?? pastConnection(handle);
    return MapValue.from({
      state: found?.state ?? 'closed',
      code: it?.ending?.code ?? null,
      reason: it?.ending?.reason ?? '',
      bytes_in: it?.bytesIn ?? 0,
      bytes_out: it?.bytesOut ?? 0,
      buffered: found?.buffered ?? 0,
    });
  },
});
