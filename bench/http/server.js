// The same as server.sn on bare node:http, find-my-way and send.
const http = require('node:http');
const router = require('find-my-way')();
const send = require('send');
const directory = process.argv[2];

function answer(res, value) {
  const body = JSON.stringify(value);
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
}

router.on('POST', '/users/:id', (req, res, params, _store, query) => {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (piece) => (body += piece));
  req.on('end', () => answer(res, { id: params.id, page: query.page, name: JSON.parse(body).name }));
});

const server = http.createServer((req, res) => {
  if (req.url === '/json') answer(res, { hello: 'world', answer: 42 });
  else if (req.url.startsWith('/static/')) send(req, req.url.slice(7), { root: directory }).pipe(res);
  else router.lookup(req, res);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
