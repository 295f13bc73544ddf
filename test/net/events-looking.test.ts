/** The stream of events tells of all that is done to look at networks: captures, echo requests, banners, certificates. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { HostEvent } from '../../src/host/events';
import { setPolicy } from '../../src/host/permissions';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { bytesOf, eventsOf as listenedTo, kindsOf } from '../support/events';
import { close, freePort, listening, nothingLeft } from '../support/network';
import { needsRoot } from '../support/programs';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

const skip = process.platform === 'linux' ? false : 'Linux alone has these sockets';

/** Without the sockets of the test's own servers. */
function eventsOf(body: () => Steps<unknown>, without: readonly string[] = ['tcp', 'tls', 'udp']): Steps<HostEvent[]> {
  return listenedTo(body, without);
}

/** Answers each connection with a text, whatever it hears. */
function* speaking(text: string): Steps<{ port: number; stop: () => Steps<void> }> {
  const { server, port } = yield* listening();
  const serving = spawn(function* () {
    for (;;) {
      const client = yield* builtin('socket_accept', server);
      yield* builtin('socket_send', client, text);
      yield* close(client);
    }
  });
  return {
    port,
    *stop() {
      yield* close(server);
      yield* fails('ECLOSED', join(serving));
    },
  };
}

test('whois: the question, the answer, and a server that is not there', () =>
  run(function* () {
    const server = yield* speaking('domain: example.org\r\n');
    const ask = (port: number): Steps<Value> => builtin('whois', 'example.org', options({ server: '127.0.0.1', port }));
    const events = yield* eventsOf(() => ask(server.port));
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'bytes', 'closed']]);
    assert.match(events[0]!.subject.handle, /^whois:127\.0\.0\.1#\d+$/);
    assert.equal(bytesOf(events, 'out').toString(), 'example.org\r\n');
    assert.equal(bytesOf(events, 'in').toString(), 'domain: example.org\r\n');
    yield* server.stop();
    const failed = yield* eventsOf(() => fails('ECONNREFUSED', ask(server.port)));
    assert.deepEqual(failed.map((event) => event.kind === 'error' && event.code), ['ECONNREFUSED']); // prettier-ignore
  }));

test('what open ports say is in the stream, under the scan that asked for it', { skip }, () =>
  run(function* () {
    const server = yield* speaking('SSH-2.0-OpenSSH_9.2\r\n');
    const events = yield* eventsOf(() => builtin('port_scan', '127.0.0.1', [server.port]));
    const kinds = kindsOf(events);
    const handles = Object.keys(kinds).map((handle) => handle.split(':')[0]!);
    assert.deepEqual(handles, ['scan', 'banner']);
    assert.deepEqual(Object.values(kinds), [['opened', 'closed'], ['opened', 'bytes', 'closed']]); // prettier-ignore
    assert.equal(bytesOf(events, 'in').toString(), 'SSH-2.0-OpenSSH_9.2\r\n');
    yield* server.stop();
  }),
);

test('the probes of a UDP scan and their answers', { skip }, () =>
  run(function* () {
    const { server, port } = yield* listening('UDP');
    const answering = spawn(function* () {
      yield* builtin('socket_receive', server, 2000);
      yield* builtin('socket_send', server, 'here I am');
    });
    const events = yield* eventsOf(() => builtin('port_scan', '127.0.0.1', [port], null, 'UDP'));
    yield* join(answering);
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'bytes', 'closed']]);
    assert.equal(bytesOf(events, 'in').toString(), 'here I am');
    for (const event of events) if (event.kind === 'bytes') assert.deepEqual(event.peer?.port, port);
    yield* close(server);
  }),
);

test('the packets of a SYN scan', { skip: needsRoot() }, () =>
  run(function* () {
    const { server, port } = yield* listening();
    const events = yield* eventsOf(() =>
      builtin('port_scan', '127.0.0.1', [port], null, 'SYN', options({ banners: false })),
    );
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'bytes', 'closed']]);
    const [sent, received] = [bytesOf(events, 'out'), bytesOf(events, 'in')];
    assert.equal(sent.readUInt16BE(2), port);
    assert.equal(received.readUInt16BE(0), port);
    assert.equal(received[13], 0x12, 'SYN and ACK');
    yield* close(server);
  }),
);

test('a look at a TLS server: each handshake, and each greeting with its bytes', () =>
  run(function* () {
    const pair = yield* builtin('certificate_create', ['localhost']);
    const tls = options({ cert: field(pair, 'cert'), key: field(pair, 'key') });
    const { server, port } = yield* listening('TLS', '127.0.0.1', tls);
    const events = yield* eventsOf(() => builtin('analyze_ssl', '127.0.0.1', port));
    const looks = Object.entries(kindsOf(events));
    assert.ok(looks.length >= 3, `${looks.length} connections`);
    for (const [handle, kinds] of looks) {
      assert.match(handle, /^look:127\.0\.0\.1#\d+$/);
      assert.equal(kinds[0], 'opened', handle);
      assert.equal(kinds.at(-1), 'closed', handle);
    }
    const protocols = new Set(events.map(({ subject }) => subject.protocol));
    assert.deepEqual([...protocols].sort(), ['tcp', 'tls']);
    assert.equal(bytesOf(events, 'out')[0], 22, 'a TLS handshake record');
    yield* close(server);
    const refused = yield* until(freePort());
    const failed = yield* eventsOf(() => fails('ECONNREFUSED', builtin('analyze_ssl', '127.0.0.1', refused)));
    assert.deepEqual(failed.map((event) => event.kind === 'error' && event.code), ['ECONNREFUSED']); // prettier-ignore
  }));

test('ping: each request and each reply, with the host', { skip: needsRoot() }, () =>
  run(function* () {
    const events = yield* eventsOf(() => builtin('ping', '127.0.0.1', options({ count: 3, interval: 0.01, size: 10 })));
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'bytes', 'closed']]);
    assert.equal(events[0]!.subject.protocol, 'icmp');
    assert.equal(bytesOf(events, 'out').length, 3 * 18);
    assert.equal(bytesOf(events, 'in').length, 3 * 18);
    for (const event of events) if (event.kind === 'bytes') assert.equal(event.peer?.host, '127.0.0.1');
  }),
);

