/**
 * IP addresses as values: reading them in every spelling, networks in CIDR notation, and what kind of address
 * one is. Bytes to text and back is address.ts's; here is what addresses mean.
 *
 * `isPrivate` decides which addresses are not those of the public internet, and so which ones a program that
 * fetches what strangers name must not connect to (`private: false`). Always: it looks at the bytes, never at a
 * spelling; an address that carries another one inside (IPv4-mapped and -compatible, 6to4, Teredo, NAT64) is
 * private when the one inside is; and what is not known to be public counts as private.
 */
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from './address';

export interface Ip {
  /** Four or sixteen. */
  readonly bytes: Uint8Array;
  /** The interface of a link-local address: "eth0" of "fe80::1%eth0". */
  readonly zone: string | null;
}

/** "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; null for anything else. */
export function parseIp(text: string): Ip | null {
  if (!text.includes(':')) {
    const bytes = parseIPv4(text);
    return bytes === null ? null : { bytes, zone: null };
  }
  const percent = text.indexOf('%');
  const bytes = parseIPv6(percent < 0 ? text : text.slice(0, percent));
  if (bytes === null) return null;
  if (percent < 0) return { bytes, zone: null };
  const zone = text.slice(percent + 1);
  return /^[^%/\s[\]]+$/.test(zone) ? { bytes, zone } : null;
}

/**
 * As `parseIp`, and whatever else systems take for an address: brackets, a dot at the end, and the forms of
 * inet_aton: fewer than four parts, octal with a leading 0, hexadecimal ("127.1", "0x7f000001", "017700000001").
 */
export function parseAnySpelling(text: string): Ip | null {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text.replace(/\.$/, '');
  const strict = parseIp(bare);
  if (strict !== null || bare.includes(':')) return strict;
  const bytes = parseLooseIPv4(bare);
  return bytes === null ? null : { bytes, zone: null };
}

function parseLooseIPv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  const values = parts.map(looseNumber);
  const last = values.pop() ?? null;
  if (last === null || last >= 256 ** (4 - values.length)) return null;
  let total = last;
  for (const [i, value] of values.entries()) {
    if (value === null || value > 255) return null;
    total += value * 256 ** (3 - i);
  }
  return bytesOfNumber(total);
}

function looseNumber(part: string): number | null {
  if (/^0x[\da-f]*$/i.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number(part) : null;
}

/** The form that RFC 5952 names; without zone. */
export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIPv4(bytes) : formatIPv6(bytes);
}

