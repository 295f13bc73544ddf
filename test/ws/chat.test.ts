/**
 * A chat server that asks for names and then polls its clients, all in one task, with `ws`, a browser and a program
 * of Sentra as its clients: names are kept, every message reaches everybody once, in order and soon.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { WebSocket, WebSocketServer } from 'ws';
import { directoryWith, RunningCommand, sentra } from '../support/command';
import { freePort, pause } from '../support/network';

const PROGRAMS = join(__dirname, 'programs');
const CHROMIUM = '/usr/bin/chromium';

function program(name: string, changes: readonly (readonly [string, string])[]): string {
  let text = readFileSync(join(PROGRAMS, name), 'utf8');
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), `${from} stands in ${name}`);
    text = text.replaceAll(from, to);
  }
  return join(directoryWith({ [name]: text }), name);
}

async function chatServer(): Promise<{ port: number; server: RunningCommand }> {
  const port = await freePort();
  const server = new RunningCommand([program('chat-server.sn', [['8765', String(port)]])]);
  await server.says('WebSocket server running');
  return { port, server };
}

async function stopped(server: RunningCommand): Promise<void> {
  server.process.kill('SIGTERM');
  const { status, stderr } = await server.ended;
  assert.equal(status, 143, stderr);
}

/** A person with a client of `ws`. */
class Guest {
  readonly heard: { text: string; at: number }[] = [];
  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.heard.push({ text: data.toString(), at: performance.now() }));
    socket.on('error', () => {});
  }

  static async arrive(port: number): Promise<Guest> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const guest = new Guest(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return guest;
  }

  say(text: string): number {
    this.socket.send(text);
    return performance.now();
  }

  /** Milliseconds from `since` until this was heard. */
  async hears(text: string, since = 0): Promise<number> {
    for (let i = 0; i < 1000; i++) {
      const found = this.heard.find((each) => each.text === text);
      if (found !== undefined) return found.at - since;
      await pause(10);
    }
    assert.fail(`${text} was never heard, but ${JSON.stringify(this.heard.map((each) => each.text))}`);
  }

  get texts(): string[] {
    return this.heard.map((each) => each.text);
  }

  leave(): void {
    this.socket.close();
  }

  vanish(): void {
    this.socket.terminate();
  }
}

const PROMPT = 'Please enter your username:';

test('three clients: one slow to give a name, one that never does, one that leaves in the middle', async () => {
  const { port, server } = await chatServer();
  const ann = await Guest.arrive(port);
  await ann.hears(PROMPT);
  ann.say('ann');
  await ann.hears('ann joined the chat');
  const mute = await Guest.arrive(port);
  await mute.hears(PROMPT);
  // While the server waits for a name that never comes, the next one is let in, and ann is heard.
  const since = ann.say('is anybody here?');
  assert.ok((await mute.hears('[ann]: is anybody here?', since)) < 1500);
  const bob = await Guest.arrive(port);
  await bob.hears(PROMPT);
  await pause(300);
  bob.say('bob');
  await ann.hears('bob joined the chat');

  for (let i = 0; i < 10; i++) {
    const [speaker, name] = i % 2 === 0 ? ([ann, 'ann'] as const) : ([bob, 'bob'] as const);
    const text = `[${name}]: message ${i}`;
    const at = speaker.say(`message ${i}`);
    for (const guest of [ann, bob, mute]) {
      const taken = await guest.hears(text, at);
      assert.ok(taken < 400, `message ${i} took ${taken} ms`);
    }
    // Others are idle meanwhile, whatever the server is waiting for.
    await pause(i * 37);
  }
  ann.say('my last words');
  ann.leave();
  await bob.hears('[ann]: my last words');
  mute.vanish();
  bob.say('alone?');
  await bob.hears('[bob]: alone?');
  const spoken = bob.texts.filter((text) => /message \d/.test(text));
  assert.deepEqual(
    spoken,
    Array.from({ length: 10 }, (_, i) => `[${i % 2 === 0 ? 'ann' : 'bob'}]: message ${i}`),
    'once and in order',
  );
  await stopped(server);
});

