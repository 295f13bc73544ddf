/** A request as the program wants it, checked: what all parts of the client work on. */
import type { CookieJar } from './cookie-jar';
import type { Place } from './place';
import type { Profile } from './profile';

/** What is sent as a body. It can be sent again, after a redirect or a failure. */
export interface RequestBody {
  /** The whole, or makes the stream of it. */
  readonly content: Buffer | (() => AsyncIterable<Buffer>);
  /** Bytes; null where it is not known beforehand. */
  readonly length: number | null;
  /** The Content-Type, where the program names none. */
  readonly type: string | null;
}

export interface ClientRequest {
  /** The built-in that the program called. */
  readonly builtin: string;
  readonly method: string;
  readonly place: Place;
  /** Names and values in turn, looked at. */
  readonly fields: readonly string[];
  readonly body: RequestBody | null;
  readonly profile: Profile;
  /** In all. */
  readonly timeoutMs: number;
  readonly connectMs: number;
  readonly maxRedirects: number;
  /** A redirect from https to http is followed. */
  readonly downgrade: boolean;
  readonly jar: CookieJar | null;
  /** The Cookie field for the first host. */
  readonly cookies: string | null;
  /** The Authorization field for the first origin. */
  readonly authorization: string | null;
  readonly retries: number;
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
}

/** How far a request had come. */
export type Phase = 'name' | 'connect' | 'tls' | 'headers' | 'body';

export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn. */
  readonly raw: readonly Buffer[];
}

/** The first field of this name, which is in lower case; undefined for none. Quicker than making a map of all. */
export function fieldOf({ raw }: ResponseHead, lowerName: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!;
    if (name.length === lowerName.length && name.toString('latin1').toLowerCase() === lowerName) {
      return raw[i + 1]!.toString('latin1');
    }
  }
  return undefined;
}
