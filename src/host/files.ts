/** Files as the compiler and built-ins need them at once, without a wait: program text, certificates. */
import { node } from './node';
import type { Reported } from './reported';
import { decode, encode } from './text';

export interface FileFailure {
  /** POSIX name: "ENOENT", "EACCES", "EISDIR"... */
  readonly code: string;
}

/** A path as Node's functions take it: names are bytes to the system, and those that are no UTF-8 are passed as they are. */
export function native(path: string): string | Buffer {
  return path.isWellFormed() ? path : encode(path);
}

/** The text of a whole file, or why it cannot be read; `seen` where it is the program that reads it. */
export function readText(path: string, seen: Reported | null = null): string | FileFailure {
  try {
    const bytes = node.fs.readFileSync(native(path));
    seen?.received(bytes);
    return decode(bytes);
  } catch (error) {
    seen?.failed(error);
    return { code: (error as NodeJS.ErrnoException).code ?? 'EIO' };
  } finally {
    seen?.closed();
  }
}

export function isFile(path: string): boolean {
  return node.fs.statSync(native(path), { throwIfNoEntry: false })?.isFile() === true;
}

/** The path with symbolic links resolved; the path itself where there is no such file. */
export function realPath(path: string): string {
  try {
    return path.isWellFormed() ? node.fs.realpathSync(path) : decode(node.fs.realpathSync(native(path), 'buffer'));
  } catch {
    return path;
  }
}

/** Names in a directory; none where it cannot be read. */
export function listDirectory(path: string): string[] {
  try {
    return node.fs.readdirSync(native(path), 'buffer').map((name) => decode(name));
  } catch {
    return [];
  }
}

export function joinPath(...parts: string[]): string {
  return node.path.join(...parts);
}

export function directoryOf(path: string): string {
  return node.path.dirname(path);
}

/** `ending` is cut off where the name ends so. */
export function baseName(path: string, ending = ''): string {
  return node.path.basename(path, ending);
}

/** ".gz", or nothing. */
export function extensionOf(path: string): string {
  return node.path.extname(path);
}

export function absolutePath(...parts: string[]): string {
  return node.path.resolve(...parts);
}

export function isAbsolute(path: string): boolean {
  return node.path.isAbsolute(path);
}

/** `file:///...` for an absolute path; anything else as it is. */
export function fileUrl(path: string): string {
  return node.path.isAbsolute(path) ? node.url.pathToFileURL(path).href : path;
}
