/**
 * A line editor at a terminal: arrow keys, history, completion. The terminal belongs to it only while a line
 * is being read; `release` gives it back, so that a program that runs meanwhile reads its own input, and
 * Ctrl-C is a signal again. What was typed or pasted ahead is kept for the next line.
 */
import type { Interface } from 'node:readline';
import { node } from './node';
import { beforeOutput, flush } from './process';

/** Ctrl-C at the prompt. */
export const INTERRUPTED = Symbol('Ctrl-C');

export interface EditorOptions {
  /** Latest first. */
  readonly history: readonly string[];
  readonly historySize: number;
  /** What may stand in the place of the end of the line, and that end. */
  readonly complete: (line: string) => readonly [candidates: readonly string[], end: string];
}

type Line = string | null | typeof INTERRUPTED;

export class LineEditor {
  private readline: Interface | null = null;
  private history: string[];
  /** Lines that are complete and that nobody has asked for. */
  private readonly lines: string[] = [];
  /** The beginning of a line. */
  private typed = '';
  private waiting: ((line: Line) => void) | null = null;
  private ended = false;
  /** What stood there was wiped off for something to be printed. */
  private wiped = false;

  constructor(private readonly options: EditorOptions) {
    this.history = [...options.history];
    beforeOutput(() => this.makeRoom());
  }

  /** The next line; null at the end of the input (Ctrl-D). One at a time. */
  read(prompt: string): Promise<Line> {
    flush();
    const line = this.lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.waiting = resolve;
      const readline = (this.readline ??= this.open());
      readline.setPrompt(prompt);
      readline.prompt();
      if (this.typed !== '') readline.write(this.typed);
      this.typed = '';
    });
  }

  /** The line after the one that was read last, where it has come already, as in pasted text. */
  pending(): string | null {
    return this.lines[0] ?? null;
  }

  private makeRoom(): void {
    if (this.readline === null || this.waiting === null || this.wiped) return;
    this.wiped = true;
    const { rows } = this.readline.getCursorPos();
    process.stdout.write(`${rows > 0 ? `\x1b[${rows}A` : ''}\r\x1b[J`);
  }

  /** Draws the line again, below what was printed meanwhile. */
  redraw(): void {
    if (!this.wiped) return;
    this.wiped = false;
    if (this.waiting !== null) this.readline?.prompt(true);
  }

  /** Drops what was typed, also ahead: what Ctrl-C does. */
  interrupt(): void {
    const { readline } = this;
    this.lines.length = 0;
    this.typed = '';
    if (readline === null || this.waiting === null) return;
    readline.write(null, { ctrl: true, name: 'e' });
    readline.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('\n');
    this.give(INTERRUPTED);
  }

  release(): void {
    const { readline } = this;
    if (readline === null) return;
    this.readline = null;
    this.wiped = false;
    this.typed = readline.line;
    readline.close();
  }

  private open(): Interface {
    const { complete, historySize } = this.options;
    const readline = node.readline.createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: this.history,
      historySize,
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line),
    });
    readline.on('history', (history) => (this.history = history));
    readline.on('line', (line) => {
      this.lines.push(line);
      // One piece of input may hold several lines, and the beginning of another.
      setImmediate(() => this.answer());
    });
    readline.on('SIGINT', () => this.interrupt());
    readline.on('close', () => {
      if (this.readline !== readline) return;
      this.readline = null;
      this.ended = true;
      this.answer();
    });
    return readline;
  }

  private answer(): void {
    if (this.waiting === null) return;
    const line = this.lines.shift();
    if (line !== undefined) this.give(line);
    else if (this.ended) this.give(null);
  }

  private give(line: Line): void {
    const waiting = this.waiting;
    this.waiting = null;
    waiting?.(line);
  }
}
