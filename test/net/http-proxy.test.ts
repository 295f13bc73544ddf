/** Requests through proxies: plain ones, tunnels, proxies behind TLS, and which requests the environment sends there. */
import assert from 'node:assert/strict';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, afterEach, test } from 'node:test';
import { placeOf } from '../../src/host/http/client/place';
import { proxyFromEnvironment, readProxiesAnew } from '../../src/host/http/client/proxy';
import type { Steps } from '../../src/runtime/task';
import type { MapValue, Value } from '../../src/runtime/values';
import { nothingLeftOfHttp, serving, stop } from '../support/http';
import { builtin, fails, field, options, run, until } from '../support/run-tasks';

const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'no_proxy', 'REQUEST_METHOD'];

function surroundings(values: Readonly<Record<string, string>>): void {
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, values);
  readProxiesAnew();
}

afterEach(() => surroundings({}));
after(nothingLeftOfHttp);

function* get(url: string, opts: Record<string, Value> = {}): Steps<MapValue> {
  return (yield* builtin('http_get', url, null, options(opts))) as MapValue;
}

function* pair(names: readonly string[]): Steps<{ cert: string; key: string }> {
  const made = yield* builtin('certificate_create', [...names]);
  return { cert: field(made, 'cert') as string, key: field(made, 'key') as string };
}

interface Proxy {
  /** Host and port. */
  readonly at: string;
  readonly seen: string[];
  readonly close: () => Promise<void>;
}

