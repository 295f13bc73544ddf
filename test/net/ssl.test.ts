/** `analyze_ssl` against `openssl s_server` with certificates of all kinds, good and bad. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { after, before, test } from 'node:test';
import type { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import type { Steps } from '../../src/runtime/task';
import { cancelTask } from '../../src/runtime/scheduler';
import { sleep } from '../../src/runtime/timers';
import { setPolicy } from '../../src/host/permissions';
import { clientHello, readServerHello } from '../../src/wire/tls/hello';
import { freePort, nothingLeft } from '../support/network';
import { findProgram, missing, runProgram, startService, temporaryDirectory } from '../support/programs';
import type { Service } from '../support/programs';
import { builtin, fails, join, options, run, spawn, until } from '../support/run-tasks';

const skip = missing('openssl');
const directory = temporaryDirectory();
const services: Service[] = [];

after(async () => {
  for (const service of services) await service.stop();
  await nothingLeft();
});

const file = (name: string): string => joinPath(directory, name);
const openssl = (...args: string[]): string => runProgram('openssl', args);

interface Certificate {
  readonly key?: readonly string[];
  readonly names?: string;
  readonly digest?: string;
  /** As `openssl x509` takes them: 20200101000000Z. */
  readonly from?: string;
  readonly to?: string;
  readonly issuer?: string;
  readonly authority?: boolean;
}

/** Makes NAME.key and NAME.pem. */
function make(name: string, certificate: Certificate = {}): void {
  const { key = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], names = 'DNS:localhost', digest = 'sha256' } = certificate; // prettier-ignore
  openssl('genpkey', ...key, '-out', file(`${name}.key`));
  const extensions = certificate.authority === true ? 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign' : `subjectAltName=${names}`; // prettier-ignore
  writeFileSync(file(`${name}.ext`), `${extensions}\n`);
  openssl('req', '-new', '-key', file(`${name}.key`), '-subj', `/CN=${name}`, '-out', file(`${name}.csr`));
  const { issuer } = certificate;
  writeFileSync(file('index.txt'), '');
  writeFileSync(file('serial'), `${(Math.random() * 2 ** 32).toString(16).slice(0, 8).replace('.', '0').padStart(8, '1')}\n`); // prettier-ignore
  writeFileSync(
    file('ca.conf'),
    `[ca]\ndefault_ca=c\n[c]\ndatabase=${file('index.txt')}\nserial=${file('serial')}\nnew_certs_dir=${directory}\npolicy=p\n[p]\ncommonName=supplied\n`,
  );
  openssl('ca', '-config', file('ca.conf'), '-batch', '-notext', '-md', digest, '-in', file(`${name}.csr`), '-out', file(`${name}.pem`), '-extfile', file(`${name}.ext`), '-startdate', certificate.from ?? '20240101000000Z', '-enddate', certificate.to ?? '20491231000000Z', ...(issuer === undefined ? ['-selfsign', '-keyfile', file(`${name}.key`)] : ['-cert', file(`${issuer}.pem`), '-keyfile', file(`${issuer}.key`)])); // prettier-ignore
}

before(() => {
  if (skip !== false) return;
  make('root', { authority: true });
  make('middle', { authority: true, issuer: 'root' });
});

async function serve(name: string, ...more: string[]): Promise<number> {
  const port = await freePort();
  const chain = more.includes('-cert_chain') ? [] : ['-cert_chain', file('middle.pem')];
  const args = ['s_server', '-www', '-accept', `127.0.0.1:${port}`, '-cert', file(`${name}.pem`), '-key', file(`${name}.key`), ...(more.includes('no-chain') ? [] : chain), ...more.filter((each) => each !== 'no-chain')]; // prettier-ignore
  const service = await startService(findProgram('openssl')!, args, (output) => output.includes('ACCEPT'));
  services.push(service);
  return port;
}

function* analyze(port: number, more: Record<string, Value> = {}): Steps<MapValue> {
  const given = { servername: 'localhost', ca: file('root.pem'), ...more };
  return (yield* builtin('analyze_ssl', '127.0.0.1', port, options(given))) as MapValue;
}

/** The words before the colon of each issue. */
function issues(seen: MapValue): string[] {
  return (seen.get('security_issues') as string[]).map((text) => text.split(':')[0]!);
}

function entries(value: Value | undefined): Record<string, Value> {
  return Object.fromEntries((value as MapValue).entries());
}

