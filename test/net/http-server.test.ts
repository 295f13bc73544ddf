/** HTTP servers: routes, requests, answers, streams, middleware, failures, the end. */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import { after, test } from 'node:test';
import { listen } from '../../src/host/events';
import type { HostEvent } from '../../src/host/events';
import { Channel } from '../../src/runtime/channel';
import { sendTo } from '../../src/runtime/channel-operations';
import { Operation } from '../../src/runtime/operation';
import { currentTask } from '../../src/runtime/scheduler';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import { ErrorValue, inspect } from '../../src/runtime/values';
import type { FunctionValue, Value, MapValue } from '../../src/runtime/values';
import type { Served } from '../support/http';
import { findServer, nothingLeftOfHttp, plain, rawExchange, serving, statusesOf, stop } from '../support/http';
import { eventually, freePort, pause } from '../support/network';
import { builtin, fails, field, join, options, run, spawn, unobserved, until } from '../support/run-tasks';

after(nothingLeftOfHttp);

function* get(url: string, headers: Record<string, Value> = {}): Steps<MapValue> {
  return (yield* builtin('http_get', url, options(headers))) as MapValue;
}

function* bodyOf(url: string): Steps<string> {
  return field(yield* get(url), 'body') as string;
}

function* respond(status: number, body: Value, headers: Record<string, Value> = {}): Steps<Value> {
  return yield* builtin('http_response', status, body, options(headers));
}

/** `http_response` in a handler that does not wait. */
function response(status: number, body: Value, headers: Record<string, Value> = {}): Value {
  return respond(status, body, headers).next().value as Value;
}

const of = (name: string) => (req: Value) => field(req, name);

test('the most specific route wins, whatever the order', () =>
  run(function* () {
    const served = yield* serving({
      'GET /files/*rest': (req) => 'rest ' + (plain(field(req, 'params')) as { rest: string }).rest,
      'ANY /files/*': () => 'any rest',
      'GET /files/:name': (req) => 'name ' + (plain(field(req, 'params')) as { name: string }).name,
      'GET /files/exact': () => 'exact',
      'ANY /files/exact': () => 'any exact',
      'GET /api/*': (req) => `star ${String((plain(field(req, 'params')) as Record<string, string>)['*'])}`,
      'GET /': () => 'root',
    });
    const paths = {
      '/': 'root',
      '/files/exact': 'exact',
      '/files/e%78act': 'exact',
      '/files/other': 'name other',
      '/files/a%2Fb': 'name a/b',
      '/files/a/b': 'rest a/b',
      '/files/': 'rest ',
      '/api/v1/x%20y?z=1': 'star v1/x y',
    };
    for (const [path, body] of Object.entries(paths)) assert.equal(yield* bodyOf(served.url + path), body, path);
    const deleted = yield* builtin('http_delete', served.url + '/files/exact');
    assert.equal(field(deleted, 'body'), 'any exact');
    assert.equal(field(yield* get(served.url + '/Files/exact'), 'status_code'), 404);
    assert.equal(field(yield* get(served.url + '/files'), 'status_code'), 404);
    yield* builtin('http_server_route', served.server, 'GET', '/later', () => 'added');
    assert.equal(yield* bodyOf(served.url + '/later'), 'added');
    yield* stop(served);
  }));

test('HEAD, OPTIONS and 405 are answered by the server', () =>
  run(function* () {
    let ran = 0;
    const served = yield* serving({ 'GET /a': () => `${++ran} times`, 'POST /a': () => null });
    const head = yield* builtin('http_head', served.url + '/a');
    assert.deepEqual([field(head, 'status_code'), field(head, 'body')], [200, '']);
    assert.equal((field(head, 'headers') as MapValue).get('content-length'), '7');
    const asked = yield* builtin('http_request', 'OPTIONS', served.url + '/a');
    assert.deepEqual(
      [field(asked, 'status_code'), (field(asked, 'headers') as MapValue).get('Allow')],
      [204, 'GET, HEAD, OPTIONS, POST'],
    );
    const put = yield* builtin('http_put', served.url + '/a', 'x');
    assert.deepEqual(
      [field(put, 'status_code'), (field(put, 'headers') as MapValue).get('allow')],
      [405, 'GET, HEAD, OPTIONS, POST'],
    );
    const { text } = yield* until(
      rawExchange(served.port, ['OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n']),
    );
    assert.deepEqual(statusesOf(text), [204]);
    assert.equal(ran, 1);
    yield* stop(served);
  }));

