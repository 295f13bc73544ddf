/** What is pure in HTTP: names and values of fields, cookies, Retry-After, events, log lines, queries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePercent, encodePercent, parseQuery } from '../../src/host/http/percent';
import { decode, encode } from '../../src/host/text';
import { accessLine } from '../../src/wire/http/access-log';
import { cookieApplies, parseCookieField, parseSetCookie } from '../../src/wire/http/cookie';
import { badCharacter, canonicalName, isFieldValue, isHostField, isToken } from '../../src/wire/http/header-text';
import { partHead } from '../../src/wire/http/multipart';
import { retryAfterMs } from '../../src/wire/http/retry-after';
import { eventText } from '../../src/wire/http/server-sent-events';

const TIME_BOX = { interruptAfterTimeLimit: 500, markInterruptAsFailure: false };

test('names are shown in their canonical form', () => {
  const names = {
    'content-type': 'Content-Type',
    ETAG: 'ETag',
    'www-authenticate': 'WWW-Authenticate',
    'x-FORWARDED-for': 'X-Forwarded-For',
    __proto__: '__proto__',
    constructor: 'Constructor',
  };
  for (const [name, shown] of Object.entries(names)) assert.equal(canonicalName(name), shown);
  fc.assert(
    fc.property(fc.string(), (name) => canonicalName(canonicalName(name)) === canonicalName(name.toLowerCase())),
    TIME_BOX,
  );
});

test('what may stand in a field', () => {
  for (const token of ['GET', 'x-y', "!#$%&'*+-.^_`|~"]) assert.ok(isToken(token), token);
  for (const bad of ['', 'a b', 'a:b', 'a\n', 'ü', '"']) assert.ok(!isToken(bad), bad);
  assert.ok(isFieldValue('a\tb ü'));
  assert.equal(badCharacter('a\rb'), 'a carriage return (CR)');
  assert.equal(badCharacter('a\x07b'), 'the control character 0x07');
  for (const host of ['a', 'a:80', 'a.b-c_d', '127.0.0.1:1', '[::1]', '[::1]:443', 'a:'])
    assert.ok(isHostField(host), host);
  for (const bad of ['', 'a b', 'a/b', 'a@b', 'a:b', '[::1', '::1', 'a:123456', 'a,b c', 'a\0'])
    assert.ok(!isHostField(bad), bad);
});

test('cookies are for whom they say', () => {
  assert.deepEqual(parseCookieField('a=1; b="x"; =c; d; e= f=g '), [
    ['a', '1'],
    ['b', 'x'],
    ['e', 'f=g'],
  ]);
  const now = 1_000_000;
  const place = { host: 'www.example.com', path: '/a/b', secure: true };
  const set = (field: string, isAddress = false): ReturnType<typeof parseSetCookie> =>
    parseSetCookie(field, place, isAddress, now);
  assert.deepEqual(set('n=v'), {
    name: 'n',
    value: 'v',
    domain: 'www.example.com',
    hostOnly: true,
    path: '/a',
    secure: false,
    httpOnly: false,
    sameSite: null,
    expires: null,
  });
  assert.equal(set('n=v; Domain=.Example.com; Max-Age=5')?.expires, now + 5000);
  assert.equal(set('n=v; Domain=example.com')?.domain, 'example.com');
  for (const refused of [
    '',
    '=v',
    'n',
    'n=v; Domain=com',
    'n=v; Domain=other.com',
    'n=v; Domain=ww.example.com',
    '__Host-n=v; Secure',
    'n=\x01',
    `n=${'v'.repeat(5000)}`,
  ]) {
    assert.equal(set(refused), null, refused.slice(0, 50));
  }
  assert.equal(set('n=v; Domain=example.com', true), null);
  const wide = set('n=v; Domain=example.com; Path=/x')!;
  const applies = (host: string, path: string): boolean =>
    cookieApplies(wide, { host, path, secure: false }, false, now);
  assert.deepEqual(
    [
      applies('example.com', '/x'),
      applies('a.example.com', '/x/y'),
      applies('badexample.com', '/x'),
      applies('example.com', '/xy'),
    ],
    [true, true, false, false],
  );
  fc.assert(
    fc.property(fc.string(), (field) => {
      parseCookieField(field);
      set(field);
      return true;
    }),
    TIME_BOX,
  );
});

test('Retry-After as seconds, as a date, and as nothing', () => {
  const now = Date.UTC(2026, 0, 1);
  assert.equal(retryAfterMs('120', now), 120_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:10 GMT', now), 10_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2015 00:00:10 GMT', now), 0);
  for (const nothing of ['', '-1', '1.5', 'soon', '99999999999', undefined, '1 2'])
    assert.equal(retryAfterMs(nothing, now), null);
});

test('percent-encoding keeps any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = decode(bytes);
      return decodePercent(encodePercent(text), false) === text && encode(text).equals(Buffer.from(bytes));
    }),
    TIME_BOX,
  );
  assert.equal(decodePercent('%zz%4%41+', false), '%zz%4A+');
  assert.deepEqual(parseQuery('a=1&b&=c&a=2&__proto__=x&&d=a+b').entries(), [
    ['a', ['1', '2']],
    ['b', ''],
    ['', 'c'],
    ['__proto__', 'x'],
    ['d', 'a b'],
  ]);
});

test('nobody writes a line of their own into a log, an event or a part', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const access = {
        time: 0,
        remoteHost: '::1',
        method: 'GET',
        target: text,
        version: '1.1',
        status: 200,
        bytes: null,
        elapsedMs: 1.5,
        referer: text,
        userAgent: text,
      };

      for (const format of ['common', 'combined', 'json'] as const) {
        assert.ok(isFieldValue(accessLine(format, access)), format);
      }
      const lines = eventText({ data: text, event: null, id: null, retryMs: null }).slice(0, -2).split('\n');
      assert.ok(lines.every((line) => line.startsWith('data: ')));
      assert.equal(partHead({ boundary: 'b', name: text, filename: text, type: null }).split('\r\n').length, 4);
    }),
    TIME_BOX,
  );
});
