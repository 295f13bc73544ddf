/**
 * Structures of Linux's C interface as bytes, for 64-bit little-endian processors (x86-64, ARM64), which are all
 * that Sentra's native parts run on.
 */
import { node } from '../node';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../wire/address';
import { AF_INET, AF_INET6, AF_PACKET } from './constants';
import { addressOf } from './libc';

/** Room for any socket address. */
export const ADDRESS_BYTES = 128;
export const IPV4_ADDRESS_BYTES = 16;
export const IPV6_ADDRESS_BYTES = 28;

/** `struct sockaddr_in` or `sockaddr_in6`. `scope` is an interface's index, for link-local IPv6. */
export function socketAddress(host: string, port: number, scope = 0): Uint8Array {
  const v4 = parseIPv4(host);
  if (v4 !== null) {
    const address = new Uint8Array(IPV4_ADDRESS_BYTES);
    address[0] = AF_INET;
    setPort(address, port);
    address.set(v4, 4);
    return address;
  }
  const [bare] = host.split('%') as [string];
  const v6 = parseIPv6(bare);
  if (v6 === null) throw new Error(`${host} is no address`);
  const address = new Uint8Array(IPV6_ADDRESS_BYTES);
  address[0] = AF_INET6;
  setPort(address, port);
  address.set(v6, 8);
  view(address).setUint32(24, scope, true);
  return address;
}

