/** How requests go over connections: kept ones, several addresses, client certificates, codings, retries that pause. */
import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { Steps } from '../../src/runtime/task';
import type { FunctionValue, MapValue, Value } from '../../src/runtime/values';
import { nothingLeftOfHttp, serving, stop } from '../support/http';
import { builtin, fails, field, join, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeftOfHttp);

function* get(url: string, opts: Record<string, Value> = {}): Steps<MapValue> {
  return (yield* builtin('http_get', url, null, options(opts))) as MapValue;
}

function* listening(server: net.Server): Steps<number> {
  yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  return (server.address() as AddressInfo).port;
}

const port = (req: Value): string => String(field(req, 'remote_port'));

test('requests one after the other share a connection, as many tasks as ask at once need', () =>
  run(function* () {
    const made = yield* builtin('certificate_create', ['localhost']);
    const tls = { cert: field(made, 'cert') as string, key: field(made, 'key') as string };
    for (const settings of [{}, { tls: options(tls) }] as const) {
      const served = yield* serving({ 'GET /': port, 'POST /': port }, settings);
      const url = served.url.replace('127.0.0.1', 'localhost');
      const seen = new Set<Value>();
      for (let i = 0; i < 10; i++) {
        seen.add((yield* get(url, { ca: tls.cert })).get('body') ?? null);
        seen.add(field(yield* builtin('http_post', url, 'x', null, options({ ca: tls.cert })), 'body'));
      }
      assert.equal(seen.size, 1);
      const worker = function* (): Steps<null> {
        for (let i = 0; i < 20; i++) seen.add((yield* get(url, { ca: tls.cert })).get('body') ?? null);
        return null;
      };
      const tasks = Array.from({ length: 10 }, () => spawn(worker));
      for (const task of tasks) yield* join(task);
      assert.equal(seen.size, 10);
      yield* stop(served);
    }
  }));

test('a name with several addresses: one that refuses is no error', () =>
  run(function* () {
    // localhost is ::1 as well on most systems, and nothing listens there.
    const served = yield* serving({ 'GET /': (req) => field(req, 'remote_host') });
    assert.equal((yield* get(`http://localhost:${served.port}/`)).get('body'), '127.0.0.1');
    yield* stop(served);
    const refused = yield* fails('ECONNREFUSED', get(`http://localhost:${served.port}/`));
    assert.deepEqual([refused.get('phase'), refused.get('host')], ['connect', 'localhost']);
  }));

test('a client shows its certificate, and is refused without', () =>
  run(function* () {
    const authority = yield* builtin('certificate_create', ['authority.test'], options({ ca: true }));
    const issued = function* (name: string): Steps<{ cert: string; key: string }> {
      const made = yield* builtin('certificate_create', [name], options({ issuer: authority }));
      return { cert: field(made, 'cert') as string, key: field(made, 'key') as string };
    };
    const ca = field(authority, 'cert') as string;
    const own = yield* issued('client');
    const settings = { ...(yield* issued('localhost')), ca, request_cert: true };
    const served = yield* serving({ 'GET /': () => 'welcome' }, { tls: options(settings) });
    const url = `https://localhost:${served.port}/`;
    assert.equal((yield* get(url, { ca, ...own })).get('body'), 'welcome');
    const without = yield* fails(
      'EPROTO',
      get(url, { ca }),
      /TLS with localhost:\d+ failed: a certificate of the client/,
    );
    assert.equal(without.get('phase'), 'tls');
    const stranger = yield* builtin('certificate_create', ['client']);
    const bad = { cert: field(stranger, 'cert'), key: field(stranger, 'key') };
    // Node ends such a connection without a word.
    yield* fails('ECONNRESET', get(url, { ca, ...bad }), /closed the connection .* without an answer/);
    yield* stop(served);
  }));

test('a server that breaks off the TLS handshake, and one that answers it with garbage', () =>
  run(function* () {
    for (const [reply, code, message] of [
      ['', 'ECONNRESET', /127\.0\.0\.1:\d+/],
      ['\x16\x03\x03\x00\x05hello', 'EPROTO', /127\.0\.0\.1:\d+/],
      ['\x15\x03\x03\x00\x02\x02\x28', 'EPROTO', /127\.0\.0\.1:\d+/],
      ['SSH-2.0-OpenSSH_9.2\r\n', 'EPROTO', /does not speak TLS on this port/],
    ] as const) {
      const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(reply, 'latin1'));
      });
      const error = yield* fails(code, get(`https://127.0.0.1:${yield* listening(server)}/`), message);
      assert.equal(error.get('phase'), 'tls', error.message);
      assert.ok(typeof error.get('elapsed_ms') === 'number');
      yield* until(new Promise((resolve) => server.close(resolve)));
    }
  }));

