/**
 * Names that mean something to JavaScript arrive as keys in all that is parsed: JSON, queries, headers, cookies and
 * forms, here each over a real connection. They stay plain keys, in their order, with their values.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from './running';

const NAMES = [
  '__proto__', 'constructor', '443', 'toString', 'hasOwnProperty', '80', '__lookupGetter__', 'prototype', 'valueOf', '0', 'a',
]; // prettier-ignore

test('keys keep their order and values, and no prototype changes', async () => {
  const before = Reflect.ownKeys(Object.prototype);
  const lines = await linesOf(`
let names = ${JSON.stringify(NAMES)}
let numbers = names.map(fn(name, i) => str(i))
let all = from_entries(zip(names, numbers))
fn same(m) => keys(m) == names && values(m) == numbers
log("map", same(all), same(clone(all)), same(merge({}, all)))
log("JSON", same(json_parse(json_stringify(all))), json_stringify(json_parse(json_stringify(all))) == json_stringify(all))
log("query", same(query_parse(query_build(all))))

let server = http_server_create("127.0.0.1", 0)
http_server_route(server, "POST", "/:constructor/:prototype", fn(req) {
  log("of the URL", same(req.query), req.params)
  log("cookies", same(req.cookies))
  log("form", same(query_parse(req.body)))
  let ours = filter_keys(req.headers, fn(name) => starts_with(lower(name), "x-"))
  log("headers", values(ours) == numbers, names.map(fn(name) => req.headers["X-" + name]) == numbers)
  log("not sent", names.map(fn(name) => req.headers[name] ?? req[name]) == names.map(fn(name) => null))
  return http_response(200, req.query, from_entries(names.map(fn(name, i) => ["X-" + name, str(i)])))
})
http_server_start(server)
let answer = http_request("POST", server.url + "/__proto__/constructor", from_entries(names.map(fn(name, i) => ["X-" + name, str(i)])), null, {
  query: all, form: all, cookies: all
})
log("answer", same(json_parse(answer.body)), names.map(fn(name) => answer.headers["X-" + name]) == numbers)
http_server_stop(server)
log("prototype", keys({}), {}.a, {}["443"], {}.toString, "constructor" in {})
`);
  assert.deepEqual(lines, [
    'map true true true',
    'JSON true true',
    'query true',
    'of the URL true {"constructor": "__proto__", "prototype": "constructor"}',
    'cookies true',
    'form true',
    'headers true true',
    'not sent true',
    'answer true true',
    'prototype [] null null null false',
  ]);
  assert.deepEqual(Reflect.ownKeys(Object.prototype), before);
});
