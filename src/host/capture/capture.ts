/**
 * A capture that is under way, for a program: a channel out of which packets come, so that `for`, `select` and `<-`
 * work with it. Packets that nobody has taken wait up to a bound; then the oldest go, and are counted. The latest are
 * kept for being saved.
 */
import { Channel } from '../../runtime/channel';
import { operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import type { Value } from '../../runtime/values';
import type { StoredPacket } from '../../wire/capture-file/writer';
import { closeAtShutdown } from '../shutdown';
import { nodeTimerMs } from '../timer-range';
import { openSource } from './open';
import { BLOCK_MS } from './packet-source';
import type { PacketSource, SourceOptions } from './packet-source';

/** Memory that a packet takes besides its bytes. */
const OVERHEAD = 200;
/** What was taken from the front of a list is cut off when it is this much. */
const CUT_AT = 4096;

export interface CapturedPacket extends StoredPacket {
  /** Null where it cannot be told. */
  readonly isOutgoing: boolean | null;
}

export interface CaptureOptions extends SourceOptions {
  /** MiB of packets that are kept, for those who take them and for saving. */
  readonly keepMiB: number;
}

/** Packets in order of arrival, bounded in bytes. */
class Kept {
  private packets: (CapturedPacket | undefined)[] = [];
  private first = 0;
  private bytes = 0;
  dropped = 0;

  constructor(private readonly mostBytes: number) {}

  get size(): number {
    return this.packets.length - this.first;
  }

  push(packet: CapturedPacket): void {
    this.packets.push(packet);
    this.bytes += packet.bytes.length + OVERHEAD;
    while (this.bytes > this.mostBytes && this.size > 1) {
      this.shift();
      this.dropped++;
    }
  }

  shift(): CapturedPacket | undefined {
    if (this.size === 0) return undefined;
    const packet = this.packets[this.first]!;
    this.packets[this.first++] = undefined;
    this.bytes -= packet.bytes.length + OVERHEAD;
    if (this.first >= CUT_AT && this.first * 2 > this.packets.length) {
      this.packets = this.packets.slice(this.first);
      this.first = 0;
    }
    return packet;
  }

  *[Symbol.iterator](): Iterator<CapturedPacket> {
    for (let i = this.first; i < this.packets.length; i++) yield this.packets[i]!;
  }
}

export class Capture extends Channel {
  readonly tapped: PacketSource;
  packets = 0;
  bytes = 0;
  wentDown = false;
  private readonly pending: Kept;
  private readonly saved: Kept;
  override readonly external = true;
  private readonly forget: () => void;

  /** `show` makes the value of a packet when somebody takes it. */
  constructor(
    builtin: string,
    readonly interfaceName: string,
    options: CaptureOptions,
    private readonly show: (packet: CapturedPacket, capture: Capture) => Value,
  ) {
    super(0);
    this.pending = new Kept(options.keepMiB * 1024 * 1024);
    this.saved = new Kept(options.keepMiB * 1024 * 1024);
    this.tapped = openSource(
      builtin,
      interfaceName,
      options,
      (bytes, start, end, wireLength, seconds, nanos, isOutgoing) => {
        const linkType = this.tapped.linkType;
        this.arrived({ bytes: bytes.slice(start, end), seconds, nanos, wireLength, linkType, isOutgoing });
      },
    );
    this.forget = closeAtShutdown(() => this.closeNow());
  }

  /** Packets that nobody has taken in time. */
  get overrun(): number {
    return this.pending.dropped;
  }

  /** Packets that are no longer there to be saved. */
  get notKept(): number {
    return this.saved.dropped;
  }

  override get waiting(): number {
    return this.pending.size;
  }

  override canReceive(): boolean {
    return this.pending.size > 0 || this.closed;
  }

  override take(): Value | undefined {
    const packet = this.pending.shift();
    return packet === undefined ? undefined : this.show(packet, this);
  }

  private arrived(packet: CapturedPacket): void {
    if (this.closed) return;
    this.packets++;
    this.bytes += packet.wireLength;
    this.saved.push(packet);
    const receiver = this.receivers.next();
    if (receiver !== null) receiver.deliver(this.show(packet, this));
    else this.pending.push(packet);
  }

  savedPackets(): Iterable<CapturedPacket> {
    return this.saved;
  }

  /** What the kernel still holds is taken first. */
  *stop(): Steps<null> {
    if (this.closed) return null;
    yield* pause(2 * BLOCK_MS, 'for the last packets');
    this.closeNow();
    return null;
  }

  private closeNow(): void {
    if (this.closed) return;
    this.forget();
    this.tapped.read();
    this.wentDown = this.tapped.wentDown;
    this.tapped.close();
    this.close();
  }

  override close(): void {
    if (!this.closed) {
      this.forget();
      this.tapped.close();
    }
    super.close();
  }
}

/** Waits while packets come in; `until` gets the function that ends it. */
export function pause(ms: number, what: string, until?: (end: () => void) => void): Steps<null> {
  return operation<null>(what, (succeed) => {
    const timer = ms === Infinity ? undefined : setTimeout(() => succeed(null), nodeTimerMs(ms));
    until?.(() => {
      clearTimeout(timer);
      succeed(null);
    });
    return () => clearTimeout(timer);
  });
}
