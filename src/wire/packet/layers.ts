/**
 * Finds the layers of a packet: which protocols it is made of and where each header begins. One `Layers` is used
 * for packet after packet; nothing is allocated and nothing but lengths, types and ports is read.
 *
 * Always: whatever the bytes are, no read goes beyond what was captured, and every step moves forward, so finding
 * ends. A header that the snap length has cut ends it quietly; one that contradicts itself sets `problem`.
 */
import { byIpProtocol, byVersion, ipv4, ipv6 } from './ip-layers';
import { LayerWalk, Next, PROBLEM } from './layer-walk';
import { byEtherType, ethernet, link, mpls, ppp } from './link-layers';
import { P } from './protocols';

export class Layers extends LayerWalk {
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
    link(this, linkType);
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
          ethernet(this);
          break;
        case Next.etherType:
          byEtherType(this);
          break;
        case Next.ip:
          byVersion(this);
          break;
        case Next.ipv4:
          ipv4(this);
          break;
        case Next.ipv6:
          ipv6(this);
          break;
        case Next.ipProtocol:
          byIpProtocol(this);
          break;
        case Next.mpls:
          mpls(this);
          break;
        case Next.ppp:
          ppp(this);
          break;
      }
    }
  }
}
