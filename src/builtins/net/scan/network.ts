/** `network_scan`: which hosts of a network are up, and what is known of them. */
import { hostsOf, scanNetwork } from '../../../host/scan/network-scan';
import { fault } from '../../../runtime/errors';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { serviceName } from '../../../wire/service-names';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options, whole } from '../../types';
import type { Type } from '../../types';
import { portList, ports } from './parameters';

/** A /16. */
const MAX_HOSTS = 65_536;
/** What an administrator first wants to know of a host. */
const COMMON_PORTS = [21, 22, 23, 25, 53, 80, 110, 139, 143, 389, 443, 445, 465, 587, 631, 993, 995, 1433, 1521, 3306, 3389, 5432, 5900, 6379, 8080, 8443, 9100]; // prettier-ignore

const network: Type<string> = {
  name: 'string',
  takes: 'a network such as "192.168.1.0/24" or "2001:db8::/120", or one address',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => hostsOf(value as string, 1) !== null,
};

const waitSeconds: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, more than 0 and at most 60',
  test: "(typeof $ === 'number' && $ > 0 && $ <= 60)",
};

const scanOptions = options({
  ports: option(ports, 'The ports to look for on hosts that are up; 27 usual ones where it is left out'),
  scan_ports: option(boolean, 'false looks for no ports', true),
  banners: option(boolean, 'false does not ask open ports what they are', true),
  names: option(boolean, 'false asks no name server for the names of the hosts', true),
  timeout: option(waitSeconds, 'Seconds to wait for a host to answer', 1),
  rate: option(whole(1, 1_000_000), 'Packets in a second at most', 2000),
  max_hosts: option(whole(1, 16_777_216), 'Addresses at most', MAX_HOSTS),
  progress: option(boolean, 'false shows no progress where standard error is a terminal', true),
});

export const networkScan = defineBuiltin({
  name: 'network_scan',
  group: 'scan',
  summary: 'Finds the hosts of a network that are up, and tells what is known of each',
  details:
    'One map for each host that is up, in order: {ip, status, hostname, mac, vendor, os, rtt_ms, ports, services, found_by}. Hosts of the local link are asked by ARP and others by ICMP echo, where the system allows it; hosts that have said nothing are tried by connecting to a few ports. ports are the numbers of the open ones among the usual ports, services maps {port, service, banner, version}. vendor is the maker of the network card. os is only told with its evidence, by what a service says of itself or by the TTL of packets. found_by is what the host has answered: "ARP", "ICMP echo" or "connection". What nobody has told is null. Where ARP or ICMP echo would need root or CAP_NET_RAW, standard error says so once, and what is done in their place. Scan only networks that are yours.',
  params: [
    { name: 'cidr', type: network, about: 'The network: "192.168.1.0/24"; at most a /16 unless max_hosts says more' },
    { name: 'options', type: scanOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'array', about: 'A map for each host that is up' },
  errors: {
    ERANGE: 'the network has more addresses than max_hosts',
    EPERM: 'the policy does not allow one of the addresses',
  },
  permission: 'net',
  example: `let hosts = network_scan("127.0.0.1", {"names": false, "scan_ports": false})
log(len(hosts), hosts[0]["ip"], hosts[0]["status"])  // expect: 1 127.0.0.1 up`,
  failing: `network_scan("10.0.0.0/8")  // expect error: network_scan: 10.0.0.0/8 has 16777214 addresses, more than max_hosts`,
  waits: true,
  *run(cidr, settings): Steps<Value[]> {
    const builtin = 'network_scan';
    const targets = hostsOf(cidr, settings.max_hosts)!;
    if (typeof targets === 'bigint') {
      throw fault('ERANGE', `${builtin}: ${cidr} has ${targets} addresses, more than max_hosts, ${settings.max_hosts} (ERANGE)`, {
        function: builtin,
        hint: 'scan a smaller network, or give the option max_hosts',
      }); // prettier-ignore
    }
    const hosts = yield* scanNetwork({
      builtin,
      targets,
      ports: settings.scan_ports ? (settings.ports === null ? COMMON_PORTS : portList(settings.ports)) : [],
      timeoutMs: settings.timeout * 1000,
      rate: settings.rate,
      banners: settings.banners,
      names: settings.names,
      progress: settings.progress,
    });
    return hosts.map((host) =>
      MapValue.from({
        ip: host.ip,
        status: 'up',
        hostname: host.hostname,
        mac: host.mac,
        vendor: host.vendor,
        os: host.os,
        rtt_ms: host.rttMs === null ? null : Math.round(host.rttMs * 1000) / 1000,
        ports: host.services.map(({ port }) => port),
        services: host.services.map(({ port, banner }) =>
          MapValue.from({
            port,
            service: banner?.service ?? serviceName(port),
            banner: banner?.banner ?? null,
            version: banner?.version ?? null,
          }),
        ),
        found_by: host.foundBy,
      }),
    );
  },
});
