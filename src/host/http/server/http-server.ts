/**
 * HTTP servers of the program. Making one opens nothing; a started one keeps the program alive until it is stopped.
 * Node's server reads the requests, strictly, and times out slow ones; connections and exchanges do the rest.
 *
 * Always: a server that is stopped lets answers under way come to their end, for a limited time, and then nothing
 * of it is open.
 */
import type * as Http from 'node:http';
import type * as Https from 'node:https';
import type * as Net from 'node:net';
import type { SpawnTrace } from '../../../runtime/errors';
import { running } from '../../../runtime/errors';
import { Operation } from '../../../runtime/operation';
import { cancelTask, holdOpen, releaseOpen } from '../../../runtime/scheduler';
import type { Steps, Task } from '../../../runtime/task';
import { calledHere } from '../../../runtime/task-waits';
import { clearTimer, setTimer, Timeout } from '../../../runtime/timers';
import type { FunctionValue } from '../../../runtime/values';
import { MapValue } from '../../../runtime/values';
import type { Address, Opening, Subject } from '../../events';
import { opening, reportClosed, reportError, reportOpened, tap } from '../../events';
import { formatAddress, showAddress } from '../../net/address';
import { failureOf } from '../../failure';
import { newHandle } from '../../handle-names';
import { bind } from '../../net/listener';
import { addressesOf } from '../../net/lookup';
import { node } from '../../node';
import { askPermission } from '../../permissions';
import { closeAtShutdown } from '../../shutdown';
import { nodeTimerMs } from '../../timer-range';
import { fixYoungGeneration } from '../../young-generation';
import { AccessWriter } from './access-writer';
import { preflight } from './cors';
import type { Exchange } from './exchange';
import { refusalOfParser, refusals, refusalText } from './refusal';
import { pathOf } from './request-map';
import { response } from './response-map';
import type { ResponseMap } from './response-map';
import { Routes } from './routes';
import type { Match } from './routes';
import { ServerConnection } from './server-connection';
import type { ServerOptions } from './options';
import { Upgrades } from './upgrades';

/** Connections that the system completes while this process does not take them. */
const BACKLOG = 511;
/** How often Node looks for connections whose time is over, at least. */
const MAX_CHECK_MS = 1000;

const connectionOf = Symbol('connection');
type Owned = Net.Socket & { [connectionOf]?: ServerConnection };

export class HttpServer implements Subject {
  readonly handle: string;
  readonly role = 'server';
  readonly remote = null;
  readonly protocol: 'http' | 'https';
  local: Address;
  readonly routes = new Routes();
  readonly upgrades = new Upgrades();
  readonly middleware: FunctionValue[] = [];
  readonly connections = new Set<ServerConnection>();
  /** What the program holds of it. */
  readonly record: MapValue;
  access: AccessWriter | null = null;
  opened: Opening = opening();
  /** Where the program started it: what its handlers' tasks were started by. */
  calledAt: SpawnTrace | null = null;
  private server: Http.Server | null = null;
  /** Of TLS: what the connections lie upon, also those whose handshake is not over. */
  private readonly raw = new Set<Net.Socket>();
  private stopping = false;
  private drained: (() => void) | null = null;
  private whenClosed: () => void = () => {};
  private forget: () => void = () => {};

  constructor(
    private readonly host: string,
    port: number,
    readonly options: ServerOptions,
  ) {
    this.protocol = options.tls === null ? 'http' : 'https';
    this.local = { host, port };
    this.handle = newHandle(this.protocol, formatAddress(host, port));
    this.record = MapValue.from({
      id: this.handle,
      host,
      address: showAddress(this.local),
      port,
      url: this.url,
      running: false,
    });
  }

  get running(): boolean {
    return this.server !== null && !this.stopping;
  }

  /** Whether somebody wants to know of each request. */
  get watched(): boolean {
    return this.access !== null || tap.on !== null;
  }

  /** For a client on this machine, where it listens on all addresses. */
  private get url(): string {
    const { host, port } = this.local;
    const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
    return `${this.protocol}://${formatAddress(reached, port)}`;
  }

  // ---------------------------------------------------------------- start and stop

