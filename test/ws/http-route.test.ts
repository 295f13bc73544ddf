/** WebSockets on the port of an HTTP server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Steps } from '../../src/runtime/task';
import { sleep } from '../../src/runtime/timers';
import type { Value } from '../../src/runtime/values';
import { awaitedFromOutside } from '../../src/runtime/scheduler';
import { eventually, nothingLeft } from '../support/network';
import { builtin, fails, field, options, run, unobserved, until } from '../support/run-tasks';

after(async () => {
  // A stopped server is gone when its last socket is.
  await eventually(() => awaitedFromOutside() === 0, 'the servers are closed');
  await nothingLeft();
});

type Handler = (conn: Value, req: Value) => Steps<Value>;

function* started(
  path: string,
  handler: Handler,
  settings: Record<string, Value> = {},
): Steps<{ server: Value; url: string }> {
  const server = yield* builtin('http_server_create', '127.0.0.1', 0);
  yield* builtin('http_server_route', server, 'GET', '/hello', () => 'hello');
  yield* builtin('http_server_websocket', server, path, handler, options(settings));
  yield* builtin('http_server_start', server);
  return { server, url: field(server, 'url') as string };
}

async function page(url: string): Promise<string> {
  return (await fetch(url, { headers: { Connection: 'close' } })).text();
}

test('pages and WebSockets share a port; the handler gets the parameters, and its end closes', () =>
  run(function* () {
    const { server, url } = yield* started('/rooms/:name', function* (conn, req): Steps<Value> {
      const name = field(field(req, 'params'), 'name') as string;
      const said = (yield* builtin('ws_receive', conn)) as string;
      yield* builtin('ws_send', conn, `${said} in ${name}, ${String(field(field(req, 'query'), 'x'))}`);
      return null;
    });
    assert.equal(yield* until(page(`${url}/hello`)), 'hello');
    const conn = yield* builtin('ws_connect', `${url}/rooms/caf%C3%A9?x=1`);
    yield* builtin('ws_send', conn, 'tea');
    assert.equal(yield* builtin('ws_receive', conn), 'tea in café, 1');
    assert.equal(yield* builtin('ws_receive', conn), null);
    assert.equal(field(yield* builtin('ws_state', conn), 'code'), 1000);
    assert.equal(yield* until(page(`${url}/hello`)), 'hello');
    yield* fails('EHANDSHAKE', builtin('ws_connect', `${url}/nowhere`), /404/);
    yield* fails('EHANDSHAKE', builtin('ws_connect', `${url}/hello`), /404/);
    yield* fails(
      'EEXIST',
      builtin('http_server_websocket', server, '/rooms/:name', () => null),
    );
    yield* builtin('http_server_stop', server);
  }));

test('a stop closes with 1001; an error in one handler is reported and ends none of the others', () =>
  run(function* () {
    const { server, url } = yield* started('/', function* (conn): Steps<Value> {
      const said = yield* builtin('ws_receive', conn);
      if (said === 'fail') throw 'a failure of the handler';
      yield* builtin('ws_receive', conn);
      return null;
    });
    const [a, b] = [yield* builtin('ws_connect', url), yield* builtin('ws_connect', url)];
    yield* builtin('ws_send', a, 'fail');
    assert.equal(yield* builtin('ws_receive', a), null);
    yield* sleep(20);
    assert.deepEqual(unobserved.splice(0), ['a failure of the handler']);
    assert.equal(field(yield* builtin('ws_state', b), 'state'), 'open');
    yield* builtin('http_server_stop', server);
    assert.equal(yield* builtin('ws_receive', b, 5), null);
    assert.equal(field(yield* builtin('ws_state', b), 'code'), 1001);
  }));

test('origins, subprotocols and the heartbeat work as in ws_listen', () =>
  run(function* () {
    const { server, url } = yield* started(
      '/',
      function* (conn): Steps<Value> {
        yield* builtin('ws_receive', conn);
        return null;
      },
      { origins: ['https://good.example'], protocols: ['chat'], heartbeat: 0.05 },
    );
    const headers = options({ Origin: 'https://bad.example' });
    yield* fails('EHANDSHAKE', builtin('ws_connect', url, options({ headers })), /403/);
    const conn = yield* builtin('ws_connect', url, options({ protocols: ['chat'] }));
    assert.equal(field(conn, 'protocol'), 'chat');
    yield* sleep(250);
    assert.equal(field(yield* builtin('ws_state', conn), 'state'), 'open', 'its pings are answered');
    yield* builtin('ws_close', conn);
    yield* builtin('http_server_stop', server);
  }));
