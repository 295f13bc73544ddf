/** `dns_lookup` against BIND with zones of the test, and against scripted servers that misbehave. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { setPolicy } from '../../src/host/permissions';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { parseHosts, parseNameserver, parseResolverConfiguration } from '../../src/host/dns/configuration';
import type { DnsRecord } from '../../src/wire/dns/message';
import type { Steps } from '../../src/runtime/task';
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { startBind, scriptedServer } from '../support/name-servers';
import type { NameServer, Script, ScriptedServer } from '../support/name-servers';
import { Namespace } from '../support/namespaces';
import { freePort, nothingLeft } from '../support/network';
import { missing, needsRoot } from '../support/programs';
import { builtin, fails, join as joinTask, options, run, spawn, until } from '../support/run-tasks';

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

/** Asks a scripted server and stops it. */
function scripted<T>(script: Script, body: (server: ScriptedServer) => Steps<T>): Promise<T> {
  return run(function* () {
    const server = yield* until(scriptedServer(script));
    try {
      return yield* body(server);
    } finally {
      yield* until(server.stop());
    }
  });
}

function record(name: string, type: string, data: DnsRecord['data']): DnsRecord {
  return { name, type, class: 'IN', ttl: 5, data };
}

const address = (name: string, text = '192.0.2.1'): DnsRecord => record(name, 'A', { kind: 'address', address: text });

test('a server that never answers: ETIMEDOUT in time, after several tries', () =>
  scripted(
    () => {},
    function* ({ port, queries }) {
      const start = performance.now();
      yield* fails('ETIMEDOUT', ask(port, 'a.test', 'A', { timeout: 0.4 }), /no answer for 'a.test' .* after 0.4 seconds/); // prettier-ignore
      assert.ok(performance.now() - start < 2000);
      assert.equal(queries.length, 3);
      assert.equal(new Set(queries.map(({ id }) => id)).size, 3);
    },
  ));

test('a lost datagram is asked for again; the answer to the first question still counts', () => {
  let count = 0;
  return scripted(
    (query, reply) => {
      if (++count === 2) reply({ id: query.id, answers: [address('a.test')] });
    },
    function* ({ port }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A', { timeout: 1 }), ['192.0.2.1']);
    },
  );
});

test('answers with the wrong number, question, opcode or that are no answers are ignored; the right one is taken', () =>
  scripted(
    (query, reply) => {
      const poison = [address('a.test', '6.6.6.6')];
      reply({ id: query.id ^ 1, answers: poison });
      reply({ questions: [{ name: 'b.test', type: 'A', class: 'IN' }], answers: poison });
      reply({ questions: [{ name: 'a.test', type: 'AAAA', class: 'IN' }], answers: poison });
      reply({ questions: [], answers: poison });
      reply({ opcode: 4, answers: poison });
      reply({ response: false, answers: poison });
      reply(Uint8Array.of(query.id >> 8, query.id & 0xff, 0x80));
      reply({ answers: [address('A.test')] });
    },
    function* ({ port }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
    },
  ));

test('nothing but wrong answers: ETIMEDOUT', () =>
  scripted(
    (query, reply) => reply({ id: query.id ^ 0x5555, answers: [address('a.test', '6.6.6.6')] }),
    function* ({ port }) {
      yield* fails('ETIMEDOUT', ask(port, 'a.test', 'A', { timeout: 0.2 }));
    },
  ));

test('records for other names in an answer are not given', () =>
  scripted(
    (_query, reply) => reply({ answers: [address('bank.test', '6.6.6.6'), address('a.test')] }),
    function* ({ port }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
    },
  ));

test('an answer that is broken: ESERVFAIL that says so', () =>
  scripted(
    (query, reply, over) => {
      if (over === 'udp') {
        const header = [query.id >> 8, query.id & 0xff, 0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0];
        const question = [1, 97, 4, 116, 101, 115, 116, 0, 0, 1, 0, 1];
        // A name that points to itself.
        reply(Uint8Array.from([...header, ...question, 0xc0, 24, 0, 1]));
      }
    },
    function* ({ port }) {
      yield* fails('ESERVFAIL', ask(port, 'a.test', 'A'), /is broken: a compressed name does not point back/);
    },
  ));

test('an endless chain of aliases from question to question ends', () =>
  scripted(
    ({ questions: [question] }, reply) =>
      reply({
        recursionAvailable: false,
        answers: [record(question!.name, 'CNAME', { kind: 'name', name: `x${question!.name}` })],
      }),
    function* ({ port, queries }) {
      yield* fails('ELOOP', ask(port, 'a.test', 'A'), /circle or are too many/);
      assert.equal(queries.length, 8);
    },
  ));

test('an alias that a server without recursion leaves open is followed', () =>
  scripted(
    ({ questions: [question] }, reply) =>
      reply({
        recursionAvailable: false,
        answers: question!.name === 'a.test' ? [record('a.test', 'CNAME', { kind: 'name', name: 'b.test' })] : [address('b.test')], // prettier-ignore
      }),
    function* ({ port }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
    },
  ));

test('truncated over UDP, and TCP resets: an error that names it', () =>
  scripted(
    (_query, reply, over) => over === 'udp' && reply({ truncated: true }),
    function* ({ port }) {
      yield* fails('ETIMEDOUT', ask(port, 'a.test', 'A', { timeout: 0.3 }));
    },
  ));

test('an old server that does not know EDNS is asked without', () =>
  scripted(
    (query, reply) => {
      if (query.additionals.length > 0) reply({ rcode: 1 });
      else reply({ answers: [address('a.test')] });
    },
    function* ({ port, queries }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
      assert.equal(queries.length, 2);
    },
  ));

