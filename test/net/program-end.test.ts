/** What a program has sent arrives, also where the program ends right behind it; or the peer can tell that it did not. */
import assert from 'node:assert/strict';
import type * as net from 'node:net';
import { test } from 'node:test';
import { WebSocketServer } from 'ws';
import { RunningCommand } from '../support/command';
import { drained, pause, rawServer } from '../support/network';

/** Sends until neither the peer nor the system takes more, tells how much was handed over, and ends. */
const FILL = `
  let socket = socket_create("TCP", "127.0.0.1", int(args()[0]))
  socket_send(socket, "x".repeat(2_000_000))
  let full = false
  while !full {
    try { with_timeout(0.03, fn() => socket_send(socket, "x".repeat(10_000))) } catch (e) { full = true }
  }
  log("sent", socket_info(socket).bytes_out)
`;

/** Runs a program against a peer that reads nothing until the program has said how much it sent. */
async function fill(program: string): Promise<{ sent: number; socket: net.Socket; command: RunningCommand }> {
  const server = await rawServer();
  const command = new RunningCommand(['-e', FILL + program, String(server.port)]);
  const socket = await server.next();
  const sent = Number((await command.says(/sent (\d+)/))[1]);
  await pause(100);
  socket.once('close', () => void server.close());
  return { sent, socket, command };
}

test('a program that ends, or fails, has sent all that it handed over', async () => {
  for (const [end, status] of [
    ['', 0],
    ['throw error("and then this")', 1],
  ] as const) {
    const { sent, socket, command } = await fill(end);
    assert.equal((await drained(socket)).length, sent);
    socket.end();
    assert.equal((await command.ended).status, status);
  }
});

test('a program that is told to end does the same', async () => {
  const { sent, socket, command } = await fill('sleep(60_000)');
  command.process.kill('SIGTERM');
  await pause(100);
  assert.equal((await drained(socket)).length, sent);
  socket.end();
  assert.equal((await command.ended).status, 128 + 15);
});

test('exit() waits for nobody: the peer sees a reset, no end that would pass for the whole', async () => {
  const { socket, command } = await fill('exit(3)');
  assert.equal((await command.ended).status, 3);
  // A write asks the system what became of the connection: after an end it would go out.
  const failure = await new Promise<Error | null | undefined>((resolve) => socket.write('?', resolve));
  assert.match(String(failure), /ECONNRESET/);
});

test('messages of a WebSocket arrive too, and the close after them', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const command = new RunningCommand([
    '-e',
    `let conn = ws_connect("ws://127.0.0.1:" + args()[0], {compress: false})
     let sent = 0
     let full = false
     while !full {
       try { with_timeout(0.05, fn() => ws_send(conn, "x".repeat(30_000))) } catch (e) { full = true }
       sent += 1
     }
     log("sent", sent)`,
    String(port),
  ]);
  const got: number[] = [];
  const closed = new Promise<number>((resolve) =>
    server.once('connection', (socket, request) => {
      request.socket.pause();
      socket.on('message', (data: Buffer) => got.push(data.length)).on('close', resolve);
      void command.says(/sent/).then(() => setTimeout(() => request.socket.resume(), 100));
    }),
  );
  const sent = Number((await command.says(/sent (\d+)/))[1]);
  assert.equal(await closed, 1001);
  // The last one was cancelled in its wait for room: it may count or not.
  assert.ok(got.length === sent || got.length === sent - 1, `${got.length} of ${sent}`);
  assert.ok(got.every((size) => size === 30_000));
  assert.equal((await command.ended).status, 0);
  await new Promise((resolve) => server.close(resolve));
});
