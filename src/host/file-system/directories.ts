/** What is known of files, directories and what is in them, and removing both. */
import type * as Fs from 'node:fs';
import type { Steps } from '../../runtime/task';
import { promised } from '../callback';
import type { Cancelled } from '../callback';
import { node } from '../node';
import { atOnce, begin } from '../permissions';
import { fileError, refuse, wording } from './failures';
import { askUtf8, nameOf, native } from './native';

export interface FileInfo {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly accessed: number;
  readonly created: number;
  readonly is_file: boolean;
  readonly is_dir: boolean;
  readonly is_link: boolean;
  /** Four octal digits. */
  readonly mode: string;
  readonly owner: number;
  readonly group: number;
}

/** `follow`: of what a symbolic link leads to, not of the link. */
export function fileInfo(builtin: string, path: string, follow: boolean): FileInfo {
  const stat = attempt(builtin, 'read', 'look at', path, () =>
    follow ? node.fs.statSync(native(path)) : node.fs.lstatSync(native(path)),
  );
  return {
    size: stat.size,
    modified: Math.floor(stat.mtimeMs),
    accessed: Math.floor(stat.atimeMs),
    created: Math.floor(stat.birthtimeMs),
    is_file: stat.isFile(),
    is_dir: stat.isDirectory(),
    is_link: stat.isSymbolicLink(),
    mode: (stat.mode & 0o7777).toString(8).padStart(4, '0'),
    owner: stat.uid,
    group: stat.gid,
  };
}

/** Null where there is nothing. Errors: what keeps it from being known. */
function statOf(builtin: string, path: string): Fs.Stats | null {
  return attempt(builtin, 'read', 'look at', path, () => {
    try {
      return node.fs.statSync(native(path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  });
}

export function isThere(builtin: string, path: string, kind: 'file' | 'directory'): boolean {
  const stat = statOf(builtin, path);
  return stat !== null && stat.isDirectory() === (kind === 'directory');
}

export function deleteFile(builtin: string, path: string): void {
  attempt(builtin, 'write', 'delete', path, () => node.fs.unlinkSync(native(path)));
}

export function makeDirectory(builtin: string, path: string): void {
  askUtf8(builtin, path);
  attempt(builtin, 'write', 'make', path, () => node.fs.mkdirSync(path, { recursive: true }));
}

/** Names in the order of their code points. */
export function* listDirectory(builtin: string, path: string): Steps<string[]> {
  const seen = begin(builtin, 'read', path);
  const names = yield* promised(
    `for the list of ${path}`,
    wording(builtin, 'list', path),
    () => node.fs.promises.readdir(native(path), 'buffer'),
    seen,
  );
  return names.sort((a, b) => Buffer.compare(a, b)).map(nameOf);
}

/** Errors: ENOTEMPTY unless everything in it is to go as well. */
export function* deleteDirectory(builtin: string, path: string, recursive: boolean): Steps<null> {
  const whole = node.path.resolve(path);
  if (recursive && whole === node.path.parse(whole).root) {
    throw refuse(builtin, 'EINVAL', `${path} is the root of all files, which is never deleted`, { path });
  }
  const seen = begin(builtin, 'write', path);
  const remove = async (): Promise<null> => {
    const { promises } = node.fs;
    if (!recursive) {
      await promises.rmdir(native(path));
    } else {
      const stat = await promises.lstat(native(path));
      if (!stat.isDirectory()) throw Object.assign(new Error('ENOTDIR'), { code: 'ENOTDIR' });
      await promises.rm(native(path), { recursive: true });
    }
    return null;
  };
  return yield* promised(`for ${path} to be deleted`, wording(builtin, 'delete', path), remove, seen);
}

export interface WalkOptions {
  readonly files: boolean;
  readonly directories: boolean;
  /** Levels below the directory; 1 is what is in it. */
  readonly depth: number;
}

/** The paths of all below a directory, each directory before what is in it. Links are not followed. */
export function* walkDirectory(builtin: string, path: string, options: WalkOptions): Steps<string[]> {
  const seen = begin(builtin, 'read', path);
  let current = path;
  const word = (error: NodeJS.ErrnoException) => fileError(builtin, 'list', current, error);
  const walk = async (state: Cancelled): Promise<string[]> => {
    const found: string[] = [];
    // The next directory to look into is the last one of the list.
    const open = [{ at: path, depth: 0, listed: true }];
    for (let next = open.pop(); next !== undefined && state.wanted; next = open.pop()) {
      if (!next.listed && options.directories) found.push(next.at);
      if (next.depth >= options.depth) continue;
      current = next.at;
      const entries = await entriesOf(current);
      const inner: typeof open = [];
      for (const entry of entries) {
        const at = node.path.join(next.at, entry.name);
        if (entry.isDirectory) inner.push({ at, depth: next.depth + 1, listed: false });
        else if (options.files) found.push(at);
      }
      open.push(...inner.reverse());
    }
    return found;
  };
  return yield* promised(`for the walk through ${path}`, word, walk, seen);
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
}

async function entriesOf(path: string): Promise<Entry[]> {
  // The types of Node 20 do not know that names can be bytes here.
  const options = { withFileTypes: true, encoding: 'buffer' } as unknown as { withFileTypes: true };
  const entries = (await node.fs.promises.readdir(native(path), options)) as unknown as Fs.Dirent<Buffer>[];
  entries.sort((a, b) => Buffer.compare(a.name, b.name));
  return entries.map((entry) => ({ name: nameOf(entry.name), isDirectory: entry.isDirectory() }));
}

/** UTF-16 sorts characters above U+FFFF before some below them; bytes of UTF-8 do not. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function attempt<T>(builtin: string, action: 'read' | 'write', doing: string, path: string, body: () => T): T {
  return atOnce(builtin, action, path, body, wording(builtin, doing, path));
}
