/** How many packets and bytes each protocol has inside of which others: "eth", "eth/ip", "eth/ip/tcp". */
import type { Layers } from '../packet/layers';
import { PROTOCOLS, protocolName } from '../packet/protocols';

export interface HierarchyNode {
  readonly protocol: string;
  readonly packets: number;
  readonly bytes: number;
  readonly children: readonly HierarchyNode[];
}

/** Different nestings; beyond that packets count where they are known. */
const MAX_NODES = 4096;

export class Hierarchy {
  private size = 1;
  /** By node and protocol: the node inside. */
  private children = new Int16Array(64 * PROTOCOLS);
  private packets = new Float64Array(64);
  private bytes = new Float64Array(64);

  add(layers: Layers): void {
    const { protocol, count, wireLength } = layers;
    let node = 0;
    this.packets[0]!++;
    this.bytes[0]! += wireLength;
    for (let i = 0; i < count; i++) {
      const at = node * PROTOCOLS + protocol[i]!;
      let child = this.children[at]!;
      if (child === 0) {
        child = this.make(at);
        if (child === 0) return;
      }
      node = child;
      this.packets[node]!++;
      this.bytes[node]! += wireLength;
    }
  }

  private make(at: number): number {
    if (this.size >= MAX_NODES) return 0;
    if (this.size === this.packets.length) this.grow();
    this.children[at] = this.size;
    return this.size++;
  }

  private grow(): void {
    const children = new Int16Array(2 * this.children.length);
    children.set(this.children);
    this.children = children;
    const packets = new Float64Array(2 * this.packets.length);
    packets.set(this.packets);
    this.packets = packets;
    const bytes = new Float64Array(2 * this.bytes.length);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }

  /** Inside of the frame, the most packets first. */
  result(node = 0): HierarchyNode[] {
    const found: HierarchyNode[] = [];
    for (let protocol = 0; protocol < PROTOCOLS; protocol++) {
      const child = this.children[node * PROTOCOLS + protocol]!;
      if (child === 0) continue;
      found.push({
        protocol: protocolName(protocol),
        packets: this.packets[child]!,
        bytes: this.bytes[child]!,
        children: this.result(child),
      });
    }
    return found.sort((a, b) => b.packets - a.packets || b.bytes - a.bytes);
  }
}
