/**
 * Who is there on the local link: asked by ARP (RFC 826), which no host's firewall hides. Needs root or CAP_NET_RAW.
 */
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { formatIPv4, formatMac, parseIPv4 } from '../../wire/address';
import { arpRequest } from '../../wire/packets/build';
import * as c from '../native/constants';
import { libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { linkAddress } from '../native/structures';
import { node } from '../node';
import { Reported } from '../reported';
import { RateLimit } from './pacing';
import { SlicedWork } from './slices';

export interface Link {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
}

export interface ArpPlan {
  readonly builtin: string;
  readonly link: Link;
  readonly targets: readonly string[];
  readonly timeoutMs: number;
  readonly rate: number;
}

export interface ArpAnswer {
  readonly mac: string;
  readonly rttMs: number;
}

/** Requests to a host that does not answer. */
const TRIES = 3;
const FRAME_BYTES = 128;

/** The interface whose network an IPv4 address is on; null where there is none with hardware addresses. */
export function linkFor(address: string): Link | null {
  const wanted = parseIPv4(address);
  if (wanted === null) return null;
  for (const [name, addresses] of Object.entries(node.os.networkInterfaces())) {
    for (const own of addresses ?? []) {
      if (own.family !== 'IPv4' || own.internal || own.mac === '00:00:00:00:00:00') continue;
      const [mask, base] = [parseIPv4(own.netmask), parseIPv4(own.address)];
      if (mask?.every((byte, i) => (byte & wanted[i]!) === (byte & base![i]!)) === true) {
        return { name, address: own.address, mac: own.mac };
      }
    }
  }
  return null;
}

/** Whether this process may send frames. */
export function mayArp(builtin: string): boolean {
  const lib = libc(builtin, 'ARP');
  const fd = lib.socket(c.AF_PACKET, c.SOCK_RAW | c.SOCK_CLOEXEC, 0);
  if (fd >= 0) lib.close(fd);
  return fd >= 0;
}

export function* arp(plan: ArpPlan): Steps<ReadonlyMap<string, ArpAnswer>> {
  if (plan.targets.length === 0) return new Map();
  const work = new Arp(plan, libc(plan.builtin, 'ARP'));
  return yield* work.run();
}

class Arp extends SlicedWork {
  private readonly fd: number;
  private readonly own: Uint8Array;
  private readonly ownMac: Uint8Array;
  private readonly to: Uint8Array;
  private readonly frame = new Uint8Array(FRAME_BYTES);
  private readonly found = new Map<string, ArpAnswer>();
  private readonly sentAt = new Map<string, number>();
  private readonly rate: RateLimit;
  private round = 0;
  private next = 0;
  private roundEnd = 0;
  private readonly seen: Reported;
  private readonly operation: Operation<ReadonlyMap<string, ArpAnswer>>;

  constructor(
    private readonly plan: ArpPlan,
    private readonly lib: Libc,
  ) {
    super();
    const index = lib.interfaceIndex(plan.link.name);
    this.own = parseIPv4(plan.link.address)!;
    this.ownMac = Uint8Array.from(plan.link.mac.split(':'), (part) => parseInt(part, 16));
    this.to = linkAddress(c.ETH_P_ARP, index, new Uint8Array(6).fill(0xff));
    this.rate = new RateLimit(plan.rate);
    this.fd = lib.socket(c.AF_PACKET, c.SOCK_RAW | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, swap16(c.ETH_P_ARP));
    lib.bind(this.fd, this.to, this.to.length);
    this.seen = new Reported('arp', 'arp', { host: plan.link.name, port: null });
    this.operation = new Operation('for answers to ARP', () => this.end());
  }

  run(): Steps<ReadonlyMap<string, ArpAnswer>> {
    this.watch(this.fd);
    this.start();
    return this.operation.wait();
  }

  protected override work(): number {
    this.receive();
    const { targets, timeoutMs } = this.plan;
    let now = performance.now();
    if (now < this.roundEnd && this.found.size < targets.length) return this.roundEnd - now;
    while (this.next < targets.length) {
      const target = targets[this.next]!;
      if (!this.found.has(target)) {
        if (this.rate.available(now) < 1) return this.rate.waitMs;
        this.rate.take();
        const frame = arpRequest(this.ownMac, this.own, parseIPv4(target)!);
        this.lib.sendto(this.fd, frame, frame.length, 0, this.to, this.to.length);
        this.sentAt.set(target, performance.now());
        this.seen.sent(frame, { host: target, port: null });
      }
      this.next++;
      now = performance.now();
      if (this.isTimeUp(now)) return 0;
    }
    this.next = 0;
    this.round++;
    if (this.round > TRIES || this.found.size === targets.length) {
      this.end();
      this.operation.succeed(this.found);
      return Infinity;
    }
    this.roundEnd = now + timeoutMs / TRIES;
    return this.roundEnd - now;
  }

  private receive(): void {
    for (;;) {
      const length = this.lib.recv(this.fd, this.frame, FRAME_BYTES, c.MSG_DONTWAIT);
      if (length < 0) return;
      // Ethernet 14, ARP 28: operation 2 is an answer.
      if (length < 42 || this.frame[12] !== 8 || this.frame[13] !== 6 || this.frame[21] !== 2) continue;
      const host = formatIPv4(this.frame, 28);
      this.seen.received(this.frame.subarray(0, length), { host, port: null });
      const sentAt = this.sentAt.get(host);
      if (sentAt === undefined || this.found.has(host)) continue;
      this.found.set(host, { mac: formatMac(this.frame, 22), rttMs: performance.now() - sentAt });
    }
  }

  protected override failed(error: unknown): void {
    this.seen.failed(error);
    this.end();
    this.operation.fail(() => error as never);
  }

  private end(): void {
    if (this.isStopped) return;
    this.stop();
    this.lib.close(this.fd);
    this.seen.closed();
  }
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}

/** What the system itself has learnt of the link: works without rights for hosts that were just spoken to. */
export function knownNeighbours(): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  let text = '';
  try {
    text = node.fs.readFileSync('/proc/net/arp', 'latin1');
  } catch {
    return known;
  }
  for (const line of text.split('\n').slice(1)) {
    const [address, , flags, mac] = line.split(/\s+/);
    if (address !== undefined && mac !== undefined && flags !== '0x0') known.set(address, mac);
  }
  return known;
}
