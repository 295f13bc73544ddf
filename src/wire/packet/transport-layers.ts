/** TCP and UDP, what they carry, and the tunnels inside of UDP, in which the walk goes on. */
import { applicationOf } from './applications';
import { MAX_LAYERS, Next, PROBLEM } from './layer-walk';
import type { LayerWalk } from './layer-walk';
import { FIRST_TUNNEL, P } from './protocols';

function ports(walk: LayerWalk, place: number): void {
  walk.sourcePort = walk.u16(place);
  walk.destinationPort = walk.u16(place + 2);
  if (walk.ipCount > 0) walk.ipPorts[walk.ipCount - 1] = (walk.sourcePort << 16) | walk.destinationPort;
}

export function tcp(walk: LayerWalk): void {
  const { bytes, place } = walk;
  walk.transport = P.tcp;
  walk.transportAt = place;
  if (place + 4 <= walk.end) {
    ports(walk, place);
  }
  if (!walk.layer(P.tcp, 20)) {
    walk.payloadAt = walk.payloadEnd = walk.end;
    return;
  }
  walk.tcpFlags = bytes[place + 13]!;
  const header = (bytes[place + 12]! >> 4) * 4;
  if (header < 20 || place + header > walk.wireEnd) {
    walk.payloadAt = walk.payloadEnd = walk.end;
    return walk.stop(PROBLEM.tcpLength);
  }
  carried(walk, place + header);
}

export function udp(walk: LayerWalk): void {
  const { place } = walk;
  walk.transport = P.udp;
  walk.transportAt = place;
  if (!walk.layer(P.udp, 8)) {
    if (place + 4 <= walk.end) ports(walk, place);
    walk.payloadAt = walk.payloadEnd = walk.end;
    return;
  }
  ports(walk, place);
  const length = walk.u16(place + 4);
  // 0: longer than the field can tell, or segmented by the network card.
  if (length !== 0) {
    if (length < 8) {
      walk.payloadAt = walk.payloadEnd = walk.end;
      return walk.stop(PROBLEM.udpLength);
    }
    if (place + length > walk.wireEnd) walk.problem = PROBLEM.udpLength;
    else walk.wireEnd = place + length;
  }
  carried(walk, place + 8);
  if (walk.application >= FIRST_TUNNEL) tunnel(walk);
}

/** The payload of TCP or UDP. */
function carried(walk: LayerWalk, at: number): void {
  walk.next = Next.end;
  walk.payloadAt = Math.min(at, walk.end);
  walk.payloadEnd = Math.min(walk.end, walk.wireEnd);
  walk.payloadLength = Math.max(0, walk.wireEnd - at);
  if (walk.payloadAt >= walk.payloadEnd) return;
  walk.application = applicationOf(walk);
  if (walk.count < MAX_LAYERS) {
    walk.protocol[walk.count] = walk.application === 0 ? P.data : walk.application;
    walk.at[walk.count++] = walk.payloadAt;
  }
}

/** Packets inside of UDP. What is none after all stays what the ports say. */
function tunnel(walk: LayerWalk): void {
  const { bytes, payloadAt: at, payloadEnd: end } = walk;
  if (end - at < 8) return;
  switch (walk.application) {
    case P.vxlan:
      // RFC 7348; the generic form says what it carries (draft-ietf-nvo3-vxlan-gpe).
      if ((bytes[at]! & 0x08) === 0) return;
      if ((bytes[at]! & 0x04) === 0) return enter(walk, 8, Next.ethernet);
      if (bytes[at + 3] === 1) return enter(walk, 8, Next.ipv4);
      if (bytes[at + 3] === 2) return enter(walk, 8, Next.ipv6);
      if (bytes[at + 3] === 3) enter(walk, 8, Next.ethernet);
      return;
    case P.geneve:
      // RFC 8926
      if (bytes[at]! >> 6 !== 0) return;
      walk.type = walk.u16(at + 2);
      return enter(walk, 8 + (bytes[at]! & 0x3f) * 4, Next.etherType);
    case P.teredo:
      // RFC 4380, section 5.1.1: without an authentication or origin in front.
      if (bytes[at]! >> 4 === 6) enter(walk, 0, Next.ipv6);
      return;
    case P.gtp:
      return gtp(walk, at);
    default:
  }
}

/** User data of GTPv1 (3GPP TS 29.281, section 5.1). */
function gtp(walk: LayerWalk, at: number): void {
  const { bytes, payloadEnd: end } = walk;
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
  if (at + header < end) enter(walk, header, Next.ip);
}

/** Goes on inside of the payload, behind a header of so many bytes. */
function enter(walk: LayerWalk, header: number, next: Next): void {
  if (walk.payloadAt + header > walk.payloadEnd) return;
  walk.application = 0;
  walk.place = walk.payloadAt + header;
  walk.next = next;
}
