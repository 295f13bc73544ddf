/**
 * Work that is done in slices between the turns of the event loop, so that other tasks go on while a scan sends
 * its thousands of packets: until nothing is left to do at once, then again when a descriptor has news or the
 * time has come.
 *
 * Always: after `stop` nothing of it runs any more, and nothing of it keeps the process alive.
 */
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { watch } from '../native/libc';
import type { Watch } from '../native/libc';

/** Less than the turn of the tasks, so that they come first. */
const SLICE_MS = 5;

export abstract class SlicedWork {
  private stopped = false;
  private scheduled = false;
  private watches: Watch[] = [];
  private readonly timer = new Timeout(() => this.slice());
  private sliceEnd = 0;

  /**
   * Does what can be done now, until `isTimeUp`. Gives the milliseconds after which to go on if nothing happens
   * before: 0 at once, Infinity for not at all.
   */
  protected abstract work(): number;
  /** The work threw: it is over. */
  protected abstract failed(error: unknown): void;

  /** Goes on when the descriptor has news. */
  protected watch(fd: number): void {
    this.watches.push(watch(fd, () => this.slice()));
  }

  protected start(): void {
    this.soon();
  }

  protected isTimeUp(now: number): boolean {
    return now >= this.sliceEnd;
  }

  private soon(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.slice();
    });
  }

  private slice(): void {
    if (this.stopped) return;
    this.sliceEnd = performance.now() + SLICE_MS;
    let waitMs: number;
    try {
      waitMs = this.work();
    } catch (error) {
      this.failed(error);
      return;
    }
    if (this.isStopped) return;
    clearTimer(this.timer);
    if (waitMs <= 0) this.soon();
    else if (waitMs !== Infinity) setTimer(this.timer, waitMs);
  }

  protected get isStopped(): boolean {
    return this.stopped;
  }

  protected stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    clearTimer(this.timer);
    for (const each of this.watches) each.stop();
    this.watches = [];
  }
}
