/** A file that a program wants to send: looked at before anything of the answer is on its way. */
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { opening } from '../../events';
import { failureOf } from '../../failure';
import { node } from '../../node';
import { atOnce } from '../../permissions';
import type { FileBody } from './response-map';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
};

/** Errors: why it cannot be read. */
export function fileToSend(builtin: string, path: string): FileBody {
  const refuse = (error: unknown): ErrorValue => {
    const { code } = failureOf(error);
    return fault(code, `${builtin}: cannot read ${path}: ${WORDS[code] ?? code} (${code})`, {
      function: builtin,
      fields: { path },
    });
  };
  atOnce(builtin, 'read', path, () => lookAt(path), refuse);
  return { path: node.path.resolve(path), root: null, by: opening() };
}

function lookAt(path: string): void {
  if (path.includes('\0')) throw Object.assign(new Error('no path holds NUL'), { code: 'ENOENT' });
  if (node.fs.statSync(path).isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
  node.fs.accessSync(path, node.fs.constants.R_OK);
}
