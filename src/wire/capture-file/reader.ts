/**
 * Reads capture files piece by piece: pcap (both byte orders, micro- and nanoseconds) and pcapng (several sections
 * and interfaces, any resolution of time). A packet is handed over as a part of the piece, so nothing is allocated
 * for it and memory stays constant whatever the size of the file.
 *
 * Always: what was whole before something broken is handed over; `problem` then says what was found there. A file
 * that is no capture at all throws a `WireError`.
 */
import { WireError } from '../bytes';
import { isPcapngStart, PcapngBlocks } from './pcapng';

/** What is told of a packet besides its bytes. One object is used for all of them. */
export class RecordHead {
  /** Since 1970. */
  seconds = 0;
  nanos = 0;
  wireLength = 0;
  linkType = 0;
  /** Number of the interface in its section, 0 where there is one. */
  interfaceNumber = 0;
}

/** `bytes[start..end)` is valid during the call only. */
export type PacketSink = (bytes: Uint8Array, start: number, end: number, head: RecordHead) => void;

/** Longer packets are none: a broken length. */
export const MAX_PACKET_BYTES = 64 * 1024 * 1024;

const MAGIC_MICROS = 0xa1b2c3d4;
const MAGIC_NANOS = 0xa1b23c4d;
const MAGIC_MODIFIED = 0xa1b2cd34;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MODIFIED_HEADER = 24;

export type FileKind = 'pcap' | 'pcapng';

export class CaptureReader {
  /** Known after the first bytes. */
  kind: FileKind | null = null;
  linkType = -1;
  snapLength = 0;
  nanoseconds = false;
  packets = 0;
  /** What ended the reading before the end of the file; null while all is well. */
  problem: string | null = null;

  private readonly head = new RecordHead();
  /** The beginning of a record whose rest has not come. */
  private rest: Uint8Array = new Uint8Array(0);
  private little = true;
  private recordHeader = RECORD_HEADER;
  private blocks: PcapngBlocks | null = null;
  /** Of all that was consumed. */
  private offset = 0;

  constructor(private readonly sink: PacketSink) {}

  /** The next piece of the file. It is not kept. */
  feed(piece: Uint8Array): void {
    if (this.problem !== null) return;
    if (this.rest.length === 0) {
      const used = this.consume(piece);
      this.offset += used;
      this.rest = used < piece.length ? new Uint8Array(piece.subarray(used)) : EMPTY;
      return;
    }
    // Only the record that lies across the border is copied, when its length is known.
    const needed = this.neededBytes(this.rest, piece);
    const take = Math.min(piece.length, Math.max(needed - this.rest.length, 0));
    const joined = new Uint8Array(this.rest.length + take);
    joined.set(this.rest);
    joined.set(piece.subarray(0, take), this.rest.length);
    const used = this.consume(joined);
    this.offset += used;
    this.rest = used < joined.length ? joined.subarray(used) : EMPTY;
    if (take === piece.length) return;
    this.feed(piece.subarray(take));
  }

  /** The file is over. Throws a `WireError` where it was no capture. */
  finish(): void {
    if (this.kind === null) throw new WireError(describeForeign(this.rest), 0);
    if (this.problem !== null || this.rest.length === 0) return;
    this.problem = `the file ends in the middle of a ${this.kind === 'pcap' ? 'packet' : 'block'}, after ${this.packets} whole packets (byte ${this.offset})`;
  }

  /** How many bytes the record that begins in `rest` has; enough for its header where that is not there yet. */
  private neededBytes(rest: Uint8Array, piece: Uint8Array): number {
    if (this.kind === null) return Math.max(FILE_HEADER, rest.length + 1);
    const headerBytes = this.blocks === null ? this.recordHeader : 12;
    if (rest.length < headerBytes) return headerBytes;
    const length = this.blocks === null ? headerBytes + u32(rest, 8, this.little) : this.blocks.blockLength(rest, 0);
    // A length that is refused is looked at by `consume`.
    return length > MAX_PACKET_BYTES + 65536 ? headerBytes : Math.max(length, rest.length + Math.min(1, piece.length));
  }

