/** Settings of an HTTP server with the defaults; docs/http-limits.md has the reason for each number. */
import type { AccessFormat } from '../../../wire/http/access-log';
import type { ServerSetup } from '../../net/tls';

export interface Cors {
  /** Origins that may read answers; "*" for all. */
  readonly origins: readonly string[];
  readonly methods: readonly string[] | null;
  /** Request headers that scripts may set; null for those that they ask for. */
  readonly headers: readonly string[] | null;
  /** Response headers that scripts may read. */
  readonly expose: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeS: number;
}

export interface ServerOptions {
  readonly tls: ServerSetup | null;
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  readonly headerMs: number;
  readonly requestMs: number;
  readonly idleMs: number;
  readonly maxHeaderBytes: number;
  readonly accessLog: AccessFormat | null;
  /** A path; null for standard output. */
  readonly accessLogFile: string | null;
  readonly cors: Cors | null;
}
