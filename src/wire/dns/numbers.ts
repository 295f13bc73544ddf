/** Names of the numbers in DNS messages, as IANA lists them. */

/** Record types. A number that is not here is written TYPE1234 (RFC 3597). */
const TYPES: Readonly<Record<string, number>> = {
  A: 1, NS: 2, MD: 3, MF: 4, CNAME: 5, SOA: 6, MB: 7, MG: 8, MR: 9, NULL: 10, WKS: 11, PTR: 12, HINFO: 13, MINFO: 14,
  MX: 15, TXT: 16, RP: 17, AFSDB: 18, X25: 19, ISDN: 20, RT: 21, NSAP: 22, SIG: 24, KEY: 25, PX: 26, GPOS: 27,
  AAAA: 28, LOC: 29, SRV: 33, NAPTR: 35, KX: 36, CERT: 37, DNAME: 39, OPT: 41, APL: 42, DS: 43, SSHFP: 44,
  IPSECKEY: 45, RRSIG: 46, NSEC: 47, DNSKEY: 48, DHCID: 49, NSEC3: 50, NSEC3PARAM: 51, TLSA: 52, SMIMEA: 53, HIP: 55,
  CDS: 59, CDNSKEY: 60, OPENPGPKEY: 61, CSYNC: 62, ZONEMD: 63, SVCB: 64, HTTPS: 65, SPF: 99, EUI48: 108, EUI64: 109,
  TKEY: 249, TSIG: 250, IXFR: 251, AXFR: 252, MAILB: 253, ANY: 255, URI: 256, CAA: 257,
}; // prettier-ignore

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(TYPES));
const TYPE_NAMES = new Map(Object.entries(TYPES).map(([name, number]) => [number, name]));
const CLASS_NAMES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };
const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN', 7: 'YXRRSET',
  8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE', 16: 'BADVERS', 17: 'BADKEY', 18: 'BADTIME', 22: 'BADTRUNC', 23: 'BADCOOKIE',
}; // prettier-ignore
const OPCODES: Readonly<Record<number, string>> = {
  0: 'QUERY',
  1: 'IQUERY',
  2: 'STATUS',
  4: 'NOTIFY',
  5: 'UPDATE',
  6: 'DSO',
};

/** "MX" for 15, "TYPE1234" for one without a name. */
export function typeName(number: number): string {
  return TYPE_NAMES.get(number) ?? `TYPE${number}`;
}

/** 15 for "MX" and for "TYPE15"; null for what is no type. */
export function typeNumber(name: string): number | null {
  const exactly = NUMBERS.get(name);
  if (exactly !== undefined) return exactly;
  const upper = name.toUpperCase();
  if (upper !== name && NUMBERS.has(upper)) return NUMBERS.get(upper)!;
  const number = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return number === undefined || Number(number) > 0xffff ? null : Number(number);
}

export function className(number: number): string {
  return CLASS_NAMES[number] ?? `CLASS${number}`;
}

export function rcodeName(number: number): string {
  return RCODES[number] ?? `RCODE${number}`;
}

export function opcodeName(number: number): string {
  return OPCODES[number] ?? `OPCODE${number}`;
}
