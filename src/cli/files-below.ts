/** The files below a directory that commands work on, and how many they were. */
import { isFile, joinPath, listDirectory } from '../host/files';

const SKIPPED_DIRECTORIES: ReadonlySet<string> = new Set(['node_modules', 'dist']);

/** Paths, sorted by directory; hidden directories and those of tools are left out. */
export function filesBelow(directory: string, wanted: (name: string) => boolean): string[] {
  return listDirectory(directory)
    .toSorted()
    .flatMap((name) => {
      const path = joinPath(directory, name);
      if (isFile(path)) return wanted(name) ? [path] : [];
      return name.startsWith('.') || SKIPPED_DIRECTORIES.has(name) ? [] : filesBelow(path, wanted);
    });
}

/** "1 file", "2 files". */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
