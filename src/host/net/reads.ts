/**
 * The ways to read from a connection, and the wait for one. A read looks at what has arrived and says whether
 * that is enough; only then does it take anything.
 */
import { fault, running } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { TIMED_OUT, TimedWait } from '../../runtime/timed-wait';
import { inspect } from '../../runtime/values';
import { decodeReceived, encode, unfinishedTail } from '../text';
import type { ByteQueue } from './byte-queue';
import type { Connection } from './connection';
import { closedError, placeOf, usedNow } from './handles';

/** Whether more may arrive: "ended" after the peer's end, "failed" after an error that is still to be thrown. */
export type Ending = 'open' | 'ended' | 'failed';

export interface Read<T> {
  /**
   * What was asked for, taken out of the queue; undefined while it is not there. Throws what stands in its way,
   * in the task that reads.
   */
  take(queue: ByteQueue, ending: Ending): T | undefined;
  /**
   * The result where a piece that came while nothing was kept is just what was asked for: it then passes by the queue.
   * Otherwise undefined.
   */
  whole?(piece: Uint8Array): T | undefined;
  /** Whether `take` would give something, or throw. */
  ready(queue: ByteQueue, ending: Ending): boolean;
  /** What it gives at the timeout. */
  timedOut(queue: ByteQueue): T;
  /** For the deadlock report: "to receive", "to receive a line". */
  readonly what: string;
}

/** A task that waits for a read. */
export class ReadWait<T> extends TimedWait<T> {
  override readonly external = true;
  /** The result is on its way: until the task takes it, nobody else may read. */
  woken = false;
  /** What `read.whole` made of what came. */
  private came: T | undefined = undefined;

  constructor(
    private readonly connection: Connection,
    private readonly builtin: string,
    readonly read: Read<T>,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  wakeUp(): void {
    this.woken = true;
    this.wake(null);
  }

  /** Whether the piece, the first one since nothing was kept, is what it waits for: then it is woken with it. */
  takes(piece: Uint8Array): boolean {
    this.came = this.read.whole?.(piece);
    if (this.came === undefined) return false;
    this.wakeUp();
    return true;
  }

  /** Whether it is for the same read by the task that runs now, so that it can be waited for once more. */
  isFor(builtin: string, read: Read<unknown>, timeoutMs: number | null): boolean {
    return this.read === read && this.task === running.task && this.builtin === builtin && timeoutMs === null;
  }

  /** Makes it as it was before it was waited for. */
  renew(): this {
    this.woken = false;
    this.came = undefined;
    return this;
  }

  /** At the timeout the result is still to be taken: the reader stays until then. */
  override expire(): void {
    this.woken = true;
    super.expire();
  }

  protected override leave(): void {
    if (!this.woken) this.connection.reader = null;
  }

  override result(given: unknown): T {
    const { connection, read, builtin } = this;
    connection.reader = null;
    if (connection.closed) throw closedError(builtin, connection.handle);
    usedNow(connection);
    if (this.renewable) connection.spare = this;
    const result = this.came ?? read.take(connection.received, connection.ending);
    this.came = undefined;
    connection.goOn();
    if (result !== undefined) return result;
    if (connection.failure === null && given === TIMED_OUT) return read.timedOut(connection.received);
    throw connection.error(builtin, 'receive', connection.failure!);
  }

  describe(): string {
    return `${this.read.what} on ${this.connection.handle}`;
  }
}

/**
 * What is there, at most `size` bytes: "" at the end. A character whose last bytes have not come is left for the
 * next read; what is there of one at the timeout is given as it is.
 */
export class Receive implements Read<string | null> {
  readonly what = 'to receive';
  constructor(readonly size: number) {}

  /** How many bytes to give; 0 while there are none to give. */
  private count(queue: ByteQueue, ending: Ending): number {
    const { size } = this;
    const count = Math.min(size, queue.length);
    if (count === 0 || (ending !== 'open' && count === queue.length)) return count;
    const unfinished = queue.unfinished(count);
    if (unfinished < count) return count - unfinished;
    // Not even one character fits: its bytes are given singly.
    return count === size ? count : 0;
  }

  take(queue: ByteQueue, ending: Ending): string | undefined {
    const count = this.count(queue, ending);
    if (count > 0) return queue.takeText(count);
    return ending === 'ended' && queue.length === 0 ? '' : undefined;
  }

  whole(piece: Uint8Array): string | undefined {
    const { length } = piece;
    return length <= this.size && unfinishedTail(piece, 0, length) === 0 ? decodeReceived(piece, 0, length) : undefined;
  }

  ready(queue: ByteQueue, ending: Ending): boolean {
    return ending !== 'open' || this.count(queue, ending) > 0;
  }

