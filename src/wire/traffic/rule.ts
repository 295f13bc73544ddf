/**
 * What a rule is: it is told what happens on the network, and says at the end what it has found, with the evidence.
 * Each rule is one file of `rules/`, with its thresholds, the reason for them, and where to read about it. A rule
 * keeps a bounded amount of what it has seen, and rather finds nothing than something that is not so.
 */
import type { DhcpMessage } from '../packet/dhcp';
import type { HttpHead } from '../packet/http-head';
import type { Hello } from '../packet/tls-hello';
import type { DnsMessage } from '../dns/message';

export type Severity = 'low' | 'medium' | 'high';

/** What was found, as data. */
export type Evidence = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

export interface Finding {
  /** "port scan" */
  readonly rule: string;
  readonly severity: Severity;
  /** Who does it; empty where that cannot be told. */
  readonly source: string;
  /** Whom it concerns; empty for nobody in particular. */
  readonly target: string;
  /** One sentence for a person. */
  readonly description: string;
  readonly evidence: Evidence;
  /** Packets that it rests on. */
  readonly packets: number;
  /** Seconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** Where to read about it. */
  readonly reference: string;
}

/** A packet from one address to another. */
export interface Between {
  readonly time: number;
  readonly source: string;
  readonly target: string;
}

export interface TcpEvent extends Between {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly flags: number;
  readonly payload: number;
}

export interface ArpEvent {
  readonly time: number;
  /** 1: who has; 2: is at. */
  readonly operation: number;
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

export interface IcmpEvent extends Between {
  readonly version: 4 | 6;
  readonly type: number;
  readonly code: number;
  /** Behind the header of 8 bytes; valid during the call only. */
  readonly bytes: Uint8Array;
  readonly payloadAt: number;
  readonly payloadEnd: number;
  /** What an error quotes of the packet that it is about. */
  readonly quoted: { readonly target: string; readonly protocol: number; readonly targetPort: number } | null;
}

export interface SessionEvent extends Between {
  readonly targetPort: number;
}

export interface Rule {
  /** Segments that open, refuse or end a connection, and those with flags that no system sends. */
  tcp?(event: TcpEvent): void;
  arp?(event: ArpEvent): void;
  icmp?(event: IcmpEvent): void;
  dns?(message: DnsMessage, event: SessionEvent): void;
  dhcp?(message: DhcpMessage, event: Between): void;
  http?(head: HttpHead, event: SessionEvent): void;
  hello?(hello: Hello, event: SessionEvent): void;
  /** A line that a client sent to a server of this protocol. */
  line?(protocol: string, line: string, event: SessionEvent): void;
  finish(): Finding[];
}

/** The value of a key, made where there is none; null when the map is full. */
export function entry<K, V>(map: Map<K, V>, key: K, most: number, make: () => V): V | null {
  let found = map.get(key);
  if (found === undefined) {
    if (map.size >= most) return null;
    map.set(key, (found = make()));
  }
  return found;
}

/** "1 port", "20 ports" */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
