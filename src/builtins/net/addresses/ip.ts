/** IP addresses and networks; what they mean is worked out in src/wire/ip-address.ts. */
import { reverseName } from '../../../wire/address';
import {
  bytesOfBigInt,
  bytesOfNumber,
  contains,
  embedded,
  formatIp,
  isPrivate,
  kindOf,
  maskOf,
  parseAnySpelling,
  parseIp,
  parseNetwork,
  quickIPv4,
  toBigInt,
} from '../../../wire/ip-address';
import type { Ip, Network } from '../../../wire/ip-address';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { arrayOf } from '../../core/value-types';
import { defineBuiltin } from '../../define-builtin';
import { any, either, string } from '../../types';
import type { Type } from '../../types';

const ipParam = { name: 'ip', type: string, about: 'The address, of IPv4 or IPv6' } as const;

const version: Type<4 | 6> = { name: 'number', takes: '4 or 6', test: '($ === 4 || $ === 6)' };

const NO_ADDRESS = 'the text is no IP address';

function refuse(builtin: string, text: string, what: string, hint?: string): ErrorValue {
  return fault('EINVAL', `${builtin}: ${describe(text)} is no ${what} (EINVAL)`, {
    function: builtin,
    ...(hint === undefined ? {} : { hint }),
  });
}

function ipOf(builtin: string, text: string): Ip {
  const ip = parseIp(text);
  if (ip !== null) return ip;
  const meant = parseAnySpelling(text);
  throw refuse(
    builtin,
    text,
    'IP address',
    meant === null ? undefined : `some systems take it for ${formatIp(meant.bytes)}: write it like that`,
  );
}

/** Networks that programs ask about again and again. */
const known = new Map<string, Network>();
const MAX_KNOWN = 1024;

function networkOf(builtin: string, text: string): Network {
  let network = known.get(text);
  if (network === undefined) {
    const parsed = parseNetwork(text);
    if (parsed === null) {
      throw refuse(builtin, text, 'network', 'networks are written as 192.0.2.0/24 or 2001:db8::/32');
    }
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, (network = parsed));
  }
  return network;
}

export const isIp = defineBuiltin({
  name: 'is_ip',
  group: 'net',
  summary: 'Tells whether a value is the text of an IP address',
  details:
    'Forms that only some systems take for an address are none: fewer than four numbers, leading zeros, brackets. A zone may stand behind an IPv6 address: "fe80::1%eth0".',
  params: [
    { name: 'value', type: any, about: 'Any value' },
    { name: 'version', type: version, about: 'Only addresses of this version', optional: true },
  ],
  gives: { type: 'boolean', about: 'True for an address' },
  example:
    'log(is_ip("192.0.2.1"), is_ip("2001:db8::1"), is_ip("192.0.2.256"), is_ip("::1", 4))  // expect: true true false false',
  failing: 'is_ip("::1", "6")  // expect error: is_ip: version must be 4 or 6',
  run: (value, wanted) => {
    if (typeof value !== 'string') return false;
    const ip = parseIp(value);
    return ip !== null && (wanted === null || ip.bytes.length === (wanted === 4 ? 4 : 16));
  },
});

