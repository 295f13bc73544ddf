/**
 * The server's side of the opening handshake (RFC 6455, section 4.2): what is refused is answered with the status
 * that says why, and the connection is closed. Used by `ws_listen` and by HTTP servers with a WebSocket route.
 */
import type { IncomingMessage } from 'node:http';
import type * as Net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Rules } from '../../wire/websocket/decoder';
import { node } from '../node';
import { opening } from '../events';
import { fixYoungGeneration } from '../young-generation';
import { refusalOf } from '../http/server/refusal';
import { WsConnection } from './connection';
import { serverHandshake } from './library';
import type { ServerHandshake } from './library';

export interface UpgradeOptions {
  /** Subprotocols that the server speaks, the preferred one first. */
  readonly protocols: readonly string[];
  /** Allowed origins in lower case; null allows all. */
  readonly origins: readonly string[] | null;
  /** Bytes. */
  readonly max_message: number;
  readonly compress: boolean;
}

const VERSION = '13';
/** How long a refused client may take to read why. */
const REFUSAL_MS = 2000;

export class Upgrader {
  private readonly handshake: ServerHandshake;
  /** What holds for the frames of those who agreed on compression, and of those who did not. */
  private readonly compressing: Rules;
  private readonly plain: Rules;

  constructor(private readonly options: UpgradeOptions) {
    fixYoungGeneration();
    this.compressing = { masked: true, maxMessage: options.max_message, compression: true };
    this.plain = { ...this.compressing, compression: false };
    this.handshake = serverHandshake(options, (offered) => options.protocols.find((each) => offered.has(each)));
    this.handshake.onRefused((error, net) => refuse(net, 400, error.message));
  }

  /** Answers the request; gives the connection where it is one that is let in. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, accepted: (connection: WsConnection) => void): void {
    const net = stream as Net.Socket;
    net.on('error', ignore);
    const refusal = this.refusal(request);
    if (refusal !== null) {
      refuse(net, ...refusal);
      return;
    }
    const by = opening();
    this.handshake.upgrade(request, net, head, (opened) => {
      accepted(new WsConnection(opened, opened.deflate === null ? this.plain : this.compressing, by));
      net.off('error', ignore);
    });
  }

  private refusal(request: IncomingMessage): Refusal | null {
    const { headers } = request;
    const malformed = refusalOf(request);
    if (malformed !== null) return [malformed.status, malformed.reason];
    if (request.method !== 'GET') return [405, 'a WebSocket is opened with GET', { Allow: 'GET' }];
    if (request.httpVersion !== '1.1') return [505, 'a WebSocket is opened with HTTP/1.1'];
    if (headers['sec-websocket-version'] !== VERSION) {
      return [
        426,
        `only version ${VERSION} of the WebSocket protocol is spoken here`,
        { 'Sec-WebSocket-Version': VERSION },
      ];
    }
    const { origins } = this.options;
    const { origin } = headers;
    if (origins !== null && origin !== undefined && !origins.includes(origin.toLowerCase())) {
      return [403, 'this origin is not allowed'];
    }
    return null;
  }
}

type Refusal = [status: number, why: string, headers?: Readonly<Record<string, string>>];

/** What fails shows at the connection's end. */
function ignore(): void {}

/** Answers with a status and closes the connection. */
export function refuse(stream: Duplex, ...[status, why, headers = {}]: Refusal): void {
  if (!stream.writable) {
    stream.destroy();
    return;
  }
  const body = `${why}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${node.http.STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  stream.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  const timer = setTimeout(() => stream.destroy(), REFUSAL_MS);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
  // A close with unread data would be a reset, and the answer might be lost.
  stream.resume();
}
