/**
 * Signs of a tunnel in ICMP echo: payloads that change from packet to packet, or answers that do not carry what was
 * asked (ptunnel, icmptunnel, hans). An answer has to return the payload as it came (RFC 792).
 *
 * What is none: ping at any size (its pattern stays, but for the time at its beginning), also as a flood.
 */
import type { Finding, IcmpEvent, Rule } from '../rule';
import { entry } from '../rule';

/** Echo packets with data that differ from all before them. */
const MIN_DIFFERENT = 20;
/** Bytes: less than this carries no tunnel worth it. */
const MIN_PAYLOAD = 32;
/** Time stamps and counters that ping writes at the beginning. */
const CHANGING_BYTES = 24;
/** Enough to tell payloads apart. */
const HASHED_BYTES = 256;
const MAX_PAIRS = 20_000;
const MAX_HASHES = 2_000;

interface Pair {
  readonly first: number;
  last: number;
  packets: number;
  bytes: number;
  readonly hashes: Set<number>;
}

export class IcmpTunnel implements Rule {
  private readonly pairs = new Map<string, Pair>();

  icmp({ time, source, target, version, type, bytes, payloadAt, payloadEnd }: IcmpEvent): void {
    const isEcho = version === 4 ? type === 8 || type === 0 : type === 128 || type === 129;
    if (!isEcho || payloadEnd - payloadAt < MIN_PAYLOAD) return;
    const key = source < target ? `${source} ${target}` : `${target} ${source}`;
    const make = (): Pair => ({ first: time, last: time, packets: 0, bytes: 0, hashes: new Set() });
    const pair = entry(this.pairs, key, MAX_PAIRS, make);
    if (pair === null) return;
    pair.packets++;
    pair.last = time;
    pair.bytes += payloadEnd - payloadAt;
    if (pair.hashes.size < MAX_HASHES)
      pair.hashes.add(
        hashOf(bytes, payloadAt + CHANGING_BYTES, Math.min(payloadEnd, payloadAt + CHANGING_BYTES + HASHED_BYTES)),
      );
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const [key, { first, last, packets, bytes, hashes }] of this.pairs) {
      if (hashes.size < MIN_DIFFERENT || hashes.size < packets / 4) continue;
      const [source, target] = key.split(' ') as [string, string];
      findings.push({
        rule: 'ICMP tunnel',
        severity: 'high',
        source,
        target,
        description: `${source} and ${target} exchange ${packets} pings whose contents differ: probably data carried in ICMP`,
        evidence: { packets, bytes, different_payloads: hashes.size, threshold: MIN_DIFFERENT },
        packets,
        first,
        last,
        reference: 'MITRE ATT&CK T1095 Non-Application Layer Protocol',
      });
    }
    return findings;
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}
