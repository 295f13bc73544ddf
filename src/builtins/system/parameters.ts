/** Types of parameters of functions for files. */
import type { Value } from '../../runtime/values';
import type { Type } from '../types';

/** A path as the system takes it; a relative one begins at the working directory. */
export const path: Type<string> = {
  name: 'string',
  takes: 'a path: a string without NUL that is not empty',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => value !== '' && !(value as string).includes('\0'),
};

/** "644": permission bits as chmod takes them. */
export const mode: Type<number> & { readonly convert: (value: Value) => number } = {
  name: 'string',
  takes: 'three or four octal digits such as "644"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => /^[0-7]{3,4}$/.test(value as string),
  convert: (value) => parseInt(value as string, 8),
};

export const FILE_ERRORS = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'there is no permission',
} as const;
