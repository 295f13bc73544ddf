/**
 * TLS below 1.2: a server has chosen SSL 3.0, TLS 1.0 or TLS 1.1, which RFC 8996 forbids.
 *
 * What is none: a client that offers them beside newer ones, and the old version numbers that TLS 1.3 writes on the
 * wire for the sake of old devices.
 */
import { versionName } from '../../packet/tls-hello';
import type { Hello } from '../../packet/tls-hello';
import type { Finding, Rule, SessionEvent } from '../rule';
import { entry } from '../rule';

const TLS_1_2 = 0x0303;
const MAX_SERVERS = 10_000;

interface Found {
  readonly server: string;
  readonly port: number;
  readonly version: string;
  readonly clients: Set<string>;
  readonly first: number;
  last: number;
  times: number;
}

export class OldTls implements Rule {
  private readonly found = new Map<string, Found>();

  hello({ server }: Hello, { time, source, target, targetPort }: SessionEvent): void {
    if (server === null || server.version >= TLS_1_2 || server.version < 0x0300) return;
    // `source` is the client here, as in all sessions.
    const version = versionName(server.version);
    const make = (): Found => ({ server: target, port: targetPort, version, clients: new Set(), first: time, last: time, times: 0 }); // prettier-ignore
    const found = entry(this.found, `${target} ${targetPort} ${version}`, MAX_SERVERS, make);
    if (found === null) return;
    found.times++;
    found.last = time;
    if (found.clients.size < 100) found.clients.add(source);
  }

  finish(): Finding[] {
    return [...this.found.values()].map(({ server, port, version, clients, first, last, times }) => ({
      rule: 'old TLS',
      severity: 'medium',
      source: server,
      target: [...clients][0] ?? '',
      description: `${server} port ${port} speaks ${version}, which is broken and forbidden since 2021`,
      evidence: { port, version, clients: [...clients], times },
      packets: times,
      first,
      last,
      reference: 'RFC 8996 Deprecating TLS 1.0 and TLS 1.1',
    }));
  }
}
