// The same server as echo.sn with Node's net module alone, as one writes it by hand: what the peer does not read holds
// up the reading.
const net = require('node:net');

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', (data) => {
    if (!socket.write(data)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('error', () => {});
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => console.log('port', server.address().port));
