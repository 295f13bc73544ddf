/**
 * What `port_scan` says of real services on ports of no meaning, some of them inside of TLS, compared with what
 * `nmap -sV` says of the same ports. All of it happens in a network namespace of its own; a service that is not
 * installed is left out, and the test says which.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Namespace } from '../support/namespaces';
import { findProgram, needsRoot, runProgram, startService, temporaryDirectory } from '../support/programs';
import type { Service } from '../support/programs';

const skip = needsRoot('ip', 'nmap', 'openssl', 'socat');
const directory = temporaryDirectory();
const file = (name: string): string => join(directory, name);
let space: Namespace;
const running: { readonly service: Service; readonly end: NodeJS.Signals }[] = [];

/** A service as both have to see it. */
interface Expected {
  readonly port: number;
  /** As we name it, and as nmap does: it adds "ssl/" for TLS. */
  readonly service: string;
  readonly nmap: string;
  /** The program, in what both say of it. */
  readonly product: RegExp;
  /** nmap guesses the version from what the service does not say. */
  readonly isGuess?: boolean;
}

const expected: Expected[] = [];
const absent: string[] = [];

function isListening(port: number): boolean {
  return space.run('ss', '-Hltn', `sport = :${port}`).includes(`:${port}`);
}

async function start(port: number, command: readonly string[], end: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const service = await startService(findProgram('ip')!, [...space.prefix, ...command], () => isListening(port));
  running.push({ service, end });
}

/** Its place where it is installed. */
function installed(program: string, ...folders: readonly string[]): string | null {
  const found = findProgram(program) ?? folders.map((folder) => join(folder, program)).find(existsSync) ?? null;
  if (found === null) absent.push(program);
  return found;
}

