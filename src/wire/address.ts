/** IPv4 and IPv6 addresses and hardware addresses between their bytes and their text. */

/** The four bytes from `at` on: "192.0.2.1". */
export function formatIPv4(bytes: Uint8Array, at = 0): string {
  return `${bytes[at]!}.${bytes[at + 1]!}.${bytes[at + 2]!}.${bytes[at + 3]!}`;
}

/** The sixteen bytes from `at` on in the one form that RFC 5952 names: "2001:db8::1", "::ffff:192.0.2.1". */
export function formatIPv6(bytes: Uint8Array, at = 0): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${formatIPv4(bytes, at + 12)}`;
  const [start, length] = longestZeros(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Of several runs of the same length the first one. */
function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best[1]) best = [start, length];
  }
  return best;
}

/** The four bytes of "192.0.2.1"; null for anything else, also for octal and short forms. */
export function parseIPv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (const [i, part] of parts.entries()) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes[i] = Number(part);
  }
  return bytes;
}

/** The sixteen bytes of "2001:db8::1"; null for anything else. Without zone and brackets. */
export function parseIPv6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]);
}

/** The bytes of groups between colons; `last`: an IPv4 address may stand at their end. */
function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    const v4 = last && i === parts.length - 1 ? parseIPv4(part) : null;
    if (v4 !== null) {
      bytes.push(...v4);
    } else {
      if (!/^[\da-f]{1,4}$/i.test(part)) return null;
      const group = parseInt(part, 16);
      bytes.push(group >> 8, group & 0xff);
    }
  }
  return bytes.length > 16 ? null : bytes;
}

/** "02:00:5e:10:00:01" */
export function formatMac(bytes: Uint8Array, at = 0): string {
  return [...bytes.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** The name under which PTR records stand: "1.2.0.192.in-addr.arpa", or in ip6.arpa (RFC 3596, section 2.5). Null for no address. */
export function reverseName(address: string): string | null {
  const v4 = parseIPv4(address);
  if (v4 !== null) return `${[...v4].reverse().join('.')}.in-addr.arpa`;
  const v6 = parseIPv6(address);
  if (v6 === null) return null;
  const nibbles = [...v6].flatMap((byte) => [byte >> 4, byte & 0xf]).reverse();
  return `${nibbles.map((nibble) => nibble.toString(16)).join('.')}.ip6.arpa`;
}
