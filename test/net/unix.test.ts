/** UNIX sockets: files that come, go, and stand in the way. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { close, info, nothingLeft } from '../support/network';
import { missing, startService, temporaryDirectory } from '../support/programs';
import { builtin, fails, options, run, spawn, until } from '../support/run-tasks';

after(nothingLeft);

const folder = temporaryDirectory();

test('both ways; the file is gone after the close', () =>
  run(function* () {
    const path = join(folder, 'echo.sock');
    const server = yield* builtin('socket_listen', 'UNIX', path);
    assert.match(server as string, /^unix-listen:.*echo\.sock#\d+$/);
    const client = yield* builtin('socket_create', 'UNIX', path);
    const peer = yield* builtin('socket_accept', server, 5);
    yield* builtin('socket_send', client, [1, 2, 255]);
    assert.equal(yield* builtin('socket_receive_exact', peer, 3), '\x01\x02\udcff');
    assert.equal(yield* info(client, 'remote_host'), path);
    assert.equal(yield* info(client, 'remote_port'), null);
    yield* builtin('socket_shutdown', client);
    assert.equal(yield* builtin('socket_receive_all', peer), '');
    yield* builtin('socket_send', peer, 'bye');
    yield* close(peer);
    assert.equal(yield* builtin('socket_receive_all', client), 'bye');
    yield* close(client, server);
    assert.equal(existsSync(path), false);
  }));

test('errors name the path and say what to do', () =>
  run(function* () {
    const at = (name: string): string => join(folder, name);
    const server = yield* builtin('socket_listen', 'UNIX', at('used'));
    const used = yield* fails('EADDRINUSE', builtin('socket_listen', 'UNIX', at('used')), /another program listens/);
    assert.equal(used.get('host'), at('used'));
    assert.match(used.hint!, /choose another path/);
    yield* close(server);
    writeFileSync(at('file'), 'precious');
    yield* fails('EADDRINUSE', builtin('socket_listen', 'UNIX', at('file')), /a file of another kind/);
    assert.equal(existsSync(at('file')), true);
    yield* fails('ENOENT', builtin('socket_create', 'UNIX', at('none')), /there is no such socket file/);
    yield* fails('ECONNREFUSED', builtin('socket_create', 'UNIX', at('file')));
    mkdirSync(at('directory'));
    yield* fails('EADDRINUSE', builtin('socket_listen', 'UNIX', at('directory')));
    yield* fails('ENAMETOOLONG', builtin('socket_listen', 'UNIX', at('n'.repeat(120))), /at most 107 bytes/);
    yield* fails('ENOENT', builtin('socket_listen', 'UNIX', at('none/x')), /its directory does not exist/);
    yield* fails('ENOTDIR', builtin('socket_listen', 'UNIX', at('file/x')), /a part of the path is no directory/);
    symlinkSync('loop', at('loop'));
    yield* fails('ELOOP', builtin('socket_create', 'UNIX', at('loop')), /its links lead in a circle/);
    yield* fails('ETYPE', builtin('socket_listen', 'UNIX', `${at('x')}\udcff`), /host must be the path/);
    yield* fails('ETYPE', builtin('socket_listen', 'UNIX', ''), /host must be the path/);
    yield* fails('ETYPE', builtin('socket_create', 'UNIX', 'a\0b'), /host must be the path/);
    yield* fails(
      'EOPTION',
      builtin('socket_create', 'UNIX', at('x'), null, options({ local_port: 1 })),
      /not for UNIX/,
    );
  }));

test('a path that is too long is no other socket', () =>
  run(function* () {
    // The system's interface would cut the second path, and reach the first.
    const longest = join(folder, 'x'.repeat(106 - folder.length));
    const server = yield* builtin('socket_listen', 'UNIX', longest);
    yield* close(yield* builtin('socket_create', 'UNIX', longest));
    for (const path of [`${longest}y`, `${longest}yz`, `${longest}${'y'.repeat(100)}`])
      yield* fails('ENAMETOOLONG', builtin('socket_create', 'UNIX', path), /may have at most 107 bytes/);
    yield* close(server);
  }));

test('a file that a killed program left behind is taken over', () =>
  run(function* () {
    const path = join(folder, 'left');
    const service = yield* until(
      startService(
        process.execPath,
        ['-e', `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('ready'))`],
        (output) => output.includes('ready'),
      ),
    );
    yield* until(service.stop());
    assert.equal(existsSync(path), true);
    const error = yield* fails('ECONNREFUSED', builtin('socket_create', 'UNIX', path), /nothing is listening there/);
    assert.match(error.hint!, /has ended/);
    const server = yield* builtin('socket_listen', 'UNIX', path);
    yield* close(yield* builtin('socket_create', 'UNIX', path), server);
  }));

test('speaks with socat', { skip: missing('socat') }, () =>
  run(function* () {
    const path = join(folder, 'socat');
    const server = yield* builtin('socket_listen', 'UNIX', path);
    spawn(function* () {
      const peer = yield* builtin('socket_accept', server, 5);
      const all = yield* builtin('socket_receive_all', peer, null, 5);
      yield* builtin('socket_send', peer, `${String(all)}!`);
      yield* close(peer);
    });
    const answer = yield* until(
      startService('sh', ['-c', `printf hello | socat -t 5 - UNIX-CONNECT:${path}; sleep 1`], (output) =>
        output.includes('hello!'),
      ),
    );
    yield* until(answer.stop());
    yield* close(server);
  }),
);
