/** The programs in examples/ do what their first lines say. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { directoryWith, RunningCommand, sentra } from '../support/command';
import type { Ended } from '../support/command';

function run(example: string, ...args: string[]): Promise<Ended> {
  return new RunningCommand([`examples/${example}`, ...args]).ended;
}

/** Starts a server on a port of the system's choice; it says which. */
async function start(example: string): Promise<{ server: RunningCommand; port: string }> {
  const server = new RunningCommand([`examples/${example}`, '0']);
  const port = (await server.says(/port (\d+)\n/))[1]!;
  return { server, port };
}

/** As Ctrl-C does. */
async function stop(server: RunningCommand): Promise<Ended> {
  server.process.kill('SIGINT');
  return server.ended;
}

async function withServer(
  example: string,
  body: (server: RunningCommand, port: string) => Promise<void>,
): Promise<void> {
  const { server, port } = await start(example);
  try {
    await body(server, port);
  } finally {
    assert.equal((await stop(server)).status, 130);
  }
}

/** A connection that collects what comes. */
class Client {
  private text = '';
  private readonly socket: Socket;

  constructor(port: string) {
    this.socket = connect(Number(port), '127.0.0.1');
    this.socket.on('data', (piece) => (this.text += piece.toString()));
  }

  send(text: string): void {
    this.socket.write(text);
  }

