/** One task for each connection. */
import type { Connection } from '../../../host/net/connection';
import { defineBuiltin } from '../../define-builtin';
import { fn, option, options, whole } from '../../types';
import { Service } from '../service';
import { listenerOf, socket } from './parameters';

const NAME = 'socket_serve';
const MAX_CONNECTIONS = 10_000;

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
  run(server, handler, { max_connections: max }) {
    const listener = listenerOf(NAME, server);
    const source = {
      accept: () => listener.accept(NAME, Infinity),
      isOver: () => listener.closed,
      argument: (connection: Connection) => connection.handle,
    };
    return new Service(source, handler, max).run();
  },
});
