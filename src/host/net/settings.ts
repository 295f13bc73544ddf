/** Settings of open sockets. Each has an effect on the socket it is for, or is refused for it by name. */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Connection } from './connection';
import { DatagramSocket } from './datagram';
import { failureOf } from '../failure';
import { networkError } from './failures';
import type { Resource } from './handles';
import type { Listener } from './listener';

export interface Settings {
  readonly nodelay: boolean | null;
  /** Seconds of silence after which the peer is asked whether it is there; true for the system's two hours. */
  readonly keepalive: boolean | number | null;
  /** Seconds, for waits that name no timeout; 0 for none. */
  readonly timeout: number | null;
  readonly broadcast: boolean | null;
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
  const { broadcast, multicast_join: join, multicast_leave: leave, ttl } = settings;
  const set = (host: string, change: () => void): void => {
    try {
      change();
    } catch (error) {
      throw networkError({ builtin, doing: 'set', target: { host, port: null } }, failureOf(error));
    }
  };
  if (broadcast !== null) set(it.handle, () => socket.setBroadcast(broadcast));
  if (ttl !== null) {
    set(it.handle, () => {
      socket.setTTL(ttl);
      socket.setMulticastTTL(ttl);
    });
  }
  if (join !== null) set(join, () => socket.addMembership(join));
  if (leave !== null) set(leave, () => socket.dropMembership(leave));
}
