/** The group url: addresses of the web as the URL Standard (https://url.spec.whatwg.org) reads them. */
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { inspect, MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { defineBuiltin } from '../../define-builtin';
import { either, map, option, options, port, string } from '../../types';
import { buildQuery, encodeRawBytes, parseQuery, percentDecode, percentEncode } from './percent';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };

function bad(builtin: string, url: string, message: string, hint?: string): ErrorValue {
  return fault('EURL', `${builtin}: ${message}`, {
    function: builtin,
    fields: { url },
    ...(hint === undefined ? {} : { hint }),
  });
}

function parsed(builtin: string, text: string, base: string | null): URL {
  const written = encodeRawBytes(text);
  try {
    return base === null ? new URL(written) : new URL(written, encodeRawBytes(base));
  } catch {
    const shown = inspect(text.length > 200 ? `${text.slice(0, 200)}…` : text);
    if (base !== null && !URL.canParse(encodeRawBytes(base))) {
      throw bad(
        builtin,
        base,
        `base is no whole URL: ${inspect(base)}`,
        'it begins with its scheme, as in https://example.com/',
      );
    }
    const missing = base === null && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text.trim());
    throw bad(
      builtin,
      text,
      `${shown} is no URL${missing ? ': its scheme is missing' : ''}`,
      missing ? `write it as "https://${text.trim().slice(0, 60)}", or give the URL that it is relative to` : undefined,
    );
  }
}

function partsOf(url: URL): MapValue {
  const scheme = url.protocol.slice(0, -1);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const given = url.port === '' ? null : Number(url.port);
  return MapValue.from({
    url: url.href,
    scheme,
    username: percentDecode(url.username),
    password: percentDecode(url.password),
    host,
    port: given ?? (Object.hasOwn(DEFAULT_PORTS, scheme) ? DEFAULT_PORTS[scheme]! : null),
    path: url.pathname,
    query: parseQuery(url.search.slice(1)),
    fragment: percentDecode(url.hash.slice(1)),
  });
}

export const url_parse = defineBuiltin({
  name: 'url_parse',
  group: 'url',
  summary: 'Takes a URL apart',
  details:
    'It is read as browsers do (the URL Standard): names of hosts in lower case and other scripts as xn--, dots in the path resolved. `port` is the one that the scheme has where none is given, null where it has none; `host` of an IPv6 address has no brackets; `path` stays percent-encoded, all else is decoded. `query` is a map as query_parse gives it.',
  params: [
    { name: 'url', type: string, about: 'The URL' },
    {
      name: 'base',
      type: string,
      about: 'The URL of the page that it stands in, where it may be relative',
      optional: true,
    },
  ],
  gives: {
    type: 'map',
    about: 'The whole as `url`, and `scheme`, `username`, `password`, `host`, `port`, `path`, `query`, `fragment`',
  },
  errors: { EURL: 'it is no URL' },
  example: `let u = url_parse("https://example.com/a/../search?q=x%20y&q=z#top")
log(u.scheme, u.host, u.port, u.path)  // expect: https example.com 443 /search
log(u.query, u.fragment)  // expect: {"q": ["x y", "z"]} top
log(url_parse("../b", "https://example.com/a/c").url)  // expect: https://example.com/b`,
  failing: 'url_parse("example.com/a")  // expect error: url_parse: "example.com/a" is no URL: its scheme is missing',
  run: (text, base) => partsOf(parsed('url_parse', text, base)),
});

const parts = options({
  scheme: option(string, 'https, or another', 'https'),
  username: option(string, 'Who asks'),
  password: option(string, 'Their password'),
  host: option(string, 'The name or address of the host, an IPv6 address with or without brackets'),
  port: option(port, 'Left out where it is the one that the scheme has'),
  path: option(string, 'Percent-encoded where needed, as url_encode does for each of its names', '/'),
  query: option(either(map, string), 'A map as for query_build, or the text that it gives'),
  fragment: option(string, 'What stands behind #'),
  url: option(string, 'Not looked at: what url_parse gives may be handed back, changed'),
});

