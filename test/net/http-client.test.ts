/** The HTTP client: what it sends, what it gives, and how each way to fail is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import * as zlib from 'node:zlib';
import { closePools } from '../../src/host/http/client/pools';
import { readProxiesAnew } from '../../src/host/http/client/proxy';
import { setPolicy } from '../../src/host/permissions';
import { cancelTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { ErrorValue } from '../../src/runtime/values';
import type { MapValue } from '../../src/runtime/values';
import type { FunctionValue, Value } from '../../src/runtime/values';
import { nothingLeftOfHttp, plain, serving, stop } from '../support/http';
import { eventually, freePort, pause, rawServer } from '../support/network';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

const directory = mkdtempSync(joinPath(tmpdir(), 'sentra-http-'));
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await nothingLeftOfHttp();
});

function* get(url: string, opts: Record<string, Value> = {}, headers: Record<string, Value> = {}): Steps<MapValue> {
  return (yield* builtin('http_get', url, options(headers), options(opts))) as MapValue;
}

/** A server that sends these bytes to whoever connects, and then ends, resets or stays. */
function* answering(
  bytes: string | Buffer,
  then: 'end' | 'reset' | 'stay' = 'end',
): Steps<{ url: string; asked: string[]; close: () => Promise<void> }> {
  const asked: string[] = [];
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      asked.push(text);
      text = '';
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => {
        if (then === 'end') socket.end();
        else if (then === 'reset') socket.resetAndDestroy();
      });
    });
  });
  yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const OK = 'HTTP/1.1 200 OK\r\n';

test('what is sent, and what goes without saying', () =>
  run(function* () {
    const server = yield* answering(
      `${OK}Content-Length: 2\r\nserver: Test\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nok`,
    );
    const answer = yield* get(
      `${server.url}/p%20q?x=1#fragment`,
      { query: options({ y: 'a b&', z: [1, 2], none: null }) },
      { 'X-Mine': 'é' },
    );
    assert.deepEqual(answer.keys(), ['status_code', 'status', 'headers', 'body', 'url', 'elapsed_ms', 'ok']);
    assert.deepEqual(
      [answer.get('status_code'), answer.get('status'), answer.get('body'), answer.get('ok')],
      [200, '200 OK', 'ok', true],
    );
    assert.equal(answer.get('url'), `${server.url}/p%20q?x=1&y=a%20b%26&z=1&z=2`);
    const headers = answer.get('headers') as MapValue;
    assert.deepEqual(
      [headers.get('Server'), headers.get('SERVER'), headers.get('x-a'), headers.get('Set-Cookie')],
      ['Test', 'Test', '1, 2', ['a=1', 'b=2']],
    );
    assert.deepEqual(headers.keys(), ['Content-Length', 'Server', 'X-A', 'Set-Cookie']);
    const sent = server.asked[0]!;
    assert.match(sent, /^GET \/p%20q\?x=1&y=a%20b%26&z=1&z=2 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/i);
    for (const field of ['X-Mine: Ã©', 'User-Agent: Sentra/0.1', 'Accept: */*', 'Accept-Encoding: gzip, deflate, br'])
      assert.ok(sent.includes(field), field);
    yield* until(server.close());
  }));

