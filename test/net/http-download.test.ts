/** Downloads into files: whole or not at all, gone on with where they stopped, with little memory. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as zlib from 'node:zlib';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { directoryWith, RunningCommand } from '../support/command';
import { nothingLeftOfHttp } from '../support/http';
import { eventually } from '../support/network';
import { builtin, fails, field, options, run, until } from '../support/run-tasks';
import { hasPython, Terminal } from '../support/terminal';

const directory = mkdtempSync(join(tmpdir(), 'sentra-download-'));
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await nothingLeftOfHttp();
});

function* listening(handle: http.RequestListener): Steps<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer(handle);
  yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const content = Buffer.alloc(1_000_000, 'The quick brown fox. ');

test('goes on where it stopped, while the file is the same', () =>
  run(function* () {
    let version = '"one"';
    let bytes = content;
    const asked: (string | undefined)[] = [];
    let breakAt = 400_000;
    const server = yield* listening((req, res) => {
      const { range } = req.headers;
      asked.push(range);
      const fits = req.headers['if-range'] === version;
      const start = range !== undefined && fits ? Number(/bytes=(\d+)-/.exec(range)![1]) : 0;
      res.writeHead(start > 0 ? 206 : 200, {
        ETag: version,
        'Content-Length': bytes.length - start,
        ...(start > 0 ? { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
      });
      if (breakAt === 0) res.end(bytes.subarray(start));
      else res.write(bytes.subarray(start, breakAt), () => setTimeout(() => res.destroy(), 50));
    });
    const path = join(directory, 'resumed');
    writeFileSync(path, 'the old one');
    yield* fails('ECONNRESET', builtin('http_download', server.url, path), /cut short/);
    assert.equal(readFileSync(path, 'utf8'), 'the old one');
    const part = statSync(path + '.part').size;
    assert.ok(part > 0 && part <= 400_000);
    breakAt = 0;
    const result = yield* builtin('http_download', server.url, path);
    assert.deepEqual(
      [field(result, 'size'), field(result, 'resumed_at'), field(result, 'status_code')],
      [content.length, part, 206],
    );
    assert.ok(readFileSync(path).equals(content));
    assert.ok(!existsSync(path + '.part') && !existsSync(path + '.part.version'));
    assert.deepEqual(asked, [undefined, `bytes=${part}-`]);
    // Another version by then: all of it again.
    breakAt = 300_000;
    yield* fails('ECONNRESET', builtin('http_download', server.url, path));
    [version, bytes, breakAt] = ['"two"', Buffer.alloc(500_000, 'x'), 0];
    const again = yield* builtin('http_download', server.url, path);
    assert.deepEqual([field(again, 'size'), field(again, 'resumed_at')], [500_000, 0]);
    assert.ok(readFileSync(path).equals(bytes));
    yield* until(server.close());
  }));

test('a packed one arrives unpacked, a failed one leaves nothing under its name', () =>
  run(function* () {
    const server = yield* listening((req, res) => {
      if (req.url === '/file/missing') res.writeHead(404).end('no');
      else res.writeHead(200, { 'Content-Encoding': 'gzip' }).end(zlib.gzipSync(content));
    });
    const path = join(directory, 'packed');
    const result = yield* builtin('http_download', server.url, path);
    assert.equal(field(result, 'size'), content.length);
    assert.ok(readFileSync(path).equals(content));
    const missing = join(directory, 'missing');
    const error = yield* fails(
      'ESTATUS',
      builtin('http_download', server.url + '/missing', missing),
      /answers 404 Not Found/,
    );
    assert.equal(error.get('status_code'), 404);
    assert.ok(!existsSync(missing) && !existsSync(missing + '.part'));
    yield* fails(
      'ENOENT',
      builtin('http_download', server.url, join(directory, 'no', 'such')),
      /its directory does not exist/,
    );
    yield* fails('EISDIR', builtin('http_download', server.url, directory), /directory/);
    yield* fails('ESTATUS', builtin('http_download', server.url + '/missing'));
    assert.equal(((yield* builtin('http_download', server.url)) as string).length, content.length);
    yield* until(server.close());
  }));

test('200 MB with little memory', () =>
  run(function* () {
    const size = 200_000_000;
    const piece = Buffer.alloc(64 * 1024, 'abc');
    const server = yield* listening((_req, res) => {
      res.writeHead(200, { 'Content-Length': size });
      let left = size;
      const more = (): void => {
        while (left > 0) {
          const next = piece.subarray(0, Math.min(left, piece.length));
          left -= next.length;
          if (!res.write(next)) {
            res.once('drain', more);
            return;
          }
        }
        res.end();
      };
      more();
    });
    const path = join(directory, 'large');
    const before = process.memoryUsage().rss;
    const result: Value = yield* builtin('http_download', server.url, path, options({}));
    assert.equal(field(result, 'size'), size);
    assert.equal(statSync(path).size, size);
    assert.ok(process.memoryUsage().rss - before < 150_000_000, 'memory does not grow with the file');
    const digest = createHash('sha256').update(readFileSync(path).subarray(-100)).digest('hex');
    assert.equal(digest.length, 64);
    yield* until(server.close());
  }));

/** Serves with a program of Sentra, so that the process can be killed. */
async function fileServer(port: number, folder: string): Promise<{ server: RunningCommand; port: number }> {
  const server = new RunningCommand(['examples/file-server.sn', String(port), folder]);
  const [, at] = await server.says(/port (\d+)\n/);
  return { server, port: Number(at) };
}

