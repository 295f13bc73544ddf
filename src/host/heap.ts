/** How full the memory is that JavaScript's values are kept in. When it is full, V8 ends the process in its own words. */
import { node } from './node';

/** What V8 adds to its limit for new values, as the command sets it: three parts of 64 MiB. */
const YOUNG_BYTES = 3 * 64 * 1024 * 1024;

/** Used of what there is for values that stay, from 0 to 1; garbage counts until it is collected. */
export function heapShare(): number {
  return node.v8.getHeapStatistics().used_heap_size / heapBytes();
}

/** Bytes that there are for values that stay. */
export function heapBytes(): number {
  const { heap_size_limit: limit } = node.v8.getHeapStatistics();
  return limit > 2 * YOUNG_BYTES ? limit - YOUNG_BYTES : limit;
}

let collect: (() => void) | null = null;

/** Takes seconds where the memory is nearly full. */
export function collectGarbage(): void {
  if (collect === null) {
    node.v8.setFlagsFromString('--expose-gc');
    collect = node.vm.runInNewContext('gc') as () => void;
  }
  collect();
}
