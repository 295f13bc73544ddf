/**
 * Serving clients of any kind: a function is called in a task of its own for each, and the client is closed when
 * the function ends. Where the task that serves is cancelled, so are those of its clients.
 */
import { running } from '../../runtime/errors';
import { Wait } from '../../runtime/park';
import { cancelTask, currentTask, resume, spawnTask } from '../../runtime/scheduler';
import type { Steps, Task } from '../../runtime/task';
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
    private readonly source: Source<C>,
    private readonly handler: FunctionValue,
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
        this.running.set(spawnTask(this.serve(client), running.task?.spawned ?? null), client);
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

  private *serve(client: C): Steps<null> {
    try {
      // Not through `call`, whose generator would stand between the scheduler and the handler at every wait.
      const { handler } = this;
      const argument = this.source.argument(client);
      if (handler instanceof GeneratorFunction) yield* handler(argument) as unknown as Steps<Value>;
      else handler(argument);
    } finally {
      try {
        yield* client.close();
      } finally {
        this.ended(currentTask());
      }
    }
    return null;
  }

  /** Nobody watches the task, so that its failure is reported as that of any other. */
  private ended(task: Task): void {
    this.running.delete(task);
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) resume(waiting.task, null);
  }
}
