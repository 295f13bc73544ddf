/** Names that people bring from other languages, and what the language has for them. */
import type { Builtins } from './program';

interface Foreign {
  readonly hint: string;
  /** What can stand in its place as it is. */
  readonly instead: string | null;
}

const WORDS: Readonly<Record<string, readonly [instead: string | null, hint: string]>> = {
  None: ['null', `it is written 'null' here`],
  True: ['true', `it is written 'true' here`],
  False: ['false', `it is written 'false' here`],
  NULL: ['null', `it is written 'null' here`],
  Null: ['null', `it is written 'null' here`],
  NIL: ['null', `it is written 'null' here`],
  Nil: ['null', `it is written 'null' here`],
  nullptr: ['null', `it is written 'null' here`],
  TRUE: ['true', `it is written 'true' here`],
  FALSE: ['false', `it is written 'false' here`],
  super: [null, `there are no classes: a function in a map calls other functions by their names`],
  System: [null, `log(...) prints its values; env(name), args() and exit(code) are built-ins`],
  os: [null, `env(name), args(), exec(command) and platform() are built-ins`],
  sys: [null, `args(), exit(code) and read_stdin() are built-ins`],
  subprocess: [null, `exec(command) runs a program and gives what it prints`],
  reversed: [null, `reverse([...list]) turns a copy round`],
  tuple: [null, `an array is written [1, 2]`],
  Buffer: [null, `a string carries bytes; bytes_of(text) and string_of(bytes) convert`],
  structuredClone: ['deep_clone', `deep_clone(value) copies all the way down`],
  encodeURIComponent: ['url_encode', `url_encode(text) does it`],
  decodeURIComponent: ['url_decode', `url_decode(text) does it`],
  atob: ['base64_decode', `base64_decode(text) does it`],
  btoa: ['base64_encode', `base64_encode(data) does it`],
  clearTimeout: ['cancel', `after(...) gives a task, which cancel(task) ends`],
  clearInterval: ['cancel', `every(...) gives a task, which cancel(task) ends`],
  tonumber: ['num', `num(text) makes a number of a text`],
  tostring: ['str', `str(v) makes text of a value`],
  pairs: [null, `for key, value in map { ... } goes through a map`],
  ipairs: [null, `for i, value in list { ... } goes through an array`],
  strtolower: ['lower', `lower(text) does it`],
  strtoupper: ['upper', `upper(text) does it`],
  implode: ['join', `join(list, separator) does it`],
  explode: ['split', `split(text, separator) does it`],
  undefined: ['null', `there is one empty value here: 'null'`],
  NaN: [null, `'NAN' of the math module; is_nan(x) tests for it`],
  Infinity: [null, `'INF' of the math module`],
  self: [null, `a function in a map takes the map as a parameter, or uses the variable that holds it`],
  this: [null, `a function in a map takes the map as a parameter, or uses the variable that holds it`],
  console: [null, `log(...) prints its values`],
  fmt: [null, `log(...) prints its values, format("{} {}", a, b) makes text`],
  printf: [null, `print(format("...", values)) prints without a line end`],
  println: ['log', `log(...) prints its values with a line end`],
  echo: ['log', `log(...) prints its values with a line end`],
  puts: ['log', `log(...) prints its values with a line end`],
  JSON: [null, `json_parse(text) and json_stringify(value)`],
  Math: [null, `the functions stand alone: sqrt(x), floor(x), or import math`],
  Object: [null, `keys(m), values(m) and entries(m) look into a map`],
  Array: [null, `an array is written [1, 2]; range(n) counts`],
  String: ['str', `str(v) makes text of a value`],
  Number: ['num', `num(text) makes a number of a text`],
  Boolean: ['bool', `bool(v) tells whether a value is truthy`],
  Promise: [null, `calls simply wait here; spawn starts a task, wait(t) waits for it`],
  setTimeout: [null, `after(seconds, f) runs f later; sleep(ms) waits`],
  setInterval: [null, `every(seconds, f) runs f again and again`],
  fetch: [null, `http_get(url) gives the response`],
  require: [null, `a file is imported with: import "./file"`],
  process: [null, `args(), env(name), exit(code) and platform() are built-ins`],
  document: [null, `this is no browser: there is no document`],
  window: [null, `this is no browser: there is no window`],
  append: ['push', `push(array, value) appends in place`],
  isinstance: [null, `type(v) == "number" tells the type`],
  open: [null, `file_read(path) and file_write(path, text)`],
  input: ['readline', `readline(prompt) reads a line`],
  raise: [null, `throw error("message")`],
  panic: [null, `throw error("message")`],
  dict: [null, `a map is written {"key": value}`],
  list: [null, `an array is written [1, 2]`],
  int32: ['int', `int(v) makes a whole number`],
  string: ['str', `str(v) makes text of a value`],
  pass: [null, `an empty block is written { }`],
  parseInt: ['int', `int(text) makes a whole number of a text`],
  parseFloat: ['num', `num(text) makes a number of a text`],
  isNaN: ['is_nan', `is_nan(x) tests for it`],
  Error: ['error', `error(message) makes an error: throw error("...")`],
  Exception: ['error', `error(message) makes an error: throw error("...")`],
  ValueError: ['error', `error(message) makes an error: throw error("...")`],
  TypeError: ['error', `error(message) makes an error: throw error("...")`],
  Date: [null, `now() gives the present time as text, time() in milliseconds`],
  Map: [null, `a map is written {"key": value}`],
  Set: [null, `a map does it: seen[key] = true, then key in seen`],
  RegExp: [null, `a pattern is a string here`],
  globalThis: [null, `there is no global object: variables of the top level are seen by the whole file`],
  arguments: [null, `fn f(...args) takes all arguments as an array`],
  module: [null, `export { name } shows names to other files`],
  exports: [null, `export { name } shows names to other files`],
  alert: ['log', `log(...) prints its values`],
  sprintf: ['format', `format("{} {}", a, b) makes text`],
  strlen: ['len', `len(text) gives the length`],
  make: [null, `an array is written [], a map {}, a channel channel(size)`],
  ord: ['char_code', `char_code(s) gives the code point`],
  chr: ['char_from', `char_from(code) gives the character`],
};

