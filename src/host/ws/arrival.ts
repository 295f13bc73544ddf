/** A new client of a server, and what it asked for. The connection itself does not keep that: it may last for days. */
import type { Steps } from '../../runtime/task';
import type { WsConnection } from './connection';

export class Arrival {
  /** Names and values in turn as one text, which takes a fraction of the memory; no header holds a line break. */
  private readonly packed: string;

  constructor(
    readonly connection: WsConnection,
    readonly path: string,
    headers: readonly string[],
  ) {
    this.packed = headers.join('\n');
  }

  /** Names and values in turn. */
  get headers(): string[] {
    return this.packed.split('\n');
  }

  close(): Steps<null> {
    return this.connection.close();
  }

  abandonNow(): void {
    this.connection.abandonNow();
  }
}