test('paths that cannot be routes, and servers that are none', () =>
  run(function* () {
    const server = yield* builtin('http_server_create', '127.0.0.1', 0);
    const f = (() => null) as unknown as FunctionValue;
    for (const path of [
      '',
      'a',
      '/a?b',
      '/a#b',
      '/a/*/b',
      '/a*',
      '/:',
      '/a/:/b',
      '/x:y',
      '/:a-:b',
      '/(a)',
      '/a b',
      '/**',
    ]) {
      yield* fails('EINVAL', builtin('http_server_route', server, 'GET', path, f), /cannot be a route/);
    }
    yield* builtin('http_server_route', server, 'get', '/users/:id', f);
    yield* fails(
      'EEXIST',
      builtin('http_server_route', server, 'GET', '/users/:name', f),
      /a route GET \/users\/:id already/,
    );
    yield* fails('ETYPE', builtin('http_server_route', server, 'FETCH', '/', f), /method must be a method such as/);
    yield* fails('EBADF', builtin('http_server_route', 'http:x#1', 'GET', '/', f), /is no HTTP server/);
    yield* fails('EBADF', builtin('http_server_start', options({})), /null is no HTTP server/);
    yield* fails('ETYPE', builtin('http_server_start', 5));
    yield* fails('EOPTION', builtin('http_server_create', '127.0.0.1', 0, options({ max_bodies: 1 })), /max_body/);
    yield* fails('EOPTION', builtin('http_server_create', '127.0.0.1', 0, options({ tls: options({}) })), /TLS needs/);
  }));

test('a request is an ordinary map to all that looks at it', () =>
  run(function* () {
    const seen: Value[] = [];
    const served = yield* serving({
      'POST /a/:id': (req) => {
        seen.push(req);
        return null;
      },
    });
    yield* until(
      rawExchange(served.port, [
        'POST /a/x%20y?q=1&q=2&e=&__proto__=p&b=%ff HTTP/1.1\r\nHost: h\r\nCookie: a=1; b="2"; a=3\r\nX-Two: 1\r\nx-two: 2\r\nCONTENT-LENGTH: 9\r\nX-Raw: \xff\r\nConnection: close\r\n\r\n{"n": [1]}'.slice(
          0,
          -1,
        ),
      ]),
    );
    const req = seen[0] as MapValue;
    const expected = [
      'method',
      'path',
      'url',
      'query',
      'params',
      'headers',
      'body',
      'json',
      'cookies',
      'remote_host',
      'remote_port',
      'http_version',
    ];
    assert.deepEqual(req.keys(), expected);
    assert.equal(req.size, expected.length);
    assert.deepEqual(plain(req.get('query')), { q: ['1', '2'], e: '', ['__proto__']: 'p', b: '\udcff' });
    assert.deepEqual(plain(req.get('params')), { id: 'x y' });
    assert.deepEqual(plain(req.get('cookies')), { a: '1', b: '2' });
    const headers = req.get('headers') as MapValue;
    assert.deepEqual(headers.keys(), ['Host', 'Cookie', 'X-Two', 'Content-Length', 'X-Raw', 'Connection']);
    assert.deepEqual([headers.get('x-TWO'), headers.get('X-RAW'), headers.has('hoST')], ['1, 2', '\udcff', true]);
    assert.equal(req.get('path'), '/a/x y');
    assert.equal(req.get('http_version'), '1.1');
    assert.equal(req.get('remote_host'), '127.0.0.1');
    // The body ends in the midst of the JSON.
    assert.throws(
      () => req.$json,
      (error) => error instanceof ErrorValue && error.code === 'EJSON',
    );
    const copy = req.clone();
    assert.equal(copy.get('json'), null);
    assert.deepEqual(plain(copy), plain(req));
    assert.ok(inspect(req).startsWith('{"method": "POST", "path": "/a/x y", '));
    assert.equal(yield* builtin('len', req), 12);
    assert.equal((JSON.parse((yield* builtin('json_stringify', req)) as string) as { method: string }).method, 'POST');
    assert.equal(req.get('nothing'), undefined);
    req.set('user', 'ada');
    req.set('body', 'mine');
    assert.deepEqual([req.get('user'), req.get('body'), req.$body, req.keys().at(-1)], ['ada', 'mine', 'mine', 'user']);
    assert.equal(req.delete('body'), true);
    assert.equal(req.delete('body'), false);
    assert.deepEqual(
      [req.has('body'), req.$body, req.$method, req.get('method')],
      [false, undefined, undefined, 'POST'],
    );
    yield* stop(served);
  }));

