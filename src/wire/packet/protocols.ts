/**
 * The protocols that packets are told apart by, as small numbers: what counts packets keeps arrays by them. Their
 * names are those of Wireshark's display filters, so that figures can be compared.
 */
const NAMES = [
  'frame', 'eth', 'sll', 'null', 'raw', 'ppp', 'pppoes', 'pppoed', 'vlan', 'ieee8021ad', 'mpls', 'llc', 'wlan', 'arp', 'ip', 'ipv6',
  'icmp', 'icmpv6', 'igmp', 'tcp', 'udp', 'sctp', 'gre', 'esp', 'ah', 'ospf', 'vrrp', 'pim', 'lldp', 'eapol',
  'data', 'dns', 'mdns', 'llmnr', 'nbns', 'dhcp', 'dhcpv6', 'ntp', 'snmp', 'ssdp', 'tftp', 'syslog', 'quic', 'http',
  'tls', 'ssh', 'ftp', 'smtp', 'pop', 'imap', 'telnet', 'resp', 'mysql', 'pgsql', 'nbss', 'ldap', 'tpkt', 'sip', 'stun',
  'nbdgm', 'radius', 'isakmp', 'wg', 'mqtt', 'bgp', 'krb5', 'rtsp', 'socks', 'memcache',
  'chdlc', 'cfp', 'nflog', 'vxlan', 'gtp', 'geneve', 'teredo',
] as const; // prettier-ignore

export type ProtocolName = (typeof NAMES)[number];

/** `P.tcp` is the number of TCP. */
export const P = Object.fromEntries(NAMES.map((name, number) => [name, number])) as Readonly<
  Record<ProtocolName, number>
>;

export const PROTOCOLS = NAMES.length;

/** From this one on: protocols over UDP that packets travel in. */
export const FIRST_TUNNEL = P.vxlan;

export function protocolName(number: number): ProtocolName {
  return NAMES[number]!;
}

/** Link types of capture files, as tcpdump.org lists them. */
export const LINK = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawBsd: 12,
  rawOpenBsd: 14,
  pppHdlc: 50,
  raw: 101,
  wlan: 105,
  chdlc: 104,
  loop: 108,
  cooked: 113,
  prism: 119,
  radiotap: 127,
  avs: 163,
  nflog: 239,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const;

const LINK_NAMES: Readonly<Record<number, string>> = {
  [LINK.null]: 'BSD loopback',
  [LINK.ethernet]: 'Ethernet',
  [LINK.ppp]: 'PPP',
  [LINK.rawBsd]: 'raw IP',
  [LINK.rawOpenBsd]: 'raw IP',
  [LINK.pppHdlc]: 'PPP with HDLC framing',
  [LINK.raw]: 'raw IP',
  [LINK.wlan]: 'IEEE 802.11',
  [LINK.chdlc]: 'Cisco HDLC',
  [LINK.loop]: 'OpenBSD loopback',
  [LINK.cooked]: 'Linux cooked',
  [LINK.prism]: 'IEEE 802.11 with Prism header',
  [LINK.radiotap]: 'IEEE 802.11 with radiotap header',
  [LINK.avs]: 'IEEE 802.11 with AVS header',
  [LINK.nflog]: 'Linux netfilter log',
  [LINK.ipv4]: 'raw IPv4',
  [LINK.ipv6]: 'raw IPv6',
  [LINK.cooked2]: 'Linux cooked v2',
};

export function linkName(type: number): string {
  return LINK_NAMES[type] ?? `link type ${type}`;
}

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
