/**
 * Addresses, conversations and ports, added up from flows. Bounded: beyond a large number of each, further ones are
 * added to one remainder, which the result tells of. Looked up by numbers, since a capture can have as many flows as
 * packets.
 */
import { formatIPv4, formatIPv6 } from '../address';
import type { FlowTable } from './flows';
import { WORDS_4 } from './flows';

const MAX_ADDRESSES = 1 << 18;
const MAX_CONVERSATIONS = 1 << 18;
const MAX_STREAMS = 1 << 18;
const TCP = 6;
const UDP = 17;

export interface AddressTotal {
  /** In order of appearance. */
  readonly id: number;
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

interface Between extends Conversation {
  /** By transport and ports; null without any. */
  streams: Map<number, PortConversation> | null;
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
  /** IPv4 by number, IPv6 by text. */
  readonly addresses = new Map<number | string, AddressTotal>();
  /** By the ids of both addresses, the smaller one first. */
  readonly conversations = new Map<number, Between>();
  readonly streams: PortConversation[] = [];
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
    for (let index = 0; index < table.size; index++) {
      const source = this.address(table, index, 0);
      const target = this.address(table, index, 1);
      const found = source === null || target === null ? null : this.conversation(source, target, table.first[index]!);
      if (found === null) this.notKept++;
      if (table.packets[index]! > 0) addTraffic(table, index, source, target, found);
      if (found !== null) this.addPorts(table, index, found, source!.address, target!.address, flows?.get(index));
    }
    this.reassembled.delete(table);
  }

  private address(table: FlowTable, index: number, which: 0 | 1): AddressTotal | null {
    const key = table.words === WORDS_4 ? table.keys[WORDS_4 * index + which]! : addressAt(table, index, which);
    let found = this.addresses.get(key);
    if (found === undefined) {
      if (this.addresses.size >= MAX_ADDRESSES) return null;
      const address = typeof key === 'string' ? key : addressAt(table, index, which);
      found = { id: this.addresses.size, address, packetsSent: 0, bytesSent: 0, packetsReceived: 0, bytesReceived: 0 };
      this.addresses.set(key, found);
    }
    return found;
  }

  private conversation(source: AddressTotal, target: AddressTotal, first: number): Between | null {
    const key = source.id < target.id ? source.id * MAX_ADDRESSES + target.id : target.id * MAX_ADDRESSES + source.id;
    let found = this.conversations.get(key);
    if (found === undefined) {
      if (this.conversations.size >= MAX_CONVERSATIONS) return null;
      found = { ...conversation(source.address, target.address, first), streams: null };
      this.conversations.set(key, found);
    }
    return found;
  }

  private addPorts(
    table: FlowTable,
    index: number,
    between: Between,
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
    // Seen from `a` of the conversation; from the lower port where an address talks to itself.
    const isTurned = source === target ? from > to : source !== between.a;
    const key = (protocol === TCP ? 0 : 2 ** 32) + (isTurned ? to * 65536 + from : ports >>> 0);
    const packets = table.packets[index]! + (whole?.packets ?? 0);
    const bytes = table.bytes[index]! + (whole?.bytes ?? 0);
    const streams = (between.streams ??= new Map<number, PortConversation>());
    let found = streams.get(key);
    if (found === undefined) {
      if (this.streams.length >= MAX_STREAMS) {
        this.notKept++;
        return;
      }
      const transport = protocol === TCP ? 'tcp' : 'udp';
      found = { ...conversation(source, target, table.first[index]!), transport, portA: from, portB: to, openedBy: 0, application: 0 }; // prettier-ignore
      streams.set(key, found);
      this.streams.push(found);
    }
    const isForward = found.portA === from && found.a === source;
    addDirection(found, isForward, packets, bytes, table.first[index]!, table.last[index]!);
    noteOpening(found, table.opening[index]!, isForward);
    if (table.application[index] !== 0) found.application = table.application[index]!;
  }
}

function addTraffic(
  table: FlowTable,
  index: number,
  source: AddressTotal | null,
  target: AddressTotal | null,
  between: Conversation | null,
): void {
  const packets = table.packets[index]!;
  const bytes = table.bytes[index]!;
  if (source !== null) {
    source.packetsSent += packets;
    source.bytesSent += bytes;
  }
  if (target !== null) {
    target.packetsReceived += packets;
    target.bytesReceived += bytes;
  }
  if (between !== null)
    addDirection(between, between.a === source!.address, packets, bytes, table.first[index]!, table.last[index]!);
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
export function addressAt(table: FlowTable, index: number, which: 0 | 1): string {
  const { keys, words } = table;
  const count = words === WORDS_4 ? 1 : 4;
  const at = index * words + which * count;
  for (let i = 0; i < count; i++) {
    const value = keys[at + i]!;
    scratch[4 * i] = value >> 24;
    scratch[4 * i + 1] = value >> 16;
    scratch[4 * i + 2] = value >> 8;
    scratch[4 * i + 3] = value;
  }
  return count === 1 ? formatIPv4(scratch) : formatIPv6(scratch);
}
