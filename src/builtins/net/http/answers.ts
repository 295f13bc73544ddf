/** What handlers give: answers with a status and headers, files, events. */
import { fileToSend } from '../../../host/http/server/file-to-send';
import { checkedFields, RESPONSE_OWN } from '../../../host/http/fields';
import { eventsResponse, response } from '../../../host/http/server/response-map';
import { defineBuiltin } from '../../define-builtin';
import { any, fn, map, string, whole } from '../../types';
import './parameters';

export const httpResponse = defineBuiltin({
  name: 'http_response',
  group: 'http',
  summary: 'Makes the answer of a handler: a status, a body and headers',
  details:
    'A string is sent as it is, as text/plain where the headers name no Content-Type; a map or an array as JSON; null is an empty body. A function is called with write, which sends a piece and waits while the client does not read; a channel is sent piece by piece until it is closed. The length, and what becomes of the connection, are the affair of the server.',
  params: [
    { name: 'status', type: whole(200, 599), about: 'The status code' },
    {
      name: 'body',
      type: any,
      about: 'The body',
      calls: { with: 'write', as: 'task', givesWaitingFunction: true },
    },
    {
      name: 'headers',
      type: map,
      about: 'Headers; an array of strings for one that is there several times',
      optional: true,
    },
  ],
  gives: { type: 'map', about: '{"status", "headers", "body"}, which may be changed before it is sent' },
  errors: {
    EHEADER:
      'a name or value that cannot be sent: with CR, LF or NUL in it, or one that follows from how the answer is sent',
  },
  example: `let answer = http_response(404, {"error": "no such user"}, {"Cache-Control": "no-store"})
log(answer["status"], answer["headers"]["cache-control"])  // expect: 404 no-store`,
  failing: `http_response(200, "", {"X-Name": "a\\r\\nSet-Cookie: b=c"})  // expect error: http_response: the header X-Name holds a carriage return (CR), which cannot be sent (EHEADER)`,
  run: (status, body, headers) => response(status, body, checkedFields('http_response', headers, RESPONSE_OWN)),
});

export const httpSse = defineBuiltin({
  name: 'http_sse',
  group: 'http',
  summary: 'Makes the answer of a handler that sends events to a page for as long as it likes (server-sent events)',
  details:
    'The function is called with send. send(data) sends an event, a map or array as JSON; send({"data": ..., "event": ..., "id": ..., "retry": ...}) one with a name, an id, or the milliseconds after which the page is to connect again. When the page is closed the task is cancelled at its next send or wait. A comment is sent after 15 seconds without an event, so that a client that has gone is noticed.',
  params: [
    { name: 'f', type: fn, about: 'The function', calls: { with: 'send', as: 'task', givesWaitingFunction: true } },
  ],
  gives: { type: 'map', about: 'The answer' },
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "GET", "/events", fn(req) => http_sse(fn(send) {
  send("hello")
  send({"event": "load", "data": {"cpu": 0.5}})
}))
http_server_start(server)
log(trim(http_get(server["url"] + "/events")["body"]))
// expect: data: hello
// expect:
// expect: event: load
// expect: data: {"cpu":0.5}
http_server_stop(server)`,
  failing: `http_sse("hello")  // expect error: http_sse: f must be a function, got the string "hello"`,
  run: (f) => eventsResponse(f),
});

export const httpStreamFile = defineBuiltin({
  name: 'http_stream_file',
  group: 'http',
  summary: 'Makes the answer of a handler that sends a file',
  details:
    'As http_server_static does it: the type by the extension, ETag and Last-Modified, ranges, constant memory. The path is taken as it is: whoever makes it of what a client sent has to look at it first.',
  params: [
    { name: 'path', type: string, about: 'The file' },
    { name: 'headers', type: map, about: 'More headers', optional: true },
  ],
  gives: { type: 'map', about: 'The answer' },
  errors: { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it cannot be read' },
  permission: 'read',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "GET", "/hosts", fn(req) => http_stream_file("/etc/hosts", {"Content-Type": "text/plain"}))
http_server_start(server)
log(http_get(server["url"] + "/hosts")["status_code"])  // expect: 200
http_server_stop(server)`,
  failing: `http_stream_file("/no/such/file")  // expect error: http_stream_file: cannot read /no/such/file: there is no such file (ENOENT)`,
  run(path, headers) {
    const fields = checkedFields('http_stream_file', headers, RESPONSE_OWN);
    return response(200, null, fields, fileToSend('http_stream_file', path));
  },
});