test('what handlers give becomes answers', () =>
  run(function* () {
    const served = yield* serving({
      'GET /string': () => 'naïve',
      'GET /map': () => options({ a: options({ b: 1 }) }),
      'GET /array': () => [1, 'x'],
      'GET /null': () => null,
      'GET /number': () => 42,
      'GET /bytes': () => '\udcff\udc80',
      'GET /response': () =>
        response(201, 'made', { 'x-a': 'é', 'Set-Cookie': ['a=1', 'b=2'], 'content-TYPE': 'text/html' }),
      'GET /empty': () => response(404, null),
      'GET /not-modified': () => response(304, 'ignored'),
      'GET /json': () => response(422, options({ error: 'no' })),
      *'GET /waiting'() {
        yield* sleep(1);
        return 'waited';
      },
    });
    const expected: Record<string, readonly [number, string, string | undefined]> = {
      '/string': [200, 'naïve', 'text/plain; charset=utf-8'],
      '/map': [200, '{"a":{"b":1}}', 'application/json'],
      '/array': [200, '[1,"x"]', 'application/json'],
      '/null': [204, '', undefined],
      '/number': [200, '42', 'text/plain; charset=utf-8'],
      '/bytes': [200, '\udcff\udc80', 'text/plain; charset=utf-8'],
      '/response': [201, 'made', 'text/html'],
      '/empty': [404, '', undefined],
      '/not-modified': [304, '', undefined],
      '/json': [422, '{"error":"no"}', 'application/json'],
      '/waiting': [200, 'waited', 'text/plain; charset=utf-8'],
    };
    for (const [path, [status, body, type]] of Object.entries(expected)) {
      const answer = yield* get(served.url + path);
      const headers = field(answer, 'headers') as MapValue;
      assert.deepEqual(
        [field(answer, 'status_code'), field(answer, 'body'), headers.get('Content-Type')],
        [status, body, type],
        path,
      );
      if (path === '/response')
        assert.deepEqual([headers.get('X-A'), headers.get('Set-Cookie')], ['é', ['a=1', 'b=2']]);
      if (status === 204 || status === 304) assert.equal(headers.get('Content-Length'), undefined);
    }
    yield* stop(served);
  }));

test('a header from the program never makes a second one', () =>
  run(function* () {
    for (const bad of ['a\r\nX: b', 'a\nb', 'a\rb', 'a\0b', '\x01', '\x7f']) {
      yield* fails('EHEADER', respond(200, '', { 'X-A': bad }), /cannot be sent/);
      yield* fails('EHEADER', respond(200, '', { 'Set-Cookie': ['a=1', bad] }));
      yield* fails('EHEADER', respond(302, '', { Location: '/' + bad }));
      yield* fails('EHEADER', respond(200, '', { ['X' + bad]: '1' }), /cannot be the name of a header/);
    }
    for (const own of ['Transfer-Encoding', 'connection', 'Trailer'])
      yield* fails('EHEADER', respond(200, '', { [own]: 'x' }));
    yield* fails('EHEADER', respond(200, '', { 'X-A': null }));
    yield* fails('ETYPE', respond(99, ''));
    yield* fails('ETYPE', respond(600, ''));
    const served = yield* serving({
      'GET /late': () => {
        const answer = response(200, 'x') as MapValue;
        (answer.get('headers') as MapValue).set('X-A', 'a\r\nX-B: c');
        return answer;
      },
      'GET /length': () => response(200, 'four', { 'Content-Length': 2 }),
    });
    const late = yield* get(served.url + '/late');
    assert.equal(field(late, 'status_code'), 500);
    assert.equal((unobserved.pop() as ErrorValue).code, 'EHEADER');
    assert.equal(yield* bodyOf(served.url + '/length'), 'four');
    yield* stop(served);
  }));

