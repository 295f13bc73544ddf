/** What is counted and read from the captures is what tshark counts and reads. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { quicCrypto } from '../../src/host/crypto/quic';
import { CaptureReader } from '../../src/wire/capture-file/reader';
import { Analysis } from '../../src/wire/traffic/analysis';
import type { HierarchyNode } from '../../src/wire/traffic/hierarchy';
import type { Report } from '../../src/wire/traffic/report';
import { reportOf } from '../../src/wire/traffic/report';
import { missing } from './programs';

const folder = join(__dirname, 'captures');
const needsTshark = { skip: missing('tshark') };
const FILES = ['ordinary.pcap', 'tunnels.pcap', 'cooked.pcap'];

function report(name: string): Report {
  const analysis = new Analysis({ decode: true, quic: quicCrypto });
  const reader = new CaptureReader((bytes, start, end, head) =>
    analysis.add(bytes, start, end, head.wireLength, head.linkType, head.seconds + head.nanos / 1e9),
  );
  reader.feed(readFileSync(join(folder, name)));
  reader.finish();
  assert.equal(reader.problem, null);
  return reportOf(analysis, 100_000);
}

function tshark(name: string, ...args: string[]): string {
  return execFileSync('tshark', ['-n', '-r', join(folder, name), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
}

/** "12345 bytes" exactly; "12 kB" is rounded. */
function sameBytes(ours: number, theirs: string): boolean {
  const [figure, unit] = theirs.split(' ') as [string, string];
  if (unit === 'bytes') return ours === Number(figure);
  const scale = unit === 'kB' ? 1e3 : 1e6;
  return Math.abs(ours / scale - Number(figure)) <= 1;
}

interface Line {
  readonly a: string;
  readonly b: string;
  readonly framesToA: number;
  readonly bytesToA: string;
  readonly framesToB: number;
  readonly bytesToB: string;
}

function conversationLines(text: string): Line[] {
  const pattern = /^(\S+)\s+<-> (\S+)\s+(\d+) (\d+ \w+)\s+(\d+) (\d+ \w+)\s+\d+ \d+ \w+/gm;
  return [...text.matchAll(pattern)].map(([, a, b, framesToA, bytesToA, framesToB, bytesToB]) => ({
    a: a!, b: b!, framesToA: Number(framesToA), bytesToA: bytesToA!, framesToB: Number(framesToB), bytesToB: bytesToB!,
  })); // prettier-ignore
}

const isV6 = (address: string): boolean => address.includes(':');

/** The hierarchy as lines "eth/ip/tcp packets bytes", down to what is compared. */
const COMPARED = new Set(['eth', 'sll', 'vlan', 'ieee8021ad', 'mpls', 'arp', 'ip', 'ipv6', 'icmp', 'icmpv6', 'tcp', 'udp', 'gre', 'vxlan', 'ntp', 'ssdp', 'dhcp', 'dns', 'mdns', 'igmp']); // prettier-ignore

function ourHierarchy(nodes: readonly HierarchyNode[], path = ''): string[] {
  return nodes
    .filter(({ protocol }) => COMPARED.has(protocol) && !(path.endsWith('/tcp') && protocol === 'dns'))
    .flatMap((node) => {
      const here = path === '' ? node.protocol : `${path}/${node.protocol}`;
      return [`${here} ${node.packets} ${node.bytes}`, ...ourHierarchy(node.children, here)];
    });
}

function theirHierarchy(text: string): string[] {
  const stack: string[] = [];
  const found: string[] = [];
  for (const [, indent, name, frames, bytes] of text.matchAll(/^( *)([\w.:-]+) +frames:(\d+) bytes:(\d+)/gm)) {
    const depth = indent!.length / 2;
    stack.length = depth;
    stack.push(name!);
    const above = stack.slice(0, -1);
    // Below ICMP stands what it quotes.
    if (stack.some((each) => !COMPARED.has(each)) || above.some((each) => each.startsWith('icmp'))) continue;
    if (above.at(-1) === 'tcp') continue;
    found.push(`${stack.join('/')} ${frames!} ${bytes!}`);
  }
  return found;
}

