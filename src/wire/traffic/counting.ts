/**
 * Counts packets: totals, sizes, the time line, the hierarchy of protocols, and flows, from which addresses,
 * conversations and ports are added up. This is the way that every packet takes: no allocation, one look into a hash
 * table for each IP header.
 *
 * Always: as in tshark, a packet counts with the length it had on the wire, in each IP conversation whose header it
 * has, once for each nesting of protocols. Packets inside of ICMP errors are not looked at.
 */
import type { Layers } from '../packet/layers';
import { ACK, P, SYN } from '../packet/protocols';
import { FlowTable, word, WORDS_4, WORDS_6 } from './flows';
import { Hierarchy } from './hierarchy';
import { Sizes } from './sizes';
import { Timeline } from './timeline';
import { Totals } from './totals';

const TCP = 6;
const UDP = 17;

export class Counting {
  packets = 0;
  bytes = 0;
  /** Packets whose headers contradict themselves, and those that the snap length has cut in a header. */
  malformed = 0;
  cut = 0;
  /** Seconds since 1970. */
  first = 0;
  last = 0;
  readonly hierarchy = new Hierarchy();
  readonly sizes = new Sizes();
  readonly timeline = new Timeline();
  readonly totals = new Totals();
  readonly v4 = new FlowTable(WORDS_4);
  readonly v6 = new FlowTable(WORDS_6);
  /** Called when a table is started anew: what refers to its flows is void. */
  onClear: (() => void) | null = null;

  /** The flow of the innermost IP header of the latest packet; -1 without one. */
  flow = -1;
  flowTable: FlowTable = this.v4;

  add(layers: Layers, time: number): void {
    const { wireLength } = layers;
    if (this.packets++ === 0) this.first = this.last = time;
    else if (time > this.last) this.last = time;
    else if (time < this.first) this.first = time;
    this.bytes += wireLength;
    if (layers.problem !== 0) this.malformed++;
    else if (layers.cut) this.cut++;
    this.sizes.add(wireLength);
    this.timeline.add(time, wireLength);
    this.flow = -1;
    const { ipCount } = layers;
    for (let i = 0; i < ipCount; i++) this.addFlow(layers, i, layers.ipPorts[i]!, time);
  }

  private addFlow(layers: Layers, i: number, ports: number, time: number): void {
    const { bytes, wireLength } = layers;
    const at = layers.ipAt[i]!;
    const carries = layers.ipCarries[i]!;
    const isV4 = bytes[at]! >> 4 === 4;
    const table = isV4 ? this.v4 : this.v6;
    if (table.isFull) this.addUp();
    const index = isV4
      ? table.find4(word(bytes, at + 12), word(bytes, at + 16), ports, carries, time)
      : table.find6(bytes, at + 8, ports, carries, time);
    table.packets[index]!++;
    table.bytes[index]! += wireLength;
    if (time > table.last[index]!) table.last[index] = time;
    if (carries === TCP) {
      const flags = layers.tcpFlags;
      table.flags[index]! |= flags;
      if ((flags & SYN) !== 0) table.opening[index]! |= (flags & ACK) !== 0 ? 2 : 1;
    }
    if (layers.application !== 0) {
      if (layers.application === P.quic && table.application[index] !== P.quic)
        this.expectQuic(table, bytes, at, ports);
      table.application[index] = layers.application;
    } else if (carries === UDP && table.application[index] === P.quic) layers.goesOn(P.quic);
    this.flow = index;
    this.flowTable = table;
  }

  /** What comes back belongs to the same connection, also where it does not say what it is. */
  private expectQuic(table: FlowTable, bytes: Uint8Array, at: number, ports: number): void {
    const turned = (ports << 16) | (ports >>> 16);
    if (table === this.v4) {
      const index = table.find4(word(bytes, at + 16), word(bytes, at + 12), turned, UDP, this.last);
      table.application[index] = P.quic;
      return;
    }
    const addresses = new Uint8Array(32);
    addresses.set(bytes.subarray(at + 24, at + 40));
    addresses.set(bytes.subarray(at + 8, at + 24), 16);
    table.application[table.find6(addresses, 0, turned, UDP, this.last)] = P.quic;
  }

  /** A datagram that was put together from fragments, which were counted as IP packets. */
  addReassembled(layers: Layers, time: number): void {
    if (layers.transport === 0 || layers.ipCount === 0) return;
    const { headerBytes: bytes, headerAt: at } = this;
    const carries = layers.transport === P.tcp ? TCP : UDP;
    const ports = (layers.sourcePort << 16) | layers.destinationPort;
    const isV4 = bytes[at]! >> 4 === 4;
    const table = isV4 ? this.v4 : this.v6;
    if (table.isFull) this.addUp();
    const index = isV4
      ? table.find4(word(bytes, at + 12), word(bytes, at + 16), ports, carries, time)
      : table.find6(bytes, at + 8, ports, carries, time);
    if (layers.application !== 0) table.application[index] = layers.application;
    this.totals.addReassembled(table, index, layers.wireLength);
    this.flow = index;
    this.flowTable = table;
  }

  private headerBytes: Uint8Array = new Uint8Array(0);
  private headerAt = 0;

  /** Before the transport is looked for in the reassembled bytes: where the IP header of the last piece stands. */
  noteHeader(layers: Layers): void {
    this.headerBytes = layers.bytes;
    this.headerAt = layers.ipAt[layers.ipCount - 1]!;
  }

  /** Adds up the flows and starts anew. */
  addUp(): void {
    this.totals.add(this.v4);
    this.totals.add(this.v6);
    this.v4.clear();
    this.v6.clear();
    this.onClear?.();
  }
}
