/** The HTTP servers of the program by id. They stay here when they are stopped, since they may be started again. */
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { HttpServer } from './http-server';
import type { ServerOptions } from './options';

const servers = new Map<string, HttpServer>();

export function createServer(host: string, port: number, options: ServerOptions): HttpServer {
  const server = new HttpServer(host, port, options);
  servers.set(server.handle, server);
  return server;
}

/** By the id or the map that holds it. Error: EBADF. */
export function findServer(builtin: string, server: string | MapValue): HttpServer {
  const id: Value | undefined = server instanceof MapValue ? server.get('id') : server;
  const found = typeof id === 'string' ? servers.get(id) : undefined;
  if (found !== undefined) return found;
  throw fault('EBADF', `${builtin}: ${describe(id ?? null)} is no HTTP server (EBADF)`, {
    function: builtin,
    hint: 'http_server_create gives one; its map or its "id" is taken',
  });
}

/** For tests: how many listen. */
export function runningServers(): number {
  return [...servers.values()].filter((server) => server.running).length;
}
