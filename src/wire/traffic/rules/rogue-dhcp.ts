/**
 * Rogue DHCP: a second server answers and names another router or other name servers than the first one, which sends
 * the traffic of its clients elsewhere.
 *
 * What is none: a renewal, two servers that back each other up (they name the same routers), relays.
 */
import type { DhcpMessage } from '../../packet/dhcp';
import type { Between, Finding, Rule } from '../rule';
import { entry } from '../rule';

const MAX_SERVERS = 1_000;

interface Server {
  readonly address: string;
  readonly routers: readonly string[];
  readonly dnsServers: readonly string[];
  readonly first: number;
  last: number;
  offers: number;
}

export class RogueDhcp implements Rule {
  /** In the order in which they were seen. */
  private readonly servers = new Map<string, Server>();

  dhcp(message: DhcpMessage, { time, source }: Between): void {
    if (message.type !== 'offer' && message.type !== 'ack') return;
    // What comes from a relay is the answer of a server in another network.
    const address = message.server ?? source;
    const { routers, dnsServers } = message;
    if (routers.length === 0 && dnsServers.length === 0) return;
    const make = (): Server => ({ address, routers, dnsServers, first: time, last: time, offers: 0 });
    const server = entry(this.servers, `${address} ${message.relay}`, MAX_SERVERS, make);
    if (server === null) return;
    server.offers++;
    server.last = time;
  }

  finish(): Finding[] {
    const [trusted, ...others] = this.servers.values();
    if (trusted === undefined) return [];
    return others
      .filter((server) => server.address !== trusted.address && differs(server, trusted))
      .map((server) => ({
        rule: 'rogue DHCP',
        severity: 'high',
        source: server.address,
        target: '',
        description: `${server.address} gives out addresses beside ${trusted.address}, with ${differs(server, trusted)!} of its own`,
        evidence: {
          server: server.address,
          other_server: trusted.address,
          routers: server.routers,
          other_routers: trusted.routers,
          dns_servers: server.dnsServers,
          other_dns_servers: trusted.dnsServers,
        },
        packets: server.offers,
        first: server.first,
        last: server.last,
        reference: 'MITRE ATT&CK T1557.003 DHCP Spoofing',
      }));
  }
}

/** What a server names that is none of the other's; null where they agree. */
function differs(server: Server, other: Server): string | null {
  const foreign = (mine: readonly string[], theirs: readonly string[]): boolean =>
    mine.length > 0 && theirs.length > 0 && !mine.some((each) => theirs.includes(each));
  if (foreign(server.routers, other.routers)) return 'a router';
  return foreign(server.dnsServers, other.dnsServers) ? 'name servers' : null;
}
