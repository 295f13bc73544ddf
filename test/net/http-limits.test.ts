/** Limits of HTTP servers, each with the protocol's own refusal; slow clients by the thousand. */
import assert from 'node:assert/strict';
import * as net from 'node:net';
import { after, test } from 'node:test';
import { nothingLeftOfHttp, rawExchange, serving, statusesOf, stop } from '../support/http';
import { eventually, pause } from '../support/network';
import { builtin, field, run, until } from '../support/run-tasks';
import { sleep } from '../../src/runtime/timers';
import type { Steps } from '../../src/runtime/task';
import type { Value } from '../../src/runtime/values';

after(nothingLeftOfHttp);

const body = (req: Value): Value => String((field(req, 'body') as string).length);

test('a body that is too large is refused with 413, however its length is told', () =>
  run(function* () {
    const served = yield* serving({ 'POST /': body }, { max_body: 10 });
    const post = 'POST / HTTP/1.1\r\nHost: a\r\n';
    const cases: readonly [string, number][] = [
      [`${post}Content-Length: 10\r\nConnection: close\r\n\r\n0123456789`, 200],
      [`${post}Content-Length: 11\r\n\r\n`, 413],
      [`${post}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n`, 413],
      [`${post}Transfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\n012\r\n`, 413],
    ];
    for (const [bytes, status] of cases) {
      const { text, closed } = yield* until(rawExchange(served.port, [bytes]));
      assert.deepEqual([statusesOf(text), closed], [[status], true], bytes);
    }
    const expecting = `${post}Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    const { text } = yield* until(rawExchange(served.port, [expecting, 'ab']));
    assert.deepEqual(statusesOf(text), [100, 200]);
    yield* stop(served);
  }));

test('a head that is too large: 431, or 414 for the target', () =>
  run(function* () {
    const served = yield* serving({ 'GET /*': () => 'x' }, { max_headers: 1000 });
    const header = yield* until(
      rawExchange(served.port, [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(2000)}\r\n\r\n`]),
    );
    assert.deepEqual([statusesOf(header.text), header.closed], [[431], true]);
    const many = yield* until(rawExchange(served.port, [`GET / HTTP/1.1\r\nHost: a\r\n${'X: a\r\n'.repeat(500)}\r\n`]));
    assert.deepEqual([statusesOf(many.text), many.closed], [[431], true]);
    const target = yield* until(rawExchange(served.port, [`GET /${'a'.repeat(3000)}`]));
    assert.deepEqual([statusesOf(target.text), target.closed], [[414], true]);
    yield* stop(served);
  }));

test('a request that does not come in time is refused with 408, an idle connection closed', () =>
  run(function* () {
    const limits = { header_timeout: 0.3, request_timeout: 0.6, idle_timeout: 0.2 };
    const served = yield* serving({ 'POST /': body, 'GET /': () => 'x' }, limits);
    const cases: readonly [string, number[]][] = [
      ['GET / HTTP/1.1\r\nHo', [408]],
      ['', [408]],
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab', [408]],
      ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', [200]],
    ];
    for (const [bytes, statuses] of cases) {
      const { text, closed } = yield* until(rawExchange(served.port, [bytes]));
      assert.deepEqual([statusesOf(text), closed], [statuses, true], bytes);
    }
    yield* stop(served);
  }));

test('more connections than allowed are refused with 503, and let in again when others close', () =>
  run(function* () {
    const served = yield* serving({ 'GET /': () => 'x' }, { max_connections: 2 });
    const held = [net.connect(served.port, '127.0.0.1'), net.connect(served.port, '127.0.0.1')];
    for (const socket of held) yield* until(new Promise((resolve) => socket.once('connect', resolve)));
    yield* until(pause(50));
    const { text, closed } = yield* until(rawExchange(served.port, ['']));
    assert.deepEqual([statusesOf(text), closed], [[503], true]);
    for (const socket of held) socket.destroy();
    let status: Value = 0;
    for (let i = 0; i < 50 && status !== 200; i++) {
      status = field(yield* builtin('http_get', served.url), 'status_code');
      if (status !== 200) yield* until(pause(20));
    }
    assert.equal(status, 200);
    yield* stop(served);
  }));

for (const [kind, head, data] of [
  ['heads', 'GET', ''],
  ['bodies', 'POST', 'Content-Length: 1\r\n\r\nx'],
] as const) {
  test(`who sends ${kind} ahead without end has to wait, and is served in order`, () =>
    run(function* () {
      let allowed = 0;
      let served = 0;
      const answer = function* (): Steps<string> {
        while (served >= allowed) yield* sleep(1);
        return `#${served++};`;
      };
      const waiting = yield* serving({ 'GET /:n': answer, 'POST /:n': answer });
      const count = 3000;
      const request = `${head} /1 HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(8000)}\r\n${data || '\r\n'}`;
      const socket = net.connect(waiting.port, '127.0.0.1');
      let text = '';
      socket.on('data', (piece: Buffer) => (text += piece.toString('latin1')));
      for (let i = 0; i < count; i++) socket.write(request);
      for (allowed of [0, 20, 40]) {
        yield* until(pause(300));
        // What the system itself holds is up to about 10 MB.
        const taken = count * request.length - socket.writableLength;
        assert.ok(taken < count * 8000 * 0.6, `${taken} bytes were taken, and ${served} answers given`);
      }
      allowed = count;
      yield* until(eventually(() => text.endsWith(`#${count - 1};`), 'all are answered'));
      const numbers = [...text.matchAll(/#(\d+);/g)].map(([, n]) => Number(n));
      assert.deepEqual(numbers, [...Array(count).keys()]);
      socket.destroy();
      yield* stop(waiting);
    }));
}

test('1,000 clients that send a byte now and then are closed, and hold up nobody', () =>
  run(function* () {
    const served = yield* serving({ 'GET /': () => 'served' }, { header_timeout: 1.5 });
    const head = 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    let closed = 0;
    const refused = new Set<number>();
    const sockets = Array.from({ length: 1000 }, (_none, i) => {
      const socket = net.connect(served.port, '127.0.0.1');
      let sent = 0;
      const timer = setInterval(() => {
        if (socket.writable) socket.write(head[sent++ % head.length]!);
      }, 250);
      socket.on('data', (data: Buffer) =>
        statusesOf(data.toString('latin1')).forEach((status) => status === 408 && refused.add(i)),
      );
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(timer);
        closed++;
      });
      return socket;
    });
    yield* until(pause(300));
    for (let i = 0; i < 10; i++) assert.equal(field(yield* builtin('http_get', served.url), 'body'), 'served');
    yield* until(eventually(() => closed === 1000, 'all are closed'));
    assert.ok(refused.size > 900, `${refused.size} of them learnt why`);
    assert.equal(field(yield* builtin('http_get', served.url), 'body'), 'served');
    for (const socket of sockets) socket.destroy();
    yield* stop(served);
  }));