test('bodies: JSON, text, forms and parts', () =>
  run(function* () {
    const served = yield* serving({
      'POST /': (req) =>
        options({ type: (field(req, 'headers') as MapValue).get('content-type') ?? null, body: field(req, 'body') }),
    });
    const post = function* (
      body: Value,
      opts: Record<string, Value> = {},
      headers: Record<string, Value> = {},
    ): Steps<{ type: string; body: string }> {
      const answer = yield* builtin('http_post', served.url, body, options(headers), options(opts));
      return JSON.parse(field(answer, 'body') as string) as { type: string; body: string };
    };
    assert.deepEqual(yield* post(options({ a: [1] })), { type: 'application/json', body: '{"a":[1]}' });
    assert.deepEqual(yield* post([1, 2]), { type: 'application/json', body: '[1,2]' });
    assert.deepEqual(yield* post('{"a": 1}'), { type: 'application/json', body: '{"a": 1}' });
    assert.deepEqual(yield* post('{"a": 1'), { type: 'text/plain; charset=utf-8', body: '{"a": 1' });
    assert.deepEqual(yield* post('{}', {}, { 'content-type': 'x/y' }), { type: 'x/y', body: '{}' });
    assert.deepEqual(yield* post(null), { type: null, body: '' });
    assert.deepEqual(yield* post('\udcff'), { type: 'text/plain; charset=utf-8', body: '\udcff' });
    const form = yield* post(null, { form: options({ 'a b': 'ü&', n: 5, list: ['x', 'y'] }) });
    assert.deepEqual(form, { type: 'application/x-www-form-urlencoded', body: 'a%20b=%C3%BC%26&n=5&list=x&list=y' });
    const path = joinPath(directory, 'part.bin');
    writeFileSync(path, Buffer.alloc(100_000, 'x'));
    const parts = yield* post(null, {
      multipart: options({
        'na"me': 'v',
        file: options({ file: path, type: 'text/x' }),
        data: options({ data: [255], filename: 'd' }),
      }),
    });
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(parts.type)![1]!;
    const sections = parts.body.split(`--${boundary}`);
    assert.equal(sections.length, 5);
    assert.equal(sections[1], '\r\nContent-Disposition: form-data; name="na%22me"\r\n\r\nv\r\n');
    assert.ok(
      sections[2]!.startsWith(
        '\r\nContent-Disposition: form-data; name="file"; filename="part.bin"\r\nContent-Type: text/x\r\n\r\nxxx',
      ),
    );
    assert.equal(
      sections[3],
      '\r\nContent-Disposition: form-data; name="data"; filename="d"\r\nContent-Type: application/octet-stream\r\n\r\n\udcff\r\n',
    );
    assert.equal(sections[4], '--\r\n');
    yield* fails('EOPTION', post('x', { form: options({}) }), /exclude each other/);
    yield* fails('ENOENT', post(null, { multipart: options({ a: options({ file: '/no/such' }) }) }), /no such file/);
    yield* fails('ETYPE', post(null, { multipart: options({ a: options({}) }) }), /neither file nor data/);
    yield* stop(served);
  }));

test('nothing of a program makes a second header or request', () =>
  run(function* () {
    const url = `http://127.0.0.1:${yield* until(freePort())}`;
    for (const bad of ['a\r\nX: b', 'a\nb', 'a\0b']) {
      yield* fails('EHEADER', get(url, {}, { 'X-A': bad }));
      yield* fails('EHEADER', get(url, {}, { [bad]: 'x' }));
      yield* fails('EURL', get(`${url}/${bad}`), /control character/);
      yield* fails('ETYPE', builtin('http_request', bad, url), /method must be a name/);
      yield* fails('EHEADER', get(url, { cookies: options({ a: bad }) }));
    }
    yield* fails('EHEADER', get(url, {}, { 'Transfer-Encoding': 'chunked' }), /cannot be set/);
    for (const [bad, why] of [
      ['', /it is empty/],
      ['example.com/x', /does not begin with http/],
      ['http://', /not valid/],
      ['http://a b/', /not valid/],
      ['http://127.0.0.1:70000/', /port is too large/],
      ['http://[::1/', /not valid/],
      ['file:///etc/passwd', /scheme "file" is not/],
    ] as const) {
      const error = yield* fails('EURL', get(bad), why);
      assert.equal(error.get('url'), bad);
    }
    const unfilled = yield* fails('EURL', get('${base}/x'), /does not begin with http/);
    assert.match(String(unfilled.hint), /put into texts between backticks/);
  }));

// ---------------------------------------------------------------- errors by phase

function assertPhase(error: ErrorValue, phase: string, url: string): void {
  assert.equal(error.get('phase'), phase, error.message);
  assert.equal(error.get('url'), url);
  assert.ok(typeof error.get('elapsed_ms') === 'number');
  assert.ok(error.message.startsWith('http_get: ') && error.message.endsWith(`(${error.code})`), error.message);
}

test('name: unknown', () =>
  run(function* () {
    const error = yield* fails(
      'ENOTFOUND',
      get('http://no-such-host.invalid/'),
      /the name 'no-such-host.invalid' does not exist/,
    );
    assertPhase(error, 'name', 'http://no-such-host.invalid/');
  }));

test('connect: refused', () =>
  run(function* () {
    const url = `http://127.0.0.1:${yield* until(freePort())}/`;
    const error = yield* fails(
      'ECONNREFUSED',
      get(url),
      /connection to 127\.0\.0\.1:\d+ refused: nothing is listening there/,
    );
    assertPhase(error, 'connect', url);
    assert.deepEqual([error.get('host'), error.get('port')], ['127.0.0.1', Number(new URL(url).port)]);
  }));

