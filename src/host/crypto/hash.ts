/** Hashes of bytes and of files. A file is read in pieces while other tasks go on, in memory that does not grow with it. */
import type { Steps } from '../../runtime/task';
import { Cancelled, promised } from '../callback';
import { wording } from '../file-system/failures';
import { node } from '../node';
import { askPermission } from '../permissions';
import { bytesOf } from '../text';

export const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512'] as const;
export type Hash = (typeof HASHES)[number];

export type Data = string | readonly number[];

/** Hexadecimal, in small letters. */
export function hash(algorithm: Hash, data: Data): string {
  return node.crypto.createHash(algorithm).update(bytesOf(data)).digest('hex');
}

export function hmac(algorithm: Hash, data: Data, key: Data): string {
  return node.crypto.createHmac(algorithm, bytesOf(key)).update(bytesOf(data)).digest('hex');
}

const PIECE_BYTES = 1 << 20;

/** Errors: ENOENT, EACCES, EISDIR... with the path. */
export function* hashFile(builtin: string, algorithm: Hash, path: string): Steps<string> {
  askPermission(builtin, 'read', path);
  return yield* promised(`for the hash of ${path}`, wording(builtin, 'read', path), (state) =>
    hashPieces(algorithm, path, state),
  );
}

async function hashPieces(algorithm: Hash, path: string, state: Cancelled): Promise<string> {
  const hashing = node.crypto.createHash(algorithm);
  const file = await node.fs.promises.open(path, 'r');
  try {
    // Two pieces in turn: one is read while the other is hashed.
    let piece = Buffer.allocUnsafe(PIECE_BYTES);
    let other = Buffer.allocUnsafe(PIECE_BYTES);
    let reading = file.read(piece, 0, PIECE_BYTES, null);
    while (state.wanted) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      [piece, other] = [other, piece];
      reading = file.read(piece, 0, PIECE_BYTES, null);
      hashing.update(bytesRead === PIECE_BYTES ? other : other.subarray(0, bytesRead));
    }
    await reading.catch(() => undefined);
  } finally {
    await file.close();
  }
  return hashing.digest('hex');
}
