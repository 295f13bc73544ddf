/** Hardware addresses, and the names of ports. */
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { Value } from '../../../runtime/values';
import { serviceName } from '../../../wire/service-names';
import { defineBuiltin } from '../../define-builtin';
import { data, oneOf, port } from '../../types';
import type { Type } from '../../types';

const SEPARATORS = [':', '-', '.', ''] as const;

/** The six bytes; null where the text holds none. Systems leave out leading zeros: "0:c:29:1:2:3". */
function macBytes(text: string): number[] | null {
  const parts = /^[\da-f]{1,2}(?:([:-])[\da-f]{1,2})(?:\1[\da-f]{1,2}){4}$/i.test(text)
    ? text.split(/[:-]/)
    : /^(?:[\da-f]{4}\.){2}[\da-f]{4}$|^[\da-f]{12}$/i.test(text)
      ? text.replace(/\./g, '').match(/../g)
      : null;
  return parts === null ? null : parts.map((part) => parseInt(part, 16));
}

export const macFormat = defineBuiltin({
  name: 'mac_format',
  group: 'net',
  summary: 'Writes a hardware address in one form, whatever form it has',
  details:
    'It takes "00:0C:29:AB:CD:EF", "00-0c-29-ab-cd-ef", "000c.29ab.cdef", "000c29abcdef", "0:c:29:ab:cd:ef" and the six bytes.',
  params: [
    { name: 'mac', type: data, about: 'The address' },
    {
      name: 'separator',
      type: oneOf(...SEPARATORS),
      about: 'What stands between its parts: ":" where it is left out; "." makes three parts, as Cisco does',
      optional: true,
    },
  ],
  gives: { type: 'string', about: 'The address in small letters' },
  errors: { EINVAL: 'It is no hardware address of six bytes' },
  example:
    'log(mac_format("0:C:29:AB:CD:EF"), mac_format("000c29abcdef", "."))  // expect: 00:0c:29:ab:cd:ef 000c.29ab.cdef',
  failing: 'mac_format("00:0c:29")  // expect error: mac_format: the string "00:0c:29" is no hardware address',
  run: (mac, separator) => {
    const bytes = typeof mac === 'string' ? macBytes(mac) : mac;
    if (bytes?.length !== 6) {
      throw fault('EINVAL', `mac_format: ${describe(mac)} is no hardware address of six bytes (EINVAL)`, {
        function: 'mac_format',
      });
    }
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
    if (separator === '.') return `${hex[0]}${hex[1]}.${hex[2]}${hex[3]}.${hex[4]}${hex[5]}`;
    return hex.join(separator ?? ':');
  },
});

const transport: Type<'tcp' | 'udp'> & { readonly convert: (value: Value) => 'tcp' | 'udp' } = {
  name: 'string',
  takes: '"tcp" or "udp"',
  test: "(typeof $ === 'string' && check($))",
  // Sockets and scans have them in capitals.
  check: (value) => /^(?:tcp|udp)$/i.test(value as string),
  convert: (value) => (typeof value === 'string' && value.toLowerCase() === 'udp' ? 'udp' : 'tcp'),
};

export const portName = defineBuiltin({
  name: 'port_name',
  group: 'net',
  summary: 'Gives the name of the service that usually has a port',
  details:
    "The names are those of IANA's registry, or of Debian's list of services where that has a more usual one. What really listens there may be something else.",
  params: [
    { name: 'port', type: port, about: 'The port' },
    { name: 'protocol', type: transport, about: '"tcp" where it is left out', optional: true },
  ],
  gives: { type: 'string or null', about: 'The name, null for a port without one' },
  example: 'log(port_name(22), port_name(53, "udp"), port_name(49151))  // expect: ssh domain null',
  failing:
    'port_name("ssh")  // expect error: port_name: port must be a whole number from 0 to 65535, got the string "ssh"',
  run: (number, protocol) => serviceName(number, protocol),
});
