/**
 * The blocks of pcapng files (draft-ietf-opsawg-pcapng): sections in either byte order, interfaces with their own
 * link type and resolution of time, packets in enhanced, simple and the old packet blocks. Other blocks are skipped.
 */
import type { PacketSink, RecordHead } from './reader';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
/** Bytes of one block at most. */
const MAX_BLOCK = 64 * 1024 * 1024 + 65536;
const MAX_INTERFACES = 65536;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Units of a timestamp in a second. */
  readonly unitsPerSecond: number;
  /** Seconds to add. */
  readonly offset: number;
}

export function isPcapngStart(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x0a &&
    bytes[1] === 0x0d &&
    bytes[2] === 0x0d &&
    bytes[3] === 0x0a &&
    bytes.length >= 12 &&
    orderOf(bytes, 8) !== null
  );
}

function orderOf(bytes: Uint8Array, at: number): boolean | null {
  if (u32(bytes, at, true) === BYTE_ORDER) return true;
  return u32(bytes, at, false) === BYTE_ORDER ? false : null;
}

export class PcapngBlocks {
  packets = 0;
  problem: string | null = null;
  /** Of the first interface. */
  linkType = -1;
  snapLength = 0;
  private little = true;
  private interfaces: Interface[] = [];

  constructor(
    private readonly sink: PacketSink,
    private readonly head: RecordHead,
  ) {}

  /** With at least 12 bytes from `at` on. */
  blockLength(bytes: Uint8Array, at: number): number {
    const isSection = u32(bytes, at, true) === SECTION;
    const little = isSection ? (orderOf(bytes, at + 8) ?? this.little) : this.little;
    return u32(bytes, at + 4, little);
  }

  /** Takes whole blocks; gives the place behind them. `offset` is that of the piece in the file, for messages. */
  consume(bytes: Uint8Array, from: number, offset: number): number {
    let at = from;
    while (this.problem === null && at + 12 <= bytes.length) {
      const length = this.blockLength(bytes, at);
      if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK) {
        this.problem = `the block at byte ${offset + at} claims to have ${length} bytes; what came before it was read`;
        return bytes.length;
      }
      if (at + length > bytes.length) break;
      this.block(bytes, at, length);
      at += length;
    }
    return this.problem === null ? at : bytes.length;
  }

  private block(bytes: Uint8Array, at: number, length: number): void {
    const { little } = this;
    const end = at + length - 4;
    switch (u32(bytes, at, little)) {
      case SECTION:
        this.little = orderOf(bytes, at + 8) ?? little;
        this.interfaces = [];
        return;
      case INTERFACE:
        if (end >= at + 16) this.addInterface(bytes, at, end);
        return;
      case ENHANCED_PACKET:
        if (end < at + 28) return;
        return this.packet(bytes, at + 28, end, u32(bytes, at + 8, little), {
          high: u32(bytes, at + 12, little),
          low: u32(bytes, at + 16, little),
          captured: u32(bytes, at + 20, little),
          wire: u32(bytes, at + 24, little),
        });
      case OLD_PACKET:
        if (end < at + 28) return;
        return this.packet(bytes, at + 28, end, u16(bytes, at + 8, little), {
          high: u32(bytes, at + 12, little),
          low: u32(bytes, at + 16, little),
          captured: u32(bytes, at + 20, little),
          wire: u32(bytes, at + 24, little),
        });
      case SIMPLE_PACKET: {
        if (end < at + 12) return;
        const wire = u32(bytes, at + 8, little);
        const snap = this.interfaces[0]?.snapLength ?? 0;
        const captured = Math.min(wire, end - at - 12, snap === 0 ? Infinity : snap);
        return this.packet(bytes, at + 12, end, 0, { high: 0, low: 0, captured, wire });
      }
      default:
    }
  }

  private packet(
    bytes: Uint8Array,
    start: number,
    end: number,
    number: number,
    fields: { readonly high: number; readonly low: number; readonly captured: number; readonly wire: number },
  ): void {
    const described = this.interfaces[number];
    if (described === undefined || start + fields.captured > end) {
      this.problem =
        described === undefined
          ? `packet ${this.packets + 1} belongs to interface ${number}, which the file does not describe`
          : `packet ${this.packets + 1} claims ${fields.captured} bytes in a block that holds ${end - start}`;
      return;
    }
    const { head } = this;
    this.setTime(described, fields.high, fields.low);
    head.wireLength = fields.wire;
    head.linkType = described.linkType;
    head.interfaceNumber = number;
    this.packets++;
    this.sink(bytes, start, start + fields.captured, head);
  }

  /** 64 bits of units since 1970: divided in two steps, so that nothing is rounded off. */
  private setTime({ unitsPerSecond, offset }: Interface, high: number, low: number): void {
    const { head } = this;
    if (unitsPerSecond === 1e6) {
      // high * 2^32 stays below 2^53 for microseconds until the year 2255.
      const micros = high * 0x100000000 + low;
      const seconds = Math.floor(micros / 1e6);
      head.seconds = seconds + offset;
      head.nanos = (micros - seconds * 1e6) * 1000;
      return;
    }
    const units = (BigInt(high) << 32n) | BigInt(low);
    const perSecond = BigInt(unitsPerSecond);
    head.seconds = Number(units / perSecond) + offset;
    head.nanos = Number(((units % perSecond) * 1_000_000_000n) / perSecond);
  }

  private addInterface(bytes: Uint8Array, at: number, end: number): void {
    const { little } = this;
    const linkType = u16(bytes, at + 8, little);
    const snapLength = u32(bytes, at + 12, little);
    let unitsPerSecond = 1e6;
    let offset = 0;
    for (let option = at + 16; option + 4 <= end;) {
      const code = u16(bytes, option, little);
      const length = u16(bytes, option + 2, little);
      if (code === 0 || option + 4 + length > end) break;
      if (code === 9 && length >= 1) unitsPerSecond = resolution(bytes[option + 4]!);
      if (code === 14 && length >= 8) offset = Number(i64(bytes, option + 4, little));
      option += 4 + length + ((4 - (length & 3)) & 3);
    }
    if (this.linkType < 0) {
      this.linkType = linkType;
      this.snapLength = snapLength;
    }
    if (this.interfaces.length < MAX_INTERFACES) this.interfaces.push({ linkType, snapLength, unitsPerSecond, offset });
  }
}

/** if_tsresol: a negative power of 10, or with the highest bit one of 2. */
function resolution(value: number): number {
  const exponent = value & 0x7f;
  return (value & 0x80) !== 0 ? 2 ** Math.min(exponent, 63) : 10 ** Math.min(exponent, 18);
}

function u16(bytes: Uint8Array, at: number, little: boolean): number {
  return little ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!;
}

function u32(bytes: Uint8Array, at: number, little: boolean): number {
  return little
    ? (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
    : ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

function i64(bytes: Uint8Array, at: number, little: boolean): bigint {
  const low = BigInt(u32(bytes, little ? at : at + 4, little));
  const high = BigInt(u32(bytes, little ? at + 4 : at, little) | 0);
  const value = (high << 32n) | low;
  return value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER) ? 0n : value;
}
