/**
 * A packet as data, for those who look at single ones: a map for each layer, by the names of their fields in the RFCs.
 * Decoding never throws; what is unknown or broken stays bytes, and `problem` says what is wrong.
 */
import { formatIPv4, formatIPv6, formatMac } from '../address';
import { hex } from '../bytes';
import { decodeMessage } from '../dns/message';
import type { DnsRecord } from '../dns/message';
import { rcodeName } from '../dns/numbers';
import { decodeDhcp } from './dhcp';
import { decodeHttpHead } from './http-head';
import { problemText } from './layer-walk';
import { Layers } from './layers';
import { P, protocolName } from './protocols';
import { helloOf, versionName } from './tls-hello';
import type { ClientHello } from './tls-hello';
import { QuicHellos } from '../quic/hellos';
import { VERSION_2 } from '../quic/initial';
import type { QuicCrypto } from '../quic/initial';

/** What a field can be; bytes become text where they leave this folder. */
export type Field =
  null | boolean | number | string | Uint8Array | readonly Field[] | { readonly [name: string]: Field };
type Fields = Record<string, Field>;

export interface PacketSource {
  readonly bytes: Uint8Array;
  readonly seconds: number;
  readonly nanos: number;
  readonly wireLength: number;
  readonly linkType: number;
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'] as const;
const layers = new Layers();

/** `crypto` opens the beginnings of QUIC connections; without it they stay closed. */
export function decodePacket(packet: PacketSource, crypto: QuicCrypto | null = null): Fields {
  const { bytes } = packet;
  layers.find(bytes, 0, bytes.length, packet.wireLength, packet.linkType);
  const result: Fields = {
    time: packet.seconds + packet.nanos / 1e9,
    length: packet.wireLength,
    captured: bytes.length,
    protocols: Array.from(layers.protocol.subarray(0, layers.count), protocolName),
    src: null,
    dst: null,
    src_port: null,
    dst_port: null,
  };
  for (let i = 0; i < layers.count; i++) addLayer(result, layers.protocol[i]!, layers.at[i]!, layers, crypto);
  result['payload'] = bytes.subarray(layers.payloadAt, Math.max(layers.payloadAt, layers.payloadEnd));
  result['problem'] = problemText(layers.problem);
  result['raw'] = bytes;
  return result;
}

/** The first layer of a kind is found by its name; of tunnels the innermost addresses stand at the top. */
function addLayer(result: Fields, protocol: number, at: number, found: Layers, crypto: QuicCrypto | null): void {
  const { bytes, end } = found;
  const has = (count: number): boolean => at + count <= end;
  switch (protocol) {
    case P.eth:
      if (has(14))
        set(result, 'eth', { dst: formatMac(bytes, at), src: formatMac(bytes, at + 6), type: u16(bytes, at + 12) });
      break;
    case P.vlan:
    case P.ieee8021ad:
      if (has(4)) addVlan(result, u16(bytes, at));
      break;
    case P.arp:
      if (has(28)) addArp(result, bytes, at);
      break;
    case P.ip:
      if (has(20)) addIp(result, ipv4(bytes, at), 'ip');
      break;
    case P.ipv6:
      if (has(40)) addIp(result, ipv6(bytes, at), 'ipv6');
      break;
    case P.icmp:
    case P.icmpv6:
      if (has(4)) set(result, protocolName(protocol), icmp(bytes, at, end));
      break;
    case P.tcp:
      if (has(20)) set(result, 'tcp', tcp(bytes, at, found));
      break;
    case P.udp:
      if (has(8)) set(result, 'udp', { src_port: u16(bytes, at), dst_port: u16(bytes, at + 2), length: u16(bytes, at + 4), checksum: u16(bytes, at + 6) }); // prettier-ignore
      break;
    default:
      addApplication(result, protocol, at, found.payloadEnd, bytes, crypto);
  }
  if (protocol === P.tcp || protocol === P.udp) {
    result['src_port'] = found.sourcePort;
    result['dst_port'] = found.destinationPort;
  }
}

function addApplication(
  result: Fields,
  protocol: number,
  at: number,
  end: number,
  bytes: Uint8Array,
  crypto: QuicCrypto | null,
): void {
  let made: Fields | null = null;
  switch (protocol) {
    case P.dns:
    case P.mdns:
    case P.llmnr:
      made = dns(bytes, result['tcp'] === undefined ? at : at + 2, end);
      break;
    case P.http:
      made = http(bytes, at, end);
      break;
    case P.tls:
      made = tls(bytes, at, end);
      break;
    case P.dhcp:
      made = decodeDhcp(bytes, at, end) as Fields | null;
      break;
    case P.ntp:
      if (at + 48 <= end) made = { version: (bytes[at]! >> 3) & 7, mode: bytes[at]! & 7, stratum: bytes[at + 1]! };
      break;
    case P.quic:
      made = quic(bytes, at, end, crypto);
      break;
    default:
  }
  if (made !== null) set(result, protocol === P.mdns || protocol === P.llmnr ? 'dns' : protocolName(protocol), made);
}

function set(result: Fields, name: string, value: Field): void {
  result[name] ??= value;
}

function addVlan(result: Fields, tag: number): void {
  const tags = (result['vlan'] ?? []) as readonly Field[];
  result['vlan'] = [...tags, { id: tag & 0xfff, priority: tag >> 13 }];
}

function addArp(result: Fields, bytes: Uint8Array, at: number): void {
  const operation = u16(bytes, at + 6);
  result['src'] = formatIPv4(bytes, at + 14);
  result['dst'] = formatIPv4(bytes, at + 24);
  set(result, 'arp', {
    operation: operation === 1 ? 'request' : operation === 2 ? 'reply' : operation,
    sender_mac: formatMac(bytes, at + 8),
    sender_ip: formatIPv4(bytes, at + 14),
    target_mac: formatMac(bytes, at + 18),
    target_ip: formatIPv4(bytes, at + 24),
  });
}

function addIp(result: Fields, header: Fields, name: string): void {
  result['src'] = header['src']!;
  result['dst'] = header['dst']!;
  set(result, name, header);
}

function ipv4(bytes: Uint8Array, at: number): Fields {
  const fragment = u16(bytes, at + 6);
  return {
    version: 4,
    src: formatIPv4(bytes, at + 12),
    dst: formatIPv4(bytes, at + 16),
    header_length: (bytes[at]! & 15) * 4,
    tos: bytes[at + 1]!,
    length: u16(bytes, at + 2),
    id: u16(bytes, at + 4),
    dont_fragment: (fragment & 0x4000) !== 0,
    more_fragments: (fragment & 0x2000) !== 0,
    fragment_offset: (fragment & 0x1fff) * 8,
    ttl: bytes[at + 8]!,
    protocol: bytes[at + 9]!,
    checksum: u16(bytes, at + 10),
  };
}

function ipv6(bytes: Uint8Array, at: number): Fields {
  return {
    version: 6,
    src: formatIPv6(bytes, at + 8),
    dst: formatIPv6(bytes, at + 24),
    traffic_class: ((bytes[at]! & 15) << 4) | (bytes[at + 1]! >> 4),
    flow_label: ((bytes[at + 1]! & 15) << 16) | u16(bytes, at + 2),
    length: u16(bytes, at + 4),
    next_header: bytes[at + 6]!,
    hop_limit: bytes[at + 7]!,
  };
}

function icmp(bytes: Uint8Array, at: number, end: number): Fields {
  const fields: Fields = { type: bytes[at]!, code: bytes[at + 1]!, checksum: u16(bytes, at + 2) };
  if (at + 8 <= end && [0, 8, 128, 129].includes(bytes[at]!)) {
    fields['id'] = u16(bytes, at + 4);
    fields['sequence'] = u16(bytes, at + 6);
  }
  return fields;
}

function tcp(bytes: Uint8Array, at: number, found: Layers): Fields {
  return {
    src_port: u16(bytes, at),
    dst_port: u16(bytes, at + 2),
    seq: u32(bytes, at + 4),
    ack: u32(bytes, at + 8),
    flags: FLAGS.filter((_flag, bit) => (bytes[at + 13]! & (1 << bit)) !== 0),
    window: u16(bytes, at + 14),
    checksum: u16(bytes, at + 16),
    urgent: u16(bytes, at + 18),
    payload_length: found.payloadLength,
  };
}

function dns(bytes: Uint8Array, at: number, end: number): Fields | null {
  const message = at > end ? null : decodeMessage(bytes, at, end);
  if (message === null) return null;
  return {
    id: message.id,
    response: message.response,
    rcode: rcodeName(message.rcode),
    truncated: message.truncated,
    questions: message.questions.map(({ name, type }) => ({ name, type })),
    answers: message.answers.map(record),
    authorities: message.authorities.map(record),
    problem: message.problem,
  };
}

function record({ name, type, ttl, data }: DnsRecord): Field {
  return { name, type, ttl, data: rdataText(data) };
}

function rdataText(data: DnsRecord['data']): Field {
  switch (data.kind) {
    case 'address':
      return data.address;
    case 'name':
      return data.name;
    case 'mx':
      return { preference: data.preference, exchange: data.exchange };
    case 'srv':
      return { priority: data.priority, weight: data.weight, port: data.port, target: data.target };
    case 'text':
      return data.strings;
    case 'bytes':
      return data.bytes;
    default:
      return data.kind;
  }
}

function http(bytes: Uint8Array, at: number, end: number): Fields | null {
  const head = decodeHttpHead(bytes, at, end);
  if (head === null) return null;
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of head.headers) headers[name] = name in headers ? `${headers[name]!}, ${value}` : value;
  const start =
    head.method === null ? { status: head.status, reason: head.reason } : { method: head.method, path: head.target };
  return { ...start, version: head.version, headers, body: bytes.subarray(at + head.length, end) };
}