test('a good server: grade A, and all that is known of its certificate', { skip }, () =>
  run(function* () {
    make('good', { issuer: 'middle', names: 'DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1,DNS:xn--exmple-cua.test' });
    const port = yield* until(serve('good', '-alpn', 'http/1.1', '-no_tls1', '-no_tls1_1'));
    const seen = yield* analyze(port);
    assert.deepEqual(issues(seen), []);
    assert.equal(seen.get('grade'), 'A');
    assert.equal(seen.get('ssl_version'), 'TLSv1.3');
    assert.match(seen.get('cipher_suite') as string, /^TLS_AES_/);
    assert.equal(seen.get('alpn'), 'http/1.1');
    const info = entries(seen.get('certificate_info'));
    assert.equal(info.subject, 'CN=good');
    assert.equal(info.issuer, 'CN=middle');
    assert.equal(info.not_before, '2024-01-01T00:00:00Z');
    assert.equal(info.not_after, '2049-12-31T00:00:00Z');
    assert.equal(info.key, 'EC prime256v1');
    assert.equal(info.signature, 'ecdsa-with-SHA256');
    assert.deepEqual(info.names, ['localhost', '*.example.test', '127.0.0.1', '::1', 'xn--exmple-cua.test']);
    const theirs = openssl('x509', '-in', file('good.pem'), '-noout', '-fingerprint', '-sha256', '-serial');
    assert.ok(theirs.includes(info.fingerprint as string));
    assert.ok(theirs.includes(`serial=${info.serial_number as string}`));
    assert.equal((seen.get('chain') as Value[]).length, 3);
    assert.deepEqual(entries(seen.get('versions')), { SSLv3: false, TLSv1: false, 'TLSv1.1': false, 'TLSv1.2': true, 'TLSv1.3': true }); // prettier-ignore
    // By address, and in another script.
    assert.deepEqual(issues(yield* analyze(port, { servername: '127.0.0.1' })), []);
    assert.deepEqual(issues(yield* analyze(port, { servername: 'exämple.test' })), []);
    assert.deepEqual(issues(yield* analyze(port, { servername: 'a.example.test' })), []);
    assert.deepEqual(issues(yield* analyze(port, { servername: 'other.test' })), ['wrong host']);
  })); // prettier-ignore

