/** Types of parameters of functions for files. */
import type { Type } from '../types';

/** A path as the system takes it; a relative one begins at the working directory. */
export const path: Type<string> = {
  name: 'string',
  takes: 'the path of a file, a string without NUL that is not empty',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => value !== '' && !(value as string).includes('\0'),
};
