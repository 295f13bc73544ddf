/** TLS: what is trusted and what is not, in its own words; peers that break off, stall or speak something else. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import * as tls from 'node:tls';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { close, connected, freePort, info, listening, nothingLeft, rawPeer, rawServer } from '../support/network';
import { missing, startService, temporaryDirectory } from '../support/programs';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

interface Pair {
  readonly cert: string;
  readonly key: string;
}

function* certificate(names: readonly string[], settings: Record<string, Value> = {}): Steps<Pair> {
  const made = yield* builtin('certificate_create', [...names], options(settings));
  return { cert: field(made, 'cert') as string, key: field(made, 'key') as string };
}

const HOSTS = ['localhost', '127.0.0.1'];

function serve(pair: Pair, settings: Record<string, Value> = {}): Steps<{ server: string; port: number }> {
  return listening('TLS', '127.0.0.1', options({ cert: pair.cert, key: pair.key, ...settings }));
}

function dial(port: number, settings: Record<string, Value> = {}, host = '127.0.0.1'): Steps<Value> {
  return builtin('socket_create', 'TLS', host, port, options(settings));
}

test('both ways, with the session told by socket_info', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own, { alpn: ['h2', 'echo'] });
    const client = yield* dial(port, { ca: own.cert, alpn: ['echo'] }, 'localhost');
    const peer = yield* builtin('socket_accept', server, 5);
    assert.match(client as string, /^tls:127\.0\.0\.1:\d+#\d+$/);
    yield* builtin('socket_send', client, 'x'.repeat(300_000) + '\n');
    assert.equal(((yield* builtin('socket_receive_line', peer)) as string).length, 300_000);
    yield* builtin('socket_send', peer, [0, 255]);
    assert.equal(yield* builtin('socket_receive_exact', client, 2), '\0\udcff');
    const session = yield* info(client, 'tls');
    assert.deepEqual(
      ['version', 'alpn', 'servername', 'verified'].map((name) => field(session, name)),
      ['TLSv1.3', 'echo', 'localhost', true],
    );
    assert.equal(field(field(session, 'certificate'), 'subject'), 'localhost');
    assert.equal(field(yield* info(peer, 'tls'), 'servername'), 'localhost');
    assert.equal(yield* info(client, 'protocol'), 'TLS');
    assert.equal(yield* info(client, 'bytes_out'), 300_001);
    yield* close(client);
    assert.equal(yield* builtin('socket_receive', peer, 10), '');
    yield* close(peer, server);
  }));

test('half-close goes through TLS', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own);
    const client = yield* dial(port, { ca: own.cert });
    const peer = yield* builtin('socket_accept', server, 5);
    yield* builtin('socket_send', client, 'question');
    yield* builtin('socket_shutdown', client);
    assert.equal(yield* builtin('socket_receive_all', peer), 'question');
    yield* builtin('socket_send', peer, 'answer');
    yield* close(peer);
    assert.equal(yield* builtin('socket_receive_all', client), 'answer');
    yield* close(client, server);
  }));

test('each reason not to trust a certificate has its own words', () =>
  run(function* () {
    const day = 86_400_000;
    const root = yield* certificate(['Test Root'.replace(' ', '-')], { ca: true });
    const middle = yield* certificate(['Middle'], { ca: true, issuer: options({ ...root }) });
    const byRoot = { issuer: options({ ...root }) };
    const expired = yield* certificate(HOSTS, { ...byRoot, starts: Date.now() - 3 * day, days: 1 });
    const future = yield* certificate(HOSTS, { ...byRoot, starts: Date.now() + day, days: 1 });
    const other = yield* certificate(['elsewhere.test'], byRoot);
    const alone = yield* certificate(HOSTS);
    const leaf = yield* certificate(HOSTS, { issuer: options({ ...middle }) });
    const cases: [Pair, Record<string, Value>, string, RegExp][] = [
      [expired, { ca: root.cert }, 'expired', /its certificate has expired/],
      [future, { ca: root.cert }, 'not yet valid', /is not valid yet/],
      [other, { ca: root.cert }, 'wrong host', /is for another host/],
      [alone, {}, 'self-signed', /is self-signed/],
      [leaf, { ca: root.cert }, 'unknown issuer', /a certificate of the chain is missing/],
    ];
    for (const [pair, settings, reason, words] of cases) {
      const { server, port } = yield* serve(pair);
      const error = yield* fails('ECERT', dial(port, settings), words);
      assert.equal(error.get('reason'), reason);
      assert.equal(error.get('host'), '127.0.0.1');
      assert.equal(error.get('port'), port);
      const trusting = yield* dial(port, { insecure: true });
      assert.equal(field(yield* info(trusting, 'tls'), 'verified'), false);
      yield* close(trusting, server);
    }
    const whole = yield* serve({ cert: leaf.cert + middle.cert, key: leaf.key });
    const client = yield* dial(whole.port, { ca: root.cert });
    assert.equal(field(yield* info(client, 'tls'), 'verified'), true);
    yield* close(client, whole.server);
    const named = yield* serve(other);
    yield* close(yield* dial(named.port, { ca: root.cert, servername: 'elsewhere.test' }));
    yield* fails(
      'ECERT',
      dial(named.port, { ca: root.cert }, 'localhost'),
      /its certificate is for elsewhere\.test, not for localhost/,
    );
    yield* close(named.server);
  }));

test('certificates of clients', () =>
  run(function* () {
    const root = yield* certificate(['clients'], { ca: true });
    const own = yield* certificate(HOSTS);
    const good = yield* certificate(['a-client'], { issuer: options({ ...root }) });
    const { server, port } = yield* serve(own, { request_cert: true, ca: root.cert });
    const client = yield* dial(port, { ca: own.cert, cert: good.cert, key: good.key });
    const peer = yield* builtin('socket_accept', server, 5);
    assert.equal(field(field(yield* info(peer, 'tls'), 'certificate'), 'subject'), 'a-client');
    yield* close(client, peer);
    // In TLS 1.3 the client learns of it with its first receive.
    const without = yield* dial(port, { ca: own.cert });
    yield* fails('EPROTO', builtin('socket_receive', without, 1, 5), /a certificate of the client is required/);
    yield* close(without);
    assert.equal(yield* builtin('socket_accept', server, 0.02), null);
    yield* close(server);
  }));

test('a peer that does not speak TLS, or breaks off, or says nothing', () =>
  run(function* () {
    const speaks: [(socket: net.Socket) => void, string, RegExp][] = [
      [(socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'EPROTO', /does not speak TLS on this port/],
      [(socket) => socket.end(Buffer.alloc(600, 0xa7)), 'EPROTO', /does not speak TLS on this port/],
      [(socket) => socket.end(), 'ECONNRESET', /closed the connection during the handshake/],
      [(socket) => socket.resetAndDestroy(), 'ECONNRESET', /closed the connection during the handshake/],
      [() => {}, 'ETIMEDOUT', /did not finish the handshake/],
    ];
    for (const [answer, code, words] of speaks) {
      const raw = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => answer(socket));
      });
      yield* until(new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve)));
      const { port } = raw.address() as net.AddressInfo;
      const error = yield* fails(code, dial(port, { timeout: 0.3 }), words);
      assert.equal(error.get('port'), port);
      raw.close();
    }
    const port = yield* until(freePort());
    yield* fails('ECONNREFUSED', dial(port), /nothing is listening there/);
  }));

test('a handshake is cancelled with its task', () =>
  run(function* () {
    const { listener, raw, client } = yield* rawPeer();
    const dialling = spawn(() => dial(listener.port));
    yield* until(listener.next());
    cancelTask(dialling);
    yield* fails('ECANCELED', join(dialling));
    yield* close(client);
    raw.destroy();
    yield* until(listener.close());
  }));

test('clients that send rubbish, vanish or stall hold up no others', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own, { handshake_timeout: 0.2 });
    const raws = ['GET / HTTP/1.0\r\n\r\n', '\x16\x03\x01\xff\xff', '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00', ''].map(
      (text) => {
        const raw = net.connect(port, '127.0.0.1', () => raw.write(Buffer.from(text, 'latin1')));
        return raw.on('error', () => {}).resume();
      },
    );
    const vanishing = net.connect(port, '127.0.0.1', () => vanishing.resetAndDestroy());
    const client = yield* dial(port, { ca: own.cert });
    const peer = yield* builtin('socket_accept', server, 5);
    yield* builtin('socket_send', client, 'hello');
    assert.equal(yield* builtin('socket_receive', peer, 10), 'hello');
    yield* sleep(300);
    assert.ok(raws.every((raw) => raw.destroyed || raw.readableEnded));
    assert.equal(yield* builtin('socket_accept', server, 0.01), null);
    yield* close(client, peer, server);
  }));

test('a record that is broken afterwards is an error, and what came before is given', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own);
    const raw = net.connect(port, '127.0.0.1');
    const secured = tls.connect({ socket: raw, ca: own.cert, host: '127.0.0.1' });
    secured.on('error', () => {});
    const peer = yield* builtin('socket_accept', server, 5);
    secured.write('all of this');
    yield* sleep(20);
    raw.write(Buffer.from('170303000f6e6f742061207265636f7264206f6b', 'hex'));
    assert.equal(yield* builtin('socket_receive_exact', peer, 11), 'all of this');
    yield* fails('EPROTO', builtin('socket_receive', peer, 10, 5), /ended: /);
    raw.destroy();
    yield* close(peer, server);
  }));

test('what options must be', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const another = yield* certificate(HOSTS);
    const listen = (settings: Record<string, Value>): Steps<Value> =>
      builtin('socket_listen', 'TLS', '127.0.0.1', 0, options(settings));
    yield* fails('EOPTION', listen({}), /TLS needs the options "cert" and "key"/);
    yield* fails('EOPTION', listen({ cert: own.cert }), /"cert" needs option "key"/);
    yield* fails('ECERT', listen({ cert: own.cert, key: another.key }), /the key does not belong to the certificate/);
    yield* fails('ECERT', listen({ cert: own.key, key: own.key }), /"cert": holds no certificate in PEM form/);
    yield* fails(
      'ENOENT',
      listen({ cert: '/no/such.pem', key: own.key }),
      /cannot read \/no\/such\.pem: there is no such file/,
    );
    yield* fails('EOPTION', builtin('socket_create', 'TCP', '127.0.0.1', 1, options({ insecure: true })), /is for TLS/);
    const key = createPrivateKey(own.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-128-cbc',
      passphrase: 'x',
    });
    const locked = { cert: own.cert, key: String(key) };
    yield* fails('ECERT', listen(locked), /the key is encrypted: option "passphrase" must be given/);
    yield* fails('ECERT', listen({ ...locked, passphrase: 'y' }), /the passphrase of the key is wrong/);
    yield* close(yield* listen({ ...locked, passphrase: 'x' }));
    const broken = own.cert.replace(/\n.{8}/, '\nAAAAAAAA');
    yield* fails('ECERT', dial(1, { ca: own.cert + broken }), /"ca": holds a broken certificate/);
    yield* fails('ETYPE', dial(1, { ca: [] }), /"ca" must be a string or an array of strings, got an empty array/);
    for (const alpn of ['h2', [], [''], ['x'.repeat(256)]])
      yield* fails('ETYPE', dial(1, { alpn }), /"alpn" must be an array of protocol names/);
  }));

test('socket_start_tls: both sides of a plain connection go on in TLS', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, client, peer } = yield* connected();
    yield* builtin('socket_send', client, 'STARTTLS\n');
    assert.equal(yield* builtin('socket_receive_line', peer), 'STARTTLS');
    yield* builtin('socket_send', peer, 'ready\n');
    assert.equal(yield* builtin('socket_receive_line', client), 'ready');
    const serving = spawn(() => builtin('socket_start_tls', peer, options({ cert: own.cert, key: own.key })));
    assert.equal(yield* builtin('socket_start_tls', client, options({ ca: own.cert })), client);
    assert.equal(yield* join(serving), peer);
    yield* builtin('socket_send', client, 'secret');
    assert.equal(yield* builtin('socket_receive', peer, 100), 'secret');
    assert.equal(yield* info(client, 'protocol'), 'TLS');
    yield* fails('EISCONN', builtin('socket_start_tls', client), /is TLS already/);
    yield* close(client, peer, server);
  }));

test('socket_start_tls refuses what came unprotected, and a certificate that is not trusted', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const first = yield* connected();
    yield* builtin('socket_send', first.peer, 'injected');
    yield* sleep(20);
    yield* fails('EPROTO', builtin('socket_start_tls', first.client), /8 bytes that came before the handshake/);
    assert.equal(yield* builtin('socket_receive', first.client, 100), 'injected');
    yield* close(first.client, first.peer, first.server);
    const second = yield* connected();
    const serving = spawn(() =>
      fails('ECONNRESET', builtin('socket_start_tls', second.peer, options({ cert: own.cert, key: own.key }))),
    );
    yield* fails('ECERT', builtin('socket_start_tls', second.client), /is self-signed/);
    yield* fails('ECONNABORTED', builtin('socket_send', second.client, 'x'), /given up: its TLS handshake had failed/);
    yield* join(serving);
    yield* close(second.client, second.peer, second.server);
  }));

test('socket_start_tls ends with the connection: closed here, or by the peer before', () =>
  run(function* () {
    const first = yield* connected();
    const securing = spawn(() => builtin('socket_start_tls', first.client));
    yield* sleep(20);
    const before = performance.now();
    yield* close(first.client);
    yield* fails('ECLOSED', join(securing));
    assert.ok(performance.now() - before < 1000);
    yield* close(first.peer, first.server);
    const second = yield* connected();
    yield* close(second.peer);
    yield* sleep(20);
    yield* fails('ECONNRESET', builtin('socket_start_tls', second.client, options({ timeout: 5 })), /closed the conn/);
    assert.ok(performance.now() - before < 2000);
    yield* close(second.client, second.server);
  }));

test('socket_start_tls: options of the other side are refused', () =>
  run(function* () {
    const { server, client, peer } = yield* connected();
    const start = (socket: Value, settings: Record<string, Value>): Steps<Value> =>
      builtin('socket_start_tls', socket, options(settings));
    yield* fails('EOPTION', start(client, { request_cert: true }), /"request_cert" is for the server of the handshake/);
    yield* fails('EOPTION', start(peer, { insecure: true }), /"insecure" is for the client of the handshake/);
    yield* fails('EOPTION', start(client, { role: 'server', servername: 'a.test' }), /"servername" is for the client/);
    yield* fails('EOPTION', start(peer, {}), /TLS needs the options "cert" and "key"/);
    // Nothing has been said to the other side.
    yield* builtin('socket_send', client, 'still plain');
    assert.equal(yield* builtin('socket_receive', peer, 100), 'still plain');
    yield* close(client, peer, server);
  }));

test('alerts of the peer are told in words', () =>
  run(function* () {
    const alerts: [number, string, RegExp][] = [
      [10, 'EPROTO', /failed: the peer has sent the alert "unexpected message"/],
      [40, 'EPROTO', /no cipher suite in common, or no certificate that suits/],
      [45, 'EPROTO', /the peer refuses the certificate it was shown: it has expired/],
      [48, 'EPROTO', /the peer does not know the issuer/],
      [70, 'EPROTO', /no version of TLS in common; here it is 1\.2 or later/],
      [80, 'EPROTO', /the peer has sent the alert "internal error"/],
      [110, 'EPROTO', /the peer has sent the alert "unsupported extension"/],
      [112, 'EPROTO', /the peer serves no host of that name/],
      [120, 'EPROTO', /no application protocol \(ALPN\) in common/],
      [0, 'ECONNRESET', /the peer closed the connection during the handshake/],
    ];
    for (const [number, code, words] of alerts) {
      const listener = yield* until(rawServer());
      const dialling = spawn(() => dial(listener.port, { timeout: 5 }));
      const raw = yield* until(listener.next());
      raw.end(Buffer.from([21, 3, 3, 0, 2, 2, number]));
      yield* fails(code, join(dialling), words);
      yield* until(listener.close());
    }
  }));

test('TLS 1.1 is refused by both sides, 1.2 is not', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own);
    const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    for (const [maxVersion, expected] of [
      ['TLSv1.1', 'EPROTO'],
      ['TLSv1.2', 'TLSv1.2'],
    ] as const) {
      const raw = tls.connect({ port, host: '127.0.0.1', ca: own.cert, ...old, maxVersion });
      const version = new Promise<string | null>((resolve) => {
        raw.on('secureConnect', () => resolve(raw.getProtocol()));
        raw.on('error', () => resolve('EPROTO'));
      });
      assert.equal(yield* until(version), expected);
      raw.destroy();
      const theirs = tls.createServer({ ...own, ...old, maxVersion });
      theirs.on('secureConnection', (socket) => void socket.on('error', () => {}));
      yield* until(new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve)));
      const dialled = dial((theirs.address() as net.AddressInfo).port, { ca: own.cert });
      if (expected === 'EPROTO') {
        yield* fails('EPROTO', dialled, /no version of TLS in common; here it is 1\.2 or later/);
      } else {
        const client = yield* dialled;
        assert.equal(field(yield* info(client, 'tls'), 'version'), expected);
        yield* close(client);
      }
      theirs.close();
    }
    const first = yield* builtin('socket_accept', server, 5);
    assert.equal(yield* builtin('socket_accept', server, 0.05), null);
    yield* close(first, server);
  }));

/** A peer of TLS whose connection below can be ended in any way. */
function* securePeer(): Steps<{ client: Value; secured: tls.TLSSocket; raw: net.Socket; over: () => void }> {
  const own = yield* certificate(HOSTS);
  const server = net.createServer({ allowHalfOpen: true });
  yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const arrived = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const dialling = spawn(() => dial((server.address() as net.AddressInfo).port, { ca: own.cert }));
  const raw = (yield* until(arrived)).on('error', () => {});
  const secured = new tls.TLSSocket(raw, { isServer: true, secureContext: tls.createSecureContext(own) });
  secured.on('error', () => {});
  const client = yield* join<Value>(dialling);
  return { client, secured, raw, over: () => (raw.destroy(), server.close()) };
}