function tls(bytes: Uint8Array, at: number, end: number): Fields {
  const fields: Fields = { content_type: bytes[at]!, record_version: versionName(u16(bytes, at + 1)), length: u16(bytes, at + 3) }; // prettier-ignore
  const hello = helloOf(bytes, at, end);
  if (hello === null || hello === 'more') return fields;
  const { client, server } = hello;
  if (client !== null) {
    fields['client_hello'] = clientFields(client);
  }
  if (server !== null) fields['server_hello'] = { version: versionName(server.version), cipher: server.cipher };
  return fields;
}

function clientFields({ version, serverName, alpn, ciphers, ja4 }: ClientHello): Fields {
  return { version: versionName(version), server_name: serverName, alpn, ciphers, ja4 };
}

/** RFC 9000, section 17.2: what a long header shows of itself. */
function quic(bytes: Uint8Array, at: number, end: number, crypto: QuicCrypto | null): Fields | null {
  if ((bytes[at]! & 0x80) === 0) return { long_header: false };
  if (at + 6 > end) return null;
  const version = u32(bytes, at + 1);
  const targetLength = bytes[at + 5]!;
  const sourceAt = at + 6 + targetLength;
  if (targetLength > 20 || sourceAt >= end) return null;
  const sourceLength = bytes[sourceAt]!;
  if (sourceLength > 20 || sourceAt + 1 + sourceLength > end) return null;
  // Version 2 counts them from one further (RFC 9369, section 3.2).
  const kind = ((bytes[at]! >> 4) + (version === VERSION_2 ? 3 : 0)) & 3;
  const type = ['initial', '0-rtt', 'handshake', 'retry'][kind]!;
  const hellos = crypto === null ? [] : new QuicHellos(crypto).add(bytes, at, end, '', 'server');
  const client = hellos[0]?.client ?? null;
  return {
    long_header: true,
    type: version === 0 ? 'version negotiation' : type,
    version,
    destination_id: hex(bytes.subarray(at + 6, sourceAt)),
    source_id: hex(bytes.subarray(sourceAt + 1, sourceAt + 1 + sourceLength)),
    ...(client === null ? {} : { client_hello: clientFields(client) }),
  };
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
