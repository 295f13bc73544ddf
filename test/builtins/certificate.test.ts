/** Certificates made for tests: OpenSSL and Node read them, and TLS believes or refuses them as it should. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import * as der from '../../src/wire/der';
import { readSigner } from '../../src/wire/certificate';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { directoryWith } from '../support/command';
import { close } from '../support/network';
import { assertNothingLeft, builtin, fails, field, options, run, spawn, join as joined } from '../support/run-tasks';

interface Made {
  readonly cert: string;
  readonly key: string;
  readonly map: Value;
}

function* make(names: Value = null, settings: Record<string, Value> = {}): Steps<Made> {
  const map = yield* builtin('certificate_create', names, options(settings));
  return { cert: field(map, 'cert') as string, key: field(map, 'key') as string, map };
}

const DAY = 86_400_000;

for (const type of ['ec', 'rsa', 'ed25519']) {
  test(`a certificate with a key of the type ${type} holds what was asked for`, async () => {
    await run(function* () {
      const names = ['www.example.com', '*.example.org', '192.0.2.7', '2001:db8::5'];
      const { cert, key } = yield* make(names, { type, days: 3 });
      const read = new X509Certificate(cert);
      assert.equal(read.subject, 'CN=www.example.com');
      assert.equal(read.issuer, read.subject);
      assert.equal(
        read.subjectAltName,
        'DNS:www.example.com, DNS:*.example.org, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:5',
      );
      assert.ok(read.checkPrivateKey(createPrivateKey(key)));
      assert.ok(read.verify(read.publicKey));
      assert.equal(read.ca, false);
      assert.equal(read.checkHost('a.example.org'), '*.example.org');
      const lasts = Date.parse(read.validTo) - Date.now();
      assert.ok(lasts > 3 * DAY - 60_000 && lasts <= 3 * DAY, `it lasts ${lasts} ms`);
      assert.ok(Date.parse(read.validFrom) < Date.now());
    });
  });
}

test('two certificates have different serial numbers and keys', async () => {
  await run(function* () {
    const [one, two] = [yield* make(), yield* make()];
    assert.notEqual(new X509Certificate(one.cert).serialNumber, new X509Certificate(two.cert).serialNumber);
    assert.notEqual(one.key, two.key);
  });
});

/** Connects to a server with this certificate; gives the error of the client, or null. */
function* handshake(cert: string, key: string, ca: string, name = 'localhost'): Steps<Value> {
  const server = yield* builtin('socket_listen', 'TLS', '127.0.0.1', 0, options({ cert, key }));
  const port = field(yield* builtin('socket_info', server), 'local_port');
  const accepting = spawn(function* () {
    try {
      yield* close(yield* builtin('socket_accept', server));
    } catch {
      // The client has refused: that is its part.
    }
    return null;
  });
  try {
    const client = yield* builtin('socket_create', 'TLS', '127.0.0.1', port, options({ ca, servername: name }));
    yield* close(client);
    return null;
  } catch (error) {
    return error as Value;
  } finally {
    yield* builtin('socket_close', server);
    yield* joined(accepting);
  }
}

test('TLS believes a self-signed certificate that it was given, and only for its names', async () => {
  await run(function* () {
    for (const type of ['ec', 'rsa', 'ed25519']) {
      const own = yield* make(['localhost'], { type });
      assert.equal(yield* handshake(own.cert, own.key, own.cert), null, type);
      const error = yield* handshake(own.cert, own.key, own.cert, 'elsewhere.test');
      assert.match(String(field2(error, 'message')), /is for localhost, not for elsewhere\.test/);
    }
  });
});

function field2(error: Value, name: string): Value {
  assert.ok(error !== null && typeof error === 'object' && 'get' in error, 'it was no error');
  return error.get(name) ?? null;
}

test('a chain of an authority, one below it, and a server', async () => {
  await run(function* () {
    const root = yield* make('Root of the tests'.replaceAll(' ', '-'), { ca: true });
    const middle = yield* make('middle', { ca: true, issuer: root.map, type: 'rsa' });
    const leaf = yield* make(['localhost'], { issuer: middle.map });
    assert.ok(new X509Certificate(leaf.cert).checkIssued(new X509Certificate(middle.cert)));
    assert.equal(yield* handshake(leaf.cert + middle.cert, leaf.key, root.cert), null);
    const incomplete = yield* handshake(leaf.cert, leaf.key, root.cert);
    assert.notEqual(incomplete, null);
    const stranger = yield* make('localhost', { ca: true });
    assert.notEqual(yield* handshake(leaf.cert + middle.cert, leaf.key, stranger.cert), null);
  });
});

test('one that is no authority signs nothing that TLS believes', async () => {
  await run(function* () {
    const plain = yield* make('plain');
    const leaf = yield* make(['localhost'], { issuer: plain.map });
    assert.notEqual(yield* handshake(leaf.cert + plain.cert, leaf.key, plain.cert), null);
  });
});

