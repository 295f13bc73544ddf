/**
 * Writes capture files: pcapng, one interface with nanoseconds for each link type, which keeps all that is known of
 * a packet; or pcap with nanoseconds, for one link type. Wireshark and tcpdump read both.
 */
import type { FileKind } from './reader';

/** A packet as it is kept. */
export interface StoredPacket {
  readonly bytes: Uint8Array;
  readonly seconds: number;
  readonly nanos: number;
  readonly wireLength: number;
  readonly linkType: number;
}

const SNAP_LENGTH = 262144;

/** The beginning of a file. `linkTypes` are all that will come, in the order of their interfaces. */
export function fileHeader(kind: FileKind, linkTypes: readonly number[]): Uint8Array {
  return kind === 'pcap' ? pcapHeader(linkTypes[0]!) : pcapngHeader(linkTypes);
}

function pcapHeader(linkType: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const fields = new DataView(bytes.buffer);
  fields.setUint32(0, 0xa1b23c4d, true);
  fields.setUint16(4, 2, true);
  fields.setUint16(6, 4, true);
  fields.setUint32(16, SNAP_LENGTH, true);
  fields.setUint32(20, linkType, true);
  return bytes;
}

function pcapngHeader(linkTypes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(28 + linkTypes.length * 32);
  const fields = new DataView(bytes.buffer);
  fields.setUint32(0, 0x0a0d0d0a, true);
  fields.setUint32(4, 28, true);
  fields.setUint32(8, 0x1a2b3c4d, true);
  fields.setUint16(12, 1, true);
  // The length of the section is not told.
  fields.setInt32(16, -1, true);
  fields.setInt32(20, -1, true);
  fields.setUint32(24, 28, true);
  linkTypes.forEach((linkType, i) => {
    const at = 28 + i * 32;
    fields.setUint32(at, 1, true);
    fields.setUint32(at + 4, 32, true);
    fields.setUint16(at + 8, linkType, true);
    fields.setUint32(at + 12, SNAP_LENGTH, true);
    // if_tsresol: nanoseconds.
    fields.setUint16(at + 16, 9, true);
    fields.setUint16(at + 18, 1, true);
    bytes[at + 20] = 9;
    fields.setUint32(at + 28, 32, true);
  });
  return bytes;
}

/** A packet with what stands around it in the file. `interfaceNumber` is the place of its link type in the header. */
export function packetRecord(kind: FileKind, packet: StoredPacket, interfaceNumber: number): Uint8Array {
  const captured = packet.bytes.length;
  if (kind === 'pcap') {
    const bytes = new Uint8Array(16 + captured);
    const fields = new DataView(bytes.buffer);
    fields.setUint32(0, packet.seconds, true);
    fields.setUint32(4, packet.nanos, true);
    fields.setUint32(8, captured, true);
    fields.setUint32(12, packet.wireLength, true);
    bytes.set(packet.bytes, 16);
    return bytes;
  }
  const length = 32 + ((captured + 3) & ~3);
  const bytes = new Uint8Array(length);
  const fields = new DataView(bytes.buffer);
  const time = BigInt(packet.seconds) * 1_000_000_000n + BigInt(Math.floor(packet.nanos));
  fields.setUint32(0, 6, true);
  fields.setUint32(4, length, true);
  fields.setUint32(8, interfaceNumber, true);
  fields.setUint32(12, Number(time >> 32n), true);
  fields.setUint32(16, Number(time & 0xffffffffn), true);
  fields.setUint32(20, captured, true);
  fields.setUint32(24, packet.wireLength, true);
  bytes.set(packet.bytes, 28);
  fields.setUint32(length - 4, length, true);
  return bytes;
}
