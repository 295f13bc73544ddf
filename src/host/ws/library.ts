/**
 * The package `ws`, loaded when the first WebSocket is opened. It does the opening handshake of both roles, agrees on
 * permessage-deflate and inflates messages. The connection itself is our own (`link.ts`): it takes over the socket
 * where `ws` would begin to read frames.
 */
import type { IncomingMessage } from 'node:http';
import type * as Net from 'node:net';
import type { Duplex } from 'node:stream';
import type * as Ws from 'ws';

/** What permessage-deflate agreed on for one connection (RFC 7692), as `ws` has it. */
export interface Deflate {
  readonly params: { readonly server_max_window_bits?: number; readonly client_max_window_bits?: number };
  /** Inflates a whole message; the error has a close code under a symbol. */
  decompress(data: Buffer, fin: true, done: (error: Error | null, message: Buffer) => void): void;
  cleanup(): void;
}

/** A socket after the opening handshake. */
export interface Opened {
  readonly net: Net.Socket;
  /** Bytes that came together with the handshake. */
  readonly head: Buffer;
  /** "" for none. */
  readonly subprotocol: string;
  readonly deflate: Deflate | null;
}

/** What `ws` keeps under these names by the time it hands over a socket. */
interface Negotiated {
  readonly _protocol: string;
  readonly _extensions: { readonly 'permessage-deflate'?: Deflate };
}

function openedOf(it: object, net: Net.Socket, head: Buffer): Opened {
  const { _protocol: subprotocol, _extensions: extensions } = it as Negotiated;
  return { net, head, subprotocol, deflate: extensions['permessage-deflate'] ?? null };
}

/** The server's side of one handshake: what `ws` makes in place of its WebSocket. */
class Accepted {
  _protocol = '';
  _extensions = {};
  opened: Opened | null = null;

  setSocket(net: Net.Socket, head: Buffer): void {
    this.opened = openedOf(this, net, head);
  }
}

/** Agrees on subprotocols and compression as a server, and answers handshakes. */
export interface ServerHandshake {
  /** Calls `opened` unless the request is refused. */
  upgrade(request: IncomingMessage, net: Net.Socket, head: Buffer, opened: (it: Opened) => void): void;
  /** Called for a request that is malformed: it is still to be answered. */
  onRefused(refused: (error: Error, net: Duplex) => void): void;
}

/** A client's handshake under way: the events are those of `ws`, with `handover` in place of `open`. */
export interface ClientHandshake {
  on(event: 'upgrade', listener: (answer: IncomingMessage) => void): this;
  on(event: 'unexpected-response', listener: (request: unknown, answer: IncomingMessage) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'handover', listener: (it: Opened) => void): this;
}

interface Library {
  readonly ClientHandshake: new (url: string, protocols: string[], options: Ws.ClientOptions) => ClientHandshake;
  readonly Server: typeof Ws.WebSocketServer;
}

let loaded: Library | null = null;

function library(): Library {
  loaded ??= load();
  return loaded;
}

function load(): Library {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
  const { WebSocket, WebSocketServer } = require('ws') as typeof Ws;
  class Handover extends WebSocket {
    setSocket(net: Net.Socket, head: Buffer): void {
      (this as unknown as NodeJS.EventEmitter).emit('handover', openedOf(this, net, head));
    }
  }
  return { ClientHandshake: Handover, Server: WebSocketServer };
}

/** Begins a client's handshake over `net`, which is connected. `maxMessage`: bytes that one message may inflate to. */
export function clientHandshake(
  url: string,
  net: Net.Socket,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly protocols: readonly string[];
    readonly max_message: number;
    readonly compress: boolean;
  },
): ClientHandshake {
  const { ClientHandshake } = library();
  return new ClientHandshake(url, [...options.protocols], {
    headers: options.headers,
    maxPayload: options.max_message,
    perMessageDeflate: options.compress ? { clientNoContextTakeover: true } : false,
    createConnection: () => net,
  });
}

/** `choose` picks one of the subprotocols that a client offers, or none. */
export function serverHandshake(
  options: { readonly max_message: number; readonly compress: boolean },
  choose: (offered: ReadonlySet<string>) => string | undefined,
): ServerHandshake {
  const { Server } = library();
  const server = new Server({
    noServer: true,
    clientTracking: false,
    maxPayload: options.max_message,
    WebSocket: Accepted as unknown as typeof Ws.WebSocket,
    perMessageDeflate: options.compress ? { serverNoContextTakeover: true, clientNoContextTakeover: false } : false,
    handleProtocols: (offered) => choose(offered) ?? false,
  });
  return {
    upgrade: (request, net, head, opened) =>
      server.handleUpgrade(request, net, head, (it) => opened((it as unknown as Accepted).opened!)),
    onRefused: (refused) => server.on('wsClientError', refused),
  };
}
