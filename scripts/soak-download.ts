/**
 * `npm run soak:download -- [megabytes]`: a download of 1 GB, or what is said, into a file. Half-way the server is
 * killed; the next attempt goes on where that one stopped, from a new server on the same port. The memory of the
 * client must not grow with the file, and what arrives must be the file. Linux is needed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');
const sentra = join(root, 'bin', 'sentra');
const MAX_GROWTH_MB = 100;
const PIECE = 1_000_000;
const OLD_MS = 3_600_000;

const PROGRAM = `
try {
  let got = http_download(args()[0], args()[1])
  log("size", got["size"], "resumed at", got["resumed_at"])
} catch e { log(e.code + ": " + e.message) }
`;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** A file of pieces that are all different; gives its digest. */
function makeFile(path: string, megabytes: number): string {
  const digest = createHash('sha256');
  const descriptor = openSync(path, 'w');
  for (let i = 0; i < megabytes; i++) {
    const piece = Buffer.alloc(PIECE, `piece ${i} of the file; `);
    digest.update(piece);
    writeSync(descriptor, piece);
  }
  closeSync(descriptor);
  const old = new Date(Date.now() - OLD_MS);
  utimesSync(path, old, old);
  return digest.digest('hex');
}

async function digestOf(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path)) digest.update(piece as Buffer);
  return digest.digest('hex');
}

function serve(port: number, directory: string): Promise<{ process: ChildProcess; port: number }> {
  const args = ['run', join(root, 'examples', 'file-server.sn'), String(port), directory];
  const server = spawn(sentra, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    let text = '';
    server.stdout.on('data', (data: Buffer) => {
      const found = /port (\d+)/.exec((text += String(data)));
      if (found !== null) resolve({ process: server, port: Number(found[1]) });
    });
  });
}

interface Run {
  readonly printed: string;
  readonly startMb: number;
  readonly mostMb: number;
  readonly seconds: number;
}

/** Downloads; `watch` is told every so often. */
async function download(program: string, url: string, path: string, watch: () => void): Promise<Run> {
  const begun = performance.now();
  const before = sizeOf(path + '.part');
  const client = spawn(sentra, ['run', program, url, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  client.stdout.on('data', (data: Buffer) => (printed += String(data)));
  const ended = new Promise<boolean>((resolve) => client.on('close', () => resolve(true)));
  let [startMb, mostMb] = [0, 0];
  for (let over = false; !over; over = await Promise.race([ended, pause(50).then(() => false)])) {
    const now = client.exitCode === null ? residentMb(client.pid!) : 0;
    // When the first bytes are there, the program and all it loads is.
    if (startMb === 0 && sizeOf(path + '.part') > before) startMb = now;
    mostMb = Math.max(mostMb, now);
    watch();
  }
  return { printed: printed.trim(), startMb, mostMb, seconds: (performance.now() - begun) / 1000 };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function main(): Promise<void> {
  const megabytes = Number(process.argv[2] ?? 1000);
  const directory = mkdtempSync(join(tmpdir(), 'sentra-download-'));
  const [source, path, program] = ['source.bin', 'got.bin', 'get.sn'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(program, PROGRAM);
  let server: ChildProcess | null = null;
  try {
    const digest = makeFile(source, megabytes);
    const first = await serve(0, directory);
    server = first.process;
    const url = `http://127.0.0.1:${first.port}/source.bin`;
    const half = (megabytes * PIECE) / 2;
    const broken = await download(program, url, path, () => {
      if (sizeOf(path + '.part') > half) first.process.kill('SIGKILL');
    });
    const kept = sizeOf(path + '.part');
    show(`the server killed after ${kept} bytes`, broken);
    server = (await serve(first.port, directory)).process;
    const whole = await download(program, url, path, () => {});
    show('gone on', whole);
    const same = (await digestOf(path)) === digest;
    const growth = Math.max(...[broken, whole].map(({ startMb, mostMb }) => mostMb - startMb));
    process.stdout.write(
      `the file is ${same ? 'the same' : 'another'}; memory grew by ${growth.toFixed(0)} MB at most\n`,
    );
    const resumed = whole.printed === `size ${megabytes * PIECE} resumed at ${kept}`;
    if (!same || !resumed || kept < half || growth > MAX_GROWTH_MB) process.exitCode = 1;
  } finally {
    server?.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

function show(what: string, { printed, startMb, mostMb, seconds }: Run): void {
  const memory = `${startMb.toFixed(0)} MB when the first bytes were there, ${mostMb.toFixed(0)} MB at most`;
  process.stdout.write(`${what}: ${printed}\n  ${seconds.toFixed(1)} s; ${memory}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
