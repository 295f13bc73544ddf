/**
 * The lines of a file as a channel, for `for line in file_lines(path)`. It holds one piece of the file at a time,
 * however large the file is, and of a file on a disk the next one, which a thread reads while the program works on
 * the lines of this one. Pipes and what the system makes up are read when a line is asked for that is not there yet.
 *
 * Each line is a string of its own, not a part of the piece's text: a program that keeps a few lines keeps only them.
 *
 * Always: lines end at LF or CR LF, which they do not hold; the last one needs no end. All lines before a failure
 * are given before the failure is thrown. The file is closed at its end, at a failure, when the channel is closed,
 * and when a `for` over it ends, however it ends.
 */
import { FedChannel } from '../../runtime/fed-channel';
import type { Value } from '../../runtime/values';
import { begin } from '../permissions';
import type { Reported } from '../reported';
import { decode, decodeAscii, isAscii } from '../text';
import { fileError, refuse } from './failures';
import type { ErrnoException } from './failures';
import { Source } from './source';

/** In front of a piece is room for the beginning of a line that ends in it. */
const ROOM_BYTES = 16 * 1024;
const PIECE_BYTES = 128 * 1024;
/** With the room, so that a line of up to this is not put together from several. */
const BUFFER_BYTES = ROOM_BYTES + PIECE_BYTES;
/** A line longer than this fits into no string. */
const MAX_LINE_BYTES = 2 ** 29 - 24;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Errors of the first moment: ENOENT, EACCES, EISDIR... */
export function fileLines(builtin: string, path: string): FileLines {
  const seen = begin(builtin, 'read', path);
  try {
    return new FileLines(builtin, path, Source.open(path, seen), seen);
  } catch (error) {
    throw fileError(builtin, 'read', path, error as ErrnoException);
  }
}

/** Closes files whose channel nobody has any more. */
const forgotten = new FinalizationRegistry<Source>((source) => source.close());

export class FileLines extends FedChannel {
  private piece: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  /** The piece, from `at` to `end`, has whole lines up to `lastEnd`. */
  private at = 0;
  private lastEnd = 0;
  private end = 0;
  /** Where the next piece is read to, behind its room; null until one is read ahead. */
  private spare: Buffer | null = null;
  /** How the reading ahead went, once it is over; it is looked at when the lines of this piece are taken. */
  private ahead: { readonly error: ErrnoException | null; readonly bytes: number } | null = null;
  /** Somebody waits for what is being read ahead. */
  private wanted = false;
  /** The beginning of a line that is longer than a piece. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** The last line, which has no end. */
  private last: string | null = null;
  /** All whole lines of the piece are ASCII. */
  private ascii = false;
  private source: Source | null;
  private reading = false;

  constructor(
    private readonly builtin: string,
    private readonly path: string,
    source: Source,
    private readonly seen: Reported,
  ) {
    super();
    this.source = source;
    forgotten.register(this, source, this);
  }

  protected hasNext(): boolean {
    return this.at < this.lastEnd || this.last !== null;
  }

  protected nextHere(): Value | undefined {
    const { piece, at, lastEnd } = this;
    if (at >= lastEnd) return this.takeLast();
    const newline = piece.indexOf(NEWLINE, at);
    this.at = newline + 1;
    if (this.heldBytes > 0) return this.heldLine(piece.subarray(at, newline));
    const lineEnd = newline > at && piece[newline - 1] === RETURN ? newline - 1 : newline;
    return this.ascii ? decodeAscii(piece, at, lineEnd) : decode(piece, at, lineEnd);
  }

  private takeLast(): string | undefined {
    const { last } = this;
    this.last = null;
    return last ?? undefined;
  }

  /** A line whose beginning is held. */
  private heldLine(rest: Buffer): string {
    const line = Buffer.concat([...this.held, rest]);
    this.held = [];
    this.heldBytes = 0;
    return decode(line, 0, line[line.length - 1] === RETURN ? line.length - 1 : line.length);
  }

