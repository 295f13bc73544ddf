/** Static files: what is served, how, and that nothing else is. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { Steps } from '../../src/runtime/task';
import type { FunctionValue, MapValue, Value } from '../../src/runtime/values';
import { nothingLeftOfHttp, rawExchange, serving, statusesOf, stop } from '../support/http';
import type { Served } from '../support/http';
import { builtin, fails, field, options, run, until } from '../support/run-tasks';

const root = mkdtempSync(join(tmpdir(), 'sentra-static-'));
const folder = join(root, 'public');
after(async () => {
  rmSync(root, { recursive: true, force: true });
  await nothingLeftOfHttp();
});

mkdirSync(join(folder, 'deep'), { recursive: true });
writeFileSync(join(root, 'secret.txt'), 'secret');
writeFileSync(join(folder, 'index.html'), '<h1>index</h1>');
writeFileSync(join(folder, 'deep', 'index.html'), 'deep index');
writeFileSync(join(folder, 'a b.txt'), 'spaced');
writeFileSync(join(folder, 'naïve.txt'), 'named');
writeFileSync(join(folder, '.hidden'), 'hidden');
mkdirSync(join(folder, '.git'));
writeFileSync(join(folder, '.git', 'config'), 'hidden');
writeFileSync(join(folder, 'packed.js'), 'plain');
writeFileSync(join(folder, 'packed.js.br'), zlib.brotliCompressSync('brotli'));
writeFileSync(join(folder, 'packed.js.gz'), zlib.gzipSync('gzipped'));
writeFileSync(join(folder, 'large.bin'), Buffer.alloc(300_000, '0123456789'));
writeFileSync(join(folder, 'small.bin'), '0123456789');
symlinkSync(join(root, 'secret.txt'), join(folder, 'link.txt'));
symlinkSync(root, join(folder, 'out'));
symlinkSync('index.html', join(folder, 'inside.html'));

function* withFolder(settings: Record<string, Value> = {}): Steps<Served> {
  return yield* serving({}, settings, (server) => builtin('http_server_static', server, '/static/', folder));
}

test('types, index files, names, links that stay inside', () =>
  run(function* () {
    const served = yield* withFolder();
    const expected: Record<string, readonly [string, string]> = {
      '/static/': ['<h1>index</h1>', 'text/html; charset=utf-8'],
      '/static/index.html?v=1': ['<h1>index</h1>', 'text/html; charset=utf-8'],
      '/static/deep/': ['deep index', 'text/html; charset=utf-8'],
      '/static/a%20b.txt': ['spaced', 'text/plain; charset=utf-8'],
      '/static/na%C3%AFve.txt': ['named', 'text/plain; charset=utf-8'],
      '/static/inside.html': ['<h1>index</h1>', 'text/html; charset=utf-8'],
    };
    for (const [path, [body, type]] of Object.entries(expected)) {
      const answer = yield* builtin('http_get', served.url + path);
      assert.deepEqual(
        [field(answer, 'body'), (field(answer, 'headers') as MapValue).get('content-type')],
        [body, type],
        path,
      );
    }
    const moved = yield* builtin('http_get', served.url + '/static/deep?x=1', null, options({ redirects: 0 }));
    assert.deepEqual(
      [field(moved, 'status_code'), (field(moved, 'headers') as MapValue).get('Location')],
      [301, '/static/deep/?x=1'],
    );
    assert.equal(field(yield* builtin('http_post', served.url + '/static/', ''), 'status_code'), 405);
    yield* stop(served);
  }));

test('no way out of the directory', () =>
  run(function* () {
    const served = yield* withFolder();
    const paths = [
      ...[
        '../secret.txt',
        '..%2fsecret.txt',
        '%2e%2e/secret.txt',
        '%2e%2e%2fsecret.txt',
        '.%2e/secret.txt',
        'deep/../../secret.txt',
      ],
      ...[
        '%252e%252e/secret.txt',
        '..%252fsecret.txt',
        '..\\secret.txt',
        '..%5csecret.txt',
        'deep%5c..%5c..%5csecret.txt',
        '....//secret.txt',
      ],
      ...[
        'index.html%00',
        '%00',
        'index.html%00.txt',
        'link.txt',
        'out/secret.txt',
        'out/',
        '.hidden',
        '.git/config',
        '%2ehidden',
        'deep/./index.html',
      ],
      ...[
        '/etc/passwd',
        '%2fetc%2fpasswd',
        '..%c0%afsecret.txt',
        '..;/secret.txt',
        '~/secret.txt',
        'C:%5csecret.txt',
        'nothing',
        'index.html/',
      ],
    ];
    for (const path of paths) {
      const { text } = yield* until(
        rawExchange(served.port, [`GET /static/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]),
      );
      assert.ok(
        !text.includes('secret\n') && !text.endsWith('secret') && !text.includes('hidden') && !text.includes('root:'),
        path,
      );
      assert.ok([400, 404].includes(statusesOf(text)[0]!), `${path}: ${text.slice(0, 30)}`);
    }
    const slashes = yield* until(
      rawExchange(served.port, ['GET //evil.example/static/deep HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n']),
    );
    assert.doesNotMatch(slashes.text, /Location: \/\//);
    yield* stop(served);
  }));

for (const name of ['small.bin', 'large.bin']) {
  test(`ranges, conditions and HEAD of ${name}`, () =>
    run(function* () {
      const served = yield* withFolder();
      const url = `${served.url}/static/${name}`;
      const ask = function* (
        headers: Record<string, Value>,
        method = 'GET',
      ): Steps<{ status: Value; body: string; headers: MapValue }> {
        const answer = yield* builtin('http_request', method, url, options(headers));
        return {
          status: field(answer, 'status_code'),
          body: field(answer, 'body') as string,
          headers: field(answer, 'headers') as MapValue,
        };
      };
      const size = name === 'small.bin' ? 10 : 300_000;
      for (let i = 0; i < 2; i++) {
        const all = yield* ask({});
        assert.deepEqual(
          [all.status, all.body.length, all.headers.get('Content-Length'), all.headers.get('Accept-Ranges')],
          [200, size, String(size), 'bytes'],
        );
      }
      const { headers } = yield* ask({}, 'HEAD');
      assert.equal(headers.get('Content-Length'), String(size));
      const etag = headers.get('ETag') as string;
      const modified = headers.get('Last-Modified') as string;
      for (const [range, status, body, told] of [
        ['bytes=0-3', 206, '0123', `bytes 0-3/${size}`],
        ['bytes=8-9', 206, '89', `bytes 8-9/${size}`],
        ['bytes=-2', 206, '89', `bytes ${size - 2}-${size - 1}/${size}`],
        [`bytes=${size}-`, 416, undefined, `bytes */${size}`],
      ] as const) {
        const answer = yield* ask({ Range: range });
        assert.deepEqual([answer.status, answer.headers.get('Content-Range')], [status, told], range);
        if (body !== undefined) assert.equal(answer.body, body);
      }
      assert.equal((yield* ask({ Range: 'lines=1-2' })).status, 200);
      assert.equal((yield* ask({ 'If-None-Match': etag })).status, 304);
      assert.equal((yield* ask({ 'If-None-Match': '"other"' })).status, 200);
      assert.equal((yield* ask({ 'If-Modified-Since': modified })).status, 304);
      assert.equal((yield* ask({ 'If-Match': '"other"' })).status, 412);
      assert.equal((yield* ask({ Range: 'bytes=0-3', 'If-Range': '"other"' })).status, 200);
      yield* stop(served);
    }));
}

test('what lies packed beside a file goes to whom can read it', () =>
  run(function* () {
    const served = yield* withFolder();
    const url = `${served.url}/static/packed.js`;
    for (const [accept, body, coding] of [
      ['br, gzip', 'brotli', 'br'],
      ['gzip', 'gzipped', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzipped', 'gzip'],
      ['identity', 'plain', undefined],
    ] as const) {
      const answer = yield* builtin('http_get', url, options({ 'Accept-Encoding': accept }));
      const headers = field(answer, 'headers') as MapValue;
      assert.deepEqual(
        [field(answer, 'body'), headers.get('Content-Encoding'), headers.get('Vary'), headers.get('Content-Type')],
        [body, coding, 'Accept-Encoding', 'text/javascript; charset=utf-8'],
      );
    }
    yield* stop(served);
  }));

test('a changed file is served changed', () =>
  run(function* () {
    const served = yield* withFolder();
    const path = join(folder, 'changing.txt');
    const old = new Date(Date.now() - 60_000);
    for (const content of ['one', 'two', 'three']) {
      writeFileSync(path, content);
      utimesSync(path, old, old);
      for (let i = 0; i < 2; i++)
        assert.equal(field(yield* builtin('http_get', `${served.url}/static/changing.txt`), 'body'), content);
    }
    yield* stop(served);
  }));

test('a file as the answer of a handler, and static files behind middleware', () =>
  run(function* () {
    const served = yield* serving(
      {
        'GET /file': () =>
          builtin('http_stream_file', join(folder, 'small.bin'), options({ 'Content-Type': 'x/y' })).next().value,
      },
      {},
      function* (server) {
        yield* builtin('http_server_static', server, '/static', folder);
        yield* builtin('http_server_use', server, function* (_req: Value, next: () => Steps<MapValue>) {
          const answer = yield* next();
          (answer.get('headers') as MapValue).set('X-Seen', 'yes');
          return answer;
        } as unknown as FunctionValue);
      },
    );
    const file = yield* builtin('http_get', served.url + '/file', options({ Range: 'bytes=2-4' }));
    const headers = field(file, 'headers') as MapValue;
    assert.deepEqual(
      [field(file, 'status_code'), field(file, 'body'), headers.get('Content-Type'), headers.get('X-Seen')],
      [206, '234', 'x/y', 'yes'],
    );
    const index = yield* builtin('http_get', served.url + '/static/');
    assert.deepEqual(
      [field(index, 'body'), (field(index, 'headers') as MapValue).get('X-Seen')],
      ['<h1>index</h1>', 'yes'],
    );
    yield* fails('ENOENT', builtin('http_stream_file', join(folder, 'nothing')));
    yield* fails('EISDIR', builtin('http_stream_file', folder));
    yield* stop(served);
  }));
