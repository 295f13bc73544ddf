/** The network interfaces of this machine; also those without an address, where the system lists them. */
import { node } from '../node';
import { askPermission } from '../permissions';
import { Reported } from '../reported';

export interface NetworkInterface {
  readonly name: string;
  readonly mac: string | null;
  readonly up: boolean;
  /** It leads nowhere but to this machine. */
  readonly internal: boolean;
  readonly mtu: number | null;
  readonly addresses: readonly {
    readonly ip: string;
    /** Bits of the network. */
    readonly prefix: number | null;
    readonly family: 4 | 6;
    readonly cidr: string | null;
  }[];
}

const NO_MAC = '00:00:00:00:00:00';

export function networkInterfaces(builtin: string): NetworkInterface[] {
  askPermission(builtin, 'lookup', 'the network interfaces');
  return new Reported(builtin, 'system', { host: 'the network interfaces', port: null }).during(lookAtAll);
}

function lookAtAll(): NetworkInterface[] {
  const known = node.os.networkInterfaces();
  const names = new Set([...listed(), ...Object.keys(known)]);
  return [...names].map((name) => {
    const addresses = known[name] ?? [];
    const mac = fact(name, 'address') ?? addresses[0]?.mac ?? null;
    const flags = Number(fact(name, 'flags') ?? NaN);
    const mtu = Number(fact(name, 'mtu') ?? NaN);
    return {
      name,
      mac: mac === NO_MAC || mac === '' ? null : mac,
      up: Number.isNaN(flags) ? addresses.length > 0 : (flags & 1) !== 0,
      internal: Number.isNaN(flags) ? addresses[0]?.internal === true : (flags & 8) !== 0,
      mtu: Number.isNaN(mtu) ? null : mtu,
      addresses: addresses.map(({ address, cidr, family }) => ({
        ip: address,
        prefix: cidr === null ? null : Number(cidr.split('/')[1]),
        family: family === 'IPv6' ? 6 : 4,
        cidr,
      })),
    };
  });
}

/** Names in the order of the system's numbers for them; none where it has no such list. */
function listed(): string[] {
  try {
    const number = (name: string): number => Number(fact(name, 'ifindex') ?? Infinity);
    return node.fs.readdirSync('/sys/class/net').filter((name) => fact(name, 'ifindex') !== null).sort((a, b) => number(a) - number(b)); // prettier-ignore
  } catch {
    return [];
  }
}

function fact(name: string, file: string): string | null {
  try {
    return node.fs.readFileSync(`/sys/class/net/${name}/${file}`, 'latin1').trim();
  } catch {
    return null;
  }
}
