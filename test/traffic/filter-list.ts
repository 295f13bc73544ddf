/** Filters in tcpdump's language, of every kind that there is. */

const hosts = ['10.77.0.1', '10.77.0.2', '10.81.0.2', '10.0.0.9', 'fd77::1', 'fd77::2', '2001:db8::1'];
const ports = ['80', '53', '443', '6379', '123', '9999', 'http', 'domain', '1'];

export const FILTERS: readonly string[] = [
  '',
  ...hosts.flatMap((host) => [`host ${host}`, `src host ${host}`, `dst ${host}`, `not host ${host}`]),
  ...ports.flatMap((port) => [`port ${port}`, `tcp port ${port}`, `udp dst port ${port}`, `src port ${port}`, `not port ${port}`]),
  ...['ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'icmp', 'icmp6', 'igmp', 'sctp', 'esp', 'ah', 'pim', 'vrrp'].flatMap((each) => [each, `not ${each}`]),
  'vlan', 'vlan 7', 'vlan 5', 'vlan and ip', 'vlan 7 and icmp', 'vlan and vlan', 'vlan 5 and vlan 9 and tcp', 'vlan and host 10.77.0.1', 'not vlan', 'vlan 7 or ip6', 'ip or vlan',
  'mpls', 'mpls 16', 'mpls and mpls', 'mpls and ip', 'mpls 20 and mpls 32', 'pppoed', 'pppoes', 'pppoes and ip', 'pppoes 3',
  'less 100', 'greater 100', 'less 66', 'greater 1514', 'len > 100', 'len <= 60', 'len = 98', 'len != 98', 'len & 1 = 0',
  'net 10.77.0.0/16', 'net 10', 'net 10.77', 'net 10.77.0.0 mask 255.255.255.0', 'src net 10.77.0.0/31', 'dst net 10.77.0.2/32', 'net fd77::/64', 'src net fd77::/127', 'not net 10.0.0.0/8', '10.77.0.0/24', 'net 0.0.0.0/0', 'ip net 10.77.0.0/30', 'arp net 10.77.0.0/24', 'ip6 net fd00::/8',
  'portrange 1-1024', 'portrange 50-60', 'tcp portrange 400-500', 'udp src portrange 30000-65535', 'portrange 6379-6380', 'not portrange 0-65535', 'portrange 53',
  'proto 6', 'proto 17', 'ip proto 1', 'ip proto \\tcp', 'ip6 proto 58', 'ip6 proto \\udp', 'ip6 proto 44', 'ip proto 47', 'proto 47', 'proto 4', 'proto 41', 'ether proto 0x0806', 'ether proto \\ip', 'ether proto \\arp', 'ether proto 0x8100', 'ether proto 0x86dd', 'ip6 proto 0',
  'tcp[13] & 2 != 0', 'tcp[tcpflags] & tcp-syn != 0', 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'tcp[tcpflags] == tcp-syn', 'tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)', 'tcp[0:2] = 80', 'tcp[2:2] > 1024', 'tcp[4:4] > 0x80000000', 'tcp[12] >> 4 = 8', 'tcp[12] & 0xf0 > 0x50',
  'tcp[((tcp[12:1] & 0xf0) >> 2):4] = 0x47455420', 'tcp[(tcp[12] >> 2)] = 0x48', 'udp[4:2] > 50', 'udp[8] & 0x80 != 0', 'udp[10] = 0', 'icmp[icmptype] = icmp-echo', 'icmp[icmptype] == icmp-echoreply', 'icmp[0] = 8 or icmp[0] = 0', 'icmp6[icmp6type] = icmp6-echo', 'icmp6[0] = 135', 'icmp6[0] > 130', 'icmp[icmpcode] = 0',
  'ip[0] & 0xf != 5', 'ip[8] < 64', 'ip[2:2] - ((ip[0] & 0xf) << 2) > 100', 'ip[6:2] & 0x1fff != 0', 'ip[6] & 0x20 != 0', 'ip[9] = 6', 'ip[12:4] = 0x0a4d0001', 'ip[16] >= 10 and ip[17] = 77', 'ip6[6] = 58', 'ip6[4:2] > 100', 'ip6[40] = 0x80', 'ether[0] & 1 = 1', 'ether[12:2] = 0x0800', 'ether[6:4] = 0x02000000', 'ether[14] >> 4 = 4', 'arp[6:2] = 1', 'arp[7] = 2',
  'ip[0] + ip[1] = 69', 'ip[0] * 2 = 138', 'ip[8] / 2 = 32', 'ip[8] % 10 = 4', 'len - 14 = ip[2:2]', 'ip[2:2] = len - 14', '(ip[0] & 0xf) * 4 = 20', '1 = 1', '1 = 2', '0x10 > 0xf', 'ip[8] ^ 64 = 0', '(ip[8] | 1) = 65', 'ether[len - 1] = 0', 'ip[0xffff] = 0', 'not ip[0xffff] = 0', 'ether[100] = 0', 'not ether[100] = 0', 'ip[2:2] & 0xff > ip[3] - 1',
  'ether host 02:00:00:00:77:01', 'ether src 02:00:00:00:77:02', 'ether dst 02:00:00:00:77:02', 'ether dst ff:ff:ff:ff:ff:ff', 'ether broadcast', 'broadcast', 'ether multicast', 'multicast', 'ip multicast', 'ip6 multicast', 'ip broadcast', 'not ether multicast', 'ether src host 02:00:00:00:77:01 and tcp',
  'host 10.77.0.1 and host 10.77.0.2', 'src 10.77.0.1 and dst 10.77.0.2', 'host 10.77.0.1 and tcp and port 80', 'tcp or udp', 'tcp and not port 80', 'not tcp and not udp', '!(tcp or udp)', '(tcp or udp) and port 53', 'tcp port 80 or udp port 53', 'port 80 or 443', 'tcp port 80 or 443 or 53', 'host 10.77.0.1 or 10.77.0.2', 'port 80 and not 443', 'src host 10.77.0.1 or dst port 53', 'not not tcp', 'tcp && port 80 || udp', 'udp or tcp and port 80', 'udp or (tcp and port 80)', 'src or dst port 53', 'src and dst net 10.77.0.0/16', 'src or dst host fd77::2', 'ip host 10.77.0.1', 'arp host 10.77.0.1', 'arp src host 10.77.0.1', 'ip6 host fd77::1', 'ip src 10.77.0.2', 'ip6 dst fd77::2', 'tcp src port 80', 'tcp dst port http', 'udp port 53', 'sctp port 53', 'ip and tcp[13] & 7 != 0 and not src net 10.77.0.0/30', 'icmp or icmp6', 'icmp and len > 500', 'port 53 and (tcp or ip6)', 'tcp and (port 80 or port 443) and host 10.77.0.2', 'ip6 and not icmp6 and not tcp',
]; // prettier-ignore
