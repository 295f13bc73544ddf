/**
 * Packets as they pass an interface: a packet socket with a ring of memory that the kernel fills and that is read
 * where it is (packet(7), TPACKET_V3). The kernel goes on filling while the program computes, so no thread is needed;
 * what does not fit is dropped and counted by the kernel.
 *
 * Always: a packet of the loopback is seen once, as it comes in. A VLAN tag that the card has taken off stands in the
 * packet again. Packets of "any" and of links without a known header get the header "Linux cooked v2".
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { parseFilter } from '../../wire/filter/parser';
import { FileFilter } from '../../wire/filter';
import { toKernel } from '../../wire/filter/to-kernel';
import * as c from '../native/constants';
import { errorName, libc, memoryAt, watch } from '../native/libc';
import type { Libc, Watch } from '../native/libc';
import { filterProgram, int32, linkAddress } from '../native/structures';
import { tap } from '../events';
import type { Reported } from '../reported';
import { rawRefused } from '../scan/raw-sockets';
import { isUp } from './interfaces';
import type { CaptureInterface } from './interfaces';
import { BLOCK_MS, MAX_PACKET } from './packet-source';
import type { PacketSink, PacketSource, SourceOptions } from './packet-source';

const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_MR_PROMISC = 1;
const TPACKET_V3 = 2;
const PACKET_OUTGOING = 4;
const STATUS_USER = 1;
const STATUS_VLAN = 1 << 4;
const STATUS_VLAN_TYPE = 1 << 6;
const READ_WRITE = 3;
const MAP_SHARED = 1;
const BLOCK_BYTES = 1 << 20;
/** Where `struct sockaddr_ll` stands behind the header of a packet. */
const ADDRESS_AT = 48;
const COOKED_BYTES = 20;

export class Ring implements PacketSource {
  readonly linkType: number;
  received = 0;
  /** By the kernel, since the memory was full. */
  dropped = 0;
  private readonly lib: Libc;
  private readonly fd: number;
  private readonly memory: Uint8Array;
  private readonly view: DataView;
  private readonly address: number;
  private readonly blocks: number;
  private readonly filter: FileFilter | null;
  private readonly watcher: Watch;
  private readonly loopback: number;
  private block = 0;
  private closed = false;
  /** While packets are handed over the memory has to stay. */
  private reading = false;
  private unmapped = false;
  private tagged = new Uint8Array(0);

  constructor(
    private readonly builtin: string,
    readonly on: CaptureInterface,
    private readonly options: SourceOptions,
    private readonly sink: PacketSink,
    private readonly seen: Reported,
  ) {
    const lib = (this.lib = libc(builtin, 'capturing packets'));
    this.linkType = on.linkType;
    this.blocks = Math.max(4, options.bufferMiB);
    this.filter = options.filter.trim() === '' ? null : new FileFilter(options.filter);
    this.loopback = lib.interfaceIndex('lo');
    this.fd = this.open();
    try {
      const length = this.blocks * BLOCK_BYTES;
      this.address = lib.mmap(length, READ_WRITE, MAP_SHARED, this.fd, 0);
      if (this.address < 0 && this.address > -4096) throw this.failed('map the memory', this.address);
      this.memory = memoryAt(this.address, length);
      this.view = new DataView(this.memory.buffer, this.memory.byteOffset, length);
      this.check('listen', lib.bind(this.fd, linkAddress(c.ETH_P_ALL, on.index), 20));
      this.watcher = watch(this.fd, () => this.read());
    } catch (error) {
      lib.close(this.fd);
      throw error;
    }
  }

