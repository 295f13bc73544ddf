/** A WebSocket server: listen, accept, the clients and their messages, stop. */
import { formatAddress } from '../../../host/net/address';
import { headerMap } from '../../../host/http/header-map';
import { ServerSetup } from '../../../host/net/tls';
import { outgoing, textOf } from '../../../host/ws/connection';
import { listenWs } from '../../../host/ws/listen';
import type { Arrival } from '../../../host/ws/arrival';
import type { WsServer } from '../../../host/ws/server';
import { lazyMap } from '../../../runtime/lazy-map';
import { readyNull } from '../../../runtime/park';
import type { Steps } from '../../../runtime/task';
import { ErrorValue, MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { NORMAL } from '../../../wire/websocket/close-codes';
import { defineBuiltin } from '../../define-builtin';
import {
  boolean,
  data,
  either,
  map,
  matches,
  option,
  options,
  port,
  refusal,
  seconds,
  string,
  whole,
} from '../../types';
import type { Type } from '../../types';
import { CONNECT_SECONDS, host, serverTls, targetOf, timeout, toMs } from '../socket/parameters';
import {
  client,
  code,
  findClient,
  findServer,
  messageOptions,
  openServer,
  protocols,
  reason,
  server,
} from './parameters';

const HEARTBEAT_SECONDS = 30;
const MAX_CLIENTS = 10_000;
const MIB = 1024 * 1024;

const path: Type<string> = {
  name: 'string',
  takes: 'a path such as "/chat"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => /^\/[^?#\s]*$/.test(value as string),
};

const origins: Type<string[]> & { readonly convert: (value: Value) => string[] } = {
  name: 'array',
  takes: 'an array of origins such as "https://example.com"',
  test: 'check($)',
  check: (value) =>
    Array.isArray(value) &&
    value.every((each) => typeof each === 'string' && /^(?:null|[a-z][a-z\d+.-]*:\/\/[^/\s]+)$/i.test(each)),
  convert: (value) => (value as string[]).map((each) => each.toLowerCase()),
};

const { alpn: _alpn, ...tlsShape } = serverTls;
export const tlsOptions = options(tlsShape);

export const acceptOptions = {
  protocols: option(protocols, 'Subprotocols that the server speaks, the preferred one first', []),
  origins: option(origins, 'Pages of these origins alone may connect; what is no browser sends none and may'),
  ...messageOptions,
};

export const heartbeat = option(
  seconds,
  'Seconds between two pings to each client; one that is silent for two of them is dropped; 0 for none',
  HEARTBEAT_SECONDS,
);

const listenOptions = options({
  path: option(path, 'The only path that is served; else every path is'),
  max_clients: option(whole(1), 'Clients at once; further ones are refused with 503', MAX_CLIENTS),
  heartbeat,
  handshake_timeout: option(seconds, 'Seconds for the opening handshake of a client', CONNECT_SECONDS),
  tls: option(map, 'Serves wss: `cert` and `key`, as PEM text or paths; also `ca`, `passphrase`, `request_cert`'),
  ...acceptOptions,
});

const srv = { name: 'server', type: server, about: 'What ws_listen gave, or its id' } as const;
const who = { name: 'client', type: client, about: 'What ws_server_accept gave, or its id' } as const;

function serverMap(it: WsServer): MapValue {
  const { host: name, port: number } = it.local;
  return MapValue.from({
    id: it.handle,
    host: name,
    port: number,
    url: `${it.protocol}://${formatAddress(name, number)}`,
  });
}

/** A client as the program gets it; its headers are gone through when they are asked for. */
const ClientMap = lazyMap<Arrival>({
  id: ({ connection: it }) => it.handle,
  remote_host: ({ connection: it }) => it.remote.host,
  remote_port: ({ connection: it }) => it.remote.port,
  path: ({ path: it }) => it,
  headers: ({ headers: it }) => headerMap(it),
  protocol: ({ connection: it }) => it.subprotocol,
});

export function clientMap(arrival: Arrival): MapValue {
  return new ClientMap(arrival);
}

export const wsListen = defineBuiltin({
  name: 'ws_listen',
  group: 'ws',
  summary: 'Opens a WebSocket server',
  details:
    'It listens at once. Port 0 takes any free port; `port` of what it gives tells which. A new client is let in by itself and then waits for ws_server_accept, at most 511 of them. Requests that are not the opening of a WebSocket are answered with 426; what is malformed, slow or too large, with 400, 408 or 431.',
  params: [
    { name: 'host', type: host, about: 'The address to listen on: "127.0.0.1" is this machine alone' },
    { name: 'port', type: port, about: 'The port, 0 for any free one' },
    { name: 'options', type: listenOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'map', about: '`id`, `host`, `port` and `url`' },
  errors: {
    EADDRINUSE: 'somebody listens there already',
    EACCES: 'the port needs rights that the program does not have',
    ECERT: 'the certificate or key cannot be used',
  },
  permission: 'net',
  aliases: ['ws_server_listen'],
  example: `let server = ws_listen("127.0.0.1", 0)
log(server.url.starts_with("ws://127.0.0.1:"))  // expect: true
ws_server_stop(server)`,
  failing: `ws_listen("127.0.0.1", 0, {"path": "chat"})  // expect error: ws_listen: option "path" must be a path such as "/chat"`,
  waits: true,
  *run(where, at, given): Steps<MapValue> {
    const name = 'ws_listen';
    const tls =
      given.tls === null ? null : new ServerSetup(name, { ...tlsOptions.convert(given.tls, name), alpn: ['http/1.1'] });
    return serverMap(yield* listenWs(name, targetOf(name, 'TCP', where, at, false), { ...given, tls }));
  },
});

export const wsServerAccept = defineBuiltin({
  name: 'ws_server_accept',
  group: 'ws',
  summary: 'Waits for the next new client, in order of arrival',
  details:
    'Each client is given once. In a program that walks over ws_server_get_clients with ws_server_receive_from, an accept with a timeout gives null early when a message of a client waits, so that the message does not have to wait for the timeout.',
  params: [srv, timeout],
  gives: {
    type: 'map or null',
    about: '`id`, `remote_host`, `remote_port`, `path`, `headers` and `protocol`; null at the timeout',
  },
  errors: { ECLOSED: 'the server is stopped, also while this waits' },
  permission: 'net',
  aliases: ['ws_server_wait_connection'],
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url + "/room?name=ann")
log(ws_server_accept(server).path)  // expect: /room?name=ann
log(ws_server_accept(server, 0.01))  // expect: null
ws_close(conn)`,
  failing: `ws_server_accept("door")  // expect error: ws_server_accept: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  *run(handle, limit): Steps<MapValue | null> {
    const it = openServer('ws_server_accept', handle);
    const accepted = yield* it.accept('ws_server_accept', toMs(limit));
    return accepted === null ? null : clientMap(accepted);
  },
});

