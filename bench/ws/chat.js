// The same on the bare package: a loop of send.
const { WebSocketServer } = require('ws');

const options = { port: 0, host: '127.0.0.1', perMessageDeflate: true };
const server = new WebSocketServer(options, () => console.log(server.address().port));
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    for (const client of server.clients) client.send(data, { binary });
  });
});
