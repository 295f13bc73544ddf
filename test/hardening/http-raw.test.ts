/**
 * Requests that are no HTTP/1.1, or could be read in two ways: whole, cut in two at every byte, and sent behind a
 * good one. Each is refused with its status, the connection ends, and the next client is served.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nothingLeftOfHttp, rawExchange, serving, statusesOf, stop } from '../support/http';
import type { Served } from '../support/http';
import { field, run } from '../support/run-tasks';
import type { MapValue, Value } from '../../src/runtime/values';

const GOOD = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n';
const POST = 'POST /ok HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** By what is wrong: the status, and the bytes. */
const REFUSED: Readonly<Record<string, readonly [status: number, bytes: string]>> = {
  'length and chunked': [400, `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  'chunked and length': [400, `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  'two lengths': [400, `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
  'the same length twice': [400, `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
  'a list of lengths': [400, `${POST}Content-Length: 5, 5\r\n\r\nhello`],
  'a length with a plus': [400, `${POST}Content-Length: +5\r\n\r\nhello`],
  'a negative length': [400, `${POST}Content-Length: -1\r\n\r\nhello`],
  'a hexadecimal length': [400, `${POST}Content-Length: 0x5\r\n\r\nhello`],
  'a length beyond 64 bits': [400, `${POST}Content-Length: 99999999999999999999999\r\n\r\nhello`],
  'an empty length': [400, `${POST}Content-Length:\r\n\r\nhello`],
  'a length with a space in it': [400, `${POST}Content-Length: 5 5\r\n\r\nhello`],
  'a length with a fraction': [400, `${POST}Content-Length: 5.0\r\n\r\nhello`],
  'a length with an exponent': [400, `${POST}Content-Length: 1e1\r\n\r\nhello`],
  'a length in quotes': [400, `${POST}Content-Length: "5"\r\n\r\nhello`],
  'a length of nearly 64 bits': [413, `${POST}Content-Length: 18446744073709551615\r\n\r\nhello`],
  'a coding that is unknown': [501, `${POST}Transfer-Encoding: gzip\r\n\r\n`],
  'a coding before chunked': [501, `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  'a coding after chunked': [501, `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  'chunked twice': [501, `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  'a coding like chunked': [501, `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  identity: [501, `${POST}Transfer-Encoding: identity\r\n\r\n`],
  'an empty coding': [501, `${POST}Transfer-Encoding:\r\n\r\n`],
  'chunked in quotes': [501, `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  'chunked with a parameter': [501, `${POST}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n`],
  'chunked behind an empty element': [501, `${POST}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n`],
  'chunked before an empty element': [501, `${POST}Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n`],
  'chunked twice in a list': [501, `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
  'a no-break space behind chunked': [501, `${POST}Transfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n`],
  'identity and a length': [400, `${POST}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello`],
  'a space before the colon': [400, `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  'a vertical tab before chunked': [400, `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  'chunked in HTTP/1.0': [400, 'POST /ok HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  'a bare LF after the request line': [400, 'GET /ok HTTP/1.1\nHost: a\r\n\r\n'],
  'a bare LF after a header': [400, 'GET /ok HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
  'a bare LF at the end': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\n\n'],
  'a bare CR in a value': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
  'a bare CR after the request line': [400, 'GET /ok HTTP/1.1\rHost: a\r\n\r\n'],
  'two CRs after the request line': [400, 'GET /ok HTTP/1.1\r\r\nHost: a\r\n\r\n'],
  'two CRs after a header': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\r\n\r\n'],
  'two CRs at the end': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\r\n'],
  'a folded header': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n'],
  'a header folded by a tab': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n'],
  'a folded coding': [400, `${POST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  'a space before the first header': [400, 'GET /ok HTTP/1.1\r\n Host: a\r\n\r\n'],
  'a control character in a value': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n'],
  'a NUL in a value': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
  'a DEL in a value': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n'],
  'a control character in a name': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX\x01: b\r\n\r\n'],
  'an empty name': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
  'a header without a colon': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX\r\n\r\n'],
  'a name with brackets': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX(1): b\r\n\r\n'],
  'a name with a space': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n'],
  'a name with a tab behind it': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n'],
  'a name with a byte above ASCII': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX\xe9: b\r\n\r\n'],
  'a line of a space': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\n \r\n\r\n'],
  'a chunk size with 0x': [400, `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
  'a chunk size with a plus': [400, `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`],
  'a negative chunk size': [400, `${CHUNKED}-1\r\nhello\r\n0\r\n\r\n`],
  'an empty chunk size': [400, `${CHUNKED}\r\nhello\r\n0\r\n\r\n`],
  'a chunk size beyond 64 bits': [400, `${CHUNKED}fffffffffffffffff\r\nhello\r\n0\r\n\r\n`],
  'a space after a chunk size': [400, `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`],
  'a space before a chunk size': [400, `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`],
  'a space before a chunk extension': [400, `${CHUNKED}5 ;a=b\r\nhello\r\n0\r\n\r\n`],
  'a tab after a chunk size': [400, `${CHUNKED}5\t\r\nhello\r\n0\r\n\r\n`],
  'an underscore in a chunk size': [400, `${CHUNKED}5_0\r\nhello\r\n0\r\n\r\n`],
  'a bare CR after a chunk size': [400, `${CHUNKED}5\rX\nhello\r\n0\r\n\r\n`],
  'a chunk extension that is empty': [400, `${CHUNKED}5;\r\nhello\r\n0\r\n\r\n`],
  'a control character in a chunk extension': [400, `${CHUNKED}5;a\x01\r\nhello\r\n0\r\n\r\n`],
  'quotes in a chunk extension that do not end': [400, `${CHUNKED}5;a="x\r\nhello\r\n0\r\n\r\n`],
  'a chunk shorter than its size': [400, `${CHUNKED}6\r\nhello\r\n0\r\n\r\n`],
  'a negative zero as the last chunk': [400, `${CHUNKED}5\r\nhello\r\n-0\r\n\r\n`],
  'a bare LF after a chunk size': [400, `${CHUNKED}5\nhello\r\n0\r\n\r\n`],
  'a bare LF in a chunk extension': [400, `${CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n`],
  'a chunk longer than its size': [400, `${CHUNKED}5\r\nhelloX\r\n0\r\n\r\n`],
  'a bare LF after a chunk': [400, `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
  'a folded trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n`],
  'a length as a trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n`],
  'a coding as a trailer': [501, `${CHUNKED}5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`],
  'a control character in a trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nX: a\x01\r\n\r\n`],
  'a bare LF after a trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nX: a\n\r\n`],
  'a bare LF at the end of the chunks': [400, `${CHUNKED}5\r\nhello\r\n0\r\n\n`],
  'no Host': [400, 'GET /ok HTTP/1.1\r\nX: a\r\n\r\n'],
  'two Hosts': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
  'two Hosts in HTTP/1.0': [400, 'GET /ok HTTP/1.0\r\nHost: a\r\nhOST: b\r\n\r\n'],
  'a list of Hosts': [400, 'GET /ok HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  'a Host with a byte above ASCII': [400, 'GET /ok HTTP/1.1\r\nHost: \xe9\r\n\r\n'],
  'no Host beside an absolute target': [400, 'GET http://a/ok HTTP/1.1\r\n\r\n'],
  'a Host with a space': [400, 'GET /ok HTTP/1.1\r\nHost: a b\r\n\r\n'],
  'a Host with a path': [400, 'GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  'a Host with a user': [400, 'GET /ok HTTP/1.1\r\nHost: a@b\r\n\r\n'],
  'a Host with a bad port': [400, 'GET /ok HTTP/1.1\r\nHost: a:8x\r\n\r\n'],
  'an empty Host': [400, 'GET /ok HTTP/1.1\r\nHost:\r\n\r\n'],
  'HTTP/0.9': [505, 'GET /ok HTTP/0.9\r\nHost: a\r\n\r\n'],
  'HTTP/1.2': [505, 'GET /ok HTTP/1.2\r\nHost: a\r\n\r\n'],
  'HTTP/2.0': [505, 'GET /ok HTTP/2.0\r\nHost: a\r\n\r\n'],
  'HTTP/1.10': [400, 'GET /ok HTTP/1.10\r\nHost: a\r\n\r\n'],
  'HTTP/01.1': [400, 'GET /ok HTTP/01.1\r\nHost: a\r\n\r\n'],
  'HTTP/1,1': [400, 'GET /ok HTTP/1,1\r\nHost: a\r\n\r\n'],
  'a space in the version': [400, 'GET /ok HTTP/ 1.1\r\nHost: a\r\n\r\n'],
  'a letter behind the version': [400, 'GET /ok HTTP/1.1x\r\nHost: a\r\n\r\n'],
  'no version': [505, 'GET /ok\r\nHost: a\r\n\r\n'],
  'no target': [400, 'GET HTTP/1.1\r\nHost: a\r\n\r\n'],
  'no method': [400, ' /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'http in small letters': [400, 'GET /ok http/1.1\r\nHost: a\r\n\r\n'],
  'a method that is unknown': [400, 'FETCH /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a method in small letters': [400, 'get /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space before the method': [400, ' GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a tab after the method': [400, 'GET\t/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a tab before the method': [400, '\tGET /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a tab before the version': [400, 'GET /ok\tHTTP/1.1\r\nHost: a\r\n\r\n'],
  'a tab in the target': [400, 'GET /o\tk HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space in the target': [400, 'GET /o k HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space after the version': [400, 'GET /ok HTTP/1.1 \r\nHost: a\r\n\r\n'],
  'a relative target': [400, 'GET ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a fragment in the target': [400, 'GET /ok#b HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a control character in the target': [400, 'GET /ok\x01 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a NUL in the target': [400, 'GET /ok\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a byte above ASCII in the target': [400, 'GET /ok\xff HTTP/1.1\r\nHost: a\r\n\r\n'],
  'the target of OPTIONS for GET': [400, 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a scheme that is not HTTP': [400, 'GET ftp://a/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'an absolute target with a user': [400, 'GET http://u@a/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'an absolute target without a host': [400, 'GET http:///ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'an absolute target with a bad port': [400, 'GET http://a:8x/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a target of host and port': [400, 'GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'the beginning of HTTP/2': [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'a proxy request': [501, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'an expectation that is unknown': [417, `${POST}Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello`],
  'an expectation beside 100-continue': [417, `${POST}Expect: 100-continue, x\r\nContent-Length: 5\r\n\r\nhello`],
  'a TLS handshake': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  'another protocol': [501, 'DESCRIBE /ok RTSP/1.0\r\nHost: a\r\n\r\n'],
};

let served: Served;
let handled = 0;

before(() =>
  run(function* () {
    const ok = (req: Value): string => {
      handled++;
      const host = (field(req, 'headers') as MapValue).get('Host') ?? null;
      const seen = [field(req, 'method'), field(req, 'path'), host, field(req, 'body')];
      return `${seen.map(String).join(' ')} fine`;
    };
    served = yield* serving({ 'GET /ok': ok, 'POST /ok': ok });
  }),
);
after(async () => {
  await run(() => stop(served));
  await nothingLeftOfHttp();
});

async function assertServes(): Promise<void> {
  const { text } = await rawExchange(served.port, [GOOD], (got) => got.endsWith('fine'));
  assert.deepEqual(statusesOf(text), [200]);
}

async function assertRefused(pieces: readonly string[], statuses: readonly number[], what: string): Promise<void> {
  const { text, closed } = await rawExchange(served.port, pieces);
  assert.deepEqual(statusesOf(text), statuses, `${what}: ${JSON.stringify(text)}`);
  assert.ok(closed, `${what}: the connection stays open`);
  assert.match(text, /\r\nConnection: close\r\n/, what);
}

for (const [what, [status, bytes]] of Object.entries(REFUSED)) {
  test(`refuses ${what}`, async () => {
    const before = handled;
    await assertRefused([bytes], [status], 'whole');
    assert.equal(handled, before, 'no handler ran');
    await assertServes();
    await assertRefused([GOOD + bytes], [200, status], 'behind a good one');
    await assertRefused([GOOD + GOOD + bytes + GOOD], [200, 200, status], 'between good ones');
    const cuts = Array.from({ length: bytes.length - 1 }, (_none, i) => i + 1);
    await Promise.all(cuts.map((at) => assertRefused([bytes.slice(0, at), bytes.slice(at)], [status], `cut at ${at}`)));
    await assertServes();
  });
}

/** What looks odd and is allowed, and what the handler sees where that is not GET or POST of "/ok" for the host "a". */
const TAKEN: Readonly<Record<string, readonly [bytes: string, seen?: string]>> = {
  'empty lines before the request line': ['\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  // RFC 9112, section 3, allows it. Node's parser keeps what it skips to itself.
  'several spaces in the request line': ['GET   /ok  HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a bare LF or CR before the request line': ['\n\rGET /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'the absolute form, whatever Host says': ['GET http://other:81/ok HTTP/1.1\r\nHost: a\r\n\r\n', 'other:81'],
  'HTTP/1.0 without Host': ['GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', 'null'],
  'Host with an IPv6 address': ['GET /ok HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', '[::1]:8080'],
  'Chunked in capitals': [`${POST}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
  'a tab before chunked': [`${POST}Transfer-Encoding:\tchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
  'a chunk extension': [`${CHUNKED}5;a=b;c="d e"\r\nhello\r\n0\r\n\r\n`],
  'a trailer, which is no header': [`${CHUNKED}5\r\nhello\r\n0\r\nX: y\r\nHost: other\r\n\r\n`],
  'leading zeros in a chunk size': [`${CHUNKED}0005\r\nhello\r\n0\r\n\r\n`],
  'leading zeros in a length': [`${POST}Content-Length: 005\r\n\r\nhello`],
  'a body of GET': ['GET /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'],
  'a byte above ASCII in a value': ['GET /ok HTTP/1.1\r\nHost: a\r\nX: caf\xe9\r\n\r\n'],
};

for (const [what, [bytes, host = 'a']] of Object.entries(TAKEN)) {
  test(`takes ${what}`, async () => {
    // What comes behind it shows that its end was found.
    const all = bytes + GOOD;
    const cuts = Array.from({ length: all.length }, (_none, i) => [all.slice(0, i), all.slice(i)]);
    const enough = (text: string): boolean => text.split('fine').length === 3;
    const answers = await Promise.all(cuts.map((pieces) => rawExchange(served.port, pieces, enough)));
    const body = bytes.includes('hello') ? 'hello' : '';
    const method = bytes.includes('POST') ? 'POST' : 'GET';
    for (const { text } of answers) {
      assert.deepEqual(statusesOf(text), [200, 200], JSON.stringify(text));
      assert.deepEqual(
        [...text.matchAll(/\r\n\r\n(.*?) fine/g)].map(([, seen]) => seen),
        [`${method} /ok ${host} ${body}`, 'GET /ok a '],
      );
    }
  });
}

test('chunk extensions without end are refused', async () => {
  await assertRefused([`${CHUNKED}5;${'a'.repeat(20_000)}`], [413], 'one');
  await assertServes();
});

test('trailers without end are refused', async () => {
  await assertRefused([`${CHUNKED}5\r\nhello\r\n0\r\nX: ${'a'.repeat(20_000)}`], [431], 'one');
  await assertRefused([`${CHUNKED}5\r\nhello\r\n0\r\n${'Xx: abcdef\r\n'.repeat(4000)}\r\n`], [431], 'many');
  await assertServes();
});

test('OPTIONS for the whole server', async () => {
  const { text } = await rawExchange(served.port, ['OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n']);
  assert.deepEqual(statusesOf(text), [204]);
});
