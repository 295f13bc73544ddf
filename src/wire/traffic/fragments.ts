/**
 * Puts IP packets together from their fragments (RFC 791, RFC 8200 section 4.5). Pieces come in any order and more
 * than once; the first bytes that came for a place stay. Bounded: what takes too long or too much is given up.
 */

const MAX_PACKETS = 256;
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_PACKET = 65535;
/** Seconds (RFC 8200: 60; most systems take 30). */
const GIVEN_UP_AFTER = 30;

interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
}

interface Unfinished {
  readonly since: number;
  readonly pieces: Piece[];
  /** Of the whole; known with the last piece. */
  total: number;
  stored: number;
}

export class Fragments {
  private readonly unfinished = new Map<string, Unfinished>();
  private stored = 0;
  /** Packets whose pieces never all came. */
  abandoned = 0;

  /** The payload of the IP packet when this was its last missing piece, else null. */
  add(
    key: string,
    time: number,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): Uint8Array | null {
    let packet = this.unfinished.get(key);
    if (packet !== undefined && time - packet.since > GIVEN_UP_AFTER) {
      this.drop(key, packet);
      packet = undefined;
    }
    if (packet === undefined) {
      while (this.unfinished.size >= MAX_PACKETS || this.stored > MAX_BYTES) this.dropOldest();
      packet = { since: time, pieces: [], total: -1, stored: 0 };
      this.unfinished.set(key, packet);
    }
    const length = end - start;
    if (offset + length > MAX_PACKET || packet.stored + length > 2 * MAX_PACKET) {
      this.drop(key, packet);
      return null;
    }
    packet.pieces.push({ from: offset, bytes: bytes.slice(start, end) });
    packet.stored += length;
    this.stored += length;
    if (!more) packet.total = offset + length;
    if (packet.total < 0) return null;
    const whole = assemble(packet);
    if (whole === null) return null;
    this.stored -= packet.stored;
    this.unfinished.delete(key);
    return whole;
  }

  private dropOldest(): void {
    const [key, packet] = this.unfinished.entries().next().value!;
    this.drop(key, packet);
  }

  private drop(key: string, packet: Unfinished): void {
    this.stored -= packet.stored;
    this.unfinished.delete(key);
    this.abandoned++;
  }
}

/** Null while something is missing. */
function assemble({ pieces, total }: Unfinished): Uint8Array | null {
  const sorted = [...pieces].sort((a, b) => a.from - b.from);
  let reached = 0;
  for (const { from, bytes } of sorted) {
    if (from > reached) return null;
    reached = Math.max(reached, from + bytes.length);
  }
  if (reached < total) return null;
  const whole = new Uint8Array(total);
  // What came first is written last.
  for (const { from, bytes } of [...pieces].reverse()) whole.set(bytes.subarray(0, Math.max(0, total - from)), from);
  return whole;
}
