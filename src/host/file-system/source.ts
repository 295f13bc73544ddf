/**
 * Reading from a file piece by piece. Files on disks are read by threads of the system; pipes and terminals are
 * waited for by the event loop, since a thread that waits for them could not be got back.
 *
 * Always: closing during a read closes the file once the read is over, so that no other file gets its number
 * meanwhile. All that is read is reported to the stream of events, failures too, and that the file was closed.
 */
import type * as Net from 'node:net';
import type { ErrnoException } from './failures';
import { node } from '../node';
import type { Reported } from '../reported';
import { native } from './native';

export type Read = (error: ErrnoException | null, bytes: number) => void;

export abstract class Source {
  /** Opens it at once; throws the system's error. `size` is what it says about itself: 0 for pipes and the like. */
  static open(path: string, seen: Reported): Source {
    try {
      return Source.opened(path, seen);
    } catch (error) {
      seen.failed(error);
      seen.closed();
      throw error;
    }
  }

  private static opened(path: string, seen: Reported): Source {
    const { fs } = node;
    const { O_RDONLY, O_NONBLOCK } = fs.constants;
    // Without O_NONBLOCK, opening a pipe would wait for its other end.
    const fd = fs.openSync(native(path), O_RDONLY | O_NONBLOCK);
    try {
      const stat = fs.fstatSync(fd);
      if (stat.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
      if (stat.isFIFO() || node.tty.isatty(fd)) return new StreamSource(fd, seen);
      return new FileSource(fd, stat.isFile(), stat.size, seen);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  constructor(
    /** A file on a disk, whose size can be trusted, or one that the system makes up. */
    readonly isFile: boolean,
    readonly size: number,
    protected readonly seen: Reported,
  ) {}

  /** Reads into `piece`; 0 bytes at the end. One read at a time. */
  abstract read(piece: Buffer, done: Read): void;

  abstract close(): void;

  /** As a promise. */
  readInto(piece: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.read(piece, (error, bytes) => {
        if (error === null) resolve(bytes);
        else reject(error);
      });
    });
  }
}

class FileSource extends Source {
  private reading = false;
  private closing = false;

  constructor(
    private readonly fd: number,
    isFile: boolean,
    size: number,
    seen: Reported,
  ) {
    super(isFile, size, seen);
  }

  read(piece: Buffer, done: Read): void {
    this.reading = true;
    node.fs.read(this.fd, piece, 0, piece.length, null, (error, bytes) => {
      this.reading = false;
      if (error !== null) this.seen.failed(error);
      else if (bytes > 0) this.seen.received(piece.subarray(0, bytes));
      if (this.closing) this.closeNow();
      else done(error, bytes);
    });
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (!this.reading) this.closeNow();
  }

  private closeNow(): void {
    node.fs.close(this.fd, () => {});
    this.seen.closed();
  }
}

class StreamSource extends Source {
  private readonly stream: Net.Socket;
  private waiting: { readonly piece: Buffer; readonly done: Read } | null = null;
  private ended = false;
  private failure: ErrnoException | null = null;

  constructor(fd: number, seen: Reported) {
    super(false, 0, seen);
    this.stream = node.tty.isatty(fd)
      ? new node.tty.ReadStream(fd)
      : new node.net.Socket({ fd, readable: true, writable: false });
    this.stream.on('readable', () => this.serve());
    this.stream.on('end', () => {
      this.ended = true;
      this.serve();
    });
    this.stream.on('error', (error) => {
      this.failure = error;
      this.seen.failed(error);
      this.serve();
    });
    // Only a wait keeps the program alive, and that does so itself.
    this.stream.unref();
  }

  read(piece: Buffer, done: Read): void {
    this.waiting = { piece, done };
    this.stream.ref();
    this.serve();
  }

  private serve(): void {
    if (this.waiting === null) return;
    const { piece, done } = this.waiting;
    const count = Math.min(piece.length, this.stream.readableLength);
    const got = count === 0 ? null : (this.stream.read(count) as Buffer | null);
    if (got === null) {
      // Asks for more: without it 'readable' would not come again.
      if (!this.ended && this.failure === null) return void this.stream.read(0);
    }
    this.waiting = null;
    this.stream.unref();
    if (got !== null) {
      this.seen.received(got);
      done(null, got.copy(piece));
    } else {
      done(this.failure, 0);
    }
  }

  close(): void {
    this.waiting = null;
    this.stream.destroy();
    this.seen.closed();
  }
}
