/** Tests of a filter that end in a value: `src host 192.0.2.1`, `tcp port 80`, `net 10.0.0.0/8`, `ip broadcast`. */
import { parseIPv4, parseIPv6 } from '../address';
import { numberOf } from './cursor';
import type { Cursor } from './cursor';
import type { Direction } from './layout';
import { ETHER_TYPES, IP_PROTOCOLS, named, PORTS } from './names';
import type { Test } from './tests';
import { and, compare, or } from './tests';
import { FilterError } from './tokens';
import type { Token } from './tokens';

export type Protocol =
  'ether' | 'ip' | 'ip6' | 'arp' | 'rarp' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6' | 'igmp' | null;
export type Kind = 'host' | 'net' | 'port' | 'portrange' | 'proto' | null;

/** The words in front of a value. */
export interface Qualifiers {
  readonly protocol: Protocol;
  readonly direction: Direction | null;
  readonly kind: Kind;
}

export function cast(cursor: Cursor, { protocol }: Qualifiers, word: Token): Test {
  cursor.at++;
  const isBroadcast = word.text === 'broadcast';
  if (protocol === 'ip') return isBroadcast ? cursor.layout.ipBroadcast() : cursor.layout.ipMulticast();
  if (protocol === 'ip6' && !isBroadcast) return cursor.layout.ip6Multicast();
  if (protocol === 'ether')
    return ethernetOnly(cursor, word, () => (isBroadcast ? cursor.layout.broadcast() : cursor.layout.multicast()));
  throw new FilterError(`'${protocol ?? ''} ${word.text}' is no test`, word.at);
}

function transportNumber(protocol: Protocol, word: Token): number {
  if (protocol === null || protocol === 'ip' || protocol === 'ip6') {
    if (protocol === null) return 0;
  } else if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return IP_PROTOCOLS[protocol]!;
  throw new FilterError(`'${protocol}' has no ports`, word.at);
}

export function port(cursor: Cursor, { protocol, direction }: Qualifiers): Test {
  const transport = transportNumber(protocol, cursor.token);
  const value = portNumber(cursor.token.text, cursor.token.at);
  cursor.at++;
  return cursor.layout.ports(transport, direction ?? 'src or dst', (port) => compare('=', port, value));
}

function portNumber(text: string, at: number): number {
  const value = numberOf(text) ?? named(PORTS, text.replace(/^\\/, ''));
  if (value === null || value > 65535) throw new FilterError(`'${text}' is no port`, at);
  return value;
}

export function portRange(cursor: Cursor, { protocol, direction }: Qualifiers): Test {
  const word = cursor.token;
  const transport = transportNumber(protocol, word);
  cursor.at++;
  const [first, end] = word.text.split('-') as [string, string | undefined];
  let last = end;
  if (last === undefined && cursor.match('-')) {
    last = cursor.token.text;
    cursor.at++;
  }
  last ??= first;
  const from = portNumber(first, word.at);
  const to = portNumber(last, word.at);
  const [low, high] = from <= to ? [from, to] : [to, from];
  return cursor.layout.ports(transport, direction ?? 'src or dst', (port) =>
    and(compare('>=', port, low), compare('<=', port, high)),
  );
}

export function protocolNumber(cursor: Cursor, { protocol }: Qualifiers): Test {
  const word = cursor.token;
  const name = word.text.replace(/^\\/, '');
  cursor.at++;
  if (protocol === 'ether') {
    const type = numberOf(name) ?? named(ETHER_TYPES, name);
    if (type === null || type > 0xffff) throw new FilterError(`'${name}' is no type of Ethernet frames`, word.at);
    return cursor.layout.type(type);
  }
  const value = numberOf(name) ?? named(IP_PROTOCOLS, name);
  if (value === null || value > 255) throw new FilterError(`'${name}' is no protocol of IP`, word.at);
  if (protocol === 'ip') return cursor.layout.ipProtocol(value);
  if (protocol === 'ip6') return cursor.layout.ip6Protocol(value);
  if (protocol !== null) throw new FilterError(`'${protocol} proto' is no test`, word.at);
  return or(cursor.layout.ip6Protocol(value), cursor.layout.ipProtocol(value));
}

