/** Where the prompt's lines come from: a terminal with its line editor, or a pipe. */
import { HistoryFile, historyPath } from '../host/history-file';
import { isTerminal } from '../host/process';
import { readLine } from '../host/stdin';
import { LineEditor } from '../host/terminal';
import type { INTERRUPTED } from '../host/terminal';
import { spawnTask, watchTask } from '../runtime/scheduler';

const HISTORY_LINES = 1000;

export type Line = string | null | typeof INTERRUPTED;

export interface LineSource {
  /** A person sits there. */
  readonly interactive: boolean;
  /** Null at the end of the input. */
  read(prompt: string): Promise<Line>;
  /** The line that comes next, where it is there already: of pasted text. */
  pending(): string | null;
  /** Ctrl-C came as a signal while nothing runs: what was typed is dropped. */
  interrupt(): void;
  /** What runs now may read from standard input itself. */
  release(): void;
  /** Something was printed while a line is being typed. */
  redraw(): void;
}

export function openInput(complete: (line: string) => [string[], string]): LineSource {
  return isTerminal(0) && isTerminal(1) ? new TerminalInput(complete) : new PipedInput();
}

class TerminalInput implements LineSource {
  readonly interactive = true;
  private readonly file = new HistoryFile(historyPath(), HISTORY_LINES);
  private readonly editor: LineEditor;

  constructor(complete: (line: string) => [string[], string]) {
    this.editor = new LineEditor({ history: this.file.read(), historySize: HISTORY_LINES, complete });
  }

  async read(prompt: string): Promise<Line> {
    const line = await this.editor.read(prompt);
    if (typeof line === 'string') this.file.add(line);
    return line;
  }

  pending(): string | null {
    return this.editor.pending();
  }

  interrupt(): void {
    this.editor.interrupt();
  }

  release(): void {
    this.editor.release();
  }

  redraw(): void {
    this.editor.redraw();
  }
}

/** Shares the input with what runs: `readline()` gets the line after it. */
class PipedInput implements LineSource {
  readonly interactive = false;

  read(): Promise<Line> {
    return new Promise((resolve) => {
      const task = spawnTask(readLine(), null);
      watchTask(task, { taskEnded: () => resolve(task.state === 'done' ? (task.value as string | null) : null) });
    });
  }

  /** Whoever writes into the pipe may wait for an answer first. */
  pending(): null {
    return null;
  }

  interrupt(): void {}

  release(): void {}

  redraw(): void {}
}
