/** Filters of packets in tcpdump's language. */
import { parseFilter } from './parser';
import { toFunction } from './to-function';
import type { PacketFilter } from './to-function';

export { FilterError } from './tokens';
export type { PacketFilter } from './to-function';

/** A filter that is made anew for each link type that comes up. */
export class FileFilter {
  private readonly functions = new Map<number, PacketFilter>();
  private latestType = -1;
  private latest: PacketFilter | null = null;

  /** Errors: `FilterError`. */
  constructor(private readonly text: string) {
    parseFilter(text, 1);
  }

  passes(bytes: Uint8Array, start: number, end: number, wireLength: number, linkType: number): boolean {
    if (linkType !== this.latestType || this.latest === null) this.choose(linkType);
    return this.latest!(bytes, start, end, wireLength);
  }

  private choose(linkType: number): void {
    let found = this.functions.get(linkType);
    if (found === undefined) {
      let made: PacketFilter;
      try {
        made = toFunction(parseFilter(this.text, linkType));
      } catch {
        // A test that this link type cannot answer, such as one of Ethernet addresses.
        made = () => false;
      }
      this.functions.set(linkType, (found = made));
    }
    this.latestType = linkType;
    this.latest = found;
  }
}
