/**
 * What the functions that look at networks do where they may not, or have been told nonsense: without rights, with a
 * target that is none, cancelled in the middle, at a terminal.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { Namespace } from '../support/namespaces';
import { nothingLeft } from '../support/network';
import { needsRoot } from '../support/programs';
import { builtin, fails, join, options, run, spawn } from '../support/run-tasks';
import { hasPython, Terminal } from '../support/terminal';

after(nothingLeft);

const linux = process.platform === 'linux' ? false : 'this works on Linux alone';

/** Calls that are refused; each line prints its error. */
const NONSENSE = `
let tries = [
  fn() => port_scan("10.7.0.2", 0), fn() => port_scan("10.7.0.2", 70000), fn() => port_scan("10.7.0.2", 1, 65536),
  fn() => port_scan("10.7.0.2", 100, 1), fn() => port_scan("10.7.0.2", "100-1"), fn() => port_scan("10.7.0.2", "22,x"),
  fn() => port_scan("10.7.0.2", 1.5), fn() => port_scan("10.7.0.2", 1, 10, "SCTP"), fn() => port_scan("10.7.0.2"),
  fn() => port_scan("10.7.0.2", 1, 10, "SYN", {"rate": 0}), fn() => port_scan("10.7.0.2", 1, 10, "UDP", {"speed": 1}),
  fn() => port_scan("10.7.0.0/24", 1, 10), fn() => port_scan("10.7.0.256", 1, 10), fn() => port_scan("http://10.7.0.2/", 80),
  fn() => port_scan("no such host", 80), fn() => port_scan("nowhere.invalid", 80), fn() => port_scan("nowhere.invalid", 80, 81, "UDP"),
  fn() => network_scan("10.0.0.0/8"), fn() => network_scan("10.7.0.0/33"), fn() => network_scan("10.7.0.0-9"), fn() => network_scan("nowhere"),
  fn() => network_scan("10.7.0.0/24", {"max_hosts": 10}), fn() => network_scan("10.7.0.2", {"ports": [0]}),
  fn() => ping("10.7.0.0/24"), fn() => ping("10.7.0.2", {"count": 0}), fn() => ping("nowhere.invalid"),
  fn() => traceroute("10.7.0.256"), fn() => traceroute("10.7.0.2", {"max_hops": 0}), fn() => traceroute("nowhere.invalid"),
  fn() => analyze_ssl("10.7.0.2", 0), fn() => analyze_ssl("10.7.0.2", 70000), fn() => analyze_ssl("https://10.7.0.2"), fn() => analyze_ssl("nowhere.invalid"),
  fn() => whois("two\\nlines", {"server": "10.7.0.2"}), fn() => dns_lookup("a..b", "A", {"server": "10.7.0.2"}),
  fn() => dns_lookup("a.test", "AXFR", {"server": "10.7.0.2"}), fn() => dns_lookup("a.test", "A", {"server": "10.7.0.2:0"}),
]
for (let each in tries) {
  try { each(); log("NOTHING REFUSED") } catch (e) { log(e.code) }
}
`;

