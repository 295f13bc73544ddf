/** Captures as packets, and analyses of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../src/wire/capture-file/reader';
import type { StoredPacket } from '../../src/wire/capture-file/writer';
import { fileHeader, packetRecord } from '../../src/wire/capture-file/writer';
import { Analysis } from '../../src/wire/traffic/analysis';
import type { Report } from '../../src/wire/traffic/report';
import { reportOf } from '../../src/wire/traffic/report';

const folder = join(__dirname, 'captures');

export function captureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)));
}

export function packetsOf(bytes: Uint8Array): StoredPacket[] {
  const packets: StoredPacket[] = [];
  const reader = new CaptureReader((piece, start, end, { seconds, nanos, wireLength, linkType }) =>
    packets.push({ bytes: piece.slice(start, end), seconds, nanos, wireLength, linkType }),
  );
  reader.feed(bytes);
  reader.finish();
  return packets;
}

/** `stretch` makes the time between packets longer, so that a test need not wait for it. */
export function analyze(packets: readonly StoredPacket[], stretch = 1): Report {
  const analysis = new Analysis();
  for (const { bytes, seconds, nanos, wireLength, linkType } of packets)
    analysis.add(bytes, 0, bytes.length, wireLength, linkType, (seconds + nanos / 1e9) * stretch);
  return reportOf(analysis, 1000);
}

export function captureFile(kind: 'pcap' | 'pcapng', packets: readonly StoredPacket[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat([fileHeader(kind, [1]), ...packets.map((packet) => packetRecord(kind, packet, 0))]),
  );
}

/** An IPv4 packet in an Ethernet frame, with made-up hardware addresses. */
export function frame(
  time: number,
  source: string,
  target: string,
  protocol: number,
  payload: readonly number[],
): StoredPacket {
  const address = (text: string): number[] => text.split('.').map(Number);
  const total = 20 + payload.length;
  const bytes = Uint8Array.from([
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
    0x45, 0, total >> 8, total & 255, 0, 1, 0, 0, 64, protocol, 0, 0, ...address(source), ...address(target),
    ...payload,
  ]); // prettier-ignore
  const seconds = Math.floor(time);
  return { bytes, seconds, nanos: Math.round((time - seconds) * 1e9), wireLength: bytes.length, linkType: 1 };
}

const two = (value: number): number[] => [value >> 8, value & 255];
const four = (value: number): number[] => [...two(value >>> 16), ...two(value & 0xffff)];

export interface Segment {
  readonly time: number;
  readonly source: string;
  readonly target: string;
  readonly ports: readonly [source: number, target: number];
  readonly flags: number;
  readonly sequence?: number;
  readonly data?: string;
}

export function segment({ time, source, target, ports, flags, sequence = 0, data = '' }: Segment): StoredPacket {
  const header = [...two(ports[0]), ...two(ports[1]), ...four(sequence), ...four(0), 0x50, flags, 0x20, 0, 0, 0, 0, 0];
  return frame(time, source, target, 6, [...header, ...Buffer.from(data, 'latin1')]);
}

export function datagram(
  time: number,
  source: string,
  target: string,
  ports: readonly [number, number],
  data: readonly number[],
): StoredPacket {
  return frame(time, source, target, 17, [...two(ports[0]), ...two(ports[1]), ...two(8 + data.length), 0, 0, ...data]);
}
