/** Cross-origin requests (the Fetch standard, section 3.2): what browsers are told about who may read the answers. */
import type * as Http from 'node:http';
import { isToken, listElements } from '../../../wire/http/header-text';
import type { Cors } from './options';
import { response } from './response-map';
import type { ResponseMap } from './response-map';

/** The origin to name, null where this one may not read. */
function allowedOrigin(cors: Cors, origin: string | null): string | null {
  if (origin === null) return null;
  if (cors.origins.includes(origin)) return origin;
  if (!cors.origins.includes('*')) return null;
  return cors.credentials ? origin : '*';
}

/** Fields of every answer. */
export function corsFields(cors: Cors, origin: string | null): readonly string[] {
  const fields = cors.origins.includes('*') && !cors.credentials ? [] : ['Vary', 'Origin'];
  const allowed = allowedOrigin(cors, origin);
  if (allowed === null) return fields;
  fields.push('Access-Control-Allow-Origin', allowed);
  if (cors.credentials) fields.push('Access-Control-Allow-Credentials', 'true');
  if (cors.expose.length > 0) fields.push('Access-Control-Expose-Headers', cors.expose.join(', '));
  return fields;
}

/** The answer to a browser that asks before it sends (a preflight); null for any other request. */
export function preflight(cors: Cors, req: Http.IncomingMessage, allowed: readonly string[]): ResponseMap | null {
  const method = req.headers['access-control-request-method'];
  if (req.method !== 'OPTIONS' || method === undefined || req.headers.origin === undefined) return null;
  const asked = listElements(req.headers['access-control-request-headers'] ?? '').filter(isToken);
  const methods = cors.methods ?? (allowed.length > 0 ? allowed : isToken(method) ? [method] : []);
  const fields = ['Access-Control-Allow-Methods', methods.join(', ')];
  const headers = cors.headers ?? asked;
  if (headers.length > 0) fields.push('Access-Control-Allow-Headers', headers.join(', '));
  fields.push('Access-Control-Max-Age', String(cors.maxAgeS));
  return response(204, null, fields);
}
