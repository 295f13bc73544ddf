/**
 * Captures: counting and conversations, and decoding of HTTP and DNS, of a file of 1,000,000 packets that real programs
 * sent, beside tshark; and packets that are lost while they are counted as they pass.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, onPath, root, runTimed, sentra } from './measure';
import type { Goal } from './measure';
import { renderTable } from './table';

const folder = join(root, 'bench', 'traffic');
const PACKETS = 1_000_000;
const ROUNDS = 3;
const LIVE_RATE = 300_000;
const LIVE_SECONDS = 10;

export async function run(filters: readonly string[]): Promise<Goal[]> {
  const wanted = (name: string): boolean => filters.length === 0 || filters.includes(name);
  const goals: Goal[] = [];
  if (wanted('file')) goals.push(...fileGoals());
  if (wanted('live')) goals.push(await liveGoal());
  return goals;
}

const NEEDED = ['unshare', 'ip', 'nginx', 'wrk', 'dnsmasq', 'dig', 'tcpdump', 'tshark'] as const;

function absent(programs: readonly string[]): string | null {
  if (process.getuid?.() !== 0) return 'root';
  const missing = programs.filter((program) => !onPath(program));
  return missing.length === 0 ? null : missing.join(', ');
}

const COUNTING = 'packets counted in a second, with conversations';
const BESIDE = 'counting, times as fast as tshark -z conv,ip';
const DECODING = 'HTTP and DNS decoding, times as fast as tshark';

function fileGoals(): Goal[] {
  const missing = absent(NEEDED);
  if (missing !== null) return [COUNTING, BESIDE, DECODING].map((what) => ({ what, measured: null, missing }));
  const scratch = mkdtempSync(join(tmpdir(), 'sentra-bench-'));
  try {
    const file = join(scratch, 'real.pcap');
    const recorded = spawnSync('unshare', ['-n', join(folder, 'record.sh'), file, String(PACKETS)], {
      timeout: 240_000,
    });
    if (recorded.status !== 0) throw new Error(`record.sh failed: ${String(recorded.error ?? recorded.stderr)}`);
    return measured(file);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function measured(file: string): Goal[] {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ourDecoding: number[] = [];
  const theirDecoding: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const counted = runTimed(sentra, ['run', join(folder, 'count.sn'), file, 'count']);
    const tshark = runTimed('tshark', ['-n', '-q', '-r', file, '-z', 'conv,ip']);
    if (counted.result !== conversations(tshark.result))
      throw new Error(`conversations differ:\n${counted.result}\n${conversations(tshark.result)}`);
    ours.push(counted.times.get('elapsed_ms')!);
    theirs.push(tshark.wallMs);
    const decoded = runTimed(sentra, ['run', join(folder, 'count.sn'), file, 'decode']);
    const started = performance.now();
    const fields = runTimed('tshark', ['-n', '-r', file, '-Y', 'http.request || (dns && dns.flags.response == 0)', '-T', 'fields', '-e', 'frame.protocols', '-e', 'http.request.uri', '-e', 'dns.qry.name']); // prettier-ignore
    theirDecoding.push(performance.now() - started);
    ourDecoding.push(decoded.times.get('elapsed_ms')!);
    const lines = fields.result.split('\n');
    const queries = lines.filter((line) => line.includes(':dns')).length;
    const same = `queries ${queries}\nrequests ${lines.length - queries}`;
    if (decoded.result !== same) throw new Error(`decoding differs:\n${decoded.result}\n${same}`);
  }
  const rate = PACKETS / (median(ours) / 1000);
  const rows = [
    ['counting, conversations', median(ours), median(theirs), median(theirs) / median(ours)],
    ['HTTP and DNS', median(ourDecoding), median(theirDecoding), median(theirDecoding) / median(ourDecoding)],
  ];
  const title = `${PACKETS.toLocaleString('en')} real packets, ${Math.round(statSync(file).size / 1e6)} MB`;
  const columns = [{ title }, { title: 'Sentra', unit: ' ms' }, { title: 'tshark', unit: ' ms' }, { title: 'times as fast', digits: 1 }]; // prettier-ignore
  process.stdout.write(`${renderTable(columns, rows)}\n\n`);
  return [
    { what: COUNTING, measured: rate, atLeast: 1_200_000 },
    { what: BESIDE, measured: rows[0]![3] as number, atLeast: 8 },
    { what: DECODING, measured: rows[1]![3] as number, atLeast: 5 },
  ];
}

/** "127.0.0.1 127.0.0.2 4711" for each conversation. */
function conversations(text: string): string {
  return [...text.matchAll(/^(\S+)\s+<-> (\S+)\s+(\d+) \d+ \w+\s+(\d+) /gm)]
    .map(([, a, b, left, right]) => `${[a!, b!].sort().join(' ')} ${Number(left) + Number(right)}`)
    .sort()
    .join('\n');
}

async function liveGoal(): Promise<Goal> {
  const what = `packets lost of ${LIVE_RATE.toLocaleString('en')} in a second on the loopback, ${LIVE_SECONDS} s`;
  const missing = absent(['unshare', 'ip', 'python3']);
  if (missing !== null) return { what, measured: null, missing };
  const looking = `${sentra} run ${join(folder, 'live.sn')} ${LIVE_SECONDS + 4}`;
  const sending = `sleep 2; python3 ${join(folder, 'send.py')} ${LIVE_RATE} ${LIVE_SECONDS}`;
  const child = spawn('unshare', ['-n', 'sh', '-c', `ip link set lo up; ${looking} & ${sending}; wait`], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString('utf8')));
  await new Promise((resolve) => child.on('close', resolve));
  const [sent, seen, dropped] = output.trim().split(/\s+/).map(Number) as [number, number, number];
  const columns = [{ title: 'live' }, { title: 'sent' }, { title: 'seen' }, { title: 'dropped by the kernel' }];
  process.stdout.write(
    `${renderTable(columns, [[`${Math.round(sent / LIVE_SECONDS).toLocaleString('en')} in a second`, sent, seen, dropped]])}\n\n`,
  );
  // Where the sender is too slow for the goal, nothing is said about it.
  if (sent < 0.98 * LIVE_RATE * LIVE_SECONDS)
    return { what, measured: null, missing: `: only ${Math.round(sent / LIVE_SECONDS)} in a second could be sent` };
  return { what, measured: sent - seen, atMost: 0 };
}
