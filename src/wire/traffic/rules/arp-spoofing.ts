/**
 * ARP spoofing: an address is claimed by a second hardware address while the first one goes on to claim it, again
 * and again; that is how traffic of others is drawn to oneself.
 *
 * What is none: an address that moves once (a new network card, a lease given to another host), and the virtual
 * hardware addresses of VRRP and HSRP.
 */
import type { ArpEvent, Finding, Rule } from '../rule';
import { entry } from '../rule';

/** Claims of another hardware address than the latest one: 1 is a move, 2 is there and back. */
const MIN_CHANGES = 3;
/** Within so many seconds. */
const WINDOW_SECONDS = 300;
/** Or this many answers that nobody asked for, for an address that another one has claimed before. */
const MIN_UNASKED = 5;
const MAX_ADDRESSES = 50_000;
const MAX_QUESTIONS = 50_000;
/** Answers to a question come within this time. */
const ANSWER_SECONDS = 5;
const VIRTUAL = /^(?:00:00:5e:00:0[12]:|00:00:0c:07:ac:|00:00:0c:9f:f)/;

interface Claim {
  mac: string;
  readonly first: number;
  last: number;
  /** Times of changes. */
  readonly changes: number[];
  readonly macs: Map<string, { claims: number; unasked: number }>;
  /** The first one that was seen. */
  readonly original: string;
}

export class ArpSpoofing implements Rule {
  private readonly claims = new Map<string, Claim>();
  /** By hardware address: the first IP address that it has claimed. */
  private readonly owners = new Map<string, string>();
  /** By the address asked for: when. */
  private readonly questions = new Map<string, number>();

  arp({ time, operation, senderMac, senderAddress, targetAddress }: ArpEvent): void {
    if (operation === 1 && senderAddress !== targetAddress) {
      if (this.questions.size >= MAX_QUESTIONS) this.questions.clear();
      this.questions.set(targetAddress, time);
    }
    if (senderAddress === '0.0.0.0' || senderMac === '00:00:00:00:00:00' || VIRTUAL.test(senderMac)) return;
    entry(this.owners, senderMac, MAX_ADDRESSES, () => senderAddress);
    const make = (): Claim => ({ mac: senderMac, first: time, last: time, changes: [], macs: new Map(), original: senderMac }); // prettier-ignore
    const claim = entry(this.claims, senderAddress, MAX_ADDRESSES, make);
    if (claim === null) return;
    claim.last = time;
    const who = entry(claim.macs, senderMac, 64, () => ({ claims: 0, unasked: 0 }));
    if (who !== null) {
      who.claims++;
      const asked = this.questions.get(senderAddress);
      if (operation === 2 && (asked === undefined || time - asked > ANSWER_SECONDS)) who.unasked++;
    }
    if (claim.mac === senderMac) return;
    claim.mac = senderMac;
    if (claim.changes.length < 1000) claim.changes.push(time);
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const [address, claim] of this.claims) {
      if (claim.macs.size < 2) continue;
      const flips = mostWithin(claim.changes, WINDOW_SECONDS);
      const later = [...claim.macs].filter(([mac]) => mac !== claim.original).sort((a, b) => b[1].claims - a[1].claims);
      const unasked = later[0]![1].unasked;
      const returned = claim.changes.length >= 2;
      if (flips < MIN_CHANGES && !(returned && unasked >= MIN_UNASKED) && !(unasked >= 2 * MIN_UNASKED)) continue;
      const [mac, { claims }] = later[0]!;
      // Its own address, where it has told one: that of the victim is not to be suspected.
      const own = this.owners.get(mac) ?? address;
      findings.push({
        rule: 'ARP spoofing',
        severity: 'high',
        source: own === address ? '' : own,
        target: address,
        description: `${address} is claimed by ${[...claim.macs.keys()].join(' and ')} in turns: ${mac} probably draws the traffic of ${claim.original} to itself`,
        evidence: { address, macs: [...claim.macs.keys()], suspected_mac: mac, claims, unasked_answers: unasked, changes: claim.changes.length, threshold: MIN_CHANGES }, // prettier-ignore
        packets: [...claim.macs.values()].reduce((sum, each) => sum + each.claims, 0),
        first: claim.first,
        last: claim.last,
        reference: 'MITRE ATT&CK T1557.002 ARP Cache Poisoning; RFC 826',
      });
    }
    return findings;
  }
}

/** How many of these times lie in one window. */
function mostWithin(times: readonly number[], window: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, i) => {
    while (times[from]! < time - window) from++;
    most = Math.max(most, i - from + 1);
  });
  return most;
}
