/**
 * Data encrypted with a password: AES-256-GCM (NIST SP 800-38D) under a key that scrypt derives. The bytes, which
 * programs see as base64 text:
 *
 *      0   4  "SENC"
 *      4   1  version of this layout: 1
 *      5   1  scrypt: log2 of N
 *      6   1  scrypt: r
 *      7   1  scrypt: p
 *      8  16  salt of scrypt
 *     24  12  nonce of AES-GCM
 *     36   n  the encrypted data
 *   36+n  16  tag of AES-GCM
 *
 * Always: bytes 0 to 35 are the additional authenticated data, so no bit of the whole can be changed unnoticed;
 * salt and nonce are new for each text.
 */
import type { Steps } from '../../runtime/task';
import { node } from '../node';
import { isBearable, scrypt } from './scrypt';
import type { ScryptCost } from './scrypt';

const MAGIC = Buffer.from('SENC');
const VERSION = 1;
const SALT_AT = 8;
const NONCE_AT = 24;
const DATA_AT = 36;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';

export function* seal(builtin: string, data: Uint8Array, password: Uint8Array, cost: ScryptCost): Steps<Buffer> {
  const head = Buffer.concat([
    MAGIC,
    Buffer.of(VERSION, cost.logN, cost.r, cost.p),
    node.crypto.randomBytes(DATA_AT - SALT_AT),
  ]);
  const key = yield* scrypt(builtin, password, head.subarray(SALT_AT, NONCE_AT), cost, KEY_BYTES);
  const cipher = node.crypto.createCipheriv(CIPHER, key, head.subarray(NONCE_AT), { authTagLength: TAG_BYTES });
  cipher.setAAD(head);
  const encrypted = cipher.update(data);
  return Buffer.concat([head, encrypted, cipher.final(), cipher.getAuthTag()]);
}

/** Why a text is not opened: it is no such text, of a later version, or was changed (or the password is wrong). */
export type Refusal = 'no such text' | 'version' | 'cost' | 'changed';

export function* open(builtin: string, sealed: Buffer, password: Uint8Array): Steps<Buffer | Refusal> {
  if (sealed.length < DATA_AT + TAG_BYTES || !sealed.subarray(0, MAGIC.length).equals(MAGIC)) return 'no such text';
  if (sealed[4] !== VERSION) return 'version';
  const cost = { logN: sealed[5]!, r: sealed[6]!, p: sealed[7]! };
  if (!isBearable(cost)) return 'cost';
  const head = sealed.subarray(0, DATA_AT);
  const key = yield* scrypt(builtin, password, head.subarray(SALT_AT, NONCE_AT), cost, KEY_BYTES);
  const decipher = node.crypto.createDecipheriv(CIPHER, key, head.subarray(NONCE_AT), { authTagLength: TAG_BYTES });
  decipher.setAAD(head);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const data = decipher.update(sealed.subarray(DATA_AT, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return 'changed';
  }
  return data;
}
