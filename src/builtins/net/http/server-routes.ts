/** What a server answers with: routes, static files, middleware. */
import { findServer } from '../../../host/http/server/servers';
import { StaticFolder } from '../../../host/http/server/static-folder';
import { absolutePath } from '../../../host/files';
import { begin } from '../../../host/permissions';
import { fault } from '../../../runtime/errors';
import { inspect } from '../../../runtime/values';
import type { FunctionValue, Value } from '../../../runtime/values';
import { isToken } from '../../../wire/http/header-text';
import { defineBuiltin } from '../../define-builtin';
import { fn, string } from '../../types';
import type { Type } from '../../types';
import { server } from './parameters';

const METHODS: readonly string[] = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY'],
  ...['MOVE', 'LOCK', 'UNLOCK', 'SEARCH', 'REPORT', 'PURGE', 'LINK', 'UNLINK', 'SUBSCRIBE', 'UNSUBSCRIBE', 'NOTIFY'],
];

const method: Type<string> & { readonly convert: (value: Value) => string } = {
  name: 'string',
  takes: 'a method such as "GET" or "POST", or "ANY"',
  test: "(typeof $ === 'string' && check($))",
  check: (value) => isToken(value as string) && [...METHODS, 'ANY'].includes((value as string).toUpperCase()),
  convert: (value) => (value as string).toUpperCase(),
};

export const httpServerRoute = defineBuiltin({
  name: 'http_server_route',
  group: 'http',
  summary: 'Adds a route: requests with this method and path go to the handler',
  details: `Each request is a task of its own, so a handler may wait and holds up nobody. The path may have parameters ("/users/:id") and end in the rest of a path ("/files/*rest", or "/files/*", whose name is "*"). The most specific route wins, whatever the order. HEAD is answered by GET; OPTIONS, and 405 where only other methods have a route, are answered by the server.
The request is a map: method, path, url, query, params, headers (found in any case), body, json (the body as a value, null for an empty one; read when it is asked for, and 400 for one that is no JSON), cookies, remote_host, remote_port, http_version.
The handler gives what http_response gives, or a string (200, text/plain), a map or an array (200, JSON), or null (204). Where it fails, the client gets a 500 without details and the error is reported as that of any task; where the client goes away, its task is cancelled.`,
  params: [
    { name: 'server', type: server, about: 'The server' },
    { name: 'method', type: method, about: 'The method, or "ANY"' },
    { name: 'path', type: string, about: 'The path, beginning with "/"' },
    { name: 'handler', type: fn, about: 'The function', calls: { with: 'req', as: 'task' } },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: {
    EBADF: 'it is no HTTP server',
    EEXIST: 'there is such a route already',
    EINVAL: 'the path cannot be a route',
  },
  aliases: ['http_server_add_route'],
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "POST", "/add", fn(req) => {"sum": sum(req["json"])})
http_server_start(server)
log(http_post(server["url"] + "/add", [1, 2, 3])["body"])  // expect: {"sum":6}
http_server_stop(server)`,
  failing: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "GET", "health", fn(req) => "ok")  // expect error: path "health" cannot be a route: it must begin with "/"`,
  run(which, verb, path, handler): null {
    findServer('http_server_route', which).routes.add('http_server_route', { method: verb, path, target: handler });
    return null;
  },
});

export const httpServerStatic = defineBuiltin({
  name: 'http_server_static',
  group: 'http',
  summary: 'Serves the files of a directory under a prefix of the path',
  details:
    'The type goes by the extension; "index.html" stands for its directory. Browsers can ask whether a file has changed (ETag, Last-Modified) and for parts of it (ranges). Where "style.css.br" or "style.css.gz" stands beside "style.css", whoever can read it gets that. Names that begin with a dot are never served, nor is anything outside of the directory, also not through a link in it.',
  params: [
    { name: 'server', type: server, about: 'The server' },
    { name: 'prefix', type: string, about: 'The path under which the files are, such as "/static/"' },
    {
      name: 'directory',
      type: string,
      about: 'The directory; a relative one is looked for where the program was started',
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it is no HTTP server', EEXIST: 'there is such a route already', EINVAL: 'the prefix is no path' },
  permission: 'read',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_static(server, "/static/", "./public")
http_server_start(server)
log(http_get(server["url"] + "/static/no-such-file.css")["status_code"])  // expect: 404
http_server_stop(server)`,
  failing: `let server = http_server_create("127.0.0.1", 0)
http_server_static(server, "static", "./public")  // expect error: prefix "static" must begin with "/"`,
  run(which, prefix, directory): null {
    const name = 'http_server_static';
    const found = findServer(name, which);
    if (!prefix.startsWith('/') || /[:*]/.test(prefix)) {
      const why = prefix.startsWith('/') ? 'can have neither ":" nor "*"' : 'must begin with "/"';
      throw fault('EINVAL', `${name}: prefix ${inspect(prefix)} ${why} (EINVAL)`, { function: name });
    }
    begin(name, 'read', directory).closed();
    const path = prefix.endsWith('/') ? `${prefix}*` : `${prefix}/*`;
    found.routes.add(name, { method: 'GET', path, target: new StaticFolder(absolutePath(directory)) });
    return null;
  },
});

export const httpServerUse = defineBuiltin({
  name: 'http_server_use',
  group: 'http',
  summary: 'Adds middleware: a function that every request goes through before its handler',
  details:
    'It is called with the request and next. next() goes on, with the next middleware and in the end the route, and gives the answer as a map of status, headers and body, which may be changed. What the function gives is the answer; without a call of next the handler never runs. Several are called in the order in which they were added.',
  params: [
    { name: 'server', type: server, about: 'The server' },
    {
      name: 'middleware',
      type: fn,
      about: 'The function',
      calls: { with: 'req, next', as: 'task', givesWaitingFunction: true },
    },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: { EBADF: 'it is no HTTP server' },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_use(server, fn(req, next) {
  if req["headers"]["X-Token"] != "secret" { return http_response(401, "who are you?") }
  let answer = next()
  answer["headers"]["X-Served-By"] = "sentra"
  return answer
})
http_server_route(server, "GET", "/", fn(req) => "welcome")
http_server_start(server)
log(http_get(server["url"])["status_code"])  // expect: 401
let answer = http_get(server["url"], {"X-Token": "secret"})
log(answer["body"], answer["headers"]["x-served-by"])  // expect: welcome sentra
http_server_stop(server)`,
  failing: `http_server_use("nothing", fn(req, next) => next())  // expect error: http_server_use: the string "nothing" is no HTTP server (EBADF)`,
  run(which, middleware: FunctionValue): null {
    findServer('http_server_use', which).middleware.push(middleware);
    return null;
  },
});
