/**
 * Reads a filter in tcpdump's language (pcap-filter(7)). As there, `and` and `or` bind equally and from left to right,
 * and an address or port without a word in front of it takes the words of the one before: `port 80 or 443`.
 *
 * Names of hosts are not looked up: a filter says the same whoever is asked.
 */
import { Cursor } from './cursor';
import { ETHERTYPE, Layout } from './layout';
import type { Direction } from './layout';
import { IP_PROTOCOLS, named } from './names';
import { cast, ethernetOnly, host, net, port, portRange, protocolNumber } from './primitive';
import type { Kind, Protocol, Qualifiers } from './primitive';
import { relation, startsRelation } from './relation';
import type { Test } from './tests';
import { always, and, compare, not, or } from './tests';
import { FilterError, tokensOf } from './tokens';
import type { Token } from './tokens';

const PROTOCOL_WORDS: ReadonlySet<string> = new Set(['ether', 'ip', 'ip6', 'arp', 'rarp', 'tcp', 'udp', 'sctp', 'icmp', 'icmp6', 'igmp']); // prettier-ignore
/** Those that are nothing but the number of an IP protocol, and whether IPv6 counts too. */
const CARRIED: Readonly<Record<string, readonly [number: number, also6: boolean]>> = {
  pim: [103, true], esp: [50, true], ah: [51, true], vrrp: [112, false], carp: [112, false], igrp: [9, false],
}; // prettier-ignore
const NOT_SUPPORTED: ReadonlySet<string> = new Set([
  'gateway', 'inbound', 'outbound', 'ifname', 'on', 'wlan', 'fddi', 'tr', 'decnet', 'llc', 'iso', 'clnp', 'esis',
  'isis', 'stp', 'ipx', 'netbeui', 'geneve', 'protochain', 'rnr', 'rulenum', 'reason', 'rset', 'ruleset', 'srnr',
  'subrulenum', 'action', 'type', 'subtype', 'dir', 'radio', 'lane', 'metac', 'bcc', 'oam', 'vpi', 'vci',
]); // prettier-ignore
const WHOLE: Qualifiers = { protocol: null, direction: null, kind: null };

/** The test that the filter stands for; one that is empty takes everything. Errors: `FilterError`. */
export function parseFilter(text: string, linkType: number): Test {
  return new Parser(new Cursor(tokensOf(text), new Layout(linkType))).whole();
}

class Parser {
  private latest: Qualifiers = WHOLE;

  constructor(private readonly cursor: Cursor) {}

  whole(): Test {
    if (this.cursor.isAtEnd()) return always(true);
    const test = this.expression();
    if (!this.cursor.isAtEnd()) throw this.cursor.unexpected('and, or, or the end');
    return test;
  }

  private expression(): Test {
    let left = this.term();
    for (;;) {
      if (this.cursor.match('and', '&&')) left = and(left, this.term());
      else if (this.cursor.match('or', '||')) left = or(left, this.term());
      else return left;
    }
  }

  private term(): Test {
    this.cursor.enter();
    try {
      if (this.cursor.match('not', '!')) return not(this.term());
      if (startsRelation(this.cursor)) return relation(this.cursor);
      if (this.cursor.match('(')) {
        const inner = this.expression();
        if (!this.cursor.match(')')) throw this.cursor.unexpected("')'");
        return inner;
      }
      return this.primitive();
    } finally {
      this.cursor.leave();
    }
  }

  private primitive(): Test {
    const start = this.cursor.token;
    if (start.kind !== 'word') throw this.cursor.unexpected('a test such as host, port or tcp');
    if (NOT_SUPPORTED.has(start.text)) throw new FilterError(`'${start.text}' is not supported`, start.at);
    const special = this.special();
    if (special !== null) return special;
    const given = this.qualifiers();
    const isBare = this.cursor.tokens[this.cursor.at] === start;
    const used = isBare ? this.latest : given;
    if (this.endsPrimitive()) {
      if (isBare) throw this.cursor.unexpected('a test');
      return this.alone(given, start);
    }
    this.latest = used;
    return this.withValue(used);
  }

  /** Behind the words no value comes. */
  private endsPrimitive(): boolean {
    return this.cursor.token.kind === 'end' || this.cursor.is('and', 'or', '&&', '||', ')');
  }

