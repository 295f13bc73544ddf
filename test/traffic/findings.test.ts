/** Each rule finds what it is for, and keeps quiet about what only looks like it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredPacket } from '../../src/wire/capture-file/writer';
import { ACK, FIN, RST, SYN } from '../../src/wire/packet/protocols';
import type { Finding } from '../../src/wire/traffic/rule';
import { analyze, captureBytes, datagram, frame, packetsOf, segment } from './support';

const rules = (findings: readonly Finding[]): string[] => findings.map(({ rule }) => rule);

function findingsIn(name: string, stretch = 1): readonly Finding[] {
  return analyze(packetsOf(captureBytes(name)), stretch).findings;
}

const RAISED: readonly (readonly [string, string, number, Readonly<Record<string, unknown>>])[] = [
  ['port-scan.pcap', 'port scan', 1, { technique: 'SYN', ports_tried: 60 }],
  ['udp-scan.pcap', 'port scan', 1, { technique: 'UDP' }],
  ['host-sweep.pcap', 'host sweep', 1, { technique: 'ARP', hosts_silent: 58 }],
  ['syn-flood.pcap', 'SYN flood', 1, { port: 80, half_open: 400 }],
  ['arp-spoofing.pcap', 'ARP spoofing', 1, { address: '10.77.0.254', suspected_mac: '02:66:66:66:66:66' }],
  ['dns-tunnel.pcap', 'DNS tunnelling', 1, { domain: 'tunnel.test', names: 40 }],
  ['beacon.pcap', 'beaconing', 5, { port: 8080, connections: 14 }],
  ['old-tls.pcap', 'old TLS', 1, { port: 8443, version: 'TLS 1.0' }],
  ['rogue-dhcp.pcap', 'rogue DHCP', 1, { server: '10.77.0.66', other_server: '10.77.0.254' }],
  ['icmp-tunnel.pcap', 'ICMP tunnel', 1, { different_payloads: 40 }],
];

for (const [name, rule, stretch, evidence] of RAISED) {
  test(`${name}: ${rule}`, () => {
    const found = findingsIn(name, stretch);
    assert.deepEqual(rules(found), [rule]);
    for (const [key, value] of Object.entries(evidence)) assert.deepEqual(found[0]!.evidence[key], value, key);
    assert.ok(found[0]!.packets > 0 && found[0]!.reference !== '' && found[0]!.last >= found[0]!.first);
  });
}

test('credentials.pcap: three passwords, none shown whole, and not the anonymous one', () => {
  const found = findingsIn('credentials.pcap');
  assert.deepEqual(rules(found), new Array(3).fill('plain-text credentials'));
  assert.deepEqual(found.map(({ evidence }) => `${String(evidence['protocol'])} ${String(evidence['user'])}`), ['HTTP Basic alice', 'FTP bob', 'POP3 carol']); // prettier-ignore
  const text = JSON.stringify(found);
  for (const secret of ['wonderland', 'builder99', 'singer-secret', 'YWxpY2U6']) assert.ok(!text.includes(secret));
});

for (const name of ['ordinary.pcap', 'tunnels.pcap', 'cooked.pcap', 'short.pcap', 'nanoseconds.pcap']) {
  test(`${name}: ordinary traffic raises nothing`, () => {
    const report = analyze(packetsOf(captureBytes(name)));
    assert.deepEqual(report.findings, []);
    assert.deepEqual(report.suspicious, []);
    assert.equal(report.malformed, 0);
  });
}

const C = '10.0.0.1';
const S = '10.0.0.2';

/** A connection from its beginning to its end. */
function connection(time: number, from: string, to: string, ports: readonly [number, number]): StoredPacket[] {
  const back = [ports[1], ports[0]] as const;
  return [
    segment({ time, source: from, target: to, ports, flags: SYN, sequence: 1 }),
    segment({ time: time + 0.001, source: to, target: from, ports: back, flags: SYN | ACK, sequence: 1 }),
    segment({ time: time + 0.002, source: from, target: to, ports, flags: ACK, sequence: 2 }),
    segment({ time: time + 0.003, source: from, target: to, ports, flags: FIN | ACK, sequence: 2 }),
  ];
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_none, i) => make(i));

