/**
 * Which hosts of a network are up, and what is known of each. Hosts of the local link are asked by ARP, others by
 * ICMP echo, both where the system allows it; who has said nothing is tried by connecting to a few ports. What
 * nobody has told stays null.
 */
import type { Steps } from '../../runtime/task';
import { parseIPv4, parseIPv6, formatIPv4, formatIPv6 } from '../../wire/address';
import { reverseNames } from '../dns/reverse';
import { node } from '../node';
import { askPermission } from '../permissions';
import { writeErr } from '../process';
import { Progress } from '../progress';
import { Reported } from '../reported';
import { arp, knownNeighbours, linkFor, mayArp } from './arp';
import { readBanners } from './banners';
import type { Banner } from './banners';
import { connectScan } from './connect-scan';
import { echo, mayPing } from './echo';
import { PortState } from './pacing';
import type { Findings } from './pacing';
import { isOwnAddress } from './port-scan';
import { howToGetRaw } from './raw-sockets';
import { together } from './together';
import { vendorOf } from './vendors';

export interface NetworkScanPlan {
  readonly builtin: string;
  readonly targets: readonly string[];
  /** To look for on hosts that are up. */
  readonly ports: readonly number[];
  readonly timeoutMs: number;
  readonly rate: number;
  readonly banners: boolean;
  readonly names: boolean;
  readonly progress: boolean;
}

export interface FoundHost {
  readonly ip: string;
  readonly hostname: string | null;
  readonly mac: string | null;
  readonly vendor: string | null;
  /** With the evidence: "Linux (TTL 64)". */
  readonly os: string | null;
  readonly rttMs: number | null;
  readonly foundBy: FoundBy;
  readonly services: readonly { readonly port: number; readonly banner: Banner | null }[];
}

/** Ports that some host nearly always has open, or refuses: either is a sign of life. */
const LIFE_PORTS = [443, 80, 22, 445, 3389];
/** Hosts that are connected to at the same time. */
const PARALLEL = 64;

/** What a host has answered first. */
export type FoundBy = 'ARP' | 'ICMP echo' | 'connection';

/** What a sign of life has told. */
interface Life {
  readonly by: FoundBy;
  mac: string | null;
  rttMs: number | null;
  ttl: number | null;
}

/** All hosts that are up, in the order of the targets. Errors: EPERM where the policy forbids one of them. */
export function* scanNetwork(plan: NetworkScanPlan): Steps<readonly FoundHost[]> {
  const { builtin, targets } = plan;
  for (const target of targets) askPermission(builtin, 'connect', target);
  const progress = plan.progress
    ? new Progress({ total: null, label: `hosts up of ${targets.length}`, delayMs: 700 })
    : null;
  try {
    const alive = yield* findAlive(plan);
    progress?.reach(alive.size);
    const hosts = targets.filter((target) => alive.has(target));
    const services = yield* together(hosts, PARALLEL, (host) => servicesOf(plan, host));
    const names = plan.names
      ? yield* reverseNames(builtin, hosts, Math.min(2000, plan.timeoutMs * 2))
      : new Map<string, null>();
    const neighbours = knownNeighbours();
    progress?.done();
    return hosts.map((ip, i) => {
      const life = alive.get(ip)!;
      const mac = life.mac ?? ownMac(ip) ?? neighbours.get(ip) ?? null;
      return {
        ip,
        hostname: names.get(ip) ?? null,
        mac,
        vendor: mac === null ? null : vendorOf(mac),
        os: operatingSystem(
          life.ttl,
          services[i]!.map(({ banner }) => banner),
        ),
        rttMs: life.rttMs,
        foundBy: life.by,
        services: services[i]!,
      };
    });
  } finally {
    progress?.abort();
  }
}

function* findAlive(plan: NetworkScanPlan): Steps<Map<string, Life>> {
  const { builtin, targets, timeoutMs, rate } = plan;
  const alive = new Map<string, Life>();
  const byArp = new Map<string, string[]>();
  const others: string[] = [];
  const arpAllowed = mayArp(builtin);
  const pingAllowed = mayPing(builtin);
  let missesArp = false;
  for (const target of targets) {
    const link = isOwnAddress(target) ? null : linkFor(target);
    if (link !== null && !arpAllowed) missesArp = true;
    if (link === null || !arpAllowed) others.push(target);
    else byArp.set(link.name, [...(byArp.get(link.name) ?? []), target]);
  }
  if (missesArp || !pingAllowed) tellWhatIsMissing(builtin, missesArp, pingAllowed);
  for (const list of byArp.values()) {
    const answers = yield* arp({ builtin, link: linkFor(list[0]!)!, targets: list, timeoutMs, rate });
    for (const [host, { mac, rttMs }] of answers) alive.set(host, { by: 'ARP', mac, rttMs, ttl: null });
  }
  // Who is there on the link has said so; the echo tells the TTL of those, and who of the others is there.
  if (pingAllowed) yield* addEchoes(plan, [...alive.keys(), ...others], alive);
  yield* addConnections(
    plan,
    others.filter((host) => !alive.has(host)),
    alive,
  );
  return alive;
}

let told = false;

/** On standard error, once: hosts that keep silent to what is left are not found. */
function tellWhatIsMissing(builtin: string, missesArp: boolean, pingAllowed: boolean): void {
  if (told) return;
  told = true;
  const missing = !missesArp ? 'ICMP echo needs' : pingAllowed ? 'ARP needs' : 'ARP and ICMP echo need';
  const left = pingAllowed ? 'ICMP echo and connections' : 'connections alone';
  writeErr(`${builtin}: ${missing} CAP_NET_RAW, so hosts are looked for by ${left}; ${howToGetRaw()}\n`);
}