test('connect: a black hole', () =>
  run(function* () {
    // A listener whose backlog is full answers no further handshake.
    const listener = net.createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 });
    yield* until(new Promise((resolve) => listener.once('listening', resolve)));
    const { port } = listener.address() as AddressInfo;
    const script = `
import socket, sys, time
s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(0); port = s.getsockname()[1]
held = []
for _ in range(4):
    c = socket.socket(); c.setblocking(False)
    try: c.connect(('127.0.0.1', port))
    except BlockingIOError: pass
    held.append(c)
print(port, flush=True); sys.stdin.read()`;
    const { spawn: start } = yield* until(import('node:child_process'));
    const hole = start('python3', ['-c', script]);
    const line = yield* until(
      new Promise<string>((resolve) => hole.stdout.once('data', (data: Buffer) => resolve(data.toString()))),
    );
    const url = `http://127.0.0.1:${line.trim()}/`;
    const error = yield* fails(
      'ETIMEDOUT',
      get(url, { connect_timeout: 0.3 }),
      /timed out after 0.3 seconds: no answer/,
    );
    assertPhase(error, 'connect', url);
    hole.kill();
    listener.close();
    assert.ok(port > 0);
  }));

test('headers: closed, reset, garbage, too large, never', () =>
  run(function* () {
    const cases: readonly [string, 'end' | 'reset' | 'stay', string, RegExp][] = [
      ['', 'end', 'ECONNRESET', /closed the connection after .* without an answer/],
      ['', 'reset', 'ECONNRESET', /closed the connection/],
      ['HTTP/1.1 200 OK\r\nX: ', 'end', 'ECONNRESET', /closed the connection/],
      ['SSH-2.0-OpenSSH_9.2\r\n', 'stay', 'EPROTO', /the answer of .* is not valid HTTP/],
      ['HTTP/1.1 200 OK\r\nX\x01: b\r\n\r\n', 'stay', 'EPROTO', /is not valid HTTP/],
      ['HTTP/1.1 abc\r\n\r\n', 'stay', 'EPROTO', /is not valid HTTP/],
      [`${OK}X: ${'a'.repeat(100_000)}\r\n\r\n`, 'stay', 'EOVERFLOW', /the head of the answer of .* is too large/],
      ['', 'stay', 'ETIMEDOUT', /timed out after .*: connected, but the server has not answered/],
    ];
    for (const [bytes, then, code, message] of cases) {
      const server = yield* answering(bytes, then);
      const error = yield* fails(code, get(server.url, { timeout: code === 'ETIMEDOUT' ? 0.2 : 10 }), message);
      assertPhase(error, 'headers', server.url + '/');
      yield* until(server.close());
    }
  }));

