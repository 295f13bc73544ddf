/** The group json: what a text means, what is refused and where, and that nothing is lost on the way there and back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { call, refused } from './call-builtin';
import { toJavaScript, toValue } from './json-values';
import { equal, MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';

const parse = (text: string): Value => call('json_parse', text) as Value;
const write = (value: unknown, indent?: unknown): string => call('json_stringify', value, indent ?? null) as string;

const toValueMap = (entries: [string, Value][]): MapValue => MapValue.of(entries);

test('parsing what was written gives an equal value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
      const value = toValue(json);
      assert.ok(equal(parse(write(value)), value));
      assert.ok(equal(parse(write(value, 2)), value));
    }),
    { numRuns: 500 },
  );
});

test('the same as the engine says, of texts that are JSON and texts that nearly are', () => {
  const texts = fc.jsonValue({ maxDepth: 4 }).map((json) => JSON.stringify(json));
  const spoiled = fc
    .tuple(texts, fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', '0', 'e', '\u0001', ' '))
    .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1));
  fc.assert(
    fc.property(fc.oneof(texts, spoiled), (text) => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        refused('EJSON', /^json_parse: line \d+, column \d+: /, 'json_parse', text);
        return;
      }
      assert.deepEqual(toJavaScript(parse(text)), expected);
    }),
    { numRuns: 1000 },
  );
});

test('the same text whether the engine can write it or not', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), fc.constantFrom(0, 1, 4), (json, indent) => {
      const value = toValue(json);
      const settings = indent === 0 ? null : indent;
      // No object of JavaScript holds these keys in this order.
      const whole = write(toValueMap([['b', 1], ['1', value]]), settings); // prettier-ignore
      const own = write([value], settings);
      const inner = own.slice(1 + (indent === 0 ? 0 : 1 + indent), -1 - (indent === 0 ? 0 : 1));
      const [colon, open, close] = indent === 0 ? [':', '', ''] : [': ', `\n${' '.repeat(indent)}`, '\n'];
      assert.equal(whole, `{${open}"b"${colon}1,${open}"1"${colon}${inner}${close}}`);
    }),
    { numRuns: 500 },
  );
});

test('keys that JavaScript would move keep their place', () => {
  for (const key of ['0', '443', '4294967294', '4294967295', '01', '__proto__', 'toJSON', '']) {
    assert.equal(write(toValueMap([['b', 1], [key, 2], ['a', [toValueMap([[key, 3]])]]])), `{"b":1,${JSON.stringify(key)}:2,"a":[{${JSON.stringify(key)}:3}]}`); // prettier-ignore
    const record = parse(`{"b":1,${JSON.stringify(key)}:2}`);
    assert.equal(write(record), `{"b":1,${JSON.stringify(key)}:2}`);
  }
});

test('writing changes nothing, and an indent may be long', () => {
  const inner: Value[] = [1, 'a'];
  const list: Value[] = [inner, 2, toValueMap([['k', inner]])];
  write(list);
  assert.equal(list[0], inner);
  assert.deepEqual(inner, [1, 'a']);
  assert.equal(write([1], 14), `[\n${' '.repeat(14)}1\n]`);
});

test('brackets 100,000 deep are a value or an error, never a crash', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const text = open.repeat(100_000) + '1' + close.repeat(100_000);
    try {
      parse(text);
    } catch (error) {
      assert.match((error as { message: string }).message, /^json_parse: /);
    }
    refused('EJSON', /^json_parse: /, 'json_parse', open.repeat(100_000));
  }
});

test('numbers are the nearest that there are', () => {
  assert.equal(parse('9007199254740993'), 9007199254740992);
  assert.equal(parse('1e400'), Infinity);
  assert.equal(parse('-1e-400'), -0);
  assert.equal(parse('0.1'), 0.1);
  for (const text of ['01', '+1', '.5', '1.', '0x10', 'NaN', 'Infinity', '1_000', '--1'])
    refused('EJSON', /line 1/, 'json_parse', text);
});

test('of a key that is there twice the last value counts; any key is a key', () => {
  const map = parse(
    '{"a": 1, "__proto__": {"x": 1}, "constructor": 2, "443": 3, "a": 4, "toString": 5, "": 6}',
  ) as MapValue;
  assert.deepEqual(map.keys(), ['a', '__proto__', 'constructor', '443', 'toString', '']);
  assert.equal(map.get('a'), 4);
  assert.ok(map.get('__proto__') instanceof MapValue);
  assert.equal(({} as { x?: number }).x, undefined);
  assert.equal(write(map), '{"a":4,"__proto__":{"x":1},"constructor":2,"443":3,"toString":5,"":6}');
});

test('pairs, lone halves, and bytes that are no UTF-8 come back as they were', () => {
  for (const text of ['\u{1f98a}', '\ud83e', '\udd8a', '\udc80\udcff', '\u2028\u2029', '\0\u001f"\\/']) {
    assert.equal(parse(write(text)), text);
  }
  assert.equal(parse('"\\ud83e\\udd8a \\u0041\\/"'), '\u{1f98a} A/');
  for (const text of ['"\\x41"', '"\\u12"', '"\n"', '"a', "'a'", '"\\']) refused('EJSON', /line 1/, 'json_parse', text);
});

test('errors say line and column, in code points', () => {
  const error = refused('EJSON', /^json_parse: line 3, column 8: /, 'json_parse', '{\n  "é": "🦊",\n  "b": ,\n}');
  assert.equal(error.fields.get('text_line'), 3);
  assert.equal(error.fields.get('text_column'), 8);
  refused('EJSON', /line 1, column 1/, 'json_parse', '');
  refused('EJSON', /line 1, column 3/, 'json_parse', '1 2');
});

test('what JSON cannot hold is refused with its place', () => {
  refused('EVALUE', /\$\.a\[1\] is the number NaN/, 'json_stringify', toValue({ a: [1, NaN] }));
  refused('EVALUE', /Infinity/, 'json_stringify', 1 / 0);
  refused('EVALUE', /function/, 'json_stringify', [() => null]);
  const cycle: Value[] = [];
  cycle.push(cycle);
  refused('ECYCLE', /holds itself/, 'json_stringify', cycle);
  const shared = [1];
  assert.equal(write([shared, shared]), '[[1],[1]]');
});