export const ipParse = defineBuiltin({
  name: 'ip_parse',
  group: 'net',
  summary: 'Takes an IP address, or a network such as 192.0.2.0/24, apart',
  details:
    'The type is one of global, private, shared (of a provider, 100.64.0.0/10), loopback, link-local, unspecified, multicast, broadcast, documentation, benchmarking, reserved; or, for an IPv6 address with one of IPv4 inside, ipv4-mapped, ipv4-compatible, nat64, 6to4 or teredo.',
  params: [
    { name: 'ip', type: string, about: 'The address, or a network; also with a netmask as in 10.0.0.0/255.0.0.0' },
  ],
  gives: {
    type: 'map',
    about:
      'version (4 or 6), address (in its usual form), zone, type, private (as is_private_ip), embedded (the IPv4 address inside), bytes, reverse (the name of its PTR record); and of a network prefix, network, netmask (of IPv4), first, last, count, which are null for an address alone',
  },
  errors: { EINVAL: NO_ADDRESS },
  example: `let ip = ip_parse("2001:DB8:0:0::1")
log(ip.version, ip.address, ip.type)  // expect: 6 2001:db8::1 documentation
let net = ip_parse("192.0.2.77/26")
log(net.network, net.first, net.last, net.count, net.netmask)  // expect: 192.0.2.64/26 192.0.2.64 192.0.2.127 64 255.255.255.192`,
  failing: 'ip_parse("192.0.2")  // expect error: ip_parse: the string "192.0.2" is no IP address (EINVAL)',
  run: (text) => {
    const slash = text.indexOf('/');
    const { bytes, zone } = ipOf('ip_parse', slash < 0 ? text : text.slice(0, slash));
    const network = slash < 0 ? null : networkOf('ip_parse', text);
    const inside = embedded(bytes);
    const address = formatIp(bytes);
    return MapValue.from({
      version: bytes.length === 4 ? 4 : 6,
      address,
      zone,
      type: kindOf(bytes),
      private: isPrivate(bytes),
      embedded: inside === null ? null : formatIp(inside),
      bytes: [...bytes],
      reverse: reverseName(address),
      prefix: network?.prefix ?? null,
      network: network === null ? null : `${formatIp(network.first)}/${network.prefix}`,
      netmask: network === null || bytes.length === 16 ? null : formatIp(bytesOfNumber(maskOf(network.prefix))),
      first: network === null ? null : formatIp(network.first),
      last: network === null ? null : formatIp(network.last),
      count: network?.count ?? null,
    });
  },
});

export const ipIn = defineBuiltin({
  name: 'ip_in',
  group: 'net',
  summary: 'Tells whether an IP address is in a network',
  details:
    'An address of one version is in no network of the other, except that an IPv4-mapped one (::ffff:192.0.2.1) is where the address inside is.',
  params: [
    ipParam,
    {
      name: 'cidr',
      type: either(string, arrayOf(string, 'networks')),
      about: 'A network such as "192.0.2.0/24" or "2001:db8::/32", an address, or an array of them',
    },
  ],
  gives: { type: 'boolean', about: 'True when it is in the network, or in one of them' },
  errors: { EINVAL: 'The text is no IP address, or no network' },
  example: `log(ip_in("192.0.2.17", "192.0.2.0/28"), ip_in("192.0.2.17", ["10.0.0.0/8", "192.0.2.16/28"]))  // expect: false true
log(ip_in("2001:db8::5", "2001:db8::/32"))  // expect: true`,
  failing:
    'ip_in("192.0.2.17", "192.0.2.0/33")  // expect error: ip_in: the string "192.0.2.0/33" is no network (EINVAL)',
  run: (ip, networks) => {
    if (typeof networks === 'string') return isIn(ip, networks);
    let found = false;
    for (const network of networks) if (isIn(ip, network)) found = true;
    return found;
  },
});

function isIn(text: string, cidr: string): boolean {
  const network = networkOf('ip_in', cidr);
  const number = network.first.length === 4 ? quickIPv4(text) : -1;
  if (number < 0) return contains(network, ipOf('ip_in', text).bytes);
  const { first, prefix } = network;
  const start = ((first[0]! << 24) | (first[1]! << 16) | (first[2]! << 8) | first[3]!) >>> 0;
  return (number & maskOf(prefix)) >>> 0 === start;
}

/** More addresses than this are no array. */
const MAX_ADDRESSES = 1 << 20;

export const cidrRange = defineBuiltin({
  name: 'cidr_range',
  group: 'net',
  summary: 'Gives all addresses of a network',
  details: `From the first to the last, those of the network itself and of its broadcasts included. A network of more than ${MAX_ADDRESSES} addresses is refused; ip_parse tells the first and last one and the count of any.`,
  params: [{ name: 'cidr', type: string, about: 'A network such as "192.0.2.0/24" or "2001:db8::/120"' }],
  gives: { type: 'array', about: 'The addresses in order' },
  errors: {
    EINVAL: 'The text is no network',
    ERANGE: 'It has too many addresses; the error has first, last and count',
  },
  example: `log(cidr_range("192.0.2.4/30"))  // expect: ["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"]
log(len(cidr_range("2001:db8::/120")))  // expect: 256`,
  failing: 'cidr_range("10.0.0.0/8")  // expect error: cidr_range: 10.0.0.0/8 has 16777216 addresses',
  run: (cidr) => {
    const { first, last, count, prefix } = networkOf('cidr_range', cidr);
    if (count > MAX_ADDRESSES) {
      const name = `${formatIp(first)}/${prefix}`;
      throw fault('ERANGE', `cidr_range: ${name} has ${count} addresses, more than ${MAX_ADDRESSES} (ERANGE)`, {
        function: 'cidr_range',
        fields: { first: formatIp(first), last: formatIp(last), count },
        hint: `ip_parse("${name}") tells its first and last address without listing them all`,
      });
    }
    const addresses = new Array<Value>(count);
    const bytes = Uint8Array.from(first);
    for (let i = 0; i < count; i++) {
      addresses[i] = formatIp(bytes);
      increment(bytes);
    }
    return addresses;
  },
});

