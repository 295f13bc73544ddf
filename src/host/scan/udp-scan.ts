/**
 * A UDP scan: each port gets a question that its usual service answers. An answer means open, "port unreachable"
 * closed, another ICMP message filtered; nothing at all may mean either, so it is `open|filtered`. One socket does
 * it all and needs no rights: the system queues the ICMP messages with the address that they are about.
 *
 * Hosts send few "port unreachable" messages (Linux: one in a second to each asker). Where repetitions still bring
 * some, the scan slows down to that rate until a whole round brings none: the one way to be right about them.
 */
import type { Steps } from '../../runtime/task';
import { decodeMessage } from '../../wire/dns/message';
import { printable } from '../../wire/services/identify';
import { identifyUdp, udpProbe } from '../../wire/services/udp-probes';
import * as c from '../native/constants';
import { errorName, libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { controlMessages, int32, messageHeader, readSocketAddress, setPort, socketAddress } from '../native/structures'; // prettier-ignore
import { networkError } from '../net/failures';
import type { Banner } from './banners';
import { PortState } from './pacing';
import type { Findings, ScanPlan } from './pacing';
import { PacketScan } from './packet-scan';
import type { Probe } from './packet-scan';

const BATCH = 32;
const DATAGRAM_BYTES = 4096;
/** As seldom as Linux sends "port unreachable". */
const LIMITED_MS = 1000;
/** Of a port that stays silent, and for as long as other ports bring news: at a loss of 5 % each way one in 100,000 is missed. */
const TRIES = 5;
/** Where the message comes from, in `struct sock_extended_err`. */
const ORIGIN_ICMP = 2;
const ORIGIN_ICMP6 = 3;

export interface UdpFindings {
  readonly findings: Findings;
  readonly banners: ReadonlyMap<number, Banner>;
}

/** Errors: ENETUNREACH, ENOSYS. */
export function* udpScan(plan: ScanPlan): Steps<UdpFindings> {
  const scan = new UdpScan(plan, libc(plan.builtin, 'a UDP scan'));
  return yield* scan.run();
}

class UdpScan extends PacketScan<UdpFindings> {
  protected readonly batch = BATCH;
  protected readonly silentState = PortState.OpenOrFiltered;
  private readonly fd: number;
  private readonly target: Uint8Array;
  private readonly host: string;
  private readonly message = messageHeader(DATAGRAM_BYTES, 512);
  private readonly banners = new Map<number, Banner>();
  private readonly triesOf: Uint8Array;
  private readonly sentAt: Float64Array;
  /** The host limits its messages: one probe in this time. */
  private pauseBetweenMs = 0;
  private nextAt = 0;
  /** "Port unreachable" messages that repetitions have brought. */
  private lateNews = 0;
  /** Of each port: `lateNews` when it was last tried. */
  private readonly newsAt: Uint32Array;
  private seenUnreachable = false;

  constructor(
    plan: ScanPlan,
    private readonly lib: Libc,
  ) {
    super(plan);
    const count = plan.ports.length;
    this.triesOf = new Uint8Array(count);
    this.sentAt = new Float64Array(count);
    this.newsAt = new Uint32Array(count);
    const zone = plan.address.split('%')[1];
    this.target = socketAddress(plan.address, 0, zone === undefined ? 0 : lib.interfaceIndex(zone));
    this.host = readSocketAddress(this.target)!.host;
    const isV6 = this.target[0] === c.AF_INET6;
    this.fd = lib.socket(this.target[0]!, c.SOCK_DGRAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    if (this.fd < 0) throw this.systemError(this.fd);
    lib.setsockopt(this.fd, isV6 ? c.IPPROTO_IPV6 : c.IPPROTO_IP, isV6 ? c.IPV6_RECVERR : c.IP_RECVERR, int32(1), 4);
    lib.setsockopt(this.fd, c.SOL_SOCKET, c.SO_RCVBUF, int32(4 * 1024 * 1024), 4);
    this.watch(this.fd);
  }

  private systemError(result: number): unknown {
    const { builtin, address } = this.plan;
    return networkError({ builtin, doing: 'connect', target: { host: address, port: null } }, { code: errorName(result), message: '' }); // prettier-ignore
  }

  protected override transmit(probes: readonly Probe[]): number {
    let went = 0;
    for (const { index, tries } of probes) {
      const now = performance.now();
      if (this.pauseBetweenMs > 0) {
        if (now < this.nextAt) break;
        this.nextAt = now + this.pauseBetweenMs;
      }
      const port = this.plan.ports[index]!;
      setPort(this.target, port);
      const data = udpProbe(port);
      let result = this.lib.sendto(this.fd, data, data.length, c.MSG_NOSIGNAL, this.target, this.target.length);
      // An error that an earlier probe brought is told here once, and is in the queue with its address.
      if (result === -c.ECONNREFUSED || result === -c.EHOSTUNREACH) {
        result = this.lib.sendto(this.fd, data, data.length, c.MSG_NOSIGNAL, this.target, this.target.length);
      }
      if (result === -c.EAGAIN || result === -c.ENOBUFS) break;
      if (result === -c.EPERM || result === -c.EACCES)
        this.findings.decide(index, PortState.Filtered, 'refused here', NaN);
      else if (result === -c.ENETUNREACH && this.findings.decided === 0 && tries === 1) throw this.systemError(result);
      if (result >= 0) this.plan.seen.sent(data, { host: this.host, port });
      this.triesOf[index] = tries;
      this.sentAt[index] = now;
      this.newsAt[index] = this.lateNews;
      went++;
    }
    return went;
  }

  protected override get holdMs(): number {
    return this.pauseBetweenMs === 0 ? 0 : Math.max(0, this.nextAt - performance.now());
  }

  /** Silence is only believed when the host has had time to send its next message. */
  protected override waitFor(tries: number): number {
    const wait = super.waitFor(tries);
    return this.seenUnreachable && tries > 1 ? Math.max(wait, LIMITED_MS + 100) : wait;
  }

  protected override noAnswer({ index, tries }: Probe): void {
    const isQuiet = this.newsAt[index] === this.lateNews;
    if (tries < TRIES || (!isQuiet && tries < 250)) this.repeat(index, tries);
    else this.findings.decide(index, PortState.OpenOrFiltered, 'no answer', NaN);
  }

  protected override receive(): void {
    this.takeErrors();
    const { message, lib } = this;
    for (;;) {
      message.reset();
      const length = lib.recvmsg(this.fd, message.header, c.MSG_DONTWAIT);
      if (length === -c.ECONNREFUSED || length === -c.EHOSTUNREACH) {
        this.takeErrors();
        continue;
      }
      if (length < 0) return;
      const from = readSocketAddress(message.name);
      if (from !== null) this.plan.seen.received(message.data.subarray(0, length), from);
      const index = from?.host === this.host ? this.indexOfPort.get(from.port) : undefined;
      if (index === undefined || this.findings.isDecided(index)) continue;
      const rtt = performance.now() - this.sentAt[index]!;
      this.roundTrip.sample(rtt, this.triesOf[index]!);
      this.findings.decide(index, PortState.Open, 'answer', rtt);
      this.banners.set(this.plan.ports[index]!, bannerOf(message.data.slice(0, length)));
    }
  }

  /** The ICMP messages that came for datagrams of this socket. */
  private takeErrors(): void {
    const { message, lib } = this;
    for (;;) {
      message.reset();
      if (lib.recvmsg(this.fd, message.header, c.MSG_ERRQUEUE | c.MSG_DONTWAIT) < 0) return;
      const meant = readSocketAddress(message.name);
      const index = meant === null ? undefined : this.indexOfPort.get(meant.port);
      if (index === undefined || this.findings.isDecided(index)) continue;
      for (const { type, data } of controlMessages(message)) {
        if ((type === c.IP_RECVERR || type === c.IPV6_RECVERR) && data.length >= 16) this.unreachable(index, data);
      }
    }
  }

  /** `error` is a `struct sock_extended_err`. */
  private unreachable(index: number, error: Uint8Array): void {
    const [origin, type, code] = [error[4], error[5], error[6]];
    const isPort =
      (origin === ORIGIN_ICMP && type === 3 && code === 3) || (origin === ORIGIN_ICMP6 && type === 1 && code === 4);
    if (origin !== ORIGIN_ICMP && origin !== ORIGIN_ICMP6) return;
    const rtt = performance.now() - this.sentAt[index]!;
    if (!isPort) return this.findings.decide(index, PortState.Filtered, 'unreachable (ICMP)', rtt);
    this.seenUnreachable = true;
    if (this.triesOf[index]! > 1) {
      this.lateNews++;
      this.pauseBetweenMs = LIMITED_MS;
    }
    this.roundTrip.sample(rtt, 1);
    this.findings.decide(index, PortState.Closed, 'port unreachable (ICMP)', rtt);
  }

  override result(): UdpFindings {
    return { findings: this.findings, banners: this.banners };
  }

  protected override release(): void {
    this.lib.close(this.fd);
  }
}

function bannerOf(said: Uint8Array): Banner {
  const service = identifyUdp(said);
  const version = service === 'domain' ? nameServerVersion(said) : null;
  return { service, banner: printable(said), version };
}

/** What a name server says to "version.bind". */
function nameServerVersion(said: Uint8Array): string | null {
  const data = decodeMessage(said)?.answers[0]?.data;
  return data?.kind === 'text' && data.strings[0] !== undefined ? printable(data.strings[0]) : null;
}
