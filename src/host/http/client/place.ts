/**
 * Where a request goes. The URL is read as browsers do it, so an address in another spelling ("0x7f.1") becomes the
 * address that it means; but nothing is silently left out of it, as browsers leave out line ends.
 */
import { fault } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import type { MapValue } from '../../../runtime/values';
import { inspect, str } from '../../../runtime/values';
import type { Address } from '../../events';
import { encodePercent } from '../percent';

export interface Place {
  /** "https://host:8443", without the port that is usual for the scheme. */
  readonly origin: string;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Path and query as they are sent. */
  readonly target: string;
  readonly path: string;
  /** What the URL names before the host, decoded. */
  readonly user: string;
  readonly password: string;
  /** The URL for people and for `response["url"]`: without a password, and without the fragment. */
  readonly shown: string;
}

// eslint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\x00-\x1f\x7f]/;
const BYTE = /[\udc80-\udcff]/g;

/** Programs ask for the same again and again. */
const recent = new Map<string, Place>();
const MAX_RECENT = 256;
const MAX_RECENT_LENGTH = 512;

/** Errors: EURL. */
export function placeOf(builtin: string, text: string, query: MapValue | null = null): Place {
  if (query !== null || text.length > MAX_RECENT_LENGTH) return readPlace(builtin, text, query);
  let place = recent.get(text);
  if (place === undefined) {
    place = readPlace(builtin, text, null);
    if (recent.size >= MAX_RECENT) recent.clear();
    recent.set(text, place);
  }
  return place;
}

function readPlace(builtin: string, text: string, query: MapValue | null): Place {
  if (CONTROL.test(text)) throw badUrl(builtin, text, 'it holds a control character');
  // Bytes that are no UTF-8 go into a URL as such.
  const ready = text.isWellFormed() ? text : text.replace(BYTE, (byte) => encodePercent(byte));
  let url: URL;
  try {
    url = new URL(ready);
  } catch {
    throw badUrl(builtin, text, reasonOf(text), /^[\w.-]+(:\d+)?(\/|$)/.test(text) ? `http://${text}` : undefined);
  }
  return placeOfUrl(builtin, url, query);
}

/** From a redirect's Location, which may be relative. */
export function placeFrom(builtin: string, base: Place, location: string): Place {
  if (CONTROL.test(location)) throw badUrl(builtin, location, 'it holds a control character');
  try {
    return placeOfUrl(builtin, new URL(location, base.origin + base.target), null);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw badUrl(builtin, location, 'the server redirects there, and it is no URL');
  }
}

function placeOfUrl(builtin: string, url: URL, query: MapValue | null): Place {
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') {
    const scheme = url.protocol.slice(0, -1);
    const looksLikePort = /^\d+(\/|$)/.test(url.pathname);
    throw badUrl(
      builtin,
      url.href,
      `the scheme "${scheme}" is not http or https`,
      looksLikePort ? `http://${url.href}` : undefined,
    );
  }
  if (query !== null) url.search = withQuery(url.search, query);
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const target = url.pathname + url.search;
  return {
    origin: url.origin,
    host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    target,
    path: url.pathname,
    user: decoded(url.username),
    password: decoded(url.password),
    shown: url.origin + target,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function addressOf({ host, port }: Place): Address {
  return { host, port };
}

/** Names and values of a map as a query or a form; an array is the name several times, null is left out. */
export function encodeFields(map: MapValue): string {
  const pairs: string[] = [];
  for (const [name, value] of map.entries()) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null) pairs.push(`${encodePercent(name)}=${encodePercent(str(each))}`);
    }
  }
  return pairs.join('&');
}

function withQuery(search: string, query: MapValue): string {
  const more = encodeFields(query);
  return search === '' || search === '?' ? more : more === '' ? search : `${search}&${more}`;
}

function reasonOf(text: string): string {
  if (text === '') return 'it is empty';
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return 'it does not begin with http:// or https://';
  if (Number(/^https?:\/\/[^/]*:(\d+)(?:\/|$)/i.exec(text)?.[1] ?? 0) > 65535) return 'the port is too large';
  return 'its host or port is not valid';
}

function badUrl(builtin: string, url: string, why: string, suggestion?: string): ErrorValue {
  const hint = url.includes('${')
    ? 'values are put into texts between backticks: `http://${host}/`'
    : suggestion === undefined
      ? null
      : `did you mean "${suggestion}"?`;
  return fault('EURL', `${builtin}: ${inspect(url)} is no URL to ask for: ${why} (EURL)`, {
    function: builtin,
    fields: { url },
    ...(hint !== null && { hint }),
  });
}
