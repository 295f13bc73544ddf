/**
 * What was typed at a prompt, kept in a file that only its owner can read, a line for each line. A file that
 * cannot be read or written is no reason to stop anybody from typing: then nothing is kept.
 */
import { node } from './node';
import { decode, encode } from './text';

const OWNER_ONLY = 0o600;

/**
 * `SENTRA_HISTORY` names the file, none when it is empty; else `sentra_history` in `XDG_STATE_HOME`, or
 * `.sentra_history` in the home directory.
 */
export function historyPath(): string | null {
  const named = process.env['SENTRA_HISTORY'];
  if (named !== undefined) return named === '' ? null : named;
  const state = process.env['XDG_STATE_HOME'];
  if (state !== undefined && node.path.isAbsolute(state)) return node.path.join(state, 'sentra_history');
  try {
    return node.path.join(node.os.homedir(), '.sentra_history');
  } catch {
    return null;
  }
}

export class HistoryFile {
  constructor(
    private path: string | null,
    /** Lines to keep. */
    private readonly size: number,
  ) {}

  /** The lines, latest first. Cuts a file that has grown too long. */
  read(): string[] {
    if (this.path === null) return [];
    let lines: string[];
    try {
      lines = decode(node.fs.readFileSync(this.path))
        .split('\n')
        .filter((line) => line !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.path = null;
      return [];
    }
    if (lines.length > 2 * this.size) this.write('w', lines.slice(-this.size));
    return lines.slice(-this.size).reverse();
  }

  add(line: string): void {
    if (line.trim() !== '') this.write('a', [line]);
  }

  private write(flag: 'a' | 'w', lines: readonly string[]): void {
    if (this.path === null) return;
    try {
      node.fs.mkdirSync(node.path.dirname(this.path), { recursive: true });
      const file = node.fs.openSync(this.path, flag, OWNER_ONLY);
      try {
        node.fs.fchmodSync(file, OWNER_ONLY);
        node.fs.writeSync(file, encode(lines.map((line) => `${line}\n`).join('')));
      } finally {
        node.fs.closeSync(file);
      }
    } catch {
      this.path = null;
    }
  }
}
