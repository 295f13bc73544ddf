/**
 * `port_scan` over a cable that loses 5 % each way and takes 50 ms there and back: no port is missed, and none is
 * wrong, whether it is open, closed, or behind a firewall that drops or rejects.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Namespace } from '../support/namespaces';
import { findProgram, needsRoot, startService } from '../support/programs';
import { slowCable } from '../support/slow-cable';

const OPEN = [1010, 1050, 1090];
const RULES = `table inet f { chain in { type filter hook input priority 0;
  tcp dport 1100-1104 drop
  tcp dport 1105-1109 reject
  udp dport 1100 drop
  udp dport 1102 reject with icmpx admin-prohibited
}
}`;

/** Five scans by each of the three ways, all at once; prints how long a round trip takes, and of each scan: reason to ports. */
const PROGRAM = `
let host = args()[0]
let scan = fn(kind, ports) {
  let reasons = {}
  for (let each in port_scan(host, ports, null, kind, {"banners": false})) {
    let reason = each["state"] + " / " + each["reason"]
    reasons[reason] = (reasons[reason] ?? []) + [each["port"]]
  }
  return {"kind": kind, "reasons": reasons}
}
let scans = []
for (let i in 1..5) {
  push(scans, spawn scan("TCP", "1001-1109"), spawn scan("SYN", "1001-1109"), spawn scan("UDP", "1008-1012,1100,1102"))
}
let found = wait_all(scans)
log(json_stringify({"rtt": ping(host, {"count": 20, "interval": 0.01})["min"], "found": found}))
`;

function from(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_none, i) => first + i);
}

function expected(opened: string): Record<string, number[]> {
  return {
    [`open / ${opened}`]: OPEN,
    'closed / reset': from(1001, 1099).filter((port) => !OPEN.includes(port)),
    'filtered / no answer': from(1100, 1104),
    'filtered / unreachable (ICMP)': from(1105, 1109),
  };
}

const EXPECTED = {
  TCP: expected('connected'),
  SYN: expected('syn-ack'),
  UDP: {
    'open / answer': [1010, 1011],
    'closed / port unreachable (ICMP)': [1008, 1009, 1012],
    'open|filtered / no answer': [1100],
    'filtered / unreachable (ICMP)': [1102],
  },
};

test('a cable that loses 5 % and takes 50 ms: no port wrong in five scans of each kind', { skip: needsRoot('ip', 'nft', 'tc', 'python3') }, async (t) => {
  const scanner = new Namespace();
  const target = new Namespace();
  const cable = await slowCable(scanner, '10.9.0.1/24', target, '10.9.0.2/24');
  t.diagnostic(`delay and loss by ${cable.by}`);
  const script = `
    const net = require('net'), dgram = require('dgram');
    let left = ${OPEN.length} + 2;
    const up = () => { if (--left === 0) console.log('ready'); };
    for (const port of ${JSON.stringify(OPEN)}) net.createServer((s) => s.on('error', () => {})).listen(port, '10.9.0.2', up);
    for (const port of [1010, 1011]) {
      const s = dgram.createSocket('udp4');
      s.on('message', (m, from) => s.send('here', from.port, from.address));
      s.bind(port, '10.9.0.2', up);
    }`;
  const service = await startService(findProgram('ip')!, [...target.prefix, process.execPath, '-e', script], (output) => output.includes('ready'));
  try {
    // All of its messages, also those that Linux would leave out when there are many.
    target.run('sysctl', '-q', '-w', 'net.ipv4.icmp_ratelimit=0');
    target.rules(RULES);
    const { stdout, stderr, status } = scanner.sentra(PROGRAM, ['10.9.0.2']);
    assert.equal(status, 0, stderr);
    const { rtt, found } = JSON.parse(stdout) as {
      rtt: number;
      found: { kind: keyof typeof EXPECTED; reasons: unknown }[];
    };
    assert.ok(rtt >= 50, `the cable takes ${rtt} ms`);
    assert.equal(found.length, 15);
    for (const { kind, reasons } of found) assert.deepEqual(reasons, EXPECTED[kind], kind);
  } finally {
    await service.stop();
    await cable.remove();
    scanner.remove();
    target.remove();
  }
}); // prettier-ignore
