/** What the functions of sockets take, and finding the socket that a handle stands for. */
import { familyOf, parseHost } from '../../../host/net/address';
import { Connection } from '../../../host/net/connection';
import { DatagramSocket } from '../../../host/net/datagram';
import { find, wrongKind } from '../../../host/net/handles';
import { Listener } from '../../../host/net/listener';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import type { Value } from '../../../runtime/values';
import { boolean, matches, option, port, refusal, seconds, string, whole } from '../../types';
import type { Type } from '../../types';
import type { Address } from '../../../host/events';

export type Protocol = 'TCP' | 'UDP' | 'TLS' | 'UNIX';
const PROTOCOLS: readonly string[] = ['TCP', 'UDP', 'TLS', 'UNIX'] satisfies readonly Protocol[];

export const protocol: Type<Protocol> & { readonly convert: (value: Value) => Protocol } = {
  name: 'string',
  takes: '"TCP", "UDP", "TLS" or "UNIX"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => PROTOCOLS.includes((value as string).toUpperCase()),
  convert: (value) => (value as string).toUpperCase() as Protocol,
};

export const socket: Type<string> = {
  name: 'socket',
  takes: 'a socket',
  test: "typeof $ === 'string'",
};

export const host: Type<string> = {
  name: 'string',
  takes: 'a host name, an IPv4 or an IPv6 address',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => parseHost(value as string) !== null,
  explain: (value) => (typeof value === 'string' ? explainHost(value) : null),
};

function explainHost(text: string): string | null {
  if (text.includes('://')) return 'it takes the host of a URL alone: url_parse(url).host';
  if (/^[^:]+:\d+$|\]:\d+$/.test(text)) return 'the port is an argument of its own';
  if (text.trim() !== text) return 'there is white space around it: trim(text) takes it off';
  if (/^[\d.xa-f]+$/i.test(text)) return 'an IPv4 address is written as four numbers: "192.0.2.1"';
  return null;
}

export const address: Type<string> = {
  name: 'string',
  takes: 'an IPv4 or an IPv6 address',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => familyOf(value as string) !== 0,
};

const path: Type<string> = {
  name: 'string',
  takes: 'the path of a socket file',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => value !== '' && !(value as string).includes('\0') && (value as string).isWellFormed(),
  explain: (value) =>
    typeof value === 'string' && !value.isWellFormed() ? 'the path of a socket has to be text in UTF-8' : null,
};

/** Port 0 is one to listen on. */
const peerPort = whole(1, 65535);

/** A host and port, or a path for UNIX, where the port does not matter. Nobody can be reached at port 0. */
export function targetOf(builtin: string, kind: Protocol, where: string, at: number | null, isPeer: boolean): Address {
  if (kind === 'UNIX') {
    if (!matches(path, where)) throw refusal(builtin, 'host', path, where);
    return { host: where, port: null };
  }
  const name = parseHost(where);
  if (name === null) throw refusal(builtin, 'host', host, where);
  if (at === null || (isPeer && at === 0)) throw refusal(builtin, 'port', isPeer ? peerPort : port, at);
  return { host: name, port: at };
}

const texts: Type<string | string[]> = {
  name: 'string or array',
  takes: 'a string or an array of strings',
  test: 'check($)',
  check: (value) =>
    typeof value === 'string' ||
    (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')),
};

const names: Type<string[]> = {
  name: 'array',
  takes: 'an array of protocol names such as "h2", each of 1 to 255 bytes',
  test: 'check($)',
  check: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'string' && /^[\x21-\x7e]{1,255}$/.test(each)),
};

const commonTls = {
  ca: option(texts, 'TLS: authorities to trust in place of the usual ones, as PEM text or paths'),
  cert: option(string, 'TLS: the own certificate, as PEM text or a path'),
  key: option(string, 'TLS: the key of the certificate, as PEM text or a path'),
  passphrase: option(string, 'TLS: of an encrypted key'),
  alpn: option(names, 'TLS: application protocols, the preferred one first'),
};

export const clientTls = {
  ...commonTls,
  insecure: option(boolean, 'TLS: true takes any certificate', false),
  servername: option(host, 'TLS: the name the certificate must have, where it is not the host'),
};

export const serverTls = {
  ...commonTls,
  request_cert: option(
    boolean,
    'TLS: true takes only clients with a certificate of a trusted authority; others see the connection end',
    false,
  ),
};

export const timeout = {
  name: 'timeout',
  type: seconds,
  about: 'Seconds to wait at most; fractions are allowed',
  optional: true,
} as const;

/** Seconds of a connection or handshake where the program names none. */
export const CONNECT_SECONDS = 10;

export const limitOf = (most: number): Type<number> => whole(1, most);

/** Options that are for one protocol alone, given for another. */
export function refuseOptions(
  builtin: string,
  kind: Protocol,
  given: Readonly<Record<string, unknown>>,
  fits: Readonly<Record<string, readonly Protocol[]>>,
  shape: Type<unknown>['options'] = {},
): void {
  for (const [name, protocols] of Object.entries(fits)) {
    if (given[name] == null || given[name] === false || protocols.includes(kind)) continue;
    if (given[name] === shape[name]?.fallback) continue;
    throw fault('EOPTION', `${builtin}: option "${name}" is for ${listed(protocols)}, not for ${kind} (EOPTION)`, {
      function: builtin,
    });
  }
}

function listed(words: readonly string[]): string {
  return words.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

export const TLS_ONLY: Readonly<Record<string, readonly Protocol[]>> = Object.fromEntries(
  [...Object.keys(clientTls), ...Object.keys(serverTls)].map((name) => [name, ['TLS']]),
);

export function toMs(value: number | null): number | null {
  return value === null ? null : value * 1000;
}

export function connectionOf(builtin: string, handle: string): Connection {
  const found = find(builtin, handle);
  if (!(found instanceof Connection)) throw wrongKind(builtin, found, 'connection');
  return found;
}

export function listenerOf(builtin: string, handle: string): Listener {
  const found = find(builtin, handle);
  if (!(found instanceof Listener)) throw wrongKind(builtin, found, 'server');
  return found;
}

export function datagramOf(builtin: string, handle: string): DatagramSocket {
  const found = find(builtin, handle);
  if (!(found instanceof DatagramSocket)) throw wrongKind(builtin, found, 'UDP socket');
  return found;
}

/** A connection or UDP socket: what data goes through. */
export function channelOf(builtin: string, handle: string): Connection | DatagramSocket {
  const found = find(builtin, handle);
  if (found instanceof Connection || found instanceof DatagramSocket) return found;
  throw found instanceof Listener ? noData(builtin, found.handle) : wrongKind(builtin, found, 'socket');
}

function noData(builtin: string, handle: string): ErrorValue {
  return fault('EINVAL', `${builtin}: ${handle} is a server, no data goes through it (EINVAL)`, {
    function: builtin,
    hint: 'socket_accept(server) gives the socket of a client',
  });
}

/** Any open socket. */
export function anyOf(builtin: string, handle: string): Connection | Listener | DatagramSocket {
  const found = find(builtin, handle);
  if (found instanceof Connection || found instanceof Listener || found instanceof DatagramSocket) return found;
  throw wrongKind(builtin, found, 'socket');
}
