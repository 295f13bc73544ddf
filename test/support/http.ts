/** For tests of HTTP: servers of Sentra with handlers written in TypeScript, raw clients, and what is left over. */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import { closePools } from '../../src/host/http/client/pools';
import { findServer, runningServers } from '../../src/host/http/server/servers';
import type { Steps } from '../../src/runtime/task';
import { MapValue } from '../../src/runtime/values';
import type { FunctionValue, Value } from '../../src/runtime/values';
import { nothingLeft } from './network';
import { builtin, field, options } from './run-tasks';

export type Handler = (req: Value, next: Value) => unknown;

/** A function value; a generator function for a handler that waits. */
export function handler(f: Handler): FunctionValue {
  return f;
}

export interface Served {
  readonly server: MapValue;
  readonly url: string;
  readonly port: number;
}

/** A started server with these routes: "GET /path" to the handler. */
export function* serving(
  routes: Readonly<Record<string, Handler>>,
  settings: Record<string, Value> = {},
  prepare: (server: MapValue) => Steps<unknown> = function* () {},
): Steps<Served> {
  const server = (yield* builtin('http_server_create', '127.0.0.1', 0, options(settings))) as MapValue;
  for (const [route, f] of Object.entries(routes)) {
    const [method, path] = route.split(' ');
    yield* builtin('http_server_route', server, method!, path!, handler(f));
  }
  yield* prepare(server);
  yield* builtin('http_server_start', server);
  return { server, url: field(server, 'url') as string, port: field(server, 'port') as number };
}

export function* stop(...served: readonly Served[]): Steps<void> {
  for (const { server } of served) yield* builtin('http_server_stop', server, 0.2);
}

/** A map of fields, an array of values: what a response or request holds, as plain data. */
export function plain(value: Value | undefined): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof MapValue) return Object.fromEntries(value.entries().map(([key, item]) => [key, plain(item)]));
  return value;
}

export interface RawAnswer {
  readonly text: string;
  /** The server has ended the connection. */
  readonly closed: boolean;
}

const RAW_MS = 5000;

/**
 * Sends the pieces one after the other, each when the one before has arrived, and gives what came until the server
 * closes, or `enough` says so.
 */
export function rawExchange(
  port: number,
  pieces: readonly (string | Buffer)[],
  enough: (text: string) => boolean = () => false,
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const timer = setTimeout(() => finish(false), RAW_MS);
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
      if (enough(text)) finish(false);
    });
    socket.on('error', () => {});
    socket.on('close', () => finish(true));
    socket.on('connect', () => {
      const next = (i: number): void => {
        const piece = pieces[i];
        if (piece === undefined || socket.destroyed) return;
        socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece, () =>
          setTimeout(() => next(i + 1), 1),
        );
      };
      next(0);
    });
  });
}

/** The status codes of the answers in what a connection gave. */
export function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

/** As `nothingLeft`, after the client's idle connections are closed. */
export async function nothingLeftOfHttp(): Promise<void> {
  await closePools();
  await nothingLeft();
  assert.equal(runningServers(), 0, 'servers that still run');
}

export { findServer };