  timedOut(queue: ByteQueue): string | null {
    return queue.length === 0 ? null : queue.takeText(queue.length);
  }
}

const LINE_END = new Uint8Array([0x0a]);
const RETURN = 0x0d;

/** What the reads of this file, except `Receive`, are made with. */
interface Framed {
  readonly builtin: string;
  readonly handle: string;
  /** Bytes. */
  readonly max: number;
}

function overflow({ builtin, handle, max }: Framed, what: string): ErrorValue {
  return fault('EOVERFLOW', `${builtin}: ${what} from ${handle} is longer than the ${max} bytes allowed (EOVERFLOW)`, {
    function: builtin,
    fields: { ...placeOf(handle), max },
    hint: 'a larger maximum can be given; what has arrived can still be read',
  });
}

/** The connection ended in the midst of it; the error has what came. */
function cutOff({ builtin, handle }: Framed, wanted: string, queue: ByteQueue): ErrorValue {
  const size = queue.length;
  const came = size === 0 ? 'nothing came' : size === 1 ? 'only 1 byte came' : `only ${size} bytes came`;
  return fault('EEOF', `${builtin}: ${handle} ended before ${wanted}: ${came} (EEOF)`, {
    function: builtin,
    fields: { ...placeOf(handle), data: queue.takeText(size) },
  });
}

/** A line without its end, \n or \r\n; the last one may have none. Null at the end. */
export class ReceiveLine implements Read<string | null> {
  readonly what = 'to receive a line';
  private searched = 0;
  constructor(private readonly framed: Framed) {}

  private find(queue: ByteQueue): number {
    const at = queue.indexOf(LINE_END, this.searched);
    if (at < 0) this.searched = queue.length;
    return at;
  }

  take(queue: ByteQueue, ending: Ending): string | null | undefined {
    const { max } = this.framed;
    const at = this.find(queue);
    if (at < 0 && ending === 'ended') {
      if (queue.length > max) throw overflow(this.framed, 'the line');
      return queue.length === 0 ? null : queue.takeText(queue.length);
    }
    if (at < 0 && queue.length <= max + 1) return undefined;
    const length = at < 0 ? queue.length : at > 0 && queue.byteAt(at - 1) === RETURN ? at - 1 : at;
    if (length > max) throw overflow(this.framed, 'the line');
    const line = queue.takeText(length);
    queue.skip(at + 1 - length);
    return line;
  }

  ready(queue: ByteQueue, ending: Ending): boolean {
    return ending !== 'open' || this.find(queue) >= 0 || queue.length > this.framed.max + 1;
  }

  timedOut(): null {
    return null;
  }
}

/** Exactly `max` bytes. */
export class ReceiveExact implements Read<string | null> {
  readonly what: string;
  constructor(private readonly framed: Framed) {
    this.what = `to receive ${framed.max} bytes`;
  }

  take(queue: ByteQueue, ending: Ending): string | undefined {
    const { max } = this.framed;
    if (queue.length >= max) return queue.takeText(max);
    if (ending === 'ended') throw cutOff(this.framed, `${max} bytes had come`, queue);
    return undefined;
  }

  ready(queue: ByteQueue, ending: Ending): boolean {
    return ending !== 'open' || queue.length >= this.framed.max;
  }

  timedOut(): null {
    return null;
  }
}

/** All up to a text, and the text. */
export class ReceiveUntil implements Read<string | null> {
  readonly what: string;
  private readonly wanted: Uint8Array;
  private searched = 0;

  constructor(
    private readonly framed: Framed,
    private readonly text: string,
  ) {
    this.wanted = encode(text);
    this.what = `to receive ${inspect(text)}`;
  }

  private find(queue: ByteQueue): number {
    const at = queue.indexOf(this.wanted, this.searched);
    if (at < 0) this.searched = Math.max(0, queue.length - this.wanted.length + 1);
    return at;
  }

  take(queue: ByteQueue, ending: Ending): string | undefined {
    const { max } = this.framed;
    const at = this.find(queue);
    const size = at < 0 ? queue.length : at + this.wanted.length;
    if (size > max) throw overflow(this.framed, `what comes up to ${inspect(this.text)}`);
    if (at >= 0) return queue.takeText(size);
    if (ending === 'ended') throw cutOff(this.framed, `${inspect(this.text)} had come`, queue);
    return undefined;
  }

  ready(queue: ByteQueue, ending: Ending): boolean {
    return ending !== 'open' || this.find(queue) >= 0 || queue.length > this.framed.max;
  }

  timedOut(): null {
    return null;
  }
}

/** All until the peer's end. */
export class ReceiveAll implements Read<string | null> {
  readonly what = 'to receive all until the end';
  constructor(private readonly framed: Framed) {}

  take(queue: ByteQueue, ending: Ending): string | undefined {
    if (queue.length > this.framed.max) throw overflow(this.framed, 'the whole');
    return ending === 'ended' ? queue.takeText(queue.length) : undefined;
  }

  ready(queue: ByteQueue, ending: Ending): boolean {
    return ending !== 'open' || queue.length > this.framed.max;
  }

  timedOut(): null {
    return null;
  }
}
