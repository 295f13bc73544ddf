/**
 * `port_scan` against hosts in network namespaces, with firewalls and lossy cables, and against what runs on this
 * host: every port is in the result, and none of them is wrong.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { setPolicy } from '../../src/host/permissions';
import { sum } from '../../src/wire/packets/checksum';
import { icmpEcho, ipv4Packet, ipv6Packet, tcpSegment, TCP_SYN, udpDatagram } from '../../src/wire/packets/build';
import type { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import type { Steps } from '../../src/runtime/task';
import { Namespace } from '../support/namespaces';
import { freePort, nothingLeft, rawServer } from '../support/network';
import { findProgram, needsRoot, startService } from '../support/programs';
import type { Service } from '../support/programs';
import { builtin, fails, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

const linux = process.platform === 'linux' ? false : 'port scans work on Linux alone';

function field(value: Value, name: string): Value {
  return (value as MapValue).get(name) ?? null;
}

/** Listens on these TCP ports and echoes on these UDP ports, inside of a namespace. */
function listenInside(space: Namespace, tcp: readonly number[], udp: readonly number[] = []): Promise<Service> {
  const script = `
    const net = require('net'), dgram = require('dgram');
    let left = ${tcp.length + udp.length};
    const up = () => { if (--left === 0) console.log('ready'); };
    for (const port of ${JSON.stringify(tcp)}) net.createServer((s) => s.on('error', () => {})).listen({ port, host: '::' }, up);
    for (const port of ${JSON.stringify(udp)}) {
      const s = dgram.createSocket('udp6');
      s.on('message', (m, from) => s.send('here', from.port, from.address));
      s.bind(port, '::', up);
    }`;
  const command = [...space.prefix, process.execPath, '-e', script];
  return startService(findProgram('ip')!, command, (output) => output.includes('ready'));
}

/** A program that prints state and reason of each port, one letter each. */
const PROGRAM = `
let r = port_scan(args()[0], args()[1], null, args()[2], {"banners": false, "timeout": num(args()[3])})
let lines = {}
for (let each in r) {
  let key = each["state"] + " / " + each["reason"]
  lines[key] = (lines[key] ?? "") + " " + str(each["port"])
}
for (let key in lines) { log(key + ":" + lines[key]) }
`;

/** What a scan from inside a namespace finds: state and reason to ports. */
function scan(from: Namespace, host: string, ports: string, kind: string, timeout = 1): Record<string, number[]> {
  const { stdout, stderr, status } = from.sentra(PROGRAM, [host, ports, kind, String(timeout)]);
  assert.equal(status, 0, stderr);
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [key, list] = line.split(':') as [string, string];
        return [key, list.trim().split(' ').map(Number)];
      }),
  );
}

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_none, i) => first + i);
}

const OPEN = [1010, 1011, 1099];
const RULES = `table inet f { chain in { type filter hook input priority 0;
  tcp dport 1020-1029 drop
  tcp dport 1030-1039 reject
  tcp dport 1040-1049 reject with tcp reset
  udp dport 1020-1029 drop
  udp dport 1030-1034 reject with icmpx admin-prohibited
}
}`;

async function twoHosts<T>(body: (scanner: Namespace, target: Namespace) => T | Promise<T>): Promise<T> {
  const scanner = new Namespace();
  const target = new Namespace();
  try {
    scanner.connect(target, 'to-target', '10.9.0.1/24', 'to-scanner', '10.9.0.2/24');
    scanner.run('ip', 'addr', 'add', 'fd09::1/64', 'dev', 'to-target', 'nodad');
    target.run('ip', 'addr', 'add', 'fd09::2/64', 'dev', 'to-scanner', 'nodad');
    return await body(scanner, target);
  } finally {
    scanner.remove();
    target.remove();
  }
}

