/** The examples that speak HTTP: started as a person does, asked with Node's own client and with real programs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { directoryWith, RunningCommand } from '../support/command';

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

async function withExample(
  example: string,
  args: readonly string[],
  body: (url: string, server: RunningCommand) => Promise<void>,
): Promise<RunningCommand> {
  const server = new RunningCommand([`examples/${example}`, ...args]);
  const [, port] = await server.says(/port (\d+)\n/);
  try {
    await body(`http://127.0.0.1:${port}`, server);
  } finally {
    server.process.kill('SIGINT');
    assert.equal((await server.ended).status, 130);
  }
  return server;
}

async function json(url: string, method = 'GET', value?: unknown): Promise<{ status: number; value: unknown }> {
  const body = value === undefined ? {} : { body: JSON.stringify(value) };
  const answer = await fetch(url, { method, ...body, headers: { Connection: 'close' } });
  const text = await answer.text();
  return { status: answer.status, value: text === '' ? null : (JSON.parse(text) as unknown) };
}

test('web-api.sn serves its routes, also to curl, and writes a log', async () => {
  const directory = directoryWith({ 'page.html': '<p>hello</p>' });
  const server = await withExample('web-api.sn', ['0', directory], async (url) => {
    const health = (await json(`${url}/health`)).value as { status: string };
    assert.equal(health.status, 'healthy');
    assert.deepEqual(await json(`${url}/echo`, 'POST', { a: [1] }), { status: 200, value: { a: [1] } });
    const scan = (await json(`${url}/scan`, 'POST')).value as { target: string; open_ports: number[] };
    assert.equal(scan.target, '127.0.0.1');
    assert.ok(Array.isArray(scan.open_ports));
    const page = await fetch(`${url}/static/page.html`, { headers: { Connection: 'close' } });
    assert.deepEqual(
      [await page.text(), page.headers.get('content-type')],
      ['<p>hello</p>', 'text/html; charset=utf-8'],
    );
    if (!has('curl')) return;
    const curl = (...args: string[]): string =>
      spawnSync('curl', ['-s', '-m', '10', ...args], { encoding: 'utf8' }).stdout;
    assert.equal(curl('-d', '{"b":1}', `${url}/echo`), '{"b":1}');
    assert.equal(curl('-r', '3-7', `${url}/static/page.html`), 'hello');
    assert.match(curl('-I', `${url}/health`), /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(curl('-i', '--http2', `${url}/health`), /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(curl('--path-as-is', '-o', '/dev/null', '-w', '%{http_code}', `${url}/static/../secret`), '404');
  });
  assert.match(server.stdout, /^127\.0\.0\.1 - - \[.* \+0000\] "GET \/health HTTP\/1\.1" 200 \d+$/m);
});

test('rest-store.sn creates, changes, finds and deletes', () =>
  withExample('rest-store.sn', ['0'], async (url) => {
    assert.deepEqual(await json(`${url}/notes`, 'POST', { title: 'buy milk' }), {
      status: 201,
      value: { id: 1, title: 'buy milk', done: false },
    });
    assert.equal((await json(`${url}/notes`, 'POST', { name: 'x' })).status, 422);
    assert.equal((await json(`${url}/notes`, 'POST', { title: 'sleep' })).status, 201);
    assert.deepEqual((await json(`${url}/notes?contains=milk`)).value, [{ id: 1, title: 'buy milk', done: false }]);
    assert.deepEqual((await json(`${url}/notes/1`, 'PATCH', { done: true })).value, {
      id: 1,
      title: 'buy milk',
      done: true,
    });
    assert.equal((await json(`${url}/notes/1`, 'DELETE')).status, 204);
    assert.deepEqual(await json(`${url}/notes/1`), { status: 404, value: { error: 'there is no such note' } });
  }).then(() => {}));

test('rest-store has tests of its own, which pass', async () => {
  const { stdout, status } = await new RunningCommand(['test', 'examples/rest-store']).ended;
  assert.equal(status, 0, stdout);
  assert.match(stdout, /3 passed in 1 file/);
});

test('reverse-proxy.sn passes on requests and answers, and says when nobody answers', () =>
  withExample('rest-store.sn', ['0'], async (upstream) => {
    await withExample('reverse-proxy.sn', [upstream, '0'], async (url) => {
      assert.equal((await json(`${url}/notes`, 'POST', { title: 'through' })).status, 201);
      assert.deepEqual((await json(`${url}/notes/1`)).value, { id: 1, title: 'through', done: false });
      assert.equal((await json(`${url}/notes/9`)).status, 404);
    });
    await withExample('reverse-proxy.sn', ['http://127.0.0.1:1', '0'], async (url) => {
      assert.equal((await fetch(url, { headers: { Connection: 'close' } })).status, 502);
    });
  }).then(() => {}));

test('file-server.sn serves a directory', () => {
  const directory = directoryWith({ 'index.html': 'the index' });
  return withExample('file-server.sn', ['0', directory], async (url) => {
    assert.equal(await (await fetch(url, { headers: { Connection: 'close' } })).text(), 'the index');
  }).then(() => {});
});

test('site-checker.sn tells which sites are up', () =>
  withExample('rest-store.sn', ['0'], async (url) => {
    const good = await new RunningCommand(['examples/site-checker.sn', `${url}/notes`]).ended;
    assert.match(good.stdout, /\/notes +up +200/);
    assert.equal(good.status, 0);
    const bad = await new RunningCommand(['examples/site-checker.sn', `${url}/none`, 'http://127.0.0.1:1']).ended;
    assert.match(bad.stdout, /failing +404[^]*down +ECONNREFUSED/);
    assert.equal(bad.status, 1);
  }).then(() => {}));

const CHROMIUM = '/usr/bin/chromium';

test(
  'dashboard.sn shows its figures in a browser',
  { skip: existsSync(CHROMIUM) ? false : 'there is no Chromium' },
  () =>
    withExample('dashboard.sn', ['0'], async (url) => {
      const { chromium } = await import('playwright-core');
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        await page.goto(url);
        await page.waitForFunction('Number(document.getElementById("requests").textContent) >= 2', null, {
          timeout: 15_000,
        });
        await page.waitForFunction('Number(document.getElementById("seconds").textContent) >= 1', null, {
          timeout: 15_000,
        });
      } finally {
        await browser.close();
      }
    }).then(() => {}),
);
