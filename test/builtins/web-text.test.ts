/** The groups url, html and toml. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MapValue } from '../../src/runtime/values';
import { equal } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import { python, pythonHas, withoutPython } from '../support/python';
import { call, entriesOf, mapOf, property, refused } from './call-builtin';

const part = (url: string, name: string, base?: string): unknown =>
  (call('url_parse', url, base ?? null) as MapValue).get(name);

test('the parts of a URL', () => {
  const url = 'HTTPS://us%40er:p%3Aw@EXAMPLE.com:8443/a/./b/../c%20d?x=1&y=%26&x=2#s%C3%A9c';
  assert.deepEqual(entriesOf(call('url_parse', url)).filter(([name]) => name !== 'query'), [
    ['url', 'https://us%40er:p%3Aw@example.com:8443/a/c%20d?x=1&y=%26&x=2#s%C3%A9c'],
    ['scheme', 'https'],
    ['username', 'us@er'],
    ['password', 'p:w'],
    ['host', 'example.com'],
    ['port', 8443],
    ['path', '/a/c%20d'],
    ['fragment', 'séc'],
  ]);
  assert.deepEqual(entriesOf(part(url, 'query')), [['x', ['1', '2']], ['y', '&']]); // prettier-ignore
  assert.deepEqual(['http://a', 'https://a', 'ws://a', 'wss://a', 'redis://a', 'http://a:80'].map((each) => part(each, 'port')), [80, 443, 80, 443, null, 80]);
  assert.equal(part('http://[2001:DB8::1]:81/', 'host'), '2001:db8::1');
  assert.equal(part('http://bücher.example/', 'host'), 'xn--bcher-kva.example');
  assert.equal(part('mailto:a@b.c', 'path'), 'a@b.c');
  assert.equal(part('//x/y', 'url', 'https://a/b'), 'https://x/y');
  assert.equal(part('http://a/\udcff?\udc80=1', 'url'), 'http://a/%FF?%80=1');
}); // prettier-ignore

test('what is no URL', () => {
  const error = refused('EURL', 'its scheme is missing', 'url_parse', 'example.com');
  assert.equal(error.get('url'), 'example.com');
  for (const url of ['http://', 'http://a:99999', 'http://[::1', 'http://a b', '://', '']) refused('EURL', 'no URL', 'url_parse', url);
  refused('EURL', 'base is no whole URL', 'url_parse', 'a', 'b');
}); // prettier-ignore

test('URLs are built of their parts, and no part reaches into the next', () => {
  const build = (parts: Record<string, unknown>): unknown => call('url_build', mapOf(parts));
  assert.equal(build({ host: 'a.example' }), 'https://a.example/');
  assert.equal(build({ host: '::1', port: 8080, scheme: 'http' }), 'http://[::1]:8080/');
  assert.equal(build({ host: 'a', path: 'x?y#z w', fragment: 'é#' }), 'https://a/x%3Fy%23z%20w#%C3%A9%23');
  assert.equal(build({ host: 'a', username: 'u@', password: 'p/' }), 'https://u%40:p%2F@a/');
  assert.equal(build({ host: 'a', query: mapOf({ q: ['&', '='], n: null, '': 'x' }) }), 'https://a/?q=%26&q=%3D&=x');
  assert.equal(build({ host: 'a', query: '?x=1#y' }), 'https://a/?x=1%23y');
  for (const host of ['a/b', 'a@b', 'a?b', 'a#b', 'a\\b', 'a:80', 'a b', 'a%2fb', '[::1', 'a\nb']) refused('EURL', 'is no host', 'url_build', mapOf({ host }));
  refused('EURL', 'is no scheme', 'url_build', mapOf({ scheme: 'java script', host: 'a' }));
  refused('EURL', 'host is missing', 'url_build', mapOf({ host: '' }));
  refused('ETYPE', 'port', 'url_build', mapOf({ host: 'a', port: 65536 }));
  refused('ETYPE', 'a query cannot hold', 'url_build', mapOf({ host: 'a', query: mapOf({ a: [[]] }) }));
}); // prettier-ignore

const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .map((each) => each.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udc7f]/g, ''));
const bytes = fc
  .array(fc.constantFrom('a', '%', '%41', '+', ' ', '&', '=', '\udc80', '\udcff', 'é', '😀', '\0'))
  .map((all) => all.join(''));

test(
  'what is encoded is decoded to the same',
  property(fc.oneof(text, bytes), (s: string) => {
    const encoded = call('url_encode', s) as string;
    assert.match(encoded, /^[\w.~%-]*$/);
    // Bytes that come to stand together may make a character.
    if (s.isWellFormed()) assert.equal(call('url_decode', encoded), s);
    assert.equal(call('url_encode', call('url_decode', encoded)), encoded);
  }),
);

test('queries come back', property(fc.array(fc.tuple(fc.constantFrom('a', '__proto__', '443', '80', '', 'x y'), text.filter((s) => s.isWellFormed())), { maxLength: 6 }), (list: [string, string][]) => {
  const map = MapValue.of(list);
  assert.ok(equal(call('query_parse', call('query_build', map)) as Value, map));
  const url = call('url_parse', call('url_build', mapOf({ host: 'a', query: map }))) as MapValue;
  assert.ok(equal(url.get('query')!, map));
  assert.equal(call('url_build', url), url.get('url'));
})); // prettier-ignore

test('queries read as URLSearchParams does', property(fc.array(fc.constantFrom('x', '=', '&', '+', '%', '%4', '%41', '%C3%A9', 'y')).map((all) => all.join('')), (query: string) => {
  const expected = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) expected.set(name, [...(expected.get(name) ?? []), value]);
  const given = entriesOf(call('query_parse', query)).map(([name, value]) => [name, Array.isArray(value) ? value : [value]]);
  assert.deepEqual(given, [...expected]);
})); // prettier-ignore

test('decoding keeps what is no encoding', () => {
  assert.equal(call('url_decode', '%'), '%');
  assert.equal(call('url_decode', '%4%41%zz%ff+'), '%4A%zz\udcff+');
  assert.equal(call('query_parse', '?') instanceof MapValue, true);
});

test(
  'escaped text is unescaped to the same, and holds no character of HTML',
  property(text, (s: string) => {
    const escaped = call('html_escape', `${s}<&>"'`) as string;
    assert.doesNotMatch(escaped, /[<>"']/);
    assert.equal(call('html_unescape', escaped), `${s}<&>"'`);
  }),
);

test('entities as a browser reads them', () => {
  const cases = {
    '&amp;lt;': '&lt;',
    '&copy &notin; &notit; &NotEqualTilde;': '© ∉ ¬it; ≂̸',
    '&#65;&#x41;&#X41;&#65': 'AAAA',
    '&#128;&#0;&#xD800;&#x110000;': '€\ufffd\ufffd\ufffd',
    '&;&#;&#x; & &bogus;': '&;&#;&#x; & &bogus;',
    'a\udc80&lt;': 'a\udc80<',
  };
  for (const [html, plain] of Object.entries(cases)) assert.equal(call('html_unescape', html), plain, html);
});

// ---------------------------------------------------------------- TOML

test('TOML with all its kinds of values', () => {
  const text = `
title = "TOML"
n = 1_000
h = 0xff
f = 6.02e23
i = -inf
ok = true
when = 1979-05-27T07:32:00Z
local = 1979-05-27T07:32:00
day = 1979-05-27
at = 07:32:00
list = [1, "a", [true]]
"__proto__" = 1
a.b.c = 2
[[hosts]]
name = "x"
[[hosts]]
name = '''y
z'''
`;
  const expected: Record<string, unknown> = {
    title: 'TOML', n: 1000, h: 255, f: 6.02e23, i: -Infinity, ok: true,
    when: '1979-05-27T07:32:00.000Z', local: '1979-05-27T07:32:00.000', day: '1979-05-27', at: '07:32:00.000',
    list: [1, 'a', [true]],
  }; // prettier-ignore
  const map = call('toml_parse', text) as MapValue;
  for (const [key, value] of Object.entries(expected)) assert.deepEqual(map.get(key), value, key);
  assert.equal(map.get('__proto__'), 1);
  assert.equal(((map.get('a') as MapValue).get('b') as MapValue).get('c'), 2);
  assert.deepEqual(
    (map.get('hosts') as MapValue[]).map((host) => host.get('name')),
    ['x', 'y\nz'],
  );
});

test('what is no TOML is refused with its place', () => {
  const error = refused('ETOML', 'line 3, column', 'toml_parse', 'a = 1\nb = [1,\n"');
  assert.equal(error.get('text_line'), 3);
  for (const text of [
    'a = 1\na = 2',
    '[a]\n[a]',
    'a',
    'a = 9223372036854775807',
    'a = "\n"',
    'a = 01',
    '= 1',
    '[a.b',
    'a = tru',
  ]) {
    const place = refused('ETOML', /line \d+, column \d+: \S/, 'toml_parse', text);
    assert.ok(typeof place.get('text_line') === 'number' && typeof place.get('text_column') === 'number');
    assert.doesNotMatch(place.message, /\n|Invalid TOML document/);
  }
});

const tomlValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }), fc.integer(), fc.double({ noNaN: true }), fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b c', '__proto__', '', 'é.x', '"'), tie('value'), { maxKeys: 3 }).map((each) => mapOf(each)),
  ),
})).value; // prettier-ignore

test('what is written as TOML is read back', property(fc.array(fc.tuple(fc.constantFrom('a', 'k 1', '__proto__', 'z'), tomlValue)), (list: [string, Value][]) => {
  const map = MapValue.of(list);
  assert.ok(equal(call('toml_parse', call('toml_stringify', map)) as Value, map), call('toml_stringify', map) as string);
})); // prettier-ignore

test('Python reads the TOML that is written', { skip: pythonHas('tomllib') ? false : 'needs python3 of 3.11 or later' }, () => {
  const lists = fc.sample(fc.array(fc.tuple(fc.constantFrom('a', 'k 1', '__proto__', 'z'), tomlValue as fc.Arbitrary<Value>), { maxLength: 4 }), 200);
  const answer = python(
    `import math, tomllib
def plain(v):
    if isinstance(v, dict): return [[k, plain(x)] for k, x in v.items()]
    if isinstance(v, list): return {"list": [plain(x) for x in v]}
    if isinstance(v, float): return str(v) if math.isinf(v) else int(v) if v == int(v) else v
    return v
answer = [plain(tomllib.loads(text)) for text in data]`,
    lists.map((list) => call('toml_stringify', MapValue.of(list))),
  ) as unknown[];
  const plain = (value: Value): unknown => {
    if (value instanceof MapValue) return value.entries().map(([key, each]) => [key, plain(each)]);
    if (Array.isArray(value)) return { list: value.map(plain) };
    if (typeof value !== 'number') return value;
    return Number.isFinite(value) ? value + 0 : value < 0 ? '-inf' : 'inf';
  };
  // Tables stand behind all other entries of a table, so the order may be another one.
  const sorted = (value: unknown): unknown => {
    if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? { list: (value as { list: unknown[] }).list.map(sorted) } : value;
    const entries = (value as [string, unknown][]).map(([key, each]): [string, unknown] => [key, sorted(each)]);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  };
  lists.forEach((list, i) => {
    assert.deepEqual(sorted(answer[i]), sorted(plain(MapValue.of(list))), call('toml_stringify', MapValue.of(list)) as string);
  });
}); // prettier-ignore

test('what TOML cannot hold', () => {
  refused('EVALUE', '$.a["b c"][1] is null', 'toml_stringify', mapOf({ a: mapOf({ 'b c': [1, null] }) }));
  refused('EVALUE', '$.f is the function f', 'toml_stringify', mapOf({ f: () => null }));
  const loop = mapOf({});
  loop.set('again', loop);
  refused('ECYCLE', '$.again holds itself', 'toml_stringify', loop);
  let deep = mapOf({});
  for (let i = 0; i < 5000; i++) deep = mapOf({ a: deep });
  refused('ERANGE', 'deeper than', 'toml_stringify', deep);
});

test('TOML that is nested too deeply is refused', () => {
  refused('ETOML', /./, 'toml_parse', `a = ${'['.repeat(100_000)}`);
  refused('ETOML', /./, 'toml_parse', `a = ${'['.repeat(100_000)}${']'.repeat(100_000)}`);
});

test('url_encode, url_decode and queries are those of Python', { skip: withoutPython }, () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from('az09-._~ %+&=/?#[]@!$\'()*,;:"<>\\^`{|}\0\u00e9\u20ac')),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    maxLength: 20,
  });
  const texts = fc.sample(text, 300);
  const queries = fc.sample(fc.array(fc.tuple(text, text), { maxLength: 5 }), 200);
  const answer = python(
    `from urllib.parse import quote, unquote, urlencode
answer = {
    "encoded": [quote(t, safe="") for t in data["texts"]],
    "decoded": [unquote(t) for t in data["texts"]],
    "built": [urlencode([tuple(p) for p in q], quote_via=quote, safe="") for q in data["queries"]],
}`,
    { texts, queries },
  ) as { encoded: string[]; decoded: string[]; built: string[] };
  texts.forEach((each, i) => {
    assert.equal(call('url_encode', each), answer.encoded[i]);
    // What is no UTF-8 is U+FFFD there and the bytes themselves here.
    if (!answer.decoded[i]!.includes('\ufffd')) assert.equal(call('url_decode', each), answer.decoded[i]);
  });
  queries.forEach((each, i) => {
    const query = new Map<string, string | string[]>();
    // Names that are there twice stand together: a map has them once.
    for (const [name, value] of each) if (!query.has(name)) query.set(name, value);
    if (query.size !== each.length) return;
    assert.equal(call('query_build', MapValue.of(query)), answer.built[i]);
    assert.ok(equal(call('query_parse', answer.built[i]!) as Value, MapValue.of(query)));
  });
});