  /** Listens. Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
  *start(builtin: string): Steps<null> {
    if (this.running) return null;
    const wanted = { host: this.host, port: (this.record.get('port') as number | undefined) ?? 0 };
    askPermission(builtin, 'listen', showAddress(wanted));
    this.calledAt = calledHere();
    // Requests under way survive as connections do; the room would grow for hours at a low load, and no answer be quicker.
    fixYoungGeneration();
    const attempt = { builtin, doing: 'listen', target: wanted } as const;
    const [first] = yield* addressesOf(attempt, this.host);
    const server = this.makeServer();
    yield* bind(attempt, server, { host: first!.address, port: wanted.port, backlog: BACKLOG });
    const { accessLog, accessLogFile } = this.options;
    this.access = accessLog === null ? null : new AccessWriter(builtin, accessLog, accessLogFile);
    this.server = server;
    this.stopping = false;
    this.opened = opening();
    this.local = { host: this.host, port: (server.address() as Net.AddressInfo).port };
    this.show();
    holdOpen();
    this.forget = closeAtShutdown(() => this.shutDown());
    if (tap.on !== null) reportOpened(this, null, this.opened);
    return null;
  }

  private show(): void {
    const { record } = this;
    record.setConstant('address', showAddress(this.local));
    record.setConstant('port', this.local.port);
    record.setConstant('url', this.url);
    record.setConstant('running', this.running);
  }

  private makeServer(): Http.Server {
    const { tls, maxHeaderBytes, headerMs, requestMs, idleMs } = this.options;
    const longest = Math.max(headerMs, requestMs);
    const settings: Http.ServerOptions = {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: nodeTimerMs(headerMs),
      requestTimeout: nodeTimerMs(longest),
      keepAliveTimeout: nodeTimerMs(idleMs),
      connectionsCheckingInterval: Math.max(50, Math.min(MAX_CHECK_MS, headerMs / 4, requestMs / 4)),
      insecureHTTPParser: false,
      // Looked at in refusal.ts, with all else about Host.
      requireHostHeader: false,
      noDelay: true,
    };
    const server: Http.Server =
      tls === null
        ? node.http.createServer(settings)
        : node.https.createServer({
            ALPNProtocols: ['http/1.1'],
            ...tls.options,
            ...settings,
            // A client that goes in the midst of the handshake is gone.
            allowHalfOpen: false,
            handshakeTimeout: nodeTimerMs(headerMs),
          } as Https.ServerOptions);
    server.maxHeadersCount = 0;
    if (tls !== null) server.on('connection', (raw: Net.Socket) => this.handshakeBegun(raw));
    server.on(tls === null ? 'connection' : 'secureConnection', (socket: Net.Socket) => this.connected(socket));
    server.on('request', (req, res) => (req.socket as Owned)[connectionOf]?.arrived(req, res));
    const expectsOther = (req: Http.IncomingMessage): void =>
      (req.socket as Owned)[connectionOf]?.refuse(refusals.expectation);
    server.on('checkExpectation', expectsOther);
    server.on('checkContinue', (req: Http.IncomingMessage, res: Http.ServerResponse) => {
      // Node takes a list in which it stands for it alone.
      if (req.headers.expect!.toLowerCase() !== '100-continue') {
        expectsOther(req);
        return;
      }
      // A body that is too large is refused before it is sent.
      if (!(Number(req.headers['content-length'] ?? 0) > this.options.maxBodyBytes)) res.writeContinue();
      (req.socket as Owned)[connectionOf]?.arrived(req, res);
    });
    server.on('upgrade', (req, socket, head) => {
      const connection = (socket as Owned)[connectionOf];
      if (connection !== undefined) this.upgrades.arrived(connection, req, socket as Net.Socket, head);
    });
    server.on('connect', (_req, socket) => {
      (socket as Owned)[connectionOf]?.refuse({ status: 501, reason: 'this is no proxy' });
    });
    server.on('clientError', (error: Error, socket: Net.Socket) => this.clientFailed(error, socket));
    server.on('tlsClientError', (error: Error) => this.failed(error));
    server.on('error', (error) => this.failed(error));
    server.on('drop', () => this.failed(new Error('a connection was dropped')));
    return server;
  }

  private failed(error: Error): void {
    if (tap.on === null) return;
    const { code, message } = failureOf(error);
    reportError(this, code, message, null, this.opened);
  }

  private handshakeBegun(raw: Net.Socket): void {
    this.raw.add(raw);
    raw.once('close', () => this.raw.delete(raw));
    if (this.raw.size > this.options.maxConnections) raw.destroy();
  }

  private connected(socket: Owned): void {
    // It is there already where the parser gets a request again (upgrades.ts).
    if (socket[connectionOf] !== undefined) return;
    if (this.connections.size >= this.options.maxConnections) {
      socket.on('error', () => {});
      socket.end(refusalText({ status: 503, reason: 'too many connections' }), 'latin1', () => socket.destroySoon());
      return;
    }
    const connection = new ServerConnection(this, socket);
    socket[connectionOf] = connection;
    this.connections.add(connection);
  }

  private clientFailed(error: Error, socket: Owned): void {
    const connection = socket[connectionOf];
    const refusal = refusalOfParser(error);
    if (refusal === null || connection === undefined) socket.destroy(error);
    else connection.refuse(refusal);
  }

  /** Takes no more connections, and no more requests on those that there are. */
  private close(): void {
    const { server } = this;
    if (server === null || this.stopping) return;
    this.stopping = true;
    this.forget();
    this.show();
    this.upgrades.close();
    server.close(() => this.closed());
    for (const connection of this.connections) connection.endSoon();
  }

