/**
 * One direction of a TCP connection, put in order: retransmissions are left out, overlaps cut, what comes too early
 * waits for what is missing. Bounded: when too much waits, the gap is given up and the reader is told; at the end of
 * the stream all gaps are, since a capture that lost packets never sees what was in them.
 */

/** What reads a stream. */
export interface StreamReader {
  /** Nothing more of the stream is of interest. */
  readonly done: boolean;
  /** The next bytes; they are not kept. */
  data(bytes: Uint8Array, start: number, end: number, time: number): void;
  /** Bytes are missing here: they were not captured. `count` of them. */
  gap(count: number, time: number): void;
}

const MAX_WAITING_BYTES = 256 * 1024;
const MAX_WAITING_PIECES = 512;

interface Early {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly time: number;
}

export class Stream {
  private early: Early[] = [];
  private waiting = 0;
  /** Bytes that came again. */
  retransmitted = 0;

  /** `next` is the sequence number of the first byte that is wanted. */
  constructor(
    private next: number,
    readonly reader: StreamReader,
  ) {}

  /** A segment's data; `length` is what it had, of which `end - start` bytes were captured. */
  segment(sequence: number, bytes: Uint8Array, start: number, end: number, length: number, time: number): void {
    const ahead = (sequence - this.next) | 0;
    if (ahead > 0) {
      this.keep(sequence, bytes, start, end, time);
      return;
    }
    const old = -ahead;
    if (old >= length) {
      this.retransmitted += length;
      return;
    }
    this.retransmitted += old;
    this.deliver(bytes, start + old, end, length - old, time);
    this.catchUp();
  }

  /** Nothing more comes: what waits is given, with the gaps before it. */
  end(): void {
    while (this.early.length > 0 && !this.reader.done) this.giveUpGap();
  }

  private deliver(bytes: Uint8Array, start: number, end: number, length: number, time: number): void {
    const captured = Math.max(0, end - start);
    if (captured > 0) this.reader.data(bytes, start, end, time);
    if (captured < length) this.reader.gap(length - captured, time);
    this.next = (this.next + length) | 0;
  }

  private keep(sequence: number, bytes: Uint8Array, start: number, end: number, time: number): void {
    if (end <= start) return;
    this.early.push({ sequence, bytes: bytes.slice(start, end), time });
    this.waiting += end - start;
    if (this.waiting > MAX_WAITING_BYTES || this.early.length > MAX_WAITING_PIECES) this.giveUpGap();
  }

  /** What is missing before the first piece that waits will not come. */
  private giveUpGap(): void {
    this.sort();
    const { sequence, time } = this.early[0]!;
    const missing = (sequence - this.next) | 0;
    if (missing > 0) {
      this.reader.gap(missing, time);
      this.next = sequence;
    }
    this.catchUp();
  }

  private sort(): void {
    this.early.sort((a, b) => (a.sequence - b.sequence) | 0);
  }

  private catchUp(): void {
    if (this.early.length === 0) return;
    this.sort();
    while (this.early.length > 0) {
      const { sequence, bytes, time } = this.early[0]!;
      const old = (this.next - sequence) | 0;
      if (old < 0) return;
      this.early.shift();
      this.waiting -= bytes.length;
      if (old < bytes.length) this.deliver(bytes, old, bytes.length, bytes.length - old, time);
    }
  }
}
