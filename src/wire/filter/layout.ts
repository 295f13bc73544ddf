/**
 * Where things stand in a packet of a link type, and the tests that primitives stand for, as libpcap makes them: an
 * IPv4 fragment that is not the first has no ports, IPv6 ports are looked for right behind the fixed header, `host`
 * looks into ARP as well. A word such as `vlan` moves what comes behind it.
 */
import { LINK } from '../packet/protocols';
import type { Arithmetic, Test } from './tests';
import { always, and, compare, load, masked, or } from './tests';

export const ETHERTYPE = { ip: 0x0800, arp: 0x0806, rarp: 0x8035, ip6: 0x86dd } as const;
const TCP = 6;
const UDP = 17;
const SCTP = 132;
const FRAGMENT = 44;

export type Direction = 'src' | 'dst' | 'src or dst' | 'src and dst';

/** Joins what holds for the source and for the destination. */
export function directed(direction: Direction, source: Test, target: Test): Test {
  switch (direction) {
    case 'src':
      return source;
    case 'dst':
      return target;
    case 'src and dst':
      return and(source, target);
    case 'src or dst':
      return or(source, target);
  }
}

export class Layout {
  /** Where the header of the network layer begins. */
  net: number;
  /** Where the EtherType stands; -1 where the link has none. */
  private typeAt: number;
  private inMpls = false;
  private inPpp = false;

  constructor(readonly linkType: number) {
    switch (linkType) {
      case LINK.ethernet:
        [this.typeAt, this.net] = [12, 14];
        break;
      case LINK.cooked:
        [this.typeAt, this.net] = [14, 16];
        break;
      case LINK.cooked2:
        [this.typeAt, this.net] = [0, 20];
        break;
      case LINK.null:
      case LINK.loop:
        [this.typeAt, this.net] = [-1, 4];
        break;
      case LINK.ppp:
      case LINK.pppHdlc:
        [this.typeAt, this.net] = [2, 4];
        this.inPpp = true;
        break;
      case LINK.raw:
      case LINK.rawBsd:
      case LINK.rawOpenBsd:
      case LINK.ipv4:
      case LINK.ipv6:
        [this.typeAt, this.net] = [-1, 0];
        break;
      default:
        [this.typeAt, this.net] = [-1, -1];
    }
  }

  get hasEthernet(): boolean {
    return this.linkType === LINK.ethernet;
  }

  /** Whether the packet is of this EtherType. */
  type(etherType: number): Test {
    if (this.net < 0) return always(false);
    if (this.inMpls) return this.mplsType(etherType);
    if (this.inPpp) {
      const protocol = etherType === ETHERTYPE.ip ? 0x21 : etherType === ETHERTYPE.ip6 ? 0x57 : -1;
      return protocol < 0 ? always(false) : compare('=', load(this.typeAt, 0, 2), protocol);
    }
    if (this.typeAt >= 0) return compare('=', load(this.typeAt, 0, 2), etherType);
    return this.net === 0 ? this.rawType(etherType) : this.familyType(etherType);
  }

  private rawType(etherType: number): Test {
    if (etherType === ETHERTYPE.ip && this.linkType !== LINK.ipv6)
      return compare('=', masked(load(0, 0, 1), 0xf0), 0x40);
    if (etherType === ETHERTYPE.ip6 && this.linkType !== LINK.ipv4)
      return compare('=', masked(load(0, 0, 1), 0xf0), 0x60);
    return always(false);
  }

  /** The family is in the byte order of the machine that captured: it is asked for in both. */
  private familyType(etherType: number): Test {
    const families = etherType === ETHERTYPE.ip ? [2] : etherType === ETHERTYPE.ip6 ? [10, 24, 28, 30] : [];
    const both = families.flatMap((family) => [family, family << 24]);
    return or(always(false), ...both.map((value) => compare('=', load(0, 0, 4), value)));
  }

  private mplsType(etherType: number): Test {
    const version = etherType === ETHERTYPE.ip ? 0x40 : etherType === ETHERTYPE.ip6 ? 0x60 : -1;
    if (version < 0) return always(false);
    const isBottom = compare('!=', masked(load(this.net - 2, 0, 1), 1), 0);
    return and(isBottom, compare('=', masked(load(this.net, 0, 1), 0xf0), version));
  }

  vlan(id: number | null): Test {
    const isTagged = or(this.type(0x8100), this.type(0x88a8), this.type(0x9100));
    const test = id === null ? isTagged : and(isTagged, compare('=', masked(load(this.net, 0, 2), 0x0fff), id));
    this.typeAt += 4;
    this.net += 4;
    return test;
  }

  mpls(label: number | null): Test {
    const isMpls = this.inMpls ? compare('=', masked(load(this.net - 2, 0, 1), 1), 0) : this.type(0x8847);
    const test =
      label === null ? isMpls : and(isMpls, compare('=', masked(load(this.net, 0, 4), 0xfffff000), label * 4096));
    this.inMpls = true;
    this.net += 4;
    return test;
  }

  pppoeSession(id: number | null): Test {
    const isSession = this.type(0x8864);
    const test = id === null ? isSession : and(isSession, compare('=', load(this.net, 2, 2), id));
    this.typeAt = this.net + 6;
    this.net += 8;
    this.inPpp = true;
    return test;
  }

