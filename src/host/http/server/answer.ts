/** What a handler gave, over the wire: whole, as a stream, or from a file. */
import type * as Http from 'node:http';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import type { Steps } from '../../../runtime/task';
import { Channel, MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { encode } from '../../text';
import type { Exchange } from './exchange';
import { sendFile } from './send-file';
import { jsonText } from '../json-text';
import { isResponse, settled } from './response-map';
import { streamBody } from './stream-body';

/** The answer goes on without the task. */
export const LATER = Symbol('later');

const NONE: readonly string[] = [];
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

/** Sends an answer. Null when that is done; else the steps that the task has to go, or LATER. */
export function answer(exchange: Exchange, value: Value): Steps<unknown> | typeof LATER | null {
  if (!isResponse(value)) return answerWith(exchange, value === null ? 204 : 200, NONE, value, false);
  const { status, body, fields } = settled(value);
  const { file, events } = value.source;
  if (file !== null && body === null) {
    sendFile(exchange, status, fields, file);
    return LATER;
  }
  return answerWith(exchange, status, fields, body, events);
}

function answerWith(
  exchange: Exchange,
  status: number,
  fields: readonly string[],
  body: Value,
  events: boolean,
): Steps<unknown> | null {
  switch (typeof body) {
    case 'string':
      answerWhole(exchange, status, body, TEXT, fields);
      return null;
    case 'number':
    case 'boolean':
      answerWhole(exchange, status, str(body), TEXT, fields);
      return null;
    case 'function':
      return streamBody(exchange, head(exchange, status, fields, null), body, events);
    default:
  }
  if (body === null) {
    answerWhole(exchange, status, '', null, fields);
  } else if (Array.isArray(body) || body instanceof MapValue) {
    answerWhole(exchange, status, jsonText.write(body), JSON_TYPE, fields);
  } else if (body instanceof Channel) {
    return streamBody(exchange, head(exchange, status, fields, null), body, events);
  } else {
    throw fault('EVALUE', `the body of an answer cannot be ${describe(body)}`, {
      hint: 'give a string, a map or an array (sent as JSON), null, a function or a channel',
    });
  }
  return null;
}

/** Sends a body that is there as a whole. */
export function answerWhole(
  exchange: Exchange,
  status: number,
  text: string,
  type: string | null = TEXT,
  fields: readonly string[] = NONE,
): void {
  const { res } = exchange;
  const isEmpty = status === 204 || status === 304;
  const head = headFields(exchange, fields, isEmpty ? null : type);
  const count = Buffer.byteLength(text);
  // As many bytes as characters: ASCII, which needs no buffer of its own.
  const isAscii = count === text.length;
  const bytes = isAscii ? null : encode(text);
  const length = bytes === null ? count : bytes.length;
  if (isEmpty) {
    res.writeHead(status, head);
    res.end();
    return;
  }
  head.push('Content-Length', `${length}`);
  exchange.bodyBytes = length;
  res.writeHead(status, head);
  if (exchange.req.method === 'HEAD') res.end();
  else if (bytes === null) res.end(text, 'latin1');
  else res.end(bytes);
}

/** All fields but the length: those of the program, those of the server, and the type where none was given. */
function headFields(exchange: Exchange, fields: readonly string[], type: string | null): string[] {
  const head: string[] = [];
  let hasType = type === null;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!;
    if (name.length === 12 && name.toLowerCase() === 'content-type') hasType = true;
    if (name.length === 14 && name.toLowerCase() === 'content-length') continue;
    head.push(name, fields[i + 1]!);
  }
  if (!hasType) head.push('Content-Type', type!);
  const own = exchange.ownFields();
  for (let i = 0; i < own.length; i++) head.push(own[i]!);
  return head;
}

/** Writes the head of an answer whose length is not known yet. */
function head(exchange: Exchange, status: number, fields: readonly string[], type: string | null): Http.ServerResponse {
  exchange.bodyBytes = null;
  return exchange.res.writeHead(status, headFields(exchange, fields, type ?? 'application/octet-stream'));
}
