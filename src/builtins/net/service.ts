/**
 * Serving clients of any kind: a function is called in a task of its own for each, and the client is closed when
 * the function ends. Where the task that serves is cancelled, so are those of its clients.
 */
import { running } from '../../runtime/errors';
import { readyNull, Wait } from '../../runtime/park';
import { cancelTask, currentTask, resume, spawnTask } from '../../runtime/scheduler';
import type { Steps, Task, Waitable } from '../../runtime/task';
import { ErrorValue } from '../../runtime/values';
import type { FunctionValue, Value } from '../../runtime/values';
import { GeneratorFunction } from '../define-builtin';

export interface Client {
  close(): Steps<null>;
  abandonNow(): void;
}

/** Where clients come from. */
export interface Source<C extends Client> {
  /** Waits for the next one. ECLOSED from a source that is over ends the service. */
  accept(): Steps<C | null>;
  isOver(): boolean;
  /** What the program's function gets of it. */
  argument(client: C): Value;
}

/** For a client's task to end, when as many run as may. */
class PlaceWait extends Wait<null> {
  readonly external = true;
  constructor(private readonly service: { readonly running: ReadonlyMap<Task, Client>; waiting: PlaceWait | null }) {
    super();
  }

  abandon(): void {
    this.service.waiting = null;
  }

  describe(): string {
    return `for one of its ${this.service.running.size} connections to end`;
  }
}

export class Service<C extends Client> {
  readonly running = new Map<Task, C>();
  waiting: PlaceWait | null = null;

  constructor(
    readonly source: Source<C>,
    readonly handler: FunctionValue,
    private readonly max: number,
  ) {}

  *run(): Steps<null> {
    let over = false;
    try {
      for (;;) {
        while (this.running.size >= this.max) yield* this.place();
        const client = yield* this.next();
        if (client === null) {
          over = true;
          return null;
        }
        this.running.set(spawnTask(new Serving(this, client).asSteps(), running.task?.spawned ?? null), client);
      }
    } finally {
      if (!over) this.cancelAll();
    }
  }

  /** Null once there will be no more. */
  private *next(): Steps<C | null> {
    try {
      return yield* this.source.accept();
    } catch (error) {
      if (error instanceof ErrorValue && error.code === 'ECLOSED' && this.source.isOver()) return null;
      throw error;
    }
  }

  private cancelAll(): void {
    for (const [task, client] of [...this.running]) {
      cancelTask(task);
      // What has not begun never does.
      if (!task.started) client.abandonNow();
    }
  }

  private place(): Steps<null> {
    this.waiting = new PlaceWait(this);
    return this.waiting.steps();
  }

  /** Nobody watches the task, so that its failure is reported as that of any other. */
  ended(task: Task): void {
    this.running.delete(task);
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) resume(waiting.task, null);
  }
}

type Step = IteratorResult<Waitable | null, unknown>;

/**
 * The task of one client: runs the program's function, then closes the client. No generator, since there may be ten
 * thousand of them, and each would stand between the scheduler and the function at every wait.
 */
class Serving<C extends Client> {
  /** Those of the function, then those of the closing; null before the first step. */
  private steps: Steps | null = null;
  private closing = false;
  private failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly service: Service<C>,
    private readonly client: C,
  ) {}

  asSteps(): Steps<null> {
    return this as unknown as Steps<null>;
  }

  next(given?: unknown): Step {
    try {
      this.steps ??= this.begin();
      const step = this.steps.next(given);
      if (step.done !== true) return step;
    } catch (error) {
      return this.ended({ error });
    }
    return this.ended(null);
  }

  throw(thrown: unknown): Step {
    if (this.steps === null) throw thrown;
    try {
      const step = this.steps.throw(thrown);
      if (step.done !== true) return step;
    } catch (error) {
      return this.ended({ error });
    }
    return this.ended(null);
  }

  private begin(): Steps {
    const { source, handler } = this.service;
    const argument = source.argument(this.client);
    if (handler instanceof GeneratorFunction) return handler(argument) as unknown as Steps;
    handler(argument);
    return readyNull();
  }

  /** The function has ended, or the closing after it. */
  private ended(failure: { readonly error: unknown } | null): Step {
    if (!this.closing) {
      this.closing = true;
      this.failure = failure;
      this.steps = this.client.close();
      return this.next();
    }
    this.service.ended(currentTask());
    const failed = failure ?? this.failure;
    if (failed !== null) throw failed.error;
    return { done: true, value: null };
  }
}
