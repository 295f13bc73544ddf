/** `dns_lookup` against BIND with zones of the test, and what needs no server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { after, before, test } from 'node:test';
import { parseHosts, parseNameserver, parseResolverConfiguration } from '../../src/host/dns/configuration';
import type { Steps } from '../../src/runtime/task';
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { startBind } from '../support/name-servers';
import type { NameServer } from '../support/name-servers';
import { Namespace } from '../support/namespaces';
import { nothingLeft } from '../support/network';
import { missing, needsRoot } from '../support/programs';
import { builtin, fails, options, run } from '../support/run-tasks';

const skip = missing('named', 'dig');
let bind: NameServer | null = null;

before(async () => {
  if (skip === false) bind = await startBind();
});
after(async () => {
  await bind?.stop();
  await nothingLeft();
});

function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof MapValue ? Object.fromEntries([...value.entries()].map(([key, each]) => [key, plain(each)])) : value; // prettier-ignore
}

function* ask(port: number, name: string, type: string, more: Record<string, Value> = {}): Steps<unknown> {
  return plain(yield* builtin('dns_lookup', name, type, options({ server: `127.0.0.1:${port}`, ...more })));
}

const cases: readonly (readonly [name: string, type: string, expected: unknown])[] = [
  ['example.test', 'A', ['192.0.2.10']],
  ['EXAMPLE.test.', 'a', ['192.0.2.10']],
  ['example.test', 'AAAA', ['2001:db8::10']],
  ['example.test', 'type28', ['2001:db8::10']],
  ['example.test', 'MX', [{ exchange: 'mail.example.test', priority: 10 }, { exchange: 'backup.mail.example.test', priority: 20 }]],
    ['example.test', 'SOA', [{ primary: 'ns1.example.test', mailbox: 'hostmaster.example.test', serial: 2024010101, refresh: 7200, retry: 3600, expire: 1209600, minimum: 60 }]],
  ['_sip._tcp.example.test', 'SRV', [
    { name: 'sip3.example.test', port: 5060, priority: 10, weight: 9 },
    { name: 'sip1.example.test', port: 5060, priority: 10, weight: 1 },
    { name: 'sip2.example.test', port: 5061, priority: 20, weight: 5 },
  ]],
  ['sip.example.test', 'NAPTR', [{ order: 100, preference: 50, flags: 's', service: 'SIP+D2U', regexp: '', replacement: '_sip._udp.example.test' }]],
  ['host.example.test', 'SSHFP', [{ algorithm: 4, hash: 2, fingerprint: 'ab'.repeat(32) }]],
  ['host.example.test', 'HINFO', [{ cpu: 'x86-64', os: 'Linux' }]],
  ['_443._tcp.host.example.test', 'TLSA', [{ usage: 3, selector: 1, matching: 1, data: 'cd'.repeat(32) }]],
  ['host.example.test', 'HTTPS', [{ priority: 1, target: '.', params: { alpn: ['h2', 'h3'], port: 8443 } }]],
  ['uri.example.test', 'URI', [{ priority: 10, weight: 1, target: 'https://example.test/a' }]],
  ['secure.example.test', 'DS', [{ key_tag: 12345, algorithm: 8, digest_type: 2, digest: 'ef'.repeat(32) }]],
  ['sub.example.test', 'DNAME', ['other.test']],
  ['odd.example.test', 'TYPE65280', [{ hex: '010203' }]],
  ['www.example.test', 'A', ['192.0.2.40']],
  ['www.example.test', 'CNAME', ['web.example.test']],
  ['anything.wild.example.test', 'A', ['192.0.2.60']],
  ['exämple.example.test', 'A', ['192.0.2.50']],
  ['192.0.2.10', 'PTR', ['example.test']],
  ['2001:db8::10', 'PTR', ['example.test']],
  ['10.2.0.192.in-addr.arpa', 'PTR', ['example.test']],
  ['host.example.test', 'MX', []],
  ['www.example.test', 'MX', []],
]; // prettier-ignore

for (const [name, type, expected] of cases) {
  test(`${type} of ${name}`, { skip }, () =>
    run(function* () {
      assert.deepEqual(yield* ask(bind!.port, name, type), expected);
    }),
  );
}

test('several records of a type, in whatever order', { skip }, () =>
  run(function* () {
    const names = (yield* ask(bind!.port, 'example.test', 'NS')) as string[];
    assert.deepEqual(names.sort(), ['ns1.example.test', 'ns2.example.test']);
    const authorities = (yield* ask(bind!.port, 'example.test', 'CAA')) as { tag: string }[];
    assert.deepEqual(
      authorities.sort((a, b) => (a.tag < b.tag ? -1 : 1)),
      [
        { critical: true, tag: 'iodef', value: 'mailto:sec@example.test' },
        { critical: false, tag: 'issue', value: 'ca.example.net' },
      ],
    );
    const addresses = (yield* ask(bind!.port, 'many.example.test', 'A')) as string[];
    assert.deepEqual(addresses.sort(), ['192.0.2.31', '192.0.2.32', '192.0.2.33']);
    const hosts = (yield* ask(bind!.port, '192.0.2.40', 'PTR')) as string[];
    assert.deepEqual(hosts.sort(), ['host.example.test', 'www.example.test']);
  }),
);

test('the pieces of a TXT record are joined, bytes are kept', { skip }, () =>
  run(function* () {
    const texts = (yield* ask(bind!.port, 'example.test', 'TXT')) as string[];
    assert.deepEqual(texts.sort(), ['quote " and back\\slash ä \udcff', 'v=spf1 mx -all']);
  }),
);

test('an answer that does not fit into a datagram comes over TCP, whole', { skip }, () =>
  run(function* () {
    for (const more of [{}, { tcp: true }]) {
      const [text] = (yield* ask(bind!.port, 'long.example.test', 'TXT', more)) as string[];
      assert.equal(text!.length, 20 * 243);
      assert.ok(text!.startsWith('000xxx') && text!.includes('x019x'));
    }
  }),
);

test('full: true gives names, types and times to live, also of aliases', { skip }, () =>
  run(function* () {
    assert.deepEqual(yield* ask(bind!.port, 'www.example.test', 'A', { full: true }), [
      { name: 'www.example.test', type: 'CNAME', class: 'IN', ttl: 300, data: 'web.example.test' },
      { name: 'web.example.test', type: 'CNAME', class: 'IN', ttl: 300, data: 'host.example.test' },
      { name: 'host.example.test', type: 'A', class: 'IN', ttl: 300, data: '192.0.2.40' },
    ]);
    const texts = (yield* ask(bind!.port, 'example.test', 'TXT', { full: true })) as { ttl: number }[];
    assert.ok(texts.some(({ ttl }) => ttl === 60));
    const servers = (yield* ask(bind!.port, '_sip._tcp.example.test', 'SRV', { full: true })) as { data: { name: string } }[]; // prettier-ignore
    assert.deepEqual(servers.map(({ data }) => data.name), ['sip3.example.test', 'sip1.example.test', 'sip2.example.test']); // prettier-ignore
  }),
);

test('ANY gives all there is, each record once', { skip }, () =>
  run(function* () {
    const all = (yield* ask(bind!.port, 'example.test', 'ANY')) as { type: string; data: unknown }[];
    const counts: Record<string, number> = {};
    for (const { type } of all) counts[type] = (counts[type] ?? 0) + 1;
    assert.deepEqual(counts, { SOA: 1, NS: 2, A: 1, AAAA: 1, MX: 2, TXT: 2, CAA: 2 });
    const alias = (yield* ask(bind!.port, 'host.example.test', 'ANY')) as { type: string }[];
    assert.deepEqual(alias.map(({ type }) => type).sort(), ['A', 'HINFO', 'HTTPS', 'SSHFP']);
  }),
);

test('what goes wrong has its own code', { skip }, () =>
  run(function* () {
    const { port } = bind!;
    const missingName = yield* fails('ENOTFOUND', ask(port, 'nowhere.example.test', 'A'), /the name 'nowhere.example.test' does not exist/); // prettier-ignore
    assert.equal(missingName.get('host'), 'nowhere.example.test');
    yield* fails('ENOTFOUND', ask(port, 'dangling.example.test', 'A'));
    yield* fails('ENOTFOUND', ask(port, '192.0.2.99', 'PTR'));
    yield* fails('ENOTFOUND', ask(port, 'nowhere.example.test', 'ANY'));
    yield* fails('ESERVFAIL', ask(port, 'broken.test', 'A'), new RegExp(`name server 127.0.0.1:${port} failed`));
    yield* fails('EREFUSED', ask(port, 'elsewhere.invalid', 'A'), /refuses/);
    yield* fails('ELOOP', ask(port, 'ring1.example.test', 'A'), /lead in a circle/);
    yield* fails('ELOOP', ask(port, 'selfish.example.test', 'AAAA'));
    assert.deepEqual(yield* ask(port, 'ring1.example.test', 'CNAME'), ['ring2.example.test']);
  }),
);

test('addresses and names that need no server', () =>
  run(function* () {
    assert.deepEqual(yield* builtin('dns_lookup', '192.0.2.1'), ['192.0.2.1']);
    assert.deepEqual(yield* builtin('dns_lookup', '::1', 'AAAA'), ['::1']);
    assert.deepEqual(yield* builtin('dns_lookup', '::1', 'A'), []);
    assert.deepEqual(yield* builtin('dns_lookup', 'LOCALHOST'), ['127.0.0.1']);
  }));

test('what is no question is refused before a packet is sent', () =>
  run(function* () {
    const lookup = (...args: Value[]): Steps<Value> => builtin('dns_lookup', ...args);
    for (const name of [
      '',
      'a..b',
      '.a',
      'a\0b.test',
      'a\x1b[31m.test',
      'a'.repeat(64),
      'http://example.test/',
      'x'.repeat(300),
    ]) {
      yield* fails('ETYPE', lookup(name), /name must be a name or an address/);
    }
    yield* fails('ETYPE', lookup(5), /dns_lookup: name must be/);
    for (const type of ['B', 'AXFR', 'OPT', '', 'TYPE99999', '__proto__'])
      yield* fails('ETYPE', lookup('a.test', type));
    for (const server of ['nowhere', '127.0.0.1:0', '127.0.0.1:99999', '1.2.3', '::1:53:x', '[::1', '[127.0.0.1]:53']) {
      yield* fails('ETYPE', lookup('a.test', 'A', options({ server })), /option "server" must be the address/);
    }
    yield* fails('ETYPE', lookup('a.test', 'A', options({ timeout: -1 })));
    yield* fails('EOPTION', lookup('a.test', 'A', options({ ful: true })), /there is no option "ful"/);
  }));

test('hosts and resolv.conf as the system reads them', () => {
  const hosts = parseHosts('127.0.0.1 localhost # me\n\n::1\tlocalhost ip6\n#1.2.3.4 no\nnonsense x\n10.0.0.1 Web WEB.lan.\n'); // prettier-ignore
  assert.deepEqual([...hosts], [['localhost', ['127.0.0.1', '::1']], ['ip6', ['::1']], ['web', ['10.0.0.1']], ['web.lan', ['10.0.0.1']]]); // prettier-ignore
  const text = 'search lan example.org\nnameserver 10.0.0.1\nnameserver fe80::1%eth0 # x\n;nameserver 1.1.1.1\nnameserver bad\noptions rotate ndots:2\n'; // prettier-ignore
  assert.deepEqual(parseResolverConfiguration(text), {
    servers: [
      { host: '10.0.0.1', port: 53, text: '10.0.0.1:53' },
      { host: 'fe80::1%eth0', port: 53, text: '[fe80::1%eth0]:53' },
    ],
    search: ['lan', 'example.org'],
    ndots: 2,
  }); // prettier-ignore
  assert.deepEqual(parseResolverConfiguration('').servers, [{ host: '127.0.0.1', port: 53, text: '127.0.0.1:53' }]);
  assert.deepEqual(parseNameserver('[::1]:5353'), { host: '::1', port: 5353, text: '[::1]:5353' });
  assert.deepEqual(parseNameserver('::1'), { host: '::1', port: 53, text: '[::1]:53' });
});

test(
  'lookups as the system does them: servers, search list and hosts of a namespace',
  { skip: needsRoot('ip', 'named', 'dig') },
  async () => {
    const space = new Namespace();
    try {
      const server = await startBind('127.0.0.1', 53, space.prefix);
      try {
        space.setResolver('nameserver 127.0.0.1\nsearch example.test\n');
        const said = space.sentra(`log(dns_lookup("host"))
log(dns_lookup("host.example.test", "A", {"full": true})[0]["ttl"])
log(dns_lookup("_sip._tcp.example.test", "SRV")[0]["name"])
try { dns_lookup("nowhere.example.test") } catch (e) { log(e.code) }
`);
        assert.equal(said.stdout, '["192.0.2.40"]\n300\nsip3.example.test\nENOTFOUND\n', said.stderr);
        const page = space.sentra(readFileSync(joinPath(__dirname, 'programs', 'dns.sn'), 'utf8'));
        assert.equal(
          page.stdout,
          'A records: ["192.0.2.70"]\nMX records: [{"exchange": "mail.example.com", "priority": 10}]\nTXT records: ["v=spf1 -all"]\n',
        );
        assert.equal(page.status, 0, page.stderr);
        // The names of /etc/hosts come first, as for every program of the system.
        space.setHosts('127.0.0.1 localhost\n192.0.2.99 host.example.test\n2001:db8::99 host.example.test\n');
        const known = space.sentra(`log(dns_lookup("HOST.example.test"), dns_lookup("host.example.test", "AAAA"))
log(dns_lookup("host.example.test", "A", {"full": true}))
log(dns_lookup("host.example.test", "A", {"server": "127.0.0.1"}))
`);
        assert.equal(
          known.stdout,
          '["192.0.2.99"] ["2001:db8::99"]\n[{"name": "host.example.test", "type": "A", "class": "IN", "ttl": null, "data": "192.0.2.99"}]\n["192.0.2.40"]\n',
          known.stderr,
        );
      } finally {
        await server.stop();
      }
    } finally {
      space.remove();
    }
  },
);

test('a machine that is not online says so, however many it asks', { skip: needsRoot('ip') }, () => {
  const space = new Namespace();
  try {
    space.setResolver('nameserver 192.0.2.53\nnameserver 2001:db8::53\n');
    const said = space.sentra(`let ask = fn(i, options) {
  try { dns_lookup("a.test", "A", options) } catch (e) { return e.code + " " + e.message }
}
log(ask(0, {}))
log(ask(0, {"tcp": true}))
log(unique(parallel(range(0, 300), 150, fn(i) { return ask(i, {"server": "192.0.2.54"}) })))
`);
    const words = (server: string): string => `dns_lookup: the name server ${server}:53 cannot be asked: there is no way to it (ENETUNREACH)`; // prettier-ignore
    const first = `ENETUNREACH ${words('192.0.2.53')}`;
    assert.equal(said.stdout, `${first}\n${first}\n["ENETUNREACH ${words('192.0.2.54')}"]\n`, said.stderr);
  } finally {
    space.remove();
  }
});