for (const name of FILES) {
  test(`${name}: hierarchy, endpoints and conversations are tshark's`, needsTshark, () => {
    const ours = report(name);
    const text = tshark(name, '-q', '-z', 'conv,ip', '-z', 'conv,ipv6', '-z', 'conv,tcp', '-z', 'conv,udp', '-z', 'endpoints,ip', '-z', 'endpoints,ipv6', '-z', 'plen,tree'); // prettier-ignore
    assert.deepEqual(ourHierarchy(ours.hierarchy).sort(), theirHierarchy(tshark(name, '-q', '-z', 'io,phs')).sort());
    compareEndpoints(ours, text);
    for (const [title, ofKind] of [
      ['IPv4', (address: string) => !isV6(address)],
      ['IPv6', isV6],
    ] as const)
      compareConversations(ours, section(text, `${title} Conversations`), ofKind);
    for (const transport of ['tcp', 'udp'] as const)
      comparePorts(ours, section(text, `${transport.toUpperCase()} Conversations`), transport);
    const sizes = [...text.matchAll(/^ (\d+-\d+|5120 and greater) +(\d+)/gm)].map(([, , count]) => Number(count));
    assert.deepEqual(ours.sizes.classes.map(([, count]) => count), sizes); // prettier-ignore
  });
}

function section(text: string, title: string): string {
  const at = text.indexOf(title);
  return at < 0 ? '' : text.slice(at, text.indexOf('\n====', at));
}

function compareEndpoints(ours: Report, text: string): void {
  const pattern = /^(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) *$/gm;
  const theirs = ['IPv4 Endpoints', 'IPv6 Endpoints']
    .flatMap((title) => [...section(text, title).matchAll(pattern)])
    .map(
      ([, address, , , sent, sentBytes, got, gotBytes]) => `${address!} ${sent!} ${sentBytes!} ${got!} ${gotBytes!}`,
    );
  const mine = ours.endpoints.map(
    (each) => `${each.address} ${each.packetsSent} ${each.bytesSent} ${each.packetsReceived} ${each.bytesReceived}`,
  );
  assert.deepEqual(mine.filter(isCompared).sort(), theirs.filter(isCompared).sort());
}

/**
 * tshark leaves out all fragments of an IPv6 packet but the one that completes it, from `-z conv` and `-z endpoints`.
 * The two that send some are compared in a test of their own.
 */
const isCompared = (line: string): boolean => !/fd77::[12]/.test(line);

function compareConversations(ours: Report, text: string, ofKind: (address: string) => boolean): void {
  const theirs = conversationLines(text).filter(({ a }) => isCompared(a));
  const mine = ours.conversations.filter(({ a }) => ofKind(a) && isCompared(a));
  assert.equal(mine.length, theirs.length);
  for (const line of theirs) {
    const found = mine.find(({ a, b }) => (a === line.a && b === line.b) || (a === line.b && b === line.a));
    assert.ok(found, `${line.a} <-> ${line.b} is missing`);
    assertSame(found, line, found.a === line.a);
  }
}

function assertSame(found: Report['conversations'][number], line: Line, isSame: boolean): void {
  const shown = `${line.a} <-> ${line.b}`;
  assert.equal(isSame ? found.packetsToB : found.packetsToA, line.framesToB, shown);
  assert.equal(isSame ? found.packetsToA : found.packetsToB, line.framesToA, shown);
  assert.ok(sameBytes(isSame ? found.bytesToB : found.bytesToA, line.bytesToB), shown);
  assert.ok(sameBytes(isSame ? found.bytesToA : found.bytesToB, line.bytesToA), shown);
}