  private open(): number {
    const { lib, on, options } = this;
    const type = on.cooked ? c.SOCK_DGRAM : c.SOCK_RAW;
    // Protocol 0: nothing comes before it is bound.
    const fd = lib.socket(c.AF_PACKET, type | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    if (fd === -c.EPERM || fd === -c.EACCES) throw rawRefused(this.builtin, `capturing on ${on.name}`);
    if (fd < 0) throw this.failed('open a packet socket', fd);
    try {
      const set = (name: number, value: Uint8Array): number =>
        lib.setsockopt(fd, c.SOL_PACKET, name, value, value.length);
      this.check('use version 3 of packet rings', set(PACKET_VERSION, int32(TPACKET_V3)));
      if (on.cooked) this.check('reserve room for headers', set(PACKET_RESERVE, int32(32)));
      if (on.isLoopback) set(c.PACKET_IGNORE_OUTGOING, int32(1));
      this.attachFilter(fd);
      this.check('get memory for packets', set(PACKET_RX_RING, ringRequest(this.blocks)));
      if (options.promiscuous && on.index !== 0) {
        const membership = new Uint8Array(16);
        membership.set(int32(on.index));
        membership[4] = PACKET_MR_PROMISC;
        this.check('switch to promiscuous mode', set(PACKET_ADD_MEMBERSHIP, membership));
      }
      return fd;
    } catch (error) {
      lib.close(fd);
      throw error;
    }
  }

  /** The kernel drops what the filter does not want, where it can tell; the function looks again at what comes. */
  private attachFilter(fd: number): void {
    const { filter, snapLength } = this.options;
    if (this.on.cooked) return;
    // Tags of VLANs stand beside the packet there.
    const test = /vlan|ether/.test(filter) ? null : parseFilter(filter, this.linkType);
    const steps = test === null ? null : toKernel(test, Math.min(snapLength, MAX_PACKET));
    if (steps === null) return;
    const { program, code } = filterProgram(steps);
    this.lib.setsockopt(fd, c.SOL_SOCKET, c.SO_ATTACH_FILTER, program, program.length);
    // Kept until here: the program points to it.
    code.fill(0);
  }

  private check(what: string, result: number): void {
    if (result < 0) throw this.failed(what, result);
  }

  private failed(what: string, result: number): ErrorValue {
    const code = errorName(result);
    if (code === 'EPERM' || code === 'EACCES') return rawRefused(this.builtin, `capturing on ${this.on.name}`);
    return fault(code, `${this.builtin}: cannot ${what} for ${this.on.name} (${code})`, { function: this.builtin });
  }

  /** Takes all blocks that the kernel has handed over. */
  read(): void {
    const { view } = this;
    if (this.closed || this.reading) return;
    this.reading = true;
    try {
      this.readBlocks(view);
    } finally {
      this.reading = false;
      this.unmap();
    }
  }

  private readBlocks(view: DataView): void {
    for (;;) {
      if (this.closed) return;
      const at = this.block * BLOCK_BYTES;
      if ((view.getUint32(at + 8, true) & STATUS_USER) === 0) break;
      this.readBlock(at);
      view.setUint32(at + 8, 0, true);
      this.block = (this.block + 1) % this.blocks;
    }
  }

  private readBlock(block: number): void {
    const { view } = this;
    const packets = view.getUint32(block + 12, true);
    let at = block + view.getUint32(block + 16, true);
    for (let i = 0; i < packets; i++) {
      this.packet(at);
      at += view.getUint32(at, true);
    }
  }

  private packet(at: number): void {
    const { view, on, options } = this;
    const status = view.getUint32(at + 20, true);
    let start = at + view.getUint16(at + 24, true);
    let captured = Math.min(view.getUint32(at + 12, true), options.snapLength);
    let length = view.getUint32(at + 16, true);
    let bytes = this.memory;
    const isOutgoing = bytes[at + ADDRESS_AT + 10] === PACKET_OUTGOING;
    if (isOutgoing && (on.isLoopback || view.getInt32(at + ADDRESS_AT + 4, true) === this.loopback)) return;
    if (on.cooked) {
      start = at + view.getUint16(at + 26, true) - COOKED_BYTES;
      this.writeCooked(at, start);
      captured += COOKED_BYTES;
      length += COOKED_BYTES;
    } else if ((status & STATUS_VLAN) !== 0 && this.linkType === 1 && captured >= 12) {
      bytes = this.withTag(at, start, captured, status);
      start = 0;
      captured += 4;
      length += 4;
    }
    if (this.filter !== null && !this.filter.passes(bytes, start, start + captured, length, this.linkType)) return;
    this.received++;
    if (tap.on !== null) this.seen.received(bytes.subarray(start, start + captured));
    this.sink(
      bytes,
      start,
      start + captured,
      length,
      view.getUint32(at + 4, true),
      view.getUint32(at + 8, true),
      isOutgoing,
    );
  }

  /** Into the room that the kernel has left in front of the packet. */
  private writeCooked(at: number, start: number): void {
    const { view, memory } = this;
    const address = at + ADDRESS_AT;
    view.setUint16(start, view.getUint16(address + 2, false), false);
    view.setUint16(start + 2, 0);
    view.setUint32(start + 4, view.getInt32(address + 4, true), false);
    view.setUint16(start + 8, view.getUint16(address + 8, true), false);
    memory[start + 10] = memory[address + 10]!;
    memory[start + 11] = memory[address + 11]!;
    memory.copyWithin(start + 12, address + 12, address + 20);
  }

  private withTag(at: number, start: number, captured: number, status: number): Uint8Array {
    if (this.tagged.length < captured + 4) this.tagged = new Uint8Array(captured + 2048);
    const { tagged, memory, view } = this;
    tagged.set(memory.subarray(start, start + 12));
    const type = (status & STATUS_VLAN_TYPE) !== 0 ? view.getUint16(at + 36, true) : 0x8100;
    const tag = view.getUint32(at + 32, true);
    tagged[12] = type >> 8;
    tagged[13] = type;
    tagged[14] = tag >> 8;
    tagged[15] = tag;
    tagged.set(memory.subarray(start + 12, start + captured), 16);
    return tagged;
  }

  /** Adds what the kernel has dropped since the last time. */
  readStatistics(): void {
    if (this.closed) return;
    const counts = new Uint8Array(12);
    if (this.lib.getsockopt(this.fd, c.SOL_PACKET, PACKET_STATISTICS, counts, int32(12)) < 0) return;
    this.dropped += new DataView(counts.buffer).getUint32(4, true);
  }

  /** The interface has gone or was taken down. */
  get wentDown(): boolean {
    return !isUp(this.builtin, this.on.name);
  }

  close(): void {
    if (this.closed) return;
    this.readStatistics();
    this.closed = true;
    this.watcher.stop();
    this.unmap();
    this.lib.close(this.fd);
    this.seen.closed();
  }

  private unmap(): void {
    if (!this.closed || this.reading || this.unmapped) return;
    this.unmapped = true;
    this.lib.munmap(this.address, this.blocks * BLOCK_BYTES);
  }
}

/** `struct tpacket_req3` */
function ringRequest(blocks: number): Uint8Array {
  const request = new Uint8Array(28);
  const fields = new DataView(request.buffer);
  const frame = 2048;
  fields.setUint32(0, BLOCK_BYTES, true);
  fields.setUint32(4, blocks, true);
  fields.setUint32(8, frame, true);
  fields.setUint32(12, (BLOCK_BYTES / frame) * blocks, true);
  fields.setUint32(16, BLOCK_MS, true);
  return request;
}
