/**
 * The C library: what Node has no door to, raw sockets above all. Loaded when first asked for; a program that
 * never does needs neither the library behind this nor Linux.
 *
 * Always: a function gives what the system call gave, or the negative number of the error; nothing here throws
 * but `libc` itself. Memory is passed as `Uint8Array`, which the call reads or fills in place, and has to stay
 * reachable until the call has returned. All calls return at once when their descriptor is non-blocking;
 * `watch` tells when to try again, by way of the event loop, so no thread is needed.
 */
import { fault } from '../../runtime/errors';
import { node } from '../node';

/** Memory for a system call; null where the call takes none. */
type Memory = Uint8Array | null;

export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, length: number) => number;
  readonly connect: (fd: number, address: Uint8Array, length: number) => number;
  readonly send: (fd: number, data: Uint8Array, length: number, flags: number) => number;
  readonly sendto: (
    fd: number,
    data: Uint8Array,
    length: number,
    flags: number,
    address: Memory,
    addressLength: number,
  ) => number;
  readonly recv: (fd: number, data: Uint8Array, length: number, flags: number) => number;
  /** `addressLength` holds a 32-bit length, which the call changes. */
  readonly recvfrom: (
    fd: number,
    data: Uint8Array,
    length: number,
    flags: number,
    address: Memory,
    addressLength: Memory,
  ) => number;
  /** `header` is a `struct msghdr`, see `messageHeader`. */
  readonly recvmsg: (fd: number, header: Uint8Array, flags: number) => number;
  /** `headers` is an array of `struct mmsghdr`, see `messageHeaders`. */
  readonly sendmmsg: (fd: number, headers: Uint8Array, count: number, flags: number) => number;
  readonly recvmmsg: (fd: number, headers: Uint8Array, count: number, flags: number, timeout: Memory) => number;
  readonly getsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number;
  readonly setsockopt: (fd: number, level: number, name: number, value: Uint8Array, length: number) => number;
  readonly getsockname: (fd: number, address: Uint8Array, length: Uint8Array) => number;
  readonly getpeername: (fd: number, address: Uint8Array, length: Uint8Array) => number;
  readonly close: (fd: number) => number;
  /** Blocks for `timeoutMs`; 0 only looks. `entries` is an array of `struct pollfd`. */
  readonly poll: (entries: Uint8Array, count: number, timeoutMs: number) => number;
  readonly epollCreate: (flags: number) => number;
  readonly epollCtl: (epoll: number, operation: number, fd: number, event: Memory) => number;
  /** Blocks for `timeoutMs`; 0 only looks. */
  readonly epollWait: (epoll: number, events: Uint8Array, most: number, timeoutMs: number) => number;
  /** Ends the process here and now; the status is all that comes of it. */
  readonly leave: (status: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Uint8Array) => number;
  /** The address as a number, or a negative error as a number. */
  readonly mmap: (length: number, protection: number, flags: number, fd: number, offset: number) => number;
  readonly munmap: (address: number, length: number) => number;
  /** 0 where there is no such interface. */
  readonly interfaceIndex: (name: string) => number;
}

/** How a call is declared in C, by its name here. */
const DECLARATIONS = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, void *, uint32_t)',
  connect: 'int connect(int, void *, uint32_t)',
  send: 'intptr_t send(int, void *, size_t, int)',
  sendto: 'intptr_t sendto(int, void *, size_t, int, void *, uint32_t)',
  recv: 'intptr_t recv(int, void *, size_t, int)',
  recvfrom: 'intptr_t recvfrom(int, void *, size_t, int, void *, void *)',
  recvmsg: 'intptr_t recvmsg(int, void *, int)',
  sendmmsg: 'int sendmmsg(int, void *, uint32_t, int)',
  recvmmsg: 'int recvmmsg(int, void *, uint32_t, int, void *)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  setsockopt: 'int setsockopt(int, int, int, void *, uint32_t)',
  getsockname: 'int getsockname(int, void *, void *)',
  getpeername: 'int getpeername(int, void *, void *)',
  close: 'int close(int)',
  poll: 'int poll(void *, unsigned long, int)',
  epollCreate: 'int epoll_create1(int)',
  epollCtl: 'int epoll_ctl(int, int, int, void *)',
  epollWait: 'int epoll_wait(int, void *, int, int)',
  leave: 'void _exit(int)',
  ioctl: 'int ioctl(int, unsigned long, void *)',
  munmap: 'int munmap(uintptr_t, size_t)',
} as const satisfies Partial<Record<keyof Libc, string>>;

