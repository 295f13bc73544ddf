/**
 * A request as its handler has it. Everything but the method and the path is worked out when it is read; headers,
 * query, cookies and JSON that nobody asks for cost nothing.
 */
import type * as Http from 'node:http';
import type { ErrorValue } from '../../../runtime/errors';
import { lazyMap } from '../../../runtime/lazy-map';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { parseCookieField } from '../../../wire/http/cookie';
import { plainAddress } from '../../net/address';
import { decode } from '../../text';
import { headerMap } from '../header-map';
import { jsonText } from '../json-text';
import { textOfLatin1 } from '../latin1';
import { decodePercent, parseQuery } from '../percent';
import type { Match } from './routes';

/** What a request map is made from. */
export interface RequestSource {
  readonly req: Http.IncomingMessage;
  readonly match: Match | null;
  /** All of the body; null for none. */
  readonly body: Buffer | null;
  /** The error of a body that is no JSON, so that the server knows it again. */
  badJson: ErrorValue | null;
}

/** The path of a request target, without scheme, host and query. */
export function pathOf(target: string): string {
  const start = target.charCodeAt(0) === 0x2f ? 0 : startOfPath(target);
  const end = target.indexOf('?');
  if (start < 0 || start === end) return '/';
  return end < 0 ? (start === 0 ? target : target.slice(start)) : target.slice(start, end);
}

/** Of the absolute form; -1 where it has no path. "*" is its own path. */
function startOfPath(target: string): number {
  if (target === '*') return 0;
  const host = target.indexOf('://') + 3;
  const slash = target.indexOf('/', host);
  const query = target.indexOf('?', host);
  return query >= 0 && (slash < 0 || query < slash) ? query : slash;
}

function queryOf(target: string): string {
  const at = target.indexOf('?');
  return at < 0 ? '' : target.slice(at + 1);
}

function bodyText(source: RequestSource): string {
  return source.body === null ? '' : decode(source.body);
}

function headersOf({ req }: RequestSource): MapValue {
  const map = headerMap(req.rawHeaders);
  // The absolute form says which host is meant, whatever the field says (RFC 9112, section 3.2.2).
  const named = /^https?:\/\/([^/?#]+)/i.exec(req.url!)?.[1];
  if (named !== undefined) map.set('Host', named);
  return map;
}

function paramsOf({ match }: RequestSource): MapValue {
  const map = MapValue.of([]);
  if (match === null || match.params === null) return map;
  for (const [name, value] of Object.entries(match.params)) {
    map.set(name === '*' ? match.route.rest! : name, value ?? '');
  }
  return map;
}

function cookiesOf({ req }: RequestSource): MapValue {
  const map = MapValue.of([]);
  const field = req.headers.cookie;
  if (field === undefined) return map;
  for (const [name, value] of parseCookieField(textOfLatin1(field))) if (!map.has(name)) map.set(name, value);
  return map;
}

/** The value of a JSON body, null for an empty one. Throws EJSON, which the server answers with 400. */
function jsonOf(source: RequestSource): Value {
  if (source.body === null || source.body.length === 0) return null;
  try {
    return jsonText.read(bodyText(source));
  } catch (error) {
    source.badJson = error as ErrorValue;
    throw error;
  }
}

function remote({ req: { socket } }: RequestSource): ReturnType<typeof plainAddress> {
  return plainAddress(socket.remoteAddress, socket.remotePort);
}

export const RequestMap = lazyMap<RequestSource>({
  method: ({ req }) => req.method!,
  path: ({ req }) => decodePercent(pathOf(req.url!), false),
  url: ({ req }) => textOfLatin1(req.url!),
  query: ({ req }) => parseQuery(queryOf(req.url!)),
  params: paramsOf,
  headers: headersOf,
  body: bodyText,
  json: {
    read: jsonOf,
    shown: (source) => {
      try {
        return jsonOf(source);
      } catch {
        return null;
      }
    },
  },
  cookies: cookiesOf,
  remote_host: (source) => remote(source).host,
  remote_port: (source) => remote(source).port,
  http_version: ({ req }) => req.httpVersion,
});
export type RequestMap = InstanceType<typeof RequestMap>;
