/** What an analysis has found as plain data, in the order and with the names that programs and reports show. */
import { protocolName } from '../packet/protocols';
import type { Analysis } from './analysis';
import type { AskedName, HttpRequest, TlsServer } from './seen';
import type { HierarchyNode } from './hierarchy';
import type { Finding } from './rule';
import { SIZE_CLASSES } from './sizes';
import type { TimelinePart } from './timeline';
import type { AddressTotal, Conversation, PortConversation } from './totals';

export interface AddressCount {
  readonly ip: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface PortCount {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Of its packets, where one was recognised: "http". */
  readonly service: string | null;
  readonly packets: number;
  readonly bytes: number;
}

export interface ProtocolCount {
  readonly protocol: string;
  readonly packets: number;
  readonly bytes: number;
}

export interface Report {
  readonly packets: number;
  readonly bytes: number;
  /** Seconds since 1970; 0 without a packet. */
  readonly first: number;
  readonly last: number;
  readonly malformed: number;
  readonly cut: number;
  readonly protocols: readonly ProtocolCount[];
  readonly hierarchy: readonly HierarchyNode[];
  readonly sources: readonly AddressCount[];
  readonly destinations: readonly AddressCount[];
  readonly endpoints: readonly AddressTotal[];
  readonly endpointsTotal: number;
  readonly ports: readonly PortCount[];
  readonly conversations: readonly Conversation[];
  readonly conversationsTotal: number;
  readonly streams: readonly PortConversation[];
  readonly streamsTotal: number;
  readonly sizes: {
    readonly min: number;
    readonly max: number;
    readonly average: number;
    readonly classes: readonly (readonly [string, number])[];
  };
  readonly timeline: { readonly seconds: number; readonly parts: readonly TimelinePart[] };
  readonly names: readonly AskedName[];
  readonly tlsServers: readonly TlsServer[];
  readonly httpRequests: readonly HttpRequest[];
  readonly requests: number;
  readonly retransmitted: number;
  readonly findings: readonly Finding[];
  readonly suspicious: readonly string[];
  readonly notKept: number;
}

const TIMELINE_PARTS = 120;

/** `top`: how many of each list. The analysis can go on after it only with new flows. */
export function reportOf(analysis: Analysis, top: number): Report {
  const { counting } = analysis;
  counting.addUp();
  const { totals, sizes } = counting;
  const endpoints = [...totals.addresses.values()];
  const conversations = [...totals.conversations.values()].sort(byTraffic);
  const streams = [...totals.streams].sort(byTraffic);
  const findings = analysis.findings();
  const hierarchy = counting.hierarchy.result();
  return {
    packets: counting.packets,
    bytes: counting.bytes,
    first: counting.first,
    last: counting.last,
    malformed: counting.malformed,
    cut: counting.cut,
    protocols: protocolsOf(hierarchy),
    hierarchy,
    sources: topAddresses(endpoints, top, (each) => [each.packetsSent, each.bytesSent]),
    destinations: topAddresses(endpoints, top, (each) => [each.packetsReceived, each.bytesReceived]),
    endpoints: endpoints.sort((a, b) => packetsOfEndpoint(b) - packetsOfEndpoint(a)).slice(0, top),
    endpointsTotal: endpoints.length,
    ports: portsOf(totals.streams).slice(0, top),
    conversations: conversations.slice(0, top),
    conversationsTotal: conversations.length,
    streams: streams.slice(0, top),
    streamsTotal: streams.length,
    sizes: {
      min: counting.packets === 0 ? 0 : sizes.min,
      max: sizes.max,
      average: counting.packets === 0 ? 0 : counting.bytes / counting.packets,
      classes: SIZE_CLASSES.map((name, i) => [name, sizes.counts[i]!]),
    },
    timeline: counting.timeline.result(TIMELINE_PARTS),
    names: [...analysis.seen.names.values()]
      .sort((a, b) => b.queries - a.queries || b.answers - a.answers)
      .slice(0, top),
    tlsServers: [...analysis.seen.tlsServers.values()].sort((a, b) => b.connections - a.connections).slice(0, top),
    httpRequests: [...analysis.seen.httpRequests.values()].sort((a, b) => b.requests - a.requests).slice(0, top),
    requests: analysis.seen.requests,
    retransmitted: analysis.retransmitted,
    findings,
    suspicious: [...new Set(findings.map(({ source }) => source).filter((source) => source !== ''))],
    notKept: totals.notKept,
  };
}

function packetsOfEndpoint(each: AddressTotal): number {
  return each.packetsSent + each.packetsReceived;
}

export function packetsOf(each: Conversation): number {
  return each.packetsToA + each.packetsToB;
}

export function bytesOf(each: Conversation): number {
  return each.bytesToA + each.bytesToB;
}

function byTraffic(a: Conversation, b: Conversation): number {
  return packetsOf(b) - packetsOf(a) || bytesOf(b) - bytesOf(a);
}

function topAddresses(
  all: readonly AddressTotal[],
  top: number,
  figures: (each: AddressTotal) => [number, number],
): AddressCount[] {
  return all
    .map((each) => {
      const [packets, bytes] = figures(each);
      return { ip: each.address, packets, bytes };
    })
    .filter(({ packets }) => packets > 0)
    .sort((a, b) => b.packets - a.packets || b.bytes - a.bytes)
    .slice(0, top);
}

/** A protocol counts once for each packet that has it, also where it is nested in different ways. */
function protocolsOf(hierarchy: readonly HierarchyNode[]): ProtocolCount[] {
  const found = new Map<string, { packets: number; bytes: number }>();
  const walk = (nodes: readonly HierarchyNode[], outside: ReadonlySet<string>): void => {
    for (const { protocol, packets, bytes, children } of nodes) {
      if (!outside.has(protocol)) {
        const total = found.get(protocol) ?? { packets: 0, bytes: 0 };
        found.set(protocol, { packets: total.packets + packets, bytes: total.bytes + bytes });
      }
      walk(children, new Set([...outside, protocol]));
    }
  };
  walk(hierarchy, new Set());
  return [...found]
    .map(([protocol, total]) => ({ protocol, ...total }))
    .sort((a, b) => b.packets - a.packets || b.bytes - a.bytes);
}

/** Which port is the server's: who opened the connection tells; else the lower one is. */
export function serverPort(stream: PortConversation): number {
  if (stream.openedBy === 1) return stream.portB;
  if (stream.openedBy === 2) return stream.portA;
  return Math.min(stream.portA, stream.portB);
}

function portsOf(streams: Iterable<PortConversation>): PortCount[] {
  const found = new Map<
    string,
    { port: number; protocol: 'tcp' | 'udp'; service: string | null; packets: number; bytes: number }
  >();
  for (const stream of streams) {
    const port = serverPort(stream);
    const key = `${stream.transport} ${port}`;
    let count = found.get(key);
    if (count === undefined)
      found.set(key, (count = { port, protocol: stream.transport, service: null, packets: 0, bytes: 0 }));
    count.packets += packetsOf(stream);
    count.bytes += bytesOf(stream);
    if (stream.application !== 0) count.service = protocolName(stream.application);
  }
  return [...found.values()].sort((a, b) => b.packets - a.packets || b.bytes - a.bytes);
}
