/**
 * A port scan by connecting: needs no rights. Each port gets a non-blocking connection; what the system says about
 * it is what is known of the port. A socket that was refused is used again for the next port, which makes a scan
 * of a host that answers at once several times as fast.
 *
 * Always: a connection whose two ends are the same is none (the system picked the very port that is probed for its
 * own end); too few descriptors make it slower, never wrong; all descriptors are closed at the end.
 */
import { fault } from '../../runtime/errors';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import * as c from '../native/constants';
import { errorName, libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { ADDRESS_BYTES, EPOLL_EVENT_BYTES, epollData, int32, messageHeader, setPort, socketAddress, writeEpollEvent } from '../native/structures'; // prettier-ignore
import type { MessageHeader } from '../native/structures';
import { failureOf } from '../failure';
import { networkError } from '../net/failures';
import { Findings, PortState, RateLimit, RoundTrip } from './pacing';
import type { ScanPlan } from './pacing';
import { SlicedWork } from './slices';

/** Connections whose answers are fetched with one call. */
const EVENTS = 256;
/** While there is no descriptor or local port to be had. */
const SCARCE_MS = 10;
/** A port that connects to itself this often is nobody's: each time the system chose that port of thousands. */
const MAX_SELF = 20;
const { EINPROGRESS, EALREADY, EISCONN, ECONNREFUSED, EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN } = c;

/** In the place of an error's number: no system has that many. */
const UNREACHABLE = -0x10000;

/** A connection that is under way. */
interface Attempt {
  fd: number;
  readonly index: number;
  readonly tries: number;
  readonly sentAt: number;
  over: boolean;
}

/** Scans the ports of one address. Errors: ENETUNREACH, ENOSYS, EMFILE. */
export function* connectScan(plan: ScanPlan): Steps<Findings> {
  const scan = new ConnectScan(plan, libc(plan.builtin, 'a port scan'));
  return yield* scan.run();
}

class ConnectScan extends SlicedWork {
  private readonly findings: Findings;
  private readonly family: number;
  private readonly target: Uint8Array;
  private readonly epoll: number;
  private readonly event = new Uint8Array(EPOLL_EVENT_BYTES);
  private readonly events = new Uint8Array(EVENTS * EPOLL_EVENT_BYTES);
  private readonly icmp: MessageHeader = messageHeader(64, 256);
  private readonly roundTrip: RoundTrip;
  private readonly rate: RateLimit;
  private concurrency: number;
  /** The next port that was not tried yet. */
  private fresh = 0;
  /** Ports to try again, with how often they were tried. */
  private again: { readonly index: number; readonly tries: number }[] = [];
  private readonly selves = new Map<number, number>();
  /** Under way, by descriptor, and in the order of sending. */
  private readonly byFd = new Map<number, Attempt>();
  private sent: Attempt[] = [];
  private sentHead = 0;
  /** A socket that was refused at once, for the next port; -1 for none. */
  private spare = -1;
  private scarceUntil = 0;
  private readonly operation: Operation<Findings>;

  constructor(
    private readonly plan: ScanPlan,
    private readonly lib: Libc,
  ) {
    super();
    this.findings = new Findings(plan.ports.length);
    this.target = socketAddress(plan.address, 0, scopeOf(plan.address, lib));
    this.family = this.target[0]!;
    this.roundTrip = new RoundTrip(plan.timeoutMs);
    this.rate = new RateLimit(plan.rate);
    this.concurrency = plan.concurrency;
    this.epoll = lib.epollCreate(c.EPOLL_CLOEXEC);
    if (this.epoll < 0) throw this.systemError(this.epoll);
    this.operation = new Operation(`for the scan of ${plan.address}`, () => this.end());
  }

  run(): Steps<Findings> {
    this.watch(this.epoll);
    this.start();
    return this.operation.wait();
  }

  protected override work(): number {
    this.takeAnswers();
    let now = performance.now();
    this.giveUpLate(now);
    let allowed = this.rate.available(now);
    while (allowed > 0 && this.byFd.size < this.concurrency && now >= this.scarceUntil && this.hasMore) {
      const { index, tries } = this.again.pop() ?? { index: this.fresh++, tries: 0 };
      if (!this.probe(index, tries + 1)) break;
      this.rate.take();
      allowed--;
      if ((allowed & 15) === 0) {
        now = performance.now();
        if (this.isTimeUp(now)) break;
        this.takeAnswers();
      }
    }
    this.plan.progress(this.findings.decided);
    if (this.findings.decided === this.plan.ports.length) {
      this.end();
      this.operation.succeed(this.findings);
      return Infinity;
    }
    return this.pauseMs(performance.now());
  }

  private get hasMore(): boolean {
    return this.again.length > 0 || this.fresh < this.plan.ports.length;
  }

  /** Until something may be sent, or is given up. */
  private pauseMs(now: number): number {
    let until = Infinity;
    const oldest = this.sent[this.sentHead];
    if (oldest !== undefined) until = oldest.sentAt + this.roundTrip.waitMs - now;
    if (this.hasMore && this.byFd.size < this.concurrency) {
      until = Math.min(until, now < this.scarceUntil ? this.scarceUntil - now : this.rate.waitMs);
    }
    return Math.max(0, until);
  }

  /** Begins a connection. False where there is nothing left to make it with for now. */
  private probe(index: number, tries: number): boolean {
    const { lib } = this;
    const fd = this.spare >= 0 ? this.spare : this.newSocket();
    this.spare = -1;
    if (fd < 0) {
      this.again.push({ index, tries: tries - 1 });
      this.shortage(fd);
      return false;
    }
    setPort(this.target, this.plan.ports[index]!);
    const sentAt = performance.now();
    let result = lib.connect(fd, this.target, this.target.length);
    const attempt: Attempt = { fd, index, tries, sentAt, over: false };
    // On the own host the answer is there by now.
    if (result === -EINPROGRESS) result = this.answerSoFar(fd);
    if (result === -EALREADY || result === -EINPROGRESS) {
      this.await(attempt);
      return true;
    }
    if (result === -EADDRNOTAVAIL || result === -EAGAIN) {
      lib.close(fd);
      this.again.push({ index, tries: tries - 1 });
      this.shortage(result);
      return false;
    }
    this.settle(attempt, result);
    return true;
  }

  /** What is known of a connection that was begun; `UNREACHABLE` where an ICMP message has refused it. */
  private answerSoFar(fd: number): number {
    // First of all: asking for the state of the connection would throw the message away.
    this.icmp.reset();
    if (this.lib.recvmsg(fd, this.icmp.header, c.MSG_ERRQUEUE) >= 0) return UNREACHABLE;
    return this.lib.connect(fd, this.target, this.target.length);
  }

  private newSocket(): number {
    const { lib } = this;
    const fd = lib.socket(this.family, c.SOCK_STREAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    if (fd < 0) return fd;
    // An ICMP message that refuses is told apart from the host's own refusal by this.
    const isV6 = this.family === c.AF_INET6;
    lib.setsockopt(fd, isV6 ? c.IPPROTO_IPV6 : c.IPPROTO_IP, isV6 ? c.IPV6_RECVERR : c.IP_RECVERR, int32(1), 4);
    return fd;
  }

  /** No descriptor, no memory or no local port: fewer at a time, and a little later. */
  private shortage(result: number): void {
    const expected = [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN].includes(-result);
    if (!expected) throw this.systemError(result);
    this.concurrency = Math.max(1, Math.min(this.concurrency, this.byFd.size));
    this.scarceUntil = performance.now() + SCARCE_MS;
  }

  private await(attempt: Attempt): void {
    writeEpollEvent(this.event, c.EPOLLOUT, attempt.fd);
    this.lib.epollCtl(this.epoll, c.EPOLL_CTL_ADD, attempt.fd, this.event);
    this.byFd.set(attempt.fd, attempt);
    this.sent.push(attempt);
  }

  private takeAnswers(): void {
    if (this.byFd.size === 0) return;
    for (;;) {
      const count = this.lib.epollWait(this.epoll, this.events, EVENTS, 0);
      for (let i = 0; i < count; i++) {
        const attempt = this.byFd.get(epollData(this.events, i));
        if (attempt === undefined) continue;
        setPort(this.target, this.plan.ports[attempt.index]!);
        const result = this.answerSoFar(attempt.fd);
        if (result === -EALREADY || result === -EINPROGRESS) continue;
        this.forget(attempt);
        this.settle(attempt, result);
      }
      if (count < EVENTS) return;
    }
  }

  private forget(attempt: Attempt): void {
    attempt.over = true;
    this.byFd.delete(attempt.fd);
    this.lib.epollCtl(this.epoll, c.EPOLL_CTL_DEL, attempt.fd, null);
  }

  /** What the system says about a connection. */
  private settle(attempt: Attempt, result: number): void {
    const { index, tries, fd, sentAt } = attempt;
    const rtt = performance.now() - sentAt;
    if (result >= 0 || result === -EISCONN) {
      const isSelf = this.isSelf(fd);
      this.lib.close(fd);
      if (isSelf) return this.metItself(index, tries);
      this.roundTrip.sample(rtt, tries);
      return this.findings.decide(index, PortState.Open, 'connected', rtt);
    }
    if (result === -ECONNREFUSED) {
      if (this.spare < 0) this.spare = fd;
      else this.lib.close(fd);
      this.roundTrip.sample(rtt, tries);
      return this.findings.decide(index, PortState.Closed, 'reset', rtt);
    }
    this.lib.close(fd);
    switch (-result) {
      case c.ENETUNREACH:
        // Said at once, it is this machine that has no way there.
        if (tries === 1 && rtt < 1 && this.findings.decided === 0) throw this.systemError(result);
        return this.findings.decide(index, PortState.Filtered, 'unreachable (ICMP)', rtt);
      case -UNREACHABLE:
      case c.EHOSTUNREACH:
        return this.findings.decide(index, PortState.Filtered, 'unreachable (ICMP)', rtt);
      case c.EPERM:
      case c.EACCES:
        return this.findings.decide(index, PortState.Filtered, 'refused here', NaN);
      case c.ETIMEDOUT:
        return this.noAnswer(index, tries);
      case EADDRNOTAVAIL:
        this.again.push({ index, tries: tries - 1 });
        return this.shortage(result);
      default:
        throw this.systemError(result);
    }
  }

  /** Its two ends are the same: see the head of the file. */
  private isSelf(fd: number): boolean {
    const local = new Uint8Array(ADDRESS_BYTES);
    const remote = new Uint8Array(ADDRESS_BYTES);
    if (this.lib.getsockname(fd, local, int32(ADDRESS_BYTES)) < 0) return false;
    if (this.lib.getpeername(fd, remote, int32(ADDRESS_BYTES)) < 0) return false;
    return Buffer.compare(local, remote) === 0;
  }

  private metItself(index: number, tries: number): void {
    const times = (this.selves.get(index) ?? 0) + 1;
    this.selves.set(index, times);
    if (times < MAX_SELF) this.again.push({ index, tries: tries - 1 });
    else this.findings.decide(index, PortState.Closed, 'none', NaN);
  }

  private giveUpLate(now: number): void {
    const limit = now - this.roundTrip.waitMs;
    for (;;) {
      const oldest = this.sent[this.sentHead];
      if (oldest === undefined || (!oldest.over && oldest.sentAt > limit)) break;
      this.sentHead++;
      if (oldest.over) continue;
      this.forget(oldest);
      this.lib.close(oldest.fd);
      this.noAnswer(oldest.index, oldest.tries);
    }
    if (this.sentHead > 4096 && this.sentHead * 2 > this.sent.length) {
      this.sent = this.sent.slice(this.sentHead);
      this.sentHead = 0;
    }
  }

  private noAnswer(index: number, tries: number): void {
    if (tries < this.roundTrip.maxTries) this.again.push({ index, tries });
    else this.findings.decide(index, PortState.Filtered, 'no answer', NaN);
  }

  private systemError(result: number): unknown {
    const { builtin, address } = this.plan;
    const code = errorName(result);
    if (code === 'EMFILE' || code === 'ENETUNREACH') {
      return networkError({ builtin, doing: 'connect', target: { host: address, port: null } }, { code, message: '' });
    }
    return fault(code, `${builtin}: the scan of ${address} failed: ${code}`, { function: builtin });
  }

  protected override failed(error: unknown): void {
    this.plan.seen.failed(error);
    this.end();
    this.operation.fail(() => (error instanceof Error ? this.internal(error) : error) as never);
  }

  private internal(error: Error): unknown {
    return networkError(
      { builtin: this.plan.builtin, doing: 'connect', target: { host: this.plan.address, port: null } },
      failureOf(error),
    );
  }

  private end(): void {
    if (this.isStopped) return;
    this.stop();
    for (const fd of this.byFd.keys()) this.lib.close(fd);
    this.byFd.clear();
    if (this.spare >= 0) this.lib.close(this.spare);
    this.lib.close(this.epoll);
  }
}

/** The interface of a link-local address: "fe80::1%eth0". */
function scopeOf(address: string, lib: Libc): number {
  const zone = address.split('%')[1];
  if (zone === undefined) return 0;
  return /^\d+$/.test(zone) ? Number(zone) : lib.interfaceIndex(zone);
}
