/** One task for each connection. */
import type { Connection } from '../../../host/net/connection';
import type { Listener } from '../../../host/net/listener';
import { running } from '../../../runtime/errors';
import { cancelTask, currentTask, resume, spawnTask } from '../../../runtime/scheduler';
import { Wait } from '../../../runtime/park';
import type { Steps, Task } from '../../../runtime/task';
import type { FunctionValue } from '../../../runtime/values';
import { ErrorValue } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { fn, option, options, whole } from '../../types';
import { listenerOf, socket } from './parameters';

const NAME = 'socket_serve';
const MAX_CONNECTIONS = 10_000;

/** For a connection's task to end, when as many run as may. */
class PlaceWait extends Wait<null> {
  readonly external = true;
  constructor(private readonly service: Service) {
    super();
  }

  abandon(): void {
    this.service.waiting = null;
  }

  describe(): string {
    return `for one of its ${this.service.running.size} connections to end`;
  }
}

class Service {
  readonly running = new Map<Task, Connection>();
  waiting: PlaceWait | null = null;

  constructor(
    private readonly listener: Listener,
    private readonly handler: FunctionValue,
    private readonly max: number,
  ) {}

  *run(): Steps<null> {
    let over = false;
    try {
      for (;;) {
        while (this.running.size >= this.max) yield* this.place();
        const connection = yield* this.next();
        if (connection === null) {
          over = true;
          return null;
        }
        this.start(connection);
      }
    } finally {
      if (!over) this.cancelAll();
    }
  }

  private cancelAll(): void {
    for (const [task, connection] of [...this.running]) {
      cancelTask(task);
      // What has not begun never does.
      if (!task.started) connection.abandonNow();
    }
  }

  private place(): Steps<null> {
    this.waiting = new PlaceWait(this);
    return this.waiting.steps();
  }

  /** Null once the server is closed. */
  private *next(): Steps<Connection | null> {
    if (this.listener.closed) return null;
    try {
      return yield* this.listener.accept(NAME, Infinity);
    } catch (error) {
      if (this.listener.closed && error instanceof ErrorValue && error.code === 'ECLOSED') return null;
      throw error;
    }
  }

  private start(connection: Connection): void {
    this.running.set(spawnTask(this.serve(connection), running.task?.spawned ?? null), connection);
  }

  private *serve(connection: Connection): Steps<null> {
    try {
      yield* call(this.handler, connection.handle);
    } finally {
      try {
        yield* connection.close();
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

export const socketServe = defineBuiltin({
  name: 'socket_serve',
  group: 'socket',
  summary: 'Serves connections: calls a function in a task of its own for each',
  details:
    'The connection is closed when the function ends. An error in one is reported on standard error and ends none of the others. When max_connections are open, further ones wait until one ends. It goes on until the server is closed; where the task that called it is cancelled, so are those of its connections.',
  params: [
    { name: 'server', type: socket, about: 'What socket_listen gave' },
    { name: 'handler', type: fn, about: 'The function', calls: { with: 'client', as: 'task' } },
    {
      name: 'options',
      type: options({ max_connections: option(whole(1), 'Connections served at once', MAX_CONNECTIONS) }),
      about: 'See below',
      optional: true,
    },
  ],
  gives: { type: 'null', about: 'Nothing, once the server is closed' },
  errors: { EINVAL: 'the socket is no server', ECLOSED: 'the server is closed' },
  permission: 'net',
  example: `let server = socket_listen("TCP", "127.0.0.1", 0)
spawn fn() {
  let client = socket_create("TCP", "127.0.0.1", socket_info(server)["local_port"])
  socket_send(client, "anybody there?")
  log(socket_receive(client, 100))  // expect: you said: anybody there?
  socket_close(server)
}()
socket_serve(server, fn(client) {
  socket_send(client, "you said: " + socket_receive(client, 100))
})`,
  failing: `socket_serve("nothing", fn(client) => null)  // expect error: socket_serve: the string "nothing" is no socket (EBADF)`,
  waits: true,
  run: (server, handler, { max_connections: max }) => new Service(listenerOf(NAME, server), handler, max).run(),
});
