// A load of WebSocket clients over raw TCP, so that the clients cost little:
//   load.js PORT echo CONNECTIONS IN_FLIGHT MESSAGES BYTES
//   load.js PORT broadcast CONNECTIONS ROUNDS BURST BYTES PID
//   load.js PORT idle CONNECTIONS       says "open" and ends with its standard input
//   load.js PORT churn CONNECTIONS AT_ONCE
// Prints "result ..." and times as "NAME_ms ...".
const { readFileSync } = require('node:fs');
const net = require('node:net');

const [port, mode, ...numbers] = process.argv.slice(2);
const [a, b, c, d, e] = numbers.map(Number);
const handshake = (path, offer) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(offer === undefined ? [] : [`Sec-WebSocket-Extensions: ${offer}`]),
    '',
    '',
  ].join('\r\n');

/** A masked text frame; the mask is zero, which is as good as any other to the server. */
function frame(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  head[0] = 0x81;
  head[1] = 0x80 | (payload.length < 126 ? payload.length : 126);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  head.writeUInt32BE(0x12345678, head.length - 4);
  for (let i = 0; i < payload.length; i++) payload[i] ^= head[head.length - 4 + (i & 3)];
  return Buffer.concat([head, payload]);
}

const headerBytes = (length) => (length < 126 ? 2 : 4);

/** Calls `onData` with what comes after the handshake. */
function open(onData, path = '/', offer = undefined) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(port), host: '127.0.0.1', noDelay: true }, () =>
      socket.write(handshake(path, offer)),
    );
    socket.on('error', reject);
    socket.once('data', (answer) => {
      if (!answer.toString('latin1').startsWith('HTTP/1.1 101 ')) reject(new Error(answer.toString('latin1')));
      const end = answer.indexOf('\r\n\r\n') + 4;
      socket.on('data', (piece) => onData(socket, piece));
      if (answer.length > end) onData(socket, answer.subarray(end));
      resolve(socket);
    });
  });
}

async function openAll(count, onData, offer) {
  const sockets = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () => open(onData, '/', offer));
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

async function echo(connections, inFlight, messages, bytes) {
  const text = 'x'.repeat(bytes);
  const out = frame(text);
  const size = headerBytes(bytes) + bytes;
  let toSend = messages;
  let received = 0;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const pending = new Map();
  const sockets = await openAll(connections, (socket, piece) => {
    const have = (pending.get(socket) ?? 0) + piece.length;
    const whole = Math.floor(have / size);
    pending.set(socket, have - whole * size);
    if (whole === 0) return;
    // The end of a frame is the end of the text.
    if (have === whole * size && piece[piece.length - 1] !== 120) throw new Error('not what was sent');
    received += whole;
    const more = Math.min(whole, toSend);
    toSend -= more;
    if (more > 0) socket.write(more === 1 ? out : Buffer.concat(Array.from({ length: more }, () => out)));
    if (received === messages) finish();
  });
  const began = performance.now();
  for (const socket of sockets) {
    const first = Math.min(inFlight, toSend);
    toSend -= first;
    if (first > 0) socket.write(Buffer.concat(Array.from({ length: first }, () => out)));
  }
  await done;
  console.log(`elapsed_ms ${performance.now() - began}`);
  console.log(`result ${received} messages of ${bytes} bytes`);
  for (const socket of sockets) socket.destroy();
}

/** Counts the frames in pieces of a stream, whatever is in them. */
function frameCounter() {
  let skip = 0;
  let head = Buffer.alloc(0);
  return (piece) => {
    let frames = 0;
    let at = 0;
    while (at < piece.length) {
      if (skip > 0) {
        const taken = Math.min(skip, piece.length - at);
        skip -= taken;
        at += taken;
        if (skip === 0) frames++;
        continue;
      }
      head = Buffer.concat([head, piece.subarray(at, at + 1)]);
      at++;
      if (head.length < 2 || (head[1] === 126 && head.length < 4)) continue;
      skip = head[1] === 126 ? head.readUInt16BE(2) : head[1];
      head = Buffer.alloc(0);
      if (skip === 0) frames++;
    }
    return frames;
  };
}

async function broadcast(connections, rounds, burst, bytes) {
  const offer = bytes >= 1024 ? 'permessage-deflate' : undefined;
  let orders = 0;
  let received = 0;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));
  const over = () => received === connections * rounds && orders === 1 && finish();
  const first = await open(() => over(orders++), '/order');
  const counters = new Map();
  const take = (socket, piece) => {
    if (!counters.has(socket)) counters.set(socket, frameCounter());
    received += counters.get(socket)(piece);
    over();
  };
  const sockets = await openAll(connections, take, offer);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = serverMs();
  const began = performance.now();
  const message = Array.from({ length: bytes }, (_, i) => String.fromCharCode(97 + ((i * i) % 26))).join('');
  first.write(frame(JSON.stringify({ rounds, burst, message })));
  await done;
  console.log(`elapsed_ms ${performance.now() - began}`);
  console.log(`server_ms ${serverMs() - before}`);
  console.log(`result ${received} messages`);
  for (const socket of [first, ...sockets]) socket.destroy();
}

/** Processor time of the server so far, in milliseconds; its process is the last argument. */
function serverMs() {
  const stat = readFileSync(`/proc/${e}/stat`, 'latin1').split(') ')[1].split(' ');
  return 10 * (Number(stat[11]) + Number(stat[12]));
}

async function idle(connections) {
  const sockets = await openAll(connections, () => {});
  console.log('open');
  await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  for (const socket of sockets) socket.destroy();
}

async function churn(connections, atOnce) {
  const began = performance.now();
  const closing = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
  let left = connections;
  const one = async () => {
    while (left-- > 0) {
      const socket = await open(() => {});
      const over = new Promise((resolve) => socket.once('close', resolve));
      socket.write(closing);
      await over;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  console.log(`elapsed_ms ${performance.now() - began}`);
  console.log(`result ${connections} connections`);
}

const modes = { echo, broadcast, idle, churn };
modes[mode](a, b, c, d).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
