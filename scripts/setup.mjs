// Makes a clone ready to use: dependencies, the build and, with --tests, what tests need from the system. What
// is up to date is left alone, which takes a few hundredths of a second. Uses Node only, since it runs before
// anything is installed. Options: --tests, --no-build.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const INSTALL_MS = 300_000;
const BUILD_MS = 180_000;
const APT_MS = 600_000;

/** Programs and libraries that tests use where they are there, and the Debian package each comes in. */
const forTests = [
  { program: 'chromium', debian: 'chromium' },
  { program: 'curl', debian: 'curl' },
  { program: 'openssl', debian: 'openssl' },
  { program: 'socat', debian: 'socat' },
  { program: 'named', debian: 'bind9' },
  { program: 'dig', debian: 'bind9-dnsutils' },
  { program: 'ip', debian: 'iproute2' },
  { program: 'tc', debian: 'iproute2' },
  { program: 'nft', debian: 'nftables' },
  { program: 'nmap', debian: 'nmap' },
  { program: 'sshd', debian: 'openssh-server' },
  { program: 'nginx', debian: 'nginx-light' },
  { program: 'wrk', debian: 'wrk' },
  { program: 'redis-server', debian: 'redis-server' },
  { program: 'mariadbd', debian: 'mariadb-server-core' },
  { program: 'tcpdump', debian: 'tcpdump' },
  { program: 'tshark', debian: 'tshark' },
  { library: 'libpcap.so.0.8', debian: 'libpcap0.8' },
];

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

/** Runs without showing anything; what was printed is shown when it fails. */
function quietly(command, args, timeout, env = {}) {
  const options = { cwd: root, timeout, encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
  const ended = spawnSync(command, args, options);
  const reason =
    ended.error?.code === 'ETIMEDOUT'
      ? `took longer than ${timeout / 1000} s`
      : (ended.error?.message ?? `exit status ${ended.status}`);
  return {
    ok: ended.status === 0 && ended.error === undefined,
    reason,
    output: `${ended.stdout ?? ''}${ended.stderr ?? ''}`,
  };
}

function npm(args, timeout) {
  // Under `npm run`, the npm that runs this; else the one on the path.
  const own = process.env.npm_execpath;
  return own !== undefined && /\.c?js$/.test(own)
    ? quietly(process.execPath, [own, ...args], timeout)
    : quietly('npm', args, timeout);
}

// ---------------------------------------------------------------- dependencies

/** Whether node_modules holds exactly what the lock file names. Optional packages for other systems may miss. */
function dependenciesInstalled() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    return there === undefined
      ? entry.optional === true
      : there.version === entry.version && there.integrity === entry.integrity;
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function installDependencies() {
  if (dependenciesInstalled()) return;
  say('installing dependencies (npm ci)');
  let result = npm(['ci', '--no-audit', '--no-fund'], INSTALL_MS);
  if (!result.ok) result = npm(['ci', '--no-audit', '--no-fund'], INSTALL_MS);
  if (!result.ok)
    fail(`npm ci failed (${result.reason}); is the package registry reachable?\n${result.output.trimEnd()}`);
}

// ---------------------------------------------------------------- the build

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => filesUnder(join(path, entry.name)))
    .sort();
}

/** One hash over everything the build reads. */
function inputsHash() {
  const builders = filesUnder(join(root, 'scripts')).filter((path) => /build|derive/.test(relative(root, path)));
  const inputs = [...filesUnder(join(root, 'src')), ...builders];
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) inputs.push(join(root, name));
  const hash = createHash('sha256').update(process.version);
  for (const path of inputs) hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

const stamp = join(root, 'dist', '.inputs.json');

/** The built files, with the time each was written, so that a build by hand in between is noticed. */
function outputs() {
  const times = filesUnder(join(root, 'dist')).filter((path) => path !== stamp);
  return Object.fromEntries(times.map((path) => [relative(root, path), statSync(path).mtimeMs]));
}

function isBuilt(hash) {
  const built = readJson(stamp);
  if (built?.inputs !== hash) return false;
  const now = outputs();
  return Object.entries(built.outputs).every(([path, time]) => now[path] === time);
}

function build() {
  const hash = inputsHash();
  if (isBuilt(hash)) return;
  say('building');
  const result = npm(['run', '--silent', 'build'], BUILD_MS);
  if (!result.ok) fail(`the build failed (${result.reason})\n${result.output.trimEnd()}`);
  writeFileSync(stamp, JSON.stringify({ inputs: hash, outputs: outputs() }));
}

// ---------------------------------------------------------------- the system

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether a library lies where Debian puts them. */
function isInstalled(library) {
  return ['/usr/lib', '/lib'].some(
    (folder) =>
      existsSync(folder) && readdirSync(folder).some((architecture) => existsSync(join(folder, architecture, library))),
  );
}

/** Never fatal: a test that misses a program is skipped and says which one it misses. */
function installForTests() {
  const missing = forTests.filter(({ program, library }) =>
    library === undefined ? !onPath(program) : !isInstalled(library),
  );
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version') || !onPath('apt-get')) {
    say(
      `tests that need ${missing.map(({ program, library }) => program ?? library).join(', ')} will be skipped; on Debian: apt-get install ${packages.join(' ')}`,
    );
    return;
  }
  say(`installing ${packages.join(' ')} (apt-get)`);
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    quietly('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], APT_MS, quiet);
  if (install().ok) return;
  quietly('apt-get', ['update', '-q'], APT_MS, quiet);
  const second = install();
  if (!second.ok)
    say(`apt-get could not install ${packages.join(' ')} (${second.reason}); tests that need them will be skipped`);
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) fail(`Sentra needs Node 20 or later; this is ${process.version}`);
installDependencies();
if (process.argv.includes('--tests')) installForTests();
if (!process.argv.includes('--no-build')) build();