test('an end without close_notify looks like one with it; a reset does not', () =>
  run(function* () {
    // Neither the runtime nor most protocols tell the first two apart: socket_receive says so.
    const ends: ((secured: tls.TLSSocket, raw: net.Socket) => void)[] = [
      (secured) => secured.end(),
      (_secured, raw) => raw.end(),
      // A record that is cut in two by the end: its part never becomes data.
      (_secured, raw) => raw.end(Buffer.from('1703030064cafe', 'hex')),
    ];
    for (const end of ends) {
      const { client, secured, raw, over } = yield* securePeer();
      secured.write('all of it');
      yield* sleep(20);
      end(secured, raw);
      assert.equal(yield* builtin('socket_receive_exact', client, 9, 5), 'all of it');
      assert.equal(yield* builtin('socket_receive', client, 10, 5), '');
      assert.equal(yield* builtin('socket_receive_all', client, null, 5), '');
      yield* fails('EEOF', builtin('socket_receive_exact', client, 1, 5));
      assert.equal(yield* info(client, 'state'), 'ended');
      assert.equal(secured.writableEnded, end === ends[0]);
      yield* close(client);
      over();
    }
    const { client, secured, raw, over } = yield* securePeer();
    secured.write('half of it');
    yield* sleep(20);
    raw.resetAndDestroy();
    yield* sleep(20);
    assert.equal(yield* builtin('socket_receive', client, 100, 5), 'half of it');
    yield* fails('ECONNRESET', builtin('socket_receive', client, 10, 5), /the peer reset the connection/);
    yield* close(client);
    over();
  }));

