/**
 * Answers that come piece by piece: a function that is given `write`, a channel, or server-sent events. Each write
 * waits while the client does not read; a client that reads nothing for a while is given up.
 */
import type * as Http from 'node:http';
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import { receiveNext } from '../../../runtime/channel-operations';
import type { Steps } from '../../../runtime/task';
import type { Channel, FunctionValue, Value } from '../../../runtime/values';
import { MapValue } from '../../../runtime/values';
import { eventText } from '../../../wire/http/server-sent-events';
import type { ServerSentEvent } from '../../../wire/http/server-sent-events';
import { EventWait } from '../../net/waits';
import { bytesOf } from '../../text';
import type { Exchange } from './exchange';
import { mayWait } from '../may-wait';
import { jsonText } from '../json-text';

/** A comment is sent when there was no event for this long, so that a client that has gone is noticed. */
const HEARTBEAT_MS = 15_000;

export function* streamBody(
  exchange: Exchange,
  res: Http.ServerResponse,
  body: FunctionValue | Channel,
  events: boolean,
): Steps<null> {
  if (exchange.req.method === 'HEAD') {
    res.end();
    return null;
  }
  const out = new BodyStream(exchange, res);
  const heartbeat = events ? setInterval(() => out.beat(), HEARTBEAT_MS) : null;
  if (events) res.flushHeaders();
  try {
    if (typeof body === 'function') {
      const sink = events ? out.sendEvent() : out.write();
      const result = body(sink);
      if (mayWait(body)) yield* result as Steps<Value>;
    } else {
      for (;;) {
        const piece = yield* receiveNext(body);
        if (piece === undefined) break;
        yield* out.put(events ? eventOf(piece) : dataOf('write', piece));
      }
    }
  } finally {
    out.closed = true;
    if (heartbeat !== null) clearInterval(heartbeat);
  }
  res.end();
  return null;
}

class BodyStream {
  closed = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly res: Http.ServerResponse,
  ) {}

  /** The function that a program writes with. */
  write(): FunctionValue {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a generator function has a `this` of its own
    const out = this;
    return function* write(data?: Value): Steps<null> {
      yield* out.put(dataOf('write', data ?? null));
      return null;
    };
  }

  /** The function that a program sends events with. */
  sendEvent(): FunctionValue {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- as above
    const out = this;
    return function* send(event?: Value): Steps<null> {
      yield* out.put(eventOf(event ?? null));
      return null;
    };
  }

  *put(data: Buffer): Steps<null> {
    const { res, exchange } = this;
    if (this.closed || res.writableEnded)
      throw fault('ECLOSED', 'write: the answer has ended (ECLOSED)', { function: 'write' });
    if (res.destroyed) throw fault('EPIPE', 'write: the client has gone (EPIPE)', { function: 'write' });
    if (data.length === 0) return null;
    exchange.bodyBytes = (exchange.bodyBytes ?? 0) + data.length;
    if (res.write(data)) return null;
    const wait = new EventWait(res, ['drain', 'close'], 'for the client to read', exchange.server.options.requestMs);
    if ((yield* wait.steps()) === 'timeout') {
      exchange.connection.socket.destroy();
      throw fault('ETIMEDOUT', 'write: the client does not read (ETIMEDOUT)', { function: 'write' });
    }
    return null;
  }

  beat(): void {
    if (!this.closed && !this.res.destroyed && this.res.writableLength === 0) this.res.write(':\n\n');
  }
}

function dataOf(name: string, data: Value): Buffer {
  if (typeof data === 'string') return bytesOf(data);
  if (Array.isArray(data) && data.every((byte) => typeof byte === 'number' && (byte & 255) === byte)) {
    return bytesOf(data as number[]);
  }
  throw fault('ETYPE', `${name}: data must be a string or an array of byte values, got ${describe(data)}`, {
    function: name,
  });
}

/** An event: its data alone, or a map of data, event, id and retry. */
function eventOf(value: Value): Buffer {
  let event: ServerSentEvent;
  if (value instanceof MapValue && value.has('data')) {
    const { data, event: name, id, retry } = fieldsOf(value);
    event = { data: textOf(data), event: nameOf('event', name), id: nameOf('id', id), retryMs: retryOf(retry) };
  } else {
    event = { data: textOf(value), event: null, id: null, retryMs: null };
  }
  return bytesOf(eventText(event));
}

const FIELDS = ['data', 'event', 'id', 'retry'] as const;

function fieldsOf(map: MapValue): Record<(typeof FIELDS)[number], Value> {
  for (const key of map.keys()) {
    if (!(FIELDS as readonly string[]).includes(key)) {
      throw fault('EVALUE', `send: an event has data, event, id and retry, not ${describe(key)}`, { function: 'send' });
    }
  }
  return {
    data: map.get('data')!,
    event: map.get('event') ?? null,
    id: map.get('id') ?? null,
    retry: map.get('retry') ?? null,
  };
}

function textOf(data: Value): string {
  return typeof data === 'string' ? data : jsonText.write(data);
}

function nameOf(field: string, value: Value): string | null {
  if (value === null) return null;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && !/[\r\n\0]/.test(text)) return text;
  throw fault('EVALUE', `send: ${field} must be a string without line ends and NUL, got ${describe(value)}`, {
    function: 'send',
  });
}

function retryOf(value: Value): number | null {
  if (value === null || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number | null;
  throw fault('EVALUE', `send: retry must be a whole number of milliseconds, got ${describe(value)}`, {
    function: 'send',
  });
}
