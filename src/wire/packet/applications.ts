/**
 * Which protocol a TCP or UDP payload is: told by its first bytes where they say it, else by the ports. No more
 * than the first bytes are looked at, so that it costs next to nothing on the way of every packet.
 */
import { isVersion } from '../quic/initial';
import { P } from './protocols';

interface Carried {
  readonly bytes: Uint8Array;
  readonly transport: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

const TCP_PORTS: Readonly<Record<number, number>> = {
  21: P.ftp, 22: P.ssh, 23: P.telnet, 25: P.smtp, 53: P.dns, 110: P.pop, 139: P.nbss, 143: P.imap, 179: P.bgp, 389: P.ldap,
  88: P.krb5, 445: P.nbss, 554: P.rtsp, 587: P.smtp, 1080: P.socks, 1883: P.mqtt, 3306: P.mysql, 3389: P.tpkt, 5060: P.sip,
  5432: P.pgsql, 6379: P.resp, 11211: P.memcache,
}; // prettier-ignore

const UDP_PORTS: Readonly<Record<number, number>> = {
  53: P.dns, 67: P.dhcp, 68: P.dhcp, 69: P.tftp, 88: P.krb5, 123: P.ntp, 137: P.nbns, 138: P.nbdgm, 161: P.snmp,
  162: P.snmp, 389: P.ldap, 500: P.isakmp, 514: P.syslog, 546: P.dhcpv6, 547: P.dhcpv6, 1645: P.radius, 1646: P.radius,
  1700: P.radius, 1812: P.radius, 1813: P.radius, 3799: P.radius, 2152: P.gtp, 3544: P.teredo, 4789: P.vxlan, 4790: P.vxlan, 6081: P.geneve,
  1900: P.ssdp, 5060: P.sip, 5353: P.mdns, 5355: P.llmnr, 51820: P.wg,
}; // prettier-ignore

/** By port: a table for each transport, so that a look-up is one read. */
function table(ports: Readonly<Record<number, number>>): Uint8Array {
  const all = new Uint8Array(65536);
  for (const [port, protocol] of Object.entries(ports)) all[Number(port)] = protocol;
  return all;
}

const tcpTable = table(TCP_PORTS);
const udpTable = table(UDP_PORTS);

/** 0 where nothing tells. There is at least one byte of payload. */
export function applicationOf(packet: Carried): number {
  const { bytes, payloadAt: at, payloadEnd: end, sourcePort, destinationPort } = packet;
  if (packet.transport === P.udp) {
    const known = udpTable[destinationPort]! || udpTable[sourcePort]!;
    if (known !== 0) return known;
    return byContent(bytes, at, end);
  }
  if (end - at >= 4) {
    if (isHttp(bytes, at, end)) return P.http;
    if (isTls(bytes, at, end)) return P.tls;
    if (bytes[at] === 0x53 && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x48 && bytes[at + 3] === 0x2d) return P.ssh;
  }
  return tcpTable[destinationPort]! || tcpTable[sourcePort]!;
}

const COOKIE = [0x21, 0x12, 0xa4, 0x42] as const;

/** What can be on any port of UDP: STUN, QUIC and DNS say so themselves. */
function byContent(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 13) return 0;
  const first = bytes[at]!;
  // RFC 8489, section 5
  if (first < 0x40 && end - at >= 20 && COOKIE.every((byte, i) => bytes[at + 4 + i] === byte)) return P.stun;
  if (isQuicLong(bytes, at, end)) return P.quic;
  return isDns(bytes, at, end) ? P.dns : 0;
}

/** A long header of a version that is spoken, or of a negotiation (RFC 9000, section 17.2). */
export function isQuicLong(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 13 || (bytes[at]! & 0x80) === 0 || bytes[at + 5]! > 20) return false;
  const version = word4(bytes, at + 1);
  const sourceAt = at + 6 + bytes[at + 5]!;
  if (sourceAt >= end || bytes[sourceAt]! > 20) return false;
  if (version === 0) return (end - sourceAt - 1 - bytes[sourceAt]!) % 4 === 0 && end - sourceAt > 4;
  if ((bytes[at]! & 0x40) === 0) return false;
  return isVersion(version >>> 0);
}

/**
 * One question in the class of the internet, and counts that are likely: what looks like it, and is not, is rare.
 * Multicast and other forms have their own ports.
 */
function isDns(bytes: Uint8Array, at: number, end: number): boolean {
  const u16 = (place: number): number => (bytes[place]! << 8) | bytes[place + 1]!;
  const flags = u16(at + 2);
  // A standard query, with the bit that has to be 0.
  if ((flags & 0x7840) !== 0 || end - at < 17 || u16(at + 4) !== 1 || u16(at + 10) > 10) return false;
  const isResponse = (flags & 0x8000) !== 0;
  if (u16(at + 6) > (isResponse ? 100 : 0) || u16(at + 8) > (isResponse ? 10 : 0)) return false;
  let place = at + 12;
  while (place < end && bytes[place] !== 0) {
    if (bytes[place]! > 63) return false;
    place += 1 + bytes[place]!;
  }
  return place > at + 12 && place + 5 <= end && u16(place + 3) === 1;
}

function word4(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** A TLS record: a known type, and version 3.0 to 3.4 (RFC 8446, section 5.1). */
export function isTls(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < 5) return false;
  const type = bytes[at]!;
  return (
    type >= 20 &&
    type <= 24 &&
    bytes[at + 1] === 3 &&
    bytes[at + 2]! <= 4 &&
    ((bytes[at + 3]! << 8) | bytes[at + 4]!) <= 18432
  );
}

const word = (text: string): number =>
  (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3) | 0;

const HTTP_BEGINNINGS = ['GET ', 'POST', 'PUT ', 'HEAD', 'DELE', 'OPTI', 'PATC', 'CONN', 'TRAC', 'HTTP', 'PROP'].map(
  word,
);
const [GET, POST, PUT, HEAD, DELE, OPTI, PATC, CONN, TRAC, HTTP, PROP] = HTTP_BEGINNINGS as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** The beginning of a request or response of HTTP/1. */
export function isHttp(bytes: Uint8Array, at: number, end: number): boolean {
  const first = bytes[at]!;
  if (first < 0x43 || first > 0x54 || end - at < 5) return false;
  const beginning = (first << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  switch (beginning) {
    case GET:
    case PUT:
      return true;
    case HTTP:
      return bytes[at + 4] === 0x2f;
    case POST:
    case HEAD:
      return bytes[at + 4] === 0x20;
    case DELE:
      return matches(bytes, at, end, 'DELETE ');
    case OPTI:
      return matches(bytes, at, end, 'OPTIONS ');
    case PATC:
      return matches(bytes, at, end, 'PATCH ');
    case CONN:
      return matches(bytes, at, end, 'CONNECT ');
    case TRAC:
      return matches(bytes, at, end, 'TRACE ');
    case PROP:
      return matches(bytes, at, end, 'PROPFIND ');
    default:
      return false;
  }
}

function matches(bytes: Uint8Array, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false;
  for (let i = 4; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}
