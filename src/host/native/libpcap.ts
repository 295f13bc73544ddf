/**
 * The library libpcap: captures on systems whose own interface for it is not spoken here, macOS above all. Loaded when
 * first asked for.
 *
 * Always: memory is passed as `Uint8Array`; handles and places in foreign memory are numbers, 0 for none.
 */
import { fault } from '../../runtime/errors';
import { node } from '../node';
import { memoryAt } from './libc';

export interface Libpcap {
  readonly create: (device: string, error: Uint8Array) => number;
  readonly setSnapLength: (handle: number, bytes: number) => number;
  readonly setPromiscuous: (handle: number, on: number) => number;
  readonly setTimeout: (handle: number, ms: number) => number;
  readonly setBufferSize: (handle: number, bytes: number) => number;
  readonly setPrecision: (handle: number, precision: number) => number;
  readonly activate: (handle: number) => number;
  readonly setNonblocking: (handle: number, on: number, error: Uint8Array) => number;
  readonly linkType: (handle: number) => number;
  readonly setLinkType: (handle: number, type: number) => number;
  readonly setFilter: (handle: number, program: Uint8Array) => number;
  /** 1 for a packet, 0 for none now, negative at an error. The places of its header and bytes go into 8 bytes each. */
  readonly next: (handle: number, header: Uint8Array, data: Uint8Array) => number;
  readonly statistics: (handle: number, into: Uint8Array) => number;
  readonly selectable: (handle: number) => number;
  readonly descriptor: (handle: number) => number;
  readonly precision: (handle: number) => number;
  readonly error: (handle: number) => string;
  readonly close: (handle: number) => void;
  readonly findAll: (into: Uint8Array, error: Uint8Array) => number;
  readonly freeAll: (list: number) => void;
  readonly copy: (into: Uint8Array, from: number, bytes: number) => void;
}

const DECLARATIONS = {
  create: 'uintptr_t pcap_create(const char *, void *)',
  setSnapLength: 'int pcap_set_snaplen(uintptr_t, int)',
  setPromiscuous: 'int pcap_set_promisc(uintptr_t, int)',
  setTimeout: 'int pcap_set_timeout(uintptr_t, int)',
  setBufferSize: 'int pcap_set_buffer_size(uintptr_t, int)',
  setPrecision: 'int pcap_set_tstamp_precision(uintptr_t, int)',
  activate: 'int pcap_activate(uintptr_t)',
  setNonblocking: 'int pcap_setnonblock(uintptr_t, int, void *)',
  linkType: 'int pcap_datalink(uintptr_t)',
  setLinkType: 'int pcap_set_datalink(uintptr_t, int)',
  setFilter: 'int pcap_setfilter(uintptr_t, void *)',
  next: 'int pcap_next_ex(uintptr_t, void *, void *)',
  statistics: 'int pcap_stats(uintptr_t, void *)',
  selectable: 'int pcap_get_selectable_fd(uintptr_t)',
  descriptor: 'int pcap_fileno(uintptr_t)',
  precision: 'int pcap_get_tstamp_precision(uintptr_t)',
  error: 'const char *pcap_geterr(uintptr_t)',
  close: 'void pcap_close(uintptr_t)',
  findAll: 'int pcap_findalldevs(void *, void *)',
  freeAll: 'void pcap_freealldevs(uintptr_t)',
} as const satisfies Partial<Record<keyof Libpcap, string>>;

/** Its names on Linux, on macOS, and with the packages of other systems. */
const FILES = ['libpcap.so.0.8', 'libpcap.so.1', 'libpcap.so', 'libpcap.A.dylib', '/usr/lib/libpcap.A.dylib'];

let loaded: Libpcap | null = null;

/** Error: ENOSYS where it is not installed, with how to get it. */
export function libpcap(builtin: string): Libpcap {
  if (loaded !== null) return loaded;
  let why = '';
  for (const file of FILES) {
    try {
      return (loaded = load(file));
    } catch (error) {
      why ||= error instanceof Error ? error.message.split('\n')[0]! : String(error);
    }
  }
  throw fault('ENOSYS', `${builtin}: capturing packets needs libpcap here, which cannot be loaded: ${why} (ENOSYS)`, {
    function: builtin,
    hint: 'on Debian: sudo apt-get install libpcap0.8; macOS has it',
  });
}

type Call = (...args: readonly unknown[]) => never;

function load(file: string): Libpcap {
  const { koffi } = node;
  const library = koffi.load(file);
  const calls: Record<string, Call> = {};
  for (const [name, declaration] of Object.entries(DECLARATIONS))
    calls[name] = library.func(declaration) as unknown as Call;
  const copy = koffi.load(null).func('void *memcpy(void *, uintptr_t, size_t)') as unknown as Call;
  return { ...(calls as unknown as Omit<Libpcap, 'copy'>), copy: (into, from, bytes) => void copy(into, from, bytes) };
}

/** An address that a call has written into memory. */
export function addressIn(memory: Uint8Array, at = 0): number {
  const low = (memory[at]! | (memory[at + 1]! << 8) | (memory[at + 2]! << 16) | (memory[at + 3]! << 24)) >>> 0;
  const high = (memory[at + 4]! | (memory[at + 5]! << 8) | (memory[at + 6]! << 16) | (memory[at + 7]! << 24)) >>> 0;
  return high * 0x100000000 + low;
}

/** Text that ends with a NUL. */
export function textIn(memory: Uint8Array): string {
  const end = memory.indexOf(0);
  return Buffer.from(memory.subarray(0, end < 0 ? undefined : end)).toString('latin1');
}

/** `struct pcap_if` begins with the next one and the name. */
export function deviceNames(library: Libpcap): string[] {
  const list = new Uint8Array(8);
  if (library.findAll(list, new Uint8Array(ERROR_BYTES)) !== 0) return [];
  const names: string[] = [];
  for (let at = addressIn(list); at !== 0;) {
    const device = memoryAt(at, 16).slice();
    names.push(node.koffi.decode(BigInt(addressIn(device, 8)), 'char', -1) as string);
    at = addressIn(device);
  }
  library.freeAll(addressIn(list));
  return names;
}

export const ERROR_BYTES = 256;