test('certificates that have expired, or are not valid yet, are refused', async () => {
  await run(function* () {
    const old = yield* make(['localhost'], { starts: Date.now() - 10 * DAY, days: 5 });
    assert.match(String(field2(yield* handshake(old.cert, old.key, old.cert), 'message')), /expired/);
    const early = yield* make(['localhost'], { starts: Date.now() + DAY, days: 5 });
    assert.match(String(field2(yield* handshake(early.cert, early.key, early.cert), 'message')), /not valid|not yet/);
  });
});

test('years from 0 to 9999, in both forms of time', async () => {
  await run(function* () {
    for (const [starts, days] of [
      [Date.UTC(1949, 11, 31), 2],
      [Date.UTC(2049, 11, 31), 2],
      [Date.UTC(9999, 0, 1), 300],
    ] as const) {
      const { cert } = yield* make('x', { starts, days });
      const read = new X509Certificate(cert);
      assert.equal(Date.parse(read.validFrom), starts);
      assert.equal(Date.parse(read.validTo), starts + days * DAY);
    }
  });
});

test('openssl reads it and finds nothing wrong', async (t) => {
  if (spawnSync('openssl', ['version']).error !== undefined) {
    return t.skip('openssl is not installed (Debian: openssl)');
  }
  await run(function* () {
    const root = yield* make('root', { ca: true, type: 'ed25519' });
    const leaf = yield* make(['localhost', '::1'], { issuer: root.map });
    const folder = directoryWith({ 'root.pem': root.cert, 'leaf.pem': leaf.cert });
    const shown = spawnSync(
      'openssl',
      ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'root.pem', 'leaf.pem'],
      { cwd: folder, encoding: 'utf8' },
    );
    assert.equal(shown.stdout + shown.stderr, 'leaf.pem: OK\n');
    // An authority that openssl made signs as well.
    const made = spawnSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem', '-out', 'ca.pem', '-subj', '/C=DE/O=Tests/CN=Foreign root'],
      { cwd: folder, encoding: 'utf8' },
    ); // prettier-ignore
    assert.equal(made.status, 0, made.stderr);
    const read = (name: string): string => spawnSync('cat', [name], { cwd: folder, encoding: 'utf8' }).stdout;
    const foreign = options({ cert: read('ca.pem'), key: read('key.pem') });
    const signed = yield* make(['localhost'], { issuer: foreign });
    writeFileSync(join(folder, 'signed.pem'), signed.cert);
    const verified = spawnSync('openssl', ['verify', '-CAfile', 'ca.pem', 'signed.pem'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(verified.stdout + verified.stderr, 'signed.pem: OK\n');
  });
});

test('what cannot be made says why', async () => {
  await run(function* () {
    const bad = (code: string, message: RegExp, names: Value, settings: Record<string, Value> = {}): Steps<unknown> =>
      fails(code, builtin('certificate_create', names, options(settings)), message);
    yield* bad('ENAME', /"a b" is no host name/, 'a b');
    yield* bad('ENAME', /"300.1.1.1"/, ['localhost', '300.1.1.1']);
    yield* bad('ENAME', /""/, '');
    yield* bad('ETYPE', /names must be a host name/, []);
    yield* bad('ETYPE', /names must be/, ['a', 5]);
    yield* bad('ERANGE', /would end before it begins: option "days" is -1/, 'a', { days: -1 });
    yield* bad('ERANGE', /outside of the years/, 'a', { days: 1e9 });
    yield* bad('ERANGE', /outside of the years/, 'a', { starts: -1e15 });
    yield* bad('ETYPE', /option "days" must be a finite number/, 'a', { days: NaN });
    yield* bad('ETYPE', /option "type" must be "ec", "rsa" or "ed25519"/, 'a', { type: 'dsa' });
    yield* bad('ETYPE', /option "issuer"/, 'a', { issuer: options({ cert: 'x' }) });
    const [one, two] = [yield* make('one'), yield* make('two')];
    yield* bad('EKEY', /does not belong/, 'a', { issuer: options({ cert: one.cert, key: two.key }) });
    yield* bad('EKEY', /no certificate/, 'a', { issuer: options({ cert: one.key, key: one.key }) });
    yield* bad('EKEY', /key in PEM form/, 'a', { issuer: options({ cert: one.cert, key: 'secret' }) });
    yield* bad('EOPTION', /did you|no option "dayz"/, 'a', { dayz: 1 });
  });
});

test('lengths of DER elements, and reading what is none', () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65535, 65536]) {
    const bytes = der.octetString(new Uint8Array(length));
    const [element, ...others] = der.elements(bytes)!;
    assert.equal(element!.contents.length, length);
    assert.equal(others.length, 0);
  }
  assert.deepEqual([...der.integer(Uint8Array.of(0, 0, 0x80))], [2, 2, 0, 0x80]);
  assert.deepEqual([...der.integer(Uint8Array.of(0))], [2, 1, 0]);
  assert.deepEqual([...der.objectIdentifier('2.5.29.17')], [6, 3, 0x55, 0x1d, 0x11]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      der.elements(bytes);
      readSigner(bytes);
    }),
    { numRuns: 2000 },
  );
});

after(assertNothingLeft);
