/**
 * Connections that go on in another protocol, WebSocket in the first place: "on an upgrade for path X call this".
 * Whoever takes one gets the request as handlers do and the bare socket; from then on it is theirs, and they close it.
 * What nobody takes is refused.
 */
import type * as Http from 'node:http';
import type * as Net from 'node:net';
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
  private readonly open = new Map<Net.Socket, (() => void) | null>();

  /** Calls `handler` for each upgrade to `protocol` ("websocket") on a path, which may have parameters. Errors: EEXIST, EINVAL. */
  add(builtin: string, protocol: string, path: string, handler: UpgradeHandler): void {
    this.routes.add(builtin, { method: protocol, path, target: neverCalled });
    this.handlers.set(`${protocol} ${path}`, handler);
  }

  arrived(connection: ServerConnection, req: Http.IncomingMessage, socket: Net.Socket, head: Buffer): void {
    const refusal = refusalOf(req);
    if (refusal !== null) {
      connection.refuse(refusal);
      return;
    }
    const protocol = (req.headers.upgrade ?? '').toLowerCase();
    const match = this.routes.find(protocol, pathOf(req.url!));
    const handler = match === null ? undefined : this.handlers.get(`${protocol} ${match.route.path}`);
    if (match === null || handler === undefined || req.method !== 'GET' || !connection.idle) {
      const status = handler === undefined ? 404 : 400;
      connection.refuse({ status, reason: `there is no ${printable(protocol)} here` });
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

function printable(protocol: string): string {
  return protocol.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}

const neverCalled = (): null => null;
