/**
 * `npm run soak:http -- [minutes]`: an HTTP server of Sentra at about half load (wrk runs every other second), ten
 * minutes where nothing else is said. The memory at the end must be within 10 % of that after the first minute, and
 * no socket may be left. Linux, and wrk, are needed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..');
const ALLOWED_GROWTH = 1.1;

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

function sockets(pid: number): number {
  const names = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith('socket:')).length;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One burst of a second; gives the number of requests. */
function burst(url: string, path: string, script: readonly string[]): number {
  const ended = spawnSync('wrk', ['-t1', '-c32', '-d1s', ...script, url + path], { encoding: 'utf8', timeout: 30_000 });
  if (ended.status !== 0 || /Non-2xx/.test(ended.stdout)) throw new Error(`wrk failed: ${ended.stdout}${ended.stderr}`);
  return Number(/(\d+) requests in/.exec(ended.stdout)![1]);
}

async function main(): Promise<void> {
  const minutes = Number(process.argv[2] ?? 10);
  const directory = mkdtempSync(join(tmpdir(), 'sentra-soak-'));
  writeFileSync(join(directory, 'file.css'), 'x'.repeat(10_000));
  const server = spawn(join(root, 'bin', 'sentra'), ['run', join(root, 'bench', 'http', 'server.sn'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = server.pid!;
  try {
    const port = await new Promise<string>((resolve) =>
      server.stdout.once('data', (data: Buffer) => resolve(String(data).trim())),
    );
    const url = `http://127.0.0.1:${port}`;
    const idleSockets = sockets(pid);
    const post = ['-s', join(root, 'bench', 'http', 'post.lua')];
    const kinds = [
      ['/json', []],
      ['/users/7?page=1', post],
      ['/static/file.css', []],
    ] as const;
    const end = performance.now() + minutes * 60_000;
    const firstMinute = performance.now() + Math.min(60_000, minutes * 30_000);
    let requests = 0;
    let early: number | null = null;
    for (let round = 0; performance.now() < end; round++) {
      const [path, script] = kinds[round % kinds.length]!;
      requests += burst(url, path, script);
      await pause(1000);
      if (early === null && performance.now() > firstMinute) {
        early = residentMb(pid);
        process.stdout.write(`after the first minute: ${early.toFixed(0)} MB, ${requests} requests\n`);
      }
    }
    await pause(8000);
    const late = residentMb(pid);
    const left = sockets(pid) - idleSockets;
    process.stdout.write(`at the end: ${late.toFixed(0)} MB, ${requests} requests, ${left} sockets left\n`);
    if (left > 0 || late > early! * ALLOWED_GROWTH) process.exitCode = 1;
  } finally {
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
