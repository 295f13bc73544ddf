/** How connections that are over ended, for `ws_state` and for errors: the last few thousand of them. */
import type { Ending } from './link';

export interface Past {
  readonly handle: string;
  readonly ending: Ending;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const MAX_PAST = 4096;
const past = new Map<string, Past>();

export function remember(connection: Omit<Past, 'ending'>, ending: Ending): void {
  const { handle, bytesIn, bytesOut } = connection;
  past.set(handle, { handle, ending, bytesIn, bytesOut });
  if (past.size > MAX_PAST) past.delete(past.keys().next().value!);
}

export function pastConnection(handle: string): Past | undefined {
  return past.get(handle);
}
