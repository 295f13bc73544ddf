/**
 * A SYN scan: the first packet of a connection is sent and the answer looked at; the system resets what would come
 * of it, since it knows nothing of that connection. The target's programs never see it.
 *
 * Always: an answer counts only from the target, from a port that was asked, and with the number that the packets
 * to that port carried. All of them carry the same one: another number on the same connection would be answered with
 * a reset.
 */
import { networkError } from '../net/failures';
import { parseIPv4, parseIPv6 } from '../../wire/address';
import { PROTOCOL_TCP, TCP_ACK, TCP_RST, TCP_SYN, tcpSegment } from '../../wire/packets/build';
import { finish, pseudoHeader, sum } from '../../wire/packets/checksum';
import type { Steps } from '../../runtime/task';
import * as c from '../native/constants';
import { errorName, libc } from '../native/libc';
import type { Libc } from '../native/libc';
import { MessageBatch, socketAddress } from '../native/structures';
import { node } from '../node';
import { PortState } from './pacing';
import type { Findings, ScanPlan } from './pacing';
import { PacketScan } from './packet-scan';
import type { Probe } from './packet-scan';
import { DROP, JUMP_EQUAL, LD_BYTE_X, LD_HALF, LD_HALF_X, LDX_HEADER, openRaw, setFilter, sourceFor, TAKE } from './raw-sockets'; // prettier-ignore

const BATCH = 64;
const SEGMENT_BYTES = 24;
const MAX_SEGMENT = 1460;
const PACKET_BYTES = 192;
/** Above the ports that the system gives to its own connections. */
const FIRST_SOURCE_PORT = 61_000;

/** Errors: EPERM without the right for raw sockets, ENETUNREACH, ENOSYS. */
export function* synScan(plan: ScanPlan): Steps<Findings> {
  const scan = new SynScan(plan, libc(plan.builtin, 'a SYN scan'));
  return yield* scan.run();
}

class SynScan extends PacketScan<Findings> {
  protected readonly batch = BATCH;
  protected readonly silentState = PortState.Filtered;
  private readonly isV6: boolean;
  private readonly fd: number;
  private readonly icmp: number;
  private readonly out = new MessageBatch(BATCH, SEGMENT_BYTES, 0);
  private readonly inBatch = new MessageBatch(BATCH, PACKET_BYTES, 0);
  private readonly target: Uint8Array;
  private readonly sourcePort = FIRST_SOURCE_PORT + node.crypto.randomInt(65_535 - FIRST_SOURCE_PORT);
  private readonly baseNumber = node.crypto.randomInt(2 ** 32);
  /** Of the header that is counted in, and of all that is the same in each packet. */
  private readonly constantSum: number;
  private readonly sentAt: Float64Array;
  private readonly triesOf: Uint8Array;

  constructor(
    plan: ScanPlan,
    private readonly lib: Libc,
  ) {
    super(plan);
    const bare = plan.address.split('%')[0]!;
    const v4 = parseIPv4(bare);
    this.isV6 = v4 === null;
    this.target = v4 ?? parseIPv6(bare)!;
    this.sentAt = new Float64Array(plan.ports.length);
    this.triesOf = new Uint8Array(plan.ports.length);
    const family = this.isV6 ? c.AF_INET6 : c.AF_INET;
    const scope = plan.address.includes('%') ? lib.interfaceIndex(plan.address.split('%')[1]!) : 0;
    this.fd = openRaw(lib, plan.builtin, 'a SYN scan', family, c.IPPROTO_TCP);
    this.icmp = openRaw(lib, plan.builtin, 'a SYN scan', family, this.isV6 ? c.IPPROTO_ICMPV6 : c.IPPROTO_ICMP);
    const to = socketAddress(plan.address, 0, scope);
    const connected = lib.connect(this.fd, to, to.length);
    const source = connected < 0 ? null : sourceFor(lib, plan.address, scope);
    if (source === null) {
      this.release();
      throw networkError(
        { builtin: plan.builtin, doing: 'connect', target: { host: plan.address, port: null } },
        { code: connected < 0 ? errorName(connected) : 'ENETUNREACH', message: '' },
      );
    }
    this.setFilters();
    const template = tcpSegment(
      { source, target: this.target },
      { sourcePort: this.sourcePort, targetPort: 0, sequence: 0, flags: TCP_SYN, maxSegment: MAX_SEGMENT },
    );
    template.fill(0, 16, 18);
    this.constantSum = sum(template, 0, SEGMENT_BYTES, pseudoHeader(source, this.target, PROTOCOL_TCP, SEGMENT_BYTES));
    for (let i = 0; i < BATCH; i++) this.out.data(i).set(template);
    this.watch(this.fd);
    this.watch(this.icmp);
  }

