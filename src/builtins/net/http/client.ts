/** Requests: one built-in for each method, and those for any method, for JSON, and for sessions. */
import { AnswerMap, JsonAnswerMap } from '../../../host/http/client/answer-map';
import { textConsumer } from '../../../host/http/client/consume';
import { perform } from '../../../host/http/client/perform';
import { newSession, sessionJar } from '../../../host/http/client/sessions';
import { jsonText } from '../../../host/http/json-text';
import { decode } from '../../../host/text';
import type { Steps } from '../../../runtime/task';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { call, defineBuiltin } from '../../define-builtin';
import { any, map, string } from '../../types';
import { clientOptions, makeRequest, methodOf, requestErrors } from './client-options';
import type { Ask } from './client-options';
import './parameters';

const urlParam = { name: 'url', type: string, about: 'The URL, http:// or https://' } as const;
const bodyParam = {
  name: 'body',
  type: any,
  about: 'A string; a map or an array is sent as JSON; null for none',
} as const;
const headersParam = { name: 'headers', type: map, about: 'Headers to send', optional: true } as const;
const optionsParam = {
  name: 'options',
  type: clientOptions,
  about: 'See below',
  optional: true,
  calls: { with: 'chunk', as: 'call' },
} as const;

const gives = {
  type: 'map',
  about: '{"status_code", "status", "headers", "body", "url", "elapsed_ms", "ok"}; headers are found in any case',
} as const;

const ABOUT = `Every status is an answer; that there is none is an error. Redirects are followed; url is the last one. Connections are kept and used again. A body that is packed (gzip, deflate, br) is unpacked. TLS is version 1.2 or later and the certificate is verified, against the authorities in the file that SSL_CERT_FILE names or else those of the system.`;

function* ask(given: Ask): Steps<Value> {
  const request = makeRequest(given);
  const onChunk = given.options.on_chunk;
  const consumer = onChunk === null ? null : textConsumer(request, (text) => call(onChunk, text));
  return new AnswerMap(yield* perform(request, consumer));
}

/** Each example asks a server of its own. */
function withServer(routes: string, use: string): string {
  return `let server = http_server_create("127.0.0.1", 0)
${routes}
http_server_start(server)
${use}
http_server_stop(server)`;
}

interface Words {
  readonly summary: string;
  readonly example: string;
  readonly failing: string;
}

/** The built-in for a method without a body. */
function asking(method: string, words: Words) {
  const name = `http_${method.toLowerCase()}`;
  return defineBuiltin({
    name,
    group: 'http',
    details: ABOUT,
    params: [urlParam, headersParam, optionsParam],
    gives,
    errors: requestErrors,
    permission: 'net',
    ...words,
    waits: true,
    run: (url, headers, options) => ask({ builtin: name, method, url, headers, body: null, options }),
  });
}

/** The built-in for a method with a body; `more` is said of it besides. */
function sending(method: string, more: string, words: Words) {
  const name = `http_${method.toLowerCase()}`;
  return defineBuiltin({
    name,
    group: 'http',
    details: `${ABOUT}\n${more}`,
    params: [urlParam, bodyParam, headersParam, optionsParam],
    gives,
    errors: requestErrors,
    permission: 'net',
    ...words,
    waits: true,
    run: (url, body, headers, options) => ask({ builtin: name, method, url, headers, body, options }),
  });
}

const SAME_BODY = 'The body is as for http_post.';

export const httpGet = asking('GET', {
  summary: 'Asks for what is at a URL',
  example: withServer(
    'http_server_route(server, "GET", "/", fn(req) => {"you": req["headers"]["User-Agent"], "q": req["query"]["q"]})',
    `let answer = http_get(server["url"], {"User-Agent": "me"}, {"query": {"q": "a b"}})
log(answer["status_code"], answer["ok"], answer["headers"]["content-type"])  // expect: 200 true application/json
log(answer["body"])  // expect: {"you":"me","q":"a b"}`,
  ),
  failing: `http_get("example.com")  // expect error: http_get: "example.com" is no URL to ask for: it does not begin with http:// or https:// (EURL)`,
});

