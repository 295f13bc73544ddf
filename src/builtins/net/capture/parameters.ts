/** What the functions of captures take. */
import { Capture } from '../../../host/capture/capture';
import type { Value } from '../../../runtime/values';
import { boolean, oneOf, option, string, whole } from '../../types';
import type { Type } from '../../types';

export const interfaceName: Type<string> = {
  name: 'string',
  takes: 'the name of a network interface, or "any"',
  test: "(typeof $ === 'string' && $ !== '')",
};

export const path: Type<string> = {
  name: 'string',
  takes: 'the path of a file',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => value !== '' && !(value as string).includes('\0'),
};

export const duration: Type<number> = {
  name: 'number',
  takes: 'a number of seconds, more than 0',
  test: "(typeof $ === 'number' && $ > 0 && $ < 2147483)",
};

export const capture: Type<Capture> = {
  name: 'capture',
  takes: 'a capture that capture_start gave',
  test: 'check($)',
  check: (value: Value) => value instanceof Capture,
};

export const analysisOptions = {
  filter: option(string, 'Only packets that this filter in the language of tcpdump takes: "tcp port 80"', ''),
  top: option(whole(1, 1_000_000), 'How many addresses, ports, conversations and names are listed', 10),
  decode: option(boolean, 'false only counts: no names, requests and findings, which is quicker', true),
};

export const captureOptions = {
  promiscuous: option(boolean, 'true also takes packets that are for others', false),
  snaplen: option(whole(14, 262_144), 'Bytes of each packet that are looked at', 262_144),
  buffer: option(whole(4, 1024), 'MiB of packets that the kernel holds while the program does something else', 32),
  engine: option(
    oneOf('auto', 'kernel', 'libpcap'),
    'What takes the packets: "kernel" the packet sockets of Linux, "libpcap" the library of that name; "auto" the first where it is, else the second',
    'auto',
  ),
};
