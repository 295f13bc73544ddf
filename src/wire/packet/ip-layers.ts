/** IP of both versions with fragments and extension headers, and what else stands between it and a payload. */
import { MAX_IP_LAYERS, Next, PROBLEM } from './layer-walk';
import type { LayerWalk } from './layer-walk';
import { P } from './protocols';
import { tcp, udp } from './transport-layers';

export function byVersion(walk: LayerWalk): void {
  if (walk.place >= walk.end) {
    walk.next = Next.end;
    return;
  }
  const version = walk.bytes[walk.place]! >> 4;
  if (version === 4) walk.next = Next.ipv4;
  else if (version === 6) walk.next = Next.ipv6;
  else walk.stop(PROBLEM.version);
}

export function ipv4(walk: LayerWalk): void {
  if (!walk.layer(P.ip, 20)) return;
  const { bytes, place } = walk;
  if (bytes[place]! >> 4 !== 4) return walk.stop(PROBLEM.version);
  const header = (bytes[place]! & 15) * 4;
  const total = walk.u16(place + 2);
  if (header < 20) return walk.stop(PROBLEM.headerLength);
  noteIp(walk, place, bytes[place + 9]!);
  // 0: segmented by the network card after it was captured, so the length is that of the frame.
  if (total !== 0) {
    if (total < header) return walk.stop(PROBLEM.totalLength);
    if (place + total > walk.wireEnd) walk.problem = PROBLEM.totalLength;
    else walk.wireEnd = place + total;
  }
  const fragment = walk.u16(place + 6);
  walk.moreFragments = (fragment & 0x2000) !== 0;
  walk.fragmentOffset = (fragment & 0x1fff) * 8;
  takeCutFragment(walk);
  walk.type = bytes[place + 9]!;
  walk.place = place + header;
  afterIp(walk);
}

/** A first piece that the snap length has cut can never be put together: its header is read where it is. */
function takeCutFragment(walk: LayerWalk): void {
  if (walk.moreFragments && walk.fragmentOffset === 0 && walk.wireEnd > walk.end) walk.moreFragments = false;
}

function noteIp(walk: LayerWalk, place: number, carries: number): void {
  if (walk.ipCount >= MAX_IP_LAYERS) return;
  walk.ipAt[walk.ipCount] = place;
  walk.ipPorts[walk.ipCount] = 0;
  walk.ipCarries[walk.ipCount++] = carries;
}

/** A piece of a packet is no transport header until all pieces are there. */
function afterIp(walk: LayerWalk): void {
  if (walk.isFragment) walk.data();
  else walk.next = Next.ipProtocol;
}

export function ipv6(walk: LayerWalk): void {
  if (!walk.layer(P.ipv6, 40)) return;
  const { bytes, place } = walk;
  if (bytes[place]! >> 4 !== 6) return walk.stop(PROBLEM.version);
  const length = walk.u16(place + 4);
  noteIp(walk, place, bytes[place + 6]!);
  // 0: a jumbogram, or segmented by the network card.
  if (length !== 0) {
    if (place + 40 + length > walk.wireEnd) walk.problem = PROBLEM.totalLength;
    else walk.wireEnd = place + 40 + length;
  }
  walk.place = place + 40;
  walk.type = bytes[place + 6]!;
  extensions(walk);
}

/** Extension headers (RFC 8200, section 4) up to what the packet carries. */
function extensions(walk: LayerWalk): void {
  const { bytes } = walk;
  for (;;) {
    const { type, place } = walk;
    const isExtension = type === 0 || type === 43 || type === 44 || type === 60 || type === 135;
    if (!isExtension) break;
    if (place + 8 > walk.end) {
      walk.cut = true;
      walk.next = Next.end;
      return;
    }
    walk.type = bytes[place]!;
    if (type === 44) {
      const fragment = walk.u16(place + 2);
      walk.fragmentOffset = fragment & 0xfff8;
      walk.moreFragments = (fragment & 1) !== 0;
      walk.place = place + 8;
      takeCutFragment(walk);
      if (walk.isFragment) break;
    } else {
      walk.place = place + 8 + bytes[place + 1]! * 8;
      if (walk.place > walk.wireEnd) return walk.stop(PROBLEM.headerLength);
    }
  }
  walk.ipCarries[Math.max(0, walk.ipCount - 1)] = walk.type;
  afterIp(walk);
}

export function byIpProtocol(walk: LayerWalk): void {
  switch (walk.type) {
    case 6:
      return tcp(walk);
    case 17:
      return udp(walk);
    case 1:
      return walk.leaf(P.icmp);
    case 58:
      return walk.leaf(P.icmpv6);
    case 2:
      return walk.leaf(P.igmp);
    case 4:
      walk.next = Next.ipv4;
      return;
    case 41:
      walk.next = Next.ipv6;
      return;
    case 47:
      return gre(walk);
    case 50:
      return walk.leaf(P.esp);
    case 51:
      return authentication(walk);
    case 89:
      return walk.leaf(P.ospf);
    case 103:
      return walk.leaf(P.pim);
    case 112:
      return walk.leaf(P.vrrp);
    case 132:
      return walk.leaf(P.sctp);
    // Ethernet (RFC 8986, section 4.9).
    case 143:
      walk.next = Next.ethernet;
      return;
    // No next header.
    case 59:
      walk.next = Next.end;
      return;
    default:
      walk.data();
  }
}

function authentication(walk: LayerWalk): void {
  // Behind an IPv6 header it is one of the extension headers, which are no layer.
  const isExtension = walk.ipCount > 0 && walk.bytes[walk.ipAt[walk.ipCount - 1]!]! >> 4 === 6;
  if (isExtension ? walk.place + 12 > walk.end : !walk.layer(P.ah, 12)) {
    walk.cut ||= isExtension;
    walk.next = Next.end;
    return;
  }
  walk.type = walk.bytes[walk.place]!;
  walk.place += (walk.bytes[walk.place + 1]! + 2) * 4;
  if (walk.place > walk.wireEnd) walk.stop(PROBLEM.headerLength);
}

/** RFC 2784 and 2890. */
function gre(walk: LayerWalk): void {
  if (!walk.layer(P.gre, 4)) return;
  const { bytes, place } = walk;
  const flags = bytes[place]!;
  const version = bytes[place + 1]! & 7;
  walk.type = walk.u16(place + 2);
  let header = 4;
  if ((flags & 0xc0) !== 0) header += 4;
  if ((flags & 0x20) !== 0) header += 4;
  if ((flags & 0x10) !== 0) header += 4;
  if (version === 1 && (bytes[place + 1]! & 0x80) !== 0) header += 4;
  walk.place = place + header;
  if (version === 1 && walk.type === 0x880b) walk.next = Next.ppp;
  else if (version <= 1) walk.next = Next.etherType;
  else walk.data();
}
