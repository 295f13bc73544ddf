/**
 * Bytes that have arrived and nobody has taken: a queue of the pieces in which they came. All positions and
 * sizes count bytes from the first one that was not taken.
 *
 * Always: what is taken out is what was put in, in order, however it was cut on the way in or out.
 */
import { decode, decodeReceived, unfinishedTail } from '../text';

/** What a piece costs beside its bytes, so that a flood of tiny ones is bounded too. */
const PIECE_OVERHEAD = 256;

/** In place of a piece that was taken. */
const NOTHING = new Uint8Array(0);

export class ByteQueue {
  /** Bytes in it. */
  length = 0;
  private pieces: Uint8Array[] = [];
  /** Index of the first piece that has bytes left, and how many of it are taken. */
  private first = 0;
  private taken = 0;

  /** About the memory it holds, in bytes. */
  get weight(): number {
    return this.length + PIECE_OVERHEAD * (this.pieces.length - this.first);
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.length += piece.length;
  }

  /** Up to 3: how many of the first `size` bytes begin a character at their end whose rest is not among them. */
  unfinished(size: number): number {
    const piece = this.pieces[this.first];
    if (piece !== undefined && this.taken + size <= piece.length && size >= 3) {
      return unfinishedTail(piece, this.taken, this.taken + size);
    }
    const from = Math.max(0, size - 3);
    const end = this.peekBytes(from, size);
    return unfinishedTail(end, 0, end.length);
  }

  byteAt(position: number): number {
    return this.peekBytes(position, position + 1)[0]!;
  }

  /** Takes the first `size` bytes as text; an unfinished character among them becomes single bytes. */
  takeText(size: number): string {
    const piece = this.pieces[this.first];
    if (piece !== undefined && this.taken + size <= piece.length) {
      const text = decodeReceived(piece, this.taken, this.taken + size);
      this.skip(size);
      return text;
    }
    return decode(this.takeBytes(size));
  }

  takeBytes(size: number): Uint8Array {
    const bytes = this.peekBytes(0, size);
    this.skip(size);
    return bytes;
  }

  /** The bytes from `start` up to `end`, which stay. A view where they lie in one piece. */
  private peekBytes(start: number, end: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let at = -this.taken;
    for (let i = this.first; i < this.pieces.length && at < end; i++) {
      const piece = this.pieces[i]!;
      const from = Math.max(start - at, at < 0 ? -at : 0);
      if (from < piece.length) parts.push(piece.subarray(from, Math.min(piece.length, end - at)));
      at += piece.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Drops the first `size` bytes. */
  skip(size: number): void {
    this.length -= size;
    this.taken += size;
    while (this.first < this.pieces.length && this.taken >= this.pieces[this.first]!.length) {
      this.taken -= this.pieces[this.first]!.length;
      this.pieces[this.first++] = NOTHING;
    }
    if (this.first === this.pieces.length) {
      // Popping leaves the array its room, which the next piece would have to be given anew.
      if (this.pieces.length === 1) this.pieces.pop();
      else this.pieces.length = 0;
      this.first = 0;
      this.taken = 0;
    } else if (this.first > 1024 && this.first * 2 > this.pieces.length) {
      this.pieces = this.pieces.slice(this.first);
      this.first = 0;
    }
  }

  /** The position of `wanted` at or after `from`, -1 where it is not. */
  indexOf(wanted: Uint8Array, from: number): number {
    let at = -this.taken;
    for (let i = this.first; i < this.pieces.length; i++) {
      const piece = this.pieces[i]!;
      const end = at + piece.length;
      if (end > from) {
        const start = Math.max(from, at, 0);
        const inside = asBuffer(piece).indexOf(wanted, start - at);
        if (inside >= 0) return at + inside;
        const across = this.indexAcross(wanted, Math.max(start, end - wanted.length + 1), end);
        if (across >= 0) return across;
      }
      at = end;
    }
    return -1;
  }

  /** As `indexOf`, for one that begins from `from` up to `end` and goes on in the next pieces. */
  private indexAcross(wanted: Uint8Array, from: number, end: number): number {
    if (wanted.length === 1 || end >= this.length) return -1;
    const joined = this.peekBytes(from, Math.min(this.length, end + wanted.length - 1));
    const inside = asBuffer(joined).indexOf(wanted);
    return inside < 0 ? -1 : from + inside;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
