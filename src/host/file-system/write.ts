/**
 * Writing files. A file gets its new content under another name in the same directory, which then takes the place of
 * the old one: whoever reads it sees the old content or the new, and a program that is killed half-way leaves the
 * old. What is no file on a disk (a device, a pipe, what the system makes up in /proc and /sys) is written into.
 *
 * Always: after an error, and after a cancel, nothing is left under the other name.
 */
import type * as Fs from 'node:fs';
import type { Steps } from '../../runtime/task';
import { promised } from '../callback';
import type { Cancelled } from '../callback';
import { node } from '../node';
import { tap } from '../events';
import { begin, beginAll } from '../permissions';
import type { Reported } from '../reported';
import { wording } from './failures';
import { askUtf8 } from './native';
import { keepAtEnd, nameBeside, removeAtEnd } from './temporary';

export interface WriteOptions {
  /** Permission bits; null keeps those of the file that is there, or takes the usual ones. */
  readonly mode: number | null;
  /** Waits until the disk has it, so that it is there also after a power failure. */
  readonly sync: boolean;
}

const USUAL_MODE = 0o666;
const MODE_BITS = 0o7777;
/** So much is handed to the system at once; between two of them it is asked whether it is still wanted. */
const PIECE_BYTES = 1 << 20;

/** Errors: ENOENT, EACCES, EISDIR, ENOSPC... */
export function* writeFile(builtin: string, path: string, data: Buffer, options: WriteOptions): Steps<null> {
  askUtf8(builtin, path);
  const seen = begin(builtin, 'write', path);
  const write = async (state: Cancelled): Promise<null> => {
    const target = await targetOf(path);
    const there = await statOf(target);
    if (there !== null && (!there.isFile() || (await isMadeUp(target)))) {
      await writeInto(target, data, 'r+', state, seen);
      return null;
    }
    await replace(target, there, options.mode, async (temporary) => {
      const file = await node.fs.promises.open(temporary, 'wx', options.mode ?? USUAL_MODE);
      try {
        await writeAll(file, data, state, seen);
        await takeOver(file, there, options.mode);
        if (options.sync) await file.sync();
      } finally {
        await file.close();
      }
      return state.wanted;
    });
    if (options.sync) await syncDirectory(node.path.dirname(target));
    return null;
  };
  return yield* promised(`for ${path} to be written`, wording(builtin, 'write', path), write, seen);
}

/** Adds at the end; the file is made where there is none. What was added before an error is taken back. */
export function* appendFile(builtin: string, path: string, data: Buffer): Steps<null> {
  askUtf8(builtin, path);
  const seen = begin(builtin, 'write', path);
  const append = async (state: Cancelled): Promise<null> => {
    await writeInto(path, data, 'a', state, seen);
    return null;
  };
  return yield* promised(`for ${path} to be written`, wording(builtin, 'write to', path), append, seen);
}

/** Copies into place under another name first. Errors: as for writing, and EINVAL for what is no file. */
export function* copyFile(builtin: string, from: string, to: string): Steps<null> {
  for (const path of [from, to]) askUtf8(builtin, path);
  const seen = beginAll(builtin, [['read', from], ['write', to]]); // prettier-ignore
  const copy = async (state: Cancelled): Promise<null> => {
    await copyInto(from, to, state, seen);
    return null;
  };
  return yield* promised(`for ${from} to be copied`, copyWording(builtin, 'copy', from, to), copy, ...seen);
}

