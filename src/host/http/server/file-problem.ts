/** Why a file cannot be sent, before anything of the answer is. */
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { node } from '../../node';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
};

/** Null where it can be read. */
export function fileProblem(builtin: string, path: string): ErrorValue | null {
  const refuse = (code: string): ErrorValue =>
    fault(code, `${builtin}: cannot read ${path}: ${WORDS[code] ?? code} (${code})`, {
      function: builtin,
      fields: { path },
    });
  try {
    if (path.includes('\0')) return refuse('ENOENT');
    if (node.fs.statSync(path).isDirectory()) return refuse('EISDIR');
    node.fs.accessSync(path, node.fs.constants.R_OK);
    return null;
  } catch (error) {
    return refuse((error as NodeJS.ErrnoException).code ?? 'EIO');
  }
}
