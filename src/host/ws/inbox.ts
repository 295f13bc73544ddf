/**
 * Messages that have arrived, until tasks take them; or the tasks that wait, until messages arrive.
 *
 * Always: messages are given once and in order, to the readers in the order in which they came.
 */
import { WaitQueue } from '../../runtime/wait-queue';
import type { Message, MessageWait } from './waits';

/** Bytes of messages kept for a program that does not read; about, since the last one may go beyond it. */
const MAX_KEPT = 256 * 1024;
/** More may come when no more than this is kept. */
const ROOM_AT = 64 * 1024;
/** What a message costs beside its bytes, so that a flood of empty ones is bounded too. */
const MESSAGE_OVERHEAD = 64;

/** In place of arrays that idle connections never need: those stay small. Never changed. */
const NONE: never[] = [];

export class Inbox extends WaitQueue<MessageWait> {
  private messages: Message[] = NONE;
  private taken = 0;
  private keptBytes = 0;

  /** How many messages wait to be taken. */
  get waiting(): number {
    return this.messages.length - this.taken;
  }

  get isFull(): boolean {
    return this.keptBytes >= MAX_KEPT;
  }

  get hasRoom(): boolean {
    return this.keptBytes <= ROOM_AT;
  }

  /** Gives it to the reader who has waited longest, or keeps it. True where it was kept. */
  put(message: Message): boolean {
    const reader = this.next();
    if (reader !== null) {
      reader.wake(message);
      return false;
    }
    if (this.messages === NONE) this.messages = [message];
    else this.messages.push(message);
    this.keptBytes += message.text.length + MESSAGE_OVERHEAD;
    return true;
  }

  /** The oldest message that nobody has taken. */
  take(): Message | null {
    const message = this.messages[this.taken];
    if (message === undefined) return null;
    this.taken++;
    this.keptBytes -= message.text.length + MESSAGE_OVERHEAD;
    if (this.taken === this.messages.length) this.drop();
    return message;
  }

  drop(): void {
    this.messages = NONE;
    this.taken = 0;
    this.keptBytes = 0;
  }

  /** Nothing more will come. */
  wakeReaders(): void {
    for (let reader = this.next(); reader !== null; reader = this.next()) reader.wake(null);
  }
}
