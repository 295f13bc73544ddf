/**
 * Keys from passwords: scrypt (RFC 7914), computed by a thread of the system while the program goes on. What a text
 * from outside may ask for is bounded: reading one takes at most 128 MiB and a few seconds.
 */
import { fault } from '../../runtime/errors';
import type { Steps } from '../../runtime/task';
import { called } from '../callback';
import { node } from '../node';

export interface ScryptCost {
  /** N is 2 to the power of this. */
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export const MIN_LOG_N = 10;
export const MAX_LOG_N = 17;
/** 32 MiB of memory, three times: what OWASP's Password Storage Cheat Sheet counts as one of its equal choices. */
export const USUAL_COST: ScryptCost = { logN: 15, r: 8, p: 3 };

const MAX_R = 8;
const MAX_P = 4;

/** Whether a cost that stands in a text from outside is one to be computed. */
export function isBearable({ logN, r, p }: ScryptCost): boolean {
  const within = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  return within(logN, MIN_LOG_N, MAX_LOG_N) && within(r, 1, MAX_R) && within(p, 1, MAX_P);
}

export function scrypt(
  builtin: string,
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  bytes: number,
): Steps<Buffer> {
  const N = 2 ** cost.logN;
  const settings = { N, r: cost.r, p: cost.p, maxmem: 2 * 128 * N * cost.r };
  const word = (error: Error) =>
    fault('ENOMEM', `${builtin}: the key could not be derived: ${error.message} (ENOMEM)`, { function: builtin });
  return called<Buffer>('for a key to be derived', word, (done) =>
    node.crypto.scrypt(password, salt, bytes, settings, done),
  );
}
