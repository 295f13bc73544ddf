/** The names that filters know: protocols by number, ports, and the offsets and values of TCP and ICMP fields. */

/** Numbers of IP protocols (IANA). */
export const IP_PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1, igmp: 2, ipip: 4, tcp: 6, igrp: 9, udp: 17, ipv6: 41, gre: 47, esp: 50, ah: 51, icmp6: 58, 'ipv6-icmp': 58,
  ospf: 89, pim: 103, vrrp: 112, carp: 112, sctp: 132,
}; // prettier-ignore

/** Types of Ethernet frames. */
export const ETHER_TYPES: Readonly<Record<string, number>> = {
  ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd, atalk: 0x809b, aarp: 0x80f3, lat: 0x6004, mopdl: 0x6001,
  moprc: 0x6002, loopback: 0x9000, vlan: 0x8100, pppoed: 0x8863, pppoes: 0x8864,
}; // prettier-ignore

export const PORTS: Readonly<Record<string, number>> = {
  'ftp-data': 20, ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, bootps: 67, bootpc: 68, tftp: 69, http: 80,
  www: 80, kerberos: 88, pop3: 110, sunrpc: 111, ntp: 123, 'netbios-ns': 137, 'netbios-ssn': 139, imap: 143, imap2: 143,
  snmp: 161, bgp: 179, ldap: 389, https: 443, 'microsoft-ds': 445, isakmp: 500, syslog: 514, submission: 587,
  ldaps: 636, imaps: 993, pop3s: 995, mysql: 3306, postgresql: 5432, sip: 5060, mdns: 5353, redis: 6379,
  'http-alt': 8080,
}; // prettier-ignore

export const FIELD_VALUES: Readonly<Record<string, number>> = {
  tcpflags: 13, icmptype: 0, icmpcode: 1, icmp6type: 0, icmp6code: 1, 'tcp-fin': 1, 'tcp-syn': 2, 'tcp-rst': 4,
  'tcp-push': 8, 'tcp-ack': 16, 'tcp-urg': 32, 'tcp-ece': 64, 'tcp-cwr': 128, 'icmp-echoreply': 0, 'icmp-unreach': 3,
  'icmp-sourcequench': 4, 'icmp-redirect': 5, 'icmp-echo': 8, 'icmp-routeradvert': 9, 'icmp-routersolicit': 10,
  'icmp-timxceed': 11, 'icmp-paramprob': 12, 'icmp-tstamp': 13, 'icmp-tstampreply': 14, 'icmp-ireq': 15,
  'icmp-ireqreply': 16, 'icmp-maskreq': 17, 'icmp-maskreply': 18, 'icmp6-destinationunreach': 1,
  'icmp6-packettoobig': 2, 'icmp6-timeexceeded': 3, 'icmp6-parameterproblem': 4, 'icmp6-echo': 128,
  'icmp6-echoreply': 129, 'icmp6-multicastlistenerquery': 130, 'icmp6-routersolicit': 133, 'icmp6-routeradvert': 134,
  'icmp6-neighborsolicit': 135, 'icmp6-neighboradvert': 136, 'icmp6-redirect': 137,
}; // prettier-ignore

/** What a name stands for; null where there is no such name. */
export function named<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? table[name]! : null;
}
