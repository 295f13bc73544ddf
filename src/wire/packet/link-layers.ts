/** Layers below IP: what a link wraps around packets, and what Ethernet and its kin carry. */
import { Next, PROBLEM } from './layer-walk';
import type { LayerWalk } from './layer-walk';
import { LINK, P } from './protocols';

export function link(walk: LayerWalk, type: number): void {
  const { place } = walk;
  walk.linkAt = place;
  switch (type) {
    case LINK.ethernet:
      walk.next = Next.ethernet;
      return;
    case LINK.cooked:
      if (!walk.layer(P.sll, 16)) return;
      walk.type = walk.u16(place + 14);
      walk.place = place + 16;
      walk.next = Next.etherType;
      return;
    case LINK.cooked2:
      if (!walk.layer(P.sll, 20)) return;
      walk.type = walk.u16(place);
      walk.place = place + 20;
      walk.next = Next.etherType;
      return;
    case LINK.null:
    case LINK.loop:
      bsdLoopback(walk);
      return;
    case LINK.raw:
    case LINK.rawBsd:
    case LINK.rawOpenBsd:
      if (!walk.layer(P.raw, 1)) return;
      walk.next = Next.ip;
      return;
    case LINK.ipv4:
      walk.next = Next.ipv4;
      return;
    case LINK.ipv6:
      walk.next = Next.ipv6;
      return;
    case LINK.chdlc:
      if (!walk.layer(P.chdlc, 4)) return;
      walk.type = walk.u16(place + 2);
      walk.place = place + 4;
      walk.next = Next.etherType;
      return;
    case LINK.nflog:
      netfilterLog(walk);
      return;
    case LINK.ppp:
    case LINK.pppHdlc:
      // Cisco's framing is captured as this link type too: 0x0f for one receiver, 0x8f for all.
      if ((walk.bytes[place]! & 0x7f) === 0x0f && place < walk.end) return link(walk, LINK.chdlc);
      walk.next = Next.ppp;
      return;
    case LINK.wlan:
    case LINK.radiotap:
    case LINK.prism:
    case LINK.avs:
      walk.layer(P.wlan, 0);
      walk.data();
      return;
    default:
      walk.data();
  }
}

/** Values behind their length and type; the packet is the value of type 9. Byte order of the machine that logged. */
function netfilterLog(walk: LayerWalk): void {
  if (!walk.layer(P.nflog, 4)) return;
  const { bytes, end } = walk;
  const family = bytes[walk.place]!;
  let at = walk.place + 4;
  while (at + 4 <= end) {
    const isBig = bytes[at] === 0 && bytes[at + 1]! >= 4 && bytes[at + 2] === 0;
    const length = isBig ? walk.u16(at) : bytes[at]! | (bytes[at + 1]! << 8);
    const type = isBig ? walk.u16(at + 2) : bytes[at + 2]! | (bytes[at + 3]! << 8);
    if (length < 4) break;
    if (type === 9) {
      walk.place = at + 4;
      // AF_INET and AF_INET6 of Linux.
      if (family === 2) walk.next = Next.ipv4;
      else if (family === 10) walk.next = Next.ipv6;
      else walk.data();
      return;
    }
    at += (length + 3) & ~3;
  }
  walk.data();
}

/** Four bytes of an address family, in the byte order of the machine that captured. */
function bsdLoopback(walk: LayerWalk): void {
  if (!walk.layer(P.null, 4)) return;
  const { bytes, place } = walk;
  const family = bytes[place]! === 0 && bytes[place + 1]! === 0 ? bytes[place + 3]! : bytes[place]!;
  walk.place = place + 4;
  // AF_INET, and AF_INET6 as the different systems number it.
  if (family === 2) walk.next = Next.ipv4;
  else if (family === 10 || family === 24 || family === 28 || family === 30) walk.next = Next.ipv6;
  else walk.data();
}

export function ethernet(walk: LayerWalk): void {
  if (!walk.layer(P.eth, 14)) return;
  walk.type = walk.u16(walk.place + 12);
  walk.etherType = walk.type;
  walk.place += 14;
  walk.next = Next.etherType;
}

