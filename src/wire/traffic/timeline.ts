/** Packets and bytes over time, in at most `2 * SLOTS` parts whatever the duration: parts are joined when it grows. */

const SLOTS = 256;
/** Seconds of a part in the beginning. */
const FIRST_WIDTH = 0.001;

export interface TimelinePart {
  /** Seconds from the first packet to the beginning of the part. */
  readonly start: number;
  readonly packets: number;
  readonly bytes: number;
}

export class Timeline {
  private origin = 0;
  private width = FIRST_WIDTH;
  private packets = new Float64Array(SLOTS);
  private bytes = new Float64Array(SLOTS);
  private used = 0;

  /** `time` in seconds; what is earlier than the first packet counts into the first part. */
  add(time: number, length: number): void {
    if (this.used === 0) this.origin = time;
    let slot = Math.floor((time - this.origin) / this.width);
    if (slot < 0) slot = 0;
    while (slot >= SLOTS) {
      this.join();
      slot >>= 1;
      if (this.width > 1e12) slot = 0;
    }
    this.packets[slot]!++;
    this.bytes[slot]! += length;
    if (slot >= this.used) this.used = slot + 1;
  }

  private join(): void {
    for (let i = 0; i < SLOTS / 2; i++) {
      this.packets[i] = this.packets[2 * i]! + this.packets[2 * i + 1]!;
      this.bytes[i] = this.bytes[2 * i]! + this.bytes[2 * i + 1]!;
    }
    this.packets.fill(0, SLOTS / 2);
    this.bytes.fill(0, SLOTS / 2);
    this.used = Math.ceil(this.used / 2);
    this.width *= 2;
  }

  /** At most `parts` parts of one length each. */
  result(parts: number): { readonly seconds: number; readonly parts: readonly TimelinePart[] } {
    const each = Math.max(1, Math.ceil(this.used / parts));
    const found: TimelinePart[] = [];
    for (let from = 0; from < this.used; from += each) {
      let packets = 0;
      let bytes = 0;
      for (let i = from; i < Math.min(from + each, this.used); i++) {
        packets += this.packets[i]!;
        bytes += this.bytes[i]!;
      }
      found.push({ start: from * this.width, packets, bytes });
    }
    return { seconds: each * this.width, parts: found };
  }
}
