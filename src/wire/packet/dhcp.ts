/** DHCP messages (RFC 2131, options RFC 2132): what concerns who gives out addresses. Null for what is none. */
import { formatIPv4, formatMac } from '../address';
import { latin1 } from '../bytes';

export interface DhcpMessage {
  /** "discover", "offer"...; "bootp" without a type. */
  readonly type: string;
  readonly transaction: number;
  readonly clientMac: string;
  /** "0.0.0.0" where they are not told. */
  readonly clientAddress: string;
  readonly yourAddress: string;
  readonly relay: string;
  /** Null where the option is missing, for all of these. */
  readonly server: string | null;
  readonly requested: string | null;
  readonly subnetMask: string | null;
  readonly routers: readonly string[];
  readonly dnsServers: readonly string[];
  readonly hostName: string | null;
  readonly leaseSeconds: number | null;
}

const TYPES = ['bootp', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'] as const;
const FIXED = 236;
const COOKIE = [99, 130, 83, 99];

export function decodeDhcp(bytes: Uint8Array, at: number, end: number): DhcpMessage | null {
  if (end - at < FIXED + 4 || COOKIE.some((byte, i) => bytes[at + FIXED + i] !== byte)) return null;
  const options = readOptions(bytes, at + FIXED + 4, end);
  const addresses = (code: number): string[] => {
    const data = options.get(code);
    if (data === undefined) return [];
    return Array.from({ length: data.length >> 2 }, (_none, i) => formatIPv4(data, 4 * i));
  };
  const lease = options.get(51);
  const name = options.get(12);
  return {
    type: TYPES[options.get(53)?.[0] ?? 0] ?? 'bootp',
    transaction: number32(bytes, at + 4),
    clientMac: formatMac(bytes, at + 28),
    clientAddress: formatIPv4(bytes, at + 12),
    yourAddress: formatIPv4(bytes, at + 16),
    relay: formatIPv4(bytes, at + 24),
    server: addresses(54)[0] ?? null,
    requested: addresses(50)[0] ?? null,
    subnetMask: addresses(1)[0] ?? null,
    routers: addresses(3),
    dnsServers: addresses(6),
    hostName: name === undefined ? null : latin1(name),
    leaseSeconds: lease?.length === 4 ? number32(lease, 0) : null,
  };
}

function readOptions(bytes: Uint8Array, from: number, end: number): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  let at = from;
  while (at < end && bytes[at] !== 255) {
    if (bytes[at] === 0) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (at + 2 + length > end) break;
    if (!options.has(bytes[at]!)) options.set(bytes[at]!, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
}

function number32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