/** Null where the name is not known from elsewhere. */
export function foreignName(name: string, builtins: Builtins): Foreign | null {
  if (!Object.hasOwn(WORDS, name)) return null;
  const [instead, hint] = WORDS[name]!;
  if (instead === null || instead === 'null' || instead === 'true' || instead === 'false') return { hint, instead };
  return builtins.find(instead) === undefined ? null : { hint, instead };
}

/** Modules of other languages, and where their functions are here. */
const MODULES: Readonly<Record<string, string>> = {
  fmt: 'log(...) and format(...) need no import',
  os: 'env(name), args(), exec(command) and platform() need no import',
  sys: 'args(), exit(code) and read_stdin() need no import',
  io: 'print(...), readline() and file_read(path) need no import',
  fs: 'file_read(path) and others need no import; import file has them all',
  re: 'regex_find(pattern, text) and others need no import; import regex has them all',
  random: 'random(), random_int(low, high) and others need no import; import math has them all',
  datetime: 'now(), format_time(ms) and others need no import; import time has them all',
  requests: 'http_get(url) and others need no import; import http has them all',
  urllib: 'http_get(url) and url_parse(url) need no import; import url has more',
  subprocess: 'exec(command) needs no import',
  asyncio: 'spawn starts a task, wait(task) waits for it; import tasks has the rest',
  threading: 'spawn starts a task, wait(task) waits for it; import tasks has the rest',
  sync: 'mutex_create(), wait_group_create() and others need no import; import tasks has them all',
  strings: 'upper(text), split(text, separator) and others need no import; import string has them all',
  strconv: 'num(text), str(value) and parse_int(text, base) need no import',
  errors: 'error(message, {code: "..."}) needs no import',
  logging: 'log(...) and eprint(...) need no import',
  collections: 'group_by, count_by and others need no import; import array has them all',
  hashlib: 'hash(algorithm, data) needs no import; import crypto has more',
  base64: 'base64_encode(data) and base64_decode(text) need no import',
  sqlite3: 'there is no database',
};

/** What to use in the place of a module of another language; null for any other name. */
export function foreignModule(name: string): string | null {
  return Object.hasOwn(MODULES, name) ? MODULES[name]! : null;
}
