/** The opening handshake (RFC 6455, section 4): what a server refuses and how, and what a client does not believe. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';
import { drained, nothingLeft, pause, rawServer } from '../support/network';
import { builtin, fails, field, options, run, until } from '../support/run-tasks';
import { acceptFor, readHead } from './raw-peer';

after(nothingLeft);

const GOOD = [
  'GET /chat HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

/** The good request with lines changed: a line in place of that with the same name, or one left out. */
function request(changes: Record<string, string | null>, first = GOOD[0]!): string {
  const lines = GOOD.slice(1).flatMap((line) => {
    const name = line.slice(0, line.indexOf(':'));
    const change = changes[name];
    return change === undefined ? [line] : change === null ? [] : [`${name}: ${change}`];
  });
  return [first, ...lines, '', ''].join('\r\n');
}

async function answerTo(port: number, text: string): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.write(Buffer.from(text, 'latin1'));
  const answer = (await drained(socket)).toString('latin1');
  socket.destroy();
  return answer;
}

const REFUSED: [title: string, status: number, request: string][] = [
  ['a key that is no 16 bytes', 400, request({ 'Sec-WebSocket-Key': 'c2hvcnQ=' })],
  ['a key that is no base64', 400, request({ 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' })],
  ['no key', 400, request({ 'Sec-WebSocket-Key': null })],
  ['no version', 426, request({ 'Sec-WebSocket-Version': null })],
  ['version 12', 426, request({ 'Sec-WebSocket-Version': '12' })],
  ['version 8', 426, request({ 'Sec-WebSocket-Version': '8' })],
  ['another protocol', 400, request({ Upgrade: 'h2c' })],
  ['no upgrade', 426, request({ Upgrade: null, Connection: 'close' })],
  ['a plain request', 426, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['POST', 405, request({}, 'POST /chat HTTP/1.1')],
  ['HTTP/1.0', 505, request({}, 'GET /chat HTTP/1.0')],
  ['no host', 400, request({ Host: null })],
  ['a header over 16 KiB', 431, request({ Host: 'x'.repeat(20_000) })],
  ['what is no HTTP', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a control byte in a header', 400, request({ Host: 'a\x01b' })],
  ['a subprotocol twice', 400, request({ Host: '127.0.0.1\r\nSec-WebSocket-Protocol: a, a' })],
  ['a list of subprotocols that is none', 400, request({ Host: '127.0.0.1\r\nSec-WebSocket-Protocol: a,,' })],
  ['another path', 404, request({}, 'GET /other HTTP/1.1')],
];

test('what is no opening of a WebSocket is refused with the status that says why, and the server goes on', async () => {
  const server = await run(() => builtin('ws_listen', '127.0.0.1', 0, options({ path: '/chat' })));
  const port = field(server, 'port') as number;
  for (const [title, status, text] of REFUSED) {
    const answer = await answerTo(port, text);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), `${title}: ${answer.slice(0, 200)}`);
    if (status === 426 && text.includes('Version'))
      assert.match(answer, /\r\n(Sec-WebSocket-Version: 13|Upgrade: websocket)\r\n/i, title);
    const good = net.connect({ port, host: '127.0.0.1' });
    good.write(request({}));
    assert.match((await readHead(good)).head, /^HTTP\/1\.1 101 /, `after ${title}`);
    good.destroy();
  }
  await run(() => builtin('ws_server_stop', server));
});

test('a good request is understood however it is cut, and with data right behind it', async () => {
  const server = await run(() => builtin('ws_listen', '127.0.0.1', 0));
  const port = field(server, 'port') as number;
  const text = request({});
  for (let at = 1; at < text.length; at += 7) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    socket.write(text.slice(0, at));
    await pause(1);
    // "hi", masked with zeros.
    socket.write(Buffer.concat([Buffer.from(text.slice(at)), Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69])]));
    assert.match((await readHead(socket)).head, /^HTTP\/1\.1 101 /);
    const client = await run(() => builtin('ws_server_accept', server));
    assert.equal(await run(() => builtin('ws_receive', client, 5)), 'hi');
    socket.destroy();
  }
  await run(() => builtin('ws_server_stop', server));
});

test('a request that does not end is closed after the time for a handshake', async () => {
  const server = await run(() => builtin('ws_listen', '127.0.0.1', 0, options({ handshake_timeout: 0.3 })));
  const port = field(server, 'port') as number;
  const begun = performance.now();
  const answers = await Promise.all(['', 'GET / HT', request({}).slice(0, -2)].map((text) => answerTo(port, text)));
  assert.ok(performance.now() - begun < 4000);
  for (const answer of answers.slice(1)) assert.match(answer, /^HTTP\/1\.1 408 /);
  await run(() => builtin('ws_server_stop', server));
});

/** A server that answers the handshake with this text. */
function* answered(answer: (key: string) => string, settings: Record<string, Value> = {}): Steps<Value> {
  const listener = yield* until(rawServer());
  const serving = listener.next().then(async (socket) => {
    const { head } = await readHead(socket);
    socket.end(answer(/\r\nSec-WebSocket-Key: (\S+)\r\n/i.exec(head)![1]!));
  });
  try {
    return yield* builtin('ws_connect', `ws://127.0.0.1:${listener.port}/`, options({ timeout: 2, ...settings }));
  } finally {
    yield* until(serving.catch(() => {}));
    yield* until(listener.close());
  }
}

