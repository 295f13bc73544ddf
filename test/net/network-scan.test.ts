/** `network_scan`, `ping`, `traceroute`, `whois`, `network_interfaces` on networks that the test makes. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { after, test } from 'node:test';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { setPolicy } from '../../src/host/permissions';
import { hostsOf } from '../../src/host/scan/network-scan';
import { vendorOf } from '../../src/host/scan/vendors';
import type { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { startBind } from '../support/name-servers';
import { Namespace } from '../support/namespaces';
import { nothingLeft } from '../support/network';
import { findProgram, needsRoot, startService } from '../support/programs';
import type { Service } from '../support/programs';
import { builtin, fails, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

const linux = process.platform === 'linux' ? false : 'this works on Linux alone';

function listenInside(space: Namespace, ports: readonly number[], greeting = ''): Promise<Service> {
  const script = `let left = ${ports.length};
    for (const port of ${JSON.stringify(ports)}) require('net').createServer((s) => s.on('error', () => {}).write(${JSON.stringify(greeting)}))
      .listen({ port, host: '::' }, () => { if (--left === 0) console.log('ready'); });`;
  return startService(findProgram('ip')!, [...space.prefix, process.execPath, '-e', script], (output) => output.includes('ready'));
} // prettier-ignore

/** What a program inside prints, as JSON. */
function json(space: Namespace, program: string): unknown {
  const { stdout, stderr, status } = space.sentra(program);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const PLAIN = '{"names": false, "timeout": 0.5, "ports": [22, 80, 8080]}';

test('hosts of a link, of a network behind a router, and of none', { skip: needsRoot('ip', 'nft', 'setpriv') }, async () => {
  const scanner = new Namespace();
  const router = new Namespace();
  const inner = new Namespace();
  const services: Service[] = [];
  try {
    scanner.connect(router, 'out', '10.8.0.1/28', 'near', '10.8.0.2/28');
    router.connect(inner, 'far', '10.8.1.1/24', 'in', '10.8.1.2/24');
    router.run('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv4.icmp_ratelimit=0');
    scanner.run('ip', 'route', 'add', 'default', 'via', '10.8.0.2');
    inner.run('ip', 'route', 'add', 'default', 'via', '10.8.1.1');
    router.run('ip', 'link', 'set', 'near', 'address', '00:00:0c:01:02:03');
    // The router answers no ping: ARP finds it all the same. The inner host answers nothing but on a port.
    router.rules('table inet f { chain in { type filter hook input priority 0; icmp type echo-request drop; }; }');
    inner.rules('table inet f { chain in { type filter hook input priority 0; icmp type echo-request drop; }; }');
    services.push(await listenInside(inner, [22], 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
    const near = json(scanner, `log(json_stringify(network_scan("10.8.0.0/28", ${PLAIN})))`) as Record<string, unknown>[];
    assert.deepEqual(near.map(({ ip }) => ip), ['10.8.0.1', '10.8.0.2']);
    assert.deepEqual(near.map(({ status }) => status), ['up', 'up']);
    assert.equal(near[1]!.mac, '00:00:0c:01:02:03');
    assert.match(String(near[1]!.vendor), /^Cisco/);
    assert.equal(near[1]!.os, null);
    assert.deepEqual(near[1]!.ports, []);
    const far = json(scanner, `log(json_stringify(network_scan("10.8.1.0/29", ${PLAIN})))`) as Record<string, unknown>[];
    assert.deepEqual(far.map(({ ip }) => ip), ['10.8.1.1', '10.8.1.2']);
    const host = far[1]!;
    assert.equal(host.mac, null);
    assert.equal(host.os, 'Linux (Debian), by its banner');
    assert.deepEqual(host.ports, [22]);
    assert.deepEqual(host.services, [{ port: 22, service: 'ssh', banner: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3', version: 'OpenSSH 9.2p1 Debian-2+deb12u3' }]);
    // Without rights: found by connecting; the system's own table has learnt the hardware address.
    const program = `log(json_stringify(network_scan("10.8.0.2", ${PLAIN})))`;
    const unprivileged = JSON.parse(scanner.run('setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', 'bin/sentra', '-e', program)) as Record<string, unknown>[];
    assert.equal(unprivileged[0]!.mac, '00:00:0c:01:02:03');
    const way = json(scanner, 'log(json_stringify(traceroute("10.8.1.2", {"names": false, "timeout": 0.5})))') as Record<string, unknown>[];
    assert.deepEqual(way.map(({ hop, ip, reached }) => [hop, ip, reached]), [[1, '10.8.0.2', false], [2, '10.8.1.2', true]]);
    const lost = json(scanner, 'log(json_stringify(ping("10.8.1.2", {"count": 2, "interval": 0.05, "timeout": 0.2})))') as Record<string, unknown>;
    assert.deepEqual(lost, { alive: false, time: null, min: null, max: null, ttl: null, sent: 2, received: 0, loss: 1, ip: '10.8.1.2' });
    inner.run('nft', 'flush', 'ruleset');
    const found = json(scanner, 'log(json_stringify(ping("10.8.1.2", {"count": 3, "interval": 0.01})))') as Record<string, unknown>;
    assert.deepEqual([found.alive, found.sent, found.received, found.loss, found.ttl], [true, 3, 3, 0, 63]);
    const silent = scanner.run('setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', 'bin/sentra', '-e', 'try { log(ping("10.8.0.2")) } catch (e) { log(e.code, e.message, e.hint) }');
    assert.match(silent, /^EPERM ping: the system allows ICMP echo requests neither to everybody nor to this user/);
    scanner.run('sysctl', '-q', '-w', 'net.ipv4.ping_group_range=0 2147483647');
    const allowed = scanner.run('setpriv', '--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', 'bin/sentra', '-e', 'log(ping("10.8.1.2", {"count": 1})["ttl"])');
    assert.equal(allowed, '63\n');
  } finally {
    for (const service of services) await service.stop();
    for (const each of [scanner, router, inner]) each.remove();
  }
}); // prettier-ignore

test('names of hosts as the name server has them; a host without a way to it', { skip: needsRoot('ip', 'named', 'dig') }, async () => {
  const scanner = new Namespace();
  const target = new Namespace();
  try {
    scanner.connect(target, 'out', '192.0.2.1/24', 'in', '192.0.2.10/24');
    target.run('ip', 'addr', 'add', '192.0.2.99/24', 'dev', 'in');
    target.run('ip', 'addr', 'add', '2001:db8::10/120', 'dev', 'in', 'nodad');
    scanner.run('ip', 'addr', 'add', '2001:db8::1/120', 'dev', 'out', 'nodad');
    const server = await startBind('127.0.0.1', 53, scanner.prefix);
    try {
      scanner.setResolver('nameserver 127.0.0.1\n');
      const names = json(scanner, `let hosts = concat(network_scan("192.0.2.10", {"scan_ports": false}), network_scan("192.0.2.99", {"scan_ports": false}), network_scan("2001:db8::10", {"scan_ports": false}))
log(json_stringify(map(hosts, fn(h) { return [h.ip, h.hostname] })))`);
      assert.deepEqual(names, [['192.0.2.10', 'example.test'], ['192.0.2.99', null], ['2001:db8::10', 'example.test']]);
      assert.equal(scanner.sentra('log(traceroute("192.0.2.10")[0].hostname)').stdout, 'example.test\n');
    } finally {
      await server.stop();
    }
    for (const call of ['ping("198.51.100.1", {"count": 1})', 'traceroute("198.51.100.1")', 'port_scan("198.51.100.1", 1, 3)', 'port_scan("198.51.100.1", 1, 3, "SYN")', 'port_scan("198.51.100.1", 1, 3, "UDP")', 'analyze_ssl("198.51.100.1")', 'whois("a.test", {"server": "198.51.100.1"})']) {
      const { stdout, stderr } = scanner.sentra(`try { log(${call}) } catch (e) { log(e.code, e.message) }`);
      assert.match(stdout, /^ENETUNREACH \w+: connection to 198\.51\.100\.1(?::\d+)? failed: there is no route to its network \(ENETUNREACH\)\n$/, call + stderr);
    }
  } finally {
    scanner.remove();
    target.remove();
  }
}); // prettier-ignore

test('networks and their hosts', () => {
  assert.deepEqual(hostsOf('192.0.2.9/30', 100), ['192.0.2.9', '192.0.2.10']);
  assert.deepEqual(hostsOf('192.0.2.8/31', 100), ['192.0.2.8', '192.0.2.9']);
  assert.deepEqual(hostsOf('192.0.2.8', 100), ['192.0.2.8']);
  assert.deepEqual(hostsOf('2001:db8::4/127', 100), ['2001:db8::4', '2001:db8::5']);
  assert.equal(hostsOf('10.0.0.0/8', 65_536), 16_777_214n);
  assert.equal(hostsOf('2001:db8::/64', 65_536), 18_446_744_073_709_551_616n);
  assert.equal((hostsOf('10.1.0.0/16', 65_536) as string[]).length, 65_534);
  for (const text of ['', '10.0.0.0/33', '10.0.0.0/x', '10.0.0/8', 'example.org/24', '::/129', '10.0.0.0/8/8', '10.0.0.0/']) {
    assert.equal(hostsOf(text, 100), null, text);
  }
}); // prettier-ignore

test('vendors by the first bytes; none for an address that was made up', () => {
  assert.match(vendorOf('00:00:0c:11:22:33')!, /^Cisco/);
  assert.equal(vendorOf('02:00:00:11:22:33'), null);
  assert.equal(vendorOf('00:de:ad:be:ef:00'), null);
});

test('bad targets and options are refused before a packet is sent; the policy is asked', () =>
  run(function* () {
    for (const cidr of ['', '10.0.0.0/33', 'example.org', 5, '10.0.0.1-9']) yield* fails('ETYPE', builtin('network_scan', cidr), /cidr must be a network/); // prettier-ignore
    yield* fails('ERANGE', builtin('network_scan', '10.0.0.0/8'), /16777214 addresses, more than max_hosts, 65536/);
    yield* fails('ERANGE', builtin('network_scan', '::/64'));
    yield* fails('EOPTION', builtin('network_scan', '127.0.0.1', options({ port: 1 })));
    for (const host of ['', '10.0.0.0/8', 'a b', 7]) {
      yield* fails('ETYPE', builtin('ping', host));
      yield* fails('ETYPE', builtin('traceroute', host));
    }
    yield* fails('ETYPE', builtin('ping', '127.0.0.1', options({ count: 0 })));
    yield* fails('ETYPE', builtin('whois', 'a\r\nb'));
    setPolicy({ refuses: () => 'no' });
    try {
      yield* fails('EPERM', builtin('network_scan', '127.0.0.1'));
      yield* fails('EPERM', builtin('ping', '127.0.0.1'));
      yield* fails('EPERM', builtin('traceroute', '127.0.0.1'));
      yield* fails('EPERM', builtin('whois', 'x', options({ server: '127.0.0.1' })));
      yield* fails('EPERM', builtin('network_interfaces'));
    } finally {
      setPolicy(null);
    }
  }));

test('whois follows referrals, ends a circle, and reads what comes in pieces', () =>
  run(function* () {
    const servers: Server[] = [];
    const listen = async (answer: (name: string) => string[]): Promise<number> => {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
          const pieces = answer(bytes.toString());
          pieces.forEach((piece, i) => setTimeout(() => (i === pieces.length - 1 ? socket.end(piece) : socket.write(piece)), i * 10)); // prettier-ignore
        });
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    };
    const names: string[] = [];
    const last = yield* until(listen((name) => (names.push(name), ['% terms\r\nOwner:  M\xfcller \u001b[31m\r\nna', 'me: a\r\nname: b\r\n']))); // prettier-ignore
    const first = yield* until(listen((name) => (names.push(name), [`refer:        127.0.0.1:${last}\r\n`])));
    const answer = (yield* builtin('whois', 'example.org', options({ server: '127.0.0.1', port: first }))) as MapValue;
    assert.deepEqual(names, ['example.org\r\n', 'example.org\r\n']);
    assert.deepEqual((answer.get('fields') as MapValue).get('name'), ['a', 'b']);
    assert.equal((answer.get('answers') as Value[]).length, 2);
    const round = yield* until(listen(() => [`whois: 127.0.0.1:${first}\r\n`]));
    const only = (yield* builtin(
      'whois',
      'x',
      options({ server: '127.0.0.1', port: round, referrals: 0 }),
    )) as MapValue;
    assert.equal((only.get('answers') as Value[]).length, 1);
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    servers.push(silent);
    yield* until(new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)));
    const { port } = silent.address() as AddressInfo;
    yield* fails('ETIMEDOUT', builtin('whois', 'x', options({ server: '127.0.0.1', port, timeout: 0.2 })));
    for (const server of servers) server.close();
    yield* fails('ECONNREFUSED', builtin('whois', 'x', options({ server: '127.0.0.1', port: first })));
  }));

test('interfaces as the system has them', { skip: linux }, () =>
  run(function* () {
    const list = (yield* builtin('network_interfaces')) as MapValue[];
    const loopback = list.find((each) => each.get('name') === 'lo')!;
    assert.equal(loopback.get('internal'), true);
    assert.equal(loopback.get('up'), true);
    assert.equal(((loopback.get('addresses') as MapValue[])[0]!).get('ip'), '127.0.0.1');
  })); // prettier-ignore

test('cancelled pings and traces leave nothing', { skip: linux === false ? needsRoot() : linux }, () =>
  run(function* () {
    for (const [name, ...args] of [['ping', '127.0.0.1', options({ count: 100, interval: 1 })], ['network_scan', '127.0.0.0/24']] as const) {
      const task = spawn(() => builtin(name, ...args));
      yield* sleep(30);
      const start = performance.now();
      cancelTask(task);
      yield* fails('ECANCELED', join(task));
      assert.ok(performance.now() - start < 200);
    }
  })); // prettier-ignore
