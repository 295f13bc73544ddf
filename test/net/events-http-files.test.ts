/** The stream of events tells of the files that HTTP reads and writes: sent, served, downloaded, logged. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { HostEvent } from '../../src/host/events';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { bytesOf, eventsOf, kindsOf } from '../support/events';
import { nothingLeftOfHttp, serving, stop } from '../support/http';
import { builtin, fails, options, run, until } from '../support/run-tasks';

const directory = mkdtempSync(join(tmpdir(), 'sentra-events-'));
after(async () => {
  rmSync(directory, { recursive: true });
  await nothingLeftOfHttp();
});

const LARGE = Buffer.alloc(1_000_000, '0123456789');
const folder = join(directory, 'public');
mkdirSync(folder);
writeFileSync(join(folder, 'small.txt'), 'small');
writeFileSync(join(folder, 'large.bin'), LARGE);

/** The events of `body` on files. */
function* ofFiles(body: () => Steps<unknown>): Steps<HostEvent[]> {
  const events = yield* eventsOf(body);
  return events.filter(({ subject }) => subject.protocol === 'file');
}

function under(events: readonly HostEvent[], path: string): HostEvent[] {
  return events.filter(({ subject }) => subject.remote?.host === path);
}

const WHOLE = ['opened', 'bytes', 'closed'];

test('files that a server sends: as many bytes as were read', () =>
  run(function* () {
    const events = yield* ofFiles(function* () {
      const served = yield* serving({}, {}, (server) => builtin('http_server_static', server, '/static/', folder));
      for (const path of ['small.txt', 'large.bin']) yield* builtin('http_get', `${served.url}/static/${path}`);
      const part = options({ Range: 'bytes=10-19' });
      yield* builtin('http_get', `${served.url}/static/large.bin`, part);
      yield* builtin('http_get', `${served.url}/static/missing`);
      yield* sleep(20);
      yield* stop(served);
    });
    assert.deepEqual([...new Set(events.map(({ subject }) => subject.handle.split(':')[0]))], ['http_server_static']);
    const large = Object.entries(kindsOf(under(events, join(folder, 'large.bin'))));
    assert.deepEqual(large.map(([, kinds]) => kinds), [WHOLE, WHOLE]); // prettier-ignore
    const bytes = large.map(([handle]) => bytesOf(events.filter(({ subject }) => subject.handle === handle), 'in').toString()); // prettier-ignore
    assert.deepEqual([bytes[0] === LARGE.toString(), bytes[1]], [true, '0123456789']);
    const small = under(events, join(folder, 'small.txt'));
    assert.deepEqual(Object.values(kindsOf(small)), [WHOLE]);
    assert.equal(bytesOf(small, 'in').toString(), 'small');
    assert.deepEqual(Object.values(kindsOf(under(events, join(folder, 'missing')))), []);
  }));

test('a file as the answer of a handler: looked at by the handler, then read', () =>
  run(function* () {
    const path = join(folder, 'large.bin');
    const answer = function* (): Steps<Value> {
      return yield* builtin('http_stream_file', path);
    };
    const events = yield* ofFiles(function* () {
      const served = yield* serving({ 'GET /file': answer });
      yield* builtin('http_get', `${served.url}/file`);
      yield* sleep(20);
      yield* stop(served);
    });
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'closed'], WHOLE]); // prettier-ignore
    assert.ok(bytesOf(events, 'in').equals(LARGE));
    const tasks = new Set(events.map((event) => event.task));
    assert.equal(tasks.size, 1, 'the task of the handler has both');
  }));

test('the access log', () =>
  run(function* () {
    const log = join(directory, 'access.log');
    const events = yield* ofFiles(function* () {
      const settings = { access_log: 'common', access_log_file: log };
      const served = yield* serving({ 'GET /': () => 'x' }, settings);
      for (let i = 0; i < 3; i++) yield* builtin('http_get', served.url);
      yield* stop(served);
      yield* sleep(50);
    });
    assert.deepEqual(Object.values(kindsOf(events)), [WHOLE]);
    assert.equal(events[0]!.subject.role, 'write');
    assert.equal(bytesOf(events, 'out').toString(), readFileSync(log, 'utf8'));
    assert.equal(readFileSync(log, 'utf8').split('\n').length, 4);
  }));

function upload(url: string, path: string): Steps<Value> {
  return builtin('http_post', url, null, null, options({ multipart: options({ sent: options({ file: path }) }) }));
}

test('an upload: the file is looked at, then read; of one that has gone meanwhile, why', () =>
  run(function* () {
    const path = join(directory, 'upload');
    writeFileSync(path, LARGE);
    const server = http.createServer((req, res) => req.resume().on('end', () => res.end('thanks')));
    yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const events = yield* ofFiles(() => upload(url, path));
    server.close();
    assert.deepEqual(Object.values(kindsOf(events)), [['opened', 'closed'], WHOLE]); // prettier-ignore
    assert.ok(bytesOf(events, 'in').equals(LARGE));
    assert.equal(events[0]!.subject.remote!.host, path);
    const gone = yield* ofFiles(
      () =>
      fails('ENOENT', upload(url, `${path}x`)), // prettier-ignore
    );
    assert.deepEqual(Object.values(kindsOf(gone)), [['opened', 'error', 'closed']]);
  }));

test('a download, one that breaks, and one that has no place', () =>
  run(function* () {
    let breaks = true;
    const server = http.createServer((_req, res) => {
      res.writeHead(200, { 'Content-Length': LARGE.length });
      if (breaks) res.write(LARGE.subarray(0, 1000), () => setTimeout(() => res.destroy(), 20));
      else res.end(LARGE);
    });
    yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const path = join(directory, 'download');
    const broken = yield* ofFiles(() => fails('ECONNRESET', builtin('http_download', url, path)));
    assert.deepEqual(Object.values(kindsOf(broken)), [WHOLE]);
    assert.equal(bytesOf(broken, 'out').length, 1000);
    breaks = false;
    const whole = yield* ofFiles(() => builtin('http_download', url, path));
    assert.deepEqual(Object.values(kindsOf(whole)), [WHOLE]);
    assert.ok(bytesOf(whole, 'out').equals(LARGE));
    const nowhere = join(directory, 'no', 'where');
    const lost = yield* ofFiles(() => fails('ENOENT', builtin('http_download', url, nowhere)));
    assert.deepEqual(Object.values(kindsOf(lost)), [['opened', 'error', 'closed']]);
    server.close();
  }));

test('the interfaces of the machine, and names that need no question', () =>
  run(function* () {
    const events = yield* eventsOf(function* () {
      yield* builtin('network_interfaces');
      assert.deepEqual(yield* builtin('dns_lookup', '192.0.2.7'), ['192.0.2.7']);
    });
    assert.deepEqual(events.map(({ kind, subject }) => `${subject.handle.split('#')[0]} ${kind}`), [
      ...['network_interfaces:the network interfaces opened', 'network_interfaces:the network interfaces closed'],
      ...['lookup:192.0.2.7 opened', 'lookup:192.0.2.7 closed'],
    ]); // prettier-ignore
  }));