let loaded: Libc | null = null;

/**
 * The C library. Errors: ENOSYS on other systems than Linux and where the library cannot be loaded, with
 * `what` needs it: "a SYN scan".
 */
export function libc(builtin: string, what: string): Libc {
  if (loaded !== null) return loaded;
  if (process.platform !== 'linux') {
    throw fault('ENOSYS', `${builtin}: ${what} works on Linux alone, this is ${process.platform} (ENOSYS)`, {
      function: builtin,
    });
  }
  try {
    return (loaded = load());
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw fault('ENOSYS', `${builtin}: ${what} needs the package koffi, which cannot be loaded: ${why} (ENOSYS)`, {
      function: builtin,
      hint: 'install it beside Sentra: npm install koffi',
    });
  }
}

type Call = (...args: readonly unknown[]) => number;

function load(): Libc {
  const { koffi } = node;
  const library = koffi.load(null);
  const errno = koffi.errno;
  const calls: Record<string, Call> = {};
  for (const [name, declaration] of Object.entries(DECLARATIONS))
    calls[name] = checked(library.func(declaration), errno);
  const mmap = library.func('intptr_t mmap(uintptr_t, size_t, int, int, int, long)') as Call;
  const index = library.func('uint32_t if_nametoindex(const char *)') as Call;
  return {
    ...(calls as unknown as Omit<Libc, 'mmap' | 'interfaceIndex'>),
    mmap: (length, protection, flags, fd, offset) => {
      const at = mmap(0, length, protection, flags, fd, offset);
      return at === -1 ? -errno() : at;
    },
    interfaceIndex: (name) => index(name),
  };
}

/** -1 becomes the negative error. Written out by number of parameters: spreading them costs as much as the call. */
function checked(
  call: Call & { readonly info: { readonly arguments: readonly unknown[] } },
  errno: () => number,
): Call {
  const count = call.info.arguments.length;
  const result = (value: number): number => (value < 0 ? -errno() : value);
  switch (count) {
    case 1:
      return (a) => result(call(a));
    case 2:
      return (a, b) => result(call(a, b));
    case 3:
      return (a, b, c) => result(call(a, b, c));
    case 4:
      return (a, b, c, d) => result(call(a, b, c, d));
    case 5:
      return (a, b, c, d, e) => result(call(a, b, c, d, e));
    default:
      return (a, b, c, d, e, f) => result(call(a, b, c, d, e, f));
  }
}

/** Memory at an address that the system gave, as long as it stays mapped. */
export function memoryAt(address: number, length: number): Uint8Array {
  return new Uint8Array(node.koffi.view(BigInt(address), length));
}

/** The address of memory, for structures that hold pointers. The memory has to be kept reachable and in place. */
export function addressOf(memory: Uint8Array): bigint {
  return node.koffi.address(memory);
}

/** "ECONNREFUSED" for 111 and for -111. */
export function errorName(number: number): string {
  const wanted = Math.abs(number);
  // EWOULDBLOCK is the second name of EAGAIN, EOPNOTSUPP of ENOTSUP: the first one found is the usual one.
  for (const [name, value] of Object.entries(node.os.constants.errno)) if (value === wanted) return name;
  return `E${wanted}`;
}

/** Waits for a descriptor by way of the event loop; keeps the process alive until it is stopped. */
export interface Watch {
  /** After this the descriptor may be closed. */
  stop(): void;
}

/** Calls `ready` each time the descriptor can be read (or, if asked for, written). */
export function watch(fd: number, ready: () => void, wants: { readonly writable?: boolean } = {}): Watch {
  const handle = node.koffi.node.poll(fd, { readable: true, writable: wants.writable === true }, ready);
  let stopped = false;
  return {
    stop() {
      if (stopped) return;
      stopped = true;
      handle.stop();
      handle.close();
    },
  };
}
