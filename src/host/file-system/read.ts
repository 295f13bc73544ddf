/** Whole files as text. A small one is read at once, a large one while other tasks go on. */
import type { Steps } from '../../runtime/task';
import { promised } from '../callback';
import type { Cancelled } from '../callback';
import { node } from '../node';
import { begin } from '../permissions';
import type { Reported } from '../reported';
import { decode } from '../text';
import { fileError, refuse, wording } from './failures';
import { native } from './native';
import { Source } from './source';

/** Reading so much takes less time than handing it to a thread. */
const SMALL_BYTES = 64 * 1024;
/** The most characters a string can hold, and so the most bytes where each is one. */
const MAX_BYTES = 2 ** 29 - 24;
const PIECE_BYTES = 1 << 20;

/** Errors: ENOENT, EACCES, EISDIR...; ERANGE for a file that fits into no string. */
export function* readFile(builtin: string, path: string): Steps<string> {
  const seen = begin(builtin, 'read', path);
  let small: Buffer | null;
  try {
    small = readSmall(path);
  } catch (error) {
    seen.failed(error);
    seen.closed();
    throw fileError(builtin, 'read', path, error as NodeJS.ErrnoException);
  }
  if (small !== null) {
    seen.received(small);
    seen.closed();
    return decode(small);
  }
  const word = wording(builtin, 'read', path);
  const bytes = yield* promised(`for ${path} to be read`, word, (state) => readPieces(path, state, seen));
  if (bytes === null) throw tooLarge(builtin, path);
  return decode(bytes);
}

/** Null for a file that is not small, or none on a disk. */
function readSmall(path: string): Buffer | null {
  const { fs } = node;
  const stat = fs.statSync(native(path));
  return stat.isFile() && stat.size > 0 && stat.size <= SMALL_BYTES ? fs.readFileSync(native(path)) : null;
}

/** Null for more than a string can hold. */
async function readPieces(path: string, state: Cancelled, seen: Reported): Promise<Buffer | null> {
  const source = Source.open(path, seen);
  state.stop = () => source.close();
  try {
    if (source.size > MAX_BYTES) return tooMuch(seen);
    // The size of what the system makes up (/proc) is not known before it was read; any file may grow meanwhile.
    let all = Buffer.allocUnsafe(Math.max(source.size + 1, SMALL_BYTES));
    let length = 0;
    while (state.wanted) {
      const got = await source.readInto(all.subarray(length, length + PIECE_BYTES));
      if (got === 0) break;
      length += got;
      if (length > MAX_BYTES) return tooMuch(seen);
      if (length === all.length) all = Buffer.concat([all], Math.min(2 * all.length, MAX_BYTES + 1));
    }
    return all.subarray(0, length);
  } finally {
    source.close();
  }
}

function tooMuch(seen: Reported): null {
  seen.failed({ code: 'ERANGE', message: 'more bytes than a string can hold' });
  return null;
}

function tooLarge(builtin: string, path: string) {
  return refuse(
    builtin,
    'ERANGE',
    `${path} has more bytes than a string can hold (512 MiB)`,
    { path },
    'file_lines(path) goes through it line by line, hash_file through all of its bytes',
  );
}
