// A load of WebSocket clients over raw TCP, so that the clients cost little:
//   load.js PORT echo CONNECTIONS IN_FLIGHT MESSAGES BYTES
//   load.js PORT chat CONNECTIONS SPEAKERS MESSAGES BYTES PID
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

/** Of a frame from the server. */
const headerBytes = (length) => (length < 126 ? 2 : 4);

/** Calls `onData` with what comes after the handshake. */
function open(onData, path = '/', offer = undefined) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port: Number(port), host: '127.0.0.1', noDelay: true }, () =>
      socket.write(handshake(path, offer)),
    );
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('the server closed a connection before its handshake')));
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

/**
 * Some of the clients speak: each says the next thing when it has heard the last one from the server. All have to hear
 * all of it in the same order: the stream of each is compared with the longest so far.
 */
async function chat(connections, speakers, messages, bytes) {
  const offer = bytes >= 1024 ? 'permessage-deflate' : undefined;
  const text = Array.from({ length: bytes }, (_, i) => String.fromCharCode(97 + ((i * i) % 26))).join('');
  let stream = Buffer.alloc(0);
  /** Where each frame of the stream ends. */
  const ends = [];
  const heard = new Map();
  let toSay = messages;
  let finish;
  let complete = 0;
  const done = new Promise((resolve) => (finish = resolve));
  const speaking = new Set();
  const take = (socket, piece) => {
    const at = heard.get(socket);
    const known = Math.min(piece.length, stream.length - at);
    if (known > 0 && piece.compare(stream, at, at + known, 0, known) !== 0)
      throw new Error('not what the others heard');
    if (known < piece.length) {
      stream = Buffer.concat([stream, piece.subarray(known)]);
      for (let end = frameEnd(stream, ends.at(-1) ?? 0); end > 0; end = frameEnd(stream, end)) ends.push(end);
    }
    heard.set(socket, at + piece.length);
    if (at + piece.length === ends[messages - 1]) complete++;
    if (complete === connections) finish();
    if (speaking.has(socket)) answer(socket, at + piece.length);
  };
  // With several speakers, each counts every so many messages as its own.
  const answer = (socket, to) => {
    while (ends[socket.frames] <= to) {
      socket.frames++;
      socket.credit++;
    }
    while (socket.credit >= speakers && toSay > 0) {
      socket.credit -= speakers;
      toSay--;
      socket.write(frame(text));
    }
  };
  const sockets = await openAll(connections, take, offer);
  const early = () => {
    throw new Error('the server closed a connection');
  };
  for (const socket of sockets) heard.set(socket.on('end', early), 0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = serverMs();
  const began = performance.now();
  for (let i = 0; i < speakers; i++) {
    const socket = sockets[Math.floor((i * connections) / speakers)];
    socket.credit = 0;
    socket.frames = 0;
    speaking.add(socket);
    toSay--;
    socket.write(frame(text));
  }
  await done;
  const after = serverMs();
  console.log(`elapsed_ms ${performance.now() - began}`);
  console.log(`server_ms ${after.user + after.system - before.user - before.system}`);
  console.log(`system_ms ${after.system - before.system}`);
  console.log(`result ${messages} messages, each heard by ${complete}`);
  for (const socket of sockets) socket.destroy();
}

/** Where the frame that begins there ends; 0 where it is not all there. */
function frameEnd(stream, at) {
  if (stream.length < at + 4) return 0;
  const short = stream[at + 1];
  const end = short < 126 ? at + 2 + short : at + 4 + stream.readUInt16BE(at + 2);
  return end <= stream.length ? end : 0;
}

/** Processor time of the server so far, in milliseconds; its process is the last argument. */
function serverMs() {
  const stat = readFileSync(`/proc/${e}/stat`, 'latin1').split(') ')[1].split(' ');
  return { user: 10 * stat[11], system: 10 * stat[12] };
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

const modes = { echo, chat, idle, churn };
modes[mode](a, b, c, d).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
