/** Files by pattern: the package tinyglobby, loaded at its first use. */
import type * as Tinyglobby from 'tinyglobby';
import type { Steps } from '../../runtime/task';
import { promised } from '../callback';
import { node } from '../node';
import { beginAll } from '../permissions';
import { byCodePoint } from './directories';
import { wording } from './failures';

function library(): typeof Tinyglobby {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
  return require('tinyglobby') as typeof Tinyglobby;
}

export interface GlobOptions {
  readonly cwd: string | null;
  readonly dot: boolean;
  readonly directories: boolean;
}

/** Absolute paths where one of the patterns is absolute, else relative ones to the directory. */
export function* globFiles(builtin: string, patterns: readonly string[], options: GlobOptions): Steps<string[]> {
  const cwd = options.cwd ?? process.cwd();
  const seen = beginAll(builtin, patterns.map((pattern) => ['read', node.path.resolve(cwd, pattern)])); // prettier-ignore
  const stop = new AbortController();
  const found = yield* promised<string[]>(
    `for the files ${patterns.join(' ')}`,
    wording(builtin, 'list', cwd),
    (state) => {
      state.stop = () => stop.abort();
      return library().glob([...patterns], {
        cwd,
        absolute: patterns.some((pattern) => node.path.isAbsolute(pattern)),
        dot: options.dot,
        onlyFiles: !options.directories,
        expandDirectories: false,
        signal: stop.signal,
        followSymbolicLinks: false,
      });
    },
    ...seen,
  );
  return found.map((each) => (each.length > 1 && each.endsWith('/') ? each.slice(0, -1) : each)).sort(byCodePoint);
}
