/** Options of requests, and the request that they make. */
import { checkedFields, REQUEST_OWN } from '../../../host/http/fields';
import { latin1OfText } from '../../../host/http/latin1';
import { placeOf } from '../../../host/http/client/place';
import { makeProfile } from '../../../host/http/client/profile';
import { proxyFromEnvironment, proxyOf } from '../../../host/http/client/proxy';
import type { ProxyPlace } from '../../../host/http/client/proxy';
import type { Place } from '../../../host/http/client/place';
import type { ClientRequest, RequestBody } from '../../../host/http/client/request';
import { bodyOf, formBody, multipartBody } from '../../../host/http/client/request-body';
import { jarOf } from '../../../host/http/client/sessions';
import { familyOf, parseHost } from '../../../host/net/address';
import { bytesOf } from '../../../host/text';
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { describe } from '../../../runtime/describe-value';
import { inspect, MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { badCharacter, isToken } from '../../../wire/http/header-text';
import { boolean, either, fn, map, option, options, seconds, string, whole } from '../../types';
import type { OptionsOf, Type } from '../../types';
import { clientTls } from '../socket/parameters';

const MIB = 1024 * 1024;
const DEFAULT_TIMEOUT = 30;
const DEFAULT_REDIRECTS = 20;

const addressMap: Type<MapValue> = {
  name: 'map',
  takes: 'a map of host names to addresses',
  test: 'check($)',
  check: (value: Value) =>
    value instanceof MapValue &&
    value
      .entries()
      .every(([host, address]) => parseHost(host) !== null && typeof address === 'string' && familyOf(address) !== 0),
};

const { ca, cert, key, passphrase, insecure, servername } = clientTls;

export const clientShape = {
  timeout: option(
    seconds,
    `Seconds for all of it, redirects and retries included; ${DEFAULT_TIMEOUT} where it is left out, 0 for none`,
  ),
  connect_timeout: option(seconds, 'Seconds for a connection: name, TCP and TLS', 10),
  query: option(map, 'More for the query of the URL; an array is a name several times'),
  form: option(map, 'The body as a form of names and values'),
  multipart: option(
    map,
    'The body in parts by name: a string, or a map of file (a path) or data, filename and type; an array for several',
  ),
  auth: option(either(string, map), '"user:password", or a map of user and password, or of bearer (a token)'),
  cookies: option(map, 'A session (http_session), or a map of cookies for this request'),
  redirects: option(whole(0), 'Redirects that are followed; 0 gives the redirect itself', DEFAULT_REDIRECTS),
  downgrade: option(boolean, 'true follows redirects from https to http too', false),
  retries: option(whole(0, 100), 'How often it is tried again, where that cannot do a thing twice', 0),
  max_body: option(whole(0), `Bytes that the body may have; ${100 * MIB} where it is kept, else without limit`),
  on_chunk: option(fn, 'A function that gets the body piece by piece; the answer then has none'),
  decompress: option(boolean, 'false gives a packed body as it is', true),
  proxy: option(
    string,
    'The URL of a proxy; "" for none. HTTP_PROXY, HTTPS_PROXY and NO_PROXY count where it is left out',
  ),
  resolve: option(addressMap, 'Addresses to use for names: {"example.com": "127.0.0.1"}'),
  private: option(boolean, 'false refuses all but addresses of the public internet, also after redirects', true),
  ca,
  cert,
  key,
  passphrase,
  insecure,
  servername,
};

export const clientOptions = options(clientShape);
export type GivenOptions = OptionsOf<typeof clientShape>;

export const requestErrors = {
  ENOTFOUND: 'there is no such name',
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it took too long; phase says how far it had come: "name", "connect", "tls", "headers" or "body"',
  ECERT: 'the certificate cannot be trusted; reason is "expired", "wrong host", "self-signed", "unknown issuer"...',
  ECONNRESET: 'the connection ended before the answer did',
  EPROTO: 'the peer does not speak TLS, or its answer is not valid HTTP',
  EREDIRECT: 'too many redirects, or one from https to http',
  EOVERFLOW: 'the body is larger than max_body',
  EENCODING: 'the body cannot be unpacked',
  EPRIVATE: 'the address is not public, and option "private" is false',
  EURL: 'the URL is not valid',
  EHEADER: 'a header cannot be sent',
  EOPTION: 'an option that there is not, or options that exclude each other',
};

export interface Ask {
  readonly builtin: string;
  readonly method: string;
  readonly url: string;
  readonly headers: MapValue | null;
  readonly body: Value;
  readonly options: GivenOptions;
  /** The body does not stay in memory. */
  readonly streamed?: boolean;
}

/** Methods are written in capitals unless a program has its own. */
export function methodOf(builtin: string, text: string): string {
  if (!isToken(text)) {
    throw fault('ETYPE', `${builtin}: method must be a name such as "GET" or "PATCH", got ${inspect(text)}`, {
      function: builtin,
    });
  }
  const capitals = text.toUpperCase();
  if (capitals === 'CONNECT') throw exclusion(builtin, 'method CONNECT is for proxies: option "proxy" names one');
  return capitals;
}

export function makeRequest({
  builtin,
  method,
  url: text,
  headers: given,
  body,
  options: o,
  streamed,
}: Ask): ClientRequest {
  const place = placeOf(builtin, text, o.query);
  const fields = withoutLength(checkedFields(builtin, given, REQUEST_OWN));
  const proxy = proxyFor(builtin, place, o);
  const resolve = new Map<string, string>(
    (o.resolve?.entries() ?? []).map(([host, address]) => [parseHost(host)!, address as string]),
  );
  const keeps = streamed !== true && o.on_chunk === null;
  return {
    builtin,
    method,
    place,
    fields,
    body: bodyFor(builtin, body, o),
    profile: makeProfile(o, resolve, !o.private, proxy),
    timeoutMs: o.timeout === 0 ? Infinity : (o.timeout ?? DEFAULT_TIMEOUT) * 1000,
    connectMs: o.connect_timeout === 0 ? Infinity : o.connect_timeout * 1000,
    maxRedirects: o.redirects,
    downgrade: o.downgrade,
    jar: o.cookies === null ? null : jarOf(o.cookies),
    cookies: cookieField(builtin, o.cookies),
    authorization: authorizationOf(builtin, o.auth, place),
    retries: o.retries,
    maxBodyBytes: o.max_body ?? (keeps ? 100 * MIB : Infinity),
    decompress: o.decompress,
  };
}

function withoutLength(fields: readonly string[]): readonly string[] {
  return fields.filter((_field, i) => fields[i & ~1]!.toLowerCase() !== 'content-length');
}

function bodyFor(builtin: string, body: Value, { form, multipart }: GivenOptions): RequestBody | null {
  const given = [
    body !== null ? 'a body' : '',
    form !== null ? 'option "form"' : '',
    multipart !== null ? 'option "multipart"' : '',
  ];
  const [one, another] = given.filter((each) => each !== '');
  if (another !== undefined) throw exclusion(builtin, `${one} and ${another} exclude each other`);
  if (form !== null) return formBody(form);
  return multipart !== null ? multipartBody(builtin, multipart) : bodyOf(builtin, body);
}

function proxyFor(builtin: string, place: Place, o: GivenOptions): ProxyPlace | null {
  if (o.proxy === '') return null;
  if (o.proxy !== null) {
    if (!o.private)
      throw exclusion(builtin, 'option "proxy" and "private": false exclude each other: the proxy looks up the name');
    return proxyOf(builtin, o.proxy);
  }
  return o.private ? proxyFromEnvironment(builtin, place) : null;
}

function authorizationOf(builtin: string, auth: string | MapValue | null, place: Place): string | null {
  const basic = (text: string): string => `Basic ${bytesOf(text).toString('base64')}`;
  if (auth === null)
    return place.user === '' && place.password === '' ? null : basic(`${place.user}:${place.password}`);
  if (typeof auth === 'string') return basic(auth);
  const bearer = auth.get('bearer') ?? null;
  const user = auth.get('user') ?? null;
  const password = auth.get('password') ?? '';
  if (typeof bearer === 'string' && auth.size === 1 && badCharacter(bearer) === null)
    return `Bearer ${latin1OfText(bearer)}`;
  if (typeof user === 'string' && typeof password === 'string' && auth.size <= 2) return basic(`${user}:${password}`);
  throw fault(
    'ETYPE',
    `${builtin}: option "auth" must be "user:password", a map of user and password, or a map of bearer`,
    { function: builtin },
  );
}

function cookieField(builtin: string, cookies: MapValue | null): string | null {
  if (cookies === null || jarOf(cookies) !== null || cookies.size === 0) return null;
  const pairs = cookies.entries().map(([name, value]) => {
    if (!isToken(name) || value === null || typeof value === 'object' || typeof value === 'function') {
      throw fault(
        'EHEADER',
        `${builtin}: the cookie ${inspect(name)} cannot be sent with the value ${describe(value)} (EHEADER)`,
        { function: builtin },
      );
    }
    const text = str(value);
    if (/[;,\s"\\]/.test(text) || badCharacter(text) !== null) {
      throw fault('EHEADER', `${builtin}: the cookie ${name} holds what cannot stand in one (EHEADER)`, {
        function: builtin,
        hint: 'url_encode(value) makes a text that can',
      });
    }
    return `${name}=${latin1OfText(text)}`;
  });
  return pairs.join('; ');
}

function exclusion(builtin: string, why: string): ErrorValue {
  return fault('EOPTION', `${builtin}: ${why} (EOPTION)`, { function: builtin });
}