test('guests who come all at once and answer at once keep their names', async () => {
  const { port, server } = await chatServer();
  const names = ['ann', 'bob', 'cid', 'dora', 'eve', 'fay'];
  const guests = await Promise.all(
    names.map(async (name) => {
      const guest = await Guest.arrive(port);
      await guest.hears(PROMPT);
      guest.say(name);
      return guest;
    }),
  );
  for (const [i, name] of names.entries()) {
    guests[i]!.say('here');
    for (const guest of guests) await guest.hears(`[${name}]: here`);
  }
  await stopped(server);
});

test('an idle chat does not spin', async (context) => {
  if (!existsSync('/proc/self/stat')) {
    context.skip('the processor time of another process is read from /proc');
    return;
  }
  const { port, server } = await chatServer();
  const guests = [await Guest.arrive(port), await Guest.arrive(port)];
  for (const guest of guests) {
    await guest.hears(PROMPT);
    guest.say('somebody');
    await guest.hears('somebody joined the chat');
  }
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  await pause(300);
  const before = ticks();
  await pause(3000);
  // A tick is a hundredth of a second.
  assert.ok(ticks() - before < 15, `${ticks() - before} ticks in 3 seconds`);
  await stopped(server);
});

test('a browser takes part', async (context) => {
  if (!existsSync(CHROMIUM)) {
    context.skip('chromium is not installed');
    return;
  }
  const { port, server } = await chatServer();
  const page = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end('<p>'));
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
  const profile = mkdtempSync(join(tmpdir(), 'sentra-chromium-'));
  after(() => rmSync(profile, { recursive: true, force: true }));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(page.address() as AddressInfo).port}/`);
    const guest = await Guest.arrive(port);
    await guest.hears(PROMPT);
    guest.say('guest');
    await guest.hears('guest joined the chat');
    const talking = tab.evaluate<{ heard: string[]; code: number; clean: boolean }>(
      `new Promise((resolve, reject) => {
        const heard = [];
        const socket = new WebSocket('ws://127.0.0.1:${port}');
        socket.onerror = () => reject(new Error('error'));
        socket.onmessage = ({ data }) => {
          heard.push(data);
          if (data.startsWith('Please')) socket.send('browser ' + String.fromCodePoint(0x1f98a));
          if (data.endsWith('joined the chat')) socket.send('hello '.repeat(1000));
          if (data === '[guest]: bye') { socket.onclose = (e) => resolve({ heard, code: e.code, clean: e.wasClean }); socket.close(1000, 'done'); }
        };
      })`,
    );
    await guest.hears('browser 🦊 joined the chat');
    await guest.hears(`[browser 🦊]: ${'hello '.repeat(1000)}`);
    guest.say('bye');
    const { heard, code, clean } = await talking;
    assert.deepEqual([code, clean], [1000, true]);
    assert.ok(heard.includes('[guest]: bye'));
  } finally {
    await browser.close();
    await new Promise((resolve) => page.close(resolve));
  }
  await stopped(server);
});

test('what is sent right before the program ends arrives', async () => {
  const got: string[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const over = new Promise<number>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => got.push(data.toString()));
      socket.on('close', resolve);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const command = new RunningCommand([
    '-e',
    `let c = ws_connect("ws://127.0.0.1:${port}"); for i in 0..9 { ws_send(c, str(i)) }`,
  ]);
  assert.equal((await command.ended).status, 0);
  assert.equal(await over, 1001);
  assert.equal(got.join(''), '0123456789');
  await new Promise((resolve) => server.close(resolve));
});

test('an uncaught error of a WebSocket shows the line', () => {
  const { status, stderr } = sentra(['-e', 'ws_connect("ws://127.0.0.1:1/")']);
  assert.equal(status, 1);
  assert.match(stderr, /error\[ECONNREFUSED\]: ws_connect: connection to 127\.0\.0\.1:1 refused/);
  assert.match(stderr, /1 │ ws_connect\(/);
});