function* addEchoes(plan: NetworkScanPlan, hosts: readonly string[], alive: Map<string, Life>): Steps<void> {
  const { builtin, timeoutMs, rate } = plan;
  const asked = { builtin, count: 3, intervalMs: timeoutMs / 3, timeoutMs, size: 24, ttl: null, once: true, rate };
  for (const family of [4, 6]) {
    const list = hosts.filter((host) => host.includes(':') === (family === 6));
    const echoed = yield* echo({ ...asked, targets: list });
    echoed.forEach(({ replies: [reply] }, i) => {
      if (reply === undefined) return;
      const known = alive.get(list[i]!);
      if (known === undefined) alive.set(list[i]!, { by: 'ICMP echo', mac: null, rttMs: reply.rttMs, ttl: reply.ttl });
      else known.ttl = reply.ttl;
    });
  }
}

function* addConnections(plan: NetworkScanPlan, hosts: readonly string[], alive: Map<string, Life>): Steps<void> {
  const found = yield* together(hosts, PARALLEL, (host) => findings(plan, host, LIFE_PORTS));
  found.forEach((scan, i) => {
    const index = [...LIFE_PORTS.keys()].find((at) => scan?.states[at] === PortState.Open || scan?.states[at] === PortState.Closed); // prettier-ignore
    if (scan !== null && index !== undefined)
      alive.set(hosts[i]!, { by: 'connection', mac: null, rttMs: scan.rttMs[index]!, ttl: null });
  });
}

/** Null where there is no way to the host. */
function* findings(plan: NetworkScanPlan, address: string, ports: readonly number[]): Steps<Findings | null> {
  const { builtin, timeoutMs, rate } = plan;
  const seen = new Reported('scan', 'tcp', { host: address, port: null });
  try {
    return yield* connectScan({ builtin, address, ports, timeoutMs, concurrency: 100, rate, seen, progress: () => {} });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENETUNREACH') return null;
    throw error;
  } finally {
    seen.closed();
  }
}

function* servicesOf(plan: NetworkScanPlan, host: string): Steps<FoundHost['services']> {
  if (plan.ports.length === 0) return [];
  const scan = yield* findings(plan, host, plan.ports);
  const open = plan.ports.filter((_port, i) => scan?.states[i] === PortState.Open);
  if (!plan.banners || open.length === 0) return open.map((port) => ({ port, banner: null }));
  const said = yield* readBanners(host, host, open, () => {});
  return open.map((port, i) => ({ port, banner: said[i]! }));
}

function ownMac(ip: string): string | null {
  for (const addresses of Object.values(node.os.networkInterfaces())) {
    for (const own of addresses ?? []) if (own.address === ip && !own.internal) return own.mac;
  }
  return null;
}

/** Words of banners that name a system. */
const SYSTEMS: readonly (readonly [fits: RegExp, name: string])[] = [
  [/\bUbuntu\b/i, 'Linux (Ubuntu)'],
  [/\bDebian\b/i, 'Linux (Debian)'],
  [/\bRaspbian\b/i, 'Linux (Raspbian)'],
  [/\b(?:CentOS|Red Hat|Rocky|AlmaLinux|Fedora)\b/i, 'Linux (Red Hat family)'],
  [/\bFreeBSD\b/i, 'FreeBSD'],
  [/\bOpenBSD\b/i, 'OpenBSD'],
  [/\bOpenSSH_for_Windows|\bMicrosoft\b|\bWin(?:32|64|dows)\b/i, 'Windows'],
  [/\bRouterOS\b|\bMikroTik\b/i, 'MikroTik RouterOS'],
  [/\bCisco\b/i, 'Cisco'],
];

/** Only what something on the host has said, or the life of its packets; null where there is neither. */
function operatingSystem(ttl: number | null, banners: readonly (Banner | null)[]): string | null {
  const texts = banners.flatMap((each) => (each === null ? [] : [`${each.version ?? ''} ${each.banner ?? ''}`]));
  for (const [fits, name] of SYSTEMS) if (texts.some((text) => fits.test(text))) return `${name}, by its banner`;
  if (ttl === null) return null;
  if (ttl <= 64) return `Linux, BSD or macOS, by its TTL of ${ttl}`;
  return ttl <= 128 ? `Windows, by its TTL of ${ttl}` : `a network device, by its TTL of ${ttl}`;
}

/**
 * The addresses of a network, without those of the network itself and of the broadcast where it has them. Null for
 * what is no network or address; their number where there would be more than `most`.
 */
export function hostsOf(cidr: string, most: number): readonly string[] | bigint | null {
  const [base, length, ...rest] = cidr.split('/') as [string, string?, ...string[]];
  const v4 = parseIPv4(base);
  const bytes = v4 ?? parseIPv6(base);
  if (bytes === null || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const bits = bytes.length * 8;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return null;
  const hostBits = bits - prefix;
  const hasEnds = v4 !== null && hostBits >= 2;
  const count = 2 ** hostBits - (hasEnds ? 2 : 0);
  if (count > most) return hasEnds ? BigInt(count) : 1n << BigInt(hostBits);
  let first = 0n;
  for (const byte of bytes) first = (first << 8n) | BigInt(byte);
  first = (first >> BigInt(hostBits)) << BigInt(hostBits);
  if (hasEnds) first += 1n;
  return Array.from({ length: count }, (_none, i) => addressText(first + BigInt(i), bytes.length));
}

function addressText(value: bigint, length: number): string {
  const bytes = Uint8Array.from({ length }, (_none, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn));
  return length === 4 ? formatIPv4(bytes) : formatIPv6(bytes);
}
