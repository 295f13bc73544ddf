/**
 * Addresses, conversations and ports, added up from flows. Bounded: beyond a large number of each, further ones are
 * added to one remainder, which the result tells of.
 */
import { formatIPv4, formatIPv6 } from '../address';
import type { FlowTable } from './flows';

const MAX_ADDRESSES = 1 << 18;
const MAX_CONVERSATIONS = 1 << 18;
const MAX_STREAMS = 1 << 18;
const TCP = 6;
const UDP = 17;

export interface AddressTotal {
  readonly address: string;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

/** Between two addresses. `a` is the one that was seen sending first. */
export interface Conversation {
  readonly a: string;
  readonly b: string;
  packetsToB: number;
  bytesToB: number;
  packetsToA: number;
  bytesToA: number;
  first: number;
  last: number;
}

/** Between two ports: TCP or UDP. */
export interface PortConversation extends Conversation {
  readonly transport: 'tcp' | 'udp';
  readonly portA: number;
  readonly portB: number;
  /** Who opened it, where that was seen: 1 for `a`, 2 for `b`, 0 for unknown. */
  openedBy: number;
  /** Number of the application protocol; 0 where it is not known. */
  application: number;
}

export class Totals {
  readonly addresses = new Map<string, AddressTotal>();
  readonly conversations = new Map<string, Conversation>();
  readonly streams = new Map<string, PortConversation>();
  /** Flows whose address, conversation or ports were too many to be kept apart. */
  notKept = 0;
  /** By table: packets and bytes of datagrams that came in fragments, by flow. */
  private readonly reassembled = new Map<FlowTable, Map<number, { packets: number; bytes: number }>>();

  addReassembled(table: FlowTable, index: number, bytes: number): void {
    let flows = this.reassembled.get(table);
    if (flows === undefined)
      this.reassembled.set(table, (flows = new Map<number, { packets: number; bytes: number }>()));
    const found = flows.get(index);
    if (found === undefined) flows.set(index, { packets: 1, bytes });
    else {
      found.packets++;
      found.bytes += bytes;
    }
  }

  /** All flows of a table, in the order in which they began. */
  add(table: FlowTable): void {
    const flows = this.reassembled.get(table);
    const names = new Map<string, string>();
    for (let index = 0; index < table.size; index++) {
      const source = addressAt(table, index, 0, names);
      const target = addressAt(table, index, 1, names);
      const whole = flows?.get(index);
      if (table.packets[index]! > 0) this.addAddresses(table, index, source, target);
      this.addPorts(table, index, source, target, whole);
    }
    this.reassembled.delete(table);
  }

  private addAddresses(table: FlowTable, index: number, source: string, target: string): void {
    const packets = table.packets[index]!;
    const bytes = table.bytes[index]!;
    const sender = this.address(source);
    if (sender !== null) {
      sender.packetsSent += packets;
      sender.bytesSent += bytes;
    }
    const receiver = this.address(target);
    if (receiver !== null) {
      receiver.packetsReceived += packets;
      receiver.bytesReceived += bytes;
    }
    const key = source < target ? `${source} ${target}` : `${target} ${source}`;
    const found = this.conversations.get(key);
    if (found !== undefined) {
      addDirection(found, found.a === source, packets, bytes, table.first[index]!, table.last[index]!);
    } else if (this.conversations.size >= MAX_CONVERSATIONS) {
      this.notKept++;
    } else {
      const made = conversation(source, target, table.first[index]!);
      addDirection(made, true, packets, bytes, table.first[index]!, table.last[index]!);
      this.conversations.set(key, made);
    }
  }

  private address(address: string): AddressTotal | null {
    let found = this.addresses.get(address);
    if (found === undefined) {
      if (this.addresses.size >= MAX_ADDRESSES) {
        this.notKept++;
        return null;
      }
      found = { address, packetsSent: 0, bytesSent: 0, packetsReceived: 0, bytesReceived: 0 };
      this.addresses.set(address, found);
    }
    return found;
  }

  private addPorts(
    table: FlowTable,
    index: number,
    source: string,
    target: string,
    whole: { readonly packets: number; readonly bytes: number } | undefined,
  ): void {
    const at = index * table.words;
    const protocol = table.keys[at + table.words - 1]!;
    const ports = table.keys[at + table.words - 2]!;
    if (ports === 0 || (protocol !== TCP && protocol !== UDP)) return;
    const from = ports >>> 16;
    const to = ports & 0xffff;
    const forward = `${source} ${from} ${target} ${to} ${protocol}`;
    const backward = `${target} ${to} ${source} ${from} ${protocol}`;
    const packets = table.packets[index]! + (whole?.packets ?? 0);
    const bytes = table.bytes[index]! + (whole?.bytes ?? 0);
    let found = this.streams.get(forward);
    const isForward = found !== undefined;
    found ??= this.streams.get(backward);
    const opening = table.opening[index]!;
    if (found === undefined) {
      if (this.streams.size >= MAX_STREAMS) {
        this.notKept++;
        return;
      }
      const transport = protocol === TCP ? 'tcp' : 'udp';
      const made = {
        ...conversation(source, target, table.first[index]!),
        transport,
        portA: from,
        portB: to,
        openedBy: 0,
        application: 0,
      } as const;
      found = { ...made };
      this.streams.set(forward, found);
      addDirection(found, true, packets, bytes, table.first[index]!, table.last[index]!);
      noteOpening(found, opening, true);
    } else {
      addDirection(found, isForward, packets, bytes, table.first[index]!, table.last[index]!);
      noteOpening(found, opening, isForward);
    }
    if (table.application[index] !== 0) found.application = table.application[index]!;
  }
}

/** A SYN is sent by who opens, one with an ACK by the other. */
function noteOpening(stream: PortConversation, opening: number, isForward: boolean): void {
  if ((opening & 1) !== 0) stream.openedBy = isForward ? 1 : 2;
  else if ((opening & 2) !== 0 && stream.openedBy === 0) stream.openedBy = isForward ? 2 : 1;
}

function conversation(a: string, b: string, first: number): Conversation {
  return { a, b, packetsToB: 0, bytesToB: 0, packetsToA: 0, bytesToA: 0, first, last: first };
}

function addDirection(
  found: Conversation,
  toB: boolean,
  packets: number,
  bytes: number,
  first: number,
  last: number,
): void {
  if (toB) {
    found.packetsToB += packets;
    found.bytesToB += bytes;
  } else {
    found.packetsToA += packets;
    found.bytesToA += bytes;
  }
  if (first < found.first) found.first = first;
  if (last > found.last) found.last = last;
}

const scratch = new Uint8Array(16);

/** The text of a flow's address: 0 for the source, 1 for the target. */
export function addressAt(
  table: FlowTable,
  index: number,
  which: 0 | 1,
  names: Map<string, string> | null = null,
): string {
  const { keys, words } = table;
  const count = words === 4 ? 1 : 4;
  const at = index * words + which * count;
  for (let i = 0; i < count; i++) {
    const value = keys[at + i]!;
    scratch[4 * i] = value >> 24;
    scratch[4 * i + 1] = value >> 16;
    scratch[4 * i + 2] = value >> 8;
    scratch[4 * i + 3] = value;
  }
  if (count === 1) return formatIPv4(scratch);
  if (names === null) return formatIPv6(scratch);
  const key = `${keys[at]} ${keys[at + 1]} ${keys[at + 2]} ${keys[at + 3]}`;
  let text = names.get(key);
  if (text === undefined) names.set(key, (text = formatIPv6(scratch)));
  return text;
}