  /** Nothing of it is open any more. */
  private closed(): void {
    this.server = null;
    this.stopping = false;
    this.access?.close();
    this.access = null;
    this.show();
    if (tap.on !== null) reportClosed(this, this.opened);
    releaseOpen();
    this.whenClosed();
    this.whenClosed = () => {};
  }

  /** Stops, letting answers under way end for so long; those that take longer are cancelled. */
  *stop(timeoutMs: number): Steps<null> {
    if (!this.running) return null;
    const own = running.task;
    this.close();
    yield* this.untilDrained(own, timeoutMs);
    for (const task of this.tasks(own)) cancelTask(task);
    yield* this.untilDrained(own, CANCEL_MS);
    for (const connection of this.connections) {
      if (connection.current === null || connection.current.task !== own) connection.socket.destroySoon();
    }
    if (own === null || ![...this.connections].some(({ current }) => current?.task === own)) yield* this.untilClosed();
    return null;
  }

  /** Until nothing of it is open; what clients do not read is thrown away after a while. */
  private *untilClosed(): Steps<void> {
    if (this.server === null) return;
    const operation = new Operation<null>('for connections to close', () => clearTimer(limit));
    const limit = new Timeout(() => {
      this.destroyAll();
    });
    setTimer(limit, CANCEL_MS);
    this.whenClosed = () => {
      clearTimer(limit);
      operation.succeed(null);
    };
    yield* operation.wait();
  }

  private tasks(except: Task | null): Task[] {
    const tasks: Task[] = [];
    for (const { current } of this.connections) {
      if (current !== null && current.task !== null && current.task !== except) tasks.push(current.task);
    }
    return tasks;
  }

  /** Until no answer is under way but that of the task itself, or the time is over. */
  private *untilDrained(own: Task | null, timeoutMs: number): Steps<void> {
    const isDrained = (): boolean => {
      for (const { idle, current } of this.connections)
        if (!idle && (current === null || current.task !== own)) return false;
      return true;
    };
    if (isDrained()) return;
    const operation = new Operation<null>('for answers under way', () => done());
    const limit = new Timeout(() => done());
    const done = (): void => {
      clearTimer(limit);
      this.drained = null;
      operation.succeed(null);
    };
    if (timeoutMs !== Infinity) setTimer(limit, timeoutMs);
    this.drained = () => {
      if (isDrained()) done();
    };
    yield* operation.wait();
  }

  exchangeEnded(): void {
    this.drained?.();
  }

  /** The program ends: gives the tasks that answer requests. */
  private shutDown(): Task[] {
    this.close();
    return this.tasks(null);
  }

  /** At once, for tests that look for what is left. */
  abandonNow(): void {
    this.close();
    this.destroyAll();
  }

  private destroyAll(): void {
    for (const { socket } of this.connections) socket.destroy();
    for (const socket of this.raw) socket.destroy();
  }

  // ---------------------------------------------------------------- requests

  match({ req }: Exchange): Match | null {
    return this.routes.find(req.method!, pathOf(req.url!));
  }

  /** The answer to a browser that asks whether it may send; null for anything else. */
  preflight(req: Http.IncomingMessage): ResponseMap | null {
    const { cors } = this.options;
    return cors === null ? null : preflight(cors, req, this.routes.allowed(pathOf(req.url!)));
  }

  /** The answer where no route is for the path, or none for the method. */
  noRoute(req: Http.IncomingMessage): ResponseMap {
    const path = pathOf(req.url!);
    if (path === '*') return response(204, null);
    const allowed = this.routes.allowed(path);
    if (allowed.length === 0) return response(404, '404 Not Found\n');
    const fields = ['Allow', allowed.join(', ')];
    if (req.method === 'OPTIONS') return response(204, null, fields);
    return response(405, '405 Method Not Allowed\n', fields);
  }
}

/** Handlers that are cancelled may clean up this long. */
const CANCEL_MS = 1000;
