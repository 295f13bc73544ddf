/**
 * What the system says about name lookups: /etc/hosts and /etc/resolv.conf. Each is read anew when it has changed,
 * since programs run for weeks and laptops change their network.
 */
import { parseIPv4, parseIPv6 } from '../../wire/address';
import { readText } from '../files';
import { formatAddress } from '../net/address';
import { node } from '../node';

export const DNS_PORT = 53;

export interface Nameserver {
  readonly host: string;
  readonly port: number;
  /** Both, as they are shown: "127.0.0.1:53", "[::1]:53". */
  readonly text: string;
}

function nameserver(host: string, port: number): Nameserver {
  return { host, port, text: formatAddress(host, port) };
}

export interface ResolverConfiguration {
  readonly servers: readonly Nameserver[];
  /** Suffixes to try for short names. */
  readonly search: readonly string[];
  /** A name with fewer dots than this is short. */
  readonly ndots: number;
}

/** As resolv.conf(5) has it where no server is named. */
const NOBODY_NAMED: readonly Nameserver[] = [nameserver('127.0.0.1', DNS_PORT)];
const MAX_SERVERS = 3;

/** How often to look whether a file has changed, in milliseconds. */
const LOOK_MS = 100;

/** A file that is parsed when it has changed. */
class WatchedFile<T> {
  private stamp = '';
  private parsed: T | null = null;
  private lookAt = -Infinity;

  constructor(
    private readonly path: string,
    private readonly parse: (text: string) => T,
  ) {}

  get(): T {
    const now = performance.now();
    if (this.parsed !== null && now < this.lookAt) return this.parsed;
    this.lookAt = now + LOOK_MS;
    const stat = node.fs.statSync(this.path, { throwIfNoEntry: false });
    const stamp = stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (this.parsed === null || stamp !== this.stamp) {
      const text = readText(this.path);
      this.parsed = this.parse(typeof text === 'string' ? text : '');
      this.stamp = stamp;
    }
    return this.parsed;
  }
}

/** resolv.conf(5): `nameserver`, `search` or `domain`, `options ndots:N`. */
export function parseResolverConfiguration(text: string): ResolverConfiguration {
  const servers: Nameserver[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    switch (keyword) {
      case 'nameserver':
        if (values[0] !== undefined && isAddress(values[0])) servers.push(nameserver(values[0], DNS_PORT));
        break;
      case 'search':
      case 'domain':
        search = values;
        break;
      case 'options':
        for (const value of values) {
          const given = /^ndots:(\d{1,2})$/.exec(value)?.[1];
          if (given !== undefined) ndots = Math.min(15, Number(given));
        }
        break;
      default:
    }
  }
  return { servers: servers.length === 0 ? NOBODY_NAMED : servers.slice(0, MAX_SERVERS), search, ndots };
}

/** Also with a zone: "fe80::1%eth0". */
function isAddress(text: string): boolean {
  return parseIPv4(text) !== null || parseIPv6(text.split('%')[0]!) !== null;
}

/** hosts(5): the addresses of each name in lower case, in the order of the file. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || !isAddress(address)) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, '');
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else if (!known.includes(address)) known.push(address);
    }
  }
  return hosts;
}

const resolverFile = new WatchedFile('/etc/resolv.conf', parseResolverConfiguration);
const hostsFile = new WatchedFile('/etc/hosts', parseHosts);

export function resolverConfiguration(): ResolverConfiguration {
  return resolverFile.get();
}

/** The addresses of this family that /etc/hosts has for a name; none for one that is not there. */
export function hostsAddresses(name: string, family: 4 | 6): readonly string[] {
  const all = hostsFile.get().get(name.toLowerCase().replace(/\.$/, '')) ?? [];
  return all.filter((address) => (parseIPv4(address) === null) === (family === 6));
}

/** The one that was read last: programs ask the same server over and over. */
let lastRead: { readonly text: string; readonly server: Nameserver | null } | null = null;

/** "192.0.2.1", "127.0.0.1:5353", "::1", "[::1]:5353"; null for anything else. */
export function parseNameserver(text: string): Nameserver | null {
  if (lastRead?.text !== text) lastRead = { text, server: readNameserver(text) };
  return lastRead.server;
}

function readNameserver(text: string): Nameserver | null {
  if (isAddress(text)) return nameserver(text, DNS_PORT);
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const host = parts[1] ?? parts[2]!;
  const port = parts[3] === undefined ? DNS_PORT : Number(parts[3]);
  const fits = parts[1] === undefined ? parseIPv4(host) !== null : isAddress(host) && host.includes(':');
  return fits && port > 0 && port <= 65535 ? nameserver(host, port) : null;
}