const switching = (lines: string[]): string => ['HTTP/1.1 101 Switching Protocols', ...lines, '', ''].join('\r\n');

test('a client believes no answer that is not to its own question', () =>
  run(function* () {
    const upgrade = ['Upgrade: websocket', 'Connection: Upgrade'];
    const accept = (key: string): string => `Sec-WebSocket-Accept: ${acceptFor(key)}`;
    yield* fails(
      'EHANDSHAKE',
      answered(() => switching(upgrade)),
      /Sec-WebSocket-Accept/,
    );
    yield* fails(
      'EHANDSHAKE',
      answered(() => switching([...upgrade, accept('another')])),
      /Sec-WebSocket-Accept/,
    );
    yield* fails(
      'EHANDSHAKE',
      answered((key) => switching([accept(key), 'Upgrade: h2c', 'Connection: Upgrade'])),
      /Upgrade/,
    );
    const unasked = answered((key) => switching([...upgrade, accept(key), 'Sec-WebSocket-Protocol: chat']));
    yield* fails('EHANDSHAKE', unasked, /subprotocol/);
    const another = answered((key) => switching([...upgrade, accept(key), 'Sec-WebSocket-Protocol: x']), {
      protocols: ['chat'],
    });
    yield* fails('EHANDSHAKE', another, /subprotocol/);
    const none = answered((key) => switching([...upgrade, accept(key)]), { protocols: ['chat'] });
    yield* fails('EHANDSHAKE', none, /subprotocol/);
  }));

test('what is no WebSocket server is told apart', () =>
  run(function* () {
    const plain = yield* fails(
      'EHANDSHAKE',
      answered(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
      /answered 200 OK in place of opening a WebSocket/,
    );
    assert.equal(plain.fields.get('status'), 200);
    yield* fails(
      'EHANDSHAKE',
      answered(() => 'HTTP/1.1 301 Moved\r\nLocation: wss://x/\r\n\r\n'),
      /301/,
    );
    yield* fails(
      'EPROTO',
      answered(() => 'SSH-2.0-OpenSSH_9.2\r\n'),
      /no HTTP/,
    );
    yield* fails(
      'ECONNRESET',
      answered(() => ''),
      /closed the connection before it answered/,
    );
    const silent = yield* until(rawServer());
    const asking = builtin('ws_connect', `ws://127.0.0.1:${silent.port}/`, options({ timeout: 0.1 }));
    yield* fails('ETIMEDOUT', asking, /within 0.1 seconds/);
    yield* until(silent.close());
  }));

test('wrong addresses and headers are refused before anything is sent', () =>
  run(function* () {
    for (const url of ['', 'localhost:80', 'ws:', 'ws://', 'ftp://x/', 'ws://a b/', 'ws://x/#y', 'ws://x:99999/']) {
      yield* fails('EURL', builtin('ws_connect', url));
    }
    for (const headers of [
      { 'X-A': 'a\r\nX-B: b' },
      { 'a b': 'c' },
      { Upgrade: 'x' },
      { 'Sec-WebSocket-Key': 'x' },
      { A: 5 },
    ]) {
      const given = options({ headers: options(headers) });
      yield* fails('ETYPE', builtin('ws_connect', 'ws://127.0.0.1:1/', given), /option "headers"/);
    }
    yield* fails('ENOTFOUND', builtin('ws_connect', 'ws://no-such-host.invalid/'));
  }));

test('wss: verified, refused for a wrong name or an unknown issuer, taken with "insecure"', async (context) => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'sentra-ws-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const key = joinPath(folder, 'key.pem');
  const cert = joinPath(folder, 'cert.pem');
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  } catch {
    context.skip('openssl is not installed');
    return;
  }
  await run(function* () {
    const tls = options({ cert, key: readFileSync(key, 'utf8') });
    const server = yield* builtin('ws_listen', '127.0.0.1', 0, options({ tls }));
    const port = field(server, 'port') as number;
    assert.match(field(server, 'url') as string, /^wss:/);
    yield* fails('ECERT', builtin('ws_connect', `wss://localhost:${port}/`), /self-signed|unknown/);
    yield* fails('ECERT', builtin('ws_connect', `wss://127.0.0.1:${port}/`, options({ ca: cert })), /name|127/);
    for (const settings of [{ ca: cert }, { insecure: true }]) {
      const conn = yield* builtin('ws_connect', `wss://localhost:${port}/`, options(settings));
      const client = yield* builtin('ws_server_accept', server);
      yield* builtin('ws_send', conn, 'secret');
      assert.equal(yield* builtin('ws_receive', client), 'secret');
      yield* builtin('ws_close', conn);
    }
    yield* fails('ECONNRESET', builtin('ws_connect', `ws://127.0.0.1:${port}/`));
    yield* fails('EOPTION', builtin('ws_listen', '127.0.0.1', 0, options({ tls: options({}) })));
    yield* builtin('ws_server_stop', server);
  });
});