test('bodies as functions and channels arrive piece by piece', () =>
  run(function* () {
    const channel = new Channel(0);
    const served = yield* serving({
      'GET /function': () =>
        response(200, function* (write: (data: Value) => Steps<null>) {
          yield* write('one ');
          yield* sleep(5);
          yield* write([116, 119, 111]);
          yield* write('');
        } as unknown as FunctionValue),
      'GET /channel': () => response(200, channel, { 'Content-Type': 'text/csv' }),
      'GET /bad': () =>
        response(200, function* (write: (data: Value) => Steps<null>) {
          yield* write('begun');
          yield* write(5);
        } as unknown as FunctionValue),
    });
    assert.equal(yield* bodyOf(served.url + '/function'), 'one two');
    const producer = spawn(function* () {
      for (const line of ['a\n', 'b\n']) yield* sendTo(channel, line, null);
      yield* builtin('close', channel);
    });
    assert.equal(yield* bodyOf(served.url + '/channel'), 'a\nb\n');
    yield* join(producer);
    yield* fails('ECONNRESET', get(served.url + '/bad'), /cut short/);
    assert.equal((unobserved.pop() as ErrorValue).code, 'ETYPE');
    const head = yield* builtin('http_head', served.url + '/function');
    assert.equal(field(head, 'status_code'), 200);
    const { text } = yield* until(rawExchange(served.port, ['GET /function HTTP/1.0\r\n\r\n']));
    assert.ok(text.endsWith('\r\n\r\none two') && !/chunked/i.test(text), 'HTTP/1.0 gets no chunks');
    yield* stop(served);
  }));

test('events: names, ids, lines, and what cannot be one', () =>
  run(function* () {
    const bad: string[] = [];
    const served = yield* serving({
      'GET /': () =>
        builtin('http_sse', function* (send: (event: Value) => Steps<null>) {
          yield* send('two\nlines\r\nand three');
          yield* send(options({ data: [1], event: 'n', id: 7, retry: 10 }));
          for (const event of [
            { data: '', id: 'a\nb' },
            { data: '', event: '\0' },
            { data: '', retry: -1 },
            { data: '', x: 1 },
          ]) {
            bad.push((yield* fails('EVALUE', send(options(event)))).message);
          }
        } as unknown as FunctionValue).next().value,
    });
    const answer = yield* get(served.url);
    assert.equal(
      field(answer, 'body'),
      'data: two\ndata: lines\ndata: and three\n\nevent: n\nid: 7\nretry: 10\ndata: [1]\n\n',
    );
    assert.equal((field(answer, 'headers') as MapValue).get('Content-Type'), 'text/event-stream; charset=utf-8');
    assert.equal(bad.length, 4);
    yield* stop(served);
  }));

test('a stream waits for a client that does not read, and ends when it goes', () =>
  run(function* () {
    let written = 0;
    let cleaned = 0;
    const served = yield* serving({
      'GET /': () =>
        response(200, function* (write: (data: Value) => Steps<null>) {
          try {
            for (;;) {
              yield* write('x'.repeat(65536));
              written += 65536;
            }
          } finally {
            cleaned++;
          }
        } as unknown as FunctionValue),
    });
    const socket = net.connect(served.port, '127.0.0.1');
    socket.on('error', () => {}).pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    yield* until(eventually(() => written > 0, 'it writes'));
    yield* until(pause(100));
    const before = written;
    yield* until(pause(100));
    assert.equal(written, before, 'it goes on although nobody reads');
    assert.ok(written < 32 * 1024 * 1024);
    socket.destroy();
    yield* until(eventually(() => cleaned === 1, 'it is cancelled'));
    yield* stop(served);
  }));

