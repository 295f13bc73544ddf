/**
 * What was sent from one end to another: packets and bytes by addresses, protocol and ports, in one direction. It is
 * all that is kept for each packet; conversations, addresses and ports are added up from it at the end. Numbers only,
 * in arrays that grow, so that a packet of a known flow costs one look into a hash table and no allocation.
 */

/** Flows kept at once; then they are added up and the table starts anew, so memory is bounded. */
export const MAX_FLOWS = 1 << 19;
const FIRST_CAPACITY = 1024;

/** Two addresses, both ports in one word, the IP protocol. */
export const WORDS_4 = 4;
export const WORDS_6 = 10;

/** What is known of the stream of a flow: undecided, of no interest, or followed. */
export const STREAM = { undecided: 0, ignored: 1, followed: 2 } as const;

export class FlowTable {
  size = 0;
  keys: Int32Array;
  packets = new Float64Array(FIRST_CAPACITY);
  bytes = new Float64Array(FIRST_CAPACITY);
  /** Seconds since 1970 of the first and last packet. */
  first = new Float64Array(FIRST_CAPACITY);
  last = new Float64Array(FIRST_CAPACITY);
  /** All TCP flags that were seen. */
  flags = new Uint8Array(FIRST_CAPACITY);
  /** Whether a SYN without an ACK, or one with it, was seen: who opened the connection. */
  opening = new Uint8Array(FIRST_CAPACITY);
  application = new Uint8Array(FIRST_CAPACITY);
  stream = new Uint8Array(FIRST_CAPACITY);
  /** Whether the table is full: then `clear` has to come before the next new flow. */
  private slots = new Int32Array(2 * FIRST_CAPACITY);
  private capacity = FIRST_CAPACITY;
  private latest = 0;

  constructor(readonly words: number) {
    this.keys = new Int32Array(FIRST_CAPACITY * words);
  }

  get isFull(): boolean {
    return this.size >= MAX_FLOWS;
  }

  /** The flow of two IPv4 addresses; a new one begins at `time`. */
  find4(source: number, target: number, ports: number, protocol: number, time: number): number {
    const { keys } = this;
    const { latest } = this;
    if (
      latest < this.size &&
      keys[4 * latest] === source &&
      keys[4 * latest + 1] === target &&
      keys[4 * latest + 2] === ports &&
      keys[4 * latest + 3] === protocol
    )
      return latest;
    const mask = this.slots.length - 1;
    let hash = Math.imul(source, 0x9e3779b1) ^ Math.imul(target, 0x85ebca6b) ^ Math.imul(ports ^ protocol, 0xc2b2ae35);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (;;) {
      const index = this.slots[slot]! - 1;
      if (index < 0) break;
      const at = 4 * index;
      if (keys[at] === source && keys[at + 1] === target && keys[at + 2] === ports && keys[at + 3] === protocol)
        return (this.latest = index);
      slot = (slot + 1) & mask;
    }
    const index = this.add(slot, time);
    const at = 4 * index;
    this.keys[at] = source;
    this.keys[at + 1] = target;
    this.keys[at + 2] = ports;
    this.keys[at + 3] = protocol;
    return this.settle(index, hash);
  }

  /** The flow of two IPv6 addresses, which stand one after the other from `addresses` on. */
  find6(bytes: Uint8Array, addresses: number, ports: number, protocol: number, time: number): number {
    const { key } = this;
    for (let i = 0; i < 8; i++) key[i] = word(bytes, addresses + 4 * i);
    key[8] = ports;
    key[9] = protocol;
    let hash = 0;
    for (let i = 0; i < WORDS_6; i++) hash = Math.imul(hash ^ key[i]!, 0x9e3779b1) + (hash >>> 13);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const index = this.slots[slot]! - 1;
      if (index < 0) break;
      if (this.isAt(index)) return index;
      slot = (slot + 1) & mask;
    }
    const index = this.add(slot, time);
    this.keys.set(key, WORDS_6 * index);
    return this.settle(index, hash);
  }

  private readonly key = new Int32Array(WORDS_6);

  private isAt(index: number): boolean {
    const { keys, key } = this;
    const at = WORDS_6 * index;
    for (let i = 0; i < WORDS_6; i++) if (keys[at + i] !== key[i]) return false;
    return true;
  }

  private add(slot: number, time: number): number {
    const index = this.size++;
    if (index === this.capacity) this.grow();
    else this.slots[slot] = index + 1;
    this.packets[index] = 0;
    this.bytes[index] = 0;
    this.first[index] = time;
    this.last[index] = time;
    this.flags[index] = 0;
    this.opening[index] = 0;
    this.application[index] = 0;
    this.stream[index] = STREAM.undecided;
    return index;
  }

  /** The hash of each flow, for growing. */
  private hashes = new Int32Array(FIRST_CAPACITY);
  private grown = false;

  private settle(index: number, hash: number): number {
    this.hashes[index] = hash;
    if (this.grown) {
      this.grown = false;
      this.rehash();
    }
    return index;
  }

  private grow(): void {
    const capacity = (this.capacity *= 2);
    const larger = <T extends Float64Array | Uint8Array | Int32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.keys = larger(this.keys, new Int32Array(capacity * this.words));
    this.packets = larger(this.packets, new Float64Array(capacity));
    this.bytes = larger(this.bytes, new Float64Array(capacity));
    this.first = larger(this.first, new Float64Array(capacity));
    this.last = larger(this.last, new Float64Array(capacity));
    this.flags = larger(this.flags, new Uint8Array(capacity));
    this.opening = larger(this.opening, new Uint8Array(capacity));
    this.application = larger(this.application, new Uint8Array(capacity));
    this.stream = larger(this.stream, new Uint8Array(capacity));
    this.hashes = larger(this.hashes, new Int32Array(capacity));
    this.grown = true;
  }

  private rehash(): void {
    this.slots = new Int32Array(2 * this.capacity);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.size; index++) {
      let slot = this.hashes[index]! & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = index + 1;
    }
  }

  clear(): void {
    this.size = 0;
    this.latest = 0;
    this.slots.fill(0);
  }
}

/** 32 bits in network byte order, as a signed number. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