  /** Takes the whole records; gives the bytes that they had. */
  private consume(piece: Uint8Array): number {
    let at = 0;
    if (this.kind === null) {
      if (piece.length < FILE_HEADER) return 0;
      at = this.begin(piece);
    }
    if (this.blocks !== null) return this.consumeBlocks(piece, at);
    return this.consumeRecords(piece, at);
  }

  private begin(piece: Uint8Array): number {
    if (isPcapngStart(piece)) {
      this.kind = 'pcapng';
      this.nanoseconds = true;
      this.blocks = new PcapngBlocks(this.sink, this.head);
      return 0;
    }
    for (const little of [true, false]) {
      const magic = u32(piece, 0, little);
      if (magic !== MAGIC_MICROS && magic !== MAGIC_NANOS && magic !== MAGIC_MODIFIED) continue;
      this.kind = 'pcap';
      this.little = little;
      this.nanoseconds = magic === MAGIC_NANOS;
      this.recordHeader = magic === MAGIC_MODIFIED ? MODIFIED_HEADER : RECORD_HEADER;
      this.snapLength = u32(piece, 16, little);
      // The upper bits tell about the frame check sequence.
      this.linkType = u32(piece, 20, little) & 0xffff;
      this.head.linkType = this.linkType;
      return FILE_HEADER;
    }
    throw new WireError(describeForeign(piece), 0);
  }

  private consumeRecords(piece: Uint8Array, from: number): number {
    const { head, sink, little, recordHeader } = this;
    const scale = this.nanoseconds ? 1 : 1000;
    let at = from;
    const last = piece.length - recordHeader;
    while (at <= last) {
      const captured = u32(piece, at + 8, little);
      if (captured > MAX_PACKET_BYTES) {
        this.problem = `packet ${this.packets + 1} claims to have ${captured} bytes (byte ${this.offset + at}); what came before it was read`;
        return piece.length;
      }
      const start = at + recordHeader;
      const end = start + captured;
      if (end > piece.length) break;
      head.seconds = u32(piece, at, little);
      head.nanos = u32(piece, at + 4, little) * scale;
      head.wireLength = u32(piece, at + 12, little);
      this.packets++;
      sink(piece, start, end, head);
      at = end;
    }
    return at;
  }

  private consumeBlocks(piece: Uint8Array, from: number): number {
    const blocks = this.blocks!;
    const used = blocks.consume(piece, from, this.offset);
    this.packets = blocks.packets;
    this.problem = blocks.problem;
    this.linkType = blocks.linkType;
    this.snapLength = blocks.snapLength;
    return used;
  }
}

const EMPTY = new Uint8Array(0);

export function u32(bytes: Uint8Array, at: number, little: boolean): number {
  return little
    ? (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
    : ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** What a file that is no capture looks like. */
export function describeForeign(start: Uint8Array): string {
  if (start.length === 0) return 'the file is empty';
  const text = String.fromCharCode(...start.subarray(0, 24));
  /* eslint-disable no-control-regex -- the bytes at the beginning of other files */
  const known: readonly (readonly [RegExp, string])[] = [
    [/^\x1f\x8b/, 'gzip data inside of gzip data'],
    [/^BZh/, 'data compressed with bzip2'],
    [/^\x28\xb5\x2f\xfd/, 'data compressed with zstd'],
    [/^\xfd7zXZ/, 'data compressed with xz'],
    [/^PK\x03\x04/, 'a zip archive'],
    [/^\x89PNG/, 'a PNG image'],
    [/^%PDF/, 'a PDF document'],
    [/^\x7fELF/, 'a program (ELF)'],
    [/^snoop\0/, 'a capture of Solaris snoop'],
    [/^\s*[[{]/, 'text that looks like JSON'],
    [/^\s*<(?:!DOCTYPE|html)/i, 'an HTML page'],
    [/^[\t\n\r\x20-\x7e]+$/, 'text'],
  ]; // prettier-ignore
  /* eslint-enable no-control-regex */
  const name = known.find(([pattern]) => pattern.test(text))?.[1];
  const bytes = Array.from(start.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `it is no capture file but ${name ?? `begins with the bytes ${bytes}`}`;
}