function dnsQuery(name: string): number[] {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1];
}

const arp = (time: number, operation: number, mac: number, address: string, target: string): StoredPacket => {
  const ip = (text: string): number[] => text.split('.').map(Number);
  const sender = [2, 0, 0, 0, 0, mac];
  const bytes = Uint8Array.from([255, 255, 255, 255, 255, 255, ...sender, 8, 6, 0, 1, 8, 0, 6, 4, 0, operation, ...sender, ...ip(address), 0, 0, 0, 0, 0, 0, ...ip(target)]); // prettier-ignore
  return { bytes, seconds: Math.floor(time), nanos: 0, wireLength: bytes.length, linkType: 1 };
};

/** A server's answer to a client that asked for an address. */
function dhcp(server: string, type: number, router: string, dns: string): number[] {
  const ip = (text: string): number[] => text.split('.').map(Number);
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  return [2, 1, 6, 0, 0, 0, 0, 7, ...zeros(8), ...ip('10.0.0.50'), ...ip(server), ...zeros(4), 2, 0, 0, 0, 0, 5, ...zeros(10), ...zeros(192), 99, 130, 83, 99, 53, 1, type, 54, 4, ...ip(server), 3, 4, ...ip(router), 6, 4, ...ip(dns), 255]; // prettier-ignore
}

/** What a client and a server say in turns, a line each. */
function talk(port: number, lines: readonly string[]): StoredPacket[] {
  const next = { client: 1, server: 1 };
  return lines.map((line, i) => {
    const isClient = line.startsWith('> ');
    const data = `${line.slice(2)}\r\n`;
    const who = isClient ? 'client' : 'server';
    const sequence = next[who];
    next[who] += data.length;
    return isClient
      ? segment({ time: i, source: C, target: S, ports: [20_000, port], flags: ACK, sequence, data })
      : segment({ time: i, source: S, target: C, ports: [port, 20_000], flags: ACK, sequence, data });
  });
}

/** A hello of a client that says TLS 1.0 on the record, as all do, and the answer of a server: version 1.3 or what is given. */
function hellos(chosen: number, isExtended: boolean): StoredPacket[] {
  const random = new Array<number>(32).fill(7);
  const record = (type: number, body: readonly number[]): string => {
    const message = [type, 0, body.length >> 8, body.length & 255, ...body];
    return String.fromCharCode(22, 3, 1, message.length >> 8, message.length & 255, ...message);
  };
  const versions = isExtended ? [0, 6, 0, 43, 0, 2, 3, 4] : [];
  const client = record(1, [3, 3, ...random, 0, 0, 2, 0x13, 1, 1, 0, 0, 11, 0, 43, 0, 7, 6, 3, 4, 3, 3, 3, 1]);
  const server = record(2, [chosen >> 8, chosen & 255, ...random, 0, 0x13, 1, 0, ...versions]);
  return [
    segment({ time: 1, source: C, target: S, ports: [20_000, 443], flags: ACK, sequence: 1, data: client }),
    segment({ time: 2, source: S, target: C, ports: [443, 20_000], flags: ACK, sequence: 1, data: server }),
  ];
}

test('TLS 1.1 that a server chooses is old', () => {
  assert.deepEqual(analyze(hellos(0x0302, false)).findings.map(({ rule }) => rule), ['old TLS']); // prettier-ignore
});

test('a DHCP server that names another router is a rogue', () => {
  const answers = [dhcp('10.0.0.3', 5, '10.0.0.254', '10.0.0.3'), dhcp('10.0.0.66', 5, '10.0.0.66', '10.0.0.66')];
  const { findings } = analyze(answers.map((answer, i) => datagram(i, answer.slice(20, 24).join('.'), '255.255.255.255', [67, 68], answer))); // prettier-ignore
  assert.deepEqual(findings.map(({ rule, source }) => `${rule} ${source}`), ['rogue DHCP 10.0.0.66']); // prettier-ignore
});