  /** Only what comes to the own port; of ICMP only "destination unreachable". */
  private setFilters(): void {
    const { lib, sourcePort } = this;
    if (this.isV6) {
      setFilter(lib, this.fd, [[LD_HALF, 0, 0, 2], [JUMP_EQUAL, 0, 1, sourcePort], TAKE, DROP]);
      setFilter(lib, this.icmp, [[0x30, 0, 0, 0], [JUMP_EQUAL, 0, 1, 1], TAKE, DROP]);
    } else {
      setFilter(lib, this.fd, [
        [LDX_HEADER, 0, 0, 0],
        [LD_HALF_X, 0, 0, 2],
        [JUMP_EQUAL, 0, 1, sourcePort],
        TAKE,
        DROP,
      ]);
      setFilter(lib, this.icmp, [[LDX_HEADER, 0, 0, 0], [LD_BYTE_X, 0, 0, 0], [JUMP_EQUAL, 0, 1, 3], TAKE, DROP]);
    }
  }

  protected override transmit(probes: readonly Probe[]): number {
    probes.forEach(({ index, tries, sentAt }, i) => {
      const packet = this.out.data(i);
      const port = this.plan.ports[index]!;
      const number = (this.baseNumber + index) >>> 0;
      packet[2] = port >> 8;
      packet[3] = port;
      packet[4] = number >>> 24;
      packet[5] = number >>> 16;
      packet[6] = number >>> 8;
      packet[7] = number;
      const checksum = finish(this.constantSum + port + (number >>> 16) + (number & 0xffff));
      packet[16] = checksum >> 8;
      packet[17] = checksum;
      this.sentAt[index] = sentAt;
      this.triesOf[index] = tries;
    });
    const went = this.lib.sendmmsg(this.fd, this.out.headers, probes.length, 0);
    for (let i = 0; i < went; i++) this.plan.seen.sent(this.out.data(i));
    if (went >= 0) return went;
    if (went === -c.EAGAIN || went === -c.ENOBUFS || went === -c.ENOMEM) return 0;
    // A firewall of this machine does not let the first of them out, or an ICMP message has come for one before.
    if (went === -c.EPERM) this.findings.decide(probes[0]!.index, PortState.Filtered, 'refused here', NaN);
    return went === -c.EPERM ? 1 : 0;
  }

  protected override receive(): void {
    for (;;) {
      const count = this.lib.recvmmsg(this.fd, this.inBatch.headers, BATCH, c.MSG_DONTWAIT, null);
      for (let i = 0; i < count; i++) this.takeAnswer(this.inBatch.data(i), this.inBatch.length(i));
      if (count < BATCH) break;
    }
    for (;;) {
      const count = this.lib.recvmmsg(this.icmp, this.inBatch.headers, BATCH, c.MSG_DONTWAIT, null);
      for (let i = 0; i < count; i++) this.takeUnreachable(this.inBatch.data(i), this.inBatch.length(i));
      if (count < BATCH) break;
    }
  }

  private takeAnswer(packet: Uint8Array, length: number): void {
    let at = 0;
    if (!this.isV6) {
      at = (packet[0]! & 0x0f) * 4;
      if (!sameBytes(packet, 12, this.target)) return;
    }
    if (length < at + 20) return;
    const flags = packet[at + 13]!;
    const index = this.indexOfPort.get((packet[at]! << 8) | packet[at + 1]!);
    if (index === undefined || (flags & TCP_ACK) === 0) return;
    const acknowledged = u32(packet, at + 8);
    if ((acknowledged - 1 - this.baseNumber) >>> 0 !== index) return;
    this.plan.seen.received(packet.subarray(at, length));
    const rtt = performance.now() - this.sentAt[index]!;
    const isOpen = (flags & (TCP_SYN | TCP_RST)) === TCP_SYN;
    if (!isOpen && (flags & TCP_RST) === 0) return;
    if (!this.findings.isDecided(index)) this.roundTrip.sample(rtt, this.triesOf[index]!);
    if (isOpen) this.findings.decide(index, PortState.Open, 'syn-ack', rtt);
    else this.findings.decide(index, PortState.Closed, 'reset', rtt);
  }

  /** "Destination unreachable" with the beginning of the packet that was meant. */
  private takeUnreachable(packet: Uint8Array, length: number): void {
    const at = this.isV6 ? 0 : (packet[0]! & 0x0f) * 4;
    const inner = at + 8;
    const transport = this.isV6 ? inner + 40 : inner + (packet[inner]! & 0x0f) * 4;
    if (length < transport + 8) return;
    if (packet[inner + (this.isV6 ? 6 : 9)] !== PROTOCOL_TCP) return;
    if (!sameBytes(packet, inner + (this.isV6 ? 24 : 16), this.target)) return;
    if (((packet[transport]! << 8) | packet[transport + 1]!) !== this.sourcePort) return;
    const index = this.indexOfPort.get((packet[transport + 2]! << 8) | packet[transport + 3]!);
    if (index === undefined) return;
    this.findings.decide(index, PortState.Filtered, 'unreachable (ICMP)', NaN);
  }

  override result(): Findings {
    return this.findings;
  }

  protected override release(): void {
    this.lib.close(this.fd);
    this.lib.close(this.icmp);
  }
}

function sameBytes(packet: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (packet[at + i] !== wanted[i]) return false;
  return true;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