test('zstd: offered and unpacked where the runtime has it; else not, and an answer in it says why', () =>
  run(function* () {
    // "hello zstd" as `zstd` packs it: a frame with one raw block.
    const packed = Buffer.from('28b52ffd200a51000068656c6c6f207a737464', 'hex');
    let offered = '';
    const server = http.createServer((req, res) => {
      offered = String(req.headers['accept-encoding']);
      res.writeHead(200, { 'Content-Encoding': 'zstd' }).end(packed);
    });
    const url = `http://127.0.0.1:${yield* listening(server)}/`;
    const onChunk = (() => null) as unknown as FunctionValue;
    if ('createZstdDecompress' in zlib) {
      assert.equal((yield* get(url)).get('body'), 'hello zstd');
      assert.equal(offered, 'gzip, deflate, br, zstd');
    } else {
      for (const opts of [{}, { on_chunk: onChunk }]) {
        const message = /its coding "zstd" takes Node 22\.15 or later, and this is v\d/;
        const error = yield* fails('EENCODING', get(url, opts), message);
        assert.equal(error.get('phase'), 'body');
      }
      assert.equal(offered, 'gzip, deflate, br');
    }
    const asItIs = (yield* get(url, { decompress: false })).get('body') as Value;
    assert.deepEqual(yield* builtin('bytes_of', asItIs), [...packed]);
    server.closeAllConnections();
    yield* until(new Promise((resolve) => server.close(resolve)));
  }));

test('retries pause for as long as Retry-After says, as seconds or as a date, and longer each time without it', () =>
  run(function* () {
    const times: number[] = [];
    let head: Record<string, string> = {};
    let status = 503;
    const server = http.createServer((_req, res) => {
      times.push(performance.now());
      res.writeHead(times.length < 3 ? status : 200, head).end('x');
    });
    const url = `http://127.0.0.1:${yield* listening(server)}/`;
    const pauses = function* (opts: Record<string, Value>): Steps<number[]> {
      times.length = 0;
      assert.equal((yield* get(url, opts)).get('status_code'), 200);
      return times.slice(1).map((time, i) => time - times[i]!);
    };
    head = { 'Retry-After': '1' };
    for (const pause of yield* pauses({ retries: 2 })) assert.ok(pause >= 999 && pause < 2500, `${pause}`);
    head = { 'Retry-After': new Date(Date.now() + 2000).toUTCString() };
    const [first] = yield* pauses({ retries: 2 });
    assert.ok(first! >= 900 && first! < 3000, `${first}`);
    head = {};
    for (status of [429, 502, 503, 504]) {
      const [one, two] = yield* pauses({ retries: 2 });
      // 200 ms and 400 ms, at least half of it by chance.
      assert.ok(one! >= 99 && two! >= 199, `${one} and ${two}`);
    }
    head = { 'Retry-After': '5' };
    times.length = 0;
    assert.equal((yield* get(url, { retries: 2, timeout: 2 })).get('status_code'), 504, 'there is no time for it');
    assert.equal(times.length, 1);
    server.closeAllConnections();
    yield* until(new Promise((resolve) => server.close(resolve)));
  }));

test('what is tried again: what cannot do a thing twice, and a connection that was never made', () =>
  run(function* () {
    let asked = 0;
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        asked++;
        socket.destroy();
      });
    });
    const url = `http://127.0.0.1:${yield* listening(server)}/`;
    for (const [method, times] of [
      ['GET', 3],
      ['HEAD', 3],
      ['PUT', 3],
      ['DELETE', 3],
      ['OPTIONS', 3],
      ['POST', 1],
      ['PATCH', 1],
    ] as const) {
      asked = 0;
      const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? 'x' : null;
      const request = builtin('http_request', method, url, null, body, options({ retries: 2 }));
      const error = yield* fails('ECONNRESET', request);
      assert.deepEqual([asked, error.get('phase')], [times, 'headers'], method);
    }
    yield* until(new Promise((resolve) => server.close(resolve)));
    // Nothing was sent, so a POST may be tried again.
    const begun = performance.now();
    yield* fails('ECONNREFUSED', builtin('http_post', url, 'x', null, options({ retries: 1 })));
    assert.ok(performance.now() - begun >= 99, 'it pauses in between');
  }));