test('a handler whose client has gone is cancelled at its wait', () =>
  run(function* () {
    const log: string[] = [];
    const served = yield* serving({
      *'GET /'() {
        try {
          log.push('begun');
          yield* sleep(60_000);
        } catch (error) {
          log.push((error as ErrorValue).code);
          throw error;
        } finally {
          log.push('cleaned');
        }
        return 'never';
      },
      'GET /ok': () => 'ok',
    });
    const socket = net.connect(served.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    yield* until(eventually(() => log.length === 1, 'it runs'));
    socket.destroy();
    yield* until(eventually(() => log.length === 3, 'it ends'));
    assert.deepEqual(log, ['begun', 'ECANCELED', 'cleaned']);
    assert.equal(yield* bodyOf(served.url + '/ok'), 'ok');
    yield* stop(served);
  }));

test('a handler that fails answers 500 without details and leaves the others alone', () =>
  run(function* () {
    const gate = new Operation<null>('for the gate');
    const served = yield* serving({
      'GET /fails': () => {
        throw new ErrorValue('ESECRET', 'the password is hunter2', { frames: [], site: null, cut: false } as never);
      },
      *'GET /waits'() {
        yield* gate.wait();
        return 'fine';
      },
      'POST /json': of('json'),
    });
    const waiting = spawn(() => bodyOf(served.url + '/waits'));
    const failed = yield* get(served.url + '/fails');
    assert.deepEqual([field(failed, 'status_code'), field(failed, 'body')], [500, '500 Internal Server Error\n']);
    assert.equal((unobserved.pop() as ErrorValue).code, 'ESECRET');
    gate.succeed(null);
    assert.equal(yield* join(waiting), 'fine');
    const bad = yield* builtin('http_post', served.url + '/json', '{"a": nul}');
    assert.equal(field(bad, 'status_code'), 400);
    assert.match(field(bad, 'body') as string, /^400 Bad Request: the body is no JSON: .*line 1/);
    assert.equal(unobserved.length, 0, 'the fault is the client’s');
    const none = yield* builtin('http_post', served.url + '/json', null);
    assert.equal(field(none, 'status_code'), 204);
    yield* stop(served);
  }));

test('1,000 handlers wait at once', () =>
  run(function* () {
    let now = 0;
    let most = 0;
    const served = yield* serving({
      *'GET /'() {
        most = Math.max(most, ++now);
        while (most < 1000) yield* sleep(10);
        now--;
        return 'done';
      },
    });
    const all = Array.from({ length: 1000 }, () => spawn(() => bodyOf(served.url)));
    for (const task of all) assert.equal(yield* join(task), 'done');
    assert.equal(most, 1000);
    yield* stop(served);
  }));

test('requests that are sent ahead are served in order', () =>
  run(function* () {
    const order: string[] = [];
    const served = yield* serving({
      *'GET /:n'(req) {
        const n = (plain(field(req, 'params')) as { n: string }).n;
        order.push('begin ' + n);
        yield* sleep(n === '0' ? 20 : 1);
        order.push('end ' + n);
        return n;
      },
    });
    const count = 100;
    const ahead = Array.from({ length: count }, (_none, i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
    const { text } = yield* until(
      rawExchange(served.port, [ahead], (got) => statusesOf(got).length === count && got.endsWith('99')),
    );
    const bodies = [...text.matchAll(/\r\n\r\n(\d+)/g)].map((match) => Number(match[1]));
    assert.deepEqual(
      bodies,
      Array.from({ length: count }, (_none, i) => i),
    );
    assert.deepEqual(order.slice(0, 4), ['begin 0', 'end 0', 'begin 1', 'end 1']);
    yield* stop(served);
  }));

test('middleware sees requests before and answers after, in order', () =>
  run(function* () {
    const log: string[] = [];
    const served = yield* serving(
      { 'GET /a': of('user'), 'GET /never': () => log.push('ran') },
      {},
      function* (server) {
        yield* builtin('http_server_use', server, function* (req: MapValue, next: () => Steps<MapValue>) {
          log.push('1 in');
          req.set('user', 'ada');
          const answer = yield* next();
          (answer.get('headers') as MapValue).set('x-one', `${answer.get('status')}`);
          log.push('1 out');
          return answer;
        } as unknown as FunctionValue);
        yield* builtin('http_server_use', server, function* (req: MapValue, next: () => Steps<MapValue>) {
          log.push('2 in');
          if (req.get('path') === '/never') return response(403, 'no');
          const answer = yield* next();
          answer.set('body', `${answer.get('body')}!`);
          log.push('2 out');
          return answer;
        } as unknown as FunctionValue);
      },
    );
    const answer = yield* get(served.url + '/a');
    assert.deepEqual([field(answer, 'body'), (field(answer, 'headers') as MapValue).get('X-One')], ['ada!', '200']);
    assert.deepEqual(log.splice(0), ['1 in', '2 in', '2 out', '1 out']);
    assert.equal(field(yield* get(served.url + '/never'), 'status_code'), 403);
    assert.deepEqual(log, ['1 in', '2 in', '1 out']);
    assert.equal(field(yield* get(served.url + '/nothing'), 'status_code'), 404);
    yield* stop(served);
  }));

test('scripts of other origins are let in as the option says', () =>
  run(function* () {
    const all = yield* serving({ 'GET /': () => 'x', 'PUT /': () => 'y' }, { cors: true });
    const asked = yield* builtin(
      'http_request',
      'OPTIONS',
      all.url,
      options({
        Origin: 'http://a',
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': 'X-A, x-b',
      }),
    );
    const headers = field(asked, 'headers') as MapValue;
    assert.deepEqual(
      ['Access-Control-Allow-Origin', 'Access-Control-Allow-Methods', 'Access-Control-Allow-Headers'].map((name) =>
        headers.get(name),
      ),
      ['*', 'GET, HEAD, OPTIONS, PUT', 'x-a, x-b'],
    );
    const some = yield* serving(
      { 'GET /': () => 'x' },
      { cors: options({ origins: ['http://a'], credentials: true }) },
    );
    const allowed = field(yield* get(some.url, { Origin: 'http://a' }), 'headers') as MapValue;
    const refused = field(yield* get(some.url, { Origin: 'http://b' }), 'headers') as MapValue;
    assert.deepEqual(
      [
        allowed.get('Access-Control-Allow-Origin'),
        allowed.get('Access-Control-Allow-Credentials'),
        allowed.get('Vary'),
      ],
      ['http://a', 'true', 'Origin'],
    );
    assert.deepEqual([refused.get('Access-Control-Allow-Origin'), refused.get('Vary')], [undefined, 'Origin']);
    yield* stop(all, some);
  }));

test('start, stop and start again; the port is told', () =>
  run(function* () {
    const port = yield* until(freePort());
    const server = (yield* builtin('http_server_create', '127.0.0.1', port)) as MapValue;
    yield* builtin('http_server_route', server, 'GET', '/', () => 'here');
    assert.deepEqual([field(server, 'running'), field(server, 'port')], [false, port]);
    yield* fails('ECONNREFUSED', get(`http://127.0.0.1:${port}`), /nothing is listening there/);
    for (let i = 0; i < 2; i++) {
      assert.equal(yield* builtin('http_server_start', field(server, 'id')), true);
      assert.equal(yield* builtin('http_server_start', server), true);
      assert.equal(yield* bodyOf(field(server, 'url') as string), 'here');
      const other = yield* builtin('http_server_create', '127.0.0.1', port);
      yield* fails('EADDRINUSE', builtin('http_server_start', other), /the port is in use/);
      assert.equal(yield* builtin('http_server_stop', server), true);
      assert.equal(yield* builtin('http_server_stop', server), true);
      assert.equal(field(server, 'running'), false);
    }
  }));

test('a stop lets answers under way end, and cancels those that take too long', () =>
  run(function* () {
    const log: string[] = [];
    let begun = 0;
    const served = yield* serving({
      *'GET /quick'() {
        begun++;
        yield* sleep(100);
        return 'quick';
      },
      *'GET /slow'() {
        begun++;
        try {
          yield* sleep(60_000);
        } finally {
          log.push('cleaned');
        }
        return 'slow';
      },
    });
    const quick = spawn(() => get(served.url + '/quick'));
    const slow = spawn(() => get(served.url + '/slow'));
    yield* until(eventually(() => begun === 2, 'both run'));
    yield* builtin('http_server_stop', served.server, 0.3);
    assert.deepEqual(log, ['cleaned']);
    assert.equal(field(yield* join<Value>(quick), 'body'), 'quick');
    assert.equal(field(yield* join<Value>(slow), 'status_code'), 503);
    assert.deepEqual(unobserved, []);
    yield* fails('ECONNREFUSED', get(served.url));
  }));

test('a handler may stop its own server', () =>
  run(function* () {
    const served: Served = yield* serving({
      *'GET /'(): Steps<Value> {
        yield* builtin('http_server_stop', served.server);
        return 'bye';
      },
    });
    assert.equal(yield* bodyOf(served.url), 'bye');
    yield* until(eventually(() => !findServer('test', served.server).running, 'it is stopped'));
    yield* fails('ECONNREFUSED', get(served.url));
  }));

test('upgrades go to whoever takes the path, all others are refused', () =>
  run(function* () {
    const served = yield* serving({ 'GET /': () => 'plain' });
    const taken: string[] = [];
    findServer('test', served.server).upgrades.add('test', 'echo', '/up/:room', ({ request, socket, head }) => {
      taken.push(`${(plain(request.get('params')) as { room: string }).room} ${head.toString()}`);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nbye');
      return null;
    });
    const ask = (path: string, protocol: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\nahead`;
    const { text } = yield* until(rawExchange(served.port, [ask('/up/lobby', 'Echo')]));
    assert.deepEqual([statusesOf(text), text.endsWith('bye'), taken], [[101], true, ['lobby ahead']]);
    const refused = yield* until(rawExchange(served.port, [ask('/other', 'echo')]));
    assert.deepEqual([statusesOf(refused.text), refused.closed], [[404], true]);
    const second = yield* until(rawExchange(served.port, [ask('/up/hall', 'h2c, echo')]));
    assert.deepEqual([statusesOf(second.text), taken.at(-1)], [[101], 'hall ahead']);
    yield* stop(served);
  }));

test('an offer to go on in a protocol that is not spoken here is passed over', () =>
  run(function* () {
    const served = yield* serving({
      'GET /': (req) => Object.keys(plain(field(req, 'headers')) as object).join(' '),
      'POST /': of('body'),
    });
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n';
    const end = (text: string): boolean => text.endsWith('last');
    const last = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nlast';
    const get = `GET / HTTP/1.1\r\nHost: a\r\n${offer}\r\n`;
    const post = `POST / HTTP/1.1\r\nHost: a\r\n${offer}Content-Length: 3\r\n\r\nabc`;
    const chunked = `POST / HTTP/1.1\r\nHost: a\r\n${offer}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    for (const [bytes, body] of [
      [get, 'Host Connection HTTP2-Settings'],
      [post, 'abc'],
      [chunked, 'abc'],
      [get.replace('1.1', '1.0').replace('Upgrade,', 'keep-alive, upgrade,'), 'Host Connection HTTP2-Settings'],
    ] as const) {
      const all = bytes + last;
      const cuts = Array.from({ length: all.length }, (_none, i) => [all.slice(0, i), all.slice(i)]);
      for (const { text } of yield* until(Promise.all(cuts.map((pieces) => rawExchange(served.port, pieces, end))))) {
        assert.deepEqual(statusesOf(text), [200, 200], text);
        assert.ok(text.includes(`\r\n\r\n${body}HTTP/1.1 200`), text);
      }
    }
    // What is wrong with a request stays wrong.
    const two = get.replace('Host: a', 'Host: a\r\nHost: b');
    assert.deepEqual(statusesOf((yield* until(rawExchange(served.port, [two + last]))).text), [400]);
    yield* stop(served);
  }));

test('the event stream tells of requests, bytes and the task', () =>
  run(function* () {
    const events: HostEvent[] = [];
    const stopListening = listen((event) => void events.push(event));
    let task = 0;
    const served = yield* serving({
      'GET /x': () => {
        task = currentTask().id;
        return 'hello';
      },
    });
    yield* get(served.url + '/x');
    yield* stop(served);
    yield* until(eventually(() => events.some(({ kind }) => kind === 'closed'), 'closed'));
    stopListening();
    const requests = events.filter((event) => event.kind === 'request');
    assert.deepEqual(requests.map(({ direction, method, status }) => [direction, method, status]).sort(), [
      ['in', 'GET', 200],
      ['out', 'GET', 200],
    ]);
    assert.equal(requests.find(({ direction }) => direction === 'in')?.task, task);
    const sent = events
      .filter((event) => event.kind === 'bytes')
      .map(({ direction, data }) => `${direction} ${Buffer.from(data as Buffer).toString()}`);
    assert.ok(sent.some((text) => text.startsWith('in GET /x HTTP/1.1\r\n')));
    assert.ok(sent.some((text) => text.startsWith('out HTTP/1.1 200 OK\r\n') && text.endsWith('hello')));
    for (const { subject } of events) assert.ok(['http'].includes(subject.protocol));
  }));
