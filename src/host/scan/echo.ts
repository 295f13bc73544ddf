/**
 * ICMP echo requests (ping), to one host or to many. A ping socket is taken where the system allows it to everybody
 * (net.ipv4.ping_group_range), else a raw socket.
 *
 * Always: a reply counts only from the host that was asked, with the number of a request that was sent to it.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { icmpEcho, icmpv6Echo } from '../../wire/packets/build';
import * as c from '../native/constants';
import { errorName, libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { controlMessages, int32, messageHeader, readInt32, readSocketAddress, socketAddress } from '../native/structures'; // prettier-ignore
import { networkError } from '../net/failures';
import type { Attempt } from '../net/failures';
import { node } from '../node';
import { Reported } from '../reported';
import { RateLimit } from './pacing';
import { SlicedWork } from './slices';

export interface EchoPlan {
  readonly builtin: string;
  /** Addresses, all of one family. */
  readonly targets: readonly string[];
  /** Requests to each of them. */
  readonly count: number;
  /** Between the requests to one of them. */
  readonly intervalMs: number;
  /** For a reply. */
  readonly timeoutMs: number;
  /** Bytes of data in a request. */
  readonly size: number;
  /** Of the request; null for the system's. */
  readonly ttl: number | null;
  /** A target that has replied gets no further requests. */
  readonly once: boolean;
  readonly rate: number;
}

export interface EchoReply {
  readonly rttMs: number;
  readonly ttl: number | null;
}

export interface Echoed {
  /** Requests that the system took. */
  readonly sent: number;
  readonly replies: readonly EchoReply[];
}

/** How the right to ping is given to everybody. */
export function howToAllowPing(): string {
  return `allow it to everybody: sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"; or to Node: sudo setcap cap_net_raw+ep ${process.execPath}`;
}

function pingRefused(builtin: string): ErrorValue {
  return fault(
    'EPERM',
    `${builtin}: the system allows ICMP echo requests neither to everybody nor to this user (EPERM)`,
    {
      function: builtin,
      fields: { hint: howToAllowPing() },
      hint: howToAllowPing(),
    },
  );
}

interface Socket {
  readonly fd: number;
  readonly isRaw: boolean;
}

function openSocket(lib: Libc, builtin: string, isV6: boolean): Socket {
  const family = isV6 ? c.AF_INET6 : c.AF_INET;
  const protocol = isV6 ? c.IPPROTO_ICMPV6 : c.IPPROTO_ICMP;
  for (const kind of [c.SOCK_DGRAM, c.SOCK_RAW]) {
    const fd = lib.socket(family, kind | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, protocol);
    if (fd >= 0) return { fd, isRaw: kind === c.SOCK_RAW };
    if (fd !== -c.EPERM && fd !== -c.EACCES) {
      const code = errorName(fd);
      throw fault(code, `${builtin}: no socket for ICMP can be opened: ${code}`, { function: builtin });
    }
  }
  throw pingRefused(builtin);
}

