/**
 * What is known of a packet while its layers are found, and the steps that every kind of header takes. The headers
 * themselves stand by family in link-layers.ts, ip-layers.ts and transport-layers.ts.
 *
 * Always: a step either notes a layer and moves on, or ends the walk.
 */
import { P } from './protocols';

/** More than this is nested by hand: it stays data. */
export const MAX_LAYERS = 24;
export const MAX_IP_LAYERS = 8;

/** Why a packet counts as malformed. */
export const PROBLEM = {
  none: 0,
  version: 1,
  headerLength: 2,
  totalLength: 3,
  tcpLength: 4,
  udpLength: 5,
  nested: 6,
  arp: 7,
} as const;

const PROBLEMS = [
  '',
  'the IP version is neither 4 nor 6',
  'the length of the IP header is impossible',
  'the length of the IP packet is impossible',
  'the length of the TCP header is impossible',
  'the length of the UDP datagram is impossible',
  'too many headers inside of each other',
  'the lengths in the ARP packet are impossible',
] as const;

export function problemText(problem: number): string | null {
  return problem === 0 ? null : PROBLEMS[problem]!;
}

/** What follows a header. */
export const enum Next {
  end,
  ethernet,
  etherType,
  ip,
  ipv4,
  ipv6,
  ipProtocol,
  mpls,
  ppp,
}

export class LayerWalk {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the packet begins in `bytes`, and where what was captured of it ends. */
  start = 0;
  end = 0;
  /** Bytes that it had on the wire. */
  wireLength = 0;

  /** The protocols from the outermost on, and where their headers begin. */
  count = 0;
  readonly protocol = new Uint8Array(MAX_LAYERS);
  readonly at = new Int32Array(MAX_LAYERS);

  /** IP headers from the outermost on, without those that an ICMP message quotes. */
  ipCount = 0;
  readonly ipAt = new Int32Array(MAX_IP_LAYERS);
  /** What each of them carries: the number of the protocol after extension headers. */
  readonly ipCarries = new Uint8Array(MAX_IP_LAYERS);
  /** The source and destination port that TCP or UDP in it have, in one word; 0 without ports. */
  readonly ipPorts = new Int32Array(MAX_IP_LAYERS);

  linkAt = -1;
  /** Of the first VLAN tag; -1 without one. */
  vlan = -1;
  etherType = 0;

  /** TCP or UDP of the innermost IP packet: `P.tcp`, `P.udp`, or 0. */
  transport = 0;
  transportAt = 0;
  sourcePort = 0;
  destinationPort = 0;
  tcpFlags = 0;
  /** What the innermost known header carries; the end is that of the data captured. */
  payloadAt = 0;
  payloadEnd = 0;
  /** Bytes of TCP or UDP payload that the headers tell of, also where fewer were captured. */
  payloadLength = 0;
  /** What TCP or UDP carry, or 0: `P.dns`. */
  application = 0;

  /** A piece of an IP packet: its place in bytes, and whether more follow. */
  fragmentOffset = 0;
  moreFragments = false;
  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0;
  }

  problem: number = PROBLEM.none;
  /** Inside of an ICMP error: nothing is counted as a conversation. */
  cut = false;

  /** Where the walk is, for its steps alone. */
  next: Next = Next.end;
  place = 0;
  type = 0;
  /** Where the present packet ends on the wire, which may lie beyond `end`. */
  wireEnd = 0;

  /** Notes a layer at the present place. False where there are too many. */
  layer(protocol: number, headerBytes: number): boolean {
    if (this.count >= MAX_LAYERS) {
      this.stop(PROBLEM.nested);
      return false;
    }
    this.protocol[this.count] = protocol;
    this.at[this.count++] = this.place;
    if (this.place + headerBytes > this.end) {
      this.cut = true;
      this.next = Next.end;
      return false;
    }
    return true;
  }

  stop(problem: number): void {
    this.problem = problem;
    this.next = Next.end;
  }

  /** What is left is data of no known protocol. */
  data(): void {
    this.next = Next.end;
    this.payloadAt = Math.min(this.place, this.end);
    this.payloadEnd = Math.min(this.end, this.wireEnd);
    if (this.payloadAt < this.payloadEnd && this.count < MAX_LAYERS) {
      this.protocol[this.count] = P.data;
      this.at[this.count++] = this.place;
    }
  }

  u16(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** The last header that is looked at. */
  leaf(protocol: number): void {
    this.next = Next.end;
    this.payloadAt = Math.min(this.place, this.end);
    this.payloadEnd = Math.min(this.end, this.wireEnd);
    this.layer(protocol, 0);
    this.next = Next.end;
  }
}
