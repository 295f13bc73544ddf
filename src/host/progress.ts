/**
 * Progress bars on the terminal, for the built-ins of that name and for what takes long inside of others
 * (downloads, scans, reading files): label, bar, count, rate, time left. Several may be shown at once. Where
 * standard error is no terminal nothing at all is shown.
 *
 * A bar that is done leaves its last state as a line; one that is not wiped off: at an error or at the end of
 * the program. The package cli-progress keeps the bars, draws them ten times a second and works out the time
 * left; what it draws goes to a section of the screen, so that output of the program never tears it.
 */
import type * as CliProgress from 'cli-progress';
import type { MultiBar, Options, Params, SingleBar } from 'cli-progress';
import { shownWithin } from '../diagnostics/display';
import { colorsWanted, isTerminal, terminalColumns, writeErr } from './process';
import { Section } from './screen';

export interface ProgressOptions {
  /** What makes it complete; null where that is not known. */
  readonly total: number | null;
  readonly label?: string;
  /** How counts are shown: as they are, or as kB, MB. */
  readonly unit?: 'items' | 'bytes';
  /** Nothing is shown of what is over sooner, in milliseconds. */
  readonly delayMs?: number;
  /** What was there before (a download that goes on), which is no part of the rate. */
  readonly start?: number;
}

const FRAMES_PER_SECOND = 10;
const FRAME_MS = 1000 / FRAMES_PER_SECOND;
/** The time left is worked out from the last so many frames. */
const FRAMES_FOR_TIME_LEFT = 100;
const MAX_BAR = 40;
const MIN_BAR = 8;
/** Columns of what stands behind the bar. */
const RATE_WIDTH = 8;
const LEFT_WIDTH = 9;

/** All that takes part in drawing; loaded and kept only while a bar is shown. */
class Bars {
  private readonly section = new Section();
  private readonly lines: string[] = [];
  /** The line that the package is drawing. */
  private row = 0;
  private readonly multi: MultiBar;
  private readonly shown = new Map<Progress, SingleBar>();
  private lastFrame = 0;
  /** The package draws before the line of a bar that is gone has been cut off. */
  private removing = false;

  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when a bar is shown
    const library = require('cli-progress') as typeof CliProgress;
    const options: Options & { terminal: object } = {
      format: (_options, params, payload: { progress: Progress }) =>
        payload.progress.line(params, library.Format.BarFormat),
      terminal: this.terminal(),
      fps: FRAMES_PER_SECOND,
      etaBuffer: FRAMES_FOR_TIME_LEFT,
      barsize: MAX_BAR,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      gracefulExit: false,
      forceRedraw: true,
      linewrap: null,
    };
    this.multi = new library.MultiBar(options);
    this.multi.on('update-pre', () => {
      this.lastFrame = performance.now();
      for (const [progress, bar] of this.shown) bar.update(progress.value);
    });
    this.multi.on('redraw-post', () => {
      if (!this.removing) this.section.show([...this.lines]);
    });
  }

  /** The package draws here in the place of a terminal. */
  private terminal(): object {
    const nothing = (): void => {};
    return {
      cursorSave: nothing,
      cursorRestore: nothing,
      cursor: nothing,
      cursorTo: nothing,
      cursorRelative: nothing,
      lineWrapping: nothing,
      clearRight: nothing,
      clearLine: nothing,
      clearBottom: () => (this.lines.length = Math.min(this.lines.length, this.row)),
      cursorRelativeReset: () => (this.row = 0),
      newline: () => this.row++,
      write: (line: string) => (this.lines[this.row] = line),
      isTTY: () => true,
      getWidth: () => terminalColumns(2) ?? 80,
    };
  }

  add(progress: Progress): void {
    const bar = this.multi.create(progress.total ?? 0, progress.start, { progress });
    this.shown.set(progress, bar);
    this.multi.update();
  }

  /** Draws, unless it was just done: a program that computes leaves no time for timers. */
  refresh(): void {
    if (performance.now() - this.lastFrame >= FRAME_MS) this.multi.update();
  }

  setTotal(progress: Progress): void {
    this.shown.get(progress)?.setTotal(progress.total ?? 0);
  }

  remove(progress: Progress): void {
    const bar = this.shown.get(progress);
    if (bar === undefined) return;
    this.shown.delete(progress);
    if (this.shown.size > 0) {
      this.removing = true;
      this.multi.remove(bar);
      this.removing = false;
      this.section.show([...this.lines]);
    } else {
      this.multi.stop();
      this.section.remove();
      bars = null;
    }
  }
}

let bars: Bars | null = null;