/** Whether this process may ping at all. */
export function mayPing(builtin: string): boolean {
  const lib = libc(builtin, 'ICMP');
  try {
    lib.close(openSocket(lib, builtin, false).fd);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks all targets; gives what each has answered, in their order. Errors: EPERM with how to get the right, ENOSYS;
 * ENETUNREACH where there is no way to a single target, unless one answer is enough.
 */
export function* echo(plan: EchoPlan): Steps<readonly Echoed[]> {
  if (plan.targets.length === 0) return [];
  const work = new Echo(plan, libc(plan.builtin, 'ICMP'));
  return yield* work.run();
}

class Echo extends SlicedWork {
  private readonly isV6: boolean;
  private readonly socket: Socket;
  private readonly id = node.crypto.randomInt(0x10000);
  private readonly message = messageHeader(2048, 256);
  private readonly data: Uint8Array;
  private readonly results: { sent: number; replies: EchoReply[] }[];
  private readonly indexOf = new Map<string, number>();
  private readonly addresses: readonly Uint8Array[];
  private readonly rate: RateLimit;
  /** When each request went out and to whom, by its 16-bit number; -1 for none. */
  private readonly sentAt = new Float64Array(0x10000);
  private readonly sentTo = new Int32Array(0x10000).fill(-1);
  private number = 0;
  private round = 0;
  private next = 0;
  private roundStart = 0;
  private lastSent = 0;
  /** The error of the system where there is no way, else 0. */
  private noWay = 0;
  private readonly seen: Reported;
  private readonly operation: Operation<readonly Echoed[]>;

  constructor(
    private readonly plan: EchoPlan,
    private readonly lib: Libc,
  ) {
    super();
    this.isV6 = plan.targets[0]!.includes(':');
    this.socket = openSocket(lib, plan.builtin, this.isV6);
    this.data = new Uint8Array(node.crypto.randomBytes(plan.size));
    this.results = plan.targets.map(() => ({ sent: 0, replies: [] }));
    this.addresses = plan.targets.map((host) => socketAddress(host, 0, scopeIn(host, lib)));
    this.addresses.forEach((address, index) => this.indexOf.set(readSocketAddress(address)!.host, index));
    this.rate = new RateLimit(plan.rate);
    this.setOptions();
    this.seen = new Reported('ping', 'icmp', { host: plan.targets.length === 1 ? plan.targets[0]! : '', port: null });
    this.operation = new Operation('for ICMP echo replies', () => this.end());
  }

  private setOptions(): void {
    const { lib, isV6 } = this;
    const { fd } = this.socket;
    const level = isV6 ? c.IPPROTO_IPV6 : c.IPPROTO_IP;
    lib.setsockopt(fd, level, isV6 ? c.IPV6_RECVHOPLIMIT : c.IP_RECVTTL, int32(1), 4);
    lib.setsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUF, int32(4 * 1024 * 1024), 4);
    if (this.plan.ttl !== null)
      lib.setsockopt(fd, level, isV6 ? c.IPV6_UNICAST_HOPS : c.IP_TTL, int32(this.plan.ttl), 4);
  }

  run(): Steps<readonly Echoed[]> {
    this.watch(this.socket.fd);
    this.roundStart = performance.now();
    this.start();
    return this.operation.wait();
  }

  protected override work(): number {
    this.receive();
    const { targets, count, intervalMs, timeoutMs } = this.plan;
    let now = performance.now();
    while (this.round < count) {
      if (now < this.roundStart + this.round * intervalMs) break;
      while (this.next < targets.length) {
        if (this.rate.available(now) < 1) return this.rate.waitMs;
        this.send(this.next++, now);
        now = performance.now();
        if (this.isTimeUp(now)) return 0;
      }
      this.next = 0;
      this.round++;
    }
    const isComplete = this.results.every(({ sent, replies }) => replies.length >= (this.plan.once ? 1 : sent));
    const isSent = this.round >= count;
    if ((isSent || this.plan.once) && isComplete && this.round > 0) return this.finish();
    if (!isSent) return this.roundStart + this.round * intervalMs - now;
    const left = this.lastSent + timeoutMs - now;
    return left <= 0 ? this.finish() : left;
  }

  private finish(): number {
    this.end();
    const { noWay, plan, results } = this;
    if (noWay !== 0 && !plan.once && plan.targets.length === 1 && results[0]!.sent === 0) {
      const attempt: Attempt = {
        builtin: plan.builtin,
        doing: 'connect',
        target: { host: plan.targets[0]!, port: null },
      };
      this.operation.fail(() => networkError(attempt, { code: errorName(noWay), message: '' }));
      return Infinity;
    }
    this.operation.succeed(this.results);
    return Infinity;
  }

  private send(index: number, now: number): void {
    const result = this.results[index]!;
    if (this.plan.once && result.replies.length > 0) return;
    const number = (this.number = (this.number + 1) & 0xffff);
    const packet = this.isV6 ? icmpv6Echo(this.id, number, this.data) : icmpEcho(this.id, number, this.data);
    const address = this.addresses[index]!;
    this.rate.take();
    this.sentAt[number] = performance.now();
    this.sentTo[number] = index;
    this.lastSent = now;
    const went = this.lib.sendto(this.socket.fd, packet, packet.length, c.MSG_NOSIGNAL, address, address.length);
    if (went === -c.ENETUNREACH) {
      this.noWay = went;
      return;
    }
    // Whatever else keeps it from going out, it is as good as lost.
    result.sent++;
    if (went >= 0) this.seen.sent(packet, { host: this.plan.targets[index]!, port: null });
  }

  private receive(): void {
    const { message, lib } = this;
    for (;;) {
      message.reset();
      const length = lib.recvmsg(this.socket.fd, message.header, c.MSG_DONTWAIT);
      if (length === -c.ECONNREFUSED || length === -c.EHOSTUNREACH) continue;
      if (length < 0) return;
      this.take(message.data.subarray(0, length));
    }
  }

  private take(packet: Uint8Array): void {
    const now = performance.now();
    const at = this.socket.isRaw && !this.isV6 ? (packet[0]! & 0x0f) * 4 : 0;
    if (packet.length < at + 8 || packet[at] !== (this.isV6 ? 129 : 0)) return;
    // The system gives a ping socket a number of its own, and replies to no other.
    if (this.socket.isRaw && ((packet[at + 4]! << 8) | packet[at + 5]!) !== this.id) return;
    const number = (packet[at + 6]! << 8) | packet[at + 7]!;
    const from = readSocketAddress(this.message.name);
    const index = from === null ? undefined : this.indexOf.get(from.host);
    if (index === undefined || this.sentTo[number] !== index) return;
    this.sentTo[number] = -1;
    this.seen.received(packet.subarray(at), { host: from!.host, port: null });
    const rttMs = now - this.sentAt[number]!;
    if (rttMs <= this.plan.timeoutMs) this.results[index]!.replies.push({ rttMs, ttl: this.ttl() });
  }

  private ttl(): number | null {
    for (const { level, type, data } of controlMessages(this.message)) {
      const isIt =
        level === (this.isV6 ? c.IPPROTO_IPV6 : c.IPPROTO_IP) && type === (this.isV6 ? c.IPV6_HOPLIMIT : c.IP_TTL);
      if (isIt && data.length >= 4) return readInt32(data);
    }
    return null;
  }

  protected override failed(error: unknown): void {
    this.seen.failed(error);
    this.end();
    this.operation.fail(() => error as never);
  }

  private end(): void {
    if (this.isStopped) return;
    this.stop();
    this.lib.close(this.socket.fd);
    this.seen.closed();
  }
}

function scopeIn(host: string, lib: Libc): number {
  const zone = host.split('%')[1];
  return zone === undefined ? 0 : lib.interfaceIndex(zone);
}
