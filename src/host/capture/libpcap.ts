/**
 * Packets as libpcap takes them: for systems without Linux's packet sockets, and wherever it is asked for. It keeps
 * packets in the kernel's memory too, so no thread is needed; it is looked at when its descriptor is ready, and at
 * intervals, since on some systems that does not tell of everything.
 */
import { didYouMean } from '../../diagnostics/did-you-mean';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { FileFilter } from '../../wire/filter';
import { parseFilter } from '../../wire/filter/parser';
import { toKernel } from '../../wire/filter/to-kernel';
import { LINK } from '../../wire/packet/protocols';
import { tap } from '../events';
import * as c from '../native/constants';
import { libc, memoryAt, watch } from '../native/libc';
import type { Watch } from '../native/libc';
import { addressIn, deviceNames, ERROR_BYTES, libpcap, textIn } from '../native/libpcap';
import type { Libpcap } from '../native/libpcap';
import { filterProgram, int32 } from '../native/structures';
import { node } from '../node';
import type { Reported } from '../reported';
import { rawRefused } from '../scan/raw-sockets';
import { isUp } from './interfaces';
import { BLOCK_MS, MAX_PACKET } from './packet-source';
import type { PacketSink, PacketSource, SourceOptions } from './packet-source';

// Results of pcap_activate.
const NO_SUCH_DEVICE = -5;
const NOT_PERMITTED = -8;
const NOT_UP = -9;
const PROMISCUOUS_NOT_PERMITTED = -11;
const NANOSECONDS = 1;
/** `struct pcap_pkthdr` with 64-bit times. */
const HEADER_BYTES = 24;
/** Packets that are taken in one turn at most, so that others get theirs. */
const MAX_TURN = 20_000;
/** In "Linux cooked v2": where the kind of packet stands, and that of those going out. */
const COOKED_KIND_AT = 10;
const OUTGOING = 4;

/** Errors: EPERM, ENODEV, ENETDOWN, ENOSYS, and those of `check`, which looks at the filter. */
export function openLibpcap(
  builtin: string,
  name: string,
  options: SourceOptions,
  sink: PacketSink,
  seen: Reported,
  check: () => void,
): PacketSource {
  const library = libpcap(builtin);
  const names = deviceNames(library);
  if (!names.includes(name) && name !== 'any') throw noDevice(builtin, name, names);
  check();
  return new PcapSource(builtin, name, library, options, sink, seen);
}

function noDevice(builtin: string, name: string, names: readonly string[]): ErrorValue {
  const near = didYouMean(name, names);
  const message = `${builtin}: there is no network interface "${name}"; there are ${names.join(', ')} (ENODEV)`;
  const hint = near === null ? {} : { hint: `did you mean "${near}"?` };
  return fault('ENODEV', message, { function: builtin, fields: { interfaces: [...names] }, ...hint });
}

/** Numbers of link types differ between the library and files. */
function linkTypeOf(number: number): number {
  return number === LINK.rawBsd || number === LINK.rawOpenBsd ? LINK.raw : number;
}

class PcapSource implements PacketSource {
  readonly linkType: number;
  received = 0;
  dropped = 0;
  private failing = false;
  private readonly handle: number;
  private readonly filter: FileFilter | null;
  private readonly watcher: Watch | null;
  private readonly timer: NodeJS.Timeout;
  private readonly headerPlace = new Uint8Array(8);
  private readonly dataPlace = new Uint8Array(8);
  private readonly data: Uint8Array;
  /** The header stands in the same place each time. */
  private headerAt = 0;
  private header: DataView = new DataView(new ArrayBuffer(HEADER_BYTES));
  private readonly hardware: Uint8Array | null;
  private readonly nanosPerUnit: number;
  private closed = false;
  private reading = false;

  constructor(
    private readonly builtin: string,
    private readonly name: string,
    private readonly library: Libpcap,
    private readonly options: SourceOptions,
    private readonly sink: PacketSink,
    private readonly seen: Reported,
  ) {
    this.data = new Uint8Array(options.snapLength);
    this.filter = options.filter.trim() === '' ? null : new FileFilter(options.filter);
    this.handle = this.open();
    try {
      this.linkType = linkTypeOf(library.linkType(this.handle));
      this.nanosPerUnit = library.precision(this.handle) === NANOSECONDS ? 1 : 1000;
      this.hardware = hardwareAddress(name);
      this.attachFilter();
      const descriptor = library.selectable(this.handle);
      this.watcher = descriptor < 0 ? null : watch(descriptor, () => this.read());
      this.timer = setInterval(() => this.read(), BLOCK_MS);
    } catch (error) {
      library.close(this.handle);
      throw error;
    }
  }

