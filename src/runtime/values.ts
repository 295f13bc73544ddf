/**
 * The values of the language as JavaScript values: what each kind is, its name, its text, whether it is
 * truthy, and equality by content. `undefined` is never a value; where it shows up it means "missing".
 */
import { ErrorValue } from './errors';
import { MapValue } from './map-value';
import { Channel } from './channel';
import { Task } from './task';

/** A function of the program, or a built-in as a value. One that may wait is a generator function. */
export type FunctionValue = ((...args: Value[]) => unknown) & { readonly name: string };
export type Value = null | boolean | number | string | Value[] | MapValue | FunctionValue | ErrorValue | Task | Channel;

export type TypeName =
  'null' | 'boolean' | 'number' | 'string' | 'array' | 'map' | 'function' | 'error' | 'task' | 'channel';

export { MapValue, ErrorValue, Task, Channel };

/** What `type(v)` gives. */
export function typeName(value: Value): TypeName {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'function':
      return 'function';
    default:
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'array';
      if (value instanceof MapValue) return 'map';
      if (value instanceof ErrorValue) return 'error';
      if (value instanceof Task) return 'task';
      if (value instanceof Channel) return 'channel';
      throw new Error(`a JavaScript ${Object.prototype.toString.call(value)} is no value of the language`);
  }
}

/** False, null, 0, NaN, "", [] and {} are falsy. */
export function truthy(value: Value): boolean {
  if (typeof value !== 'object') return Boolean(value);
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof MapValue) return value.size > 0;
  return true;
}

/** The name a person gave a function; the compiler's own suffixes start with `$`. */
export function functionName(fn: { readonly name: string }): string {
  const cut = fn.name.indexOf('$');
  return cut < 0 ? fn.name : fn.name.slice(0, cut);
}

/** The text of a value, as `str`, `log`, `+` and `${}` show it. */
export function str(value: Value): string {
  return typeof value === 'string' ? value : show(value, []);
}

/** As `str`, but a string is quoted, as inside an array. */
export function inspect(value: Value): string {
  return show(value, []);
}

function show(value: Value, open: Value[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Object.is(value, -0) ? '0' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'function':
      return `<fn ${functionName(value) || 'anonymous'}>`;
    default:
      break;
  }
  if (value === null) return 'null';
  if (Array.isArray(value) || value instanceof MapValue) return showContainer(value, open);
  if (value instanceof ErrorValue) return value.message;
  if (value instanceof Task) return `<task ${value.id}>`;
  if (value instanceof Channel) return `<channel ${value.id}>`;
  throw new Error(`a JavaScript ${Object.prototype.toString.call(value)} is no value of the language`);
}

/** Deeper nesting than this shows as `...`: the text would be of no use, and the stack is finite. */
const MAX_SHOWN_DEPTH = 1000;

function showContainer(value: Value[] | MapValue, open: Value[]): string {
  const isArray = Array.isArray(value);
  if (open.length > MAX_SHOWN_DEPTH || open.includes(value)) return isArray ? '[...]' : '{...}';
  open.push(value);
  const text = isArray
    ? '[' + value.map((item) => show(item, open)).join(', ') + ']'
    : '{' +
      value
        .entries()
        .map(([key, item]) => `${quote(key)}: ${show(item, open)}`)
        .join(', ') +
      '}';
  open.pop();
  return text;
}

/** A string as a literal of the language. */
export function quote(text: string): string {
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  if (!/[\0-\x1f"\\\x7f\ud800-\udfff]/.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === '"' || char === '\\') out += '\\' + char;
    else if (char === '\n') out += '\\n';
    else if (char === '\r') out += '\\r';
    else if (char === '\t') out += '\\t';
    else if (code === 0) out += '\\0';
    else if (code < 0x20 || code === 0x7f) out += '\\x' + code.toString(16).padStart(2, '0');
    else if (code >= 0xd800 && code <= 0xdfff) out += '\\u' + code.toString(16);
    else out += char;
  }
  return out + '"';
}

/** `==`: numbers, strings, booleans and null by value, arrays and maps by content, the rest by identity. */
export function equal(a: Value, b: Value): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && sameContent(a, b, null));
}

/** Deeper than this, a comparison fails as deep recursion does. */
const MAX_COMPARED_DEPTH = 2000;

/** `pairs` are the containers being compared further up: meeting a pair again means a cycle, taken as equal. */
function sameContent(a: Value, b: Value, pairs: Pairs | null): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
  } else if (!(a instanceof MapValue) || !(b instanceof MapValue) || a.size !== b.size) {
    return false;
  }
  const depth = pairs === null ? 1 : pairs.depth + 1;
  for (let pair = pairs; pair !== null; pair = pair.outer) if (pair.a === a && pair.b === b) return true;
  if (depth > MAX_COMPARED_DEPTH) throw new RangeError('Maximum call stack size exceeded');
  const inner: Pairs = { a, b, outer: pairs, depth };
  if (Array.isArray(a)) {
    for (let i = 0; i < a.length; i++) if (!sameContent(a[i]!, (b as Value[])[i]!, inner)) return false;
    return true;
  }
  for (const [key, value] of a.entries()) {
    const other = (b as MapValue).get(key);
    if (other === undefined || !sameContent(value, other, inner)) return false;
  }
  return true;
}

interface Pairs {
  readonly a: Value;
  readonly b: Value;
  readonly outer: Pairs | null;
  readonly depth: number;
}