test('records that arrive a byte at a time', () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const { server, port } = yield* serve(own);
    const between = net.createServer({ allowHalfOpen: true }, (front) => {
      const back = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      front.setNoDelay(true).on('error', () => back.destroy());
      back.on('error', () => front.destroy());
      trickle(front, back);
      trickle(back, front);
    });
    yield* until(new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve)));
    const client = yield* dial((between.address() as net.AddressInfo).port, { ca: own.cert });
    const peer = yield* builtin('socket_accept', server, 5);
    yield* builtin('socket_send', client, 'grüße\n');
    assert.equal(yield* builtin('socket_receive_line', peer, null, 5), 'grüße');
    yield* builtin('socket_send', peer, [0, 255, 10]);
    yield* builtin('socket_shutdown', peer);
    assert.equal(yield* builtin('socket_receive_all', client, null, 5), '\0\udcff\n');
    yield* close(client, peer, server);
    between.close();
  }));

function trickle(from: net.Socket, to: net.Socket): void {
  void (async () => {
    for await (const piece of from as AsyncIterable<Buffer>) {
      for (const byte of piece) {
        to.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
    }
    to.end();
  })().catch(() => to.destroy());
}

test('speaks with openssl, both ways', { skip: missing('openssl') }, () =>
  run(function* () {
    const own = yield* certificate(HOSTS);
    const folder = temporaryDirectory();
    const file = joinPath(folder, 'own.pem');
    writeFileSync(file, own.cert + own.key);
    const port = yield* until(freePort());
    const service = yield* until(
      startService('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', file, '-rev'], (output) =>
        output.includes('ACCEPT'),
      ),
    );
    const client = yield* dial(port, { ca: file });
    yield* builtin('socket_send', client, 'backwards\n');
    assert.equal(yield* builtin('socket_receive_line', client, null, 5), 'sdrawkcab');
    yield* close(client);
    yield* until(service.stop());
    const { server, port: ours } = yield* serve(own);
    const child = spawn(function* () {
      const peer = yield* builtin('socket_accept', server, 10);
      const line = yield* builtin('socket_receive_line', peer, null, 5);
      yield* builtin('socket_send', peer, `you said ${String(line)}\n`);
      yield* close(peer);
    });
    const asked = yield* until(
      startService(
        'sh',
        [
          '-c',
          `(echo hello; sleep 1) | openssl s_client -quiet -verify_return_error -CAfile ${file} -connect 127.0.0.1:${ours}; sleep 2`,
        ],
        (output) => output.includes('you said hello'),
      ),
    );
    yield* join(child);
    yield* until(asked.stop());
    yield* close(server);
  }),
);