export class Progress {
  value: number;
  total: number | null;
  label: string;
  readonly start: number;
  private readonly unit: 'items' | 'bytes';
  private readonly begun = performance.now();
  private state: 'waiting' | 'shown' | 'over' | 'hidden' = 'hidden';
  private readonly delayMs: number;
  private timer: NodeJS.Timeout | null = null;

  constructor({ total, label = '', unit = 'items', delayMs = 0, start = 0 }: ProgressOptions) {
    this.total = total;
    this.label = label;
    this.unit = unit;
    this.start = start;
    this.value = start;
    this.delayMs = delayMs;
    if (!isTerminal(2)) return;
    if (delayMs === 0) {
      this.appear();
    } else {
      this.state = 'waiting';
      this.timer = setTimeout(() => this.appear(), delayMs);
      this.timer.unref();
    }
  }

  get over(): boolean {
    return this.state === 'over';
  }

  step(by = 1): void {
    this.reach(this.value + by);
  }

  /** Sets what is done so far. */
  reach(value: number): void {
    this.value = value;
    if (this.state === 'shown') bars!.refresh();
    else if (this.state === 'waiting' && performance.now() - this.begun >= this.delayMs) this.appear();
  }

  setTotal(total: number | null): void {
    this.total = total;
    if (this.state === 'shown') bars!.setTotal(this);
  }

  /** It is complete: the last state stays as a line. */
  done(): void {
    const wasShown = this.state === 'shown';
    this.abort();
    if (wasShown) writeErr(`${this.lastLine()}\n`);
  }

  /** It is over before it is complete: nothing of it stays. */
  abort(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.state === 'shown') {
      bars!.remove(this);
    }
    this.state = 'over';
  }

  private appear(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.state = 'shown';
    bars ??= new Bars();
    bars.add(this);
  }

  private get seconds(): number {
    return (performance.now() - this.begun) / 1000;
  }

  private rate(): string {
    const perSecond = (this.value - this.start) / Math.max(this.seconds, 0.001);
    return `${this.amount(perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond))}/s`;
  }

  private amount(value: number): string {
    return this.unit === 'bytes' ? byteText(value) : countText(value);
  }

  /** What has been done: "450/1,000", or "450" where the total is not known. */
  private counts(): string {
    return this.total === null ? this.amount(this.value) : `${this.amount(this.value)}/${this.amount(this.total)}`;
  }

  /** The bar as it is drawn. `barText` makes the bar itself. */
  line(params: Params, barText: (progress: number, options: Options) => string): string {
    const room = (terminalColumns(2) ?? 80) - 1;
    const percent = this.total === null ? '' : `${Math.floor(params.progress * 100)}%`.padStart(4);
    const left = this.total === null ? durationText(this.seconds) : timeLeft((params as { eta?: unknown }).eta);
    // As wide as they may become, so that the bar does not move.
    const counts = this.total === null ? this.counts() : this.counts().padStart(2 * this.amount(this.total).length + 1);
    const facts = [percent, counts, this.rate().padStart(RATE_WIDTH), left.padEnd(LEFT_WIDTH)].join('  ');
    const label = shownWithin(this.label, Math.max(4, Math.floor(room / 3)));
    const head = label.width === 0 ? '' : `${label.shown}  `;
    const size = Math.min(MAX_BAR, room - (label.width === 0 ? 0 : label.width + 2) - facts.length - 2);
    if (this.total === null || size < MIN_BAR) return shownWithin(head + facts.trim(), room).shown;
    const filled = barText(params.progress, barOptions(size));
    return `${head}${filled}  ${facts}`.trimEnd();
  }

  private lastLine(): string {
    const label = shownWithin(this.label, 60);
    const head = label.width === 0 ? '' : `${label.shown}  `;
    const check = colorsWanted(2) ? '\x1b[32m✓\x1b[39m' : '✓';
    return `${check} ${head}${this.counts()} in ${durationText(this.seconds)}  ${this.rate()}`;
  }
}

function barOptions(size: number): Options {
  const strings = { barCompleteString: '█'.repeat(size), barIncompleteString: '░'.repeat(size) };
  return { ...strings, barsize: size, barGlue: '' };
}

function timeLeft(seconds: unknown): string {
  return typeof seconds === 'number' ? `${durationText(seconds)} left` : '';
}

/** "1:05", "2:00:07". */
function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(Number.isInteger(seconds) ? 0 : 1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** With commas between thousands; no more than one place behind the point. */
function countText(value: number): string {
  const [whole = '', fraction] = String(Math.round(value * 10) / 10).split('.');
  const grouped = /^-?\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** "1.5 MB": of 1000 bytes each. */
export function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]!}`;
}
