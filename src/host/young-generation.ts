/**
 * The memory in which V8 makes new objects. It grows with what survives, since that is taken for work under way: but
 * ten thousand connections that were let in and do nothing survive as well, and the room would grow by five times
 * what they take.
 */
import { node } from './node';

let fixed = false;

/** From now on the young generation stays as large as it is (16 MiB from the start): for servers of many connections. */
export function fixYoungGeneration(): void {
  if (fixed) return;
  fixed = true;
  node.v8.setFlagsFromString('--semi-space-growth-factor=1');
}
