/** What a failure of the file system means, in words. Every error has the path and the system's own code. */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import type { Value } from '../../runtime/values';
import type { Wording } from '../callback';
import { node } from '../node';

/** What the system said. */
export type ErrnoException = NodeJS.ErrnoException;

/** `doing` is what was being done, to be read after "cannot": "read", "write", "list"... */
export function fileError(builtin: string, doing: string, path: string, error: NodeJS.ErrnoException): ErrorValue {
  const code = codeOf(error);
  const [reason, hint] = REASONS[code]?.(path) ?? [error.message];
  return refuse(builtin, code, `cannot ${doing} ${shown(path)}: ${reason}`, { path }, hint);
}

/** An error of a file operation that the system did not make. */
export function refuse(
  builtin: string,
  code: string,
  message: string,
  fields: Readonly<Record<string, Value>>,
  hint?: string,
): ErrorValue {
  return fault(code, `${builtin}: ${message} (${code})`, {
    function: builtin,
    fields,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The wording of one operation on one path, for waits. */
export function wording(builtin: string, doing: string, path: string): Wording {
  return (error) => fileError(builtin, doing, path, error);
}

/** A path as messages show it: an empty one, or one with spaces at its ends, is quoted. */
function shown(path: string): string {
  return path === '' || path.trim() !== path || path.includes('\n') ? JSON.stringify(path) : path;
}

function codeOf(error: NodeJS.ErrnoException): string {
  const { code } = error;
  if (code === undefined) return 'EIO';
  // Node checks some arguments itself; a path with NUL is one that no file can have.
  return code.startsWith('ERR_') ? 'EINVAL' : code;
}

const REASONS: Readonly<Record<string, (path: string) => [reason: string, hint?: string]>> = {
  ENOENT: missing,
  EACCES: () => ['no permission', 'look at the rights of the file and of its directories'],
  EPERM: () => ['the system does not allow it', 'the file may belong to somebody else, or be protected'],
  EISDIR: () => ['it is a directory'],
  ENOTDIR: () => ['a part of the path is no directory'],
  EEXIST: () => ['it exists already'],
  ENOTEMPTY: () => ['the directory is not empty'],
  ENOSPC: () => ['the disk is full'],
  EDQUOT: () => ['the quota of the disk is used up'],
  EFBIG: () => ['the file would be larger than files may be'],
  EROFS: () => ['the file system is read-only'],
  EMFILE: () => ['too many files and sockets are open', 'close those that are no longer needed (ulimit -n)'],
  ENFILE: () => ['too many files are open in the whole system'],
  ELOOP: () => ['its symbolic links lead in a circle'],
  ENAMETOOLONG: () => ['the name is too long'],
  EBUSY: () => ['it is in use'],
  ETXTBSY: () => ['it is a program that runs now'],
  EIO: () => ['the disk reports an error'],
  ENXIO: () => ['it is no file: nobody is at its other end'],
  EINVAL: (path) => [path.includes('\0') ? 'no path holds NUL' : 'the system refuses this path'],
  EXDEV: () => ['the two places are on different disks'],
};

/** Whether the file is missing or already its directory. */
function missing(path: string): [string, string?] {
  const dirname = (each: string): string => node.path.dirname(each);
  let above = dirname(path);
  if (path === '') return ['the path is empty'];
  if (exists(above)) return ['there is no such file or directory'];
  while (!exists(dirname(above)) && dirname(above) !== above) above = dirname(above);
  return [`the directory ${above} does not exist`];
}

function exists(path: string): boolean {
  return node.fs.existsSync(path);
}
