/**
 * A port scan from the target's name to what is known of each port: who may be asked, by which kind of scan, and
 * what the open ports say.
 */
import type { Steps } from '../../runtime/task';
import { formatAddress } from '../net/address';
import { addressesOf } from '../net/lookup';
import { node } from '../node';
import { askPermission } from '../permissions';
import { Progress } from '../progress';
import { Reported } from '../reported';
import { readBanners } from './banners';
import type { Banner } from './banners';
import { connectScan } from './connect-scan';
import { PortState } from './pacing';
import type { Findings, ScanPlan } from './pacing';
import { synScan } from './syn-scan';
import { udpScan } from './udp-scan';

export type ScanKind = 'TCP' | 'SYN' | 'UDP';

export interface PortScanRequest {
  readonly builtin: string;
  /** A name or an address. */
  readonly host: string;
  readonly ports: readonly number[];
  readonly kind: ScanKind;
  readonly timeoutMs: number;
  /** Null for what suits the target. */
  readonly concurrency: number | null;
  readonly rate: number | null;
  readonly banners: boolean;
  readonly progress: boolean;
}

export interface PortScanResult {
  readonly findings: Findings;
  /** By port: of those that are open, where banners were asked for. */
  readonly banners: ReadonlyMap<number, Banner>;
}

/** Packets in a second where nothing else is asked for: what a network bears, and no limit for the own host. */
const RATE = 10_000;
const OWN_RATE = 1_000_000;
const CONCURRENCY = 1000;
/** Of a scan that is over sooner no progress is shown. */
const PROGRESS_DELAY_MS = 700;

/** Errors: ENOTFOUND, EPERM, ENETUNREACH, for SYN also EPERM where raw sockets are not allowed. */
export function* scanPorts(request: PortScanRequest): Steps<PortScanResult> {
  const { builtin, host, kind, ports } = request;
  for (const port of ports) askPermission(builtin, kind === 'UDP' ? 'datagram' : 'connect', formatAddress(host, port));
  const [first] = yield* addressesOf({ builtin, doing: 'connect', target: { host, port: null } }, host);
  const { address } = first!;
  const isOwn = isOwnAddress(address);
  const label = `${kind} ports of ${host}`;
  const progress = request.progress ? new Progress({ total: ports.length, label, delayMs: PROGRESS_DELAY_MS }) : null;
  const plan: ScanPlan = {
    builtin,
    address,
    ports,
    timeoutMs: request.timeoutMs,
    concurrency: request.concurrency ?? CONCURRENCY,
    rate: request.rate ?? (isOwn ? OWN_RATE : RATE),
    seen: new Reported('scan', kind === 'UDP' ? 'udp' : 'tcp', { host: address, port: null }),
    progress: (decided) => progress?.reach(decided),
  };
  try {
    if (kind === 'UDP') {
      const { findings, banners } = yield* udpScan(plan);
      progress?.done();
      return { findings, banners };
    }
    const findings = yield* kind === 'SYN' ? synScan(plan) : connectScan(plan);
    const banners = request.banners ? yield* bannersOf(host, address, ports, findings) : new Map<number, Banner>();
    progress?.done();
    return { findings, banners };
  } finally {
    progress?.abort();
    plan.seen.closed();
  }
}

function* bannersOf(
  host: string,
  address: string,
  ports: readonly number[],
  findings: Findings,
): Steps<ReadonlyMap<number, Banner>> {
  const open = ports.filter((_port, i) => findings.states[i] === PortState.Open);
  if (open.length === 0) return new Map();
  const said = yield* readBanners(host, address, open, () => {});
  return new Map(open.map((port, i) => [port, said[i]!]));
}

/** Whether packets to it never leave this machine. */
export function isOwnAddress(address: string): boolean {
  if (/^127\.|^::1$|^::ffff:127\./.test(address)) return true;
  return Object.values(node.os.networkInterfaces()).some(
    (each) => each?.some((own) => own.address === address) === true,
  );
}
