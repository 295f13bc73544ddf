/** A file on the command line that cannot be read: what to say, and which was meant where that is likely. */
import { didYouMean } from '../diagnostics/did-you-mean';
import { baseName, directoryOf, isFile, joinPath, listDirectory } from '../host/files';
import type { UnreadableFile } from '../program/compile';
import { COMMAND_NAMES } from './command-names';
import { helpHint, UsageError } from './usage';

export function unreadable({ path, code }: UnreadableFile): UsageError {
  switch (code) {
    case 'ENOENT':
      return missing(path);
    case 'EISDIR':
      return new UsageError(`'${path}' is a directory, not a program`, mainFileIn(path));
    case 'EACCES':
    case 'EPERM':
      return new UsageError(`'${path}' may not be read (${code})`);
    default:
      return new UsageError(`'${path}' cannot be read (${code})`);
  }
}

function missing(path: string): UsageError {
  const mayBeCommand = /^[a-z-]+$/.test(path);
  const what = mayBeCommand ? `there is neither a command nor a file '${path}'` : `there is no file '${path}'`;
  const near = nearFile(path) ?? (mayBeCommand ? didYouMean(path, COMMAND_NAMES) : null);
  return new UsageError(what, near === null ? (mayBeCommand ? helpHint('sentra') : null) : `did you mean '${near}'?`);
}

function nearFile(path: string): string | null {
  if (isFile(`${path}.sn`)) return `${path}.sn`;
  const directory = directoryOf(path);
  const programs = listDirectory(directory).filter((name) => name.endsWith('.sn'));
  const near = didYouMean(
    baseName(path).replace(/\.sn$/, ''),
    programs.map((name) => name.slice(0, -'.sn'.length)),
  );
  if (near === null) return null;
  return directory === '.' && !path.startsWith('.') ? `${near}.sn` : joinPath(directory, `${near}.sn`);
}

function mainFileIn(directory: string): string | null {
  const main = joinPath(directory, 'main.sn');
  return isFile(main) ? `did you mean '${main}'?` : null;
}
