/**
 * A task: a generator with what the scheduler knows of it. The generator yields the `Waitable` it waits
 * for (or `TURN`, to let others run) and is resumed with the result. A task that has never waited for
 * anything costs this object and its generator.
 */
import type { SpawnTrace } from './errors';
import type { Interruption } from './park';

/**
 * What a parked task waits for. It is made by whoever parks, so that waiting needs no closures. A task parks
 * at one with `yield* park(waitable)`, see `park.ts`.
 */
export interface Waitable {
  /** Takes the task off: called before it is woken with ECANCELED. */
  abandon(task: Task): void;
  /** For the deadlock report: "to receive from <channel 3>". */
  describe(): string;
  /** True when something outside the program (a timer, the network) will end the wait. Never changes. */
  readonly external: boolean;
}

/** Yielded by a running task that lets others run. */
export const TURN = null;

/** A generator that the scheduler can run: yields what it waits for, returns its result. */
export type Steps<T = unknown> = Generator<Waitable | null, T, unknown>;

export type TaskState = 'ready' | 'running' | 'waiting' | 'done' | 'failed';

let lastId = 0;

export class Task {
  readonly id = ++lastId;
  /** Among those that have not ended. */
  place = -1;
  state: TaskState = 'ready';
  /** False until its first step: a task cancelled before that never runs. */
  started = false;
  /** What the generator gets at its next step, or the result once it has ended. */
  value: unknown = null;
  /** `value` is thrown into the generator, not given; or, once ended, what it failed with. */
  throws = false;
  waitingOn: Waitable | null = null;
  /** A cancel that arrived while the task was not waiting: thrown at its next wait. */
  pendingCancel: Interruption | null = null;
  /** Somebody asked it to stop: that it then fails with ECANCELED is no failure to report. */
  cancelled = false;
  /** Called once at the end, in order: one, or a set of several. */
  watchers: TaskWatcher | Set<TaskWatcher> | null = null;
  /** Another task took it over (`wait_all` that another failure ended), so its failure needs no report. */
  observed = false;

  constructor(
    public steps: Steps<unknown> | null,
    readonly spawned: SpawnTrace | null,
  ) {}

  get ended(): boolean {
    return this.state === 'done' || this.state === 'failed';
  }
}

/** Told when a task ends. */
export interface TaskWatcher {
  taskEnded(task: Task): void;
}
