/**
 * The network interfaces of this machine, as a capture sees them (Linux): of the network namespace that the process
 * is in, which what stands in /sys need not be.
 */
import { didYouMean } from '../../diagnostics/did-you-mean';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { LINK } from '../../wire/packet/protocols';
import * as c from '../native/constants';
import { libc } from '../native/libc';
import { node } from '../node';

export const ANY = 'any';

export interface CaptureInterface {
  readonly name: string;
  /** 0 for all of them. */
  readonly index: number;
  readonly linkType: number;
  /** Each packet passes twice: out and in. */
  readonly isLoopback: boolean;
  /** The kernel takes the link header off and tells it apart, since they differ or are of no known kind. */
  readonly cooked: boolean;
}

// Kinds of hardware in Linux's if_arp.h.
const ETHERNET = 1;
const LOOPBACK = 772;
const NONE = 65534;
const TUNNELS = [768, 769, 776, 778, 823];

// ioctls of netdevice(7).
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFHWADDR = 0x8927;
const IFREQ_BYTES = 40;
const VALUE_AT = 16;
const UP = 1;

export function interfaceNames(): string[] {
  try {
    const lines = node.fs.readFileSync('/proc/self/net/dev', 'utf8').split('\n').slice(2);
    return lines.map((line) => line.split(':')[0]!.trim()).filter((name) => name !== '').sort(); // prettier-ignore
  } catch {
    return Object.keys(node.os.networkInterfaces());
  }
}

/** 16 bits that the kernel tells of an interface; null where there is none of this name. */
function ask(builtin: string, name: string, request: number): number | null {
  const lib = libc(builtin, 'capturing packets');
  const fd = lib.socket(c.AF_INET, c.SOCK_DGRAM | c.SOCK_CLOEXEC, 0);
  if (fd < 0) return null;
  const argument = new Uint8Array(IFREQ_BYTES);
  argument.set(Buffer.from(name, 'latin1'));
  const result = lib.ioctl(fd, request, argument);
  lib.close(fd);
  return result < 0 ? null : argument[VALUE_AT]! | (argument[VALUE_AT + 1]! << 8);
}

/** Error: ENODEV with those that there are. */
export function findInterface(builtin: string, name: string): CaptureInterface {
  if (name === ANY) return { name, index: 0, linkType: LINK.cooked2, isLoopback: false, cooked: true };
  const isName = /^[^\s/]{1,15}$/.test(name) && name !== '.' && name !== '..';
  const index = isName ? libc(builtin, 'capturing packets').interfaceIndex(name) : 0;
  if (index === 0) throw noInterface(builtin, name);
  const kind = ask(builtin, name, SIOCGIFHWADDR) ?? NaN;
  const isLoopback = kind === LOOPBACK;
  if (isLoopback || kind === ETHERNET) return { name, index, linkType: LINK.ethernet, isLoopback, cooked: false };
  if (kind === NONE || TUNNELS.includes(kind)) return { name, index, linkType: LINK.raw, isLoopback, cooked: false };
  return { name, index, linkType: LINK.cooked2, isLoopback, cooked: true };
}

/** Whether it is there and up. */
export function isUp(builtin: string, name: string): boolean {
  return name === ANY || ((ask(builtin, name, SIOCGIFFLAGS) ?? 0) & UP) !== 0;
}

function noInterface(builtin: string, name: string): ErrorValue {
  const all = interfaceNames();
  const near = didYouMean(name, all);
  return fault(
    'ENODEV',
    `${builtin}: there is no network interface "${name}"; there are ${[...all, ANY].join(', ')} (ENODEV)`,
    {
      function: builtin,
      fields: { interfaces: all },
      ...(near === null ? {} : { hint: `did you mean "${near}"?` }),
    },
  );
}
