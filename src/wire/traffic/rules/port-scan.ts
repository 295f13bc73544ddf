/**
 * Port scan: one address tries many ports of another and most of them do not answer or are refused (nmap's SYN,
 * connect, FIN, NULL and Xmas scans; UDP scans by the "port unreachable" that they bring).
 *
 * What is no scan: many connections to one port (a browser), many ports that all answer (passive FTP), traceroute
 * (its ports are left out), and a server whose answers go to many ports of its client.
 */
import { ACK, FIN, RST, SYN } from '../../packet/protocols';
import type { Finding, IcmpEvent, Rule, TcpEvent } from '../rule';
import { counted, entry } from '../rule';

/** Ports of one host that were tried in vain. */
const MIN_PORTS = 15;
/** Of the ports that were tried, at least this part in vain. */
const MIN_FAILED_PART = 0.7;
/** Slower than this on average is not told from ordinary failures. */
const MAX_SECONDS_PER_PORT = 60;
const MAX_PAIRS = 20_000;
const SHOWN_PORTS = 20;
/** Where traceroute sends its datagrams. */
const TRACEROUTE = [33434, 33700] as const;
const UDP = 17;
const PORT_UNREACHABLE_V4 = 3;
const PORT_UNREACHABLE_V6 = 1;

interface Tried {
  readonly technique: string;
  /** By port: whether it was opened. */
  readonly ports: Map<number, boolean>;
  packets: number;
  first: number;
  last: number;
}

export class PortScan implements Rule {
  private readonly pairs = new Map<string, Tried>();

  tcp({ time, source, target, sourcePort, targetPort, flags }: TcpEvent): void {
    const kind = flags & (SYN | ACK | RST | FIN);
    if (kind === SYN) this.tried('SYN', source, target, targetPort, time);
    else if (kind === (SYN | ACK)) this.opened(target, source, sourcePort);
    else if ((flags & (ACK | RST | SYN)) === 0) this.tried(stealth(flags), source, target, targetPort, time);
  }

  icmp(event: IcmpEvent): void {
    const { quoted, version, type, code } = event;
    const isUnreachable =
      version === 4 ? type === PORT_UNREACHABLE_V4 && code === 3 : type === PORT_UNREACHABLE_V6 && code === 4;
    if (!isUnreachable || quoted?.protocol !== UDP) return;
    const port = quoted.targetPort;
    if (port >= TRACEROUTE[0] && port <= TRACEROUTE[1]) return;
    this.tried('UDP', event.target, quoted.target, port, event.time);
  }

  private tried(technique: string, source: string, target: string, port: number, time: number): void {
    const key = `${technique} ${source} ${target}`;
    const make = (): Tried => ({ technique, ports: new Map(), packets: 0, first: time, last: time });
    const found = entry(this.pairs, key, MAX_PAIRS, make);
    if (found === null) return;
    found.packets++;
    found.last = time;
    if (!found.ports.has(port)) found.ports.set(port, false);
  }

  private opened(source: string, target: string, port: number): void {
    const found = this.pairs.get(`SYN ${source} ${target}`);
    if (found?.ports.has(port) === true) found.ports.set(port, true);
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const [key, found] of this.pairs) {
      const [technique, source, target] = key.split(' ') as [string, string, string];
      const ports = [...found.ports.keys()];
      const failed = ports.filter((port) => found.ports.get(port) !== true);
      const open = ports.filter((port) => found.ports.get(port) === true).sort((a, b) => a - b);
      if (failed.length < MIN_PORTS || failed.length < ports.length * MIN_FAILED_PART) continue;
      if (found.last - found.first > ports.length * MAX_SECONDS_PER_PORT) continue;
      findings.push({
        rule: 'port scan',
        severity: 'medium',
        source,
        target,
        description: `${source} tried ${counted(ports.length, 'port')} of ${target} (${technique}); ${failed.length} did not answer or refused`,
        evidence: {
          technique,
          ports_tried: ports.length,
          ports_failed: failed.length,
          ports: ports.sort((a, b) => a - b).slice(0, SHOWN_PORTS),
          open_ports: open.slice(0, SHOWN_PORTS),
          threshold: MIN_PORTS,
        },
        packets: found.packets,
        first: found.first,
        last: found.last,
        reference: 'MITRE ATT&CK T1046 Network Service Discovery',
      });
    }
    return findings;
  }
}

function stealth(flags: number): string {
  if ((flags & 0x3f) === 0) return 'NULL';
  return (flags & 0x3f) === FIN ? 'FIN' : 'Xmas';
}
