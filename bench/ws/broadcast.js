// The same on the bare package: a loop of send.
const { WebSocketServer } = require('ws');

const options = { port: 0, host: '127.0.0.1', perMessageDeflate: true };
const server = new WebSocketServer(options, () => console.log(server.address().port));
server.on('connection', (socket, request) => {
  if (request.url !== '/order') return;
  socket.on('message', async (order) => {
    const { rounds, burst, message } = JSON.parse(order);
    for (let i = 1; i <= rounds; i++) {
      for (const client of server.clients) if (client !== socket) client.send(message);
      if (i % burst === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    socket.send('done');
  });
});
