/**
 * Opens a WebSocket server of its own: an HTTP server that answers everything but the opening of a WebSocket with
 * 426, with limits for handshakes that are slow, large or malformed.
 */
import type * as Http from 'node:http';
import type { AddressInfo } from 'node:net';
import { operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { plainAddress, showAddress } from '../net/address';
import { failureOf } from '../failure';
import { networkError } from '../net/failures';
import type { Attempt } from '../net/failures';
import { addressesOf } from '../net/lookup';
import type { ServerSetup } from '../net/tls';
import { node } from '../node';
import { askPermission } from '../permissions';
import { nodeTimerMs } from '../timer-range';
import type { Address } from '../events';
import { Arrival } from './arrival';
import { WsServer } from './server';
import { refuse, Upgrader } from './upgrade';
import type { UpgradeOptions } from './upgrade';

export interface ListenOptions extends UpgradeOptions {
  /** The only path that is served; null for any. */
  readonly path: string | null;
  readonly max_clients: number;
  /** Seconds between two pings to each client; 0 for none. */
  readonly heartbeat: number;
  /** Seconds for the whole of an opening handshake, TLS included. */
  readonly handshake_timeout: number;
  readonly tls: ServerSetup | null;
}

/** How often connections are looked at for one whose time is over. */
const CHECK_MS = 1000;
const MAX_HEADER_BYTES = 16 * 1024;
const BACKLOG = 511;

/** Errors: EADDRINUSE and the others of a server. */
export function* listenWs(builtin: string, target: Address, options: ListenOptions): Steps<WsServer> {
  askPermission(builtin, 'listen', showAddress(target));
  const attempt: Attempt = { builtin, doing: 'listen', target };
  const [address] = yield* addressesOf(attempt, target.host);
  const http = createServer(options);
  const local = yield* bind(attempt, http, { host: address!.address, port: target.port! });
  const server = new WsServer(
    http,
    options.tls === null ? 'ws' : 'wss',
    local,
    options.max_clients,
    options.heartbeat * 1000,
  );
  serve(http, server, options);
  return server;
}

function createServer({ tls, handshake_timeout: seconds }: ListenOptions): Http.Server {
  const handshakeMs = nodeTimerMs(Math.max(1, seconds * 1000));
  const settings = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, handshakeMs || CHECK_MS),
    keepAlive: true,
    noDelay: true,
  };
  return tls === null
    ? node.http.createServer(settings)
    : node.https.createServer({ ...settings, ...tls.options, allowHalfOpen: false, handshakeTimeout: handshakeMs });
}

function* bind(attempt: Attempt, http: Http.Server, where: { host: string; port: number }): Steps<Address> {
  return yield* operation<Address>(`to listen on ${showAddress(attempt.target)}`, (succeed, fail) => {
    http.once('error', (error) => fail(() => networkError(attempt, failureOf(error))));
    http.listen({ ...where, backlog: BACKLOG }, () => {
      http.removeAllListeners('error');
      // A lack of descriptors, say: those that wait are taken when there are some again.
      http.on('error', () => {});
      const { address, port } = http.address() as AddressInfo;
      succeed(plainAddress(address, port));
    });
    return () => http.close();
  });
}

function serve(http: Http.Server, server: WsServer, options: ListenOptions): void {
  const upgrader = new Upgrader(options);
  http.on('request', (request, response) => {
    const headers = { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain; charset=utf-8' };
    response.writeHead(426, headers).end('this is a WebSocket server\n');
    request.resume();
  });
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, 431, 'the request is too large');
    else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuse(socket, 408, 'the request took too long');
    else refuse(socket, 400, 'this is no well-formed HTTP request');
  });
  http.on('upgrade', (request, socket, head) => {
    const path = request.url ?? '/';
    const bare = path.split('?', 1)[0];
    if (options.path !== null && bare !== options.path) refuse(socket, 404, 'there is no WebSocket at this path');
    else if (!server.hasRoom) refuse(socket, 503, 'too many clients', { 'Retry-After': '1' });
    else {
      upgrader.upgrade(request, socket, head, (connection) => {
        server.arrived(new Arrival(connection, path, request.rawHeaders));
      });
    }
  });
}