export function byEtherType(walk: LayerWalk): void {
  const { type } = walk;
  walk.etherType = type;
  switch (type) {
    case 0x0800:
      walk.next = Next.ipv4;
      return;
    case 0x86dd:
      walk.next = Next.ipv6;
      return;
    case 0x0806:
      arp(walk);
      return;
    case 0x8100:
    case 0x88a8:
    case 0x9100:
      if (!walk.layer(type === 0x88a8 ? P.ieee8021ad : P.vlan, 4)) return;
      if (walk.vlan < 0) walk.vlan = walk.u16(walk.place) & 0xfff;
      walk.type = walk.u16(walk.place + 2);
      walk.place += 4;
      return;
    case 0x8847:
    case 0x8848:
      walk.next = Next.mpls;
      return;
    case 0x8864:
      if (!walk.layer(P.pppoes, 6)) return;
      walk.place += 6;
      walk.next = Next.ppp;
      return;
    case 0x8863:
      walk.leaf(P.pppoed);
      return;
    case 0x88cc:
      walk.leaf(P.lldp);
      return;
    case 0x888e:
      walk.leaf(P.eapol);
      return;
    // Cisco FabricPath: a tag, and the frame.
    case 0x8903:
      if (!walk.layer(P.cfp, 2)) return;
      walk.place += 2;
      walk.next = Next.ethernet;
      return;
    // Transparent Ethernet bridging, in GRE.
    case 0x6558:
      walk.next = Next.ethernet;
      return;
    default:
      // IEEE 802.3: the field is a length, and LLC follows.
      if (type > 1500) walk.data();
      else {
        walk.wireEnd = Math.min(walk.wireEnd, walk.place + Math.max(type, 3));
        llc(walk);
      }
  }
}

/** IEEE 802.2; SNAP (RFC 1042) tells the type as in an Ethernet frame. */
function llc(walk: LayerWalk): void {
  const { bytes, place } = walk;
  const isSnap =
    place + 8 <= walk.end &&
    bytes[place] === 0xaa &&
    bytes[place + 1] === 0xaa &&
    bytes[place + 2] === 3 &&
    bytes[place + 3] === 0 &&
    bytes[place + 4] === 0 &&
    bytes[place + 5] === 0;
  const type = isSnap ? walk.u16(place + 6) : 0;
  if (type <= 1500) return walk.leaf(P.llc);
  walk.layer(P.llc, 8);
  walk.type = type;
  walk.place += 8;
}

function arp(walk: LayerWalk): void {
  if (!walk.layer(P.arp, 8)) return;
  const { bytes, place } = walk;
  const length = 8 + 2 * bytes[place + 4]! + 2 * bytes[place + 5]!;
  if (place + length > walk.wireEnd) return walk.stop(PROBLEM.arp);
  walk.payloadAt = walk.payloadEnd = Math.min(place + length, walk.end);
  walk.next = Next.end;
}

/** One label of the stack; behind the last one the first bits tell what comes. */
export function mpls(walk: LayerWalk): void {
  if (!walk.layer(P.mpls, 4)) return;
  const { bytes } = walk;
  const isBottom = (bytes[walk.place + 2]! & 1) !== 0;
  walk.place += 4;
  if (!isBottom) return;
  const version = walk.place < walk.end ? bytes[walk.place]! >> 4 : 0;
  if (version === 4 || version === 6) walk.next = Next.ip;
  else walk.data();
}

export function ppp(walk: LayerWalk): void {
  const { bytes } = walk;
  // Address and control of HDLC framing.
  if (walk.place + 2 <= walk.end && bytes[walk.place] === 0xff && bytes[walk.place + 1] === 0x03) walk.place += 2;
  if (!walk.layer(P.ppp, 2)) return;
  const short = (bytes[walk.place]! & 1) !== 0;
  const type = short ? bytes[walk.place]! : walk.u16(walk.place);
  walk.place += short ? 1 : 2;
  if (type === 0x0021) walk.next = Next.ipv4;
  else if (type === 0x0057) walk.next = Next.ipv6;
  else if (type === 0x0281 || type === 0x0283) walk.next = Next.mpls;
  else walk.data();
}