/** Near misses: what ordinary hosts do that looks like something else. */
const QUIET: Readonly<Record<string, () => StoredPacket[]>> = {
  'many connections to one port that all succeed': () => times(500, (i) => connection(i * 0.01, C, S, [20_000 + i, 443])).flat(),
  'many ports that all answer, as passive FTP has': () => times(60, (i) => connection(i, C, S, [20_000 + i, 30_000 + i])).flat(),
  'a few closed ports': () => times(14, (i) => segment({ time: i, source: C, target: S, ports: [20_000 + i, 1 + i], flags: SYN })),
  'a browser on many servers': () => times(100, (i) => connection(i * 0.1, C, `192.0.2.${i + 1}`, [20_000 + i, 443])).flat(),
  'a monitor that pings hosts that answer': () => times(100, (i) => [frame(i * 0.1, C, `192.0.2.${i + 1}`, 1, [8, 0, 0, 0, 0, 1, 0, i]), frame(i * 0.1, `192.0.2.${i + 1}`, C, 1, [0, 0, 0, 0, 0, 1, 0, i])]).flat(), // prettier-ignore
  'a client that tries a host which is down': () => times(300, (i) => segment({ time: i * 0.01, source: C, target: S, ports: [20_000, 80], flags: SYN })),
  'connections that are refused, again and again': () => times(400, (i) => [segment({ time: i * 0.01, source: C, target: S, ports: [20_000 + i, 80], flags: SYN }), segment({ time: i * 0.01, source: S, target: C, ports: [80, 20_000 + i], flags: RST | ACK })]).flat(), // prettier-ignore
  'an address that moves to another network card once': () => [...times(5, (i) => arp(i, 2, 1, '10.0.0.9', C)), ...times(4, (i) => arp(20 + i, 2, 2, '10.0.0.9', C))],
  'hosts that ask for their gateway': () => times(50, (i) => [arp(i, 1, 3, C, '10.0.0.254'), arp(i, 2, 9, '10.0.0.254', C)]).flat(),
  'names of a content network': () => times(200, (i) => datagram(i, C, S, [4000, 53], dnsQuery(`edge-${i}.region${i % 7}.cdn.example.com`))),
  'reverse look-ups': () => times(200, (i) => datagram(i, C, S, [4000, 53], dnsQuery(`${i}.2.0.192.in-addr.arpa`))),
  'one long name, often': () => times(200, (i) => datagram(i, C, S, [4000, 53], dnsQuery('d111111abcdef8-very-long-name-of-some-bucket-somewhere.cloudfront.example.net'))),
  'a person who clicks': () => times(40, (i) => connection(i * 7 + ((i * 7919) % 97) / 10, C, S, [20_000 + i, 443])).flat(),
  'NTP every 64 s': () => times(60, (i) => datagram(i * 64, C, S, [123, 123], [0x23, ...new Array<number>(47).fill(0)])),
  'keepalives in one connection': () => [...connection(0, C, S, [20_000, 22]), ...times(100, (i) => segment({ time: 5 + i * 30, source: C, target: S, ports: [20_000, 22], flags: ACK, sequence: 1 }))],
  'ping, 1400 bytes, for long': () => times(300, (i) => frame(i, C, S, 1, [8, 0, 0, 0, 0, 1, i >> 8, i & 255, ...times(16, (j) => (i * 31 + j) & 255), ...times(1384, (j) => j & 255)])),
  'traceroute': () => times(90, (i) => [datagram(i * 0.05, C, S, [40_000, 33_434 + i], [1, 2, 3, 4]), frame(i * 0.05, S, C, 1, [3, 3, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 32, 0, 1, 0, 0, 1, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 156, 64, (33_434 + i) >> 8, (33_434 + i) & 255, 0, 12, 0, 0])]).flat(), // prettier-ignore
  'answers of a name server to many ports': () => times(200, (i) => datagram(i * 0.01, S, C, [53, 20_000 + i], dnsQuery('example.com'))),
  'a client that offers old versions to a server that takes TLS 1.3': () => hellos(0x0303, true),
  'TLS 1.2 in records that say 1.0': () => hellos(0x0303, false),
  'two DHCP servers that back each other up, and renewals': () => times(40, (i) => datagram(i * 60, `10.0.0.${3 + (i % 2)}`, '10.0.0.50', [67, 68], dhcp(`10.0.0.${3 + (i % 2)}`, i < 2 ? 2 : 5, '10.0.0.254', '10.0.0.53'))),
  'challenges that do not send the password': () => [
    ...talk(110, ['< +OK POP3 <1896.697170952@dbc.mtview.ca.us>', '> APOP mrose c4c9334bac560ecc979e58001b3e22fb', '< +OK']),
    ...talk(25, ['< 220 x', '> EHLO y', '< 250 AUTH CRAM-MD5', '> AUTH CRAM-MD5', '< 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2U+', '> dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw']),
    segment({ time: 9, source: C, target: S, ports: [20_001, 80], flags: ACK, sequence: 1, data: 'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username="Mufasa", realm="x", response="6629fae49393a05397450978507c4ef1"\r\n\r\n' }),
    segment({ time: 9, source: C, target: S, ports: [20_002, 80], flags: ACK, sequence: 1, data: 'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\n\r\n' }),
  ],
  'anonymous FTP, and a password that is empty': () => [...talk(21, ['< 220 x', '> USER anonymous', '< 331 x', '> PASS me@example.com', '< 230 x']), segment({ time: 9, source: C, target: S, ports: [20_001, 80], flags: ACK, sequence: 1, data: `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from('me:').toString('base64')}\r\n\r\n` })],
  'mDNS and SSDP': () => times(100, (i) => [datagram(i, C, '224.0.0.251', [5353, 5353], dnsQuery('_ipp._tcp.local')), datagram(i, C, '239.255.255.250', [50_000, 1900], [...Buffer.from('M-SEARCH * HTTP/1.1\r\n\r\n')])]).flat(), // prettier-ignore
}; // prettier-ignore

