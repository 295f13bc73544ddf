// The client for both echo servers: so many connections at once, each sends a message and waits for all of its echo
// before the next. Every byte that comes back is compared. Prints what was done, and the time from the moment when
// all connections stand.
//   node load.js PORT CONNECTIONS BYTES MESSAGES_OF_EACH text|bytes
const net = require('node:net');

const [port, connections, bytes, messages] = process.argv.slice(2, 6).map(Number);
const message = Buffer.alloc(bytes);
for (let i = 0; i < bytes; i++)
  message[i] = process.argv[6] === 'text' ? 32 + ((i * 7) % 90) : (i * 7919 + (i >> 8)) % 256;

let echoed = 0;
let ended = 0;
let start = 0;
const sockets = [];

function connect() {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let left = messages;
  let at = 0;
  socket.on('data', (data) => {
    if (data.compare(message, at, at + data.length) !== 0) throw new Error('the echo is not what was sent');
    at += data.length;
    echoed += data.length;
    if (at < bytes) return;
    at = 0;
    if (--left > 0) socket.write(message);
    else socket.end();
  });
  socket.on('close', () => {
    if (++ended === connections) report();
  });
  socket.on('connect', () => {
    sockets.push(socket);
    if (sockets.length === connections) begin();
  });
}

function begin() {
  start = performance.now();
  for (const socket of sockets) socket.write(message);
}

function report() {
  const elapsed = performance.now() - start;
  console.log(`${connections} connections, ${connections * messages} messages, ${echoed} bytes`);
  console.log('elapsed_ms', elapsed);
}

for (let i = 0; i < connections; i++) connect();