  ip(): Test {
    return this.type(ETHERTYPE.ip);
  }

  ip6(): Test {
    return this.type(ETHERTYPE.ip6);
  }

  /** The protocol that IPv4 carries. */
  ipProtocol(protocol: number): Test {
    return and(this.ip(), compare('=', load(this.net, 9, 1), protocol));
  }

  /** The protocol that IPv6 carries, also behind a fragment header. */
  ip6Protocol(protocol: number): Test {
    const next = load(this.net, 6, 1);
    const inFragment = and(compare('=', next, FRAGMENT), compare('=', load(this.net, 40, 1), protocol));
    return and(this.ip6(), or(compare('=', next, protocol), inFragment));
  }

  notLaterFragment(): Test {
    return compare('=', masked(load(this.net, 6, 2), 0x1fff), 0);
  }

  /** TCP, UDP or SCTP; 0 for any of them. */
  ports(transport: number, direction: Direction, matches: (port: Arithmetic) => Test): Test {
    const protocols = transport === 0 ? [SCTP, TCP, UDP] : [transport];
    const next = (at: number): Test =>
      or(always(false), ...protocols.map((each) => compare('=', load(this.net, at, 1), each)));
    const six = and(
      this.ip6(),
      next(6),
      directed(direction, matches(load(this.net, 40, 2)), matches(load(this.net, 42, 2))),
    );
    const four = and(
      this.ip(),
      next(9),
      this.notLaterFragment(),
      directed(direction, matches(load(this.net, 0, 2, true)), matches(load(this.net, 2, 2, true))),
    );
    return or(six, four);
  }

  /** An IPv4 address or network in IP, ARP and RARP headers. */
  address4(protocols: readonly ('ip' | 'arp' | 'rarp')[], direction: Direction, address: number, mask: number): Test {
    const at = (offset: number): Test => compare('=', masked(load(this.net, offset, 4), mask), (address & mask) >>> 0);
    const tests = protocols.map((protocol) => {
      const [source, target] = protocol === 'ip' ? [12, 16] : [14, 24];
      return and(this.type(ETHERTYPE[protocol]), directed(direction, at(source), at(target)));
    });
    return or(always(false), ...tests);
  }

  address6(direction: Direction, words: readonly number[], masks: readonly number[]): Test {
    const at = (offset: number): Test =>
      and(
        always(true),
        ...words.map((word, i) =>
          masks[i] === 0
            ? always(true)
            : compare('=', masked(load(this.net, offset + 4 * i, 4), masks[i]!), (word & masks[i]!) >>> 0),
        ),
      );
    return and(this.ip6(), directed(direction, at(8), at(24)));
  }

  hardware(direction: Direction, address: Uint8Array): Test {
    const at = (offset: number): Test =>
      and(
        compare(
          '=',
          load(0, offset + 2, 4),
          ((address[2]! << 24) | (address[3]! << 16) | (address[4]! << 8) | address[5]!) >>> 0,
        ),
        compare('=', load(0, offset, 2), (address[0]! << 8) | address[1]!),
      );
    return directed(direction, at(6), at(0));
  }

  broadcast(): Test {
    return this.hardware('dst', new Uint8Array(6).fill(255));
  }

  multicast(): Test {
    return compare('!=', masked(load(0, 0, 1), 1), 0);
  }

  ipMulticast(): Test {
    return and(this.ip(), compare('>=', load(this.net, 16, 1), 224));
  }

  /** Without a netmask, as for a file: the addresses of all bits 0 or 1. */
  ipBroadcast(): Test {
    const target = load(this.net, 16, 4);
    return and(this.ip(), or(compare('=', target, 0), compare('=', target, 0xffffffff)));
  }

  ip6Multicast(): Test {
    return and(this.ip6(), compare('=', load(this.net, 24, 1), 0xff));
  }

  /** What has to hold for `protocol[...]` to be read, and where it is read from; null for an unknown protocol. */
  field(
    protocol: string,
    offset: Arithmetic,
    size: 1 | 2 | 4,
  ): { readonly guard: Test; readonly value: Arithmetic } | null {
    const at = (base: number, ipHeader = false): Arithmetic => ({ kind: 'load', base, ipHeader, offset, size });
    const four = (number: number): Test => and(this.ipProtocol(number), this.notLaterFragment());
    switch (protocol) {
      case 'ether':
      case 'link':
        return { guard: always(true), value: at(0) };
      case 'ip':
        return { guard: this.ip(), value: at(this.net) };
      case 'ip6':
        return { guard: this.ip6(), value: at(this.net) };
      case 'arp':
      case 'rarp':
        return { guard: this.type(ETHERTYPE[protocol]), value: at(this.net) };
      case 'tcp':
        return { guard: four(TCP), value: at(this.net, true) };
      case 'udp':
        return { guard: four(UDP), value: at(this.net, true) };
      case 'icmp':
        return { guard: four(1), value: at(this.net, true) };
      case 'igmp':
        return { guard: four(2), value: at(this.net, true) };
      case 'sctp':
        return { guard: four(SCTP), value: at(this.net, true) };
      case 'icmp6': {
        const guard = and(this.ip6(), compare('=', load(this.net, 6, 1), 58));
        return { guard, value: at(this.net + 40) };
      }
      default:
        return null;
    }
  }
}
