/** `sentra analyze`: the report, the JSON, the page, and what it says when something is wrong. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import type { JSHandle } from 'playwright-core';
import type { StoredPacket } from '../../src/wire/capture-file/writer';
import { ACK } from '../../src/wire/packet/protocols';
import { missing } from './programs';
import { captureFile, segment } from './support';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'sentra-analyze-'));
after(() => rmSync(folder, { recursive: true }));
const captures = join(__dirname, 'captures');

function analyze(...args: string[]): { status: number | null; out: string; err: string } {
  const ended = spawnSync(join(root, 'bin/sentra'), ['analyze', ...args], { encoding: 'utf8', timeout: 30_000 });
  return { status: ended.status, out: ended.stdout, err: ended.stderr };
}

test('a report for people', () => {
  const { status, out, err } = analyze(join(captures, 'credentials.pcap'));
  assert.deepEqual([status, err], [0, '']);
  assert.match(out, /56 packets · 4\.3 kB/);
  assert.match(out, /^ {4}ip +█+ 100\.0 % +56/m);
  assert.match(out, /medium plain-text credentials: 10\.77\.0\.1 sent the password of "alice"/);
  assert.match(out, /GET +10\.77\.0\.2 +\/ +1$/m);
});

test('long times are told in minutes and hours', () => {
  const path = join(folder, 'long.pcap');
  const at = (time: number): StoredPacket => segment({ time, source: '10.0.0.1', target: '10.0.0.2', ports: [40_000, 80], flags: ACK, sequence: 1 }); // prettier-ignore
  const told = (seconds: number): string => {
    writeFileSync(path, captureFile('pcap', [at(1), at(1 + seconds)]));
    return / · ([^·]+) · [^·]+ packets\/s/.exec(analyze(path).out)![1]!;
  };
  assert.deepEqual([0.25, 90, 3720, 145_000].map(told), ['0.25 s', '90.0 s', '62 min 0 s', '40 h 16 min']);
});

test('JSON for programs, with options behind the file', () => {
  const { status, out } = analyze(join(captures, 'ordinary.pcap'), '--json', '--filter', 'udp port 53');
  const result = JSON.parse(out) as { total_packets: number; findings: unknown[]; dns_names: { name: string }[] };
  assert.deepEqual([status, result.total_packets, result.findings], [0, 12, []]);
  assert.ok(result.dns_names.some(({ name }) => name === 'www.example.test'));
});

/** A request whose path, host and user are hostile to terminals and pages. */
const HOSTILE = '<img src=x onerror=alert(1)>';

function hostileCapture(): string {
  const path = join(folder, 'hostile.pcap');
  const basic = Buffer.from(`${HOSTILE}\x1b[31m:secret`).toString('base64');
  const head = `GET /"><script>alert(2)</script>\x1b]0;owned\x07 HTTP/1.1\r\nHost: ${HOSTILE}\r\nAuthorization: Basic ${basic}\r\n\r\n`;
  writeFileSync(path, captureFile('pcap', [segment({ time: 1, source: '10.0.0.1', target: '10.0.0.2', ports: [40_000, 80], flags: ACK, sequence: 1, data: head })])); // prettier-ignore
  return path;
}

test('what packets hold never reaches the terminal as it is', () => {
  const { out } = analyze(hostileCapture());
  // eslint-disable-next-line no-control-regex -- the very bytes that must not come through
  assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f]/);
  assert.match(out, /sent the password of "<img/);
});

test('the page runs nothing of what packets hold', { skip: missing('chromium') }, async () => {
  const page = join(folder, 'page.html');
  assert.equal(analyze(hostileCapture(), '--html', page).status, 0);
  const text = readFileSync(page, 'utf8');
  assert.doesNotMatch(text, /<script|<img|\x1b/); // eslint-disable-line no-control-regex -- see above
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    const problems: string[] = [];
    tab.on('dialog', (dialog) => void problems.push(dialog.message()));
    tab.on('pageerror', (error) => void problems.push(error.message));
    tab.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(request.url());
    });
    await tab.goto(`file://${page}`);
    assert.deepEqual(problems, []);
    assert.equal(await tab.locator('svg').count(), 3);
    assert.equal(await tab.locator('.finding').count(), 1);
    assert.match((await tab.locator('.finding').textContent()) ?? '', /<img src=x onerror=alert\(1\)>/);
    const handle: JSHandle = await tab.evaluateHandle('document.documentElement.scrollWidth <= window.innerWidth');
    assert.equal(await handle.jsonValue(), true);
  } finally {
    await browser.close();
  }
});

const WRONG: readonly (readonly [string[], number, RegExp])[] = [
  [[], 2, /takes a capture file, or --live and an interface/],
  [['a', 'b'], 2, /takes a capture file/],
  [['--live'], 2, /--live takes an interface/],
  [['--live', 'lo', 'soon'], 2, /how long to look is a number of seconds, got 'soon'/],
  [['--top', '0', 'a'], 2, /--top takes a whole number/],
  [['--jsn', 'a'], 2, /there is no option '--jsn'[^]*did you mean '--json'/],
  [['/nowhere.pcap'], 1, /there is no such file/],
  [[join(root, 'README.md')], 1, /is no capture file but/],
  [[join(captures, 'ordinary.pcap'), '--filter', 'tcp prot'], 1, /the filter "tcp prot" is wrong/],
  [['--live', 'none', '1'], 1, /there is no network interface "none"/],
];

test('mistakes are explained', () => {
  for (const [args, status, message] of WRONG) {
    const ended = analyze(...args);
    assert.equal(ended.status, status, ended.err);
    assert.match(ended.err, message);
    assert.doesNotMatch(ended.err, /\.ts:|at .*\(node:/);
  }
});