/** What would begin another part of the URL. */
function encodedPath(path: string): string {
  const encoded = encodeRawBytes(path).replace(/[?#\\\s]/g, (char) => percentEncode(char));
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

export const url_build = defineBuiltin({
  name: 'url_build',
  group: 'url',
  summary: 'Puts a URL together from its parts',
  details:
    'It takes what url_parse gives. No part can reach into the next one: what would end it is percent-encoded, or an error.',
  params: [{ name: 'parts', type: parts, about: 'The parts' }],
  gives: { type: 'string', about: 'The URL' },
  errors: { EURL: 'a part is missing or cannot stand in a URL' },
  example: `log(url_build({"host": "example.com", "path": "/find", "query": {"q": "a b", "n": 2}}))
// expect: https://example.com/find?q=a%20b&n=2`,
  failing: 'url_build({"path": "/a"})  // expect error: url_build: the host is missing',
  run: (given) => {
    const { scheme, username, password, host, path, query, fragment } = given;
    const fail = (what: string, value: string): ErrorValue =>
      bad('url_build', value, `${inspect(value)} is no ${what} of a URL`);
    if (!/^[a-zA-Z][a-zA-Z0-9+.-]*$/.test(scheme)) throw fail('scheme', scheme);
    if (host === null || host === '') throw bad('url_build', '', 'the host is missing');
    const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    if (/[\s/?#@\\<>^|%]/.test(bracketed) || /:/.test(bracketed.replace(/^\[.*\]$/, ''))) throw fail('host', host);
    const user = username === null && password === null ? '' : percentEncode(username ?? '');
    const secret = password === null || password === '' ? '' : `:${percentEncode(password)}`;
    const search =
      query === null ? '' : typeof query === 'string' ? query.replace(/^\?/, '') : buildQuery('url_build', query);
    const url = [
      `${scheme}://`,
      user === '' && secret === '' ? '' : `${user}${secret}@`,
      bracketed,
      given.port === null ? '' : `:${given.port}`,
      encodedPath(path),
      search === '' ? '' : `?${encodeRawBytes(search).replace(/#/g, '%23')}`,
      fragment === null || fragment === '' ? '' : `#${percentEncode(fragment)}`,
    ].join('');
    try {
      return new URL(url).href;
    } catch {
      throw fail('host', host);
    }
  },
});

export const url_encode = defineBuiltin({
  name: 'url_encode',
  group: 'url',
  summary: 'Percent-encodes a text, so that it can stand in a URL as a part of its own',
  details: 'All but letters and digits of ASCII and - . _ ~ is encoded (RFC 3986), a space as %20.',
  params: [{ name: 's', type: string, about: 'The text' }],
  gives: { type: 'string', about: 'The encoded text' },
  example: 'log(url_encode("a b&c/é"))  // expect: a%20b%26c%2F%C3%A9',
  failing: 'url_encode(5)  // expect error: url_encode: s must be a string, got the number 5',
  run: (s) => percentEncode(s),
});

export const url_decode = defineBuiltin({
  name: 'url_decode',
  group: 'url',
  summary: 'Decodes a percent-encoded text',
  details:
    'A + stays a +; in queries it stands for a space, and query_parse reads it so. A % without two hexadecimal digits stays as it is.',
  params: [{ name: 's', type: string, about: 'The encoded text' }],
  gives: { type: 'string', about: 'The text; bytes that are no UTF-8 come through as they are' },
  example: 'log(url_decode("a%20b%26c"), url_decode("100%"))  // expect: a b&c 100%',
  failing: 'url_decode(null)  // expect error: url_decode: s must be a string, got null',
  run: (s) => percentDecode(s),
});

export const query_parse = defineBuiltin({
  name: 'query_parse',
  group: 'url',
  summary: 'Reads the query of a URL, or a form as browsers send it',
  params: [{ name: 'text', type: string, about: 'The query, with or without the ? in front' }],
  gives: {
    type: 'map',
    about: 'From each name to its value, a string; to the array of its values where the name is there several times',
  },
  example: 'log(query_parse("?q=a+b%21&tag=x&tag=y&empty"))  // expect: {"q": "a b!", "tag": ["x", "y"], "empty": ""}',
  failing: 'query_parse({})  // expect error: query_parse: text must be a string, got an empty map',
  run: (text): Value => parseQuery(text.startsWith('?') ? text.slice(1) : text),
});

export const query_build = defineBuiltin({
  name: 'query_build',
  group: 'url',
  summary: 'Writes a map as the query of a URL, or as a form',
  params: [
    {
      name: 'query',
      type: map,
      about: 'From each name to a string, number or boolean, or an array of them; null is left out',
    },
  ],
  gives: { type: 'string', about: 'The query, percent-encoded, without a ? in front' },
  errors: { ETYPE: 'a value is none of these' },
  example:
    'log(query_build({"q": "a b!", "tag": ["x", "y"], "page": 2, "no": null}))  // expect: q=a%20b%21&tag=x&tag=y&page=2',
  failing:
    'query_build({"a": {}})  // expect error: query_build: the value of "a" is an empty map, which a query cannot hold',
  run: (query) => buildQuery('query_build', query),
});
