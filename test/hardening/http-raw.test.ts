/**
 * Requests that are no HTTP/1.1, or could be read in two ways: whole, cut in two at every byte, and sent behind a
 * good one. Each is refused with its status, the connection ends, and the next client is served.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nothingLeftOfHttp, rawExchange, serving, statusesOf, stop } from '../support/http';
import type { Served } from '../support/http';
import { run } from '../support/run-tasks';

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
  'a coding that is unknown': [501, `${POST}Transfer-Encoding: gzip\r\n\r\n`],
  'a coding before chunked': [501, `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  'a coding after chunked': [501, `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  'chunked twice': [501, `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  'a coding like chunked': [501, `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  identity: [501, `${POST}Transfer-Encoding: identity\r\n\r\n`],
  'an empty coding': [501, `${POST}Transfer-Encoding:\r\n\r\n`],
  'chunked in quotes': [501, `${POST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
  'a space before the colon': [400, `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  'a vertical tab before chunked': [400, `${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
  'chunked in HTTP/1.0': [400, 'POST /ok HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  'a bare LF after the request line': [400, 'GET /ok HTTP/1.1\nHost: a\r\n\r\n'],
  'a bare LF after a header': [400, 'GET /ok HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
  'a bare LF at the end': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\n\n'],
  'a bare CR in a value': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
  'a bare CR after the request line': [400, 'GET /ok HTTP/1.1\rHost: a\r\n\r\n'],
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
  'a chunk size with 0x': [400, `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
  'a chunk size with a plus': [400, `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`],
  'a negative chunk size': [400, `${CHUNKED}-1\r\nhello\r\n0\r\n\r\n`],
  'an empty chunk size': [400, `${CHUNKED}\r\nhello\r\n0\r\n\r\n`],
  'a chunk size beyond 64 bits': [400, `${CHUNKED}fffffffffffffffff\r\nhello\r\n0\r\n\r\n`],
  'a space after a chunk size': [400, `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`],
  'a bare LF after a chunk size': [400, `${CHUNKED}5\nhello\r\n0\r\n\r\n`],
  'a bare LF in a chunk extension': [400, `${CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n`],
  'a chunk longer than its size': [400, `${CHUNKED}5\r\nhelloX\r\n0\r\n\r\n`],
  'a bare LF after a chunk': [400, `${CHUNKED}5\r\nhello\n0\r\n\r\n`],
  'a folded trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n`],
  'a length as a trailer': [400, `${CHUNKED}5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n`],
  'no Host': [400, 'GET /ok HTTP/1.1\r\nX: a\r\n\r\n'],
  'two Hosts': [400, 'GET /ok HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
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
  'http in small letters': [400, 'GET /ok http/1.1\r\nHost: a\r\n\r\n'],
  'a method that is unknown': [400, 'FETCH /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a method in small letters': [400, 'get /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space before the method': [400, ' GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a tab after the method': [400, 'GET\t/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space in the target': [400, 'GET /o k HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a space after the version': [400, 'GET /ok HTTP/1.1 \r\nHost: a\r\n\r\n'],
  'a relative target': [400, 'GET ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a fragment in the target': [400, 'GET /ok#b HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a control character in the target': [400, 'GET /ok\x01 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a NUL in the target': [400, 'GET /ok\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a byte above ASCII in the target': [400, 'GET /ok\xff HTTP/1.1\r\nHost: a\r\n\r\n'],
  'the target of OPTIONS for GET': [400, 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a scheme that is not HTTP': [400, 'GET ftp://a/ok HTTP/1.1\r\nHost: a\r\n\r\n'],
  'the beginning of HTTP/2': [505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'a proxy request': [501, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  'a TLS handshake': [400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  'another protocol': [501, 'DESCRIBE /ok RTSP/1.0\r\nHost: a\r\n\r\n'],
};

let served: Served;
let handled = 0;

before(() =>
  run(function* () {
    const ok = (): string => {
      handled++;
      return 'fine';
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

/** What looks odd and is allowed. */
const TAKEN: Readonly<Record<string, string>> = {
  'empty lines before the request line': '\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n',
  'the absolute form': 'GET http://other/ok HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/1.0 without Host': 'GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'Host with an IPv6 address': 'GET /ok HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n',
  'Chunked in capitals': `${POST}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  'a chunk extension': `${CHUNKED}5;a=b\r\nhello\r\n0\r\n\r\n`,
  'a trailer': `${CHUNKED}5\r\nhello\r\n0\r\nX: y\r\n\r\n`,
  'leading zeros in a chunk size': `${CHUNKED}0005\r\nhello\r\n0\r\n\r\n`,
  'a byte above ASCII in a value': 'GET /ok HTTP/1.1\r\nHost: a\r\nX: caf\xe9\r\n\r\n',
};

for (const [what, bytes] of Object.entries(TAKEN)) {
  test(`takes ${what}`, async () => {
    const enough = (text: string): boolean => text.endsWith('fine');
    const cuts = Array.from({ length: bytes.length }, (_none, i) => [bytes.slice(0, i), bytes.slice(i)]);
    const answers = await Promise.all(cuts.map((pieces) => rawExchange(served.port, pieces, enough)));
    for (const { text } of answers) assert.deepEqual(statusesOf(text), [200], JSON.stringify(text));
  });
}
