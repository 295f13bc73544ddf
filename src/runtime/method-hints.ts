/** What somebody most likely meant with `x.name(...)`, where there is no such function. */

/** Methods of other languages, and what does the same here. */
const FOREIGN: Readonly<Record<string, string>> = {
  forEach: 'for x in list { ... } goes through the elements',
  each: 'for x in list { ... } goes through the elements',
  toString: 'str(value) makes text of a value',
  to_s: 'str(value) makes text of a value',
  to_string: 'str(value) makes text of a value',
  toFixed: 'format() and round() shape numbers',
  length: 'len(value) gives the length',
  size: 'len(value) gives the length',
  append: 'push(array, value) appends',
  add: 'push(array, value) appends; a map is set by m[key] = value',
  extend: 'a + b joins two arrays',
  items: 'for key, value in map { ... } goes through a map',
  get: 'map[key] gives null where the key is missing; map[key] ?? other gives something else then',
  set: 'map[key] = value sets an entry',
  hasOwnProperty: 'key in map tells whether a map has a key',
  includes: 'x in list tells whether it is there',
  substr: 'text[from:to] gives a part of a text',
  charAt: 'text[i] gives one character',
  toUpperCase: 'upper(text) does it',
  toLowerCase: 'lower(text) does it',
  toLocaleString: 'format() shapes numbers',
  charCodeAt: 'char_code(text, i) gives a code point',
  codePointAt: 'char_code(text, i) gives a code point',
  replaceAll: 'replace(text, old, new) replaces every place',
  unwrap: 'a call gives its value itself, and throws where it fails',
  splice: 'insert(array, index, value) and remove_at(array, index) change an array',
  catch: 'try { ... } catch e { ... } catches errors',
  match: 'regex_match(pattern, text), and regex_groups for its parts',
  test: 'regex_match(pattern, text) tells whether a pattern fits',
  strip: 'trim(text) takes spaces off both ends',
  bind: 'a function keeps the variables around it: nothing needs to be bound',
  then: 'a call that has to wait simply waits: use its result',
};

/** Give the names of all built-ins, and the one of these or of the others that is near; set by whoever knows them. */
let builtinNames: () => readonly string[] = () => [];
let nearName: (name: string, others: readonly string[]) => string | null = () => null;

export function setBuiltinNames(names: typeof builtinNames, near: typeof nearName): void {
  builtinNames = names;
  nearName = near;
}

/** What a socket is known by. */
const HANDLE = /^(?:tcp|tls|unix|udp)(?:-listen)?:.+#\d+$/s;

/** What somebody most likely meant with `x.name`, where x has no entries. */
export function memberHint(container: unknown, name: string): { hint?: string } {
  if (typeof container === 'string' && HANDLE.test(container)) {
    return { hint: 'socket_info(socket) gives a map of what is known of a socket' };
  }
  if (name === 'length' || name === 'size' || name === 'count') return { hint: 'len(x) gives the length' };
  return builtinNames().includes(name) ? { hint: `it is a function: x.${name}() calls it` } : {};
}

/** `keys` are those of the map, when it is one. */
export function methodHint(name: string, keys: readonly string[]): { hint?: string } {
  if (Object.hasOwn(FOREIGN, name) && !builtinNames().includes(name)) return { hint: FOREIGN[name]! };
  const near = nearName(name, keys);
  return near === null ? {} : { hint: `did you mean '${near}'?` };
}
