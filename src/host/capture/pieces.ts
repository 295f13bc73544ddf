/**
 * A file, piece by piece, in constant memory: as it is, or out of its compressed form. A piece is valid until the next
 * one is asked for; while it is worked on, the one after it is read. What is read, and the end, are reported to the
 * stream of events.
 */
import { node } from '../node';
import { reportReading } from '../reported';
import type { Reported } from '../reported';

const PIECE_BYTES = 1 << 20;

export interface Pieces {
  /** Of the file, for showing how far it is. */
  readonly bytesRead: number;
  /** Null at the end. Rejects with the system's error. */
  next(): Promise<Uint8Array | null>;
  close(): void;
}

/** Two buffers take turns, so that nothing is allocated for a piece. */
export class PlainPieces implements Pieces {
  bytesRead = 0;
  private readonly buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)] as const;
  private turn = 0;
  private closed = false;
  private reading = false;
  private coming: Promise<Uint8Array | null> | null = null;
  /** Bytes in front of the first read. */
  private before: number;

  /** `start` was read already. Closes the descriptor when it is closed. */
  constructor(
    private readonly fd: number,
    start: Uint8Array,
    private readonly seen: Reported,
  ) {
    this.before = start.length;
    this.buffers[0].set(start);
  }

  async next(): Promise<Uint8Array | null> {
    const piece = await (this.coming ?? this.fill());
    this.coming = null;
    if (piece === null) return null;
    this.bytesRead += piece.length;
    this.turn = 1 - this.turn;
    this.coming = this.fill();
    // Its failure is seen when it is asked for.
    this.coming.catch(() => {});
    return piece;
  }

  private fill(): Promise<Uint8Array | null> {
    const into = this.buffers[this.turn]!;
    const { before } = this;
    this.before = 0;
    this.reading = true;
    return new Promise((resolve, reject) => {
      node.fs.read(this.fd, into, before, PIECE_BYTES - before, null, (error, count) => {
        this.reading = false;
        if (error !== null) this.seen.failed(error);
        else if (count > 0) this.seen.received(into.subarray(before, before + count));
        if (this.closed) this.closeNow();
        if (error !== null) reject(error);
        else resolve(before + count === 0 ? null : into.subarray(0, before + count));
      });
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    // A read that is under way would go on in whatever file gets the number next: it closes when it ends.
    if (!this.reading) this.closeNow();
  }

  private closeNow(): void {
    node.fs.closeSync(this.fd);
    this.seen.closed();
  }
}

/** Out of data compressed with gzip. */
export class UnzippedPieces implements Pieces {
  private readonly file;
  private readonly pieces: AsyncIterator<Buffer>;

  /** As above. */
  constructor(
    fd: number,
    private readonly start: Uint8Array,
    seen: Reported,
  ) {
    // Without a path the stream reads from where the descriptor stands.
    this.file = node.fs.createReadStream('', { fd, highWaterMark: PIECE_BYTES });
    reportReading(this.file, seen);
    const source = node.zlib.createGunzip({ chunkSize: PIECE_BYTES });
    source.write(start);
    this.file.pipe(source);
    // The failure of the file itself has to end what reads its compressed content.
    this.file.on('error', (error) => source.destroy(error));
    this.pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  get bytesRead(): number {
    return this.start.length + this.file.bytesRead;
  }

  async next(): Promise<Uint8Array | null> {
    const piece = await this.pieces.next();
    if (piece.done === true) return null;
    const { value } = piece;
    return new Uint8Array(value.buffer, value.byteOffset, value.length);
  }

  close(): void {
    this.file.destroy();
  }
}
