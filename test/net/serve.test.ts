/** socket_serve, many connections, and what happens when the system has no descriptors left. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { BIN, directoryWith, environment, RunningCommand, sentra } from '../support/command';
import { Namespace } from '../support/namespaces';
import { needsRoot } from '../support/programs';

const HELLO = `
  let server = socket_listen("TCP", "127.0.0.1", 0)
  let port = socket_info(server).local_port
`;

/** Runs a program with the built command, under a limit of descriptors where one is given. */
function program(text: string, descriptors: number | null = null): string {
  const folder = directoryWith({ 'main.sn': text });
  const limit = descriptors === null ? '' : `ulimit -n ${descriptors}; `;
  const ended = spawnSync('sh', ['-c', `${limit}exec ${BIN} main.sn`], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(ended.stderr, '');
  assert.equal(ended.status, 0);
  return ended.stdout;
}

test('at most max_connections at once; the others wait and are served', () =>
  assert.equal(
    program(`${HELLO}
      let now = 0
      let most = 0
      spawn socket_serve(server, fn(client) {
        now += 1
        most = max(most, now)
        socket_send(client, socket_receive_line(client) + "!\\n")
        sleep(5)
        now -= 1
      }, {max_connections: 3})
      let answers = parallel(1..30, 30, fn(i) {
        let socket = socket_create("TCP", "127.0.0.1", port)
        defer socket_close(socket)
        socket_send(socket, i + "\\n")
        return socket_receive_line(socket) == i + "!"
      })
      log(len(answers.filter(fn(a) => a)), most)
      socket_close(server)`),
    '30 3\n',
  ));

test('an error in one ends no other, closes its socket and is reported', () => {
  const { stdout, stderr, status } = sentra([
    '-e',
    `${HELLO}
      spawn socket_serve(server, fn(client) {
        let line = socket_receive_line(client)
        if line == "bad" { throw "this one is bad" }
        socket_send(client, line + "\\n")
      })
      for word in ["one", "bad", "two"] {
        let socket = socket_create("TCP", "127.0.0.1", port)
        socket_send(socket, word + "\\n")
        log(socket_receive_line(socket))
        socket_close(socket)
      }
      socket_close(server)`,
  ]);
  assert.equal(stdout, 'one\nnull\ntwo\n');
  assert.match(stderr, /this one is bad/);
  assert.notEqual(status, null);
});

test('it ends when the server is closed; those who are served go on', () =>
  assert.equal(
    program(`${HELLO}
      let serving = spawn socket_serve(server, fn(client) {
        sleep(30)
        socket_send(client, "late but whole")
      })
      let socket = socket_create("TCP", "127.0.0.1", port)
      sleep(10)
      socket_close(server)
      log(wait(serving), socket_receive_all(socket))`),
    'null late but whole\n',
  ));

test('it ends too when the server is closed while as many are served as may be', () =>
  assert.equal(
    program(`${HELLO}
      let serving = spawn fn() {
        socket_serve(server, fn(client) {
          socket_receive(client, 10)
          socket_send(client, "late but whole")
        }, {max_connections: 1})
        log("over")
      }()
      let socket = socket_create("TCP", "127.0.0.1", port)
      let waiting = socket_create("TCP", "127.0.0.1", port)
      sleep(20)
      log(socket_info(server).pending)
      socket_close(server)
      try { socket_receive(waiting, 10) } catch (e) { log(e.code) }
      socket_send(socket, "?")
      log(socket_receive_all(socket))
      wait(serving, 5)`),
    '1\nECONNRESET\nover\nlate but whole\n',
  ));

test('cancelling it cancels its tasks and closes their sockets', () =>
  assert.equal(
    program(`${HELLO}
      let serving = spawn socket_serve(server, fn(client) {
        defer log("ended")
        socket_receive(client, 10)
      })
      let socket = socket_create("TCP", "127.0.0.1", port)
      sleep(20)
      cancel(serving)
      log(socket_receive(socket, 10) == "")
      socket_close(server)`),
    'ended\ntrue\n',
  ));

test('without descriptors the caller gets EMFILE and the server goes on', () => {
  const text = program(
    `${HELLO}
      let served = 0
      spawn socket_serve(server, fn(client) {
        served += 1
        socket_receive_all(client)
      })
      let open = []
      let failed = []
      for turn in 1..80 {
        try { push(open, socket_create("TCP", "127.0.0.1", port, {timeout: 1})) } catch (e) { push(failed, e) }
      }
      log(len(open) > 5, len(failed) > 5, failed[0].message.replace(str(port), "PORT"))
      log(failed.filter(fn(e) => e.code != "EMFILE").map(fn(e) => e.message))
      try { socket_listen("TCP", "127.0.0.1", 0) } catch (e) { log(e.code) }
      try { socket_create("UDP", "127.0.0.1", 9) } catch (e) { log(e.code) }
      for socket in open { socket_close(socket) }
      sleep(50)
      let before = served
      let socket = socket_create("TCP", "127.0.0.1", port)
      sleep(50)
      log(served - before)
      socket_close(socket)
      socket_close(server)`,
    64,
  );
  const message = 'socket_create: connection to 127.0.0.1:PORT failed: too many files and sockets are open (EMFILE)';
  assert.equal(text, `true true ${message}\n[]\nEMFILE\nEMFILE\n1\n`);
});

test('so do servers of TLS and UNIX; names and files then do not pass for missing', () => {
  const text = program(
    `let own = certificate_create(["localhost"])
      file_write("own.pem", own.cert)
      let settings = {cert: own.cert, key: own.key, handshake_timeout: 1}
      let secure = socket_listen("TLS", "127.0.0.1", 0, settings)
      let port = socket_info(secure).local_port
      let unix = socket_listen("UNIX", "echo.sock")
      for server in [secure, unix] { spawn socket_serve(server, fn(client) { socket_send(client, socket_receive_all(client)) }) }
      let open = []
      let codes = []
      fn note(f) { try { push(open, f()) } catch (e) { if !(e.code in codes) { push(codes, e.code) } } }
      for turn in 1..60 { note(fn() => socket_create("UNIX", "echo.sock", null, {timeout: 1})) }
      log(len(open) > 5, codes)
      let tries = {
        name: fn() => socket_create("TCP", "localhost", port),
        file: fn() => socket_create("TLS", "127.0.0.1", port, {ca: "own.pem"}),
        tls: fn() => socket_create("TLS", "127.0.0.1", port, {ca: own.cert}),
        unix: fn() => socket_listen("UNIX", "other.sock"),
      }
      for what, try_it in tries { try { log(try_it()) } catch (e) { log(what, e.message.replace(str(port), "PORT")) } }
      for socket in open { socket_close(socket) }
      sleep(50)
      let client = socket_create("TLS", "localhost", port, {ca: own.cert})
      let other = socket_create("UNIX", "echo.sock")
      for socket in [client, other] {
        socket_send(socket, "again")
        socket_shutdown(socket)
        log(socket_receive_all(socket))
        socket_close(socket)
      }
      for server in [secure, unix] { socket_close(server) }`,
    64,
  );
  const open = 'too many files and sockets are open (EMFILE)';
  assert.deepEqual(text.split('\n'), [
    'true ["EMFILE"]',
    `name socket_create: connection to localhost:PORT failed: ${open}`,
    `file socket_create: option "ca": cannot read own.pem: ${open}`,
    `tls socket_create: connection to 127.0.0.1:PORT failed: ${open}`,
    `unix socket_listen: cannot listen on other.sock: ${open}`,
    'again',
    'again',
    '',
  ]);
});

test('a thousand connections and two thousand refusals in one program', () =>
  assert.equal(
    program(`${HELLO}
      spawn socket_serve(server, fn(client) { socket_send(client, socket_receive_line(client) + "\\n") })
      let unused = socket_listen("TCP", "127.0.0.1", 0)
      let nobody = socket_info(unused).local_port
      socket_close(unused)
      let sockets = parallel(1..1000, 200, fn(i) => socket_create("TCP", "127.0.0.1", port))
      let refused = parallel(1..2000, 200, fn(i) {
        try { return socket_create("TCP", "127.0.0.1", nobody) } catch (e) { return e.code }
      })
      log(len(refused.filter(fn(code) => code == "ECONNREFUSED")))
      let good = 0
      for i, socket in sockets { socket_send(socket, "number " + i + "\\n") }
      for i, socket in sockets { if socket_receive_line(socket) == "number " + i { good += 1 } }
      log(good)
      for socket in sockets { socket_close(socket) }
      socket_close(server)`),
    '2000\n1000\n',
  ));

/** Bytes of a process that are in memory. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) * 1024;
}

const hasProc = existsSync('/proc/self/status') ? false : 'looks at /proc';
test('a receiver that stops reading: the sender stays within 5 MB', { skip: hasProc }, async () => {
  const sender = new RunningCommand([
    '-e',
    `${HELLO}
      let socket = socket_create("TCP", "127.0.0.1", port)
      let peer = socket_accept(server)
      let piece = repeat("All of this goes nowhere. ", 2500)
      for turn in 1..1000 {
        socket_send(socket, piece)
        socket_receive_exact(peer, byte_len(piece))
      }
      log("reading stops")
      sleep(100)
      let sending = spawn { while true { socket_send(socket, piece) } }
      sleep(500)
      let sent = socket_info(socket).bytes_out
      sleep(300)
      assert(socket_info(socket).bytes_out == sent, "it never had to wait")
      log("stalled")
      sleep(100000)`,
  ]);
  // The whole process, the receiving end included, so that nothing hides.
  await sender.says('reading stops');
  const before = residentBytes(sender.process.pid!);
  await sender.says('stalled');
  const grown = residentBytes(sender.process.pid!) - before;
  sender.process.kill('SIGKILL');
  assert.ok(grown < 5_000_000, `grew by ${grown} bytes`);
});

test('an address that does not answer is passed over (Happy Eyeballs)', { skip: needsRoot('ip', 'nft') }, () => {
  const space = new Namespace();
  const folder = `/etc/netns/${space.name}`;
  try {
    // Packets to two of the addresses go nowhere: only the third one answers.
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      `${folder}/hosts`,
      '192.0.2.1 three.test\n192.0.2.2 three.test\n127.0.0.1 three.test\n::1 six.test\n',
    );
    for (const address of ['192.0.2.1', '192.0.2.2']) space.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
    space.rules(
      'table inet hole { chain in { type filter hook input priority 0; ip daddr { 192.0.2.1, 192.0.2.2 } drop; }; }',
    );
    const { stdout, stderr } = space.sentra(`
      let server = socket_listen("TCP", "127.0.0.1", 0)
      let port = socket_info(server).local_port
      let start = clock()
      log(socket_info(socket_create("TCP", "three.test", port)).remote_host, clock() - start < 3000)
      try { socket_create("TCP", "192.0.2.1", port, {timeout: 0.2}) } catch (e) { log(e.code, e.host, e.port == port) }
      let six = socket_listen("TCP", "::1", 0)
      log(socket_info(socket_create("TCP", "six.test", socket_info(six).local_port)).remote_host)
      try { socket_create("TCP", "six.test", port) } catch (e) { log(e.code, e.host) }
    `);
    assert.equal(stderr, '');
    assert.equal(stdout, '127.0.0.1 true\nETIMEDOUT 192.0.2.1 true\n::1\nECONNREFUSED six.test\n');
  } finally {
    space.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