async function startSsh(): Promise<void> {
  const sshd = installed('sshd');
  if (sshd === null) return;
  runProgram('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('host')]);
  mkdirSync('/run/sshd', { recursive: true });
  writeFileSync(
    file('sshd'),
    `Port 20022\nListenAddress 127.0.0.1\nHostKey ${file('host')}\nPidFile none\nUsePAM no\n`,
  );
  await start(20022, [sshd, '-D', '-f', file('sshd')]);
  expected.push({ port: 20022, service: 'ssh', nmap: 'ssh', product: /^OpenSSH/ });
  // The same inside of TLS.
  const tls = `OPENSSL-LISTEN:20023,bind=127.0.0.1,cert=${file('cert.pem')},key=${file('key.pem')},verify=0,reuseaddr,fork`;
  await start(20023, [findProgram('socat')!, tls, 'TCP:127.0.0.1:20022']);
  expected.push({ port: 20023, service: 'ssh/tls', nmap: 'ssl/ssh', product: /^OpenSSH/ });
}

async function startNginx(): Promise<void> {
  const nginx = installed('nginx');
  if (nginx === null) return;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${file(each)};`).join(' '); // prettier-ignore
  writeFileSync(
    file('nginx.conf'),
    `daemon off; master_process off; user root; pid ${file('nginx.pid')}; error_log ${file('nginx.log')}; events {}
    http { access_log off; ${temporary}
      server { listen 127.0.0.1:20080; return 200 "hello"; }
      server { listen 127.0.0.1:20443 ssl; ssl_certificate ${file('cert.pem')}; ssl_certificate_key ${file('key.pem')}; return 200 "hello"; } }`,
  );
  await start(20080, [nginx, '-p', directory, '-c', file('nginx.conf')]);
  expected.push({ port: 20080, service: 'http', nmap: 'http', product: /^nginx/ });
  expected.push({ port: 20443, service: 'https', nmap: 'ssl/http', product: /^nginx/ });
}

async function startRedis(): Promise<void> {
  const redis = installed('redis-server');
  if (redis === null) return;
  const tls = ['--tls-port', '20380', '--tls-cert-file', file('cert.pem'), '--tls-key-file', file('key.pem'), '--tls-ca-cert-file', file('cert.pem'), '--tls-auth-clients', 'no']; // prettier-ignore
  await start(20379, [redis, '--port', '20379', '--bind', '127.0.0.1', '--save', '', '--dir', directory, ...tls]);
  expected.push({ port: 20379, service: 'redis', nmap: 'redis', product: /^Redis/ });
  expected.push({ port: 20380, service: 'redis/tls', nmap: 'ssl/redis', product: /^Redis/ });
}

async function startMariaDb(): Promise<void> {
  const mariadb = installed('mariadbd');
  if (mariadb === null) return;
  mkdirSync(file('mariadb'));
  await start(20306, [mariadb, '--no-defaults', '--user=root', `--datadir=${file('mariadb')}`, '--skip-grant-tables', '--bind-address=127.0.0.1', '--port=20306', `--socket=${file('mariadb.sock')}`, '--innodb-buffer-pool-size=8M', '--innodb-log-file-size=4M']); // prettier-ignore
  expected.push({ port: 20306, service: 'mysql', nmap: 'mysql', product: /^(?:MySQL|MariaDB)/ });
}

async function startPostgres(): Promise<void> {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).map((version) => join(base, version, 'bin')) : [];
  const postgres = installed('postgres', ...versions);
  const initdb = findProgram('initdb') ?? versions.map((folder) => join(folder, 'initdb')).find(existsSync);
  if (postgres === null || initdb === undefined) return;
  // It refuses to run as root.
  const NOBODY = 65534;
  const data = file('postgres');
  mkdirSync(data);
  chownSync(data, NOBODY, NOBODY);
  chmodSync(directory, 0o755);
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  runProgram(asNobody[0]!, [...asNobody.slice(1), initdb, '-D', data, '-A', 'trust', '--no-sync', '--no-instructions']);
  await start(20432, [...asNobody, postgres, '-D', data, '-h', '127.0.0.1', '-p', '20432', '-k', data], 'SIGQUIT');
  expected.push({ port: 20432, service: 'postgresql', nmap: 'postgresql', product: /^PostgreSQL/, isGuess: true });
}

async function startNamed(): Promise<void> {
  const named = installed('named');
  if (named === null) return;
  writeFileSync(file('named.conf'), `options { directory "${directory}"; listen-on port 20053 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile "${file('session.key')}"; }; controls {};`); // prettier-ignore
  await start(20053, [named, '-f', '-n', '1', '-c', file('named.conf')]);
  expected.push({ port: 20053, service: 'domain', nmap: 'domain', product: /^(?:ISC BIND$|\d)/ });
}

/** A mail server in so far as one greets. */
async function startMail(): Promise<void> {
  const script = `require('net').createServer((s) => { s.on('error', () => {}); s.on('data', () => s.write('502 5.5.2 Error: command not recognized\\r\\n')); s.write('220 mail.example.test ESMTP Postfix (Debian/GNU)\\r\\n'); }).listen(20025, '127.0.0.1')`;
  await start(20025, [process.execPath, '-e', script]);
  expected.push({ port: 20025, service: 'smtp', nmap: 'smtp', product: /^Postfix/ });
}

before(async () => {
  if (skip !== false) return;
  space = new Namespace();
  runProgram('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost', '-days', '2', '-keyout', file('key.pem'), '-out', file('cert.pem')]); // prettier-ignore
  await Promise.all([
    startSsh(),
    startNginx(),
    startRedis(),
    startMariaDb(),
    startPostgres(),
    startNamed(),
    startMail(),
  ]);
});

after(async () => {
  await Promise.all(running.map(({ service, end }) => service.stop(end)));
});

interface Seen {
  readonly service: string;
  readonly product: string;
  readonly version: string;
}

/** What nmap says of each port. */
function byNmap(ports: readonly number[]): Map<number, Seen> {
  // Its own rules, only less patient: services on the loopback answer at once or not at all.
  const rules = readFileSync('/usr/share/nmap/nmap-service-probes', 'latin1');
  writeFileSync(file('probes'), rules.replace(/^totalwaitms .*$/gm, 'totalwaitms 1000'), 'latin1');
  const xml = space.run('nmap', '-sV', '--versiondb', file('probes'), '-n', '-Pn', '-T4', '--host-timeout', '60s', '-oX', '-', `-p${ports.join(',')}`, '127.0.0.1'); // prettier-ignore
  const seen = new Map<number, Seen>();
  for (const [, port, tag] of xml.matchAll(/<port protocol="tcp" portid="(\d+)">.*?(<service [^>]*>)/g)) {
    const value = (name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(tag!)?.[1] ?? '';
    const tunnel = value('tunnel') === 'ssl' ? 'ssl/' : '';
    seen.set(Number(port), { service: tunnel + value('name'), product: value('product'), version: value('version') });
  }
  return seen;
}

interface Entry {
  readonly port: number;
  readonly state: string;
  readonly service: string | null;
  readonly banner: string | null;
  readonly version: string | null;
}

test('real services are what nmap says they are, with their versions', { skip, timeout: 60_000 }, (t) => {
  if (absent.length > 0) t.diagnostic(`not installed here: ${absent.join(', ')}`);
  const ports = expected.map(({ port }) => port).sort((a, b) => a - b);
  const { stdout, stderr, status } = space.sentra('log(json_stringify(port_scan("127.0.0.1", map(args(), num))))', ports.map(String));
  assert.equal(status, 0, stderr);
  const ours = new Map((JSON.parse(stdout) as Entry[]).map((each) => [each.port, each]));
  const theirs = byNmap(ports);
  for (const { port, service, nmap, product, isGuess } of expected) {
    const [own, other] = [ours.get(port)!, theirs.get(port)!];
    const both = JSON.stringify([own, other]);
    assert.deepEqual([own.state, own.service, other.service], ['open', service, nmap], both);
    assert.match(own.version ?? '', product, both);
    assert.match(other.product, product, both);
    const plain = (text: string): string => text.replaceAll('-', ' ').replace('5.5.5 ', '');
    if (isGuess !== true) assert.ok(plain(own.version!).includes(plain(other.version)), both);
  }
}); // prettier-ignore