test('body: cut short, stalled, bad chunks, too large, badly packed', () =>
  run(function* () {
    const gzipped = zlib.gzipSync('hello'.repeat(1000));
    const bomb = zlib.gzipSync(Buffer.alloc(5_000_000));
    const packed = (coding: string, bytes: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from(`${OK}Content-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
        bytes,
      ]);
    const cases: readonly [string | Buffer, 'end' | 'stay', Record<string, Value>, string, RegExp][] = [
      [`${OK}Content-Length: 10\r\n\r\nhello`, 'end', {}, 'ECONNRESET', /cut short: 5 of 10 bytes had come/],
      [`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'end', {}, 'ECONNRESET', /cut short: 5 bytes had come/],
      [
        `${OK}Content-Length: 10\r\n\r\nhello`,
        'stay',
        { timeout: 0.2 },
        'ETIMEDOUT',
        /5 of 10 bytes of the body had come/,
      ],
      [`${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 'stay', {}, 'EPROTO', /the body of .* is not valid HTTP/],
      [
        `${OK}Content-Length: 100\r\n\r\n${'x'.repeat(100)}`,
        'stay',
        { max_body: 99 },
        'EOVERFLOW',
        /larger than the 99 bytes allowed/,
      ],
      [
        packed('gzip', bomb),
        'stay',
        { max_body: 1_000_000 },
        'EOVERFLOW',
        /larger than the 1000000 bytes allowed, once it is unpacked/,
      ],
      [packed('gzip', gzipped.subarray(0, 40)), 'stay', {}, 'EENCODING', /cannot be unpacked/],
      [packed('gzip', Buffer.from('no gzip at all')), 'stay', {}, 'EENCODING', /incorrect header check/],
      [packed('br', Buffer.from('no brotli')), 'stay', {}, 'EENCODING', /cannot be unpacked/],
      [packed('lzma', gzipped), 'stay', {}, 'EENCODING', /its coding "lzma" is not known here/],
      [packed('gzip, gzip, gzip, gzip', gzipped), 'stay', {}, 'EENCODING', /encoded 4 times over/],
    ];
    for (const [bytes, then, opts, code, message] of cases) {
      const server = yield* answering(bytes, then);
      const error = yield* fails(code, get(server.url, opts), message);
      assertPhase(error, 'body', server.url + '/');
      yield* until(server.close());
    }
  }));

test('packed bodies are unpacked, however they are cut', () =>
  run(function* () {
    const text = 'hällo wörld '.repeat(5000);
    const codings: Record<string, Buffer> = {
      gzip: zlib.gzipSync(text),
      deflate: zlib.deflateSync(text),
      'deflate ': zlib.deflateRawSync(text),
      br: zlib.brotliCompressSync(text),
      'gzip, br': zlib.brotliCompressSync(zlib.gzipSync(text)),
      'x-gzip': zlib.gzipSync(text),
    };
    for (const [coding, bytes] of Object.entries(codings)) {
      const server = http.createServer((_req, res) => {
        res.writeHead(200, { 'Content-Encoding': coding.trim() });
        for (let i = 0; i < bytes.length; i += 97) res.write(bytes.subarray(i, i + 97));
        res.end();
      });
      yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      assert.equal((yield* get(url)).get('body'), text, coding);
      let pieces = '';
      yield* get(url, { on_chunk: ((piece: string) => (pieces += piece)) as unknown as FunctionValue });
      assert.equal(pieces, text, coding);
      const raw = (yield* get(url, { decompress: false })).get('body') as string;
      assert.notEqual(raw, text);
      server.closeAllConnections();
      yield* until(new Promise((resolve) => server.close(resolve)));
    }
  }));

// ---------------------------------------------------------------- TLS

const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe', cwd: directory });

function certificates(): void {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Test CA',
  );
  writeFileSync(joinPath(directory, 'ca.cnf'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n');
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'middle.key',
    '-out',
    'middle.csr',
    '-subj',
    '/CN=Middle',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'middle.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-out',
    'middle.pem',
    '-days',
    '30',
    '-extfile',
    'ca.cnf',
  );
  const leaf = (name: string, host: string, days: string, ca: string): void => {
    writeFileSync(joinPath(directory, `${name}.cnf`), `subjectAltName=${host}\n`);
    openssl(
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      days,
      '-extfile',
      `${name}.cnf`,
    );
  };
  leaf('good', 'DNS:localhost,IP:127.0.0.1', '30', 'ca');
  leaf('expired', 'DNS:localhost', '-1', 'ca');
  leaf('wrong', 'DNS:example.com', '30', 'ca');
  leaf('incomplete', 'DNS:localhost', '30', 'middle');
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'self.key',
    '-out',
    'self.pem',
    '-days',
    '30',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  );
}

const file = (name: string): string => joinPath(directory, name);

test('tls: expired, wrong host, self-signed, incomplete chain, garbage, stalled; and good ones', () =>
  run(function* () {
    certificates();
    for (const [name, reason, message] of [
      ['expired', 'expired', /its certificate has expired/],
      ['wrong', 'wrong host', /its certificate is for example\.com, not for localhost/],
      ['self', 'self-signed', /its certificate is self-signed/],
      ['incomplete', 'unknown issuer', /unknown issuer, or a certificate of the chain is missing/],
    ] as const) {
      const served = yield* serving(
        { 'GET /': () => 'secret' },
        { tls: options({ cert: file(`${name}.pem`), key: file(`${name}.key`) }) },
      );
      const url = `https://localhost:${served.port}/`;
      const error = yield* fails(
        'ECERT',
        get(url, { ca: file('ca.pem'), resolve: options({ localhost: '127.0.0.1' }) }),
        message,
      );
      assert.equal(error.get('reason'), reason);
      assertPhase(error, 'tls', url);
      assert.equal((yield* get(url, { insecure: true })).get('body'), 'secret');
      yield* stop(served);
    }
    const garbage = yield* answering('', 'stay');
    const plainUrl = garbage.url.replace('http:', 'https:') + '/';
    const stalled = yield* fails(
      'ETIMEDOUT',
      get(plainUrl, { connect_timeout: 0.2 }),
      /the peer did not finish the handshake/,
    );
    assertPhase(stalled, 'tls', plainUrl);
    yield* until(garbage.close());
    const speaksHttp = http.createServer();
    yield* until(new Promise<void>((resolve) => speaksHttp.listen(0, '127.0.0.1', resolve)));
    const wrongUrl = `https://127.0.0.1:${(speaksHttp.address() as AddressInfo).port}/`;
    assertPhase(yield* fails('EPROTO', get(wrongUrl), /does not speak TLS on this port/), 'tls', wrongUrl);
    speaksHttp.close();
    const served = yield* serving(
      { 'GET /': (req) => field(req, 'headers') },
      { tls: options({ cert: file('good.pem'), key: file('good.key') }) },
    );
    assert.ok(served.url.startsWith('https://127.0.0.1:'));
    assert.equal((yield* get(served.url, { ca: file('ca.pem') })).get('status_code'), 200);
    assert.equal((yield* get(served.url, { ca: readFileSync(file('ca.pem'), 'utf8') })).get('status_code'), 200);
    // What one request trusts, another one does not.
    yield* fails('ECERT', get(served.url));
    yield* stop(served);
  }));

// ---------------------------------------------------------------- redirects, cookies, credentials

test('redirects: methods, bodies, credentials, limits', () =>
  run(function* () {
    const other = yield* serving({ 'ANY /*': (req) => [field(req, 'method'), field(req, 'headers')] });
    const served = yield* serving({
      'ANY /to/:status': (req) => redirect(Number((plain(field(req, 'params')) as { status: string }).status), '/end'),
      'GET /away': () => redirect(302, other.url + '/x'),
      'GET /loop': () => redirect(301, '/loop'),
      'GET /nowhere': () => redirect(302, 'http://:bad'),
      'GET /script': () => redirect(302, 'javascript:alert(1)'),
      'GET /relative/path': () => redirect(302, 'end?x=1'),
      'GET /relative/end': (req) => field(req, 'url'),
      'GET /plain': () => builtin('http_response', 302, 'no location').next().value,
      'ANY /end': (req) => [field(req, 'method'), field(req, 'body'), field(req, 'headers')],
    });
    const ask = function* (method: string, path: string): Steps<[string, string, Record<string, string>]> {
      const answer = yield* builtin(
        'http_request',
        method,
        served.url + path,
        options({ 'X-Keep': '1' }),
        method === 'GET' ? null : 'data',
      );
      return JSON.parse(field(answer, 'body') as string) as [string, string, Record<string, string>];
    };
    for (const [method, status, becomes] of [
      ['POST', 301, 'GET'],
      ['POST', 302, 'GET'],
      ['POST', 303, 'GET'],
      ['PUT', 303, 'GET'],
      ['PUT', 301, 'PUT'],
      ['POST', 307, 'POST'],
      ['POST', 308, 'POST'],
      ['GET', 302, 'GET'],
    ] as const) {
      const [seen, body, headers] = yield* ask(method, `/to/${status}`);
      assert.deepEqual(
        [seen, body, headers['X-Keep']],
        [becomes, becomes === method && method !== 'GET' ? 'data' : '', '1'],
        `${method} ${status}`,
      );
      assert.equal('Content-Type' in headers, body !== '');
    }
    const personal = { Authorization: 'Bearer x', Cookie: 'a=b', 'Proxy-Authorization': 'y', 'X-Keep': '1' };
    const away = yield* get(served.url + '/away', { auth: 'u:p', cookies: options({ c: 'd' }) }, personal);
    const [, headers] = JSON.parse(away.get('body') as string) as [string, Record<string, string>];
    assert.deepEqual(
      ['Authorization', 'Cookie', 'Proxy-Authorization', 'X-Keep'].map((name) => headers[name]),
      [undefined, undefined, undefined, '1'],
    );
    assert.equal(away.get('url'), other.url + '/x');
    const here = JSON.parse((yield* get(served.url + '/to/302', {}, personal)).get('body') as string) as [
      string,
      string,
      Record<string, string>,
    ];
    assert.deepEqual([here[2]['Authorization'], here[2]['Cookie']], ['Bearer x', 'a=b']);
    assert.equal((yield* get(served.url + '/relative/path')).get('body'), '/relative/end?x=1');
    assert.equal((yield* get(served.url + '/plain')).get('status_code'), 302);
    assert.equal((yield* get(served.url + '/loop', { redirects: 0 })).get('status_code'), 301);
    yield* fails('EREDIRECT', get(served.url + '/loop'), /more than 20 redirects/);
    yield* fails('EURL', get(served.url + '/nowhere'), /the server redirects there/);
    yield* fails('EURL', get(served.url + '/script'), /the scheme "javascript"/);
    yield* stop(served, other);
    certificates();
    const safe = yield* serving(
      { 'GET /': () => redirect(302, 'http://127.0.0.1:1/') },
      { tls: options({ cert: file('good.pem'), key: file('good.key') }) },
    );
    yield* fails('EREDIRECT', get(safe.url, { ca: file('ca.pem') }), /not protected by TLS/);
    yield* fails('ECONNREFUSED', get(safe.url, { ca: file('ca.pem'), downgrade: true }));
    yield* stop(safe);
  }));

function redirect(status: number, location: string): Value {
  return builtin('http_response', status, null, options({ Location: location })).next().value as Value;
}

test('sessions keep cookies for whom they are', () =>
  run(function* () {
    const set = (cookies: string[]) => (): Value =>
      builtin('http_response', 200, '', options({ 'Set-Cookie': cookies })).next().value as Value;
    const served = yield* serving({
      'GET /set': set([
        'a=1',
        'b=2; Path=/deep',
        'c=3; Secure',
        'd=4; Domain=other.example',
        'e=5; Max-Age=0',
        'f=6; Domain=127.0.0.1',
        '__Host-g=7',
      ]),
      'GET /gone': set(['a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT']),
      'GET /hop': () => redirect(302, '/show'),
      'GET /*': (req) => field(req, 'cookies'),
    });
    const session = (yield* builtin('http_session')) as MapValue;
    const show = function* (path: string): Steps<unknown> {
      return JSON.parse((yield* get(served.url + path, { cookies: session })).get('body') as string) as unknown;
    };
    yield* get(served.url + '/set', { cookies: session });
    assert.deepEqual(yield* show('/show'), { a: '1', f: '6' });
    assert.deepEqual(yield* show('/deep/x'), { b: '2', a: '1', f: '6' });
    assert.deepEqual(yield* show('/deeper'), { a: '1', f: '6' });
    assert.deepEqual(yield* show('/hop'), { a: '1', f: '6' });
    yield* get(served.url + '/gone', { cookies: session });
    assert.deepEqual(yield* show('/show'), { f: '6' });
    const kept = (yield* builtin('http_session_cookies', session)) as MapValue[];
    assert.deepEqual(
      kept.map((each) => each.get('name')),
      ['b', 'f'],
    );
    assert.deepEqual(
      JSON.parse((yield* get(served.url + '/show', { cookies: options({ x: 1 }) })).get('body') as string),
      { x: '1' },
    );
    assert.deepEqual(JSON.parse((yield* get(served.url + '/show')).get('body') as string), {});
    yield* stop(served);
  }));

test('credentials of the option, and of the URL', () =>
  run(function* () {
    const served = yield* serving({
      'GET /': (req) => (field(req, 'headers') as MapValue).get('Authorization') ?? 'none',
    });
    const basic = (text: string): string => 'Basic ' + Buffer.from(text).toString('base64');
    const ask = function* (opts: Record<string, Value>, url = served.url): Steps<Value> {
      return (yield* get(url, opts)).get('body') ?? null;
    };
    assert.equal(yield* ask({}), 'none');
    assert.equal(yield* ask({ auth: 'ada:pass:word' }), basic('ada:pass:word'));
    assert.equal(yield* ask({ auth: options({ user: 'ü', password: 'p' }) }), basic('ü:p'));
    assert.equal(yield* ask({ auth: options({ bearer: 'token' }) }), 'Bearer token');
    assert.equal(yield* ask({}, served.url.replace('//', '//u:p%40@')), basic('u:p@'));
    yield* fails('ETYPE', ask({ auth: options({ name: 'x' }) }));
    const secret = yield* fails('ECONNREFUSED', get(`http://u:hunter2@127.0.0.1:${yield* until(freePort())}/`));
    assert.ok(!secret.message.includes('hunter2') && !String(secret.get('url')).includes('hunter2'));
    yield* stop(served);
  }));

// ---------------------------------------------------------------- retries, time, proxies

test('tries again where that does nothing twice, as the server asks', () =>
  run(function* () {
    let asked = 0;
    const served = yield* serving({
      'ANY /busy': () =>
        ++asked < 3
          ? builtin('http_response', 503, '', options({ 'Retry-After': '0' })).next().value
          : `after ${asked}`,
      'ANY /later': () => {
        asked++;
        return builtin('http_response', 503, '', options({ 'Retry-After': '3600' })).next().value;
      },
    });
    assert.equal((yield* get(served.url + '/busy', { retries: 5 })).get('body'), 'after 3');
    asked = 0;
    assert.equal(
      field(yield* builtin('http_post', served.url + '/busy', 'x', null, options({ retries: 5 })), 'status_code'),
      503,
    );
    assert.equal(asked, 1, 'a POST is not sent again');
    asked = 0;
    assert.equal((yield* get(served.url + '/later', { retries: 5 })).get('status_code'), 503);
    assert.equal(asked, 1, 'there is no time for an hour');
    yield* stop(served);
    const port = yield* until(freePort());
    const begun = performance.now();
    yield* fails('ECONNREFUSED', get(`http://127.0.0.1:${port}`, { retries: 2 }));
    assert.ok(performance.now() - begun >= 200, 'it pauses in between');
  }));

test('a kept connection that turns out to be closed is no error', () =>
  run(function* () {
    let connections = 0;
    const server = net.createServer((socket) => {
      const number = ++connections;
      let requests = 0;
      socket.on('error', () => {});
      socket.on('data', () => {
        // The second request on the first connection finds it closed.
        if (number === 1 && ++requests === 2) socket.destroy();
        else socket.write(`${OK}Content-Length: 1\r\n\r\n${number}`);
      });
    });
    yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.equal((yield* get(url)).get('body'), '1');
    assert.equal((yield* get(url)).get('body'), '2');
    assert.ok(connections >= 2);
    server.close();
    yield* until(closePools());
  }));

test('a cancelled request stops, connected or not', () =>
  run(function* () {
    const silent = yield* until(rawServer());
    const task = spawn(() => get(`http://127.0.0.1:${silent.port}/`));
    const raw = yield* until(silent.next());
    let closed = false;
    raw.on('close', () => (closed = true)).resume();
    raw.on('end', () => raw.end());
    cancelTask(task);
    yield* fails('ECANCELED', join(task));
    yield* until(eventually(() => closed, 'the connection is closed'));
    yield* until(silent.close());
  }));

test('through a proxy: the whole URL for http, a tunnel for https', () =>
  run(function* () {
    certificates();
    const seen: string[] = [];
    const proxy = http.createServer((req, res) => {
      seen.push(`${req.method} ${req.url} ${req.headers.host} ${req.headers['proxy-authorization']}`);
      res.end('from the proxy');
    });
    proxy.on('connect', (req, socket: net.Socket) => {
      seen.push(`${req.method} ${req.url} ${req.headers['proxy-authorization']}`);
      if (req.url!.startsWith('refused')) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const upstream = net.connect(Number(req.url!.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => {});
      socket.on('error', () => {});
    });
    yield* until(new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve)));
    const at = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const answer = yield* get('http://example.invalid:81/x?y', { proxy: `http://u:p@${at}` });
    assert.equal(answer.get('body'), 'from the proxy');
    const served = yield* serving(
      { 'GET /': () => 'tunnelled' },
      { tls: options({ cert: file('good.pem'), key: file('good.key') }) },
    );
    assert.equal(
      (yield* get(`https://localhost:${served.port}/`, { proxy: `http://${at}`, ca: file('ca.pem') })).get('body'),
      'tunnelled',
    );
    const refused = yield* fails(
      'EPROXY',
      get('https://refused.invalid/', { proxy: at }),
      /the proxy refuses the connection with status 403/,
    );
    assert.equal(refused.get('phase'), 'connect');
    assert.deepEqual(seen, [
      `GET http://example.invalid:81/x?y example.invalid:81 Basic ${Buffer.from('u:p').toString('base64')}`,
      `CONNECT localhost:${served.port} undefined`,
      'CONNECT refused.invalid:443 undefined',
    ]);
    process.env['HTTP_PROXY'] = `http://${at}`;
    process.env['NO_PROXY'] = '127.0.0.1, .internal';
    readProxiesAnew();
    try {
      assert.equal((yield* get('http://other.invalid/')).get('body'), 'from the proxy');
      const direct = yield* serving({ 'GET /': () => 'direct' });
      assert.equal((yield* get(direct.url)).get('body'), 'direct');
      yield* fails('ENOTFOUND', get('http://a.internal/'));
      yield* fails('ENOTFOUND', get('http://other.invalid/', { proxy: '' }));
      yield* stop(direct);
    } finally {
      delete process.env['HTTP_PROXY'];
      delete process.env['NO_PROXY'];
      readProxiesAnew();
    }
    yield* stop(served);
    proxy.closeAllConnections();
    yield* until(new Promise((resolve) => proxy.close(resolve)));
  }));