test('traceroute: the datagrams, and the names that it asks for', { skip }, () =>
  run(function* () {
    const events = yield* eventsOf(() => builtin('traceroute', '127.0.0.1', options({ probes: 2, max_hops: 1 })), []);
    assert.ok(events.length > 0);
    const [first, ...lookups] = Object.entries(kindsOf(events));
    assert.match(first![0], /^traceroute:127\.0\.0\.1#\d+$/);
    assert.deepEqual(first![1], ['opened', 'bytes', 'closed']);
    assert.equal(bytesOf(events, 'out').length, 2 * 32);
    assert.deepEqual(lookups.map(([handle]) => handle.split('#')[0]), ['lookup:127.0.0.1']); // prettier-ignore
  }),
);

test('a capture: opened on its interface, each packet, closed', { skip: needsRoot() }, () =>
  run(function* () {
    const { server, port } = yield* listening('UDP');
    const events = yield* eventsOf(function* () {
      const packets = yield* builtin('capture_start', 'lo', `udp dst port ${port}`);
      yield* builtin('socket_send_to', server, 'seen', '127.0.0.1', port);
      yield* builtin('capture_packets', packets, 1, 5);
      yield* builtin('capture_stop', packets);
    });
    assert.deepEqual(kindsOf(events), { [events[0]!.subject.handle]: ['opened', 'bytes', 'closed'] });
    assert.equal(events[0]!.subject.remote?.host, 'lo');
    const packet = bytesOf(events, 'in');
    assert.equal(packet.length, 14 + 20 + 8 + 4);
    assert.equal(packet.subarray(-4).toString(), 'seen');
    yield* close(server);
  }),
);

test('a network scan: what looks for signs of life, then the ports', { skip }, () =>
  run(function* () {
    const { server, port } = yield* listening();
    const scan = options({ ports: [port], banners: false, names: false });
    const events = yield* eventsOf(() => builtin('network_scan', '127.0.0.1', scan));
    for (const [handle, kinds] of Object.entries(kindsOf(events))) {
      assert.match(handle, /^(?:ping|scan):/);
      assert.equal(kinds[0], 'opened');
      assert.equal(kinds.at(-1), 'closed');
    }
    yield* close(server);
  }),
);

test('a name that the system looks up, found or not', () =>
  run(function* () {
    const { server, port } = yield* listening();
    const found = yield* eventsOf(function* () {
      yield* close(yield* builtin('socket_create', 'TCP', 'localhost', port));
    });
    assert.deepEqual(Object.values(kindsOf(found)), [['opened', 'closed']]);
    assert.equal(found[0]!.subject.protocol, 'dns');
    assert.match(found[0]!.subject.handle, /^lookup:localhost#\d+$/);
    yield* close(server);
    const lost = yield* eventsOf(function* () {
      try {
        yield* builtin('socket_create', 'TCP', 'nowhere.invalid', 1);
      } catch {
        // ENOTFOUND or EAI_AGAIN, as the machine is connected or not.
      }
    });
    assert.deepEqual(Object.values(kindsOf(lost)), [['opened', 'error', 'closed']]);
  }));

test('each of them asks the permissions before anything happens', { skip }, () =>
  run(function* () {
    const refused: readonly [string, RegExp, ...Value[]][] = [
      ['whois', /connect to 127\.0\.0\.1:1043/, 'x', options({ server: '127.0.0.1', port: 1043 })],
      ['ping', /send datagrams to 127\.0\.0\.1/, '127.0.0.1'],
      ['traceroute', /send datagrams to 127\.0\.0\.1/, '127.0.0.1'],
      ['analyze_ssl', /connect to 127\.0\.0\.1:443/, '127.0.0.1'],
      ['port_scan', /connect to 127\.0\.0\.1:22/, '127.0.0.1', 22],
      ['network_scan', /connect to 127\.0\.0\.1/, '127.0.0.1'],
      ['capture_start', /capture packets on lo/, 'lo'],
      ['analyze_traffic', /capture packets on lo/, 'lo', 0.01],
      ['detect_intrusions', /capture packets on lo/, 'lo', 0.01],
      ['network_interfaces', /look up the network interfaces/],
      ['dns_lookup', /look up localhost/, 'localhost'],
    ];
    setPolicy({ refuses: () => 'this is a test' });
    try {
      const events = yield* eventsOf(function* () {
        for (const [name, what, ...args] of refused) {
          const error = yield* fails('EPERM', builtin(name, ...args), what);
          assert.match(error.message, new RegExp(`^${name}: not permitted to .*: this is a test`));
        }
      }, []);
      assert.deepEqual(events, []);
      setPolicy({ refuses: (action) => (action === 'lookup' ? 'no names' : null) });
      yield* fails('EPERM', builtin('traceroute', '127.0.0.1', options({ max_hops: 1 })), /^traceroute: .*look up 127/);
    } finally {
      setPolicy(null);
    }
  }),
);