export const httpHead = asking('HEAD', {
  summary: 'Asks for the head of an answer, without its body',
  example: withServer(
    'http_server_route(server, "GET", "/", fn(req) => "a long text")',
    `let answer = http_head(server["url"])
log(answer["headers"]["Content-Length"], answer["body"] == "")  // expect: 11 true`,
  ),
  failing: `http_head("ftp://example.com")  // expect error: the scheme "ftp" is not http or https (EURL)`,
});

export const httpPost = sending(
  'POST',
  'The Content-Type is that of the headers; else application/json for a map, an array, and text that is JSON.',
  {
    summary: 'Sends something to a URL',
    example: withServer(
      'http_server_route(server, "POST", "/", fn(req) => req["headers"]["Content-Type"] + ": " + req["body"])',
      `log(http_post(server["url"], {"user": "ada"})["body"])  // expect: application/json: {"user":"ada"}
log(http_post(server["url"], null, null, {"form": {"user": "ada", "age": 36}})["body"])
// expect: application/x-www-form-urlencoded: user=ada&age=36`,
    ),
    failing: `http_post("http://127.0.0.1", "x", {"X-Name": "a\\nb"})  // expect error: http_post: the header X-Name holds a line feed (LF), which cannot be sent (EHEADER)`,
  },
);

export const httpPut = sending('PUT', SAME_BODY, {
  summary: 'Puts something in the place of what is at a URL',
  example: withServer(
    'http_server_route(server, "PUT", "/", fn(req) => http_response(201, req["body"]))',
    'log(http_put(server["url"], "new")["status"])  // expect: 201 Created',
  ),
  failing: `http_put("http://", "x")  // expect error: http_put: "http://" is no URL to ask for`,
});

export const httpPatch = sending('PATCH', SAME_BODY, {
  summary: 'Changes a part of what is at a URL',
  example: withServer(
    'http_server_route(server, "PATCH", "/", fn(req) => req["json"]["field"])',
    `log(http_patch(server["url"], '{"field": "updated"}')["body"])  // expect: updated`,
  ),
  failing: `http_patch("http://127.0.0.1", fn() => 1)  // expect error: http_patch: body must be a string, a map or an array, got a function`,
});

export const httpDelete = asking('DELETE', {
  summary: 'Deletes what is at a URL',
  example: withServer(
    'http_server_route(server, "DELETE", "/users/:id", fn(req) => null)',
    'log(http_delete(server["url"] + "/users/1")["status_code"])  // expect: 204',
  ),
  failing: `http_delete("http://127.0.0.1:99999")  // expect error: the port is too large (EURL)`,
});

export const httpRequest = defineBuiltin({
  name: 'http_request',
  group: 'http',
  summary: 'Sends a request with any method',
  details: `${ABOUT}\n${SAME_BODY}`,
  params: [
    { name: 'method', type: string, about: 'The method' },
    urlParam,
    { ...headersParam },
    { name: 'body', type: any, about: 'As for http_post', optional: true },
    optionsParam,
  ],
  gives,
  errors: requestErrors,
  permission: 'net',
  example: withServer(
    'http_server_route(server, "ANY", "/", fn(req) => req["method"] + " " + req["headers"]["Accept"])',
    'log(http_request("REPORT", server["url"], {"Accept": "text/plain"})["body"])  // expect: REPORT text/plain',
  ),
  failing: `http_request("GET /x", "http://127.0.0.1")  // expect error: http_request: method must be a name such as "GET" or "PATCH", got "GET /x"`,
  waits: true,
  run: (method, url, headers, body, options) =>
    ask({ builtin: 'http_request', method: methodOf('http_request', method), url, headers, body, options }),
});

