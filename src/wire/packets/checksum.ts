/** The checksum of the internet protocols (RFC 1071). */

/** The sum of 16-bit words, to go on with or to be finished. */
export function sum(bytes: Uint8Array, start = 0, end = bytes.length, from = 0): number {
  let total = from;
  let at = start;
  for (; at + 1 < end; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < end) total += bytes[at]! << 8;
  return total;
}

/** The checksum that belongs into a packet of this sum. */
export function finish(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** The sum of the header that TCP, UDP and ICMPv6 count in: both addresses, the protocol, the length. */
export function pseudoHeader(source: Uint8Array, target: Uint8Array, protocol: number, length: number): number {
  return sum(source) + sum(target) + protocol + (length >>> 16) + (length & 0xffff);
}
