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
