/**
 * `dns_lookup` against scripted servers that misbehave. All of it happens twice: with the sockets that a program gets
 * that asks a name or two, and with those of one that asks hundreds.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { operation } from '../../src/runtime/operation';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { setPolicy } from '../../src/host/permissions';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import type { Nameserver } from '../../src/host/dns/configuration';
import { Query } from '../../src/host/dns/query';
import type { Outcome } from '../../src/host/dns/query';
import type { DnsRecord } from '../../src/wire/dns/message';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { scriptedServer } from '../support/name-servers';
import type { Script, ScriptedServer } from '../support/name-servers';
import { freePort, nothingLeft } from '../support/network';
import { builtin, fails, join as joinTask, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

function* ask(port: number, name: string, type: string, more: Record<string, Value> = {}): Steps<Value> {
  return yield* builtin('dns_lookup', name, type, options({ server: `127.0.0.1:${port}`, ...more }));
}

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

/** How many sockets this process has, whoever opened them. */
function openSockets(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

/** Whether the second kind of sockets is there at all. */
const hasBatches = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');

for (const batches of hasBatches ? [false, true] : [false]) {
  describe(batches ? 'a program that asks hundreds of names' : 'a program that asks a few names', () => round(batches));
  if (!batches) describe('many names', askMany);
}

function round(batches: boolean): void {
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

  test('a name server with an IPv6 address', () =>
    run(function* () {
      const server = yield* until(scriptedServer((_query, reply) => reply({ answers: [address('a.test')] }), '::1'));
      assert.deepEqual(yield* ask(0, 'a.test', 'A', { server: `[::1]:${server.port}` }), ['192.0.2.1']);
      yield* until(server.stop());
    }));

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
        const before = openSockets();
        const task = spawn(() => ask(port, 'a.test', 'A'));
        yield* sleep(20);
        assert.equal(openSockets(), before + 1);
        // Besides that of the scripted server: one of Node's, or one that Node knows nothing of.
        assert.equal(process.getActiveResourcesInfo().filter((each) => each === 'UDPWrap').length, batches ? 1 : 2);
        cancelTask(task);
        yield* fails('ECANCELED', joinTask(task));
        yield* sleep(20);
        assert.equal(openSockets(), before);
      },
    ));

  test('a cancelled lookup of all records asks no further', () =>
    scripted(
      () => {},
      function* ({ port, queries }) {
        const task = spawn(() => ask(port, 'a.test', 'ANY'));
        yield* sleep(50);
        cancelTask(task);
        const start = performance.now();
        yield* fails('ECANCELED', joinTask(task));
        assert.ok(performance.now() - start < 200);
        yield* sleep(20);
        assert.deepEqual(queries.map(({ questions }) => questions[0]!.type), ['ANY']); // prettier-ignore
      },
    ));

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

  test('cut over TCP as well: what came is taken, and nobody asks for ever', () =>
    scripted(
      (_query, reply) => reply({ truncated: true, answers: [address('a.test')] }),
      function* ({ port, queries }) {
        assert.deepEqual(yield* ask(port, 'a.test', 'A'), ['192.0.2.1']);
        assert.equal(queries.length, 2);
      },
    ));

  test('an answer of more bytes than were offered to be taken comes over TCP', () =>
    scripted(
      ({ questions: [question] }, reply, over) => {
        const answers = Array.from({ length: 600 }, (_none, i) => address(question!.name, `10.0.${i >> 8}.${i & 255}`));
        reply({ answers: over === 'udp' ? answers : answers.slice(0, 500) });
      },
      function* ({ port }) {
        assert.equal(((yield* ask(port, 'a.test', 'A')) as Value[]).length, 500);
      },
    ));

  test('the other servers are asked when one is silent, refuses or fails', () =>
    run(function* () {
      const silent = yield* until(scriptedServer(() => {}));
      const good = yield* until(scriptedServer((_query, reply) => reply({ answers: [address('a.test')] })));
      const failing = yield* until(scriptedServer((_query, reply) => reply({ rcode: 2 })));
      const nobody = yield* until(freePort());
      const at = (port: number): Nameserver => ({ host: '127.0.0.1', port, text: `127.0.0.1:${port}` });
      const from = function* (...ports: number[]): Steps<unknown> {
        const asking = { servers: ports.map(at), tcp: false, type: 'A', typeNumber: 1, addressesDo: true, timeoutMs: 1000, end: performance.now() + 1000 }; // prettier-ignore
        return yield* operation<unknown>('for the answer', (succeed) => {
          new Query('a.test', { ...asking, found: succeed, ended: succeed }, performance.now());
        });
      };
      assert.deepEqual(yield* from(silent.port, good.port), ['192.0.2.1']);
      assert.deepEqual(yield* from(nobody, failing.port, good.port), ['192.0.2.1']);
      const failed = (yield* from(failing.port, nobody)) as Outcome;
      assert.equal(failed.kind === 'message' ? failed.message.rcode : failed.failure.code, 2);
      assert.deepEqual([silent.queries.length, good.queries.length, failing.queries.length], [1, 2, 2]);
      for (const server of [silent, good, failing]) yield* until(server.stop());
    }));
}

function askMany(): void {
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
}
