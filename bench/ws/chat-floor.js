// As chat.js, with the least that Node can do: each frame is built once and written to the bare sockets.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => console.log(server.address().port));
const sockets = new Set();
server.on('connection', (socket, request) => {
  sockets.add(request.socket);
  socket.on('close', () => sockets.delete(request.socket));
  socket.on('message', (data) => {
    const length = data.length < 126 ? [data.length] : [126, data.length >> 8, data.length & 255];
    const frame = Buffer.from([0x81, ...length, ...data]);
    for (const each of sockets) each.write(frame);
  });
});
