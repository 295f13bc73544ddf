/**
 * Passwords as texts to be stored: the PHC string format, `$scrypt$ln=15,r=8,p=3$SALT$HASH`, with base64 without
 * padding. The text says all that verifying needs.
 */
import type { Steps } from '../../runtime/task';
import { node } from '../node';
import { isBearable, scrypt } from './scrypt';
import type { ScryptCost } from './scrypt';

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const STORED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

export function* storePassword(builtin: string, password: Uint8Array, cost: ScryptCost): Steps<string> {
  const salt = node.crypto.randomBytes(SALT_BYTES);
  const key = yield* scrypt(builtin, password, salt, cost, HASH_BYTES);
  return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Null for a text that `storePassword` cannot have made. */
export function* passwordFits(builtin: string, password: Uint8Array, stored: string): Steps<boolean | null> {
  const found = STORED.exec(stored);
  if (found === null) return null;
  const cost = { logN: Number(found[1]), r: Number(found[2]), p: Number(found[3]) };
  if (!isBearable(cost)) return null;
  const expected = Buffer.from(found[5]!, 'base64');
  const key = yield* scrypt(builtin, password, Buffer.from(found[4]!, 'base64'), cost, expected.length);
  return node.crypto.timingSafeEqual(key, expected);
}
