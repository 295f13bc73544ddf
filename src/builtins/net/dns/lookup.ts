/** `dns_lookup`: records of a name, asked of the system's name servers or of a given one. */
import { hostsAddresses, parseNameserver } from '../../../host/dns/configuration';
import type { Nameserver } from '../../../host/dns/configuration';
import { knownLocally, lookUp } from '../../../host/dns/resolve';
import type { LookupOptions, RecordType, Wanted } from '../../../host/dns/resolve';
import { familyOf, parseHost } from '../../../host/net/address';
import { ErrorValue } from '../../../runtime/errors';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { reverseName } from '../../../wire/address';
import type { DnsRecord } from '../../../wire/dns/message';
import { hex, latin1 } from '../../../wire/bytes';
import { parseName } from '../../../wire/dns/names';
import { typeName, typeNumber } from '../../../wire/dns/numbers';
import { defineBuiltin } from '../../define-builtin';
import { boolean, option, options, seconds } from '../../types';
import type { Type } from '../../types';
import { recordValue } from './record-values';

const TIMEOUT_SECONDS = 5;

/** Questions that are no question for records: transfers, and what only stands beside others. */
const NO_RECORDS = new Set(['OPT', 'TSIG', 'TKEY', 'AXFR', 'IXFR', 'MAILB'].map(typeNumber));

/** Names that need no further look: each label begins with a letter, so it is no address either. */
const PLAIN = /^(?:[a-z_][\w-]{0,62}\.)*[a-z_][\w-]{0,62}\.?$/i;
const MAX_PLAIN = 253;

/** The last one: the check of the argument and the function behind it look at the same. */
let lastPlain = '';

function isPlain(text: string): boolean {
  if (text === lastPlain) return text !== '';
  if (text.length > MAX_PLAIN || !PLAIN.test(text)) return false;
  lastPlain = text;
  return true;
}

/** The name as it is asked for: names in other scripts become ASCII (RFC 5891); null for what is no name. */
function asciiName(text: string): string | null {
  if (isPlain(text)) return text;
  // Possible in a name (bytes of any kind as "\\000"), but here always a URL, a host with a port or a mistake.
  if (text === '' || /[\s:@\p{Cc}]/u.test(text)) return null;
  // Labels such as "_sip" and "*" are names here, though not of hosts.
  const labels = parseName(text);
  return labels !== null ? text : parseHost(text);
}

const name: Type<string> = {
  name: 'string',
  takes: 'a name or an address',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => asciiName(value as string) !== null || familyOf(value as string) !== 0,
  explain: (value) =>
    typeof value === 'string' && value.includes('://') ? 'take the name alone, without the rest of the URL' : null,
};

const A: RecordType = { name: 'A', number: 1 };

/** The one that was read last: nearly always the next one too. */
let lastType: { readonly text: string; readonly type: RecordType | null } = { text: A.name, type: A };

/** Also "TYPE28", which is another way to write "AAAA"; null for what is no type of records. */
function readType(text: string): RecordType | null {
  if (lastType.text !== text) {
    const number = typeNumber(text);
    const isType = number !== null && !NO_RECORDS.has(number);
    lastType = { text, type: isType ? { name: typeName(number), number } : null };
  }
  return lastType.type;
}

const recordType: Type<RecordType> & { readonly convert: (value: Value) => RecordType } = {
  name: 'string',
  takes: 'a type of records such as "A", "AAAA", "MX", "TXT", "NS", "CNAME", "PTR", "SRV", "SOA", "CAA" or "ANY"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => readType(value as string) !== null,
  convert: (value) => (value === null ? A : readType(value as string)!),
};

const server: Type<Nameserver> = {
  name: 'string',
  takes: 'the address of a name server, with a port where it is not 53: "192.0.2.1", "127.0.0.1:5353", "[::1]:5353"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => parseNameserver(value as string) !== null,
  convert: (value) => parseNameserver(value as string)!,
};

