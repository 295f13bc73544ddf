/**
 * For tests of sockets: the other end as raw `node:net`, so that it can misbehave, and a look at what is left
 * over when a file is through.
 */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { openHandles } from '../../src/host/net/handles';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { assertNothingLeft, builtin, field, until } from './run-tasks';

/** A server of Sentra on a free port of the loopback. */
export function* listening(
  protocol = 'TCP',
  host = '127.0.0.1',
  ...options: Value[]
): Steps<{ server: string; port: number }> {
  const server = (yield* builtin('socket_listen', protocol, host, 0, ...options)) as string;
  return { server, port: (yield* info(server, 'local_port')) as number };
}

/** A field of `socket_info`. */
export function* info(socket: Value, name: string): Steps<Value> {
  return field(yield* builtin('socket_info', socket), name);
}

/** A client and the connection that the server has accepted, both of Sentra. */
export function* connected(): Steps<{ server: string; client: string; peer: string }> {
  const { server, port } = yield* listening();
  const client = (yield* builtin('socket_create', 'TCP', '127.0.0.1', port)) as string;
  const peer = (yield* builtin('socket_accept', server)) as string;
  return { server, client, peer };
}

export function* close(...sockets: Value[]): Steps<void> {
  for (const socket of sockets) yield* builtin('socket_close', socket);
}

/** A raw client of a server of Sentra, and what the server accepted. */
export function* rawClient(): Steps<{ server: string; peer: string; raw: net.Socket }> {
  const { server, port } = yield* listening();
  const raw = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  raw.on('error', () => {});
  const peer = (yield* builtin('socket_accept', server)) as string;
  return { server, peer, raw };
}

export interface RawServer {
  readonly port: number;
  /** Every connection it got. */
  readonly sockets: net.Socket[];
  /** The next connection. */
  next(): Promise<net.Socket>;
  close(): Promise<void>;
}

/** A raw server; its connections are half-open and nobody reads them. */
export async function rawServer(host = '127.0.0.1', port = 0): Promise<RawServer> {
  const sockets: net.Socket[] = [];
  const waiting: ((socket: net.Socket) => void)[] = [];
  let given = 0;
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    const next = waiting.shift();
    if (next !== undefined) {
      given++;
      next(socket);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    next: () => {
      const socket = sockets[given];
      if (socket === undefined) return new Promise((resolve) => waiting.push(resolve));
      given++;
      return Promise.resolve(socket);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A raw server whose first connection comes from Sentra. */
export function* rawPeer(): Steps<{ listener: RawServer; client: string; raw: net.Socket }> {
  const listener = yield* until(rawServer());
  const client = (yield* builtin('socket_create', 'TCP', '127.0.0.1', listener.port)) as string;
  return { listener, client, raw: yield* until(listener.next()) };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds; fails after 5 seconds. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (holds()) return;
    await pause(10);
  }
  assert.fail(`never: ${what}`);
}

/** All that a raw socket receives until the end. */
export function drained(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('end', () => resolve(Buffer.concat(pieces)));
    socket.on('error', reject);
    socket.resume();
  });
}

/** A port of the loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = await rawServer();
  await server.close();
  return server.port;
}

const sockets = (): string[] =>
  process.getActiveResourcesInfo().filter((each) => /TCP|UDP|TLS|ConnectWrap|GetAddrInfo/.test(each));

/** No task, no timer, no open socket, neither of the program nor of the process. */
export async function nothingLeft(): Promise<void> {
  await assertNothingLeft();
  assert.equal(openHandles(), 0, 'sockets of the program left');
  await eventually(() => sockets().length === 0, `the process has no sockets left, now ${sockets().join(', ')}`);
}
