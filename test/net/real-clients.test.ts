/** A server of Sentra asked by curl, wrk and a browser, and what its handlers do when things go wrong. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { directoryWith, RunningCommand } from '../support/command';
import { eventually } from '../support/network';

const CHROMIUM = '/usr/bin/chromium';
const missing = (program: string): string | false =>
  spawnSync(program, ['--version']).error === undefined ? false : `${program} is not installed`;
const run = promisify(execFile);

const BIG = Buffer.alloc(5_000_000, 'all work and no play makes jack a dull boy. ');
const PAGE = `<!doctype html><link rel="stylesheet" href="style.css"><script src="page.js"></script>
<img id="picture" src="picture.svg"><audio id="sound" src="sound.wav" preload="metadata"></audio><p id="text">`;
const SCRIPT = `
window.events = [];
const source = new EventSource('/events');
source.onmessage = (event) => window.events.push(event.lastEventId + ':' + JSON.parse(event.data).count);
fetch('/upload', { method: 'POST', body: 'x'.repeat(100000) })
  .then((answer) => answer.json())
  .then(({ bytes }) => (document.getElementById('text').textContent = bytes + ' bytes'));
`;

/** A minute of silence, 8,000 samples a second: a browser asks for the parts it plays. */
function wave(): Buffer {
  const data = Buffer.alloc(60 * 8000 * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0).valueOf();
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    head.writeUInt16LE(value, at);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const files = directoryWith({
  'index.html': PAGE,
  'style.css': 'p { color: rgb(1, 2, 3) }',
  'page.js': `addEventListener('load', () => {${SCRIPT}});`,
  'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>',
  'other.html': '<p>another page</p>',
});
writeFileSync(join(files, 'big.bin'), BIG);
writeFileSync(join(files, 'sound.wav'), wave());
const work = directoryWith({});
const LOG = join(work, 'log');

describe('a server of every day', () => {
  let server: RunningCommand;
  let url: string;

  before(async () => {
    server = new RunningCommand([join(__dirname, 'programs', 'everyday-server.sn'), files, LOG]);
    const [, port] = await server.says(/port (\d+)\n/);
    url = `http://127.0.0.1:${port}`;
  });

  after(async () => {
    server.process.kill('SIGINT');
    assert.equal((await server.ended).status, 130);
  });

  /** The lines of the access log so far. */
  const log = (): { url: string; status: number; bytes: number }[] =>
    readFileSync(LOG, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { url: string; status: number; bytes: number });

  test('curl: methods, bodies, versions, ranges, what it goes on with', { skip: missing('curl') }, async () => {
    const curl = async (...args: string[]): Promise<string> =>
      (await run('curl', ['-sS', '-m', '20', ...args], { maxBuffer: 1e8 })).stdout;
    const code = ['-o', '/dev/null', '-w', '%{http_code} %{http_version} %{num_connects};'];
    assert.equal(await curl(...code, `${url}/about`, ...code, `${url}/about`), '200 1.1 1;200 1.1 0;', 'kept');
    assert.equal(await curl(...code, '--http1.0', `${url}/about`), '200 1.1 1;');
    assert.equal(await curl(...code, '--http2', `${url}/about`), '200 1.1 1;', 'an upgrade that is not taken');
    assert.equal(await curl(...code, '-I', `${url}/static/big.bin`), '200 1.1 1;');
    assert.equal(await curl(...code, '-X', 'DELETE', `${url}/about`), '405 1.1 1;');
    assert.equal(await curl(...code, '--path-as-is', `${url}/static/../../etc/passwd`), '404 1.1 1;');
    const big = join(files, 'big.bin');
    const sha256 = createHash('sha256').update(BIG).digest('hex');
    for (const [args, chunked] of [
      [['--data-binary', `@${big}`], null],
      [['-H', 'Expect: 100-continue', '--data-binary', `@${big}`], null],
      [['-H', 'Transfer-Encoding: chunked', '--data-binary', `@${big}`], 'chunked'],
      [['-X', 'POST', '-T', big, '-H', 'Transfer-Encoding: chunked'], 'chunked'],
    ] as const) {
      const seen = JSON.parse(await curl(...args, `${url}/upload`)) as unknown;
      assert.deepEqual(seen, { bytes: BIG.length, sha256, chunked }, args.join(' '));
    }
    const refused = await run('curl', ['-sS', '-H', 'Content-Length: 60000000', '-d', 'x', ...code, `${url}/upload`]);
    assert.match(refused.stdout, /^413 /);
    assert.equal(await curl('-r', '4999990-', `${url}/static/big.bin`), BIG.subarray(-10).toString());
    const file = join(work, 'big.bin');
    writeFileSync(file, BIG.subarray(0, 3_000_001));
    await curl('-C', '-', '-o', file, `${url}/static/big.bin`);
    assert.ok(readFileSync(file).equals(BIG));
    await eventually(
      () => log().some((line) => line.status === 206 && line.bytes === BIG.length - 3_000_001),
      'the rest',
    );
    const events = await run('curl', ['-sN', '-m', '1', `${url}/events`]).catch((error: unknown) => error);
    assert.match((events as { stdout: string }).stdout, /^id: 1\ndata: \{"count":1\}\n\n[^]*id: 5\n/);
    assert.equal((await curl(`${url}/stream`)).split('\n').length, 201);
  });

  test('1,000 requests of a second each end together', async () => {
    const begun = performance.now();
    const agent = new http.Agent({ keepAlive: false });
    const one = (): Promise<string> =>
      new Promise((resolve, reject) => {
        http
          .get(`${url}/second`, { agent }, (res) => {
            let text = '';
            res.setEncoding('utf8').on('data', (piece: string) => (text += piece));
            res.on('end', () => resolve(text));
          })
          .on('error', reject);
      });
    const answers = await Promise.all(Array.from({ length: 1000 }, one));
    assert.ok(answers.every((text) => text === 'a second later'));
    // One after the other they would take more than a quarter of an hour.
    assert.ok(performance.now() - begun < 10_000);
  });

  test('a handler that fails: 500 without a word, the error on stderr; one whose client goes is cleaned up', async () => {
    const failed = await fetch(`${url}/fails`, { headers: { Connection: 'close' } });
    assert.deepEqual([failed.status, await failed.text()], [500, '500 Internal Server Error\n']);
    await server.says(/error\[ENULL\]: cannot read 'plan' of 'req\["secret"\]'[^]*everyday-server\.sn:\d+/);
    const req = http.get(`${url}/slow`).on('error', () => {});
    await server.says('slow: begun\n');
    req.destroy();
    await server.says('slow: cleaned up\n');
    await eventually(() => log().at(-1)!.status === 499, 'it is in the log');
    assert.ok(!server.stdout.includes('slow: never'));
  });

  const noBrowser = existsSync(CHROMIUM) ? false : 'there is no Chromium';
  test(
    'a browser: a page with its files, fetch, events, parts of a sound, a download',
    { skip: noBrowser },
    async () => {
      const { chromium } = await import('playwright-core');
      const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'];
      const browser = await chromium.launch({ executablePath: CHROMIUM, args });
      const waiting = { timeout: 20_000 };
      try {
        const page = await browser.newPage();
        await page.goto(`${url}/static/`);
        await page.waitForFunction('document.getElementById("text").textContent === "100000 bytes"', null, waiting);
        assert.equal(await page.evaluate('getComputedStyle(document.querySelector("p")).color'), 'rgb(1, 2, 3)');
        assert.equal(await page.evaluate('document.getElementById("picture").naturalWidth'), 30);
        await page.waitForFunction('window.events.length === 5', null, waiting);
        assert.deepEqual(await page.evaluate('window.events'), ['1:1', '2:2', '3:3', '4:4', '5:5']);
        await page.waitForFunction('document.getElementById("sound").duration === 60', null, waiting);
        await page.evaluate('document.getElementById("sound").currentTime = 50');
        await page.waitForFunction('document.getElementById("sound").seeking === false', null, waiting);
        await eventually(
          () => log().some((line) => line.url.endsWith('.wav') && line.status === 206),
          'a part is asked for',
        );
        const whole = 'fetch("/static/big.bin").then((a) => a.arrayBuffer()).then((b) => b.byteLength)';
        assert.equal(await page.evaluate(whole), BIG.length);
        const part =
          'fetch("/static/big.bin", {headers: {Range: "bytes=-7"}}).then((a) => a.text().then((t) => [a.status, t]))';
        assert.deepEqual(await page.evaluate(part), [206, BIG.subarray(-7).toString()]);
        await page.reload();
        await eventually(
          () => log().some(({ url: path, status }) => path.endsWith('.css') && status === 304),
          'kept files',
        );
        await page.goto(`${url}/static/other.html`);
        // The events of the page that was left end with it: its handler is cancelled.
        await eventually(() => log().some(({ url: path }) => path === '/events'), 'the events end');
      } finally {
        await browser.close();
      }
    },
  );

  test('wrk: no answer is missing or wrong', { skip: missing('wrk') }, async () => {
    for (const path of ['/about', '/static/style.css', '/stream']) {
      const { stdout } = await run('wrk', ['-t1', '-c50', '-d1s', url + path]);
      assert.match(stdout, /\d\d+ requests in /, path);
      assert.doesNotMatch(stdout, /Socket errors|Non-2xx/, path);
    }
  });
});
