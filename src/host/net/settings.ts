/** Settings of open sockets. Each has an effect on the socket it is for, or is refused for it by name. */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Connection } from './connection';
import { DatagramSocket } from './datagram';
import { failureOf } from '../failure';
import { familyOf, hasInterface, scopeOf } from './address';
import { networkError } from './failures';
import type { Doing } from './failures';
import type { Resource } from './handles';
import type { Listener } from './listener';

export interface Settings {
  readonly nodelay: boolean | null;
  /** Seconds of silence after which the peer is asked whether it is there; true for the system's two hours. */
  readonly keepalive: boolean | number | null;
  /** Seconds, for waits that name no timeout; 0 for none. */
  readonly timeout: number | null;
  readonly broadcast: boolean | null;
  /** An own address: the interface to join and leave groups on, and to send to them from. */
  readonly multicast_interface: string | null;
  /** A multicast address. */
  readonly multicast_join: string | null;
  readonly multicast_leave: string | null;
  /** Hops that a datagram may take. */
  readonly ttl: number | null;
  readonly reuse: boolean | null;
}

type Kind = 'stream' | 'server' | 'datagram';
const FITS: Readonly<Record<keyof Settings, readonly Kind[]>> = {
  nodelay: ['stream'],
  keepalive: ['stream'],
  timeout: ['stream', 'server', 'datagram'],
  broadcast: ['datagram'],
  multicast_interface: ['datagram'],
  multicast_join: ['datagram'],
  multicast_leave: ['datagram'],
  ttl: ['datagram'],
  reuse: [],
};
const KINDS: Readonly<Record<Kind, string>> = {
  stream: 'TCP and TLS connections',
  server: 'servers',
  datagram: 'UDP sockets',
};

/** Errors: EOPTION for what this kind of socket does not have, EINVAL and others of the system. */
export function applySettings(
  builtin: string,
  resource: Connection | Listener | DatagramSocket,
  settings: Settings,
): void {
  const kind = resource instanceof Connection ? 'stream' : resource instanceof DatagramSocket ? 'datagram' : 'server';
  const given = (Object.keys(FITS) as (keyof Settings)[]).filter((name) => settings[name] !== null);
  for (const name of given) {
    const isPath = resource.protocol === 'unix' && name !== 'timeout';
    if (!FITS[name].includes(kind) || isPath) throw misfit(builtin, name, resource, FITS[name]);
  }
  if (settings.timeout !== null) resource.timeoutMs = settings.timeout === 0 ? null : settings.timeout * 1000;
  if (resource instanceof Connection) setStream(resource, settings);
  else if (resource instanceof DatagramSocket) setDatagram(builtin, resource, settings);
}

function misfit(builtin: string, name: keyof Settings, resource: Resource, kinds: readonly Kind[]): ErrorValue {
  const words =
    name === 'reuse'
      ? 'is decided when a socket is bound'
      : `is for ${kinds.map((kind) => KINDS[kind]).join(' and ')}, not for ${resource.handle}`;
  return fault('EOPTION', `${builtin}: option "${name}" ${words} (EOPTION)`, {
    function: builtin,
    ...(name === 'reuse'
      ? { hint: 'give it to socket_listen: socket_listen("UDP", host, port, {"reuse": true})' }
      : {}),
  });
}

function setStream({ socket }: Connection, { nodelay, keepalive }: Settings): void {
  if (nodelay !== null) socket.setNoDelay(nodelay);
  if (keepalive !== null)
    socket.setKeepAlive(keepalive !== false, typeof keepalive === 'number' ? keepalive * 1000 : 0);
}

function setDatagram(builtin: string, it: DatagramSocket, settings: Settings): void {
  const { socket } = it;
  const { broadcast, multicast_interface: by, multicast_join: join, multicast_leave: leave, ttl } = settings;
  const set = (doing: Doing, host: string, change: () => void): void => {
    try {
      change();
    } catch (error) {
      throw networkError({ builtin, doing, target: { host, port: null } }, failureOf(error));
    }
  };
  if (broadcast !== null) set('set', it.handle, () => socket.setBroadcast(broadcast));
  if (ttl !== null) {
    set('set', it.handle, () => {
      socket.setTTL(ttl);
      socket.setMulticastTTL(ttl);
    });
  }
  if (by !== null) {
    if (familyOf(by) !== it.family) throw otherFamily(builtin, `the interface of ${by}`, it);
    if (it.family === 6) checkInterface(builtin, 'use', by, scopeOf(by) ?? '');
    set('use', by, () => socket.setMulticastInterface(by));
  }
  for (const [doing, group] of [
    ['join', join],
    ['leave', leave],
  ] as const) {
    if (group === null) continue;
    if (familyOf(group) === 6 && it.family === 4) throw otherFamily(builtin, `the group ${group}`, it);
    const scope = scopeOf(group);
    if (scope !== null) checkInterface(builtin, doing, group, scope);
    const on = interfaceFor(group, by, it);
    set(doing, group, () => {
      if (doing === 'join') socket.addMembership(group, on);
      else socket.dropMembership(group, on);
    });
  }
}

/** The system would take any interface in the place of one that there is not. */
function checkInterface(builtin: string, doing: Doing, host: string, scope: string): void {
  if (scope === '' || !hasInterface(scope)) {
    throw networkError({ builtin, doing, target: { host, port: null } }, { code: 'EINVAL', message: '' });
  }
}

/** Where a group is joined: on the interface that is named; else where the system's routes lead. */
function interfaceFor(group: string, by: string | null, { local }: DatagramSocket): string | undefined {
  if (familyOf(group) === 6) {
    const scope = scopeOf(group) ?? (by === null ? null : scopeOf(by));
    return scope === null ? undefined : `::%${scope}`;
  }
  if (by !== null) return by;
  return familyOf(local.host) === 4 && local.host !== '0.0.0.0' ? local.host : undefined;
}

function otherFamily(builtin: string, what: string, { handle, family }: DatagramSocket): ErrorValue {
  return fault('EAFNOSUPPORT', `${builtin}: ${what} does not fit ${handle}, a socket of IPv${family} (EAFNOSUPPORT)`, {
    function: builtin,
  });
}