export const httpJson = defineBuiltin({
  name: 'http_json',
  group: 'http',
  summary: 'Sends a value as JSON, and reads the answer as JSON',
  details: `${ABOUT}\nNull as value sends no body. The answer has one entry more, json: the body as a value, null for an empty one.`,
  params: [
    { name: 'method', type: string, about: 'The method' },
    urlParam,
    { name: 'value', type: any, about: 'What is sent; null for nothing', optional: true },
    headersParam,
    optionsParam,
  ],
  gives: { type: 'map', about: 'As http_get gives it, and "json"' },
  errors: { ...requestErrors, EJSON: 'the answer is no JSON' },
  permission: 'net',
  example: withServer(
    'http_server_route(server, "POST", "/sum", fn(req) => {"sum": sum(req["json"])})',
    'log(http_json("POST", server["url"] + "/sum", [1, 2, 3])["json"]["sum"])  // expect: 6',
  ),
  failing: `http_json("GET", "http:/", null)  // expect error: http_json: "http:/" is no URL to ask for`,
  waits: true,
  *run(method, url, value, headers, options): Steps<Value> {
    const builtin = 'http_json';
    const verb = methodOf(builtin, method);
    const text = value === null ? null : jsonText.write(value);
    const given = headers ?? new MapValue();
    const all = MapValue.of([
      ...(hasName(given, 'accept') ? [] : ([['Accept', 'application/json']] as const)),
      ...(text === null || hasName(given, 'content-type') ? [] : ([['Content-Type', 'application/json']] as const)),
      ...given.entries(),
    ]);
    const answer = yield* perform(makeRequest({ builtin, method: verb, url, headers: all, body: text, options }));
    const { body } = answer;
    return new JsonAnswerMap({
      ...answer,
      json: body === null || body.length === 0 ? null : jsonText.read(decode(body)),
    });
  },
});

function hasName(headers: MapValue, lowerName: string): boolean {
  return headers.keys().some((name) => name.toLowerCase() === lowerName);
}

export const httpSession = defineBuiltin({
  name: 'http_session',
  group: 'http',
  summary: 'Makes a session: what keeps the cookies of the requests that are given it',
  details:
    'Cookies go only to the hosts, paths and kinds of connection that they are for (RFC 6265). A session is kept as long as the program has it.',
  params: [],
  gives: { type: 'map', about: 'The session, for the option "cookies"' },
  permission: 'net',
  example: withServer(
    `http_server_route(server, "GET", "/login", fn(req) => http_response(200, "", {"Set-Cookie": "user=ada; Path=/"}))
http_server_route(server, "GET", "/me", fn(req) => req["cookies"]["user"])`,
    `let session = http_session()
http_get(server["url"] + "/login", null, {"cookies": session})
log(http_get(server["url"] + "/me", null, {"cookies": session})["body"])  // expect: ada`,
  ),
  failing: `http_get("ftp://127.0.0.1", null, {"cookies": http_session()})  // expect error: the scheme "ftp" is not http or https`,
  run: () => newSession(),
});

export const httpSessionCookies = defineBuiltin({
  name: 'http_session_cookies',
  group: 'http',
  summary: 'Gives the cookies that a session has',
  params: [{ name: 'session', type: map, about: 'What http_session gave' }],
  gives: {
    type: 'array',
    about:
      'For each {"name", "value", "domain", "path", "secure", "http_only", "expires"}; expires in milliseconds since 1970, null for the end of the session',
  },
  errors: { EBADF: 'it is no session' },
  example: 'log(http_session_cookies(http_session()))  // expect: []',
  failing: `http_session_cookies({})  // expect error: http_session_cookies: an empty map is no session (EBADF)`,
  run: (session) =>
    sessionJar('http_session_cookies', session)
      .all()
      .map(({ name, value, domain, path, secure, httpOnly, expires }) =>
        MapValue.from({ name, value, domain, path, secure, http_only: httpOnly, expires }),
      ),
});
