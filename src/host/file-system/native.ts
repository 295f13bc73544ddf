/** Names of files that are no UTF-8, from the system and to it. */
import { decode } from '../text';
import { refuse } from './failures';

export { native } from '../files';

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
