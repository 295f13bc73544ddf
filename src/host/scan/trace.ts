/**
 * The way to a host: datagrams whose life ends one router further each time; each router says so. All of them are
 * sent at once, and no rights are needed: the system queues the ICMP messages of a UDP socket.
 */
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import * as c from '../native/constants';
import { errorName, libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { controlMessages, int32, messageHeader, readSocketAddress, setPort, socketAddress } from '../native/structures'; // prettier-ignore
import { networkError } from '../net/failures';
import { Reported } from '../reported';
import { SlicedWork } from './slices';

export interface TracePlan {
  readonly builtin: string;
  readonly address: string;
  readonly maxHops: number;
  /** Datagrams for each hop. */
  readonly probes: number;
  readonly timeoutMs: number;
}

export interface Hop {
  readonly ttl: number;
  /** Null where nobody has answered. */
  readonly address: string | null;
  readonly rttMs: readonly number[];
  readonly sent: number;
  /** The host itself has answered. */
  readonly isTarget: boolean;
  /** A router says that it goes no further. */
  readonly isUnreachable: boolean;
}

/** Where nobody listens, as traceroute has always had it. */
const FIRST_PORT = 33_434;
/** Hops whose probes are under way at the same time: routers answer few at a time. */
const AHEAD = 8;
const ICMP_ORIGIN = 2;
const ICMP6_ORIGIN = 3;

/** Errors: ENETUNREACH, ENOSYS. */
export function* trace(plan: TracePlan): Steps<readonly Hop[]> {
  const work = new Trace(plan, libc(plan.builtin, 'traceroute'));
  return yield* work.run();
}

class Trace extends SlicedWork {
  private readonly fd: number;
  private readonly isV6: boolean;
  private readonly target: Uint8Array;
  private readonly message = messageHeader(512, 512);
  private readonly hops: { -readonly [K in keyof Hop]: Hop[K] }[] = [];
  private readonly sentAt: number[] = [];
  private readonly answered = new Set<number>();
  /** The hop at which the way ends, as far as it is known. */
  private end_: number;
  /** What routers say comes as errors of the socket, not as data. */
  private readonly seen: Reported;
  private readonly operation: Operation<readonly Hop[]>;

  constructor(
    private readonly plan: TracePlan,
    private readonly lib: Libc,
  ) {
    super();
    const zone = plan.address.split('%')[1];
    this.target = socketAddress(plan.address, 0, zone === undefined ? 0 : lib.interfaceIndex(zone));
    this.isV6 = this.target[0] === c.AF_INET6;
    this.end_ = plan.maxHops;
    this.fd = lib.socket(this.target[0]!, c.SOCK_DGRAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    if (this.fd < 0) throw this.systemError(this.fd);
    lib.setsockopt(this.fd, this.level, this.isV6 ? c.IPV6_RECVERR : c.IP_RECVERR, int32(1), 4);
    this.seen = new Reported('traceroute', 'udp', { host: plan.address, port: null });
    this.operation = new Operation(`for the way to ${plan.address}`, () => this.close());
  }

  private get level(): number {
    return this.isV6 ? c.IPPROTO_IPV6 : c.IPPROTO_IP;
  }

  private systemError(result: number): unknown {
    const { builtin, address } = this.plan;
    return networkError({ builtin, doing: 'connect', target: { host: address, port: null } }, { code: errorName(result), message: '' }); // prettier-ignore
  }

  run(): Steps<readonly Hop[]> {
    this.watch(this.fd);
    this.start();
    return this.operation.wait();
  }

  protected override work(): number {
    this.receive();
    const now = performance.now();
    while (this.hops.length < this.end_ && this.open(now) < AHEAD) this.sendHop(this.hops.length + 1);
    this.receive();
    const waiting = this.sentAt.filter(
      (_at, i) => !this.answered.has(i) && Math.floor(i / this.plan.probes) < this.end_,
    );
    const left = Math.max(0, ...waiting.map((at) => at + this.plan.timeoutMs - now));
    if (this.hops.length >= this.end_ && left <= 0) {
      this.close();
      this.operation.succeed(this.hops.slice(0, this.end_));
      return Infinity;
    }
    return waiting.length === 0
      ? 0
      : Math.max(1, Math.min(...waiting.map((at) => at + this.plan.timeoutMs - now).filter((ms) => ms > 0)));
  }

  /** Hops that still wait. */
  private open(now: number): number {
    const hops = new Set<number>();
    this.sentAt.forEach((at, i) => {
      if (!this.answered.has(i) && at + this.plan.timeoutMs > now) hops.add(Math.floor(i / this.plan.probes));
    });
    return hops.size;
  }

  private sendHop(ttl: number): void {
    const { lib, plan } = this;
    lib.setsockopt(this.fd, this.level, this.isV6 ? c.IPV6_UNICAST_HOPS : c.IP_TTL, int32(ttl), 4);
    this.hops.push({ ttl, address: null, rttMs: [], sent: plan.probes, isTarget: false, isUnreachable: false });
    for (let i = 0; i < plan.probes; i++) {
      const index = (ttl - 1) * plan.probes + i;
      setPort(this.target, FIRST_PORT + index);
      const data = new Uint8Array(32);
      const send = (): number => lib.sendto(this.fd, data, 32, c.MSG_NOSIGNAL, this.target, this.target.length);
      let result = send();
      // An error that an earlier probe has brought is told once here.
      if (result === -c.ECONNREFUSED || result === -c.EHOSTUNREACH) result = send();
      if (result === -c.ENETUNREACH && ttl === 1 && i === 0) throw this.systemError(result);
      this.sentAt[index] = performance.now();
      if (result >= 0) this.seen.sent(data, { host: plan.address, port: FIRST_PORT + index });
    }
  }

  private receive(): void {
    const { message, lib } = this;
    for (;;) {
      message.reset();
      if (lib.recvmsg(this.fd, message.header, c.MSG_ERRQUEUE | c.MSG_DONTWAIT) < 0) break;
      const meant = readSocketAddress(message.name);
      if (meant === null) continue;
      for (const { type, data } of controlMessages(message)) {
        if ((type === c.IP_RECVERR || type === c.IPV6_RECVERR) && data.length >= 32)
          this.take(meant.port - FIRST_PORT, data);
      }
    }
    // A program that does listen there: the host itself.
    for (;;) {
      message.reset();
      const length = lib.recvmsg(this.fd, message.header, c.MSG_DONTWAIT);
      if (length === -c.ECONNREFUSED || length === -c.EHOSTUNREACH) continue;
      if (length < 0) return;
      const from = readSocketAddress(message.name);
      if (from === null) continue;
      this.seen.received(message.data.subarray(0, length), from);
      this.note(from.port - FIRST_PORT, from.host, true, false);
    }
  }

  /** `error` is a `struct sock_extended_err` with the address of who sent the message behind it. */
  private take(index: number, error: Uint8Array): void {
    const [origin, type, code] = [error[4], error[5], error[6]];
    if (origin !== ICMP_ORIGIN && origin !== ICMP6_ORIGIN) return;
    const from = readSocketAddress(error.subarray(16));
    if (from === null) return;
    const isV6 = origin === ICMP6_ORIGIN;
    const isPassing = type === (isV6 ? 3 : 11);
    const isPort = isV6 ? type === 1 && code === 4 : type === 3 && code === 3;
    this.note(index, from.host, isPort, !isPassing && !isPort);
  }

  private note(index: number, host: string, isTarget: boolean, isUnreachable: boolean): void {
    const hop = this.hops[Math.floor(index / this.plan.probes)];
    const sentAt = this.sentAt[index];
    if (hop === undefined || sentAt === undefined || this.answered.has(index)) return;
    this.answered.add(index);
    hop.address ??= host;
    hop.rttMs = [...hop.rttMs, performance.now() - sentAt];
    hop.isTarget ||= isTarget;
    hop.isUnreachable ||= isUnreachable;
    if (isTarget || isUnreachable) this.end_ = Math.min(this.end_, hop.ttl);
  }

  protected override failed(error: unknown): void {
    this.seen.failed(error);
    this.close();
    this.operation.fail(() => error as never);
  }

  private close(): void {
    if (this.isStopped) return;
    this.stop();
    this.lib.close(this.fd);
    this.seen.closed();
  }
}
