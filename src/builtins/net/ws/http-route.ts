/** WebSockets on the port of an HTTP server. */
import { findServer } from '../../../host/http/server/servers';
import type { Upgrade } from '../../../host/http/server/upgrades';
import type { WsConnection } from '../../../host/ws/connection';
import { Heartbeat } from '../../../host/ws/heartbeat';
import { Arrival } from '../../../host/ws/arrival';
import { Upgrader } from '../../../host/ws/upgrade';
import { spawnTask } from '../../../runtime/scheduler';
import type { Steps } from '../../../runtime/task';
import type { FunctionValue } from '../../../runtime/values';
import { GOING_AWAY } from '../../../wire/websocket/close-codes';
import { call, defineBuiltin } from '../../define-builtin';
import { fn, options, string } from '../../types';
import { server } from '../http/parameters';
import { acceptOptions, clientMap, heartbeat } from './server';

/** Runs the program's function for one connection, which ends with it. */
function* serve(connection: WsConnection, handler: FunctionValue, { raw, request }: Upgrade): Steps<null> {
  try {
    const client = clientMap(new Arrival(connection, raw.url ?? '/', raw.rawHeaders));
    yield* call(handler, client, request);
  } finally {
    yield* connection.close();
  }
  return null;
}

export const httpServerWebsocket = defineBuiltin({
  name: 'http_server_websocket',
  group: 'http',
  alsoIn: ['ws'],
  summary: 'Adds a route for WebSockets: each connection goes to the handler, in a task of its own',
  details:
    'It is on the same port as all other routes. The connection is closed when the handler ends. ws_send, ws_receive and the others take the connection. When the server stops, it is closed with 1001.',
  params: [
    { name: 'server', type: server, about: 'What http_server_create gave, or its id' },
    { name: 'path', type: string, about: 'The path, which may have parameters: "/rooms/:name"' },
    {
      name: 'handler',
      type: fn,
      about: 'The function; req is what a handler of http_server_route gets',
      calls: { with: 'conn, req', as: 'task' },
    },
    { name: 'options', type: options({ ...acceptOptions, heartbeat }), about: 'See below', optional: true },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it is no HTTP server', EEXIST: 'the path has such a route', EINVAL: 'the path is none' },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_websocket(server, "/rooms/:name", fn(conn, req) {
  ws_send(conn, "this is " + req["params"]["name"])
})
http_server_start(server)
let conn = ws_connect(server["url"] + "/rooms/kitchen")
log(ws_receive(conn))  // expect: this is kitchen
http_server_stop(server)`,
  failing: `let server = http_server_create("127.0.0.1", 0)
http_server_websocket(server, "chat", fn(conn) => null)  // expect error: path "chat" cannot be a route`,
  run(which, path, handler, given): null {
    const name = 'http_server_websocket';
    const found = findServer(name, which);
    const upgrader = new Upgrader(given);
    const open = new Set<WsConnection>();
    let beat: Heartbeat | null = null;
    const ended = (connection: WsConnection): void => {
      open.delete(connection);
      if (open.size > 0) return;
      beat?.stop();
      beat = null;
    };
    found.upgrades.add(name, 'websocket', path, (upgrade) => {
      let connection: WsConnection | null = null;
      upgrader.upgrade(upgrade.raw, upgrade.socket, upgrade.head, (accepted) => {
        connection = accepted;
        open.add(accepted);
        beat ??= new Heartbeat(given.heartbeat * 1000, () => open);
        accepted.keeper = { messageWaits() {}, leftMessages: ended, over: ended };
        spawnTask(serve(accepted, handler, upgrade), found.calledAt);
      });
      return () => connection?.beginClose(GOING_AWAY, 'the server stops');
    });
    return null;
  },
});