  async hears(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.socket.destroyed) throw new Error(`"${text}" never came, only ${JSON.stringify(this.text)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  close(): void {
    this.socket.end();
  }
}

test('echo.sn: all clients get their echo, and the table adds up', async () => {
  const { status, stdout, stderr } = await run('echo.sn', '100');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const [clients, messages, bytes] = /TCP echo +(\d+) +(\d+) +(\d+)/.exec(stdout)!.slice(1).map(Number);
  let sent = 0;
  for (let number = 1; number <= 100; number++) {
    for (let round = 1; round <= 20; round++) sent += `client ${number} says hello for the ${round}. time\n`.length;
  }
  assert.deepEqual([clients, messages, bytes], [100, 2000, 2 * sent]);
  assert.match(stdout, /UDP +1 +\d+/);
});

test('tcp-server.sn answers tcp-client.sn', () =>
  withServer('tcp-server.sn', async (server, port) => {
    const first = await run('tcp-client.sn', port);
    assert.equal(first.stdout, 'the server answered: Echo: Hello, Server!\n');
    const second = await run('tcp-client.sn', port, 'grüße');
    assert.equal(second.stdout, 'the server answered: Echo: grüße\n');
    await server.says(/connected: tcp:.*\nreceived: grüße\n/);
  }));

test('tcp-server-tasks.sn serves several clients at once', () =>
  withServer('tcp-server-tasks.sn', async (_server, port) => {
    const silent = new Client(port);
    const client = new Client(port);
    client.send('one\ntwo\n');
    await client.hears('Echo: one\nEcho: two\n');
    silent.send('late\n');
    await silent.hears('Echo: late\n');
    silent.close();
    client.close();
  }));

test('udp-server.sn answers udp-client.sn', () =>
  withServer('udp-server.sn', async (_server, port) => {
    const { stdout, status } = await run('udp-client.sn', port, 'ping');
    assert.equal(stdout, 'the server answered: UDP Echo: ping\n');
    assert.equal(status, 0);
  }));

test('the clients say what to do where no server is', async () => {
  const { server, port } = await start('tcp-server.sn');
  await stop(server);
  const { stdout, status } = await run('tcp-client.sn', port);
  assert.match(stdout, /ECONNREFUSED[^]*start a server first/);
  assert.equal(status, 1);
});

test('chat.sn passes on what each says to the others', () =>
  withServer('chat.sn', async (_server, port) => {
    const ann = new Client(port);
    await ann.hears('Your name? ');
    ann.send('ann\n');
    await ann.hears('* ann is here');
    const bob = new Client(port);
    bob.send('ann\nbob\n');
    await bob.hears('Another one? ');
    await ann.hears('* bob is here');
    ann.send('hi all\n');
    await bob.hears('ann: hi all\n');
    bob.close();
    await ann.hears('* bob has left');
    ann.close();
  }));

test('graceful-stop.sn says goodbye to the clients it has', async () => {
  const { server, port } = await start('graceful-stop.sn');
  const client = new Client(port);
  client.send('abc\n');
  await client.hears('cba\n');
  const ended = stop(server);
  await client.hears('Goodbye!\n');
  const { status, stdout } = await ended;
  assert.equal(status, 130);
  assert.match(stdout, /^closing tcp:/m);
  assert.match(stdout, /^lines answered: 1$/m);
});

/** Programs that run by themselves, and what they print at least. */
const programs: Readonly<Record<string, RegExp>> = {
  'pipeline.sn': /^(square \d+ total \d+\n){10}$/,
  'worker-pool.sn': /^(?:\w+ did \d+ jobs\n){3}by hand: 780\nwith parallel: 780 in order: \[10, 20, .*, 120\]\n$/,
  'timeouts.sn':
    /^ {2}slow_.*\nwith_timeout: ETIMEDOUT\nreceive: null\nselect: nothing .*\n {2}slow_.*\ncancel: ECANCELED\nsocket_create: E\w+\n$/,
  'rate-limit.sn': /^( +\d+ ms: request \d+\n){20}20 requests took \d+ ms\n$/,
};

for (const [example, expected] of Object.entries(programs)) {
  test(example, async () => {
    const { status, stdout, stderr } = await run(example);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, expected);
  });
}

test('words.sn counts the words of its input', () => {
  const { stdout } = sentra(['examples/words.sn'], { input: 'The cat, the dog.\nThe bird!' });
  assert.equal(stdout, '     3 the\n     1 cat\n     1 dog\n     1 bird\n');
});

test('no example is left out of the tests, and the list of examples has them all', () => {
  const tested = readdirSync(__dirname)
    .map((name) => readFileSync(join(__dirname, name), 'utf8'))
    .join('\n');
  const listed = readFileSync('examples/README.md', 'utf8');
  for (const name of readdirSync('examples').filter((each) => each.endsWith('.sn'))) {
    assert.ok(tested.includes(`'${name}'`) || tested.includes(`examples/${name}`), `${name} is not tested`);
    assert.ok(listed.includes(`(${name})`), `${name} is not in examples/README.md`);
  }
});

test('chat-rooms.sn: the page, rooms apart from each other, names that are free', () =>
  withServer('chat-rooms.sn', async (_server, port) => {
    const url = `127.0.0.1:${port}`;
    const page = await fetch(`http://${url}/`, { headers: { Connection: 'close' } });
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(await page.text(), /<title>Rooms<\/title>/);
    const visitors = await Promise.all(
      ['ops?name=ann', 'ops?name=ann', 'lobby?name=bob'].map(async (place) => {
        const socket = new WebSocket(`ws://${url}/rooms/${place}`);
        const heard: { kind: string; name?: string; text?: string; here?: string[] }[] = [];
        socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as (typeof heard)[number]));
        await new Promise((resolve) => socket.once('message', resolve));
        return { socket, heard };
      }),
    );
    const [ann, second, bob] = visitors as [(typeof visitors)[0], (typeof visitors)[0], (typeof visitors)[0]];
    const own = [ann, second].map(({ heard }) => heard[0]!.name).sort();
    assert.deepEqual(own, ['ann', 'ann 2']);
    ann.socket.send('<b>hello</b>');
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until(() => second.heard.some(({ text }) => text === '<b>hello</b>'));
    assert.ok(!bob.heard.some(({ kind }) => kind === 'said'));
    ann.socket.close();
    await until(() => second.heard.some(({ kind, here }) => kind === 'left' && here?.length === 1));
    second.socket.close();
    bob.socket.close();
  }));

test('certificate-watch.sn ends with status 1 for a server that is not there, and 2 without any', async () => {
  const { stdout, status } = await run('certificate-watch.sn', '127.0.0.1:1');
  assert.match(stdout, /^BAD {2}127\.0\.0\.1:1: analyze_ssl: connection to 127\.0\.0\.1:1 refused/);
  assert.equal(status, 1);
  assert.match(
    (await run('certificate-watch.sn', '[::1]:1')).stdout,
    /^BAD {2}\[::1\]:1: analyze_ssl: connection to \[::1\]:1 refused/,
  );
  assert.equal((await run('certificate-watch.sn')).status, 2);
});

test('scan-changes.sn tells of a port that is new and then gone', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(directoryWith({}), 'ports.json');
  const scan = (): Promise<Ended> => run('scan-changes.sn', '127.0.0.1', String(port), file);
  assert.match((await scan()).stdout, new RegExp(`^new: {2}${port} .*\n1 open ports, 0 before\n$`));
  await new Promise((resolve) => server.close(resolve));
  assert.match((await scan()).stdout, new RegExp(`^gone: ${port} .*\n0 open ports, 1 before\n$`));
  assert.equal((await run('scan-changes.sn', '127.0.0.1')).status, 2);
});