test('private: false refuses every spelling of an address that is not public, at each redirect', () =>
  run(function* () {
    const served = yield* serving({ 'GET /': () => 'inside', 'GET /hop': () => redirect(302, 'http://127.0.0.1:1/') });
    const { port } = served;
    for (const host of [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '2130706433',
      '017700000001',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[2001::1]',
      '10.0.0.1',
      '192.168.1.1',
      '172.16.0.1',
      '169.254.169.254',
      '100.64.0.1',
      '[fe80::1]',
      '[fd00::1]',
      '0.0.0.0',
      '224.0.0.1',
      '①②⑦.0.0.1',
      '0177.0.0.1',
      '127.0.0.1.',
      '%31%32%37.0.0.1',
      'LOCALHOST',
      '0',
      '[::127.0.0.1]',
      '[64:ff9b:1::7f00:1]',
      '[2001:0:7f00:1::]',
      '[2002:a00:1::]',
      '[ff02::1]',
      '[2001:db8::1]',
      '198.18.0.1',
      '192.0.2.1',
      '255.255.255.255',
    ]) {
      const error = yield* fails(
        'EPRIVATE',
        get(`http://${host}:${port}/`, { private: false }),
        /no public address, and option "private" is false/,
      );
      assert.equal(error.get('phase'), 'name');
    }
    yield* fails(
      'EPRIVATE',
      get('http://public.example/', { private: false, resolve: options({ 'public.example': '127.0.0.1' }) }),
    );
    yield* fails('EOPTION', get('http://public.example/', { private: false, proxy: 'http://127.0.0.1:1' }));
    assert.equal((yield* get(served.url)).get('body'), 'inside');
    yield* stop(served);
  }));