function comparePorts(ours: Report, text: string, transport: 'tcp' | 'udp'): void {
  const theirs = conversationLines(text);
  const mine = ours.streams.filter((each) => each.transport === transport);
  assert.equal(mine.length, theirs.length, transport);
  for (const line of theirs) {
    const isSame = (each: (typeof mine)[number]): boolean =>
      `${each.a}:${each.portA}` === line.a && `${each.b}:${each.portB}` === line.b;
    const isTurned = (each: (typeof mine)[number]): boolean =>
      `${each.a}:${each.portA}` === line.b && `${each.b}:${each.portB}` === line.a;
    const found = mine.find((each) => isSame(each) || isTurned(each));
    assert.ok(found, `${line.a} <-> ${line.b} is missing`);
    assertSame(found, line, isSame(found));
  }
}

test('IPv6 fragments count as the packets that they are', needsTshark, () => {
  const found = report('ordinary.pcap').endpoints.find(({ address }) => address === 'fd77::1')!;
  const lengths = (filter: string): number[] => fields('ordinary.pcap', filter, 'frame.len').map(Number);
  const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);
  const [sent, got] = [lengths('ipv6.src == fd77::1'), lengths('ipv6.dst == fd77::1')];
  assert.deepEqual([found.packetsSent, found.bytesSent, found.packetsReceived, found.bytesReceived], [sent.length, sum(sent), got.length, sum(got)]); // prettier-ignore
});

/** How often each line comes. */
function tally(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => `${line} x${count}`).sort();
}

const fields = (name: string, filter: string, ...names: string[]): string[] =>
  tshark(name, '-Y', filter, '-T', 'fields', '-E', 'occurrence=a', ...names.flatMap((each) => ['-e', each])).split('\n').filter((line) => line.trim() !== ''); // prettier-ignore

for (const name of ['ordinary.pcap', 'tunnels.pcap']) {
  test(`${name}: DNS names, TLS server names and HTTP requests are tshark's`, needsTshark, () => {
    const ours = report(name);
    const queries = fields(name, 'dns && dns.flags.response == 0', 'dns.qry.name');
    assert.deepEqual(
      ours.names.filter((each) => each.queries > 0).flatMap((each) => new Array<string>(each.queries).fill(each.name)).sort(),
      queries.sort(),
    ); // prettier-ignore
    const servers = fields(name, 'tls.handshake.type == 1', 'frame.protocols', 'tls.handshake.extensions_server_name').map((line) => line.split('\t')[1] ?? ''); // prettier-ignore
    assert.deepEqual(ours.tlsServers.flatMap((each) => new Array<string>(each.connections).fill(each.name)).sort(), servers.sort()); // prettier-ignore
    const requests = fields(name, 'http.request && tcp', 'http.request.method', 'http.host', 'http.request.uri');
    assert.deepEqual(
      tally(ours.httpRequests.flatMap(({ method, host, path, requests: times }) => new Array<string>(times).fill(`${method}\t${host}\t${path}`))), // prettier-ignore
      tally(requests),
    );
  });
}

test("QUIC: versions 1 and 2, behind a Retry, in several packets: server names are tshark's", needsTshark, () => {
  const ours = report('quic.pcap');
  const named = fields('quic.pcap', 'tls.handshake.type == 1 && quic', 'tls.handshake.extensions_server_name').flatMap((line) => line.split(',')); // prettier-ignore
  assert.deepEqual([...new Set(ours.tlsServers.map(({ name }) => name))].sort(), [...new Set(named)].sort());
  assert.deepEqual(ours.tlsServers.map(({ name, port, version, connections }) => `${name} ${port} ${version} ${connections}`).sort(), [
    'long.example.test 4433 TLS 1.3 1',
    'one.example.test 4433 TLS 1.3 1',
    'retry.example.test 4434 TLS 1.3 1',
    'two.example.test 4433 TLS 1.3 1',
  ]); // prettier-ignore
  assert.ok(ours.tlsServers.every(({ ja4 }) => ja4.startsWith('q13d')));
});
