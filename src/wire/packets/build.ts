/** Packets to send: headers with their checksums, in network byte order. Addresses are bytes. */
import { ByteWriter } from '../bytes';
import { finish, pseudoHeader, sum } from './checksum';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_ACK = 0x10;

export interface Between {
  readonly source: Uint8Array;
  readonly target: Uint8Array;
}

export interface TcpFields {
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly flags: number;
  readonly window?: number;
  /** The largest segment to take; adds an option. */
  readonly maxSegment?: number;
  readonly data?: Uint8Array;
}

/** A TCP segment (RFC 9293, section 3.1). */
export function tcpSegment(between: Between, fields: TcpFields): Uint8Array {
  const { maxSegment, data = new Uint8Array(0) } = fields;
  const headerBytes = maxSegment === undefined ? 20 : 24;
  const writer = new ByteWriter()
    .u16(fields.sourcePort)
    .u16(fields.targetPort)
    .u32(fields.sequence)
    .u32(fields.acknowledgement ?? 0)
    .u8((headerBytes / 4) << 4)
    .u8(fields.flags)
    .u16(fields.window ?? 64240)
    .u16(0)
    .u16(0);
  if (maxSegment !== undefined) writer.u8(2).u8(4).u16(maxSegment);
  writer.put(data);
  const bytes = writer.done();
  writer.setU16(16, finish(sum(bytes, 0, bytes.length, pseudoHeader(between.source, between.target, PROTOCOL_TCP, bytes.length)))); // prettier-ignore
  return bytes;
}

/** A UDP datagram (RFC 768). */
export function udpDatagram(between: Between, sourcePort: number, targetPort: number, data: Uint8Array): Uint8Array {
  const length = 8 + data.length;
  const writer = new ByteWriter().u16(sourcePort).u16(targetPort).u16(length).u16(0).put(data);
  const bytes = writer.done();
  const checksum = finish(sum(bytes, 0, length, pseudoHeader(between.source, between.target, PROTOCOL_UDP, length)));
  // 0 would say that there is none.
  writer.setU16(6, checksum === 0 ? 0xffff : checksum);
  return bytes;
}

const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;

/** An ICMP echo request (RFC 792). */
export function icmpEcho(id: number, sequence: number, data: Uint8Array): Uint8Array {
  const writer = new ByteWriter().u8(ECHO_REQUEST).u8(0).u16(0).u16(id).u16(sequence).put(data);
  writer.setU16(2, finish(sum(writer.done())));
  return writer.done();
}

/** An ICMPv6 echo request (RFC 4443, section 4.1). The system puts the checksum in: it knows the addresses. */
export function icmpv6Echo(id: number, sequence: number, data: Uint8Array): Uint8Array {
  return new ByteWriter().u8(ECHO_REQUEST_V6).u8(0).u16(0).u16(id).u16(sequence).put(data).done();
}

export interface Ipv4Fields extends Between {
  readonly protocol: number;
  readonly id?: number;
  readonly ttl?: number;
  readonly dontFragment?: boolean;
}

/** An IPv4 packet (RFC 791). */
export function ipv4Packet(fields: Ipv4Fields, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter()
    .u8(0x45)
    .u8(0)
    .u16(20 + payload.length)
    .u16(fields.id ?? 0)
    .u16(fields.dontFragment === true ? 0x4000 : 0)
    .u8(fields.ttl ?? 64)
    .u8(fields.protocol)
    .u16(0)
    .put(fields.source)
    .put(fields.target);
  writer.setU16(10, finish(sum(writer.done())));
  return writer.put(payload).done();
}

/** An IPv6 packet without extension headers (RFC 8200). */
export function ipv6Packet(
  fields: Between & { readonly protocol: number; readonly hopLimit?: number },
  payload: Uint8Array,
): Uint8Array {
  return new ByteWriter()
    .u32(0x60000000)
    .u16(payload.length)
    .u8(fields.protocol)
    .u8(fields.hopLimit ?? 64)
    .put(fields.source)
    .put(fields.target)
    .put(payload)
    .done();
}

const ETHERTYPE_ARP = 0x0806;
const BROADCAST = new Uint8Array(6).fill(0xff);

/** An Ethernet frame that asks who has an IPv4 address (RFC 826). */
export function arpRequest(ownHardware: Uint8Array, ownAddress: Uint8Array, wanted: Uint8Array): Uint8Array {
  return new ByteWriter()
    .put(BROADCAST)
    .put(ownHardware)
    .u16(ETHERTYPE_ARP)
    .u16(1)
    .u16(0x0800)
    .u8(6)
    .u8(4)
    .u16(1)
    .put(ownHardware)
    .put(ownAddress)
    .put(new Uint8Array(6))
    .put(wanted)
    .done();
}
