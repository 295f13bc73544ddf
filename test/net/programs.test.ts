/**
 * Programs that talk to well-known hosts and ports, as people write them first: in a network namespace of their own
 * those names are this machine's, with certificates of an authority that SSL_CERT_FILE names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN } from '../support/command';

const PROGRAMS = join(__dirname, 'programs');
const HOSTS = ['httpbin.org', 'google.com', 'github.com', 'stackoverflow.com', 'echo.websocket.org'];

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

test('programs of requests, downloads, a web API, a monitor, sockets and WebSockets', (context) => {
  if (!works('unshare', '--mount', '--net', 'true')) return context.skip('needs root, for namespaces');
  if (!works('openssl', 'version')) return context.skip('openssl is not installed');
  if (!works('ip', '-V')) return context.skip('ip (iproute2) is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'sentra-programs-'));
  try {
    const results = runAll(folder);
    const program = (name: string): Ended => results[name] as Ended;
    for (const name of [
      'requests.sn',
      'patch-and-download.sn',
      'monitor.sn',
      'websocket-client.sn',
      'udp.sn',
      'tcp-client.sn',
    ]) {
      assert.deepEqual([name, program(name).stderr, program(name).status], [name, '', 0]);
    }
    const requests = program('requests.sn').stdout;
    assert.match(
      requests,
      /^Status: 200\nHeaders: \{.*"Server": "little-internet".*\}\nBody: \{"method":"GET","path":"\/json"/,
    );
    assert.match(requests, /\nPOST response: 200\n$/);
    assert.equal(
      program('patch-and-download.sn').stdout,
      '200\nDownloading https://httpbin.org/json...\nDownloaded to sample.json\n',
    );
    assert.equal((JSON.parse(readFileSync(join(folder, 'sample.json'), 'utf8')) as { path: string }).path, '/json');
    const monitor = program('monitor.sn').stdout;
    assert.match(monitor, /google\.com is UP \(HTTP 200, \d+ms\)\n/);
    assert.match(monitor, /stackoverflow\.com is DOWN: http_get: /);
    assert.match(
      monitor,
      /=== Network Monitor Report ===\ngoogle\.com: UP - \d+ms\ngithub\.com: UP - \d+ms\nstackoverflow\.com: DOWN - /,
    );
    assert.match(
      program('websocket-client.sn').stdout,
      /Received: Hello WebSocket!\nReceived: This is a test message\n/,
    );
    assert.match(program('udp.sn').stdout, /UDP response: UDP Echo: Hello UDP!\n/);
    assert.equal(program('tcp-client.sn').stdout, 'Server responded: Echo: Hello, Server!\n');
    assert.match(
      program('tcp-server.sn').stdout,
      /Client connected: tcp:127\.0\.0\.1:\d+#\d+\nReceived: Hello, Server!\n/,
    );
    const answer = (name: string): Answer => results[name] as Answer;
    assert.match(answer('health').text, /^\{"status": "healthy", "timestamp": \d+\}$/);
    assert.equal(answer('health').type, 'application/json');
    assert.equal(answer('echo').text, '{"a": 1}');
    assert.deepEqual(JSON.parse(answer('scan').text), { target: '127.0.0.1', open_ports: 0 });
    assert.deepEqual([answer('static').status, answer('static').text], [200, 'p { color: red }']);
    assert.notEqual(answer('missing').status, 200);
    assert.equal(program('web-api.sn').stderr, '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function runAll(folder: string): Record<string, Ended | Answer> {
  const at = (name: string): string => join(folder, name);
  const names = HOSTS.map((host) => `DNS:${host}`).join(',');
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=Test authority', '-addext', `subjectAltName=${names}`];
  spawnSync('openssl', [...made, '-keyout', at('key.pem'), '-out', at('cert.pem'), ...subject], { stdio: 'ignore' });
  writeFileSync(at('hosts'), `127.0.0.1 localhost ${HOSTS.join(' ')}\n`);
  writeFileSync(at('secret.txt'), 'secret');
  mkdirSync(at('public'));
  writeFileSync(join(at('public'), 'page.css'), 'p { color: red }');
  const inside = 'ip link set lo up && mount --bind "$1" /etc/hosts && shift && cd "$1" && shift && exec "$@"';
  const programs = [process.execPath, join(PROGRAMS, 'internet.mjs'), BIN, PROGRAMS, at('key.pem'), at('cert.pem')];
  const args = ['--mount', '--net', 'sh', '-c', inside, 'sh', at('hosts'), folder, ...programs];
  const ended = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 });
  assert.equal(ended.status, 0, ended.stderr);
  return JSON.parse(ended.stdout) as Record<string, Ended | Answer>;
}
