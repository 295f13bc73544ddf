/** Pings connections in turn with their answers, and drops those that nothing was heard of for two pings. */
import { nodeTimerMs } from '../timer-range';
import type { WsConnection } from './connection';

const NO_PAYLOAD = Buffer.alloc(0);
const MAX_MISSED = 2;

export class Heartbeat {
  private readonly timer: NodeJS.Timeout | null;

  /** `intervalMs`: 0 for none. */
  constructor(
    intervalMs: number,
    private readonly connections: () => Iterable<WsConnection>,
  ) {
    const everyMs = nodeTimerMs(intervalMs);
    this.timer = everyMs === 0 ? null : setInterval(() => this.beat(), everyMs).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  private beat(): void {
    for (const connection of this.connections()) {
      if (connection.state !== 'open') continue;
      connection.missed = connection.heard() ? 0 : connection.missed + 1;
      if (connection.missed >= MAX_MISSED) connection.dropSilent();
      else connection.sendPing(NO_PAYLOAD);
    }
  }
}
