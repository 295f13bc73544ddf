/**
 * The open sockets of the program by handle, which is all that a program holds of a socket.
 *
 * Always: what stands here is open to the program. A handle that was given out and is no longer here is closed.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { describe } from '../../runtime/describe-value';
import type { Steps } from '../../runtime/task';
import { wasGiven } from '../handle-names';
import { onExit } from '../process';
import { finishAtEnd } from '../shutdown';

/** What stands behind a handle. */
export interface Resource {
  readonly handle: string;
  /** "connection", "server" or "datagram socket": for the error that it cannot do something. */
  readonly kind: string;
  /** At the end of the program: at once, without waiting. */
  abandonNow(): void;
  /** Before that: sends what the program has handed over and the system has not taken yet; null where nothing is left. */
  sendLeft?(): Steps<unknown> | null;
}

const open = new Map<string, Resource>();
/** The one that was asked for last, which is mostly the next one too. */
let last: Resource | undefined;

const HANDLE = /^(?:tcp|tls|unix|udp|ws|wss)(?:-listen)?:.*#(\d+)$/s;

let exitWatched = false;

export function register(resource: Resource): void {
  open.set(resource.handle, resource);
  if (exitWatched) return;
  exitWatched = true;
  onExit(closeAll);
  finishAtEnd(leftToSend);
}

function* leftToSend(): Iterable<Steps<unknown>> {
  for (const resource of [...open.values()]) {
    const steps = resource.sendLeft?.() ?? null;
    if (steps !== null) yield steps;
  }
}

export function unregister(resource: Resource): void {
  open.delete(resource.handle);
  if (last === resource) last = undefined;
}

/** A task that has waited for this open one goes on, and is likely to use it next. */
export function usedNow(resource: Resource): void {
  last = resource;
}

/** How many sockets of any kind are open. */
export function openHandles(): number {
  return open.size;
}

/** Undefined for what is no open socket. */
export function peek(handle: string): Resource | undefined {
  return open.get(handle);
}

/** The open socket; throws ECLOSED for one that was closed, EBADF for what never was one. */
export function find(builtin: string, handle: string): Resource {
  if (last !== undefined && last.handle === handle) return last;
  const resource = open.get(handle);
  if (resource !== undefined) return (last = resource);
  const number = HANDLE.exec(handle)?.[1];
  if (number !== undefined && wasGiven(Number(number))) throw closedError(builtin, handle);
  throw fault('EBADF', `${builtin}: ${describe(handle)} is no socket (EBADF)`, {
    function: builtin,
    hint: 'a socket is what socket_create, socket_listen and socket_accept give',
  });
}

/** Whether this is a socket that was closed before. */
export function wasClosed(handle: string): boolean {
  const number = HANDLE.exec(handle)?.[1];
  return !open.has(handle) && number !== undefined && wasGiven(Number(number));
}

export function closedError(builtin: string, handle: string): ErrorValue {
  return fault('ECLOSED', `${builtin}: ${handle} is closed (ECLOSED)`, { function: builtin, fields: placeOf(handle) });
}

const PLACE = /^[a-z-]+:(?:\[(.*)\]:(\d+)|(.*?)(?::(\d+))?)(?:\/.*)?#\d+$/s;
const PATH = /^unix(?:-listen)?:(.*)#\d+$/s;

/** The host and port that a handle tells, which errors have as fields. */
export function placeOf(handle: string): { readonly host: string | null; readonly port: number | null } {
  const path = PATH.exec(handle);
  if (path !== null) return { host: path[1]!, port: null };
  const [, six, sixPort, host, port] = PLACE.exec(handle) ?? [];
  const number = sixPort ?? port;
  return { host: six ?? host ?? null, port: number === undefined ? null : Number(number) };
}

/** What serves better, by the kind of the socket. */
const BETTER: Readonly<Record<string, string>> = {
  'datagram socket': 'UDP has no connections: socket_receive and socket_receive_from take its datagrams',
  server: 'socket_accept(server) gives the socket of a client',
  'WebSocket connection': 'functions for it begin with ws_: ws_send, ws_receive, ws_state, ws_close',
  'WebSocket server': 'functions for it begin with ws_: ws_server_accept, ws_server_get_clients, ws_server_stop',
};

/** The open socket is of another kind than the built-in needs. */
export function wrongKind(builtin: string, resource: Resource, needed: string): ErrorValue {
  const hint = BETTER[resource.kind];
  const wanted = resource.kind.startsWith('WebSocket') ? 'socket' : needed;
  return fault('EINVAL', `${builtin}: ${resource.handle} is a ${resource.kind}, not a ${wanted} (EINVAL)`, {
    function: builtin,
    fields: placeOf(resource.handle),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Closes everything at once, at the end of the program; removes the files of UNIX sockets. */
export function closeAll(): void {
  for (const resource of [...open.values()]) resource.abandonNow();
}