test('the policy is asked for each host', () =>
  run(function* () {
    const served = yield* serving({ 'GET /': () => redirect(302, 'http://forbidden.example/') });
    setPolicy({
      refuses: (action, target) => (action === 'connect' && target.startsWith('forbidden') ? 'it is forbidden' : null),
    });
    try {
      yield* fails('EPERM', get(served.url), /not permitted to connect to forbidden\.example:80: it is forbidden/);
    } finally {
      setPolicy(null);
    }
    yield* stop(served);
  }));

test('an answer comes piece by piece to on_chunk, which may wait', () =>
  run(function* () {
    const served = yield* serving({
      'GET /': () =>
        builtin('http_response', 200, function* (write: (data: Value) => Steps<null>) {
          for (let i = 0; i < 3; i++) {
            yield* write(`é${i}`);
            yield* sleep(10);
          }
        } as unknown as FunctionValue).next().value,
      'GET /large': () => 'x'.repeat(5_000_000),
    });
    const pieces: string[] = [];
    const onChunk = function* (piece: Value): Steps<null> {
      yield* sleep(1);
      pieces.push(piece as string);
      return null;
    } as unknown as FunctionValue;
    const answer = yield* get(served.url, { on_chunk: onChunk });
    assert.deepEqual([answer.get('body'), pieces.join('')], ['', 'é0é1é2']);
    assert.ok(pieces.length >= 2);
    pieces.length = 0;
    yield* get(served.url + '/large', { on_chunk: onChunk });
    assert.equal(pieces.join('').length, 5_000_000);
    const failing = (() => {
      throw new Error('enough');
    }) as unknown as FunctionValue;
    yield* fails('EINTERNAL', wrap(get(served.url + '/large', { on_chunk: failing })));
    yield* stop(served);
    yield* until(pause(1));
  }));

/** What a JavaScript error in a function of the test becomes in a program. */
function* wrap(steps: Steps<unknown>): Steps<unknown> {
  const { caught } = yield* until(import('../../src/runtime/errors'));
  try {
    return yield* steps;
  } catch (error) {
    throw caught(error);
  }
}
