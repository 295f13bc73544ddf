/** ARP and ICMP as the rules see them. */
import { formatIPv4, formatIPv6, formatMac } from '../address';
import type { Layers } from '../packet/layers';
import type { Counting } from './counting';
import type { ArpEvent, IcmpEvent } from './rule';
import { addressAt } from './totals';

/** Null for what is not Ethernet and IPv4. */
export function arpEvent({ bytes, at, count, end }: Layers, time: number): ArpEvent | null {
  const place = at[count - 1]!;
  if (place + 28 > end || bytes[place + 4] !== 6 || bytes[place + 5] !== 4) return null;
  return {
    time,
    operation: bytes[place + 7]!,
    senderMac: formatMac(bytes, place + 8),
    senderAddress: formatIPv4(bytes, place + 14),
    targetMac: formatMac(bytes, place + 18),
    targetAddress: formatIPv4(bytes, place + 24),
  };
}

/** Null for one that is cut. */
export function icmpEvent(layers: Layers, counting: Counting, version: 4 | 6, time: number): IcmpEvent | null {
  const { bytes, payloadEnd } = layers;
  const place = layers.payloadAt;
  if (counting.flow < 0 || place + 8 > payloadEnd) return null;
  const type = bytes[place]!;
  return {
    time,
    source: addressAt(counting.flowTable, counting.flow, 0),
    target: addressAt(counting.flowTable, counting.flow, 1),
    version,
    type,
    code: bytes[place + 1]!,
    bytes,
    payloadAt: place + 8,
    payloadEnd,
    quoted: isError(version, type) ? quotedBy(bytes, place + 8, payloadEnd) : null,
  };
}

function isError(version: 4 | 6, type: number): boolean {
  return version === 4 ? type === 3 || type === 11 || type === 12 : type < 128;
}

/** Of the packet that an ICMP error quotes. */
function quotedBy(
  bytes: Uint8Array,
  at: number,
  end: number,
): { target: string; protocol: number; targetPort: number } | null {
  if (at >= end) return null;
  const isV4 = bytes[at]! >> 4 === 4;
  const header = isV4 ? (bytes[at]! & 15) * 4 : 40;
  if (at + header + 4 > end || header < 20) return null;
  const ports = at + header;
  return {
    target: isV4 ? formatIPv4(bytes, at + 16) : formatIPv6(bytes, at + 24),
    protocol: isV4 ? bytes[at + 9]! : bytes[at + 6]!,
    targetPort: (bytes[ports + 2]! << 8) | bytes[ports + 3]!,
  };
}
