/**
 * Signs of DNS tunnelling: one host asks for very many different, long names under one domain, which look random:
 * data carried out in questions (iodine, dnscat2, dns2tcp).
 *
 * What is none: content networks and trackers (some long names, few different ones), reverse look-ups, block lists of
 * mail servers (short names), mDNS and service discovery.
 */
import type { DnsMessage } from '../../dns/message';
import type { Finding, Rule, SessionEvent } from '../rule';
import { entry } from '../rule';

/** Different names below one domain. */
const MIN_NAMES = 25;
/** Characters in front of the domain, on average. */
const MIN_LENGTH = 30;
/** Bits for a character: English has about 4 over a long text, but words of one host repeat; base32 has 4.5. */
const MIN_ENTROPY = 3.6;
const MAX_DOMAINS = 20_000;
const MAX_NAMES = 5_000;
/** Reverse look-ups, service discovery, and what stands in for it. */
const LEFT_OUT = /(?:^|\.)(?:in-addr\.arpa|ip6\.arpa|local|home|lan|internal|localdomain)$/;
/** Domains of two labels below which everybody registers theirs. */
const SECOND_LEVEL = /\.(?:com?|net|org|gov|edu|ac|or|ne)\.[a-z]{2}$/;

interface Asked {
  readonly first: number;
  last: number;
  readonly names: Set<string>;
  characters: number;
  queries: number;
  readonly counts: Map<string, number>;
  example: string;
  readonly types: Set<string>;
}

export class DnsTunnelling implements Rule {
  private readonly asked = new Map<string, Asked>();

  dns({ response, questions }: DnsMessage, { time, source }: SessionEvent): void {
    if (response) return;
    for (const question of questions) {
      const name = question.name.toLowerCase();
      if (LEFT_OUT.test(name)) continue;
      const labels = name.split('.');
      const kept = SECOND_LEVEL.test(`.${name}`) ? 3 : 2;
      if (labels.length <= kept) continue;
      const domain = labels.slice(-kept).join('.');
      const inFront = labels.slice(0, -kept).join('');
      const make = (): Asked => ({ first: time, last: time, names: new Set(), characters: 0, queries: 0, counts: new Map(), example: '', types: new Set() }); // prettier-ignore
      const found = entry(this.asked, `${source} ${domain}`, MAX_DOMAINS, make);
      if (found === null) continue;
      found.queries++;
      found.last = time;
      if (found.names.has(inFront) || found.names.size >= MAX_NAMES) continue;
      found.names.add(inFront);
      found.characters += inFront.length;
      for (const char of inFront) found.counts.set(char, (found.counts.get(char) ?? 0) + 1);
      if (found.types.size < 16) found.types.add(question.type);
      if (name.length > found.example.length) found.example = name;
    }
  }

  finish(): Finding[] {
    const findings: Finding[] = [];
    for (const [key, found] of this.asked) {
      const [source, domain] = key.split(' ') as [string, string];
      const average = found.characters / Math.max(1, found.names.size);
      if (found.names.size < MIN_NAMES || average < MIN_LENGTH) continue;
      const entropy = entropyOf(found.counts, found.characters);
      if (entropy < MIN_ENTROPY) continue;
      findings.push({
        rule: 'DNS tunnelling',
        severity: 'high',
        source,
        target: domain,
        description: `${source} asked for ${found.names.size} different long names below ${domain}: probably data carried in DNS`,
        evidence: {
          domain,
          names: found.names.size,
          average_length: Math.round(average * 10) / 10,
          entropy_bits: Math.round(entropy * 100) / 100,
          types: [...found.types],
          example: found.example,
          threshold_names: MIN_NAMES,
          threshold_length: MIN_LENGTH,
        },
        packets: found.queries,
        first: found.first,
        last: found.last,
        reference: 'MITRE ATT&CK T1071.004 DNS',
      });
    }
    return findings;
  }
}

function entropyOf(counts: ReadonlyMap<string, number>, total: number): number {
  let bits = 0;
  for (const count of counts.values()) bits -= (count / total) * Math.log2(count / total);
  return bits;
}
