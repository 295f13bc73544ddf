/**
 * What goes out on a WebSocket connection. Messages are sent in the order of the calls, also where compressing them
 * takes time; a sender waits while more than `MAX_UNSENT` is left over.
 *
 * Always: nothing but whole frames is written, and nothing after the close frame.
 */
import type * as Net from 'node:net';
import { ready } from '../../runtime/park';
import { resume } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import { WaitQueue } from '../../runtime/wait-queue';
import { TEXT } from '../../wire/websocket/frame';
import { tap } from '../events';
import type { FrameType } from '../events';
import { clientFrame, serverFrame } from './outgoing';
import type { Frame, Outgoing, Packed, WindowBits } from './outgoing';
import { SendWait } from './waits';

/** Bytes that may wait in this process for the peer to read before a sender has to. */
export const MAX_UNSENT = 64 * 1024;

/** In place of arrays that idle connections never need. Never changed. */
const NONE: never[] = [];

/** What was written in this turn of the event loop. */
enum Turn {
  Idle,
  Wrote,
  Corked,
}

/** A message that waits its turn: its frame is there, or is being compressed. */
interface Queued {
  readonly message: Outgoing;
  readonly packed: Packed | null;
}

export abstract class Sender {
  abstract readonly handle: string;
  abstract readonly side: 'client' | 'server';
  /** Messages behind one that is being compressed. */
  private queue: Queued[] = NONE;
  private queuedBytes = 0;
  private turn = Turn.Idle;
  private senders: WaitQueue<SendWait> | null = null;

  constructor(
    protected readonly net: Net.Socket,
    /** In which this side may compress; 0 where that was not agreed on. */
    private readonly bits: WindowBits,
  ) {}

  /** Error: ECLOSED. */
  abstract checkSendable(builtin: string): void;
  protected abstract report(direction: 'in' | 'out', type: FrameType, count: number): void;
  /** All that was queued is written. */
  protected abstract flushed(): void;

  /** Bytes that are not handed to the system yet. */
  get buffered(): number {
    return this.net.writableLength + this.queuedBytes;
  }

  protected get hasQueue(): boolean {
    return this.queue.length > 0;
  }

  /** Sends a message, waiting for room. Error: ECLOSED. */
  sendMessage(builtin: string, message: Outgoing): Steps<true> {
    this.checkSendable(builtin);
    this.post(message);
    return this.buffered < MAX_UNSENT ? ready(true) : this.waitForRoom(builtin);
  }

  private waitForRoom(builtin: string): Steps<true> {
    const wait = new SendWait(this, builtin);
    this.senders ??= new WaitQueue();
    this.senders.join(wait);
    return wait.steps();
  }

  /**
   * Puts a message on its way without waiting. The connection is open. With `later`, it is written when the
   * connections in there are flushed, together with what else has gathered by then.
   */
  post(message: Outgoing, later: Set<Sender> | null = null): void {
    const packed = this.bits > 0 && message.packs(this.bits) ? message.packedFor(this.bits) : null;
    if (tap.on !== null) this.report('out', message.opcode === TEXT ? 'text' : 'binary', message.payload.length);
    if (this.queue.length === 0 && (packed === null || packed.payload !== null)) {
      this.write(this.frameOf(message, packed), later);
      return;
    }
    if (this.queue === NONE) this.queue = [];
    this.queue.push({ message, packed });
    this.queuedBytes += message.payload.length;
    if (packed !== null && packed.payload === null) packed.whenDone(() => this.writeQueued());
  }

  private frameOf(message: Outgoing, packed: Packed | null): Frame {
    if (this.side === 'server') return packed === null ? message.plainFrame() : packed.sharedFrame();
    return clientFrame(message.opcode, packed === null ? message.payload : packed.payload!, packed !== null);
  }

  private writeQueued(): void {
    if (this.queue.length === 0) return;
    let done = 0;
    for (const { message, packed } of this.queue) {
      if (packed !== null && packed.payload === null) break;
      this.write(this.frameOf(message, packed));
      this.queuedBytes -= message.payload.length;
      done++;
    }
    this.queue = done === this.queue.length ? NONE : this.queue.slice(done);
    if (this.queue.length > 0) return;
    this.flushed();
    if (this.net.writableLength < MAX_UNSENT) this.wakeSenders();
  }

  /** What is not written yet never will be. */
  protected dropQueue(): void {
    this.queue = NONE;
    this.queuedBytes = 0;
  }

  /** A ping, a pong or a close frame: before what is being compressed. */
  protected writeControl(opcode: number, payload: Buffer): void {
    this.write(this.side === 'server' ? serverFrame(opcode, payload, false) : clientFrame(opcode, payload, false));
  }

  /** The first frame of a turn of the event loop is written at once; what follows in the turn, in one call. */
  private write(frame: Frame, later: Set<Sender> | null = null): void {
    const { net } = this;
    if (this.turn === Turn.Idle && later !== null) {
      this.turn = Turn.Corked;
      net.cork();
      later.add(this);
    } else if (this.turn === Turn.Idle) {
      this.turn = Turn.Wrote;
      process.nextTick(endTurn, this);
    } else if (this.turn === Turn.Wrote) {
      this.turn = Turn.Corked;
      net.cork();
    }
    for (const piece of frame) net.write(piece);
    if (net.writableLength >= MAX_UNSENT) this.endTurn();
  }

  endTurn(): void {
    const corked = this.turn === Turn.Corked;
    this.turn = Turn.Idle;
    if (corked) this.net.uncork();
  }

  wakeSenders(): void {
    const { senders } = this;
    if (senders === null) return;
    for (let wait = senders.next(); wait !== null; wait = senders.next()) resume(wait.task, null);
  }
}

function endTurn(sender: Sender): void {
  sender.endTurn();
}