test('nonsense and hosts that do not exist are refused before a packet is sent', { skip: needsRoot('ip', 'nft') }, () => {
  const space = new Namespace();
  const target = new Namespace();
  try {
    space.connect(target, 'out', '10.7.0.1/24', 'in', '10.7.0.2/24');
    space.setResolver('nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    // All but the question for the name goes through the counter, whatever it is.
    space.rules(`table ip count { chain out { type filter hook output priority 0;
      oifname "lo" accept
      counter
    }; }`);
    const { stdout, stderr, status } = space.sentra(NONSENSE);
    assert.equal(status, 0, stderr);
    const codes = stdout.trim().split('\n');
    assert.ok(codes.length >= 37 && codes.every((code) => /^(ETYPE|ERANGE|EINVAL|EOPTION|ENOTFOUND|EAI_AGAIN)$/.test(code)), stdout);
    assert.match(space.run('nft', 'list', 'ruleset'), /counter packets 0 bytes 0/);
    // The counter does count.
    space.sentra('port_scan("10.7.0.2", 80, 80, "TCP", {"timeout": 0.2})');
    assert.doesNotMatch(space.run('nft', 'list', 'ruleset'), /counter packets 0 bytes 0/);
  } finally {
    space.remove();
    target.remove();
  }
}); // prettier-ignore

const AS_NOBODY = ['--reuid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all', 'bin/sentra', '-e'];

const WITHOUT_RIGHTS = `
let show = fn(name, f) { try { log(name, f()) } catch (e) { log(name, e.code, e.message, "|", e.hint) } }
show("TCP", fn() => port_scan("10.7.0.2", 80)[0]["state"])
show("UDP", fn() => port_scan("10.7.0.2", 80, 80, "UDP")[0]["state"])
show("SYN", fn() => port_scan("10.7.0.2", 80, 80, "SYN"))
show("traceroute", fn() => traceroute("10.7.0.2", {"names": false})[0]["ip"])
show("network", fn() => map(network_scan("10.7.0.2", {"names": false, "scan_ports": false}), fn(x) => x["ip"] + " by " + x["found_by"]))
show("ping", fn() => ping("10.7.0.2", {"count": 1}))
show("capture", fn() => capture_start("out"))
show("interfaces", fn() => map(network_interfaces(), fn(x) => x["name"]))
`;

test('without rights: what works, works; what does not says how to get the right, and what was done in its place', { skip: needsRoot('ip', 'setpriv') }, () => {
  const space = new Namespace();
  const target = new Namespace();
  try {
    space.connect(target, 'out', '10.7.0.1/24', 'in', '10.7.0.2/24');
    const nobody = (program: string): string => space.run('sh', '-c', 'exec setpriv "$@" 2>&1', 'sh', ...AS_NOBODY, program);
    const grant = `setcap cap_net_raw\\+ep ${process.execPath}`;
    space.run('sysctl', '-q', '-w', 'net.ipv4.ping_group_range=1 0');
    const said = nobody(WITHOUT_RIGHTS);
    assert.match(said, /^TCP closed\nUDP closed\n/);
    assert.match(said, new RegExp(`^SYN EPERM port_scan: a SYN scan needs root or the capability CAP_NET_RAW .*${grant}`, 'm'));
    assert.match(said, /^traceroute 10\.7\.0\.2$/m);
    assert.match(said, new RegExp(`^network_scan: ARP and ICMP echo need CAP_NET_RAW, so hosts are looked for by connections alone; .*${grant}$`, 'm'));
    assert.match(said, /^network \["10\.7\.0\.2 by connection"\]$/m);
    assert.match(said, new RegExp(`^ping EPERM .*${grant}`, 'm'));
    assert.match(said, new RegExp(`^capture EPERM .*${grant}`, 'm'));
    assert.match(said, /^interfaces .*"out"/m);
    // Where the system lets everybody ping, only ARP is missing.
    space.run('sysctl', '-q', '-w', 'net.ipv4.ping_group_range=0 2147483647');
    const more = nobody(WITHOUT_RIGHTS);
    assert.match(more, /^network_scan: ARP needs CAP_NET_RAW, so hosts are looked for by ICMP echo and connections; /m);
    assert.match(more, /^network \["10\.7\.0\.2 by ICMP echo"\]$/m);
    // With all rights nothing is said.
    assert.equal(space.sentra('log(network_scan("10.7.0.2", {"names": false, "scan_ports": false})[0]["found_by"])').stderr, '');
  } finally {
    space.remove();
    target.remove();
  }
}); // prettier-ignore

const LONG: readonly (readonly [name: string, ...args: Value[]])[] = [
  ['port_scan', '127.0.0.1', 1, 65535, 'TCP', options({ rate: 2000 })],
  ['port_scan', '127.0.0.1', 1, 65535, 'SYN', options({ rate: 2000 })],
  ['port_scan', '127.0.0.1', 1, 65535, 'UDP', options({ rate: 2000 })],
  ['network_scan', '127.0.0.0/16', options({ rate: 500 })],
  ['ping', '127.0.0.1', options({ count: 100, interval: 1 })],
];

for (const [name, ...args] of LONG) {
  const kind = name === 'port_scan' ? ` by ${String(args[3])}` : '';
  test(`a ${name}${kind} that is cancelled ends within 200 ms`, { skip: linux === false ? needsRoot() : linux }, () =>
    run(function* () {
      const task = spawn(() => builtin(name, ...args));
      yield* sleep(100);
      const start = performance.now();
      cancelTask(task);
      yield* fails('ECANCELED', join(task));
      assert.ok(performance.now() - start < 200);
    }),
  );
}

test('a long scan shows its progress at a terminal, and Ctrl-C ends it', { skip: hasPython ? linux : 'python3 is not installed' }, async () => {
  const program = 'log(len(port_scan("127.0.0.1", 20001, 24000, "TCP", {"banners": false, "rate": 2000})), "ports")';
  const whole = new Terminal(['-e', program]);
  await whole.shows(/TCP ports of 127\.0\.0\.1.*%/);
  await whole.shows('4000 ports');
  assert.equal(await whole.end(), 0);
  const broken = new Terminal(['-e', program.replace('24000', '60000')]);
  await broken.shows(/TCP ports of 127\.0\.0\.1.*%/);
  broken.type('\x03');
  assert.equal(await broken.end(), 130);
}); // prettier-ignore
