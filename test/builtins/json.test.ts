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
