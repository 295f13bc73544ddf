/**
 * What to say to a UDP port so that the service that usually has it answers: questions that change nothing there.
 * A port that is not here gets an empty datagram.
 */
import { ascii } from '../bytes';
import { encodeMessage } from '../dns/message';

function bytes(hexText: string): Uint8Array {
  return Uint8Array.from(hexText.replace(/\s+/g, '').match(/../g)!, (pair) => parseInt(pair, 16));
}

const dns = encodeMessage({ id: 0x5e17, questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] });
const mdns = encodeMessage({ id: 0, questions: [{ name: '_services._dns-sd._udp.local', type: 'PTR', class: 'IN' }] });

/** A client's question for the time (RFC 5905). */
const ntp = new Uint8Array(48);
ntp[0] = 0xe3;

const ssdp = ascii(
  'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n',
);
const sip = ascii(
  'OPTIONS sip:sentra@localhost SIP/2.0\r\nVia: SIP/2.0/UDP localhost;branch=z9hG4bKsentra;rport\r\nMax-Forwards: 70\r\n' +
    'From: <sip:sentra@localhost>;tag=1\r\nTo: <sip:sentra@localhost>\r\nCall-ID: sentra\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
);

/** A QUIC packet with a version that nobody speaks: the answer names those that the server does (RFC 9000, section 6). */
const quic = new Uint8Array(1200);
quic.set(bytes('c0 1a2a3a4a 08 0102030405060708 08 1112131415161718'));

const PROBES = new Map<number, Uint8Array>([
  [53, dns],
  [69, ascii('\x00\x01sentra\x00octet\x00')],
  [111, bytes('5e175e17 00000000 00000002 000186a0 00000002 00000000 00000000 00000000 00000000 00000000')],
  [123, ntp],
  [137, bytes('5e17 0000 0001 0000 0000 0000 20 434b4141414141414141414141414141414141414141414141414141414141 41 00 0021 0001')],
  // SNMPv1: sysDescr.0 of the community "public".
  [161, bytes('302902010004067075626c6963a01c02045e175e1702010002010030 0e300c06082b060102010101000500')],
  [443, quic],
  // IKE: an empty proposal.
  [500, bytes('5e175e175e175e17 0000000000000000 01 10 02 00 00000000 0000001c')],
  [1900, ssdp],
  // STUN: a binding request (RFC 8489).
  [3478, bytes('0001 0000 2112a442 5e175e175e175e175e175e17')],
  [5060, sip],
  [5353, mdns],
  // CoAP: GET /.well-known/core (RFC 7252).
  [5683, bytes('40 01 5e17 bb 2e77656c6c2d6b6e6f776e 04 636f7265')],
  [11211, ascii('\x00\x01\x00\x00\x00\x01\x00\x00version\r\n')],
]); // prettier-ignore

const NOTHING = new Uint8Array(0);

export function udpProbe(port: number): Uint8Array {
  return PROBES.get(port) ?? NOTHING;
}

interface UdpRule {
  readonly service: string;
  readonly fits: (said: Uint8Array) => boolean;
}

const startsWith = (said: Uint8Array, text: string): boolean => [...ascii(text)].every((byte, i) => said[i] === byte);

const RULES: readonly UdpRule[] = [
  { service: 'domain', fits: (said) => said.length >= 12 && said[0] === 0x5e && said[1] === 0x17 && (said[2]! & 0xf8) === 0x80 && said[4] === 0 && said[5] === 1 && said[6] === 0 },
  { service: 'mdns', fits: (said) => said.length >= 12 && said[0] === 0 && said[1] === 0 && said[2] === 0x84 },
  { service: 'ntp', fits: (said) => said.length >= 48 && (said[0]! & 0x07) === 4 },
  { service: 'snmp', fits: (said) => said.length > 10 && said[0] === 0x30 && said.includes(0xa2) },
  { service: 'ssdp', fits: (said) => startsWith(said, 'HTTP/1.1 200') || startsWith(said, 'NOTIFY * HTTP') },
  { service: 'sip', fits: (said) => startsWith(said, 'SIP/2.0') },
  { service: 'stun', fits: (said) => said.length >= 20 && said[0] === 1 && said[4] === 0x21 && said[5] === 0x12 },
  { service: 'tftp', fits: (said) => said.length >= 4 && said[0] === 0 && (said[1] === 5 || said[1] === 3) },
  { service: 'rpcbind', fits: (said) => said.length >= 24 && said[0] === 0x5e && said[7] === 1 },
  { service: 'quic', fits: (said) => said.length >= 15 && (said[0]! & 0x80) !== 0 && said[1] === 0 && said[2] === 0 && said[3] === 0 && said[4] === 0 },
  { service: 'isakmp', fits: (said) => said.length >= 28 && startsWith(said, '\x5e\x17\x5e\x17\x5e\x17\x5e\x17') },
  { service: 'memcached', fits: (said) => said.length > 8 && startsWith(said.subarray(8), 'VERSION') },
  { service: 'coap', fits: (said) => said.length >= 4 && (said[0]! & 0xf0) === 0x60 && said[2] === 0x5e && said[3] === 0x17 },
]; // prettier-ignore

/** The service that gives such an answer; null where no rule knows it. */
export function identifyUdp(said: Uint8Array): string | null {
  return RULES.find(({ fits }) => fits(said))?.service ?? null;
}
