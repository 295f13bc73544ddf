/**
 * Servers: TCP, UNIX and TLS. Connections that arrive while nobody accepts wait here, paused, in order of
 * arrival; beyond `maxPending` a new one is reset, so that a program that does not accept holds a bounded number.
 * For TLS the handshake comes first, in the background and with a time limit: what the program accepts is secure,
 * and a peer that fails or stalls holds up nobody.
 *
 * Always: no failure of one connection, and no lack of descriptors, ends the server.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import { operation } from '../../runtime/operation';
import { ready } from '../../runtime/park';
import type { Steps } from '../../runtime/task';
import { QueuedWait, TIMED_OUT } from '../../runtime/timed-wait';
import { WaitQueue } from '../../runtime/wait-queue';
import type { Address, Opening, Subject } from '../events';
import { opening, reportClosed, reportError, reportOpened, tap } from '../events';
import { byteLength } from '../text';
import { node } from '../node';
import { askPermission } from '../permissions';
import { closeAtShutdown } from '../shutdown';
import { nodeTimerMs } from '../timer-range';
import { plainAddress, showAddress } from './address';
import { Connection } from './connection';
import { MAX_PATH } from './dial';
import type { StreamProtocol } from './connection';
import { failureOf } from '../failure';
import { networkError } from './failures';
import type { Attempt } from './failures';
import { newHandle } from '../handle-names';
import { closedError, register, unregister } from './handles';
import type { Resource } from './handles';
import { addressesOf } from './lookup';
import { afterHandshake, beforeHandshake } from './tls';
import type { ServerSetup } from './tls';

export interface ListenOptions {
  /** Connections that the system completes while this process does not take them. */
  readonly backlog: number;
  /** Connections that wait here to be accepted. */
  readonly maxPending: number;
  /** "::" takes no IPv4. */
  readonly ipv6Only: boolean;
  /** For a TLS handshake. */
  readonly handshakeMs: number;
  readonly tls: ServerSetup | null;
}

class AcceptWait extends QueuedWait<Connection | null> {
  override readonly external = true;
  constructor(
    private readonly listener: Listener,
    private readonly builtin: string,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  override result(given: unknown): Connection | null {
    if (given instanceof Connection) return this.listener.handOut(given);
    if (given !== TIMED_OUT) throw closedError(this.builtin, this.listener.handle);
    return null;
  }

  describe(): string {
    return `for a connection on ${this.listener.handle}`;
  }
}

export class Listener implements Resource, Subject {
  readonly kind = 'server';
  readonly role = 'server';
  readonly remote = null;
  readonly handle: string;
  closed = false;
  /** Connections that were reset since too many were waiting. */
  dropped = 0;
  accepted = 0;
  /** For accepts that name no timeout. */
  timeoutMs: number | null = null;
  private pending: Connection[] = [];
  private firstPending = 0;
  /** TLS handshakes under way. */
  private handshakes = 0;
  private readonly acceptors = new WaitQueue<AcceptWait>();
  private readonly opened: Opening;
  private readonly forget: () => void;

  constructor(
    private readonly server: Net.Server,
    readonly protocol: StreamProtocol,
    readonly local: Address,
    private readonly options: ListenOptions,
  ) {
    this.opened = opening();
    this.handle = newHandle(`${protocol}-listen`, showAddress(local));
    if (protocol === 'tls') this.acceptSecured(server as Tls.Server);
    else server.on('connection', (socket) => this.arrived(socket));
    server.on('error', (error) => this.failed(error));
    register(this);
    this.forget = closeAtShutdown(() => this.close());
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }

  private acceptSecured(server: Tls.Server): void {
    server.prependListener('connection', beforeHandshake);
    server.on('connection', (socket: Net.Socket) => {
      if (this.handshakes++ >= this.options.maxPending) this.drop(socket);
    });
    server.on('secureConnection', (socket) => {
      this.handshakes--;
      afterHandshake(socket);
      this.arrived(socket);
    });
    // Exactly one of the two follows each connection.
    server.on('tlsClientError', (error, socket) => {
      this.handshakes--;
      this.failed(error);
      socket.destroy();
    });
  }

  /** A failure that concerns one connection, or none yet: the server goes on. */
  private failed(error: Error): void {
    if (tap.on === null) return;
    const { code, message } = failureOf(error);
    reportError(this, code, message, this.acceptors.first?.task ?? null, this.opened);
  }

  private arrived(socket: Net.Socket): void {
    if (this.closed) {
      socket.destroy();
      return;
    }
    const acceptor = this.acceptors.first;
    if (acceptor === null && this.pendingCount >= this.options.maxPending) {
      this.drop(socket);
      return;
    }
    const remote =
      this.protocol === 'unix'
        ? { host: this.local.host, port: null }
        : plainAddress(socket.remoteAddress, socket.remotePort);
    const connection = new Connection(socket, this.protocol, this.localOf(socket), remote, true, this.opened);
    if (acceptor === null) this.pending.push(connection);
    else this.acceptors.next()!.wake(connection);
  }

