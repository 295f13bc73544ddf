/**
 * Finds the layers of a packet: which protocols it is made of and where each header begins. One `Layers` is used
 * for packet after packet; nothing is allocated and nothing but lengths, types and ports is read.
 *
 * Always: whatever the bytes are, no read goes beyond what was captured, and every step moves forward, so finding
 * ends. A header that the snap length has cut ends it quietly; one that contradicts itself sets `problem`.
 */
import { applicationOf } from './applications';
import { FIRST_TUNNEL, LINK, P } from './protocols';

/** More than this is nested by hand: it stays data. */
const MAX_LAYERS = 24;
export const MAX_IP_LAYERS = 8;

/** Why a packet counts as malformed. */
export const PROBLEM = {
  none: 0,
  version: 1,
  headerLength: 2,
  totalLength: 3,
  tcpLength: 4,
  udpLength: 5,
  nested: 6,
  arp: 7,
} as const;

const PROBLEMS = [
  '',
  'the IP version is neither 4 nor 6',
  'the length of the IP header is impossible',
  'the length of the IP packet is impossible',
  'the length of the TCP header is impossible',
  'the length of the UDP datagram is impossible',
  'too many headers inside of each other',
  'the lengths in the ARP packet are impossible',
] as const;

export function problemText(problem: number): string | null {
  return problem === 0 ? null : PROBLEMS[problem]!;
}

/** What follows a header. */
const enum Next {
  end,
  ethernet,
  etherType,
  ip,
  ipv4,
  ipv6,
  ipProtocol,
  mpls,
  ppp,
}

export class Layers {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the packet begins in `bytes`, and where what was captured of it ends. */
  start = 0;
  end = 0;
  /** Bytes that it had on the wire. */
  wireLength = 0;

  /** The protocols from the outermost on, and where their headers begin. */
  count = 0;
  readonly protocol = new Uint8Array(MAX_LAYERS);
  readonly at = new Int32Array(MAX_LAYERS);

  /** IP headers from the outermost on, without those that an ICMP message quotes. */
  ipCount = 0;
  readonly ipAt = new Int32Array(MAX_IP_LAYERS);
  /** What each of them carries: the number of the protocol after extension headers. */
  readonly ipCarries = new Uint8Array(MAX_IP_LAYERS);
  /** The source and destination port that TCP or UDP in it have, in one word; 0 without ports. */
  readonly ipPorts = new Int32Array(MAX_IP_LAYERS);

  linkAt = -1;
  /** Of the first VLAN tag; -1 without one. */
  vlan = -1;
  etherType = 0;

  /** TCP or UDP of the innermost IP packet: `P.tcp`, `P.udp`, or 0. */
  transport = 0;
  transportAt = 0;
  sourcePort = 0;
  destinationPort = 0;
  tcpFlags = 0;
  /** What the innermost known header carries; the end is that of the data captured. */
  payloadAt = 0;
  payloadEnd = 0;
  /** Bytes of TCP or UDP payload that the headers tell of, also where fewer were captured. */
  payloadLength = 0;
  /** What TCP or UDP carry, or 0: `P.dns`. */
  application = 0;

  /** A piece of an IP packet: its place in bytes, and whether more follow. */
  fragmentOffset = 0;
  moreFragments = false;
  get isFragment(): boolean {
    return this.moreFragments || this.fragmentOffset > 0;
  }

  problem: number = PROBLEM.none;
  /** Inside of an ICMP error: nothing is counted as a conversation. */
  cut = false;

  private next: Next = Next.end;
  private place = 0;
  private type = 0;
  /** Where the present packet ends on the wire, which may lie beyond `end`. */
  private wireEnd = 0;

  /** The packet in `bytes[start..end)`, which had `wireLength` bytes. */
  find(bytes: Uint8Array, start: number, end: number, wireLength: number, linkType: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.wireLength = wireLength;
    this.count = 0;
    this.ipCount = 0;
    this.linkAt = -1;
    this.vlan = -1;
    this.etherType = 0;
    this.transport = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.tcpFlags = 0;
    this.application = 0;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.problem = PROBLEM.none;
    this.cut = false;
    this.payloadAt = start;
    this.payloadEnd = end;
    this.payloadLength = 0;
    this.wireEnd = start + Math.max(wireLength, end - start);
    this.place = start;
    this.link(linkType);
    this.walk();
  }

