/** Packets and reports as values of the language. */
import type { Analyzed } from '../../../host/capture/analyze';
import { decode } from '../../../host/text';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import type { Field } from '../../../wire/packet/decode';
import { protocolName } from '../../../wire/packet/protocols';
import type { HierarchyNode } from '../../../wire/traffic/hierarchy';
import { bytesOf, packetsOf } from '../../../wire/traffic/report';
import type { Finding } from '../../../wire/traffic/rule';
import type { Conversation, PortConversation } from '../../../wire/traffic/totals';

/** Texts from packets are bytes, one for each character, and become what the bytes stand for. */
function text(latin: string): string {
  return /^[\x20-\x7e]*$/.test(latin) ? latin : decode(Buffer.from(latin, 'latin1'));
}

export function valueOf(field: Field): Value {
  if (field === null || typeof field === 'number' || typeof field === 'boolean') return field;
  if (typeof field === 'string') return text(field);
  if (field instanceof Uint8Array) return decode(field);
  if (Array.isArray(field)) return (field as readonly Field[]).map(valueOf);
  return MapValue.of(
    Object.entries(field as Readonly<Record<string, Field>>).map(([name, value]) => [name, valueOf(value)]),
  );
}

const record = (fields: Readonly<Record<string, Value>>): MapValue => MapValue.from(fields);
/** Microseconds are as much as most captures have. */
const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;

export function reportValue({ report, source, duration, dropped, link, warning }: Analyzed, isLive: boolean): MapValue {
  const per = (count: number): number => (duration > 0 ? Math.round((count / duration) * 100) / 100 : 0);
  return MapValue.of(
    Object.entries({
      ...(isLive ? { interface: source } : { file: source }),
      link,
      duration: rounded(duration),
      first: report.packets === 0 ? null : report.first,
      last: report.packets === 0 ? null : report.last,
      total_packets: report.packets,
      total_bytes: report.bytes,
      packets_per_second: per(report.packets),
      bits_per_second: per(report.bytes * 8),
      protocols: MapValue.of(
        report.protocols.map(({ protocol, packets, bytes }) => [protocol, record({ packets, bytes })]),
      ),
      hierarchy: report.hierarchy.map(hierarchyValue),
      top_sources: report.sources.map((each) => record({ ...each })),
      top_destinations: report.destinations.map((each) => record({ ...each })),
      top_ports: report.ports.map((each) => record({ ...each })),
      endpoints: report.endpoints.map((each) =>
        record({
          ip: each.address,
          packets_sent: each.packetsSent,
          bytes_sent: each.bytesSent,
          packets_received: each.packetsReceived,
          bytes_received: each.bytesReceived,
        }),
      ),
      conversations: report.conversations.map((each) => conversationValue(each, report.first)),
      conversation_count: report.conversationsTotal,
      streams: report.streams.map((each) => streamValue(each, report.first)),
      stream_count: report.streamsTotal,
      dns_names: report.names.map((each) => record({ ...each, name: text(each.name) })),
      tls_servers: report.tlsServers.map(({ name, ...each }) => record({ server_name: text(name), ...each })),
      http_requests: report.httpRequests.map((each) =>
        record({ ...each, host: text(each.host), path: text(each.path) }),
      ),
      suspicious_ips: [...report.suspicious],
      findings: report.findings.map(findingValue),
      dropped,
      malformed: report.malformed,
      truncated: report.cut,
      retransmitted_bytes: report.retransmitted,
      packet_sizes: record({
        min: report.sizes.min,
        max: report.sizes.max,
        average: Math.round(report.sizes.average * 100) / 100,
        classes: MapValue.of(report.sizes.classes),
      }),
      timeline: report.timeline.parts.map(({ start, packets, bytes }) =>
        record({ start: rounded(start), seconds: rounded(report.timeline.seconds), packets, bytes }),
      ),
      not_kept: report.notKept,
      warning,
    } satisfies Record<string, Value>),
  );
}

function hierarchyValue({ protocol, packets, bytes, children }: HierarchyNode): Value {
  return record({ protocol, packets, bytes, inside: children.map(hierarchyValue) });
}

function conversationValue(each: Conversation, origin: number): MapValue {
  return record({
    a: each.a,
    b: each.b,
    packets: packetsOf(each),
    bytes: bytesOf(each),
    packets_a_to_b: each.packetsToB,
    bytes_a_to_b: each.bytesToB,
    packets_b_to_a: each.packetsToA,
    bytes_b_to_a: each.bytesToA,
    start: rounded(each.first - origin),
    duration: rounded(each.last - each.first),
  });
}

function streamValue(each: PortConversation, origin: number): MapValue {
  const value = conversationValue(each, origin);
  value.set('protocol', each.transport);
  value.set('port_a', each.portA);
  value.set('port_b', each.portB);
  value.set('service', each.application === 0 ? null : protocolName(each.application));
  return value;
}

export function findingValue(finding: Finding): MapValue {
  return record({
    rule: finding.rule,
    severity: finding.severity,
    source_ip: finding.source,
    target: finding.target,
    description: text(finding.description),
    evidence: evidenceValue(finding),
    packets: finding.packets,
    first: finding.first,
    last: finding.last,
    reference: finding.reference,
  });
}

function evidenceValue({ evidence }: Finding): MapValue {
  return MapValue.of(Object.entries(evidence).map(([name, value]) => [name, valueOf(value)]));
}

export function alertValue(finding: Finding): MapValue {
  return record({
    alert_type: finding.rule,
    severity: finding.severity,
    source_ip: finding.source,
    target_ip: finding.target,
    description: text(finding.description),
    timestamp: finding.first,
    evidence: evidenceValue(finding),
  });
}
