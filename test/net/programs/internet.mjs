// A little internet for the programs of this folder, in a network namespace of its own, where it can have any name
// and port: an HTTPS server for the hosts that they ask, with an echo for WebSockets. Runs the programs one after
// the other and prints what each wrote, as JSON.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { WebSocketServer } from 'ws';

const [sentra, folder, key, cert] = process.argv.slice(2);

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
  const pieces = [];
  req.on('data', (piece) => pieces.push(piece));
  req.on('end', () => {
    if (req.headers.host === 'stackoverflow.com') {
      req.socket.destroy();
      return;
    }
    const seen = {
      method: req.method,
      path: req.url,
      agent: req.headers['user-agent'],
      body: Buffer.concat(pieces).toString(),
    };
    res.setHeader('Content-Type', 'application/json');
    res.setHeader('Server', 'little-internet');
    res.end(JSON.stringify({ ...seen, authorization: req.headers.authorization ?? null }));
  });
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())));
await new Promise((resolve) => server.listen(443, '127.0.0.1', resolve));

function start(program) {
  const child = spawn(sentra, [`${folder}/${program}`], {
    cwd: process.cwd(),
    env: { ...process.env, SSL_CERT_FILE: cert },
  });
  const wrote = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => (wrote[name] += text));
  const ended = new Promise((resolve) => child.on('close', (status) => resolve({ ...wrote, status })));
  const says = async (text) => {
    while (!wrote.stdout.includes(text)) {
      if (child.exitCode !== null) throw new Error(`${program}: ${JSON.stringify(wrote)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, says };
}

const run = (program) => start(program).ended;

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port: 8080, method, path, agent: false }, (res) => {
      let text = '';
      res
        .on('data', (piece) => (text += piece))
        .on('end', () => resolve({ status: res.statusCode, text, type: res.headers['content-type'] }));
    });
    req.on('error', reject).end(body);
  });
}

const results = {};
for (const program of ['requests.sn', 'patch-and-download.sn', 'monitor.sn', 'websocket-client.sn', 'udp.sn'])
  results[program] = await run(program);

const tcp = start('tcp-server.sn');
await tcp.says('listening');
results['tcp-client.sn'] = await run('tcp-client.sn');
tcp.child.kill('SIGINT');
results['tcp-server.sn'] = await tcp.ended;

const api = start('web-api.sn');
await api.says('running');
results.health = await ask('GET', '/health');
results.echo = await ask('POST', '/echo', '{"a": 1}');
results.scan = await ask('POST', '/scan', '{}');
results.static = await ask('GET', '/static/page.css');
results.missing = await ask('GET', '/static/../secret.txt');
api.child.kill('SIGINT');
results['web-api.sn'] = await api.ended;

process.stdout.write(JSON.stringify(results));
process.exit(0);