const bad: readonly (readonly [name: string, certificate: Certificate, found: readonly string[], grade: string])[] = [
  ['expired', { issuer: 'middle', from: '20200101000000Z', to: '20210101000000Z' }, ['expired'], 'F'],
  ['future', { issuer: 'middle', from: '20480101000000Z' }, ['not yet valid'], 'F'],
  ['elsewhere', { issuer: 'middle', names: 'DNS:elsewhere.test' }, ['wrong host'], 'F'],
  ['selfsigned', {}, ['self-signed'], 'F'],
  ['rsa1024', { issuer: 'middle', key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'] }, ['weak key'], 'F'],
  ['sha1', { issuer: 'middle', digest: 'sha1' }, ['weak signature'], 'F'],
  ['many', { issuer: 'middle', names: ['DNS:localhost', ...Array.from({ length: 199 }, (_none, i) => `DNS:n${i}.test`)].join(',') }, [], 'A'],
]; // prettier-ignore

for (const [name, certificate, found, grade] of bad) {
  test(`a certificate that is ${name}`, { skip }, () =>
    run(function* () {
      make(name, certificate);
      const weak =
        name === 'rsa1024' || name === 'sha1' ? ['-cipher', 'DEFAULT:@SECLEVEL=0'] : ['-no_tls1', '-no_tls1_1'];
      const port = yield* until(serve(name, ...weak, ...(name === 'selfsigned' ? ['no-chain'] : [])));
      const seen = yield* analyze(port);
      const relevant = issues(seen).filter((each) => each !== 'old protocol' && each !== 'untrusted' && each !== 'weak cipher'); // prettier-ignore
      assert.deepEqual(relevant, found, String(seen.get('security_issues')));
      assert.equal(seen.get('grade'), grade);
      if (name === 'many') assert.equal((entries(seen.get('certificate_info')).names as Value[]).length, 200);
    }),
  );
}

test('a stapled OCSP answer is noticed', { skip }, () =>
  run(function* () {
    make('stapled', { issuer: 'middle' });
    make('responder', { issuer: 'middle' });
    const serial = /serial=(\w+)/.exec(openssl('x509', '-in', file('stapled.pem'), '-noout', '-serial'))![1]!;
    writeFileSync(file('ocsp.txt'), `V\t491231000000Z\t\t${serial}\tunknown\t/CN=stapled\n`);
    openssl('ocsp', '-issuer', file('middle.pem'), '-cert', file('stapled.pem'), '-reqout', file('ocsp.req'));
    openssl('ocsp', '-index', file('ocsp.txt'), '-rsigner', file('middle.pem'), '-rkey', file('middle.key'), '-CA', file('middle.pem'), '-reqin', file('ocsp.req'), '-respout', file('ocsp.resp'), '-ndays', '7'); // prettier-ignore
    const port = yield* until(serve('stapled', '-status_file', file('ocsp.resp')));
    assert.equal((yield* analyze(port)).get('ocsp_stapled'), true);
    const without = yield* until(serve('stapled'));
    assert.equal((yield* analyze(without)).get('ocsp_stapled'), false);
  }),
);

test('an incomplete chain, and an authority that nobody knows', { skip }, () =>
  run(function* () {
    make('alone', { issuer: 'middle' });
    const port = yield* until(serve('alone', 'no-chain', '-no_tls1', '-no_tls1_1'));
    const [text] = (yield* analyze(port)).get('security_issues') as string[];
    assert.match(text!, /^unknown issuer: incomplete chain/);
    make('stranger', { authority: true });
    assert.deepEqual(issues(yield* analyze(port, { ca: file('stranger.pem') })), ['unknown issuer']);
  }),
);

test('certificates behind the own one count as well', { skip }, () =>
  run(function* () {
    make('old-authority', { authority: true, issuer: 'root', from: '20200101000000Z', to: '20210101000000Z' });
    make('early-authority', { authority: true, issuer: 'root', from: '20480101000000Z' });
    make('weak-authority', { authority: true, issuer: 'root', digest: 'sha1', key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'] });
    for (const [authority, found] of [
      ['old-authority', ['expired: CN=old-authority, behind the certificate, ended on 2021-01-01T00:00:00Z']],
      ['early-authority', ['not yet valid: CN=early-authority, behind the certificate, begins on 2048-01-01T00:00:00Z']],
      ['weak-authority', ['weak key: RSA with 1024 bits (CN=weak-authority, behind the certificate); at least 2048 are needed', 'weak signature: ecdsa-with-SHA1 (CN=weak-authority, behind the certificate) can be forged']],
    ] as const) {
      make(`under-${authority}`, { issuer: authority });
      const weak = authority !== 'weak-authority' ? [] : ['-cipher', 'DEFAULT:@SECLEVEL=0'];
      const port = yield* until(serve(`under-${authority}`, 'no-chain', '-cert_chain', file(`${authority}.pem`), '-no_tls1', '-no_tls1_1', ...weak));
      const seen = yield* analyze(port);
      const texts = (seen.get('security_issues') as string[]).filter((text) => /^(?:expired|not yet valid|weak)/.test(text));
      assert.deepEqual([texts, seen.get('grade')], [found, 'F'], String(seen.get('security_issues')));
    }
  })); // prettier-ignore

test('old versions and weak ciphers are found, though no client of today would take them', { skip }, () =>
  run(function* () {
    make('old', { issuer: 'middle', key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] });
    const old = yield* until(serve('old', '-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0', '-tls1_1'));
    const seen = yield* analyze(old);
    assert.equal(seen.get('ssl_version'), 'TLSv1.1');
    assert.equal(entries(seen.get('versions'))['TLSv1.1'], true);
    assert.ok(issues(seen).includes('old protocol'));
    const oldest = yield* until(serve('old', '-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0', '-tls1'));
    const first = yield* analyze(oldest);
    assert.equal(first.get('ssl_version'), 'TLSv1');
    assert.equal(entries(first.get('versions')).TLSv1, true);
    assert.ok((first.get('security_issues') as string[]).some((text) => text.startsWith('old protocol: TLSv1 is taken, and nothing newer')));
    const weak = yield* until(serve('old', '-cipher', 'NULL-SHA256:AES128-SHA:@SECLEVEL=0', '-tls1_2'));
    const second = yield* analyze(weak);
    const texts = second.get('security_issues') as string[];
    assert.ok(texts.some((text) => text === 'weak cipher: TLS_RSA_WITH_NULL_SHA256 is taken'), texts.join('; '));
    assert.ok(texts.some((text) => text.startsWith('no forward secrecy: TLS_RSA_WITH_AES_128_CBC_SHA')), texts.join('; '));
    assert.equal(second.get('grade'), 'F');
  })); // prettier-ignore

test('a server that wants a certificate of the client is looked at all the same', { skip }, () =>
  run(function* () {
    make('mutual', { issuer: 'middle' });
    const port = yield* until(serve('mutual', '-Verify', '1', '-tls1_3'));
    const seen = yield* analyze(port);
    assert.equal(seen.get('client_certificate_wanted'), true);
    assert.equal(entries(seen.get('certificate_info')).subject, 'CN=mutual');
    assert.deepEqual(issues(seen), []);
    // Before TLS 1.3 the server ends the handshake, though it has shown all there is to see.
    const old = yield* until(serve('mutual', '-Verify', '1', '-tls1_2'));
    const before = yield* analyze(old);
    assert.equal(before.get('client_certificate_wanted'), true);
    assert.equal(before.get('ssl_version'), 'TLSv1.2');
    assert.equal(entries(before.get('certificate_info')).subject, 'CN=mutual');
    assert.deepEqual(issues(before), []);
    assert.deepEqual(issues(yield* analyze(old, { servername: 'other.test' })), ['wrong host']);
    assert.deepEqual(issues(yield* analyze(old, { ca: file('good.pem') })), ['unknown issuer']);
  }),
);

test('a port that speaks something else, and one that says nothing', () =>
  run(function* () {
    const servers: ReturnType<typeof createServer>[] = [];
    const sockets: Socket[] = [];
    const listen = async (greeting: string): Promise<number> => {
      const server = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => {}).write(greeting);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return (server.address() as AddressInfo).port;
    };
    const ssh = yield* until(listen('SSH-2.0-OpenSSH_9.2\r\n'));
    yield* fails('EPROTO', builtin('analyze_ssl', '127.0.0.1', ssh), /analyze_ssl: TLS with 127.0.0.1:\d+ failed: the peer does not speak TLS/); // prettier-ignore
    const silent = yield* until(listen(''));
    const start = performance.now();
    yield* fails('ETIMEDOUT', builtin('analyze_ssl', '127.0.0.1', silent, options({ timeout: 0.3 })), /timed out after 0.3 seconds/); // prettier-ignore
    assert.ok(performance.now() - start < 2000);
    const closed = yield* until(freePort());
    yield* fails('ECONNREFUSED', builtin('analyze_ssl', '127.0.0.1', closed));
    const task = spawn(() => builtin('analyze_ssl', '127.0.0.1', silent));
    yield* sleep(30);
    cancelTask(task);
    yield* fails('ECANCELED', join(task));
    setPolicy({ refuses: () => 'no' });
    try {
      yield* fails('EPERM', builtin('analyze_ssl', '127.0.0.1', silent));
    } finally {
      setPolicy(null);
    }
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  }));

test('what is no target is refused', () =>
  run(function* () {
    for (const args of [['', 443], ['a b', 443], ['x', 0], ['x', 65536], ['x', '443']] as const) {
      yield* fails('ETYPE', builtin('analyze_ssl', ...args));
    }
  })); // prettier-ignore

test('greetings: what was written is well-formed, and answers are read at any cut', () => {
  const hello = clientHello('TLSv1.2', [0x002f, 0xc02f], 'example.test', new Uint8Array(32));
  assert.equal((hello[3]! << 8) | hello[4]!, hello.length - 5);
  assert.equal((hello[7]! << 8) | hello[8]!, hello.length - 9);
  const answer = Uint8Array.from([
    22,
    3,
    3,
    0,
    42,
    2,
    0,
    0,
    38,
    3,
    3,
    ...new Array<number>(32).fill(7),
    0,
    0xc0,
    0x2f,
    0,
  ]);
  for (let end = 0; end < answer.length - 1; end++) assert.equal(readServerHello(answer.subarray(0, end)), 'more');
  assert.deepEqual(readServerHello(answer), { version: 'TLSv1.2', suite: 0xc02f });
  assert.equal(readServerHello(Uint8Array.of(21, 3, 3, 0, 2, 2, 40)), 'refused');
  assert.equal(readServerHello(Buffer.from('HTTP/1.1 400')), 'refused');
});