test('open, closed, dropped, rejected: by connect and by SYN, over IPv4 and IPv6', { skip: needsRoot('ip', 'nft') }, () =>
  twoHosts(async (scanner, target) => {
    const service = await listenInside(target, OPEN);
    // All of its messages, also those that Linux would leave out when there are many.
    target.run('sysctl', '-q', '-w', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0');
    target.rules(RULES);
    const closed = from(1000, 1099).filter((port) => !OPEN.includes(port) && (port < 1020 || port > 1039));
    for (const host of ['10.9.0.2', 'fd09::2']) {
      for (const [kind, opened] of [['TCP', 'connected'], ['SYN', 'syn-ack']] as const) {
        assert.deepEqual(
          scan(scanner, host, '1000-1099', kind, 0.5),
          {
            [`open / ${opened}`]: OPEN,
            'closed / reset': closed,
            'filtered / no answer': from(1020, 1029),
            'filtered / unreachable (ICMP)': from(1030, 1039),
          },
          `${kind} ${host}`,
        );
      }
    }
    await service.stop();
  }),
); // prettier-ignore

test('UDP: answers, port unreachable, prohibited, silence, however few messages the host sends', { skip: needsRoot('ip', 'nft') }, () =>
  twoHosts(async (scanner, target) => {
    const service = await listenInside(target, [], [1010, 1011]);
    target.rules(RULES);
    assert.deepEqual(scan(scanner, '10.9.0.2', '1004-1013,1020-1021,1030', 'UDP', 0.3), {
      'closed / port unreachable (ICMP)': [...from(1004, 1009), 1012, 1013],
      'open / answer': [1010, 1011],
      'open|filtered / no answer': [1020, 1021],
      'filtered / unreachable (ICMP)': [1030],
    });
    await service.stop();
  }),
); // prettier-ignore

test('all ports of the own host: none is its own connection; few descriptors change nothing', { skip: needsRoot('ip') }, () => {
  const space = new Namespace();
  try {
    for (const kind of ['TCP', 'SYN']) {
      assert.deepEqual(scan(space, '127.0.0.1', '1-65535', kind), { 'closed / reset': from(1, 65535) }, kind);
    }
    space.rules('table inet f { chain in { type filter hook input priority 0; tcp dport 2000-2199 drop; }; }');
    const program = 'let r = port_scan("127.0.0.1", 1001, 3000, "TCP", {"banners": false, "timeout": 0.1})\nlog(count_by(r, fn(x) => x["state"]))';
    const said = space.run('sh', '-c', `ulimit -n 60; exec bin/sentra -e '${program}'`);
    assert.equal(said, '{"closed": 1800, "filtered": 200}\n');
  } finally {
    space.remove();
  }
}); // prettier-ignore

test('a port that is open, closed, and their order', { skip: linux }, () =>
  run(function* () {
    const server = yield* until(rawServer());
    const closed = yield* until(freePort());
    const result = (yield* builtin('port_scan', '127.0.0.1', [server.port, closed], null, 'tcp', options({ banners: false }))) as Value[]; // prettier-ignore
    assert.deepEqual(
      result.map((each) => [field(each, 'port'), field(each, 'state'), field(each, 'protocol'), field(each, 'host')]),
      [[server.port, 'open', 'TCP', '127.0.0.1'], [closed, 'closed', 'TCP', '127.0.0.1']],
    ); // prettier-ignore
    assert.ok((field(result[0]!, 'rtt_ms') as number) >= 0);
    assert.equal(field(result[1]!, 'banner'), null);
    yield* until(server.close());
  }),
);

test('a scan that is cancelled ends at once and leaves nothing open', { skip: linux }, () =>
  run(function* () {
    // Addresses for documentation: nobody answers, or there is no way there.
    const steps = (): Steps<Value> => builtin('port_scan', '127.0.0.1', 1, 65535, 'TCP', options({ rate: 2000 }));
    const task = spawn(steps);
    yield* sleep(50);
    const start = performance.now();
    cancelTask(task);
    yield* fails('ECANCELED', join(task));
    assert.ok(performance.now() - start < 200);
  }),
);

test('other tasks go on during a scan', { skip: linux }, () =>
  run(function* () {
    const task = spawn(() => builtin('port_scan', '127.0.0.1', 20000, 30000, 'TCP', options({ banners: false })));
    let turns = 0;
    while (!task.ended) {
      yield* sleep(1);
      turns++;
    }
    assert.ok(turns >= 5, `${turns} turns`);
    assert.equal((yield* join<Value[]>(task)).length, 10001);
  }),
);

test('the policy is asked before a packet is sent', { skip: linux }, () =>
  run(function* () {
    const server = yield* until(rawServer());
    setPolicy({ refuses: (action, target) => (action === 'connect' && target === `127.0.0.1:${server.port}` ? 'not there' : null) }); // prettier-ignore
    try {
      yield* fails('EPERM', builtin('port_scan', '127.0.0.1', [server.port]), /not permitted to connect to 127.0.0.1:\d+: not there/); // prettier-ignore
      setPolicy({ refuses: (action) => (action === 'datagram' ? 'no datagrams' : null) });
      yield* fails('EPERM', builtin('port_scan', '127.0.0.1', [server.port], null, 'UDP'));
    } finally {
      setPolicy(null);
    }
    assert.equal(server.sockets.length, 0);
    yield* until(server.close());
  }),
);

test('what is no scan is refused before a packet is sent', () =>
  run(function* () {
    const scanned = (...args: Value[]): Steps<Value> => builtin('port_scan', ...args);
    yield* fails('ERANGE', scanned('127.0.0.1', 100, 1), /first is 100 and last is 1/);
    for (const first of [0, -1, 65536, 1.5, '0-10', '10-5', 'http', '', [], ['22'], [0], true]) {
      yield* fails('ETYPE', scanned('127.0.0.1', first), /port_scan: first must be a port from 1 to 65535/);
    }
    yield* fails('ETYPE', scanned('127.0.0.1', 1, 65536), /last must be a whole number from 1 to 65535/);
    for (const host of ['', 'a b', '300.1.2.3', '10.0.0.0/24', 'http://x/', 5]) yield* fails('ETYPE', scanned(host, 1), /host must be/); // prettier-ignore
    yield* fails('ETYPE', scanned('127.0.0.1', 1, 2, 'SCTP'), /protocol must be "TCP", "SYN" or "UDP"/);
    yield* fails('EINVAL', scanned('127.0.0.1'), /no ports are named/);
    yield* fails('EINVAL', scanned('127.0.0.1', 1, 2, 'TCP', options({ ports: [3] })), /named in two ways/);
    yield* fails('EOPTION', scanned('127.0.0.1', 1, 2, 'TCP', options({ port: [3] })));
    for (const [name, value] of [['timeout', 0], ['timeout', 61], ['rate', 0], ['concurrency', 0], ['ports', 'x']] as const) {
      yield* fails('ETYPE', scanned('127.0.0.1', 1, 2, 'TCP', options({ [name]: value })));
    }
  })); // prettier-ignore

test('SYN without the right says how to get it', { skip: needsRoot('setpriv') }, () => {
  const space = new Namespace();
  try {
    const program = 'try { port_scan("127.0.0.1", 1, 2, "SYN") } catch (e) { log(e.code, e.message) }';
    const said = space.run('setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', 'bin/sentra', '-e', program); // prettier-ignore
    assert.match(said, /^EPERM port_scan: a SYN scan needs root or the capability CAP_NET_RAW/);
  } finally {
    space.remove();
  }
});

test('packets have the sums that their protocols ask for', () => {
  const between = { source: Uint8Array.of(10, 0, 0, 1), target: Uint8Array.of(10, 0, 0, 2) };
  const folded = (bytes: Uint8Array, extra = 0): number => {
    let total = sum(bytes) + extra;
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    return total;
  };
  const pseudo = (protocol: number, length: number): number => sum(between.source) + sum(between.target) + protocol + length; // prettier-ignore
  const segment = tcpSegment(between, { sourcePort: 61000, targetPort: 80, sequence: 0xfedcba98, flags: TCP_SYN, maxSegment: 1460 }); // prettier-ignore
  assert.equal(segment.length, 24);
  assert.equal(folded(segment, pseudo(6, 24)), 0xffff);
  const datagram = udpDatagram(between, 53, 53, Uint8Array.of(1, 2, 3));
  assert.equal(folded(datagram, pseudo(17, 11)), 0xffff);
  assert.equal(folded(icmpEcho(1, 2, Uint8Array.of(9))), 0xffff);
  const packet = ipv4Packet({ ...between, protocol: 6, dontFragment: true }, segment);
  assert.equal(folded(packet.subarray(0, 20)), 0xffff);
  assert.equal(packet.length, 44);
  assert.equal(
    ipv6Packet({ source: new Uint8Array(16), target: new Uint8Array(16), protocol: 58 }, segment).length,
    64,
  );
});
