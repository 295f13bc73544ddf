/** Names whose server says nothing: they cost nobody more time than was allowed, neither other tasks nor the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentra } from '../support/command';
import { Namespace } from '../support/namespaces';
import { needsRoot } from '../support/programs';

/** In a network of its own: the name server is a socket that nobody reads. */
function withSilentServer(body: (space: Namespace) => void): void {
  const space = new Namespace();
  try {
    space.setResolver('nameserver 127.0.0.1\n');
    space.setHosts('127.0.0.1 localhost\n');
    body(space);
  } finally {
    space.remove();
  }
}

const SILENT = 'let silent = socket_listen("UDP", "127.0.0.1", 53)\n';

test('the timeout of a connection holds for the lookup too', { skip: needsRoot('ip') }, () =>
  withSilentServer((space) => {
    const { stdout, stderr } = space.sentra(`${SILENT}
      for protocol in ["TCP", "UDP"] {
        let start = clock()
        try { socket_create(protocol, "silent.test", 80, {timeout: 0.2}) } catch (e) { log(e.message, e.host, e.port) }
        log(clock() - start < 2000)
      }
      let start = clock()
      try { with_timeout(0.2, fn() => socket_create("TCP", "silent.test", 80)) } catch (e) { log(e.code) }
      let dialling = spawn socket_create("TCP", "silent.test", 80)
      sleep(20)
      cancel(dialling)
      try { wait(dialling) } catch (e) { log(e.code, clock() - start < 2000) }
    `);
    assert.equal(stderr, '');
    const message =
      "socket_create: connection to silent.test:80 timed out after 0.2 seconds: no name server has answered for 'silent.test' (ETIMEDOUT)";
    assert.equal(stdout, `${message} silent.test 80\ntrue\n`.repeat(2) + 'ETIMEDOUT\nECANCELED true\n');
  }),
);

test('lookups that wait hold up no others, nor the end of the program', { skip: needsRoot('ip') }, () =>
  withSilentServer((space) => {
    const before = performance.now();
    const { stdout, stderr, status } = space.sentra(`${SILENT}
      let server = socket_listen("TCP", "127.0.0.1", 0)
      for i in 1..20 { spawn fn() { try { socket_create("TCP", "silent" + i + ".test", 80) } catch { } }() }
      sleep(50)
      let start = clock()
      socket_close(socket_create("TCP", "localhost", socket_info(server).local_port))
      log(clock() - start < 2000)
      exit(3)
    `);
    assert.deepEqual([stdout, stderr, status], ['true\n', '', 3]);
    // The resolver itself tries for ten seconds.
    assert.ok(performance.now() - before < 5000);
  }),
);

test('neither the program nor those that it starts see how that is arranged', () => {
  const program = `log(env("UV_THREADPOOL_SIZE"), "UV_THREADPOOL_SIZE" in exec("env").stdout)`;
  assert.equal(sentra(['-e', program]).stdout, 'null false\n');
  assert.equal(sentra(['-e', program], { env: { UV_THREADPOOL_SIZE: '7' } }).stdout, '7 true\n');
});
