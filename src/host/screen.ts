/**
 * Lines at the bottom of the terminal that change in place: progress bars, a menu. What the program prints
 * meanwhile appears above them, whole: before anything is written they are wiped off, and drawn again once the
 * output stands at the beginning of a line.
 *
 * Always: the cursor stands below the lines, at the beginning of a line, so a program that is killed leaves a
 * terminal that is in order; and at the end of the process nothing of them is left.
 */
import { displayWidth } from '../diagnostics/display';
import { atLineStart, beforeOutput, draw, flush, isTerminal, onExit, terminalColumns } from './process';

/** The stream of the terminal, null where there is none. Standard error first: output may be piped into another program. */
export function screen(): 1 | 2 | null {
  return isTerminal(2) ? 2 : isTerminal(1) ? 1 : null;
}

/** What is shown, from top to bottom. */
const sections: Section[] = [];
/** The columns that each line took when it was drawn; empty while nothing stands there. */
let drawn: number[] = [];
let watching = false;

/** Some lines of the screen that belong together. No colours or other sequences in them, unless `widths` tells the columns. */
export class Section {
  lines: readonly string[] = [];
  /** Columns of the lines where they hold sequences that take none. */
  widths: readonly number[] | null = null;

  show(lines: readonly string[], widths: readonly number[] | null = null): void {
    this.lines = lines;
    this.widths = widths;
    if (!sections.includes(this)) sections.push(this);
    redraw();
  }

  /** Wipes the lines off, for good. */
  remove(): void {
    const index = sections.indexOf(this);
    if (index < 0) return;
    sections.splice(index, 1);
    redraw();
  }
}

function watch(): void {
  if (watching) return;
  watching = true;
  beforeOutput((fd) => {
    if (isTerminal(fd)) wipe();
  });
  onExit(wipe);
}

function redraw(): void {
  watch();
  const fd = screen();
  if (fd === null) return;
  // What was printed before stands above.
  flush();
  if (drawn.length === 0 && !atLineStart()) return;
  const lines = sections.flatMap((section) => section.lines);
  const widths = sections.flatMap((section) => section.widths ?? section.lines.map(displayWidth));
  const text = wipingText() + lines.map((line) => `${line}\n`).join('');
  drawn = widths;
  if (text !== '') draw(fd, text);
}

function wipe(): void {
  const fd = screen();
  if (drawn.length === 0 || fd === null) return;
  const text = wipingText();
  drawn = [];
  draw(fd, text);
}

/** Up to the first of the lines, and clears from there. A line may take several rows in a window that was made narrower. */
function wipingText(): string {
  if (drawn.length === 0) return '';
  const columns = terminalColumns(screen()!) ?? 80;
  const rows = drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
  return `\x1b[${rows}A\r\x1b[J`;
}