/** Writes the port into a `sockaddr_in` or `sockaddr_in6`. */
export function setPort(address: Uint8Array, port: number): void {
  address[2] = port >> 8;
  address[3] = port & 0xff;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Null for an address that is neither IPv4 nor IPv6. */
export function readSocketAddress(address: Uint8Array): Endpoint | null {
  const family = address[0]! | (address[1]! << 8);
  const port = (address[2]! << 8) | address[3]!;
  if (family === AF_INET) return { host: formatIPv4(address, 4), port };
  if (family === AF_INET6) return { host: formatIPv6(address, 8), port };
  return null;
}

/** `struct sockaddr_ll`, for AF_PACKET. `protocol` as in an Ethernet frame (ETH_P_...). */
export function linkAddress(
  protocol: number,
  interfaceIndex: number,
  hardware: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const address = new Uint8Array(20);
  const fields = view(address);
  fields.setUint16(0, AF_PACKET, true);
  fields.setUint16(2, protocol, false);
  fields.setInt32(4, interfaceIndex, true);
  address[11] = hardware.length;
  address.set(hardware.subarray(0, 8), 12);
  return address;
}

/** A 32-bit integer, as most socket options and lengths are. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  view(bytes).setInt32(0, value, true);
  return bytes;
}

export function readInt32(bytes: Uint8Array, at = 0): number {
  return view(bytes).getInt32(at, true);
}

/** `struct epoll_event` is packed on x86-64 alone. */
export const EPOLL_EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EPOLL_DATA_AT = process.arch === 'x64' ? 4 : 8;

/** `data` is 32 bits that come back with the event. */
export function writeEpollEvent(bytes: Uint8Array, events: number, data: number): void {
  const fields = view(bytes);
  fields.setUint32(0, events, true);
  fields.setUint32(EPOLL_DATA_AT, data, true);
}

export function epollEvents(bytes: Uint8Array, index: number): number {
  return view(bytes).getUint32(index * EPOLL_EVENT_BYTES, true);
}

export function epollData(bytes: Uint8Array, index: number): number {
  return view(bytes).getUint32(index * EPOLL_EVENT_BYTES + EPOLL_DATA_AT, true);
}

const MSGHDR_BYTES = 56;
const MMSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;

/** A `struct msghdr` with all that it points to, kept together so that nothing of it is collected. */
export interface MessageHeader {
  /** What recvmsg takes. */
  readonly header: Uint8Array;
  readonly data: Uint8Array;
  readonly name: Uint8Array;
  readonly control: Uint8Array;
  /** Before each use: the call changes the lengths. */
  reset(): void;
}

export function messageHeader(dataBytes: number, controlBytes: number): MessageHeader {
  const header = Buffer.alloc(MSGHDR_BYTES);
  const vector = Buffer.alloc(IOVEC_BYTES);
  const data = Buffer.alloc(dataBytes);
  const name = Buffer.alloc(ADDRESS_BYTES);
  const control = Buffer.alloc(controlBytes);
  vector.writeBigUInt64LE(addressOf(data), 0);
  vector.writeBigUInt64LE(BigInt(dataBytes), 8);
  const reset = (): void => {
    header.writeBigUInt64LE(addressOf(name), 0);
    header.writeUInt32LE(ADDRESS_BYTES, 8);
    header.writeBigUInt64LE(addressOf(vector), 16);
    header.writeBigUInt64LE(1n, 24);
    header.writeBigUInt64LE(controlBytes === 0 ? 0n : addressOf(control), 32);
    header.writeBigUInt64LE(BigInt(controlBytes), 40);
    header.writeUInt32LE(0, 48);
  };
  reset();
  // `vector` is reached through `reset` alone.
  return { header, data, name, control, reset };
}

/** Bytes of control data that a recvmsg has filled. */
export function controlLength(message: MessageHeader): number {
  return Number(view(message.header).getBigUint64(40, true));
}

export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** The `struct cmsghdr`s that a recvmsg has filled. */
export function controlMessages(message: MessageHeader): ControlMessage[] {
  const found: ControlMessage[] = [];
  const fields = view(message.control);
  const end = Math.min(controlLength(message), message.control.length);
  for (let at = 0; at + 16 <= end;) {
    const length = Number(fields.getBigUint64(at, true));
    if (length < 16 || at + length > end) break;
    const data = message.control.subarray(at + 16, at + length);
    found.push({ level: fields.getInt32(at + 8, true), type: fields.getInt32(at + 12, true), data });
    at += (length + 7) & ~7;
  }
  return found;
}

/** Several messages for one sendmmsg or recvmmsg, each with its own part of one block of memory. */
export class MessageBatch {
  readonly headers: Uint8Array;
  private readonly vectors: Uint8Array;
  private readonly names: Uint8Array;
  private readonly memory: Uint8Array;
  private readonly headerFields: DataView;
  private readonly vectorFields: DataView;

  constructor(
    readonly capacity: number,
    private readonly dataBytes: number,
    private readonly nameBytes: number,
  ) {
    this.headers = Buffer.alloc(capacity * MMSGHDR_BYTES);
    this.vectors = Buffer.alloc(capacity * IOVEC_BYTES);
    this.names = Buffer.alloc(Math.max(1, capacity * nameBytes));
    this.memory = Buffer.alloc(capacity * dataBytes);
    this.headerFields = view(this.headers);
    this.vectorFields = view(this.vectors);
    const [vectors, names, memory] = [this.vectors, this.names, this.memory].map(addressOf) as [bigint, bigint, bigint];
    for (let i = 0; i < capacity; i++) {
      const at = i * MMSGHDR_BYTES;
      this.vectorFields.setBigUint64(i * IOVEC_BYTES, memory + BigInt(i * dataBytes), true);
      this.setLength(i, dataBytes);
      if (nameBytes > 0) this.headerFields.setBigUint64(at, names + BigInt(i * nameBytes), true);
      this.headerFields.setBigUint64(at + 16, vectors + BigInt(i * IOVEC_BYTES), true);
      this.headerFields.setBigUint64(at + 24, 1n, true);
    }
    this.resetNames();
  }

  /** Before each recvmmsg: the call changes the lengths of the addresses. */
  resetNames(): void {
    for (let i = 0; i < this.capacity; i++) this.headerFields.setUint32(i * MMSGHDR_BYTES + 8, this.nameBytes, true);
  }

  data(index: number): Uint8Array {
    return this.memory.subarray(index * this.dataBytes, (index + 1) * this.dataBytes);
  }

  /** The socket address of the peer. */
  name(index: number): Uint8Array {
    return this.names.subarray(index * this.nameBytes, (index + 1) * this.nameBytes);
  }

  /** Bytes of a message to send, or room for one to receive. */
  setLength(index: number, length: number): void {
    // The upper half is zero from the start.
    this.vectorFields.setUint32(index * IOVEC_BYTES + 8, length, true);
  }

  /** Bytes that were received or sent. */
  length(index: number): number {
    return this.headerFields.getUint32(index * MMSGHDR_BYTES + 56, true);
  }
}

/** One instruction of the classic BPF of packet filters. */
export type FilterStep = readonly [code: number, jumpTrue: number, jumpFalse: number, k: number];

/** A program for SO_ATTACH_FILTER and for libpcap: `struct sock_fprog`, which is laid out as `struct bpf_program`, and what it points to, which has to be kept until it is set. */
export function filterProgram(steps: readonly FilterStep[]): {
  readonly program: Uint8Array;
  readonly code: Uint8Array;
} {
  const code = Buffer.alloc(steps.length * 8);
  steps.forEach(([instruction, jumpTrue, jumpFalse, k], i) => {
    code.writeUInt16LE(instruction, i * 8);
    code.writeUInt8(jumpTrue, i * 8 + 2);
    code.writeUInt8(jumpFalse, i * 8 + 3);
    code.writeUInt32LE(k >>> 0, i * 8 + 4);
  });
  const program = Buffer.alloc(16);
  program.writeUInt16LE(steps.length, 0);
  program.writeBigUInt64LE(addressOf(code), 8);
  return { program, code };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the structures of this file fit this machine. */
export function isSupportedMachine(): boolean {
  return node.os.endianness() === 'LE' && (process.arch === 'x64' || process.arch === 'arm64');
}