  private localOf(socket: Net.Socket): Address {
    return this.protocol === 'unix' ? this.local : plainAddress(socket.localAddress, socket.localPort);
  }

  private drop(socket: Net.Socket): void {
    this.dropped++;
    socket.on('error', () => {});
    if (this.protocol === 'tcp') socket.resetAndDestroy();
    else socket.destroy();
    if (tap.on !== null) reportError(this, 'EOVERFLOW', 'too many connections wait to be accepted', null, this.opened);
  }

  get pendingCount(): number {
    return this.pending.length - this.firstPending;
  }

  /** The next connection in order of arrival, null at the timeout. Errors: ECLOSED when the server is closed. */
  accept(builtin: string, timeoutMs: number | null): Steps<Connection | null> {
    const first = this.nextPending();
    if (first !== null) return ready(this.handOut(first));
    if (this.closed) throw closedError(builtin, this.handle);
    const wait = new AcceptWait(this, builtin, timeoutMs ?? this.timeoutMs);
    this.acceptors.join(wait);
    return wait.steps();
  }

  private nextPending(): Connection | null {
    if (this.firstPending === this.pending.length) return null;
    const first = this.pending[this.firstPending++]!;
    if (this.firstPending === this.pending.length || this.firstPending > 256) {
      this.pending = this.pending.slice(this.firstPending);
      this.firstPending = 0;
    }
    return first;
  }

  /** The connection becomes the program's: it begins to read. */
  handOut(connection: Connection): Connection {
    this.accepted++;
    connection.goOn();
    return connection;
  }

  /** Takes no more connections; those that wait are refused, those that were accepted live on. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.forget();
    unregister(this);
    this.server.close();
    for (let next = this.nextPending(); next !== null; next = this.nextPending()) next.refuse();
    for (let wait = this.acceptors.next(); wait !== null; wait = this.acceptors.next()) wait.wake(null);
    if (tap.on !== null) reportClosed(this, this.opened);
  }

  abandonNow(): void {
    this.close();
  }
}

/** Listens. Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL, and for a path ENOENT, ENAMETOOLONG. */
export function* openListener(
  builtin: string,
  protocol: StreamProtocol,
  target: Address,
  options: ListenOptions,
): Steps<Listener> {
  const attempt: Attempt = { builtin, doing: 'listen', target };
  askPermission(builtin, 'listen', showAddress(target));
  if (target.port === null) return yield* listenOnPath(attempt, target.host, options);
  const [first] = yield* addressesOf(attempt, target.host);
  const server = newServer(options);
  yield* bind(attempt, server, {
    host: first!.address,
    port: target.port,
    backlog: options.backlog,
    ipv6Only: options.ipv6Only,
  });
  const bound = server.address() as Net.AddressInfo;
  return new Listener(server, protocol, plainAddress(bound.address, bound.port), options);
}

function newServer(options: ListenOptions): Net.Server {
  const settings = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
  return options.tls === null
    ? node.net.createServer(settings)
    : node.tls.createServer({
        ...settings,
        ...options.tls.options,
        handshakeTimeout: nodeTimerMs(options.handshakeMs),
      });
}

/** Until the server listens. Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export function bind(attempt: Attempt, server: Net.Server, where: Net.ListenOptions): Steps<null> {
  return operation<null>('to listen', (succeed, fail) => {
    const failed = (error: Error): void => fail(() => networkError(attempt, failureOf(error)));
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      succeed(null);
    });
    return () => server.close();
  });
}

/**
 * A path where a socket file stands that nobody listens on any more (its program was killed) is taken over; one
 * that answers, or is a file of another kind, is in use.
 */
function* listenOnPath(attempt: Attempt, path: string, options: ListenOptions): Steps<Listener> {
  if (byteLength(path) > MAX_PATH) throw networkError(attempt, { code: 'ENAMETOOLONG', message: '' });
  // The system's own interface would call it a lack of rights.
  if (!node.fs.existsSync(node.path.dirname(path))) throw networkError(attempt, { code: 'ENOENT', message: '' });
  if (isSocketFile(path) && !(yield* answers(path))) removeFile(path);
  const server = newServer(options);
  yield* bind(attempt, server, { path, backlog: options.backlog });
  return new Listener(server, 'unix', { host: path, port: null }, options);
}

function isSocketFile(path: string): boolean {
  try {
    return node.fs.lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

function removeFile(path: string): void {
  try {
    node.fs.unlinkSync(path);
  } catch {
    // Listening will fail, and say why.
  }
}

/** Whether somebody listens on a socket file; also true where that cannot be found out. */
function answers(path: string): Steps<boolean> {
  return operation<boolean>(`to see whether somebody listens on ${path}`, (succeed) => {
    const probe = node.net.connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      succeed(true);
    });
    probe.once('error', (error) => succeed(failureOf(error).code !== 'ECONNREFUSED'));
    return () => probe.destroy();
  });
}
