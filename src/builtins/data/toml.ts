/** The group toml: configuration in TOML 1.0, read and written by smol-toml. */
import { parse, stringify, TomlDate, TomlError } from 'smol-toml';
import type { TomlValue } from 'smol-toml';
import { describe } from '../../runtime/describe-value';
import { fault } from '../../runtime/errors';
import { inspect, MapValue } from '../../runtime/values';
import type { Value } from '../../runtime/values';
import { defineBuiltin } from '../define-builtin';
import { map, string } from '../types';
import { failure } from '../core/value-types';
import { PLACE_FIELDS } from './place-in-text';

type Parsed = TomlValue | { [key: string]: Parsed } | Parsed[];

function valueOf(parsed: Parsed): Value {
  if (typeof parsed === 'bigint') return Number(parsed);
  if (typeof parsed !== 'object') return parsed;
  if (parsed instanceof TomlDate) return parsed.toISOString();
  if (Array.isArray(parsed)) return parsed.map(valueOf);
  return MapValue.of(Object.entries(parsed).map(([key, each]): [string, Value] => [key, valueOf(each)]));
}

export const toml_parse = defineBuiltin({
  name: 'toml_parse',
  group: 'toml',
  summary: 'Reads a configuration written in TOML',
  details: `Dates and times become strings as ISO 8601 writes them. ${PLACE_FIELDS}`,
  params: [{ name: 'text', type: string, about: 'The text' }],
  gives: { type: 'map', about: 'The keys of the document with their values' },
  errors: { ETOML: 'the text is no TOML, or a number in it cannot be held exactly' },
  example: `let config = toml_parse("[server]\\nport = 8080\\nhosts = ['a', 'b']")
log(config.server.port, config.server.hosts)  // expect: 8080 ["a", "b"]`,
  failing: `toml_parse("port = ")  // expect error: toml_parse: line 1, column`,
  run: (text) => {
    try {
      return valueOf(parse(text));
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const { line, column } = error;
      const message = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
      throw fault('ETOML', `toml_parse: line ${line}, column ${column}: ${message}`, {
        function: 'toml_parse',
        fields: { text_line: line, text_column: column },
      });
    }
  },
});

type Plain = string | number | boolean | Plain[] | { [key: string]: Plain };

/** Deeper nesting than any configuration has. */
const MAX_DEPTH = 500;

function plain(value: Value, path: string, open: readonly Value[]): Plain {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (!Array.isArray(value) && !(value instanceof MapValue)) {
    const hint = value === null ? 'leave the key out' : undefined;
    throw failure('EVALUE', 'toml_stringify', `${path} is ${describe(value)}, which TOML cannot hold`, hint);
  }
  if (open.includes(value))
    throw failure('ECYCLE', 'toml_stringify', `${path} holds itself, so its text would have no end`);
  if (open.length > MAX_DEPTH)
    throw failure('ERANGE', 'toml_stringify', `the map is nested deeper than ${MAX_DEPTH} levels`);
  const inside = [...open, value];
  if (Array.isArray(value)) return value.map((each, i) => plain(each, `${path}[${i}]`, inside));
  const made: Record<string, Plain> = {};
  for (const [key, each] of value.entries()) {
    const name = /^\w+$/.test(key) ? `.${key}` : `[${inspect(key)}]`;
    // Not by assignment: `__proto__` is a key like any other.
    Object.defineProperty(made, key, { value: plain(each, path + name, inside), enumerable: true });
  }
  return made;
}

export const toml_stringify = defineBuiltin({
  name: 'toml_stringify',
  group: 'toml',
  summary: 'Writes a map as TOML',
  details: 'Maps inside become tables. Dates are strings in the program, and so they stay.',
  params: [{ name: 'value', type: map, about: 'The map' }],
  gives: { type: 'string', about: 'The text' },
  errors: {
    EVALUE: 'a value is neither string, number, boolean, array nor map',
    ECYCLE: 'a value holds itself',
    ERANGE: 'it is nested too deeply',
  },
  example: `print(toml_stringify({"name": "scan", "limits": {"ports": 1024}}))
// expect: name = "scan"
// expect:
// expect: [limits]
// expect: ports = 1024`,
  failing: `toml_stringify({"a": null})  // expect error: toml_stringify: $.a is null, which TOML cannot hold`,
  run: (value) => stringify(plain(value, '$', []) as Record<string, Plain>),
});
