/** One task for each client of a WebSocket server. */
import { defineBuiltin } from '../../define-builtin';
import { fn } from '../../types';
import { Service } from '../service';
import { openServer, server } from './parameters';
import { clientMap } from './server';

const NAME = 'ws_serve';

export const wsServe = defineBuiltin({
  name: NAME,
  group: 'ws',
  summary: 'Serves clients: calls a function in a task of its own for each',
  details:
    'The client is closed when the function ends. An error in one is reported on standard error and ends none of the others. It goes on until the server is stopped; where the task that called it is cancelled, so are those of its clients.',
  params: [
    { name: 'server', type: server, about: 'What ws_listen gave, or its id' },
    { name: 'handler', type: fn, about: 'The function', calls: { with: 'client', as: 'task' } },
  ],
  gives: { type: 'null', about: 'Nothing, once the server is stopped' },
  errors: { ECLOSED: 'the server is stopped' },
  permission: 'net',
  example: `let server = ws_listen("127.0.0.1", 0)
spawn ws_serve(server, fn(client) {
  let text = ws_receive(client)
  while text != null {
    ws_send(client, "you said: " + text)
    text = ws_receive(client)
  }
})
let conn = ws_connect(server.url)
ws_send(conn, "anybody there?")
log(ws_receive(conn))  // expect: you said: anybody there?
ws_server_stop(server)`,
  failing: `ws_serve("door", fn(client) => null)  // expect error: ws_serve: the string "door" is no WebSocket server (EBADF)`,
  waits: true,
  run(handle, handler) {
    const from = openServer(NAME, handle);
    const source = {
      accept: () => from.accept(NAME, null),
      isOver: () => from.stopped,
      argument: clientMap,
    };
    return new Service(source, handler, Infinity).run();
  },
});