/** Passes on tunnels to 127.0.0.1 and answers plain requests itself, for who knows the password where there is one. */
function* proxy(tls: { cert: string; key: string } | null = null, password: string | null = null): Steps<Proxy> {
  const seen: string[] = [];
  const allowed = ({ headers }: http.IncomingMessage): boolean =>
    password === null || headers['proxy-authorization'] === `Basic ${Buffer.from(password).toString('base64')}`;
  const server = tls === null ? http.createServer() : https.createServer(tls);
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket.on('error', () => {})));
  server.on('request', (req: http.IncomingMessage, res: http.ServerResponse) => {
    seen.push(`${req.method!} ${req.url!}`);
    if (allowed(req)) res.end(`for ${req.headers.host!}`);
    else res.writeHead(407, { 'Proxy-Authenticate': 'Basic' }).end('who are you?');
  });
  server.on('connect', (req: http.IncomingMessage, socket: net.Socket) => {
    seen.push(`CONNECT ${req.url!}`);
    socket.on('error', () => {});
    if (!allowed(req)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = net.connect(Number(/\d+$/.exec(req.url!)![0]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\nVia: test\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(upstream.on('error', () => socket.destroy()));
  });
  yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

test('https goes through a tunnel with the proxy’s password, and fails in words without', () =>
  run(function* () {
    const tls = yield* pair(['localhost']);
    const served = yield* serving({ 'GET /': () => 'tunnelled' }, { tls: options(tls) });
    const guarded = yield* proxy(null, 'ada:pä:ss');
    const url = `https://localhost:${served.port}/`;
    const through = { proxy: `http://ada:p%C3%A4%3Ass@${guarded.at}`, ca: tls.cert };
    for (let i = 0; i < 2; i++) assert.equal((yield* get(url, through)).get('body'), 'tunnelled');
    assert.deepEqual(guarded.seen, [`CONNECT localhost:${served.port}`], 'the tunnel is kept');
    const refused = yield* fails('EPROXY', get(url, { proxy: guarded.at, ca: tls.cert }), /refuses .* status 407/);
    assert.deepEqual([refused.get('phase'), refused.get('host')], ['connect', 'localhost']);
    // What is in the tunnel is verified as ever.
    const insideOut = yield* fails('ECERT', get(url, { proxy: through.proxy }), /self-signed/);
    assert.equal(insideOut.get('phase'), 'tls');
    const plain = yield* get('http://example.invalid:81/x', { proxy: guarded.at });
    assert.deepEqual([plain.get('status_code'), plain.get('body')], [407, 'who are you?']);
    yield* until(guarded.close());
    yield* fails('ECONNREFUSED', get(url, through), new RegExp(`connection to ${guarded.at} refused`));
    yield* stop(served);
  }));

test('a proxy that is itself behind TLS', () =>
  run(function* () {
    const tls = yield* pair(['localhost', '127.0.0.1']);
    const served = yield* serving({ 'GET /': () => 'tunnelled' }, { tls: options(tls) });
    const secure = yield* proxy(tls);
    const through = { proxy: `https://${secure.at}`, ca: tls.cert };
    assert.equal((yield* get(`https://localhost:${served.port}/`, through)).get('body'), 'tunnelled');
    assert.equal((yield* get('http://example.invalid/', through)).get('body'), 'for example.invalid');
    yield* fails('ECERT', get('http://example.invalid/', { proxy: through.proxy }), /self-signed/);
    yield* until(secure.close());
    yield* stop(served);
  }));

test('what a proxy may answer to CONNECT', () =>
  run(function* () {
    for (const [bytes, message] of [
      ['HTTP/1.1 503 No\r\n\r\n', /refuses the connection with status 503/],
      ['SSH-2.0-OpenSSH\r\n\r\n', /something else than HTTP/],
      [`HTTP/1.1 200 OK\r\nX: ${'a'.repeat(20_000)}`, /something else than HTTP/],
      ['HTTP/1.1 200 OK\r\n\r\nearly', /sends data before the handshake/],
      ['', /closed the connection/],
    ] as const) {
      const server = net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.end(bytes, 'latin1'));
      });
      yield* until(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
      const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      yield* fails('EPROXY', get('https://example.invalid/', { proxy: at }), message);
      yield* until(new Promise((resolve) => server.close(resolve)));
    }
    yield* fails('EURL', get('https://example.invalid/', { proxy: 'http://:0/' }));
    yield* fails('EURL', get('https://example.invalid/', { proxy: 'socks5://127.0.0.1:1080' }), /scheme "socks5"/);
  }));

test('the environment names the proxy by scheme, in either case', () =>
  run(function* () {
    const tls = yield* pair(['localhost']);
    const served = yield* serving({ 'GET /': () => 'tunnelled' }, { tls: options(tls) });
    const [one, other] = [yield* proxy(), yield* proxy()];
    surroundings({ HTTP_PROXY: `http://${one.at}`, HTTPS_PROXY: other.at, NO_PROXY: 'direct.invalid' });
    assert.equal((yield* get('http://a.invalid/')).get('body'), 'for a.invalid');
    assert.equal((yield* get(`https://localhost:${served.port}/`, { ca: tls.cert })).get('body'), 'tunnelled');
    assert.deepEqual([one.seen, other.seen], [['GET http://a.invalid/'], [`CONNECT localhost:${served.port}`]]);
    yield* fails('ENOTFOUND', get('http://direct.invalid/'));
    surroundings({ http_proxy: one.at, HTTP_PROXY: 'http://127.0.0.1:1' });
    assert.equal((yield* get('http://b.invalid/')).get('body'), 'for b.invalid');
    surroundings({ ALL_PROXY: one.at });
    assert.equal((yield* get('http://c.invalid/')).get('body'), 'for c.invalid');
    // A web server hands the header "Proxy" of a request to a CGI program under this name.
    surroundings({ HTTP_PROXY: one.at, REQUEST_METHOD: 'GET' });
    yield* fails('ENOTFOUND', get('http://d.invalid/'));
    // Which address a proxy asks for is not known here.
    surroundings({ HTTP_PROXY: one.at });
    yield* fails('EPRIVATE', get(`http://127.0.0.1:${served.port}/`, { private: false }));
    for (const each of [one, other]) yield* until(each.close());
    yield* stop(served);
  }));

test('NO_PROXY: names, what is below them, ports, addresses, networks, all', () => {
  const excepted = (list: string, url: string): boolean => {
    surroundings({ ALL_PROXY: 'http://proxy.invalid:3128', NO_PROXY: list });
    return proxyFromEnvironment('test', placeOf('test', url)) === null;
  };
  const cases: readonly [list: string, yes: readonly string[], no: readonly string[]][] = [
    ['', [], ['http://a/', 'http://127.0.0.1/']],
    ['*', ['http://a/', 'https://[::1]/'], []],
    [
      'example.com',
      ['http://example.com/', 'https://EXAMPLE.com:8443/', 'http://a.b.example.com/'],
      ['http://badexample.com/', 'http://example.com.evil/', 'http://com/'],
    ],
    ['.example.com', ['http://example.com/', 'http://a.example.com/'], ['http://aexample.com/']],
    ['*.example.com', ['http://a.example.com/'], ['http://aexample.com/']],
    ['Example.COM', ['http://example.com/'], []],
    ['example.com:81', ['http://example.com:81/', 'http://a.example.com:81/'], ['http://example.com/']],
    ['example.com:80', ['http://example.com/'], ['https://example.com/']],
    ['10.0.0.1', ['http://10.0.0.1/', 'http://0xa.1:99/'], ['http://10.0.0.10/', 'http://110.0.0.1/']],
    ['10.0.0.1:81', ['http://10.0.0.1:81/'], ['http://10.0.0.1/']],
    ['10.0.0.0/8', ['http://10.255.0.1/', 'http://10.0.0.1:8080/'], ['http://11.0.0.1/', 'http://ten.invalid/']],
    ['192.168.1.128/25', ['http://192.168.1.200/'], ['http://192.168.1.100/']],
    ['0.0.0.0/0', ['http://1.2.3.4/'], ['http://[::1]/', 'http://a/']],
    ['::1', ['http://[::1]/', 'http://[0:0::1]:99/'], ['http://[::2]/']],
    ['[::1]:81', ['http://[::1]:81/'], ['http://[::1]/']],
    ['[::1]', ['http://[::1]:81/', 'http://[::1]/'], []],
    ['fd00::/8', ['http://[fd12:3456::1]/'], ['http://[fe80::1]/', 'http://10.0.0.1/']],
    ['10.0.0.0/33, 10.0.0.0/x, /8, 10.0.0.0/', [], ['http://10.0.0.1/', 'http://a/']],
    [' a , b.c\td ', ['http://a/', 'http://x.a/', 'http://b.c/', 'http://d/'], ['http://c/', 'http://b/']],
    ['a.', ['http://a./'], []],
  ];
  for (const [list, yes, no] of cases) {
    for (const url of yes) assert.ok(excepted(list, url), `${url} is excepted by ${list}`);
    for (const url of no) assert.ok(!excepted(list, url), `${url} is not excepted by ${list}`);
  }
});
