/**
 * Host sweep: one address looks for many others, by ping, by the same port, or by ARP, and most of them are not
 * there.
 *
 * What is no sweep: many servers that answer (a browser, a monitor of hosts that are up), multicast and broadcast,
 * and the few addresses that an ordinary host asks for in vain.
 */
import { ACK, RST, SYN } from '../../packet/protocols';
import type { ArpEvent, Finding, IcmpEvent, Rule, TcpEvent } from '../rule';
import { entry } from '../rule';

/** Addresses that did not answer. */
const MIN_HOSTS = 20;
const MIN_FAILED_PART = 0.7;
/** On average; slower looks are ordinary failures. */
const MAX_SECONDS_PER_HOST = 10;
const MAX_SWEEPS = 20_000;
const MAX_HOSTS = 65_536;
const SHOWN = 10;

interface Sweep {
  readonly source: string;
  readonly how: string;
  /** By address: whether it answered. */
  readonly hosts: Map<string, boolean>;
  packets: number;
  first: number;
  last: number;
}

export class HostSweep implements Rule {
  private readonly sweeps = new Map<string, Sweep>();

  tcp({ time, source, target, sourcePort, targetPort, flags }: TcpEvent): void {
    const kind = flags & (SYN | ACK | RST);
    if (kind === SYN) this.asked(source, `port ${targetPort}`, target, time);
    // A refusal tells as well that somebody is there.
    else if (kind === (SYN | ACK) || (kind & RST) !== 0) this.answered(target, `port ${sourcePort}`, source);
  }

  icmp({ time, version, type, source, target }: IcmpEvent): void {
    const isRequest = version === 4 ? type === 8 : type === 128;
    const isReply = version === 4 ? type === 0 : type === 129;
    if (isRequest) this.asked(source, 'ping', target, time);
    else if (isReply) this.answered(target, 'ping', source);
  }

  arp({ time, operation, senderAddress, targetAddress }: ArpEvent): void {
    // Probes and announcements of the own address ask for nobody.
    if (operation === 1 && senderAddress !== '0.0.0.0' && senderAddress !== targetAddress)
      this.asked(senderAddress, 'ARP', targetAddress, time);
    else if (operation === 2) this.answered(targetAddress, 'ARP', senderAddress);
  }

  private asked(source: string, how: string, target: string, time: number): void {
    if (isGroup(target)) return;
    const make = (): Sweep => ({ source, how, hosts: new Map(), packets: 0, first: time, last: time });
    const sweep = entry(this.sweeps, `${source} ${how}`, MAX_SWEEPS, make);
    if (sweep === null) return;
    sweep.packets++;
    sweep.last = time;
    if (!sweep.hosts.has(target) && sweep.hosts.size < MAX_HOSTS) sweep.hosts.set(target, false);
  }

  private answered(source: string, how: string, target: string): void {
    const sweep = this.sweeps.get(`${source} ${how}`);
    if (sweep?.hosts.has(target) === true) sweep.hosts.set(target, true);
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const { source, how, hosts, packets, first, last } of this.sweeps.values()) {
      const silent = [...hosts].filter(([, answered]) => !answered).map(([host]) => host);
      if (silent.length < MIN_HOSTS || silent.length < hosts.size * MIN_FAILED_PART) continue;
      if (last - first > hosts.size * MAX_SECONDS_PER_HOST) continue;
      findings.push({
        rule: 'host sweep',
        severity: 'medium',
        source,
        target: '',
        description: `${source} looked for ${hosts.size} hosts (${how}); ${silent.length} did not answer`,
        evidence: {
          technique: how,
          hosts_tried: hosts.size,
          hosts_silent: silent.length,
          hosts: [...hosts.keys()].slice(0, SHOWN),
          hosts_up: [...hosts].filter(([, answered]) => answered).map(([host]) => host).slice(0, SHOWN), // prettier-ignore
          threshold: MIN_HOSTS,
        },
        packets,
        first,
        last,
        reference: 'MITRE ATT&CK T1018 Remote System Discovery',
      });
    }
    return findings;
  }
}

/** Multicast and broadcast. */
function isGroup(address: string): boolean {
  return /^(?:22[4-9]|23\d|255)\./.test(address) || address.startsWith('ff');
}
