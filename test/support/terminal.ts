/** A command at a terminal of its own: Python's pty module makes one. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { after } from 'node:test';
import { BIN, environment } from './command';
import type { Surroundings } from './command';

/** Runs the arguments in a terminal of 80 columns and passes on what comes and goes. */
const IN_A_TERMINAL = `
import fcntl, os, pty, select, struct, sys, termios
pid, master = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
sources = [master, 0]
while True:
    ready = select.select(sources, [], [])[0]
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(master, typed)
        else:
            sources.remove(0)
    if master in ready:
        try:
            shown = os.read(master, 65536)
        except OSError:
            break
        if not shown:
            break
        os.write(1, shown)
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;

export const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

const TIMEOUT_MS = 15_000;

export class Terminal {
  private readonly ended: Promise<number | null>;
  private readonly process: ChildProcessWithoutNullStreams;
  /** Shown and not yet looked at. */
  private shown = '';
  private notify: () => void = () => {};

  constructor(args: readonly string[], { cwd, env }: Surroundings = {}) {
    this.process = spawn('python3', ['-c', IN_A_TERMINAL, BIN, ...args], {
      cwd,
      env: environment({ TERM: 'xterm-256color', ...env }),
    });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text;
      this.notify();
    });
    this.ended = new Promise((resolve) => this.process.on('close', resolve));
    open.add(this.process);
    this.process.on('close', () => open.delete(this.process));
  }

  /** Its exit status, once it has ended. */
  async end(): Promise<number | null> {
    const late = setTimeout(() => this.process.kill('SIGKILL'), TIMEOUT_MS);
    const status = await this.ended;
    clearTimeout(late);
    return status;
  }

  type(text: string): void {
    this.process.stdin.write(text);
  }

  /** Waits until this is shown; what comes after it is left for the next. Gives what came before. */
  async shows(text: string | RegExp): Promise<string> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const found = typeof text === 'string' ? this.find(text) : text.exec(this.shown);
      if (found !== null) {
        const before = this.shown.slice(0, found.index);
        this.shown = this.shown.slice(found.index + found[0].length);
        return before;
      }
      if (Date.now() > deadline)
        throw new Error(`the terminal does not show ${String(text)} but ${JSON.stringify(this.shown)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.notify = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  private find(text: string): { readonly 0: string; readonly index: number } | null {
    const index = this.shown.indexOf(text);
    return index < 0 ? null : { 0: text, index };
  }
}

const open = new Set<ChildProcessWithoutNullStreams>();

after(() => {
  for (const each of open) each.kill('SIGKILL');
});
