/** Random bytes that nobody can foretell, and comparing without telling how much is equal. */
import { node } from '../node';

export function randomBytes(count: number): Buffer {
  return node.crypto.randomBytes(count);
}

/** Version 4 of RFC 9562. */
export function randomUuid(): string {
  return node.crypto.randomUUID();
}

/** Takes as long wherever the first difference is; the lengths may show. */
export function constantTimeEqual(a: Buffer, b: Buffer): boolean {
  if (a.length === b.length) return node.crypto.timingSafeEqual(a, b);
  node.crypto.timingSafeEqual(a, a);
  return false;
}
