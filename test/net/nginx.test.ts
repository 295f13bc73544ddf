/** A server of Sentra behind nginx, as most are: kept connections, bodies of all kinds, WebSockets, timeouts. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { directoryWith, RunningCommand } from '../support/command';
import { eventually, freePort, pause } from '../support/network';

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);
const BIG = Buffer.alloc(20_000_000, 'all work and no play makes jack a dull boy. ');
const files = directoryWith({ 'big.bin': '' });
const folder = directoryWith({});
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const configuration = (folder: string, port: number, upstream: string): string => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  access_log off; client_max_body_size 0; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream sentra { server 127.0.0.1:${upstream}; keepalive 4; }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
    location / { proxy_pass http://sentra/; }
    location /direct/ { proxy_pass http://sentra/; proxy_request_buffering off; proxy_buffering off; }
    location /old/ { proxy_pass http://sentra/; proxy_http_version 1.0; }
    location /short/ { proxy_pass http://sentra/; proxy_read_timeout 1s; }
    location /echo {
      proxy_pass http://sentra; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('behind nginx', { skip: NGINX === undefined ? 'nginx is not installed' : false }, () => {
  let server: RunningCommand;
  let nginx: ChildProcess;
  let port: number;

  before(async () => {
    writeFileSync(join(files, 'big.bin'), BIG);
    server = new RunningCommand([join(__dirname, 'programs', 'everyday-server.sn'), files, join(folder, 'log')]);
    const [, upstream] = await server.says(/port (\d+)\n/);
    mkdirSync(join(folder, 'logs'));
    port = await freePort();
    writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, upstream!));
    nginx = spawn(NGINX!, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] });
    for (let i = 0; ; i++) {
      if (
        await ask('GET', '/about').then(
          () => true,
          () => false,
        )
      )
        break;
      assert.ok(i < 100, 'nginx does not answer');
      await pause(50);
    }
  });

  after(async () => {
    nginx.kill();
    server.process.kill('SIGINT');
    assert.equal((await server.ended).status, 130);
  });

  function ask(
    method: string,
    path: string,
    body: Buffer | null = null,
    headers: http.OutgoingHttpHeaders = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const req = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (res) => {
        const pieces: Buffer[] = [];
        res.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
        res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(pieces) }));
      });
      req.on('error', reject);
      // Without a length it goes chunked.
      for (let at = 0; body !== null && at < body.length; at += 1_000_003) req.write(body.subarray(at, at + 1_000_003));
      req.end();
    });
  }

  const json = ({ body }: Answer): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;

  test('connections are kept, and the client is known', async () => {
    const ports = new Set<unknown>();
    for (let i = 0; i < 20; i++) {
      const seen = json(await ask('GET', '/about'));
      ports.add(seen['port']);
      const headers = seen['headers'] as Record<string, string>;
      assert.deepEqual(
        [headers['X-Forwarded-For'], headers['X-Forwarded-Proto'], headers['Host'], seen['version']],
        ['127.0.0.1', 'http', `127.0.0.1:${port}`, '1.1'],
      );
    }
    assert.equal(ports.size, 1, 'one connection serves all of them');
    assert.equal(json(await ask('GET', '/old/about'))['version'], '1.0');
    const forwarded = json(await ask('GET', '/about', null, { 'X-Forwarded-For': '192.0.2.1' }));
    assert.equal((forwarded['headers'] as Record<string, string>)['X-Forwarded-For'], '192.0.2.1, 127.0.0.1');
  });

  for (const path of ['/upload', '/direct/upload']) {
    test(`20 MB go up to ${path}, with a length and in chunks`, async () => {
      for (const headers of [{ 'Content-Length': BIG.length }, {}]) {
        const seen = json(await ask('POST', path, BIG, headers));
        const isChunked = path.startsWith('/direct') && !('Content-Length' in headers);
        assert.deepEqual(seen, { bytes: BIG.length, sha256: sha256(BIG), chunked: isChunked ? 'chunked' : null });
      }
    });
  }

  test('a body beyond the limit is refused, also in the midst of it', async () => {
    const tooLarge = Buffer.alloc(51_000_000);
    assert.equal((await ask('POST', '/upload', tooLarge, { 'Content-Length': tooLarge.length })).status, 413);
    const unbuffered = await ask('POST', '/direct/upload', tooLarge).then(
      ({ status }) => status,
      () => 'cut',
    );
    assert.ok([413, 502, 'cut'].includes(unbuffered), String(unbuffered));
    assert.equal((await ask('GET', '/about')).status, 200);
  });

  test('streams, files and parts of them come down', async () => {
    const lines = Array.from({ length: 200 }, (_none, i) => `piece ${i + 1}\n`).join('');
    for (const path of ['/stream', '/direct/stream', '/old/stream']) {
      assert.equal((await ask('GET', path)).body.toString(), lines, path);
    }
    for (const path of ['/static/big.bin', '/direct/static/big.bin', '/old/static/big.bin']) {
      const whole = await ask('GET', path);
      assert.deepEqual([whole.status, sha256(whole.body)], [200, sha256(BIG)], path);
      const part = await ask('GET', path, null, { Range: 'bytes=19999990-' });
      assert.deepEqual([part.status, part.body], [206, BIG.subarray(19_999_990)], path);
      const same = await ask('GET', path, null, { 'If-None-Match': String(whole.headers.etag) });
      assert.deepEqual([same.status, same.body.length], [304, 0]);
      const head = await ask('HEAD', path);
      assert.deepEqual([head.status, head.headers['content-length']], [200, String(BIG.length)]);
    }
  });

  test('a WebSocket goes through', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => heard.push(data.toString()));
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    for (let i = 0; i < 3; i++) socket.send(`hello ${i}`);
    await eventually(() => heard.length === 3, 'three answers');
    assert.deepEqual(
      heard,
      [0, 1, 2].map((i) => `hello ${i} from 127.0.0.1`),
    );
    socket.close();
    assert.equal(await new Promise((resolve) => socket.on('close', resolve)), 1005);
  });

  const count = (text: string): number => server.stdout.split(text).length - 1;

  test('where nginx gives up, or the client behind it goes, the handler is cancelled', async () => {
    const late = await ask('GET', '/short/slow');
    assert.equal(late.status, 504);
    await eventually(() => count('slow: cleaned up\n') === 1, 'it is cancelled');
    const req = http.get({ host: '127.0.0.1', port, path: '/slow', agent: false }).on('error', () => {});
    await eventually(() => count('slow: begun\n') === 2, 'it runs');
    req.destroy();
    await eventually(() => count('slow: cleaned up\n') === 2, 'it is cancelled');
    assert.equal(count('slow: never'), 0);
    assert.equal((await ask('GET', '/about')).status, 200);
    assert.equal(server.stderr, '');
  });
});