  private open(): number {
    const { library, name, options } = this;
    const error = new Uint8Array(ERROR_BYTES);
    const handle = library.create(name, error);
    if (handle === 0) throw this.failed(textIn(error));
    library.setSnapLength(handle, options.snapLength);
    library.setPromiscuous(handle, options.promiscuous ? 1 : 0);
    library.setTimeout(handle, BLOCK_MS);
    library.setBufferSize(handle, options.bufferMiB * 1024 * 1024);
    // Where it has no nanoseconds, microseconds have to do.
    library.setPrecision(handle, NANOSECONDS);
    const result = library.activate(handle);
    if (result < 0) {
      const refused = this.refused(result, library.error(handle));
      library.close(handle);
      throw refused;
    }
    if (library.setNonblocking(handle, 1, error) < 0) {
      library.close(handle);
      throw this.failed(textIn(error));
    }
    if (name === 'any') library.setLinkType(handle, LINK.cooked2);
    // The library leaves out what goes out there, but only after the kernel has counted its drops twice.
    if (name === 'lo' && process.platform === 'linux')
      libc(this.builtin, 'capturing packets').setsockopt(library.descriptor(handle), c.SOL_PACKET, c.PACKET_IGNORE_OUTGOING, int32(1), 4); // prettier-ignore
    return handle;
  }

  private refused(result: number, why: string): ErrorValue {
    const { builtin, name } = this;
    if (result === NOT_PERMITTED || result === PROMISCUOUS_NOT_PERMITTED)
      return rawRefused(builtin, `capturing on ${name}`);
    if (result === NO_SUCH_DEVICE) return noDevice(builtin, name, deviceNames(this.library));
    if (result === NOT_UP)
      return fault('ENETDOWN', `${builtin}: the interface ${name} is not up (ENETDOWN)`, { function: builtin });
    return this.failed(why);
  }

  private failed(why: string): ErrorValue {
    const { builtin, name } = this;
    return fault('EIO', `${builtin}: libpcap cannot capture on ${name}: ${why} (EIO)`, { function: builtin });
  }

  /** As for packet sockets: what the kernel cannot tell, the function does. */
  private attachFilter(): void {
    const { filter, snapLength } = this.options;
    if (filter.trim() === '' || this.linkType === LINK.cooked2 || /vlan|ether/.test(filter)) return;
    const steps = toKernel(parseFilter(filter, this.linkType), Math.min(snapLength, MAX_PACKET));
    if (steps === null) return;
    const { program, code } = filterProgram(steps);
    this.library.setFilter(this.handle, program);
    // Kept until here: the program points to it.
    code.fill(0);
  }

  read(): void {
    if (this.closed || this.reading || this.failing) return;
    this.reading = true;
    try {
      this.take();
    } finally {
      this.reading = false;
      if (this.hasEnded()) this.library.close(this.handle);
    }
  }

  private take(): void {
    const { library, handle, headerPlace, dataPlace } = this;
    for (let i = 0; i < MAX_TURN; i++) {
      const result = library.next(handle, headerPlace, dataPlace);
      if (result < 0) {
        this.failing = true;
        return;
      }
      if (result === 0) return;
      this.packet();
      if (this.hasEnded()) return;
    }
  }

  /** Whoever gets a packet may end the capture. */
  private hasEnded(): boolean {
    return this.closed;
  }

  private packet(): void {
    const { data, sink } = this;
    const at = addressIn(this.headerPlace);
    if (at !== this.headerAt) {
      this.headerAt = at;
      const memory = memoryAt(at, HEADER_BYTES);
      this.header = new DataView(memory.buffer, memory.byteOffset, HEADER_BYTES);
    }
    const { header } = this;
    const captured = Math.min(header.getUint32(16, true), data.length);
    const length = header.getUint32(20, true);
    if (captured > 0) this.library.copy(data, addressIn(this.dataPlace), captured);
    if (this.filter !== null && !this.filter.passes(data, 0, captured, length, this.linkType)) return;
    this.received++;
    if (tap.on !== null) this.seen.received(data.subarray(0, captured));
    const seconds = header.getUint32(0, true) + header.getUint32(4, true) * 0x100000000;
    sink(data, 0, captured, length, seconds, header.getUint32(8, true) * this.nanosPerUnit, this.isOutgoing(captured));
  }

  private isOutgoing(captured: number): boolean | null {
    const { data, hardware, linkType } = this;
    if (linkType === LINK.cooked2) return captured > COOKED_KIND_AT && data[COOKED_KIND_AT] === OUTGOING;
    if (linkType !== LINK.ethernet || hardware === null || captured < 12) return null;
    // Of the loopback, whose address is zeros, packets are taken as they come in.
    if (hardware.every((byte) => byte === 0)) return false;
    return hardware.every((byte, i) => data[6 + i] === byte);
  }

  /** An interface that is taken down is no error to the library on Linux. */
  get wentDown(): boolean {
    return this.failing || (process.platform === 'linux' && !isUp(this.builtin, this.name));
  }

  readStatistics(): void {
    if (this.closed) return;
    // Received, dropped by the kernel, dropped by the card.
    const counts = new Uint8Array(24);
    if (this.library.statistics(this.handle, counts) < 0) return;
    const fields = new DataView(counts.buffer);
    this.dropped = fields.getUint32(4, true) + fields.getUint32(8, true);
  }

  close(): void {
    if (this.closed) return;
    this.readStatistics();
    this.closed = true;
    clearInterval(this.timer);
    this.watcher?.stop();
    this.seen.closed();
    if (!this.reading) this.library.close(this.handle);
  }
}

/** Of an interface that has one; null for those that the system does not tell of. */
function hardwareAddress(name: string): Uint8Array | null {
  const mac = node.os.networkInterfaces()[name]?.[0]?.mac;
  return mac === undefined ? null : Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16));
}
