/** Hashes of bytes and of files. A file is read in pieces while other tasks go on, in memory that does not grow with it. */
import type { Steps } from '../../runtime/task';
import { promised } from '../callback';
import type { Cancelled } from '../callback';
import { wording } from '../file-system/failures';
import { Source } from '../file-system/source';
import { node } from '../node';
import { begin } from '../permissions';
import type { Reported } from '../reported';
import { bytesOf } from '../text';

export const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'blake2b512'] as const;
export type Hash = (typeof HASHES)[number];

export type Data = string | readonly number[];

/** Longer texts are made bytes of first. */
const SHORT_TEXT = 4096;

/** The data as Node takes it: a short text as it is, where Node's bytes of it are ours. */
function input(data: Data): string | Buffer {
  return typeof data === 'string' && data.length <= SHORT_TEXT && data.isWellFormed() ? data : bytesOf(data);
}

/** Hexadecimal, in small letters. */
export function hash(algorithm: Hash, data: Data): string {
  const { crypto } = node;
  // Node 20.12 and later: all at once, for a third of the time.
  if (typeof crypto.hash === 'function') return crypto.hash(algorithm, input(data), 'hex');
  return crypto.createHash(algorithm).update(input(data)).digest('hex');
}

export function hmac(algorithm: Hash, data: Data, key: Data): string {
  return node.crypto.createHmac(algorithm, input(key)).update(input(data)).digest('hex');
}

const PIECE_BYTES = 1 << 20;

/** Errors: ENOENT, EACCES, EISDIR... with the path. */
export function* hashFile(builtin: string, algorithm: Hash, path: string): Steps<string> {
  const seen = begin(builtin, 'read', path);
  return yield* promised(`for the hash of ${path}`, wording(builtin, 'read', path), (state) =>
    hashPieces(algorithm, path, state, seen),
  );
}

async function hashPieces(algorithm: Hash, path: string, state: Cancelled, seen: Reported): Promise<string> {
  const hashing = node.crypto.createHash(algorithm);
  const source = Source.open(path, seen);
  state.stop = () => source.close();
  try {
    // Two pieces in turn: one is read while the other is hashed.
    let piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let other = Buffer.allocUnsafeSlow(PIECE_BYTES);
    let reading = source.readInto(piece);
    while (state.wanted) {
      const bytes = await reading;
      if (bytes === 0) break;
      [piece, other] = [other, piece];
      reading = source.readInto(piece);
      // A failure is met in the next turn.
      reading.catch(() => undefined);
      hashing.update(other.subarray(0, bytes));
    }
  } finally {
    source.close();
  }
  return hashing.digest('hex');
}
