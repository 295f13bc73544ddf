/**
 * Reads a filter in tcpdump's language (pcap-filter(7)). As there, `and` and `or` bind equally and from left to right,
 * and an address or port without a word in front of it takes the words of the one before: `port 80 or 443`.
 *
 * Names of hosts are not looked up: a filter says the same whoever is asked.
 */
import { parseIPv4, parseIPv6 } from '../address';
import { ETHERTYPE, Layout } from './layout';
import type { Direction } from './layout';
import { ETHER_TYPES, FIELD_VALUES, IP_PROTOCOLS, named, PORTS } from './names';
import type { Arithmetic, ArithmeticOperator, Comparison, Test } from './tests';
import { always, and, compare, not, number, or } from './tests';
import { FilterError, tokensOf } from './tokens';
import type { Token } from './tokens';

type Protocol = 'ether' | 'ip' | 'ip6' | 'arp' | 'rarp' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmp6' | 'igmp' | null;
type Kind = 'host' | 'net' | 'port' | 'portrange' | 'proto' | null;

interface Qualifiers {
  readonly protocol: Protocol;
  readonly direction: Direction | null;
  readonly kind: Kind;
}

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
const COMPARISONS: readonly string[] = ['=', '==', '!=', '<', '>', '<=', '>='];
const MAX_DEPTH = 200;
/** How tightly the operators bind. */
const PRECEDENCE: Readonly<Record<string, number>> = { '|': 1, '^': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5, '/': 5, '%': 5 }; // prettier-ignore
const WHOLE: Qualifiers = { protocol: null, direction: null, kind: null };

/** The test that the filter stands for; one that is empty takes everything. Errors: `FilterError`. */
export function parseFilter(text: string, linkType: number): Test {
  return new Parser(tokensOf(text), new Layout(linkType)).whole();
}

