/** Servers: create, start, stop. */
import type { Cors, ServerOptions } from '../../../host/http/server/options';
import { createServer, findServer } from '../../../host/http/server/servers';
import { parseHost } from '../../../host/net/address';
import { ServerSetup } from '../../../host/net/tls';
import type { Steps } from '../../../runtime/task';
import type { MapValue, Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { boolean, either, oneOf, option, options, port, seconds, string, whole } from '../../types';
import type { OptionsOf, Type } from '../../types';
import { serverTls } from '../socket/parameters';
import { listenHost, server } from './parameters';

const MIB = 1024 * 1024;

const strings: Type<string[]> = {
  name: 'array',
  takes: 'an array of strings',
  test: 'check($)',
  check: (value: Value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
};

const corsShape = {
  origins: option(strings, 'Origins that may read the answers: "https://example.com", or "*" for all', ['*']),
  methods: option(strings, 'Methods that may be used; those of the routes where it is left out'),
  headers: option(strings, 'Headers that may be sent; those that are asked for where it is left out'),
  expose: option(strings, 'Headers of the answer that may be read', []),
  credentials: option(boolean, 'true allows cookies, for origins that are named', false),
  max_age: option(whole(0), 'Seconds for which a browser may remember this', 600),
};

const serverShape = {
  tls: option(options(serverTls), 'Serves HTTPS: a map with cert and key, as socket_listen takes them'),
  max_body: option(whole(0), 'Bytes that a body may have; a larger one is refused with 413', 10 * MIB),
  max_connections: option(whole(1), 'Connections at a time; further ones are refused with 503', 10_000),
  header_timeout: option(seconds, 'Seconds for the head of a request; then it is refused with 408', 10),
  request_timeout: option(seconds, 'Seconds for a whole request, and for a client to read what is sent', 60),
  idle_timeout: option(seconds, 'Seconds for which a connection without a request is kept', 5),
  max_headers: option(
    whole(256, 1 * MIB),
    'Bytes that the head of a request may have; more is refused with 431',
    16 * 1024,
  ),
  access_log: option(oneOf('common', 'combined', 'json'), 'Writes a line for each request to standard output'),
  access_log_file: option(string, 'The file to whose end these lines are written instead'),
  cors: option(
    either(boolean, options(corsShape) as Type<unknown>),
    'Scripts of other origins may read: true for all, or a map',
  ),
};

function corsOf(builtin: string, given: unknown): Cors | null {
  if (given === null || given === false) return null;
  const shape = options(corsShape);
  const {
    origins,
    methods,
    headers,
    expose,
    credentials,
    max_age: maxAgeS,
  } = shape.convert(given === true ? null : (given as MapValue), builtin);
  return { origins, methods, headers, expose, credentials, maxAgeS };
}

function settings(builtin: string, given: OptionsOf<typeof serverShape>): ServerOptions {
  return {
    tls: given.tls === null ? null : new ServerSetup(builtin, given.tls),
    maxBodyBytes: given.max_body,
    maxConnections: given.max_connections,
    headerMs: given.header_timeout * 1000,
    requestMs: given.request_timeout * 1000,
    idleMs: given.idle_timeout * 1000,
    maxHeaderBytes: given.max_headers,
    accessLog: given.access_log ?? (given.access_log_file === null ? null : 'common'),
    accessLogFile: given.access_log_file,
    cors: corsOf(builtin, given.cors),
  };
}

export const httpServerCreate = defineBuiltin({
  name: 'http_server_create',
  group: 'http',
  summary: 'Makes an HTTP server, which listens once it is started',
  details:
    'Port 0 takes any free port at the start. "0.0.0.0" is every IPv4 address of the machine, "::" every address of both kinds, "127.0.0.1" this machine alone. A request that is not well-formed HTTP/1.1, too large or too slow is refused with the status that is for it, and its connection closed.',
  params: [
    { name: 'host', type: listenHost, about: 'The address to listen on' },
    { name: 'port', type: port, about: 'The port, 0 for any free one' },
    { name: 'options', type: options(serverShape), about: 'See below', optional: true },
  ],
  gives: {
    type: 'map',
    about: '{"id", "host", "address", "port", "url", "running"}; port and url are those in use once it is started',
  },
  errors: {
    ECERT: 'the certificate or key cannot be used',
    EOPTION: 'an option that there is not',
  },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "GET", "/hello/:name", fn(req) => "hello " + req["params"]["name"])
http_server_start(server)
log(http_get(server["url"] + "/hello/ada")["body"])  // expect: hello ada
http_server_stop(server)`,
  failing: `http_server_create("127.0.0.1", 80000)  // expect error: http_server_create: port must be a whole number from 0 to 65535`,
  run: (host, at, given) => createServer(parseHost(host)!, at, settings('http_server_create', given)).record,
});

export const httpServerStart = defineBuiltin({
  name: 'http_server_start',
  group: 'http',
  summary: 'Starts an HTTP server: it listens, and keeps the program alive until it is stopped',
  details: 'Starting one that runs changes nothing. Routes can still be added.',
  params: [{ name: 'server', type: server, about: 'The server' }],
  gives: { type: 'boolean', about: 'true' },
  errors: {
    EADDRINUSE: 'somebody listens there already',
    EACCES: 'the port needs rights that the program does not have',
    EADDRNOTAVAIL: 'the machine does not have that address',
    EBADF: 'it is no HTTP server',
  },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
log(http_server_start(server), server["running"], server["port"] > 0)  // expect: true true true
http_server_stop(server)`,
  failing: `http_server_start("nothing")  // expect error: http_server_start: the string "nothing" is no HTTP server (EBADF)`,
  waits: true,
  *run(which): Steps<boolean> {
    yield* findServer('http_server_start', which).start('http_server_start');
    return true;
  },
});

const STOP_SECONDS = 5;

export const httpServerStop = defineBuiltin({
  name: 'http_server_stop',
  group: 'http',
  summary: 'Stops an HTTP server: no more connections, then the end of the requests under way',
  details:
    'Handlers that take longer than the timeout are cancelled. A handler may stop its own server: its answer is still sent. Stopping one that does not run changes nothing.',
  params: [
    { name: 'server', type: server, about: 'The server' },
    {
      name: 'timeout',
      type: seconds,
      about: `Seconds for requests under way; ${STOP_SECONDS} where it is left out`,
      optional: true,
    },
  ],
  gives: { type: 'boolean', about: 'true' },
  errors: { EBADF: 'it is no HTTP server' },
  permission: 'net',
  example: `let server = http_server_create("127.0.0.1", 0)
http_server_start(server)
http_server_stop(server)
log(server["running"])  // expect: false`,
  failing: `http_server_stop({"id": 5})  // expect error: http_server_stop: the number 5 is no HTTP server (EBADF)`,
  waits: true,
  *run(which, timeout): Steps<boolean> {
    yield* findServer('http_server_stop', which).stop((timeout ?? STOP_SECONDS) * 1000);
    return true;
  },
});