  /** What a flow is known to be, for a packet that does not say it: QUIC behind its beginning. */
  goesOn(application: number): void {
    if (this.transport !== P.udp || this.count === 0 || this.protocol[this.count - 1] !== P.data) return;
    this.application = application;
    this.protocol[this.count - 1] = application;
  }

  /** Goes on in a packet that was put together from fragments: `protocol` is its IP protocol. */
  findReassembled(bytes: Uint8Array, end: number, protocol: number): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = end;
    this.wireEnd = end;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.place = 0;
    this.type = protocol;
    // The piece was counted as data.
    if (this.count > 0 && this.protocol[this.count - 1] === P.data) this.count--;
    this.next = Next.ipProtocol;
    this.walk();
  }

  private walk(): void {
    // Every header is at least one byte long, except that of a version that is asked for.
    for (;;) {
      switch (this.next) {
        case Next.end:
          return;
        case Next.ethernet:
          this.ethernet();
          break;
        case Next.etherType:
          this.byEtherType();
          break;
        case Next.ip:
          this.byVersion();
          break;
        case Next.ipv4:
          this.ipv4();
          break;
        case Next.ipv6:
          this.ipv6();
          break;
        case Next.ipProtocol:
          this.byIpProtocol();
          break;
        case Next.mpls:
          this.mpls();
          break;
        case Next.ppp:
          this.ppp();
          break;
      }
    }
  }

  /** Notes a layer at the present place. False where there are too many. */
  private layer(protocol: number, headerBytes: number): boolean {
    if (this.count >= MAX_LAYERS) {
      this.stop(PROBLEM.nested);
      return false;
    }
    this.protocol[this.count] = protocol;
    this.at[this.count++] = this.place;
    if (this.place + headerBytes > this.end) {
      this.cut = true;
      this.next = Next.end;
      return false;
    }
    return true;
  }

  private stop(problem: number): void {
    this.problem = problem;
    this.next = Next.end;
  }

  /** What is left is data of no known protocol. */
  private data(): void {
    this.next = Next.end;
    this.payloadAt = Math.min(this.place, this.end);
    this.payloadEnd = Math.min(this.end, this.wireEnd);
    if (this.payloadAt < this.payloadEnd && this.count < MAX_LAYERS) {
      this.protocol[this.count] = P.data;
      this.at[this.count++] = this.place;
    }
  }

  private u16(at: number): number {
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  private link(type: number): void {
    const { place } = this;
    this.linkAt = place;
    switch (type) {
      case LINK.ethernet:
        this.next = Next.ethernet;
        return;
      case LINK.cooked:
        if (!this.layer(P.sll, 16)) return;
        this.type = this.u16(place + 14);
        this.place = place + 16;
        this.next = Next.etherType;
        return;
      case LINK.cooked2:
        if (!this.layer(P.sll, 20)) return;
        this.type = this.u16(place);
        this.place = place + 20;
        this.next = Next.etherType;
        return;
      case LINK.null:
      case LINK.loop:
        this.bsdLoopback();
        return;
      case LINK.raw:
      case LINK.rawBsd:
      case LINK.rawOpenBsd:
        if (!this.layer(P.raw, 1)) return;
        this.next = Next.ip;
        return;
      case LINK.ipv4:
        this.next = Next.ipv4;
        return;
      case LINK.ipv6:
        this.next = Next.ipv6;
        return;
      case LINK.chdlc:
        if (!this.layer(P.chdlc, 4)) return;
        this.type = this.u16(place + 2);
        this.place = place + 4;
        this.next = Next.etherType;
        return;
      case LINK.nflog:
        this.netfilterLog();
        return;
      case LINK.ppp:
      case LINK.pppHdlc:
        // Cisco's framing is captured as this link type too: 0x0f for one receiver, 0x8f for all.
        if ((this.bytes[place]! & 0x7f) === 0x0f && place < this.end) return this.link(LINK.chdlc);
        this.next = Next.ppp;
        return;
      case LINK.wlan:
      case LINK.radiotap:
      case LINK.prism:
      case LINK.avs:
        this.layer(P.wlan, 0);
        this.data();
        return;
      default:
        this.data();
    }
  }

  /** Values behind their length and type; the packet is the value of type 9. Byte order of the machine that logged. */
  private netfilterLog(): void {
    if (!this.layer(P.nflog, 4)) return;
    const { bytes, end } = this;
    const family = bytes[this.place]!;
    let at = this.place + 4;
    while (at + 4 <= end) {
      const isBig = bytes[at] === 0 && bytes[at + 1]! >= 4 && bytes[at + 2] === 0;
      const length = isBig ? this.u16(at) : bytes[at]! | (bytes[at + 1]! << 8);
      const type = isBig ? this.u16(at + 2) : bytes[at + 2]! | (bytes[at + 3]! << 8);
      if (length < 4) break;
      if (type === 9) {
        this.place = at + 4;
        // AF_INET and AF_INET6 of Linux.
        if (family === 2) this.next = Next.ipv4;
        else if (family === 10) this.next = Next.ipv6;
        else this.data();
        return;
      }
      at += (length + 3) & ~3;
    }
    this.data();
  }

  /** Four bytes of an address family, in the byte order of the machine that captured. */
  private bsdLoopback(): void {
    if (!this.layer(P.null, 4)) return;
    const { bytes, place } = this;
    const family = bytes[place]! === 0 && bytes[place + 1]! === 0 ? bytes[place + 3]! : bytes[place]!;
    this.place = place + 4;
    // AF_INET, and AF_INET6 as the different systems number it.
    if (family === 2) this.next = Next.ipv4;
    else if (family === 10 || family === 24 || family === 28 || family === 30) this.next = Next.ipv6;
    else this.data();
  }

  private ethernet(): void {
    if (!this.layer(P.eth, 14)) return;
    this.type = this.u16(this.place + 12);
    this.etherType = this.type;
    this.place += 14;
    this.next = Next.etherType;
  }

  private byEtherType(): void {
    const { type } = this;
    this.etherType = type;
    switch (type) {
      case 0x0800:
        this.next = Next.ipv4;
        return;
      case 0x86dd:
        this.next = Next.ipv6;
        return;
      case 0x0806:
        this.arp();
        return;
      case 0x8100:
      case 0x88a8:
      case 0x9100:
        if (!this.layer(type === 0x88a8 ? P.ieee8021ad : P.vlan, 4)) return;
        if (this.vlan < 0) this.vlan = this.u16(this.place) & 0xfff;
        this.type = this.u16(this.place + 2);
        this.place += 4;
        return;
      case 0x8847:
      case 0x8848:
        this.next = Next.mpls;
        return;
      case 0x8864:
        if (!this.layer(P.pppoes, 6)) return;
        this.place += 6;
        this.next = Next.ppp;
        return;
      case 0x8863:
        this.leaf(P.pppoed);
        return;
      case 0x88cc:
        this.leaf(P.lldp);
        return;
      case 0x888e:
        this.leaf(P.eapol);
        return;
      // Cisco FabricPath: a tag, and the frame.
      case 0x8903:
        if (!this.layer(P.cfp, 2)) return;
        this.place += 2;
        this.next = Next.ethernet;
        return;
      // Transparent Ethernet bridging, in GRE.
      case 0x6558:
        this.next = Next.ethernet;
        return;
      default:
        // IEEE 802.3: the field is a length, and LLC follows.
        if (type > 1500) this.data();
        else {
          this.wireEnd = Math.min(this.wireEnd, this.place + Math.max(type, 3));
          this.llc();
        }
    }
  }

  /** IEEE 802.2; SNAP (RFC 1042) tells the type as in an Ethernet frame. */
  private llc(): void {
    const { bytes, place } = this;
    const isSnap =
      place + 8 <= this.end &&
      bytes[place] === 0xaa &&
      bytes[place + 1] === 0xaa &&
      bytes[place + 2] === 3 &&
      bytes[place + 3] === 0 &&
      bytes[place + 4] === 0 &&
      bytes[place + 5] === 0;
    const type = isSnap ? this.u16(place + 6) : 0;
    if (type <= 1500) return this.leaf(P.llc);
    this.layer(P.llc, 8);
    this.type = type;
    this.place += 8;
  }

  /** The last header that is looked at. */
  private leaf(protocol: number): void {
    this.next = Next.end;
    this.payloadAt = Math.min(this.place, this.end);
    this.payloadEnd = Math.min(this.end, this.wireEnd);
    this.layer(protocol, 0);
    this.next = Next.end;
  }

  private arp(): void {
    if (!this.layer(P.arp, 8)) return;
    const { bytes, place } = this;
    const length = 8 + 2 * bytes[place + 4]! + 2 * bytes[place + 5]!;
    if (place + length > this.wireEnd) return this.stop(PROBLEM.arp);
    this.payloadAt = this.payloadEnd = Math.min(place + length, this.end);
    this.next = Next.end;
  }

  /** One label of the stack; behind the last one the first bits tell what comes. */
  private mpls(): void {
    if (!this.layer(P.mpls, 4)) return;
    const { bytes } = this;
    const isBottom = (bytes[this.place + 2]! & 1) !== 0;
    this.place += 4;
    if (!isBottom) return;
    const version = this.place < this.end ? bytes[this.place]! >> 4 : 0;
    if (version === 4 || version === 6) this.next = Next.ip;
    else this.data();
  }

  private ppp(): void {
    const { bytes } = this;
    // Address and control of HDLC framing.
    if (this.place + 2 <= this.end && bytes[this.place] === 0xff && bytes[this.place + 1] === 0x03) this.place += 2;
    if (!this.layer(P.ppp, 2)) return;
    const short = (bytes[this.place]! & 1) !== 0;
    const type = short ? bytes[this.place]! : this.u16(this.place);
    this.place += short ? 1 : 2;
    if (type === 0x0021) this.next = Next.ipv4;
    else if (type === 0x0057) this.next = Next.ipv6;
    else if (type === 0x0281 || type === 0x0283) this.next = Next.mpls;
    else this.data();
  }

  private byVersion(): void {
    if (this.place >= this.end) {
      this.next = Next.end;
      return;
    }
    const version = this.bytes[this.place]! >> 4;
    if (version === 4) this.next = Next.ipv4;
    else if (version === 6) this.next = Next.ipv6;
    else this.stop(PROBLEM.version);
  }

  private ipv4(): void {
    if (!this.layer(P.ip, 20)) return;
    const { bytes, place } = this;
    if (bytes[place]! >> 4 !== 4) return this.stop(PROBLEM.version);
    const header = (bytes[place]! & 15) * 4;
    const total = this.u16(place + 2);
    if (header < 20) return this.stop(PROBLEM.headerLength);
    this.noteIp(place, bytes[place + 9]!);
    // 0: segmented by the network card after it was captured, so the length is that of the frame.
    if (total !== 0) {
      if (total < header) return this.stop(PROBLEM.totalLength);
      if (place + total > this.wireEnd) this.problem = PROBLEM.totalLength;
      else this.wireEnd = place + total;
    }
    const fragment = this.u16(place + 6);
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.fragmentOffset = (fragment & 0x1fff) * 8;
    this.takeCutFragment();
    this.type = bytes[place + 9]!;
    this.place = place + header;
    this.afterIp();
  }

  /** A first piece that the snap length has cut can never be put together: its header is read where it is. */
  private takeCutFragment(): void {
    if (this.moreFragments && this.fragmentOffset === 0 && this.wireEnd > this.end) this.moreFragments = false;
  }

  private noteIp(place: number, carries: number): void {
    if (this.ipCount >= MAX_IP_LAYERS) return;
    this.ipAt[this.ipCount] = place;
    this.ipPorts[this.ipCount] = 0;
    this.ipCarries[this.ipCount++] = carries;
  }

  /** A piece of a packet is no transport header until all pieces are there. */
  private afterIp(): void {
    if (this.isFragment) this.data();
    else this.next = Next.ipProtocol;
  }

  private ipv6(): void {
    if (!this.layer(P.ipv6, 40)) return;
    const { bytes, place } = this;
    if (bytes[place]! >> 4 !== 6) return this.stop(PROBLEM.version);
    const length = this.u16(place + 4);
    this.noteIp(place, bytes[place + 6]!);
    // 0: a jumbogram, or segmented by the network card.
    if (length !== 0) {
      if (place + 40 + length > this.wireEnd) this.problem = PROBLEM.totalLength;
      else this.wireEnd = place + 40 + length;
    }
    this.place = place + 40;
    this.type = bytes[place + 6]!;
    this.extensions();
  }

  /** Extension headers (RFC 8200, section 4) up to what the packet carries. */
  private extensions(): void {
    const { bytes } = this;
    for (;;) {
      const { type, place } = this;
      const isExtension = type === 0 || type === 43 || type === 44 || type === 60 || type === 135;
      if (!isExtension) break;
      if (place + 8 > this.end) {
        this.cut = true;
        this.next = Next.end;
        return;
      }
      this.type = bytes[place]!;
      if (type === 44) {
        const fragment = this.u16(place + 2);
        this.fragmentOffset = fragment & 0xfff8;
        this.moreFragments = (fragment & 1) !== 0;
        this.place = place + 8;
        this.takeCutFragment();
        if (this.isFragment) break;
      } else {
        this.place = place + 8 + bytes[place + 1]! * 8;
        if (this.place > this.wireEnd) return this.stop(PROBLEM.headerLength);
      }
    }
    this.ipCarries[Math.max(0, this.ipCount - 1)] = this.type;
    this.afterIp();
  }

  private byIpProtocol(): void {
    switch (this.type) {
      case 6:
        return this.tcp();
      case 17:
        return this.udp();
      case 1:
        return this.leaf(P.icmp);
      case 58:
        return this.leaf(P.icmpv6);
      case 2:
        return this.leaf(P.igmp);
      case 4:
        this.next = Next.ipv4;
        return;
      case 41:
        this.next = Next.ipv6;
        return;
      case 47:
        return this.gre();
      case 50:
        return this.leaf(P.esp);
      case 51:
        return this.authentication();
      case 89:
        return this.leaf(P.ospf);
      case 103:
        return this.leaf(P.pim);
      case 112:
        return this.leaf(P.vrrp);
      case 132:
        return this.leaf(P.sctp);
      // Ethernet (RFC 8986, section 4.9).
      case 143:
        this.next = Next.ethernet;
        return;
      // No next header.
      case 59:
        this.next = Next.end;
        return;
      default:
        this.data();
    }
  }

  private authentication(): void {
    // Behind an IPv6 header it is one of the extension headers, which are no layer.
    const isExtension = this.ipCount > 0 && this.bytes[this.ipAt[this.ipCount - 1]!]! >> 4 === 6;
    if (isExtension ? this.place + 12 > this.end : !this.layer(P.ah, 12)) {
      this.cut ||= isExtension;
      this.next = Next.end;
      return;
    }
    this.type = this.bytes[this.place]!;
    this.place += (this.bytes[this.place + 1]! + 2) * 4;
    if (this.place > this.wireEnd) this.stop(PROBLEM.headerLength);
  }

  /** RFC 2784 and 2890. */
  private gre(): void {
    if (!this.layer(P.gre, 4)) return;
    const { bytes, place } = this;
    const flags = bytes[place]!;
    const version = bytes[place + 1]! & 7;
    this.type = this.u16(place + 2);
    let header = 4;
    if ((flags & 0xc0) !== 0) header += 4;
    if ((flags & 0x20) !== 0) header += 4;
    if ((flags & 0x10) !== 0) header += 4;
    if (version === 1 && (bytes[place + 1]! & 0x80) !== 0) header += 4;
    this.place = place + header;
    if (version === 1 && this.type === 0x880b) this.next = Next.ppp;
    else if (version <= 1) this.next = Next.etherType;
    else this.data();
  }

  private ports(place: number): void {
    this.sourcePort = this.u16(place);
    this.destinationPort = this.u16(place + 2);
    if (this.ipCount > 0) this.ipPorts[this.ipCount - 1] = (this.sourcePort << 16) | this.destinationPort;
  }

  private tcp(): void {
    const { bytes, place } = this;
    this.transport = P.tcp;
    this.transportAt = place;
    if (place + 4 <= this.end) {
      this.ports(place);
    }
    if (!this.layer(P.tcp, 20)) {
      this.payloadAt = this.payloadEnd = this.end;
      return;
    }
    this.tcpFlags = bytes[place + 13]!;
    const header = (bytes[place + 12]! >> 4) * 4;
    if (header < 20 || place + header > this.wireEnd) {
      this.payloadAt = this.payloadEnd = this.end;
      return this.stop(PROBLEM.tcpLength);
    }
    this.carried(place + header);
  }

  private udp(): void {
    const { place } = this;
    this.transport = P.udp;
    this.transportAt = place;
    if (!this.layer(P.udp, 8)) {
      if (place + 4 <= this.end) this.ports(place);
      this.payloadAt = this.payloadEnd = this.end;
      return;
    }
    this.ports(place);
    const length = this.u16(place + 4);
    // 0: longer than the field can tell, or segmented by the network card.
    if (length !== 0) {
      if (length < 8) {
        this.payloadAt = this.payloadEnd = this.end;
        return this.stop(PROBLEM.udpLength);
      }
      if (place + length > this.wireEnd) this.problem = PROBLEM.udpLength;
      else this.wireEnd = place + length;
    }
    this.carried(place + 8);
    if (this.application >= FIRST_TUNNEL) this.tunnel();
  }

  /** The payload of TCP or UDP. */
  private carried(at: number): void {
    this.next = Next.end;
    this.payloadAt = Math.min(at, this.end);
    this.payloadEnd = Math.min(this.end, this.wireEnd);
    this.payloadLength = Math.max(0, this.wireEnd - at);
    if (this.payloadAt >= this.payloadEnd) return;
    this.application = applicationOf(this);
    if (this.count < MAX_LAYERS) {
      this.protocol[this.count] = this.application === 0 ? P.data : this.application;
      this.at[this.count++] = this.payloadAt;
    }
  }

  /** Packets inside of UDP. What is none after all stays what the ports say. */
  private tunnel(): void {
    const { bytes, payloadAt: at, payloadEnd: end } = this;
    if (end - at < 8) return;
    switch (this.application) {
      case P.vxlan:
        // RFC 7348; the generic form says what it carries (draft-ietf-nvo3-vxlan-gpe).
        if ((bytes[at]! & 0x08) === 0) return;
        if ((bytes[at]! & 0x04) === 0) return this.enter(8, Next.ethernet);
        if (bytes[at + 3] === 1) return this.enter(8, Next.ipv4);
        if (bytes[at + 3] === 2) return this.enter(8, Next.ipv6);
        if (bytes[at + 3] === 3) this.enter(8, Next.ethernet);
        return;
      case P.geneve:
        // RFC 8926
        if (bytes[at]! >> 6 !== 0) return;
        this.type = this.u16(at + 2);
        return this.enter(8 + (bytes[at]! & 0x3f) * 4, Next.etherType);
      case P.teredo:
        // RFC 4380, section 5.1.1: without an authentication or origin in front.
        if (bytes[at]! >> 4 === 6) this.enter(0, Next.ipv6);
        return;
      case P.gtp:
        return this.gtp(at);
      default:
    }
  }

  /** User data of GTPv1 (3GPP TS 29.281, section 5.1). */
  private gtp(at: number): void {
    const { bytes, payloadEnd: end } = this;
    const flags = bytes[at]!;
    if (flags >> 5 !== 1 || (flags & 0x10) === 0 || bytes[at + 1] !== 255) return;
    let header = 8;
    if ((flags & 0x07) !== 0) {
      header = 12;
      let next = (flags & 0x04) !== 0 && at + 12 <= end ? bytes[at + 11]! : 0;
      while (next !== 0 && at + header + 4 <= end && bytes[at + header]! > 0) {
        header += bytes[at + header]! * 4;
        next = bytes[at + header - 1]!;
      }
    }
    if (at + header < end) this.enter(header, Next.ip);
  }

  /** Goes on inside of the payload, behind a header of so many bytes. */
  private enter(header: number, next: Next): void {
    if (this.payloadAt + header > this.payloadEnd) return;
    this.application = 0;
    this.place = this.payloadAt + header;
    this.next = next;
  }
}
