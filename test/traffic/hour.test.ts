/**
 * An hour of ordinary traffic raises no finding. The packets are those of real clients and servers (make-hour.sh), each
 * kind recorded once. Here they are put into one hour: repeated at the times at which people and systems do such things,
 * each time from other ports, long sessions drawn out. Nothing else about them is changed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { quicCrypto } from '../../src/host/crypto/quic';
import type { StoredPacket } from '../../src/wire/capture-file/writer';
import { Layers } from '../../src/wire/packet/layers';
import { Analysis } from '../../src/wire/traffic/analysis';
import type { Report } from '../../src/wire/traffic/report';
import { reportOf } from '../../src/wire/traffic/report';
import { packetsOf } from './support';

const HOUR = 3600;
const FIRST_CLIENT_PORT = 32_768;

type Kind = 'browser' | 'apt' | 'ssh' | 'chat' | 'ntp' | 'dns' | 'dhcp' | 'chatter' | 'ipv6';

function recorded(kind: Kind): StoredPacket[] {
  return packetsOf(new Uint8Array(gunzipSync(readFileSync(join(__dirname, `captures/hour/${kind}.pcap.gz`)))));
}

interface Placed {
  readonly time: number;
  readonly packet: StoredPacket;
}

const layers = new Layers();

/** As often as there are times; `stretch` makes a session longer. */
function placed(kind: Kind, times: readonly number[], stretch = 1): Placed[] {
  const packets = recorded(kind);
  const began = packets[0]!.seconds + packets[0]!.nanos / 1e9;
  return times.flatMap((start, i) =>
    packets.map((packet) => ({
      time: start + (packet.seconds + packet.nanos / 1e9 - began) * stretch,
      packet: fromOtherPorts(packet, i),
    })),
  );
}

function fromOtherPorts(packet: StoredPacket, turn: number): StoredPacket {
  const bytes = packet.bytes.slice();
  layers.find(bytes, 0, bytes.length, packet.wireLength, packet.linkType);
  if (turn === 0 || layers.transport === 0) return { ...packet, bytes };
  for (const at of [layers.transportAt, layers.transportAt + 2]) {
    const port = (bytes[at]! << 8) | bytes[at + 1]!;
    if (port < FIRST_CLIENT_PORT) continue;
    const other = FIRST_CLIENT_PORT + ((port - FIRST_CLIENT_PORT + 211 * turn) % (65_536 - FIRST_CLIENT_PORT));
    bytes[at] = other >> 8;
    bytes[at + 1] = other;
  }
  return { ...packet, bytes };
}

/** The times of a person: pauses between a few seconds and some minutes, the same in each run. */
function nowAndThen(count: number, seed: number): number[] {
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
  const pauses = Array.from({ length: count }, () => -Math.log(1 - random() * 0.98));
  const sum = pauses.reduce((total, each) => total + each, 0);
  let at = 0;
  return pauses.map((pause) => (at += (pause / sum) * (HOUR - 60)));
}

const every = (seconds: number): number[] => Array.from({ length: Math.floor(HOUR / seconds) }, (_none, i) => 5 + i * seconds); // prettier-ignore

/** Which seconds of the hour each kind begins at. */
const HOUR_OF: readonly Placed[] = [
  placed('browser', nowAndThen(45, 1)),
  placed('apt', [300, 2900]),
  placed('ssh', [400, 2000], 120),
  // One connection with a heartbeat, the whole hour.
  placed('chat', [20], 640),
  placed('ntp', every(64)),
  placed('dns', nowAndThen(12, 2)),
  placed('dhcp', [10]),
  placed('dhcp', every(900)),
  placed('chatter', every(60)),
  placed('ipv6', nowAndThen(30, 3)),
].flat();

function analyzed(all: readonly Placed[]): Report {
  const analysis = new Analysis({ decode: true, quic: quicCrypto });
  for (const { time, packet } of [...all].sort((a, b) => a.time - b.time))
    analysis.add(packet.bytes, 0, packet.bytes.length, packet.wireLength, packet.linkType, 1_700_000_000 + time);
  return reportOf(analysis, 1000);
}

test('an hour of a browser, apt, SSH, a chat, NTP, DNS, DHCP, mDNS, SSDP and IPv6 raises nothing', () => {
  const report = analyzed(HOUR_OF);
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.suspicious, []);
  assert.equal(report.malformed, 0);
  // It is an hour, and all of it is there.
  assert.ok(report.last - report.first > HOUR - 200);
  const seen = new Set(report.protocols.map(({ protocol }) => protocol));
  for (const protocol of ['http', 'tls', 'ssh', 'dns', 'ntp', 'dhcp', 'mdns', 'ssdp', 'llmnr', 'icmpv6', 'arp'])
    assert.ok(seen.has(protocol), protocol);
  assert.ok(report.packets > 15_000, String(report.packets));
  assert.ok(report.tlsServers.some(({ name }) => name.endsWith('.shop.example.test')));
  assert.ok(report.httpRequests.some(({ host, path }) => host === 'deb.example.test' && path === '/InRelease'));
});

test('what raises a finding in that hour is found among it', () => {
  const scan = packetsOf(new Uint8Array(readFileSync(join(__dirname, 'captures/port-scan.pcap'))));
  const began = scan[0]!.seconds;
  const hidden = scan.map((packet) => ({ time: 1800 + packet.seconds - began + packet.nanos / 1e9, packet }));
  assert.deepEqual(analyzed([...HOUR_OF, ...hidden]).findings.map(({ rule }) => rule), ['port scan']); // prettier-ignore
});
