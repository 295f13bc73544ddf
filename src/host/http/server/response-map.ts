/**
 * Answers as programs make them: `http_response(status, body, headers)` and its kin. A map of three entries that
 * only the server tells from others: what a handler gives as an ordinary map is sent as JSON.
 *
 * Always: no header leaves that was not looked at: neither CR, LF and NUL nor the fields by which messages are told
 * apart come from a program.
 */
import { fault } from '../../../runtime/errors';
import { describe } from '../../../runtime/describe-value';
import type { Opening } from '../../events';
import { lazyMap } from '../../../runtime/lazy-map';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { checkedFields, NO_FIELDS, RESPONSE_OWN } from '../fields';
import { HeaderMap } from '../header-map';

export interface ResponseSource {
  readonly status: number;
  readonly body: Value;
  /** Names and values in turn, looked at, a character for each byte. */
  readonly fields: readonly string[];
  /** The file whose content is the body. */
  readonly file: FileBody | null;
  /** The body is a stream of server-sent events. */
  readonly events: boolean;
  /** Made when the program asks for it; from then on it counts, not `fields`. */
  headers: HeaderMap | null;
}

export interface FileBody {
  readonly path: string;
  /** A directory that a link may not lead out of; null where the program itself named the file. */
  readonly root: string | null;
  /** Where the program named it; null where it did so for the whole server. */
  readonly by: Opening | null;
}

function headersOf(source: ResponseSource): HeaderMap {
  source.headers = new HeaderMap();
  for (let i = 0; i < source.fields.length; i += 2) source.headers.add(source.fields[i]!, source.fields[i + 1]!);
  return source.headers;
}

export const ResponseMap = lazyMap<ResponseSource>({
  status: ({ status }) => status,
  headers: headersOf,
  body: ({ body }) => body,
});
export type ResponseMap = InstanceType<typeof ResponseMap>;

export function isResponse(value: Value): value is ResponseMap {
  return value instanceof ResponseMap;
}

export function response(status: number, body: Value, fields = NO_FIELDS, file: FileBody | null = null): ResponseMap {
  return new ResponseMap({ status, body, fields, file, events: false, headers: null });
}

export function eventsResponse(body: Value): ResponseMap {
  const fields = [
    'Content-Type',
    'text/event-stream; charset=utf-8',
    'Cache-Control',
    'no-cache',
    'X-Accel-Buffering',
    'no',
  ];
  return new ResponseMap({ status: 200, body, fields, file: null, events: true, headers: null });
}

/** What is sent of an answer, after a program may have changed it. Errors: EHEADER, EVALUE. */
export function settled(it: ResponseMap): { status: number; body: Value; fields: readonly string[] } {
  const status = it.get('status') ?? null;
  const headers = it.known('headers');
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599) {
    throw fault('EVALUE', `the status of an answer must be a whole number from 200 to 599, got ${describe(status)}`);
  }
  let { fields } = it.source;
  if (headers !== undefined || it.m !== undefined) {
    const given = headers ?? it.get('headers') ?? null;
    if (given !== null && !(given instanceof MapValue)) {
      throw fault('EVALUE', `the headers of an answer must be a map, got ${describe(given)}`);
    }
    fields = checkedFields('http_response', given, RESPONSE_OWN);
  }
  return { status: status as number, body: it.get('body') ?? null, fields };
}