class Parser {
  private at = 0;
  private depth = 0;
  private latest: Qualifiers = WHOLE;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly layout: Layout,
  ) {}

  whole(): Test {
    if (this.isAtEnd()) return always(true);
    const test = this.expression();
    if (!this.isAtEnd()) throw this.unexpected('and, or, or the end');
    return test;
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  private is(...texts: readonly string[]): boolean {
    return this.token.kind !== 'end' && texts.includes(this.token.text);
  }

  private match(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.at++;
    return true;
  }

  private unexpected(wanted: string): FilterError {
    const found = this.token.kind === 'end' ? 'the end' : `'${this.token.text}'`;
    return new FilterError(`expected ${wanted}, found ${found}`, this.token.at);
  }

  private expression(): Test {
    let left = this.term();
    for (;;) {
      if (this.match('and', '&&')) left = and(left, this.term());
      else if (this.match('or', '||')) left = or(left, this.term());
      else return left;
    }
  }

  private term(): Test {
    if (++this.depth > MAX_DEPTH) throw new FilterError('the filter is nested too deeply', this.token.at);
    try {
      if (this.match('not', '!')) return not(this.term());
      if (this.startsRelation()) return this.relation();
      if (this.match('(')) {
        const inner = this.expression();
        if (!this.match(')')) throw this.unexpected("')'");
        return inner;
      }
      return this.primitive();
    } finally {
      this.depth--;
    }
  }

  // ---------------------------------------------------------------- relations

  /** Whether a comparison of numbers comes, and not a bracket around tests. */
  private startsRelation(): boolean {
    const next = this.tokens[this.at + 1];
    if (this.token.kind === 'word') {
      if (next?.text === '[') return true;
      if (this.token.text === 'len') return true;
      if (/^(?:0x[0-9a-f]+|\d+)$/i.test(this.token.text) || named(FIELD_VALUES, this.token.text) !== null)
        return (
          next !== undefined &&
          (COMPARISONS.includes(next.text) || (named(PRECEDENCE, next.text) !== null && next.text !== '/'))
        );
      return false;
    }
    if (!this.is('(', '-')) return false;
    if (this.is('-')) return true;
    // What stands behind the matching bracket tells, or what stands first inside of it where nothing does.
    let depth = 0;
    for (let i = this.at; i < this.tokens.length; i++) {
      const { text, kind } = this.tokens[i]!;
      if (kind !== 'symbol') {
        // Words that only tests have.
        if (depth > 0 && (text === 'and' || text === 'or' || text === 'not')) return false;
        continue;
      }
      if (text === '(') depth++;
      if (COMPARISONS.includes(text) || text === '!' || text === '&&' || text === '||') return false;
      if (text !== ')' || --depth > 0) continue;
      const after = this.tokens[i + 1]!;
      return after.kind === 'symbol' && (COMPARISONS.includes(after.text) || named(PRECEDENCE, after.text) !== null);
    }
    return false;
  }

  private relation(): Test {
    const guards: Test[] = [];
    const left = this.arithmetic(0, guards);
    const { text } = this.token;
    if (this.token.kind !== 'symbol' || !COMPARISONS.includes(text))
      throw this.unexpected('a comparison such as = or >');
    this.at++;
    const right = this.arithmetic(0, guards);
    return and(...guards, compare(text === '==' ? '=' : (text as Comparison), left, right));
  }

  private arithmetic(least: number, guards: Test[]): Arithmetic {
    if (++this.depth > MAX_DEPTH) throw new FilterError('the filter is nested too deeply', this.token.at);
    let left = this.operand(guards);
    for (;;) {
      const operator = this.token;
      const precedence = operator.kind === 'symbol' ? named(PRECEDENCE, operator.text) : null;
      if (precedence === null || precedence <= least) break;
      this.at++;
      const right = this.arithmetic(precedence, guards);
      if ((operator.text === '/' || operator.text === '%') && right.kind === 'number' && right.value === 0)
        throw new FilterError('a division by zero', operator.at);
      left = { kind: 'binary', operator: operator.text as ArithmeticOperator, left, right };
    }
    this.depth--;
    return left;
  }

  private operand(guards: Test[]): Arithmetic {
    if (this.match('-')) return { kind: 'binary', operator: '-', left: number(0), right: this.operand(guards) };
    if (this.match('(')) {
      const inner = this.arithmetic(0, guards);
      if (!this.match(')')) throw this.unexpected("')'");
      return inner;
    }
    const { token } = this;
    if (token.kind !== 'word') throw this.unexpected('a number or a field such as ip[0]');
    this.at++;
    if (token.text === 'len' || token.text === 'length') return { kind: 'length' };
    if (this.is('[')) return this.field(token, guards);
    const value = named(FIELD_VALUES, token.text) ?? numberOf(token.text);
    if (value === null) throw new FilterError(`'${token.text}' is no number`, token.at);
    return number(value);
  }

  private field(protocol: Token, guards: Test[]): Arithmetic {
    this.at++;
    const offset = this.arithmetic(0, guards);
    let size: 1 | 2 | 4 = 1;
    if (this.match(':')) {
      const given = this.token.text;
      if (given !== '1' && given !== '2' && given !== '4') throw this.unexpected('1, 2 or 4 bytes');
      size = Number(given) as 1 | 2 | 4;
      this.at++;
    }
    if (!this.match(']')) throw this.unexpected("']'");
    const found = this.layout.field(protocol.text, offset, size);
    if (found === null)
      throw new FilterError(
        `'${protocol.text}' has no bytes to look at: it takes ether, ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6 or igmp`,
        protocol.at,
      );
    guards.push(found.guard);
    return found.value;
  }

  // ---------------------------------------------------------------- primitives

  private primitive(): Test {
    const start = this.token;
    if (start.kind !== 'word') throw this.unexpected('a test such as host, port or tcp');
    if (NOT_SUPPORTED.has(start.text)) throw new FilterError(`'${start.text}' is not supported`, start.at);
    const special = this.special();
    if (special !== null) return special;
    const given = this.qualifiers();
    const isBare = this.tokens[this.at] === start;
    const used = isBare ? this.latest : given;
    if (this.endsPrimitive()) {
      if (isBare) throw this.unexpected('a test');
      return this.alone(given, start);
    }
    this.latest = used;
    return this.withValue(used);
  }

  /** Behind the words no value comes. */
  private endsPrimitive(): boolean {
    return this.token.kind === 'end' || this.is('and', 'or', '&&', '||', ')');
  }

  private special(): Test | null {
    const word = this.token;
    const isQualifier = (text: string | undefined): boolean => text === 'src' || text === 'dst';
    switch (word.text) {
      case 'vlan':
        this.at++;
        return this.layout.vlan(this.optionalNumber(4095));
      case 'mpls':
        this.at++;
        return this.layout.mpls(this.optionalNumber(0xfffff));
      case 'pppoes':
        this.at++;
        return this.layout.pppoeSession(this.optionalNumber(0xffff));
      case 'pppoed':
        this.at++;
        return this.layout.type(0x8863);
      case 'less':
        this.at++;
        return compare('<=', { kind: 'length' }, this.number(0xffffffff));
      case 'greater':
        this.at++;
        return compare('>=', { kind: 'length' }, this.number(0xffffffff));
      case 'broadcast':
        this.at++;
        return this.ethernetOnly(word, () => this.layout.broadcast());
      case 'multicast':
        this.at++;
        return this.ethernetOnly(word, () => this.layout.multicast());
      default: {
        const carried = named(CARRIED, word.text);
        if (carried === null || isQualifier(this.tokens[this.at + 1]?.text)) return null;
        this.at++;
        return carried[1]
          ? or(this.layout.ipProtocol(carried[0]), this.layout.ip6Protocol(carried[0]))
          : this.layout.ipProtocol(carried[0]);
      }
    }
  }

  private ethernetOnly(word: Token, test: () => Test): Test {
    if (this.layout.hasEthernet) return test();
    throw new FilterError(`'${word.text}' needs Ethernet frames`, word.at);
  }

  private qualifiers(): Qualifiers {
    let protocol: Protocol = null;
    let direction: Direction | null = null;
    let kind: Kind = null;
    if (PROTOCOL_WORDS.has(this.token.text)) {
      protocol = this.token.text as Protocol;
      this.at++;
    }
    if (this.is('src', 'dst')) {
      const first = this.token.text as 'src' | 'dst';
      this.at++;
      const other = first === 'src' ? 'dst' : 'src';
      const joined = this.is('or', '||') ? 'or' : this.is('and', '&&') ? 'and' : null;
      if (joined !== null && this.tokens[this.at + 1]?.text === other) {
        direction = `src ${joined} dst`;
        this.at += 2;
      } else direction = first;
    }
    if (this.is('host', 'net', 'port', 'portrange', 'proto')) {
      kind = this.token.text as Kind;
      this.at++;
    }
    return { protocol, direction, kind };
  }

  /** A protocol as a test of its own; `ip broadcast` and the like. */
  private alone({ protocol, direction, kind }: Qualifiers, start: Token): Test {
    if (direction !== null || kind !== null) throw this.unexpected(`what ${kind ?? direction!} is about`);
    const { layout } = this;
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
    const word = this.token;
    if (used.kind === null && (word.text === 'broadcast' || word.text === 'multicast')) return this.cast(used, word);
    if (used.kind === null && used.protocol !== null && (word.text === 'less' || word.text === 'greater'))
      throw this.unexpected('an address');
    if (this.is('(')) return this.several(used);
    if (word.kind !== 'word') throw this.unexpected('an address, a port or a number');
    switch (used.kind) {
      case 'port':
        return this.port(used);
      case 'portrange':
        return this.portRange(used);
      case 'proto':
        return this.protocolNumber(used);
      case 'net':
        return this.net(used);
      default:
        return this.host(used);
    }
  }

  /** `port (80 or 443)` */
  private several(used: Qualifiers): Test {
    this.at++;
    this.latest = used;
    const inner = this.expression();
    if (!this.match(')')) throw this.unexpected("')'");
    return inner;
  }

  private cast({ protocol }: Qualifiers, word: Token): Test {
    this.at++;
    const isBroadcast = word.text === 'broadcast';
    if (protocol === 'ip') return isBroadcast ? this.layout.ipBroadcast() : this.layout.ipMulticast();
    if (protocol === 'ip6' && !isBroadcast) return this.layout.ip6Multicast();
    if (protocol === 'ether')
      return this.ethernetOnly(word, () => (isBroadcast ? this.layout.broadcast() : this.layout.multicast()));
    throw new FilterError(`'${protocol ?? ''} ${word.text}' is no test`, word.at);
  }

  private transport(protocol: Protocol, word: Token): number {
    if (protocol === null || protocol === 'ip' || protocol === 'ip6') {
      if (protocol === null) return 0;
    } else if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return IP_PROTOCOLS[protocol]!;
    throw new FilterError(`'${protocol}' has no ports`, word.at);
  }

  private port({ protocol, direction }: Qualifiers): Test {
    const transport = this.transport(protocol, this.token);
    const value = this.portNumber(this.token.text, this.token.at);
    this.at++;
    return this.layout.ports(transport, direction ?? 'src or dst', (port) => compare('=', port, value));
  }

  private portNumber(text: string, at: number): number {
    const value = numberOf(text) ?? named(PORTS, text.replace(/^\\/, ''));
    if (value === null || value > 65535) throw new FilterError(`'${text}' is no port`, at);
    return value;
  }

  private portRange({ protocol, direction }: Qualifiers): Test {
    const word = this.token;
    const transport = this.transport(protocol, word);
    this.at++;
    const [first, end] = word.text.split('-') as [string, string | undefined];
    let last = end;
    if (last === undefined && this.match('-')) {
      last = this.token.text;
      this.at++;
    }
    last ??= first;
    const from = this.portNumber(first, word.at);
    const to = this.portNumber(last, word.at);
    const [low, high] = from <= to ? [from, to] : [to, from];
    return this.layout.ports(transport, direction ?? 'src or dst', (port) =>
      and(compare('>=', port, low), compare('<=', port, high)),
    );
  }

  private protocolNumber({ protocol }: Qualifiers): Test {
    const word = this.token;
    const name = word.text.replace(/^\\/, '');
    this.at++;
    if (protocol === 'ether') {
      const type = numberOf(name) ?? named(ETHER_TYPES, name);
      if (type === null || type > 0xffff) throw new FilterError(`'${name}' is no type of Ethernet frames`, word.at);
      return this.layout.type(type);
    }
    const value = numberOf(name) ?? named(IP_PROTOCOLS, name);
    if (value === null || value > 255) throw new FilterError(`'${name}' is no protocol of IP`, word.at);
    if (protocol === 'ip') return this.layout.ipProtocol(value);
    if (protocol === 'ip6') return this.layout.ip6Protocol(value);
    if (protocol !== null) throw new FilterError(`'${protocol} proto' is no test`, word.at);
    return or(this.layout.ip6Protocol(value), this.layout.ipProtocol(value));
  }

  private host(used: Qualifiers): Test {
    const word = this.token;
    const { protocol } = used;
    const direction = used.direction ?? 'src or dst';
    if (used.kind === null && this.tokens[this.at + 1]?.text === '/') return this.net(used);
    this.at++;
    const mac = parseMac(word.text);
    if (mac !== null && (protocol === 'ether' || (protocol === null && used.kind !== null)))
      return this.ethernetOnly(word, () => this.layout.hardware(direction, mac));
    if (protocol === 'ether') throw new FilterError(`'${word.text}' is no hardware address`, word.at);
    const v4 = parseIPv4(word.text);
    if (v4 !== null) return this.layout.address4(this.carriers4(protocol, word), direction, word32(v4, 0), 0xffffffff);
    const v6 = parseIPv6(word.text);
    if (v6 !== null) {
      this.checkCarrier6(protocol, word);
      return this.layout.address6(direction, [0, 4, 8, 12].map((at) => word32(v6, at)), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]); // prettier-ignore
    }
    if (used.kind === null && used.direction === null && protocol === null)
      throw new FilterError(`'${word.text}' is no test`, word.at);
    throw new FilterError(`'${word.text}' is no address; names are not looked up in filters`, word.at);
  }

  private carriers4(protocol: Protocol, word: Token): readonly ('ip' | 'arp' | 'rarp')[] {
    if (protocol === null) return ['ip', 'arp', 'rarp'];
    if (protocol === 'ip' || protocol === 'arp' || protocol === 'rarp') return [protocol];
    throw new FilterError(
      `'${protocol}' does not go with an IPv4 address: write ${protocol} and host ${word.text}`,
      word.at,
    );
  }

  private checkCarrier6(protocol: Protocol, word: Token): void {
    if (protocol === null || protocol === 'ip6') return;
    throw new FilterError(
      `'${protocol}' does not go with an IPv6 address: write ${protocol} and host ${word.text}`,
      word.at,
    );
  }

  /** `net 10.0.0.0/8`, `net 10`, `net 192.0.2.0 mask 255.255.255.0`, `net 2001:db8::/32` */
  private net({ protocol, direction: given }: Qualifiers): Test {
    const word = this.token;
    const direction = given ?? 'src or dst';
    this.at++;
    const bits = this.match('/') ? this.number(128) : null;
    const v6 = parseIPv6(word.text);
    if (v6 !== null) {
      this.checkCarrier6(protocol, word);
      const masks = [0, 32, 64, 96].map((from) => maskOf(Math.max(0, Math.min(32, (bits ?? 128) - from))));
      return this.layout.address6(direction, [0, 4, 8, 12].map((at) => word32(v6, at)), masks); // prettier-ignore
    }
    const parts = word.text.split('.').filter((part) => part !== '');
    if (parts.length > 4 || parts.length === 0 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255))
      throw new FilterError(`'${word.text}' is no network`, word.at);
    if (bits !== null && bits > 32) throw new FilterError(`an IPv4 network has 32 bits at most, not ${bits}`, word.at);
    let mask = maskOf(bits ?? 8 * parts.length);
    if (bits === null && this.match('mask')) {
      const text = parseIPv4(this.token.text);
      if (text === null) throw this.unexpected('a mask such as 255.255.255.0');
      this.at++;
      mask = word32(text, 0);
    }
    const bytes = Uint8Array.from([...parts.map(Number), 0, 0, 0, 0].slice(0, 4));
    const address = word32(bytes, 0);
    if ((address & ~mask) !== 0)
      throw new FilterError(`the network '${word.text}' has bits outside of its mask`, word.at);
    return this.layout.address4(this.carriers4(protocol, word), direction, address, mask);
  }

  private optionalNumber(most: number): number | null {
    return this.token.kind === 'word' && numberOf(this.token.text) !== null ? this.number(most) : null;
  }

  private number(most: number): number {
    const value = this.token.kind === 'word' ? numberOf(this.token.text) : null;
    if (value === null || value > most) throw this.unexpected(`a number from 0 to ${most}`);
    this.at++;
    return value;
  }
}

function numberOf(text: string): number | null {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (!/^\d{1,10}$/.test(text)) return null;
  const value = Number(text);
  return value > 0xffffffff ? null : value;
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
}

function word32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function parseMac(text: string): Uint8Array | null {
  const parts = text.split(/[:-]/);
  if (parts.length !== 6 || parts.some((part) => !/^[0-9a-f]{1,2}$/i.test(part))) return null;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}
