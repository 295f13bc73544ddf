/**
 * Connections that go on in another protocol, WebSocket in the first place: "on an upgrade for path X call this".
 * Whoever takes one gets the request as handlers do and the bare socket; from then on it is theirs, and they close it.
 * A protocol that the server has for other paths alone is refused. One that it does not speak at all is passed over,
 * and the request served as any other (RFC 9110, section 7.8): clients offer h2c wherever they go.
 */
import type * as Http from 'node:http';
import type * as Net from 'node:net';
import { listElements } from '../../../wire/http/header-text';
import { refusalOf } from './refusal';
import { pathOf, RequestMap } from './request-map';
import type { RequestSource } from './request-map';
import { Routes } from './routes';
import type { ServerConnection } from './server-connection';

export interface Upgrade {
  readonly raw: Http.IncomingMessage;
  /** As a handler has it, with the parameters of the path. */
  readonly request: RequestMap;
  readonly socket: Net.Socket;
  /** What the client sent after the head. */
  readonly head: Buffer;
}

/** May give a function that is called when the server stops, to end the connection in the way of its protocol. */
export type UpgradeHandler = (upgrade: Upgrade) => (() => void) | null;

export class Upgrades {
  private readonly routes = new Routes();
  private readonly handlers = new Map<string, UpgradeHandler>();
  private readonly protocols = new Set<string>();
  private readonly open = new Map<Net.Socket, (() => void) | null>();

  /** Calls `handler` for each upgrade to `protocol` ("websocket") on a path, which may have parameters. Errors: EEXIST, EINVAL. */
  add(builtin: string, protocol: string, path: string, handler: UpgradeHandler): void {
    this.routes.add(builtin, { method: protocol, path, target: neverCalled });
    this.handlers.set(`${protocol} ${path}`, handler);
    this.protocols.add(protocol);
  }

  arrived(connection: ServerConnection, req: Http.IncomingMessage, socket: Net.Socket, head: Buffer): void {
    const refusal = refusalOf(req);
    if (refusal !== null) {
      connection.refuse(refusal);
      return;
    }
    const offered = listElements((req.headers.upgrade ?? '').toLowerCase());
    // One of HTTP/1.0 is none.
    const protocol = req.httpVersionMinor === 0 ? undefined : offered.find((each) => this.protocols.has(each));
    if (protocol === undefined) {
      if (connection.idle) readAgain(req, socket, head);
      else connection.refuse({ status: 400, reason: 'an upgrade has to wait for the answers before it' });
      return;
    }
    const match = this.routes.find(protocol, pathOf(req.url!));
    const handler = match === null ? undefined : this.handlers.get(`${protocol} ${match.route.path}`);
    if (match === null || handler === undefined || req.method !== 'GET' || !connection.idle) {
      const status = handler === undefined ? 404 : 400;
      connection.refuse({ status, reason: `there is no ${protocol} here` });
      return;
    }
    const source: RequestSource = { req, match, body: null, badJson: null };
    connection.upgraded = true;
    socket.once('close', () => this.open.delete(socket));
    this.open.set(socket, handler({ raw: req, request: new RequestMap(source), socket, head }));
  }

  /** The server stops. */
  close(): void {
    for (const [socket, stop] of this.open) {
      if (stop === null) socket.destroySoon();
      else stop();
    }
  }
}

/** Gives the request back to the parser, which has let go of the connection, without the offer. */
function readAgain(req: Http.IncomingMessage, socket: Net.Socket, head: Buffer): void {
  const lines = [`${req.method!} ${req.url!} HTTP/${req.httpVersion}`];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i]!;
    let value = req.rawHeaders[i + 1]!;
    if (/^upgrade$/i.test(name)) continue;
    if (/^connection$/i.test(name))
      value = listElements(value)
        .filter((each) => !/^upgrade$/i.test(each))
        .join(', ');
    lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  const { server } = socket as Net.Socket & { readonly server: Http.Server };
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

const neverCalled = (): null => null;