  private special(): Test | null {
    const word = this.cursor.token;
    const isQualifier = (text: string | undefined): boolean => text === 'src' || text === 'dst';
    switch (word.text) {
      case 'vlan':
        this.cursor.at++;
        return this.cursor.layout.vlan(this.cursor.optionalNumber(4095));
      case 'mpls':
        this.cursor.at++;
        return this.cursor.layout.mpls(this.cursor.optionalNumber(0xfffff));
      case 'pppoes':
        this.cursor.at++;
        return this.cursor.layout.pppoeSession(this.cursor.optionalNumber(0xffff));
      case 'pppoed':
        this.cursor.at++;
        return this.cursor.layout.type(0x8863);
      case 'less':
        this.cursor.at++;
        return compare('<=', { kind: 'length' }, this.cursor.number(0xffffffff));
      case 'greater':
        this.cursor.at++;
        return compare('>=', { kind: 'length' }, this.cursor.number(0xffffffff));
      case 'broadcast':
        this.cursor.at++;
        return ethernetOnly(this.cursor, word, () => this.cursor.layout.broadcast());
      case 'multicast':
        this.cursor.at++;
        return ethernetOnly(this.cursor, word, () => this.cursor.layout.multicast());
      default: {
        const carried = named(CARRIED, word.text);
        if (carried === null || isQualifier(this.cursor.tokens[this.cursor.at + 1]?.text)) return null;
        this.cursor.at++;
        return carried[1]
          ? or(this.cursor.layout.ipProtocol(carried[0]), this.cursor.layout.ip6Protocol(carried[0]))
          : this.cursor.layout.ipProtocol(carried[0]);
      }
    }
  }

  private qualifiers(): Qualifiers {
    let protocol: Protocol = null;
    let direction: Direction | null = null;
    let kind: Kind = null;
    if (PROTOCOL_WORDS.has(this.cursor.token.text)) {
      protocol = this.cursor.token.text as Protocol;
      this.cursor.at++;
    }
    if (this.cursor.is('src', 'dst')) {
      const first = this.cursor.token.text as 'src' | 'dst';
      this.cursor.at++;
      const other = first === 'src' ? 'dst' : 'src';
      const joined = this.cursor.is('or', '||') ? 'or' : this.cursor.is('and', '&&') ? 'and' : null;
      if (joined !== null && this.cursor.tokens[this.cursor.at + 1]?.text === other) {
        direction = `src ${joined} dst`;
        this.cursor.at += 2;
      } else direction = first;
    }
    if (this.cursor.is('host', 'net', 'port', 'portrange', 'proto')) {
      kind = this.cursor.token.text as Kind;
      this.cursor.at++;
    }
    return { protocol, direction, kind };
  }

  /** A protocol as a test of its own; `ip broadcast` and the like. */
  private alone({ protocol, direction, kind }: Qualifiers, start: Token): Test {
    if (direction !== null || kind !== null) throw this.cursor.unexpected(`what ${kind ?? direction!} is about`);
    const { layout } = this.cursor;
    switch (protocol) {
      case 'ip':
      case 'ip6':
      case 'arp':
      case 'rarp':
        return layout.type(ETHERTYPE[protocol]);
      case 'tcp':
      case 'udp':
      case 'sctp': {
        const value = IP_PROTOCOLS[protocol]!;
        return or(layout.ip6Protocol(value), layout.ipProtocol(value));
      }
      case 'icmp':
        return layout.ipProtocol(1);
      case 'igmp':
        return layout.ipProtocol(2);
      case 'icmp6':
        return layout.ip6Protocol(58);
      default:
        throw new FilterError(`'${start.text}' alone is no test`, start.at);
    }
  }

  private withValue(used: Qualifiers): Test {
    const word = this.cursor.token;
    if (used.kind === null && (word.text === 'broadcast' || word.text === 'multicast'))
      return cast(this.cursor, used, word);
    if (used.kind === null && used.protocol !== null && (word.text === 'less' || word.text === 'greater'))
      throw this.cursor.unexpected('an address');
    if (this.cursor.is('(')) return this.several(used);
    if (word.kind !== 'word') throw this.cursor.unexpected('an address, a port or a number');
    switch (used.kind) {
      case 'port':
        return port(this.cursor, used);
      case 'portrange':
        return portRange(this.cursor, used);
      case 'proto':
        return protocolNumber(this.cursor, used);
      case 'net':
        return net(this.cursor, used);
      default:
        return host(this.cursor, used);
    }
  }

  /** `port (80 or 443)` */
  private several(used: Qualifiers): Test {
    this.cursor.at++;
    this.latest = used;
    const inner = this.expression();
    if (!this.cursor.match(')')) throw this.cursor.unexpected("')'");
    return inner;
  }
}
