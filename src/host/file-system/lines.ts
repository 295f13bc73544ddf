/**
 * The lines of a file as a channel, for `for line in file_lines(path)`. It holds one piece of the file at a time,
 * however large the file is, and reads the next one when a line is asked for that is not there yet.
 *
 * Always: lines end at LF or CR LF, which they do not hold; the last one needs no end. All lines before a failure
 * are given before the failure is thrown. The file is closed at its end, at a failure, when the channel is closed,
 * and when a `for` over it ends, however it ends.
 */
import { FedChannel } from '../../runtime/fed-channel';
import type { Value } from '../../runtime/values';
import { askPermission } from '../permissions';
import { decode, decodeAscii, isAscii } from '../text';
import { fileError, refuse } from './failures';
import type { ErrnoException } from './failures';
import { Source } from './source';

const PIECE_BYTES = 128 * 1024;
/** A line longer than this fits into no string. */
const MAX_LINE_BYTES = 2 ** 29 - 24;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Errors of the first moment: ENOENT, EACCES, EISDIR... */
export function fileLines(builtin: string, path: string): FileLines {
  askPermission(builtin, 'read', path);
  try {
    return new FileLines(builtin, path, Source.open(path));
  } catch (error) {
    throw fileError(builtin, 'read', path, error as ErrnoException);
  }
}

/** Closes files whose channel nobody has any more. */
const forgotten = new FinalizationRegistry<Source>((source) => source.close());

export class FileLines extends FedChannel {
  private readonly piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
  /** The piece, from `at` to `end`, has whole lines up to `lastEnd`. */
  private at = 0;
  private lastEnd = 0;
  private end = 0;
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
    const { source } = this;
    if (this.reading || source === null) return;
    this.reading = true;
    // What is left of the last piece is the beginning of a line.
    const left = this.end - this.at;
    this.piece.copyWithin(0, this.at, this.end);
    this.at = 0;
    this.lastEnd = 0;
    this.end = left;
    source.read(this.piece.subarray(left), (error, bytes) => {
      this.reading = false;
      if (this.closed) return;
      if (error !== null) {
        this.finish();
        this.fail(() => fileError(this.builtin, 'read', this.path, error));
      } else if (bytes === 0) {
        this.atEnd();
      } else {
        this.got(bytes);
      }
    });
  }

  private got(bytes: number): void {
    this.end += bytes;
    this.lastEnd = this.piece.lastIndexOf(NEWLINE, this.end - 1) + 1;
    if (this.lastEnd > 0) {
      this.ascii = isAscii(this.piece, this.lastEnd);
      return this.serve();
    }
    if (this.end === this.piece.length) this.hold();
    if (this.heldBytes > MAX_LINE_BYTES) {
      this.finish();
      this.fail(() =>
        refuse(this.builtin, 'ERANGE', `a line of ${this.path} is longer than a string can be`, { path: this.path }),
      );
    } else {
      this.more();
    }
  }

  /** The piece is full and has no end of a line. */
  private hold(): void {
    this.held.push(Buffer.from(this.piece));
    this.heldBytes += this.end;
    this.end = 0;
  }

  /** The last line may have no end. */
  private atEnd(): void {
    const last = this.piece.subarray(0, this.end);
    this.finish();
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