/** Moves a file or a directory, also to another disk: there it is copied first and then removed here. */
export function* moveFile(builtin: string, from: string, to: string): Steps<null> {
  for (const path of [from, to]) askUtf8(builtin, path);
  const seen = beginAll(builtin, [['write', from], ['write', to]]); // prettier-ignore
  const move = async (state: Cancelled): Promise<null> => {
    const { promises } = node.fs;
    try {
      await promises.rename(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await moveAcross(from, to, state, seen);
    }
    return null;
  };
  return yield* promised(`for ${from} to be moved`, copyWording(builtin, 'move', from, to), move, ...seen);
}

/** The failure may be about either of two paths: Node says which, or names both. */
function copyWording(builtin: string, doing: string, from: string, to: string) {
  return (error: NodeJS.ErrnoException) => {
    const about = (error as { about?: string }).about ?? (node.fs.existsSync(from) ? to : from);
    return wording(builtin, about === from ? doing : `${doing} ${from} to`, about)(error);
  };
}

function failure(code: string, about: string): Error {
  return Object.assign(new Error(code), { code, about });
}

async function copyInto(from: string, to: string, state: Cancelled, seen: readonly Reported[]): Promise<void> {
  const { promises, constants } = node.fs;
  const stat = await promises.stat(from);
  if (stat.isDirectory()) throw failure('EISDIR', from);
  if (!stat.isFile()) throw failure('ENXIO', from);
  const target = await targetOf(to);
  const there = await statOf(target);
  if (there?.isDirectory() === true) throw failure('EISDIR', to);
  await replace(target, there, stat.mode & MODE_BITS, async (temporary) => {
    await promises.copyFile(from, temporary, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await reportCopy(temporary, seen);
    return state.wanted;
  });
}

/** The system copies without showing the bytes: they are counted by what has come of them. */
async function reportCopy(copy: string, [from, to]: readonly Reported[]): Promise<void> {
  if (tap.on === null) return;
  const bytes = await bytesBelow(copy);
  from!.copied('in', bytes);
  to!.copied('out', bytes);
}

/** Of a file, or of all the files in a directory. */
async function bytesBelow(path: string): Promise<number> {
  const { promises } = node.fs;
  const stat = await promises.lstat(path);
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0;
  let sum = 0;
  for (const name of await promises.readdir(path)) sum += await bytesBelow(node.path.join(path, name));
  return sum;
}

async function moveAcross(from: string, to: string, state: Cancelled, seen: readonly Reported[]): Promise<void> {
  const { promises } = node.fs;
  const stat = await promises.lstat(from);
  const there = await statOf(to);
  // What `rename` refuses within a disk is refused here.
  if (there?.isDirectory() === true && !stat.isDirectory()) throw failure('EISDIR', to);
  if (there !== null && stat.isDirectory()) throw failure(there.isDirectory() ? 'EEXIST' : 'ENOTDIR', to);
  await replace(to, null, null, async (temporary) => {
    await promises.cp(from, temporary, {
      recursive: true,
      errorOnExist: true,
      force: false,
      preserveTimestamps: true,
      verbatimSymlinks: true,
    });
    await reportCopy(temporary, seen);
    return state.wanted;
  });
  if (state.wanted) await promises.rm(from, { recursive: true });
}

/** Fills a new name by `fill` and puts it in the place of `target`, unless `fill` says that nobody wants it. */
async function replace(
  target: string,
  there: Fs.Stats | null,
  mode: number | null,
  fill: (temporary: string) => Promise<boolean>,
): Promise<void> {
  if (there?.isDirectory() === true) throw failure('EISDIR', target);
  const { promises } = node.fs;
  const temporary = nameBeside(target);
  removeAtEnd(temporary);
  try {
    if (!(await fill(temporary))) return;
    if (mode !== null) await promises.chmod(temporary, mode);
    await promises.rename(temporary, target);
  } finally {
    await promises.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    keepAtEnd(temporary);
  }
}

/** Rights and owner of the file whose place it takes. */
async function takeOver(file: Fs.promises.FileHandle, there: Fs.Stats | null, mode: number | null): Promise<void> {
  if (there === null) return;
  // Only root may give a file away; for others it belongs to whoever writes it, as with any new file.
  if (process.getuid?.() === 0) await file.chown(there.uid, there.gid);
  if (mode === null) await file.chmod(there.mode & MODE_BITS);
}

async function writeAll(file: Fs.promises.FileHandle, data: Buffer, state: Cancelled, seen: Reported): Promise<void> {
  for (let at = 0; at < data.length && state.wanted;) {
    const { bytesWritten } = await file.write(data, at, Math.min(PIECE_BYTES, data.length - at));
    seen.sent(data.subarray(at, at + bytesWritten));
    at += bytesWritten;
  }
}

async function writeInto(
  path: string,
  data: Buffer,
  flags: 'r+' | 'a',
  state: Cancelled,
  seen: Reported,
): Promise<void> {
  const { promises, constants } = node.fs;
  const there = await statOf(path);
  if (there?.isDirectory() === true) throw failure('EISDIR', path);
  // Opening a pipe that nobody reads would wait for a reader, in a thread that could not be got back.
  const open = flags === 'a' ? constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT : constants.O_WRONLY;
  const file = await promises.open(path, open | (there?.isFIFO() === true ? constants.O_NONBLOCK : 0), USUAL_MODE);
  try {
    const { size } = await file.stat();
    try {
      await writeAll(file, data, state, seen);
    } catch (error) {
      const after = await file.stat();
      // Nothing but a part of this data was added since.
      if (after.isFile() && after.size > size && after.size < size + data.length) await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
}

/** Where symbolic links lead to in the end, also when nothing is there yet. */
async function targetOf(path: string): Promise<string> {
  const { promises } = node.fs;
  try {
    return await promises.realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  let current = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const next = await promises.readlink(current).catch(() => null);
    if (next === null) return current;
    current = node.path.resolve(node.path.dirname(current), next);
  }
  throw failure('ELOOP', path);
}

const MAX_LINKS = 40;

async function statOf(path: string): Promise<Fs.Stats | null> {
  try {
    return await node.fs.promises.stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** File systems whose files are switches of the kernel: proc, sysfs, cgroup2, debugfs and tracefs (statfs(2)). */
const MADE_UP = new Set([0x9fa0, 0x62656572, 0x63677270, 0x64626720, 0x74726163]);

async function isMadeUp(path: string): Promise<boolean> {
  return MADE_UP.has((await node.fs.promises.statfs(path)).type);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await node.fs.promises.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
