/**
 * Raw sockets: for packets of our own making. They need root or the capability CAP_NET_RAW, and whoever lacks it is
 * told how to get it.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import * as c from '../native/constants';
import { errorName } from '../native/libc';
import type { Libc } from '../native/libc';
import { ADDRESS_BYTES, filterProgram, int32, socketAddress } from '../native/structures';
import type { FilterStep } from '../native/structures';

/** Room for what comes in while others compute. */
const RECEIVE_BYTES = 8 * 1024 * 1024;

/** How the right is given: to Node, since that is the program that runs. */
export function howToGetRaw(): string {
  if (process.platform !== 'linux') return 'run it as root: sudo sentra ...';
  return `run it as root, or let Node do it: sudo setcap cap_net_raw+ep ${process.execPath}`;
}

export function rawRefused(builtin: string, what: string): ErrorValue {
  return fault('EPERM', `${builtin}: ${what} needs root or the capability CAP_NET_RAW (EPERM)`, {
    function: builtin,
    // Also for programs that catch it and tell it in their own words.
    fields: { hint: howToGetRaw() },
    hint: howToGetRaw(),
  });
}

/** A raw socket. Errors: EPERM with how to get the right. `what` needs it: "a SYN scan". */
export function openRaw(lib: Libc, builtin: string, what: string, family: number, protocol: number): number {
  const fd = lib.socket(family, c.SOCK_RAW | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, protocol);
  if (fd === -c.EPERM || fd === -c.EACCES) throw rawRefused(builtin, what);
  if (fd < 0) {
    const code = errorName(fd);
    throw fault(code, `${builtin}: ${what} cannot open a raw socket: ${code}`, { function: builtin });
  }
  // The privileged form may exceed the system's limit; where it is refused, the limit has to do.
  if (lib.setsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUFFORCE, int32(RECEIVE_BYTES), 4) < 0) {
    lib.setsockopt(fd, c.SOL_SOCKET, c.SO_RCVBUF, int32(RECEIVE_BYTES), 4);
  }
  return fd;
}

/** Lets through only what the program takes. */
export function setFilter(lib: Libc, fd: number, steps: readonly FilterStep[]): void {
  const { program, code } = filterProgram(steps);
  lib.setsockopt(fd, c.SOL_SOCKET, c.SO_ATTACH_FILTER, program, program.length);
  // Kept until here: the program points to it.
  code.fill(0);
}

/** The own address that packets to a target go out with, as bytes; null where there is no way there. */
export function sourceFor(lib: Libc, target: string, scope = 0): Uint8Array | null {
  const to = socketAddress(target, 9, scope);
  const fd = lib.socket(to[0]!, c.SOCK_DGRAM | c.SOCK_CLOEXEC, 0);
  if (fd < 0) return null;
  try {
    if (lib.connect(fd, to, to.length) < 0) return null;
    const own = new Uint8Array(ADDRESS_BYTES);
    if (lib.getsockname(fd, own, int32(ADDRESS_BYTES)) < 0) return null;
    return to[0] === c.AF_INET ? own.slice(4, 8) : own.slice(8, 24);
  } finally {
    lib.close(fd);
  }
}

// Instructions of classic BPF.
export const LD_BYTE = 0x30;
export const LD_HALF = 0x28;
export const LD_WORD = 0x20;
/** Loads at X plus the number. */
export const LD_HALF_X = 0x48;
export const LD_BYTE_X = 0x50;
/** X becomes the length of the IPv4 header. */
export const LDX_HEADER = 0xb1;
export const JUMP_EQUAL = 0x15;
export const RETURN = 0x06;
export const TAKE: FilterStep = [RETURN, 0, 0, 0x40000];
export const DROP: FilterStep = [RETURN, 0, 0, 0];