  protected more(): void {
    if (this.source === null) return;
    if (this.ahead !== null) return this.takeAhead();
    this.wanted = true;
    if (this.reading) return;
    this.reading = true;
    // What is left of the last piece is the beginning of a line.
    this.piece.copyWithin(0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    this.lastEnd = 0;
    this.source.read(this.piece.subarray(this.end), (error, bytes) => {
      this.reading = false;
      if (!this.closed) this.readDone(error, bytes);
    });
  }

  private readDone(error: ErrnoException | null, bytes: number): void {
    this.wanted = false;
    if (error !== null) {
      this.finish();
      this.fail(() => fileError(this.builtin, 'read', this.path, error));
    } else if (bytes === 0) {
      this.atEnd();
    } else {
      this.got(bytes);
    }
  }

  /** Lets a thread read the next piece while the program works on this one. */
  private readAhead(source: Source): void {
    this.spare ??= Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.reading = true;
    source.read(this.spare.subarray(ROOM_BYTES), (error, bytes) => {
      this.reading = false;
      if (this.closed) return;
      this.ahead = { error, bytes };
      if (this.wanted) this.takeAhead();
    });
  }

  /** The lines of the piece are taken: what was read ahead becomes the piece. */
  private takeAhead(): void {
    const { error, bytes } = this.ahead!;
    this.ahead = null;
    // The file may have grown since: its end is where nothing is read when a line is wanted.
    if (error === null && bytes === 0) return this.more();
    if (bytes > 0) this.changePieces();
    this.readDone(error, bytes);
  }

  /** The beginning of a line, which is left of the last piece, moves in front of the next one. */
  private changePieces(): void {
    const { piece, at, end } = this;
    const next = this.spare!;
    let begin = ROOM_BYTES - (end - at);
    if (begin >= 0) {
      piece.copy(next, begin, at, end);
    } else {
      begin = ROOM_BYTES;
      this.hold();
    }
    this.spare = piece;
    this.piece = next;
    this.at = begin;
    this.lastEnd = 0;
    this.end = ROOM_BYTES;
  }

  private got(bytes: number): void {
    this.end += bytes;
    const { piece, at, end, source } = this;
    const lastEnd = piece.lastIndexOf(NEWLINE, end - 1) + 1;
    if (lastEnd > at) {
      this.lastEnd = lastEnd;
      this.ascii = isAscii(piece, at, lastEnd);
      // A piece that was not filled is mostly the last one.
      if (end === piece.length && source?.isFile === true) this.readAhead(source);
      return this.serve();
    }
    if (end === piece.length) this.hold();
    if (this.heldBytes > MAX_LINE_BYTES) {
      const message = `a line of ${this.path} is longer than a string can be`;
      this.seen.failed({ code: 'ERANGE', message });
      this.finish();
      this.fail(() => refuse(this.builtin, 'ERANGE', message, { path: this.path }));
    } else {
      this.more();
    }
  }

  /** Puts the beginning of a line aside that is too long for the piece. */
  private hold(): void {
    this.held.push(Buffer.from(this.piece.subarray(this.at, this.end)));
    this.heldBytes += this.end - this.at;
    this.at = 0;
    this.end = 0;
  }

  /** The last line may have no end. */
  private atEnd(): void {
    const last = this.piece.subarray(this.at, this.end);
    this.finish();
    this.at = 0;
    this.end = 0;
    if (last.length + this.heldBytes > 0) {
      const line = Buffer.concat([...this.held, last]);
      this.held = [];
      this.heldBytes = 0;
      this.last = decode(line);
      this.serve();
    }
    super.close();
  }

  override close(): void {
    this.left();
    super.close();
  }

  /** Lines that nobody took are gone with the file. */
  override left(): void {
    this.finish();
    this.at = this.lastEnd;
    this.held = [];
    this.last = null;
    super.close();
  }

  private finish(): void {
    forgotten.unregister(this);
    this.source?.close();
    this.source = null;
  }
}