export function host(cursor: Cursor, used: Qualifiers): Test {
  const word = cursor.token;
  const { protocol } = used;
  const direction = used.direction ?? 'src or dst';
  if (used.kind === null && cursor.tokens[cursor.at + 1]?.text === '/') return net(cursor, used);
  cursor.at++;
  const mac = parseMac(word.text);
  if (mac !== null && (protocol === 'ether' || (protocol === null && used.kind !== null)))
    return ethernetOnly(cursor, word, () => cursor.layout.hardware(direction, mac));
  if (protocol === 'ether') throw new FilterError(`'${word.text}' is no hardware address`, word.at);
  const v4 = parseIPv4(word.text);
  if (v4 !== null) return cursor.layout.address4(carriers4(protocol, word), direction, word32(v4, 0), 0xffffffff);
  const v6 = parseIPv6(word.text);
  if (v6 !== null) {
    checkCarrier6(protocol, word);
    return cursor.layout.address6(direction, [0, 4, 8, 12].map((at) => word32(v6, at)), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]); // prettier-ignore
  }
  if (used.kind === null && used.direction === null && protocol === null)
    throw new FilterError(`'${word.text}' is no test`, word.at);
  throw new FilterError(`'${word.text}' is no address; names are not looked up in filters`, word.at);
}

function carriers4(protocol: Protocol, word: Token): readonly ('ip' | 'arp' | 'rarp')[] {
  if (protocol === null) return ['ip', 'arp', 'rarp'];
  if (protocol === 'ip' || protocol === 'arp' || protocol === 'rarp') return [protocol];
  throw new FilterError(
    `'${protocol}' does not go with an IPv4 address: write ${protocol} and host ${word.text}`,
    word.at,
  );
}

function checkCarrier6(protocol: Protocol, word: Token): void {
  if (protocol === null || protocol === 'ip6') return;
  throw new FilterError(
    `'${protocol}' does not go with an IPv6 address: write ${protocol} and host ${word.text}`,
    word.at,
  );
}

/** `net 10.0.0.0/8`, `net 10`, `net 192.0.2.0 mask 255.255.255.0`, `net 2001:db8::/32` */
export function net(cursor: Cursor, { protocol, direction: given }: Qualifiers): Test {
  const word = cursor.token;
  const direction = given ?? 'src or dst';
  cursor.at++;
  const bits = cursor.match('/') ? cursor.number(128) : null;
  const v6 = parseIPv6(word.text);
  if (v6 !== null) {
    checkCarrier6(protocol, word);
    const masks = [0, 32, 64, 96].map((from) => maskOf(Math.max(0, Math.min(32, (bits ?? 128) - from))));
    return cursor.layout.address6(direction, [0, 4, 8, 12].map((at) => word32(v6, at)), masks); // prettier-ignore
  }
  const parts = word.text.split('.').filter((part) => part !== '');
  if (parts.length > 4 || parts.length === 0 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
    throw new FilterError(`'${word.text}' is no network`, word.at);
  if (bits !== null && bits > 32) throw new FilterError(`an IPv4 network has 32 bits at most, not ${bits}`, word.at);
  let mask = maskOf(bits ?? 8 * parts.length);
  if (bits === null && cursor.match('mask')) {
    const text = parseIPv4(cursor.token.text);
    if (text === null) throw cursor.unexpected('a mask such as 255.255.255.0');
    cursor.at++;
    mask = word32(text, 0);
  }
  const bytes = Uint8Array.from([...parts.map(Number), 0, 0, 0, 0].slice(0, 4));
  const address = word32(bytes, 0);
  if ((address & ~mask) !== 0)
    throw new FilterError(`the network '${word.text}' has bits outside of its mask`, word.at);
  return cursor.layout.address4(carriers4(protocol, word), direction, address, mask);
}

export function ethernetOnly(cursor: Cursor, word: Token, test: () => Test): Test {
  if (cursor.layout.hasEthernet) return test();
  throw new FilterError(`'${word.text}' needs Ethernet frames`, word.at);
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
}

function word32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function parseMac(text: string): Uint8Array | null {
  const parts = text.split(/[:-]/);
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part))) return null;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}