const partSize = (path: string): number => statSync(`${path}.part`, { throwIfNoEntry: false })?.size ?? 0;

test('a download goes on after its server was killed half-way, by the date of the file', async () => {
  const folder = directoryWith({});
  const size = 50_000_000;
  const source = join(folder, 'source.bin');
  const bytes = Buffer.alloc(size, 'not the same everywhere: 0123456789');
  writeFileSync(source, bytes);
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(source, old, old);
  const path = join(folder, 'got.bin');
  const first = await fileServer(0, folder);
  const url = `http://127.0.0.1:${first.port}/source.bin`;
  const program = join(folder, 'get.sn');
  writeFileSync(
    program,
    `let got = http_download(${JSON.stringify(url)}, ${JSON.stringify(path)})\nlog(got["resumed_at"])`,
  );
  const broken = new RunningCommand([program]);
  await eventually(() => partSize(path) > size / 10, 'a part is there');
  first.server.process.kill('SIGKILL');
  const { stderr, status } = await broken.ended;
  assert.equal(status, 1);
  assert.match(stderr, /error\[ECONNRESET\]: http_download: the body of .* is cut short: \d+ of 50000000 bytes/);
  const kept = partSize(path);
  assert.ok(kept > 0 && kept < size);
  const second = await fileServer(first.port, folder);
  const again = await new RunningCommand([program]).ended;
  assert.deepEqual([again.stdout, again.stderr], [`${kept}\n`, '']);
  assert.ok(readFileSync(path).equals(bytes));
  second.server.process.kill();
  await second.server.ended;
});

test('a bar with rate and time left on a terminal, nothing on a pipe', { skip: !hasPython }, async () => {
  const piece = Buffer.alloc(100_000);
  const server = http.createServer((_req, res) => {
    res.writeHead(200, { 'Content-Length': 30 * piece.length });
    let left = 30;
    const timer = setInterval(() => {
      res.write(piece);
      if (--left > 0) return;
      clearInterval(timer);
      res.end();
    }, 50);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = directoryWith({});
  const program = join(folder, 'get.sn');
  writeFileSync(
    program,
    `http_download(${JSON.stringify(url)}, ${JSON.stringify(join(folder, 'data.bin'))})\nlog("done")`,
  );
  const terminal = new Terminal([program]);
  const shown = await terminal.shows('done');
  assert.match(shown, /data\.bin.*█.*░.*\d+% .*MB.*\d (kB|MB)\/s.*\d+ ?s/);
  assert.equal(await terminal.end(), 0);
  const piped = await new RunningCommand([program]).ended;
  assert.deepEqual([piped.stdout, piped.stderr], ['done\n', '']);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
