/** Names of files are bytes to the system: those that are no UTF-8 are passed to it, and come from it, as they are. */
import { decode, encode } from '../text';
import { refuse } from './failures';

/** A path as Node's functions take it. */
export function native(path: string): string | Buffer {
  return path.isWellFormed() ? path : encode(path);
}

/** The text of a name as the system has it. */
export function nameOf(bytes: Buffer): string {
  return decode(bytes);
}

/** Of what is written only names in UTF-8 are taken: a file would come to be under another name than the one given. */
export function askUtf8(builtin: string, path: string): void {
  if (path.isWellFormed()) return;
  throw refuse(builtin, 'EINVAL', 'the path holds bytes that are no UTF-8; such files can be read and deleted only', {
    path,
  });
}
