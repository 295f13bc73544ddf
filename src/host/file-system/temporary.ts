/** Files and directories that are gone when the program has ended, however it ended; short of SIGKILL. */
import { node } from '../node';
import { atOnce } from '../permissions';
import { onExit } from '../process';
import { wording } from './failures';

const paths = new Set<string>();
let exitWatched = false;

/** At the end, what is at the path is removed. */
export function removeAtEnd(path: string): void {
  paths.add(path);
  if (exitWatched) return;
  exitWatched = true;
  onExit(() => {
    for (const each of paths) removeNow(each);
  });
}

/** It has another name by now, or is gone. */
export function keepAtEnd(path: string): void {
  paths.delete(path);
}

function removeNow(path: string): void {
  try {
    node.fs.rmSync(path, { recursive: true, force: true });
  } catch {
    // The process ends: nobody is left to tell.
  }
}

/** A name beside `path` that is taken by nobody, for what is to be put in its place. */
export function nameBeside(path: string): string {
  const random = node.crypto.randomBytes(6).toString('hex');
  // A long name must stay within the 255 bytes that a name may have.
  return node.path.join(node.path.dirname(path), `.${node.path.basename(path).slice(0, 50)}.${random}.tmp`);
}

/** Whether `nameBeside` made it. */
export function isNameBeside(path: string): boolean {
  return /\.[0-9a-f]{12}\.tmp$/.test(path) && node.path.basename(path).startsWith('.');
}

/** An empty file that only the user can read. */
export function temporaryFile(builtin: string, suffix: string): string {
  const path = node.path.join(node.os.tmpdir(), `sentra-${node.crypto.randomBytes(8).toString('hex')}${suffix}`);
  const make = (): void => node.fs.closeSync(node.fs.openSync(path, 'wx', 0o600));
  atOnce(builtin, 'write', path, make, wording(builtin, 'make', path));
  removeAtEnd(path);
  return path;
}

/** An empty directory that only the user can look into. */
export function temporaryDirectory(builtin: string): string {
  const beginning = node.path.join(node.os.tmpdir(), 'sentra-');
  const word = wording(builtin, 'make a directory in', node.os.tmpdir());
  const path = atOnce(builtin, 'write', beginning, () => node.fs.mkdtempSync(beginning), word);
  removeAtEnd(path);
  return path;
}
