/**
 * A task: a generator with what the scheduler knows of it. The generator yields the `Waitable` it waits
 * for (or `TURN`, to let others run) and is resumed with the result. A task that has never waited for
 * anything costs this object and its generator.
 */
import type { ChannelWait } from './channel-operations';
import type { SpawnTrace } from './errors';
import type { Interruption } from './park';

/**
 * What a parked task waits for. It is made by whoever parks, so that waiting needs no closures. A task parks
 * at one with `yield* park(waitable)` or as compiled code does, see `park.ts`.
 */
export interface Waitable {
  /** Takes the task off: called before it is woken with ECANCELED. */
  abandon(task: Task): void;
  /** For the deadlock report: "to receive from <channel 3>". */
  describe(): string;
  /** True when something outside the program (a timer, the network) will end the wait. Never changes. */
  readonly external: boolean;
}

/** What a wait is woken with: never `undefined`, which a task is given when it is interrupted. */
export type Woken = object | string | number | boolean | symbol | null;

/** Yielded by a running task that lets others run. */
export const TURN = null;

/** A generator that the scheduler can run: yields what it waits for, returns its result. */
export type Steps<T = unknown> = Generator<Waitable | null, T, unknown>;

/** What a task does. Numbers, since the scheduler writes them at every step and a number is written as it is. */
export const enum Phase {
  Ready,
  Running,
  Waiting,
  Done,
  Failed,
}

const STATES = ['ready', 'running', 'waiting', 'done', 'failed'] as const;
export type TaskState = (typeof STATES)[number];

let lastId = 0;

export class Task {
  readonly id = ++lastId;
  /** Among those that have not ended. */
  place = -1;
  phase: Phase = Phase.Ready;
  /** False until its first step: a task cancelled before that never runs. */
  started = false;
  /** What the generator gets at its next step, or the result once it has ended. */
  value: unknown = null;
  /** `value` is thrown into the generator, or made there (an `Interruption`); or, once ended, what it failed with. */
  throws = false;
  waitingOn: Waitable | null = null;
  /** What it waits at channels with; made at the first such wait. */
  channelWait: ChannelWait | null = null;
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

  /** The phase in words. */
  get state(): TaskState {
    return STATES[this.phase];
  }

  get ended(): boolean {
    return this.phase >= Phase.Done;
  }
}

/** Told when a task ends. */
export interface TaskWatcher {
  taskEnded(task: Task): void;
}
