/**
 * A client's connection to a server: its requests, one after the other. What the client sends ahead (pipelining)
 * waits here until the answer before it is out, so that the program sees the requests of a connection in order.
 *
 * Always: a request that is not to be served is refused after the answers to those before it, and then the
 * connection ends; nothing that came behind it is looked at.
 */
import type * as Http from 'node:http';
import type * as Net from 'node:net';
import type { Subject } from '../../events';
import { reportBytes, reportClosed, reportError, reportOpened, tap } from '../../events';
import { plainAddress } from '../../net/address';
import { nodeTimerMs } from '../../timer-range';
import { Exchange } from './exchange';
import type { HttpServer } from './http-server';
import { refusalOf, refusalText } from './refusal';
import type { Refusal } from './refusal';

/** Requests that may wait here; then the client has to. What was read together with the last of them comes on top. */
const MAX_AHEAD = 32;
/** After a refusal what the client still sends is read and dropped, so that it can read the answer. */
const LINGER_MS = 2000;
const NO_BODY = Buffer.alloc(0);

export class ServerConnection {
  current: Exchange | null = null;
  /** The answer under way is the last one. */
  closing = false;
  /** It goes on in another protocol, and is somebody else's. */
  upgraded = false;
  readonly subject: Subject;
  private readonly ahead: Exchange[] = [];
  private refusal: Refusal | null = null;
  private refused = false;
  private paused = false;
  /** The last answer that was handed out, perhaps not all of it. */
  private last: Http.ServerResponse | null = null;

  constructor(
    readonly server: HttpServer,
    readonly socket: Net.Socket,
  ) {
    this.subject = server;
    // Asked for now, since a socket that is closed does not know it any more.
    plainAddress(socket.remoteAddress, undefined);
    socket.on('close', () => this.closed());
    // Node's parser reads on at the end of each message, and for each body that is asked for.
    socket.on('resume', () => {
      if (this.ahead.length >= MAX_AHEAD) this.socket.pause();
    });
    if (tap.on !== null) this.subject = this.watch();
  }

  get idle(): boolean {
    return this.current === null && this.ahead.length === 0;
  }

  /** The head of a request is there. */
  arrived(req: Http.IncomingMessage, res: Http.ServerResponse): void {
    if (this.refused) return;
    const refusal = refusalOf(req);
    if (refusal !== null) {
      this.refuse(refusal);
      return;
    }
    const exchange = new Exchange(this, req, res);
    if (this.current === null) {
      this.start(exchange);
      return;
    }
    this.ahead.push(exchange);
    if (this.ahead.length < MAX_AHEAD) return;
    this.paused = true;
    this.socket.pause();
  }

  private start(exchange: Exchange): void {
    this.current = exchange;
    if (hasBody(exchange.req)) this.readBody(exchange);
    else exchange.begin();
  }

  private readBody(exchange: Exchange): void {
    const { req } = exchange;
    const max = this.server.options.maxBodyBytes;
    const pieces: Buffer[] = [];
    let size = 0;
    const tooLarge = (): void => {
      this.refuse({ status: 413, reason: `the body may have at most ${max} bytes` });
    };
    if (Number(req.headers['content-length'] ?? 0) > max) {
      tooLarge();
      return;
    }
    req.on('data', (piece: Buffer) => {
      size += piece.length;
      if (exchange.gone) return;
      if (size > max) tooLarge();
      else pieces.push(piece);
    });
    req.on('end', () => {
      if (exchange.gone) return;
      exchange.body = pieces.length === 1 ? pieces[0]! : pieces.length === 0 ? NO_BODY : Buffer.concat(pieces, size);
      exchange.begin();
    });
    req.on('error', ignore);
  }

  /** Called by the exchange when its answer is out or given up. */
  exchangeEnded(exchange: Exchange): void {
    if (this.current !== exchange) return;
    this.current = null;
    this.last = exchange.res;
    // A client that does not read the rest is not waited for without end.
    if (this.socket.writableLength > 0) this.socket.setTimeout(nodeTimerMs(this.server.options.requestMs));
    const next = this.ahead.shift();
    if (this.paused && this.ahead.length < MAX_AHEAD / 2) {
      this.paused = false;
      this.socket.resume();
    }
    if (next !== undefined) {
      this.start(next);
      return;
    }
    if (this.refusal !== null) this.sendRefusal(this.refusal);
    this.server.exchangeEnded();
  }

  /** Refuses what came last; see the head of the file. */
  refuse(refusal: Refusal): void {
    if (this.refused) return;
    this.refused = true;
    if (tap.on !== null) {
      reportError(
        this.subject,
        'EPROTO',
        `refused with ${refusal.status}: ${refusal.reason}`,
        null,
        this.server.opened,
      );
    }
    this.dropUnfinished();
    if (this.idle) this.sendRefusal(refusal);
    else this.refusal = refusal;
  }

  /** The request whose body is not complete is the one that is refused. */
  private dropUnfinished(): void {
    const last = this.ahead.at(-1) ?? this.current;
    if (last === null || last.req.complete) return;
    last.gone = true;
    if (last === this.current) this.current = null;
    else this.ahead.pop();
  }

  private sendRefusal(refusal: Refusal): void {
    this.refusal = null;
    const { last, socket } = this;
    if (last !== null && !last.writableFinished && !last.destroyed) {
      last.once('close', () => this.sendRefusal(refusal));
      return;
    }
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(refusalText(refusal), 'latin1');
    socket.on('end', () => socket.destroy());
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /** No request after those that are there; at once where there is none. */
  endSoon(): void {
    this.closing = true;
    if (this.upgraded) return;
    if (this.idle) {
      if (this.last === null || this.last.writableFinished) this.socket.destroySoon();
    } else if (this.current !== null && !this.current.res.headersSent) {
      this.current.res.shouldKeepAlive = false;
    }
  }

  private closed(): void {
    this.server.connections.delete(this);
    const { current } = this;
    this.refused = true;
    this.ahead.length = 0;
    current?.clientGone();
    if (tap.on !== null && this.subject !== this.server) reportClosed(this.subject, this.server.opened);
    this.server.exchangeEnded();
  }

  /** Reports the bytes of both directions from now on. */
  private watch(): Subject {
    const { socket, server } = this;
    const remote = plainAddress(socket.remoteAddress, socket.remotePort);
    const subject: Subject = {
      handle: `${server.handle}/${remote.host}:${remote.port}`,
      protocol: server.protocol,
      role: 'socket',
      local: plainAddress(socket.localAddress, socket.localPort),
      remote,
    };
    reportOpened(subject, null, server.opened);
    socket.on('data', (piece: Buffer) => reportBytes(subject, 'in', piece, this.current?.task ?? null, server.opened));
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      const [piece, encoding] = args;
      const bytes = typeof piece === 'string' ? Buffer.from(piece, encoding as BufferEncoding) : (piece as Buffer);
      reportBytes(subject, 'out', bytes, this.current?.task ?? null, server.opened);
      return write(...args);
    };
    return subject;
  }
}

function ignore(): void {}

/** Whether a body follows (RFC 9112, section 6.3); both fields were looked at by then. */
function hasBody(req: Http.IncomingMessage): boolean {
  const raw = req.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.length === 14) {
      if (name.toLowerCase() === 'content-length') return raw[i + 1] !== '0';
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      return true;
    }
  }
  return false;
}