function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = (bytes[i]! + 1) & 0xff;
    if (bytes[i] !== 0) return;
  }
}

export const isPrivateIp = defineBuiltin({
  name: 'is_private_ip',
  group: 'net',
  summary: 'Tells whether an IP address is private: not one of the public internet',
  details:
    'True for private, loopback and link-local addresses, those that providers share among customers (100.64.0.0/10), 0.0.0.0, broadcasts, what is reserved or for documentation, and for IPv6 addresses that carry such an IPv4 address: IPv4-mapped and -compatible, 6to4, Teredo, NAT64. Every spelling that some system takes for an address counts: "127.1", "0x7f000001", "[::1]", "::ffff:127.0.0.1".\nA name is no address: look it up first, and connect to the address that was tested.',
  params: [ipParam],
  gives: { type: 'boolean', about: 'False for a public address, also one for multicast' },
  errors: { EINVAL: NO_ADDRESS },
  example: `log(["10.1.2.3", "8.8.8.8", "127.1", "::ffff:192.168.0.1", "2606:4700::1111"].map(is_private_ip))
// expect: [true, false, true, true, false]`,
  failing:
    'is_private_ip("localhost")  // expect error: is_private_ip: the string "localhost" is no IP address (EINVAL)',
  run: (text) => {
    const ip = parseAnySpelling(text);
    if (ip === null) throw refuse('is_private_ip', text, 'IP address');
    return isPrivate(ip.bytes);
  },
});

export const ipToNumber = defineBuiltin({
  name: 'ip_to_number',
  group: 'net',
  summary: 'Gives an IP address as one whole number',
  details: 'Numbers of IPv6 have up to 39 digits, more than a number holds exactly, so they are given as text.',
  params: [ipParam],
  gives: { type: 'number or string', about: 'A number for IPv4, a text of decimal digits for IPv6' },
  errors: { EINVAL: NO_ADDRESS },
  example: `log(ip_to_number("192.0.2.1"))  // expect: 3221225985
log(ip_to_number("2001:db8::1"))  // expect: 42540766411282592856903984951653826561`,
  failing: 'ip_to_number("192.0.2.300")  // expect error: ip_to_number: the string "192.0.2.300" is no IP address',
  run: (text) => {
    const quick = quickIPv4(text);
    if (quick >= 0) return quick;
    const { bytes } = ipOf('ip_to_number', text);
    return String(toBigInt(bytes));
  },
});

const addressNumber: Type<number | string> = {
  name: 'number or string',
  takes: 'a whole number from 0 to 4294967295, or a text of decimal digits below 2 ** 128',
  test: 'check($)',
  check: (value) =>
    typeof value === 'number'
      ? Number.isInteger(value) && value >= 0 && value <= 0xffffffff
      : typeof value === 'string' && /^\d{1,39}$/.test(value) && BigInt(value) < 1n << 128n,
};

export const numberToIp = defineBuiltin({
  name: 'number_to_ip',
  group: 'net',
  summary: 'Gives the IP address that a whole number stands for',
  details: 'The reverse of ip_to_number: a number makes an address of IPv4, a text of digits one of IPv6.',
  params: [{ name: 'number', type: addressNumber, about: 'A number for IPv4, a text of decimal digits for IPv6' }],
  gives: { type: 'string', about: 'The address' },
  example:
    'log(number_to_ip(3221225985), number_to_ip("1"), number_to_ip(ip_to_number("2001:db8::")))  // expect: 192.0.2.1 ::1 2001:db8::',
  failing:
    'number_to_ip(-1)  // expect error: number_to_ip: number must be a whole number from 0 to 4294967295, or a text',
  run: (number) => formatIp(typeof number === 'number' ? bytesOfNumber(number) : bytesOfBigInt(BigInt(number))),
});