export function bytesOfNumber(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Of sixteen bytes, as a number of any size. */
export function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Sixteen bytes. `value` is from 0 up to 2 ** 128. */
export function bytesOfBigInt(value: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  let rest = value;
  for (let i = 15; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** An IPv4 address as a number; -1 for a text that is none. As quick as it gets, for loops over many addresses. */
export function quickIPv4(text: string): number {
  let total = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    } else {
      if (digit !== -2 || part < 0 || ++dots > 3) return -1;
      total = total * 256 + part;
      part = -1;
    }
  }
  return dots === 3 && part >= 0 ? total * 256 + part : -1;
}

// ---------------------------------------------------------------- networks

/** An address and how many of its bits name the network: "192.0.2.7/24". */
export interface Network {
  /** As it was written, bits of the host included. */
  readonly address: Uint8Array;
  readonly prefix: number;
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  /** How many addresses: a power of two. */
  readonly count: number;
}

/** Also with a netmask in the place of the prefix, "10.0.0.0/255.0.0.0"; an address alone is a network of one. Null for anything else. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (ip === null) return null;
  const bits = ip.bytes.length * 8;
  const prefix = slash < 0 ? bits : parsePrefix(text.slice(slash + 1), bits);
  return prefix === null ? null : networkOf(ip.bytes, prefix);
}

function parsePrefix(text: string, bits: number): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= bits ? Number(text) : null;
  const mask = bits === 32 ? quickIPv4(text) : -1;
  if (mask < 0) return null;
  const prefix = mask === 0xffffffff ? 32 : Math.clz32(~mask);
  return maskOf(prefix) === mask ? prefix : null;
}

/** The netmask of an IPv4 network as a number. */
export function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

function networkOf(address: Uint8Array, prefix: number): Network {
  const first = Uint8Array.from(address);
  const last = Uint8Array.from(address);
  for (let i = 0; i < address.length; i++) {
    const hostBits = Math.min(8, Math.max(0, 8 * (i + 1) - prefix));
    const host = (1 << hostBits) - 1;
    first[i]! &= ~host;
    last[i]! |= host;
  }
  return { address, prefix, first, last, count: 2 ** (8 * address.length - prefix) };
}

/** An IPv4-mapped address is in a network of IPv4 when the address inside is. */
export function contains(network: Network, bytes: Uint8Array): boolean {
  const own = network.first.length;
  const plain = own === 4 && bytes.length === 16 && hasPrefix(bytes, MAPPED) ? bytes.subarray(12) : bytes;
  if (plain.length !== own) return false;
  for (let i = 0; i < own; i++) if (plain[i]! < network.first[i]! || plain[i]! > network.last[i]!) return false;
  return true;
}

// ---------------------------------------------------------------- kinds

export type IpKind =
  | 'global'
  | 'private'
  | 'shared'
  | 'loopback'
  | 'link-local'
  | 'unspecified'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'reserved'
  /** These carry an IPv4 address: see `embedded`. */
  | 'ipv4-mapped'
  | 'ipv4-compatible'
  | 'nat64'
  | '6to4'
  | 'teredo';

/** The special-purpose registries of IANA (RFC 6890), with the more special ones first. */
const KINDS_4: readonly (readonly [string, IpKind])[] = [
  ['0.0.0.0/32', 'unspecified'],
  ['0.0.0.0/8', 'reserved'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
];

const KINDS_6: readonly (readonly [string, IpKind])[] = [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0/96', 'ipv4-mapped'],
  ['::/96', 'ipv4-compatible'],
  // Of RFC 2765, and its successor.
  ['::ffff:0:0:0/96', 'ipv4-mapped'],
  ['64:ff9b::/96', 'nat64'],
  ['64:ff9b:1::/48', 'private'],
  ['100::/64', 'reserved'],
  ['100:0:0:1::/64', 'reserved'],
  ['2001::/32', 'teredo'],
  ['2001:2::/48', 'benchmarking'],
  ['2001:db8::/32', 'documentation'],
  ['2001::/23', 'reserved'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  // Only this eighth is given out.
  ['2000::/3', 'global'],
  ['::/0', 'reserved'],
];

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

function hasPrefix(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

let kinds: readonly (readonly [Network, IpKind])[] | null = null;

export function kindOf(bytes: Uint8Array): IpKind {
  kinds ??= [...KINDS_4, ...KINDS_6].map(([network, kind]) => [parseNetwork(network)!, kind] as const);
  for (const [network, kind] of kinds) {
    if (network.first.length === bytes.length && contains(network, bytes)) return kind;
  }
  return 'global';
}

/** The IPv4 address that one of IPv6 carries; null where it carries none. Of Teredo: that of the client. */
export function embedded(bytes: Uint8Array): Uint8Array | null {
  switch (kindOf(bytes)) {
    case 'ipv4-mapped':
    case 'ipv4-compatible':
    case 'nat64':
      return bytes.slice(12);
    case '6to4':
      return bytes.slice(2, 6);
    case 'teredo':
      // RFC 4380, section 4: its bits are turned round.
      return bytes.slice(12).map((byte) => byte ^ 0xff);
    default:
      return null;
  }
}

/** Whether an address is none of the public internet; see the head of the file. */
export function isPrivate(bytes: Uint8Array): boolean {
  const kind = kindOf(bytes);
  if (kind === 'global' || kind === 'multicast') return false;
  const inside = embedded(bytes);
  if (inside === null) return true;
  // The server of a Teredo address is an address as well.
  return isPrivate(inside) || (kind === 'teredo' && isPrivate(bytes.slice(4, 8)));
}