const lookupOptions = options({
  server: option(server, "The name server to ask in place of the system's"),
  timeout: option(seconds, 'Seconds for the whole lookup', TIMEOUT_SECONDS),
  full: option(boolean, 'true gives whole records, with their names and times to live', false),
  tcp: option(boolean, 'true asks over TCP from the start', false),
});

/** What is asked for one by one where a server does not answer ANY as a whole (RFC 8482). */
const COMMON = ['A', 'AAAA', 'CNAME', 'NS', 'SOA', 'MX', 'TXT', 'SRV', 'CAA', 'PTR', 'HTTPS', 'NAPTR', 'DS', 'DNSKEY', 'TLSA', 'SSHFP', 'HINFO', 'URI', 'DNAME', 'SVCB']; // prettier-ignore

function fullRecord(record: DnsRecord): MapValue {
  const { name: owner, type, class: recordClass, ttl } = record;
  return MapValue.from({ name: owner, type, class: recordClass, ttl, data: recordValue(record) });
}

const VALUES: Wanted<Value[]> = {
  ofAddresses: (addresses) => addresses,
  ofRecords: (records) => inOrder(records).map(recordValue),
};

const FULL: Wanted<Value[]> = {
  ofAddresses: null,
  ofRecords: (_records, answer) => inOrder(answer).map(fullRecord),
};

const RECORDS: Wanted<readonly DnsRecord[]> = {
  ofAddresses: null,
  ofRecords: (records) => records,
};

/** An address that no name server was asked for: it has no time to live. */
function knownAddresses(owner: string, type: string, addresses: readonly string[], full: boolean): Value[] {
  if (!full) return [...addresses];
  return addresses.map((data) => MapValue.from({ name: owner, type, class: 'IN', ttl: null, data }));
}

/** Addresses that are known without a name server: of /etc/hosts, "localhost" (RFC 6761), an address itself. */
function localAddresses(host: string, type: string): readonly string[] | null {
  if (type !== 'A' && type !== 'AAAA') return null;
  const wanted = type === 'A' ? 4 : 6;
  const family = familyOf(host);
  if (family !== 0) return family === wanted ? [host] : [];
  const fromHosts = hostsAddresses(host, wanted);
  if (fromHosts.length > 0) return fromHosts;
  return /^localhost\.?$/i.test(host) ? [wanted === 4 ? '127.0.0.1' : '::1'] : null;
}

/** By priority; servers of the same one by weight, the heavier first. Aliases stay in front. */
function inOrder(records: readonly DnsRecord[]): readonly DnsRecord[] {
  if (records.length < 2) return records;
  const rank = ({ data }: DnsRecord): number =>
    data.kind === 'mx' ? data.preference : data.kind === 'srv' || data.kind === 'svcb' ? data.priority : 0;
  const weight = ({ data }: DnsRecord): number => (data.kind === 'srv' ? data.weight : 0);
  return [...records].sort((a, b) => rank(a) - rank(b) || weight(b) - weight(a));
}

/** All that can be had of a name: ANY, and the usual types one by one, each record once. */
function* lookUpAll(builtin: string, host: string, given: LookupOptions): Steps<Value[]> {
  const deadline = performance.now() + given.timeoutMs;
  const found = new Map<string, DnsRecord>();
  const gather = (records: readonly DnsRecord[]): void => {
    for (const record of records) if (!standsForAll(record)) found.set(contentOf(record), record);
  };
  const inTime = (): LookupOptions => ({ ...given, timeoutMs: Math.max(1, deadline - performance.now()) });
  try {
    const half = { ...given, timeoutMs: given.timeoutMs / 2, tcp: true };
    gather(yield* lookUp(builtin, host, readType('ANY')!, half, RECORDS));
  } catch (error) {
    // A server that does not take this question, or no TCP, may still take the others.
    if (!(error instanceof ErrorValue) || ['ENOTFOUND', 'EPERM', 'ECANCELED'].includes(error.code)) throw error;
  }
  for (const type of COMMON) gather(yield* lookUp(builtin, host, readType(type)!, inTime(), RECORDS));
  return [...found.values()].map(fullRecord);
}

