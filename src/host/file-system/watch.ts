/**
 * What happens to a file, or in a directory and all below it, as a channel of events: the package chokidar, loaded
 * at its first use. Closing the channel ends the watch.
 *
 * Always: what happens after the channel was given is told; several changes of a file within a short time may be told
 * as one. The names under which files are written before they take their place are left out.
 */
import type * as Chokidar from 'chokidar';
import { FedChannel } from '../../runtime/fed-channel';
import type { Steps } from '../../runtime/task';
import { MapValue } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { promised } from '../callback';
import type { Cancelled } from '../callback';
import { node } from '../node';
import { begin } from '../permissions';
import type { Reported } from '../reported';
import { fileError, wording } from './failures';
import { isNameBeside } from './temporary';
import type { ErrnoException } from './failures';

export interface WatchOptions {
  /** Levels below the directory; Infinity for all. */
  readonly depth: number;
}

/** So many events wait for the program; then they are dropped, and an event says so. */
const MAX_WAITING = 10_000;

const TYPES = { add: 'create', addDir: 'create', change: 'change', unlink: 'delete', unlinkDir: 'delete' } as const;

/** Errors: ENOENT, EACCES; ENOSPC where the system watches too much already. */
export function* watchPath(builtin: string, path: string, options: WatchOptions): Steps<FileEvents> {
  const seen = begin(builtin, 'read', path);
  const start = async (state: Cancelled): Promise<FileEvents> => {
    await node.fs.promises.stat(path);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
    const { watch } = require('chokidar') as typeof Chokidar;
    const watcher = watch(path, {
      ignoreInitial: true,
      followSymlinks: false,
      // Only a wait for an event keeps the program alive, and that does so itself.
      persistent: true,
      atomic: false,
      ignored: (each) => isNameBeside(each),
      ...(options.depth === Infinity ? {} : { depth: options.depth }),
    });
    const events = new FileEvents(builtin, path, watcher, seen);
    await new Promise<void>((resolve, reject) => {
      watcher.once('ready', resolve);
      watcher.once('error', (error) => reject(error as Error));
    }).catch((error: unknown) => {
      events.close();
      throw error;
    });
    if (!state.wanted) events.close();
    return events;
  };
  const failing = (state: Cancelled): Promise<FileEvents> =>
    start(state).catch((error: unknown) => {
      seen.failed(error);
      seen.closed();
      throw error;
    });
  return yield* promised(`for the watch of ${path} to begin`, wording(builtin, 'watch', path), failing);
}

export class FileEvents extends FedChannel {
  private readonly events: MapValue[] = [];
  private dropped = false;

  constructor(
    builtin: string,
    path: string,
    private readonly watcher: Chokidar.FSWatcher,
    private readonly seen: Reported,
  ) {
    super();
    watcher.on('all', (event, at) => this.happened(event as keyof typeof TYPES, at));
    watcher.on('error', (error) => {
      this.fail(() => fileError(builtin, 'watch', path, error as ErrnoException));
      seen.failed(error);
      this.end();
    });
  }

  private happened(event: keyof typeof TYPES, path: string): void {
    if (this.closed) return;
    if (this.events.length >= MAX_WAITING) {
      if (!this.dropped) this.events.push(MapValue.from({ type: 'overflow', path, is_dir: false }));
      this.dropped = true;
      return;
    }
    this.events.push(MapValue.from({ type: TYPES[event], path, is_dir: event.endsWith('Dir') }));
    this.serve();
  }

  protected nextHere(): Value | undefined {
    const event = this.events.shift();
    if (this.events.length === 0) this.dropped = false;
    return event;
  }

  protected hasNext(): boolean {
    return this.events.length > 0;
  }

  protected more(): void {
    // Events come by themselves.
  }

  override close(): void {
    this.end();
    super.close();
  }

  private end(): void {
    void this.watcher.close();
    this.seen.closed();
  }
}