export const wsServerGetClients = defineBuiltin({
  name: 'ws_server_get_clients',
  group: 'ws',
  summary: 'Lists the clients that were accepted and are there',
  details: 'One that has left is listed until the messages it left are received.',
  params: [srv],
  gives: { type: 'array', about: 'Their ids in order of arrival' },
  errors: { ECLOSED: 'the server is stopped' },
  permission: 'net',
  aliases: ['ws_server_clients'],
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
log(ws_server_get_clients(server) == [client.id])  // expect: true
ws_close(conn)`,
  failing: `ws_server_get_clients("door")  // expect error: ws_server_get_clients: the string "door" is no WebSocket server (EBADF)`,
  run: (handle) => openServer('ws_server_get_clients', handle).list(),
});

function* sendTo(
  builtin: string,
  handle: string,
  to: string,
  what: string | readonly number[],
  binary: boolean,
): Steps<boolean> {
  const found = findClient(builtin, openServer(builtin, handle), to);
  if (found === null || found.state !== 'open') return false;
  try {
    return yield* found.send(builtin, what, binary);
  } catch (error) {
    if (error instanceof ErrorValue && error.code === 'ECLOSED') return false;
    throw error;
  }
}

export const wsServerSendTo = defineBuiltin({
  name: 'ws_server_send_to',
  group: 'ws',
  summary: 'Sends a text message to one client',
  details: 'Waits while the client does not read and more than 64 KiB are on their way.',
  params: [srv, who, { name: 'message', type: string, about: 'The text' }],
  gives: { type: 'boolean', about: 'true, or false when the client is gone' },
  errors: { ECLOSED: 'the server is stopped', EBADF: 'it never was a client of the server' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
log(ws_server_send_to(server, client, "hello"), ws_receive(conn))  // expect: true hello
ws_close(conn)
log(ws_server_send_to(server, client, "still there?"))  // expect: false`,
  failing: `ws_server_send_to("door", "ann", "hello")  // expect error: ws_server_send_to: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run: (handle, to, text) => sendTo('ws_server_send_to', handle, to, text, false),
});

export const wsServerSendBinaryTo = defineBuiltin({
  name: 'ws_server_send_binary_to',
  group: 'ws',
  summary: 'Sends a binary message to one client',
  params: [srv, who, { name: 'data', type: data, about: 'Any bytes' }],
  gives: { type: 'boolean', about: 'true, or false when the client is gone' },
  errors: { ECLOSED: 'the server is stopped', EBADF: 'it never was a client of the server' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
log(ws_server_send_binary_to(server, ws_server_accept(server), [104, 105]), ws_receive(conn))  // expect: true hi
ws_close(conn)`,
  failing: `ws_server_send_binary_to("door", "ann", [1])  // expect error: ws_server_send_binary_to: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run: (handle, to, bytes) => sendTo('ws_server_send_binary_to', handle, to, bytes, true),
});

/** One client or several. */
const clients: Type<string[]> & { readonly convert: (value: Value) => string[] } = {
  name: 'client or array',
  takes: 'a client or its id, or an array of them',
  test: 'check($)',
  check: (value) => (Array.isArray(value) ? value : [value]).every((each) => matches(client, each)),
  convert: (value) => (Array.isArray(value) ? value : [value]).map((each) => client.convert(each)),
};

const broadcastOptions = options({
  except: option(clients, 'Clients that do not get it', []),
  binary: option(boolean, 'true sends a binary message', false),
  max_buffered: option(whole(1), 'Bytes that may wait for a client: one with more is dropped, with code 1013', MIB),
});

export const wsServerBroadcast = defineBuiltin({
  name: 'ws_server_broadcast',
  group: 'ws',
  summary: 'Sends a message to every client that was accepted',
  details:
    'It never waits: a client that does not read holds up nobody, and is dropped with 1013 when too much waits for it.',
  params: [
    srv,
    { name: 'message', type: either(string, data), about: 'The text; with the option binary, any bytes' },
    { name: 'options', type: broadcastOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'number', about: 'How many clients it is on its way to' },
  errors: { ECLOSED: 'the server is stopped', EVALUE: 'the text holds bytes that are no UTF-8' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conns = [ws_connect(server.url), ws_connect(server.url)]
let ids = conns.map(fn(_) => ws_server_accept(server).id)
log(ws_server_broadcast(server, "all"), ws_server_broadcast(server, "one", {"except": ids[0]}))  // expect: 2 1
log(ws_receive(conns[0]), ws_receive(conns[1]), ws_receive(conns[1]))  // expect: all all one
conns.each(fn(conn) => ws_close(conn))`,
  failing: `ws_server_broadcast("door", "hello")  // expect error: ws_server_broadcast: the string "door" is no WebSocket server (EBADF)`,
  run(handle, message, given): number {
    const name = 'ws_server_broadcast';
    if (!given.binary && typeof message !== 'string') throw refusal(name, 'message', string, message);
    const it = openServer(name, handle);
    return it.broadcast(outgoing(name, message, given.binary), new Set(given.except), given.max_buffered);
  },
});

export const wsServerReceiveFrom = defineBuiltin({
  name: 'ws_server_receive_from',
  group: 'ws',
  summary: "Waits for a client's next message",
  details:
    'Without a timeout it serves loops over all clients: it waits 30 seconds at most, and gives null as soon as there is something else to do: another client has a message waiting, or a new client waits to be accepted. (A client that was sent something before it is asked for its first message has a moment to answer: the messages of others wait 50 milliseconds for it, new clients 250.) With a timeout it waits for this client alone.',
  params: [srv, who, timeout],
  gives: { type: 'string or null', about: 'The message; null at the timeout and when the client has gone' },
  errors: { ECLOSED: 'the server is stopped', EBADF: 'it never was a client of the server' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
let client = ws_server_accept(server)
ws_send(conn, "hello")
log(ws_server_receive_from(server, client))  // expect: hello
log(ws_server_receive_from(server, client, 0.01))  // expect: null
ws_close(conn)`,
  failing: `ws_server_receive_from("door", "ann")  // expect error: ws_server_receive_from: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run(handle, of, limit): Steps<string | null> {
    const name = 'ws_server_receive_from';
    const it = openServer(name, handle);
    const found = findClient(name, it, of);
    if (found === null) return readyNull();
    return limit === null ? it.poll(found) : found.receive(textOf, toMs(limit));
  },
});

export const wsServerDisconnect = defineBuiltin({
  name: 'ws_server_disconnect',
  group: 'ws',
  summary: 'Closes the connection of a client with the closing handshake',
  details: 'The client has 2 seconds to answer. No error for one that has gone.',
  params: [srv, who, code, reason],
  gives: { type: 'null', about: 'Nothing' },
  errors: { ECLOSED: 'the server is stopped', EBADF: 'it never was a client of the server' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
ws_server_disconnect(server, ws_server_accept(server), 1008, "not you")
log(ws_receive(conn), ws_state(conn).code, ws_state(conn).reason)  // expect: null 1008 not you`,
  failing: `ws_server_disconnect("door", "ann")  // expect error: ws_server_disconnect: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run(handle, of, code, reason): Steps<null> {
    const found = findClient('ws_server_disconnect', openServer('ws_server_disconnect', handle), of);
    return found === null ? readyNull() : found.close(code ?? NORMAL, reason ?? '');
  },
});

export const wsServerStop = defineBuiltin({
  name: 'ws_server_stop',
  group: 'ws',
  summary: 'Stops a server: every client is closed with 1001',
  details: 'Clients have 2 seconds to answer. Stopping twice is no error.',
  params: [srv],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it never was a server' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
let conn = ws_connect(server.url)
ws_server_stop(server)
log(ws_receive(conn), ws_state(conn).code)  // expect: null 1001`,
  failing: `ws_server_stop("door")  // expect error: ws_server_stop: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run: (handle) => findServer('ws_server_stop', handle)?.stop() ?? readyNull(),
});