/** The HINFO record "RFC8482", which says that a server does not give all records at once. */
function standsForAll({ type, data }: DnsRecord): boolean {
  return type === 'HINFO' && data.kind === 'text' && latin1(data.strings[0] ?? new Uint8Array(0)) === 'RFC8482';
}

/** A record without what may differ between two answers. */
function contentOf({ name: owner, type, data }: DnsRecord): string {
  const plain = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? hex(value) : value);
  return JSON.stringify([owner.toLowerCase(), type, data], plain);
}

export const dnsLookup = defineBuiltin({
  name: 'dns_lookup',
  group: 'dns',
  summary: 'Looks up the records of a name',
  details:
    'A, AAAA, NS, CNAME, PTR, TXT give strings (the pieces of a TXT record are joined); MX gives maps {exchange, priority} sorted by priority, SRV {name, port, priority, weight}, SOA {primary, mailbox, serial, refresh, retry, expire, minimum}, CAA {critical, tag, value}; other types give maps of their fields, and a type that is not known {hex}. "ANY" gives all that can be had, as whole records. Aliases (CNAME) are followed. A name that exists but has no record of the type gives []. An address with "PTR" is a reverse lookup. For A and AAAA /etc/hosts is honoured unless a server is given. The name servers and the search list of the system are those of /etc/resolv.conf. An answer that does not fit into a datagram is fetched over TCP. With full: true each record is {name, type, class, ttl, data}, and aliases on the way are there too; ttl counts seconds and is null for what /etc/hosts says. Nothing is cached.',
  params: [
    { name: 'name', type: name, about: 'The name, in any script; an address for a reverse lookup' },
    { name: 'type', type: recordType, about: 'The type of records; A where it is left out', optional: true },
    { name: 'options', type: lookupOptions, about: 'See below', optional: true },
  ],
  gives: { type: 'array', about: 'The records, [] where there are none of the type' },
  errors: {
    ENOTFOUND: 'there is no such name',
    ETIMEDOUT: 'no name server has answered in time',
    ESERVFAIL: 'the name server has failed, or its answer is broken',
    EREFUSED: 'the name server refuses to answer',
    ECONNREFUSED: 'nobody answers at the address of the name server',
    ELOOP: 'the aliases lead in a circle',
  },
  permission: 'net',
  example: `log(dns_lookup("localhost"))          // expect: ["127.0.0.1"]
log(dns_lookup("192.0.2.7", "AAAA"))  // expect: []`,
  failing: `dns_lookup("example..com")  // expect error: dns_lookup: name must be a name or an address`,
  waits: true,
  *run(given, type, settings): Steps<Value[]> {
    const builtin = 'dns_lookup';
    const { server: asked, tcp } = settings;
    const plain = isPlain(given);
    if (asked === null || (!plain && familyOf(given) !== 0)) {
      const local = localAddresses(given, type.name);
      if (local !== null) {
        knownLocally(builtin, given);
        return knownAddresses(given, type.name, local, settings.full);
      }
    }
    const options: LookupOptions = { server: asked, timeoutMs: settings.timeout * 1000, tcp };
    const host = plain && type.name !== 'PTR' ? given : hostOf(given, type.name);
    if (type.name === 'ANY') return yield* lookUpAll(builtin, host, options);
    return yield* lookUp(builtin, host, type, options, settings.full ? FULL : VALUES);
  },
});

/** What the name server is asked for. */
function hostOf(given: string, type: string): string {
  if (type === 'PTR') return reverseName(given) ?? asciiName(given)!;
  return asciiName(given) ?? given;
}