test('an answer in pieces over TCP', () =>
  scripted(
    (query, reply, over) => {
      if (over === 'udp') return reply({ truncated: true });
      reply({ id: query.id ^ 1, answers: [address('a.test', '6.6.6.6')] });
      setTimeout(() => reply({ answers: [address('a.test')] }), 20);
    },
    function* ({ port }) {
      assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
    },
  ));

test('a thousand lookups of a hundred tasks: each gets its own answer; numbers and ports vary', () =>
  scripted(
    ({ questions: [question] }, reply) => {
      const number = Number(/^n(\d+)/.exec(question!.name)![1]);
      reply({ answers: [address(question!.name, `10.0.${number >> 8}.${number & 255}`)] });
    },
    function* ({ port, queries, ports }) {
      const tasks = Array.from({ length: 100 }, (_none, t) =>
        spawn(function* () {
          for (let i = t * 10; i < t * 10 + 10; i++) {
            assert.deepEqual(yield* ask(port, `n${i}.test`, 'A'), [`10.0.${i >> 8}.${i & 255}`]);
          }
        }),
      );
      for (const task of tasks) yield* joinTask(task);
      assert.equal(queries.length, 1000);
      assert.ok(new Set(queries.map(({ id }) => id)).size > 900);
      assert.ok(new Set(ports).size >= 5);
    },
  ));

test('nobody listens at the name server: ECONNREFUSED at once', () =>
  run(function* () {
    const port = yield* until(freePort());
    yield* fails('ECONNREFUSED', ask(port, 'a.test', 'A'), /nothing is listening there/);
    yield* fails('ECONNREFUSED', ask(port, 'a.test', 'A', { tcp: true }));
  }));

test('a cancelled lookup leaves nothing behind', () =>
  scripted(
    () => {},
    function* ({ port }) {
      const task = spawn(() => ask(port, 'a.test', 'A'));
      yield* sleep(20);
      cancelTask(task);
      yield* fails('ECANCELED', joinTask(task));
      yield* until(nothingLeft2());
    },
  ));

/** The sockets of the scripted server are still there. */
async function nothingLeft2(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const sockets = process.getActiveResourcesInfo().filter((each) => each === 'UDPWrap');
  assert.equal(sockets.length, 1);
}

test('the policy is asked before a packet is sent', () =>
  scripted(
    (_query, reply) => reply({ answers: [address('a.test')] }),
    function* ({ port, queries }) {
      const asked: string[] = [];
      setPolicy({ refuses: (action, target) => (asked.push(`${action} ${target}`), action === 'lookup' ? 'no names' : null) }); // prettier-ignore
      try {
        yield* fails('EPERM', ask(port, 'a.test', 'A'), /dns_lookup: not permitted to look up a.test: no names/);
        yield* fails('EPERM', builtin('dns_lookup', 'localhost'));
        setPolicy({ refuses: (action) => (action === 'datagram' ? 'no datagrams' : null) });
        yield* fails('EPERM', ask(port, 'a.test', 'A'));
      } finally {
        setPolicy(null);
      }
      assert.deepEqual(asked, ['lookup a.test', 'lookup localhost']);
      assert.equal(queries.length, 0);
    },
  ));

test('the event stream has the exchange', () =>
  scripted(
    (_query, reply) => reply({ answers: [address('a.test')] }),
    function* ({ port }) {
      const events: HostEvent[] = [];
      const stop = listen((event) => events.push(event));
      yield* ask(port, 'a.test', 'A');
      yield* sleep(20);
      stop();
      assert.deepEqual(
        events.map((event) => (event.kind === 'bytes' ? event.direction : event.kind)),
        ['opened', 'out', 'in', 'closed'],
      );
      assert.deepEqual(events[0]!.subject.remote, { host: '127.0.0.1', port });
    },
  ));

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
    for (const name of ['', 'a..b', '.a', 'a'.repeat(64), 'http://example.test/', 'x'.repeat(300)]) {
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
    servers: [{ host: '10.0.0.1', port: 53 }, { host: 'fe80::1%eth0', port: 53 }],
    search: ['lan', 'example.org'],
    ndots: 2,
  }); // prettier-ignore
  assert.deepEqual(parseResolverConfiguration('').servers, [{ host: '127.0.0.1', port: 53 }]);
  assert.deepEqual(parseNameserver('[::1]:5353'), { host: '::1', port: 5353 });
  assert.deepEqual(parseNameserver('::1'), { host: '::1', port: 53 });
});

/** The example of the tutorial, with a name of ours. */
const OPERATIONS = `// DNS lookup functions
fn dns_operations() {
    let domain = "example.test"
    
    // Different record types
    let a_records = dns_lookup(domain, "A")        // IPv4 addresses
    let aaaa_records = dns_lookup(domain, "AAAA")  // IPv6 addresses  
    let mx_records = dns_lookup(domain, "MX")      // Mail servers
    let txt_records = dns_lookup(domain, "TXT")    // TXT records
    let ns_records = dns_lookup(domain, "NS")      // Name servers
    
    log("A records: " + str(a_records))
    log("MX records: " + str(mx_records))
    log("TXT records: " + str(txt_records))
}

dns_operations()
`;

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
        const page = space.sentra(OPERATIONS);
        assert.match(
          page.stdout,
          /^A records: \["192\.0\.2\.10"\]\nMX records: \[\{"exchange": "mail\.example\.test", "priority": 10\}, /,
        );
        assert.equal(page.status, 0, page.stderr);
      } finally {
        await server.stop();
      }
    } finally {
      space.remove();
    }
  },
);