for (const [what, make] of Object.entries(QUIET)) {
  test(`quiet: ${what}`, () => assert.deepEqual(analyze(make()).findings, []));
}

test('a flood from made-up addresses names none of them', () => {
  const packets = times(1000, (i) => segment({ time: i * 0.001, source: `198.51.${i >> 8}.${i & 255}`, target: S, ports: [1000 + i, 80], flags: SYN })); // prettier-ignore
  const { findings, suspicious } = analyze(packets);
  assert.deepEqual(rules(findings), ['SYN flood']);
  assert.deepEqual([findings[0]!.source, findings[0]!.target, suspicious], ['', S, []]);
});

for (const [technique, flags] of [
  ['FIN', FIN],
  ['NULL', 0],
  ['Xmas', 0x29],
] as const) {
  test(`a ${technique} scan`, () => {
    const packets = times(40, (i) => segment({ time: i * 0.01, source: C, target: S, ports: [40_000, 1 + i], flags }));
    const { findings } = analyze(packets);
    assert.deepEqual(findings.map(({ rule, evidence }) => `${rule} ${String(evidence['technique'])}`), [`port scan ${technique}`]); // prettier-ignore
  });
}

test('SMTP and IMAP passwords', () => {
  const send = (port: number, lines: readonly string[]): StoredPacket[] => {
    let sequence = 1;
    return lines.map((line, i) => {
      const made = segment({
        time: i,
        source: C,
        target: S,
        ports: [20_000, port],
        flags: ACK,
        sequence,
        data: `${line}\r\n`,
      });
      sequence += line.length + 2;
      return made;
    });
  };
  const plain = Buffer.from('\0dave\0hunter2!').toString('base64');
  const { findings } = analyze([
    ...send(587, ['EHLO x', `AUTH PLAIN ${plain}`]),
    ...send(143, ['a1 LOGIN "erin" "open sesame"']),
  ]);
  assert.deepEqual(findings.map(({ evidence }) => [evidence['protocol'], evidence['user'], evidence['secret']]), [['IMAP', 'erin', 'o••• (11 characters)'], ['SMTP', 'dave', 'h••• (8 characters)']]); // prettier-ignore
});
