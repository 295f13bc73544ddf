/**
 * A request and its answer: the task in which the handler runs, what it gives as an answer over the wire, and what
 * happens when it fails or the client goes away.
 *
 * It is itself the steps of its task, and the source of the request's map: a request costs this object, that map, a
 * task, and no more. A handler that never waits is called as the plain function that it is.
 *
 * Always: each request gets one answer, or its connection ends.
 */
import type * as Http from 'node:http';
import { caught } from '../../../runtime/errors';
import type { ErrorValue } from '../../../runtime/errors';
import { cancelTask, spawnTask } from '../../../runtime/scheduler';
import type { Steps, Task, Waitable } from '../../../runtime/task';
import type { FunctionValue, Value } from '../../../runtime/values';
import { reportRequest, tap } from '../../events';
import { answer, answerWhole, LATER } from './answer';
import { corsFields } from './cors';
import { GeneratorFunction } from '../may-wait';
import { RequestMap } from './request-map';
import type { RequestSource } from './request-map';
import { isResponse, response } from './response-map';
import type { Match } from './routes';
import type { ServerConnection } from './server-connection';
import type { StaticFolder } from './static-folder';

type Step = IteratorResult<Waitable | null, unknown>;

const OVER: Step = { done: true, value: null };

export class Exchange implements RequestSource {
  body: Buffer | null = null;
  badJson: ErrorValue | null = null;
  match: Match | null = null;
  task: Task | null = null;
  /** The client has gone: nobody reads the answer. */
  gone = false;
  /** Bytes of the body that were sent; null where somebody else counts them. */
  bodyBytes: number | null = 0;
  private over = false;
  /** What waits at present: the handler, then the answer. */
  private inner: Steps<unknown> | null = null;
  private answering = false;
  private readonly startedAt: number;

  constructor(
    readonly connection: ServerConnection,
    readonly req: Http.IncomingMessage,
    readonly res: Http.ServerResponse,
  ) {
    this.startedAt = connection.server.watched ? performance.now() : 0;
  }

  get server(): ServerConnection['server'] {
    return this.connection.server;
  }

  /** The whole request is there. */
  begin(): void {
    const { server } = this;
    if (this.connection.closing) this.res.shouldKeepAlive = false;
    this.task = spawnTask(this, server.calledAt);
  }

  // ---------------------------------------------------------------- the steps of the task

  next(given: unknown): Step {
    try {
      let { inner } = this;
      if (inner === null) {
        const { server } = this;
        const early = server.options.cors === null ? null : server.preflight(this.req);
        if (early !== null) return this.finish(early);
        const match = server.match(this);
        this.match = match;
        if (server.middleware.length === 0) {
          const target = match?.route.target;
          if (typeof target === 'function') {
            const result = target(new RequestMap(this));
            if (!(target instanceof GeneratorFunction)) return this.finish(result as Value);
            inner = result as Steps<unknown>;
          } else {
            return this.finish(this.fallback());
          }
        } else {
          inner = this.through(0, new RequestMap(this));
        }
        this.inner = inner;
      }
      return this.passOn(inner.next(given));
    } catch (error) {
      return this.failed(error);
    }
  }

  throw(thrown: unknown): Step {
    try {
      if (this.inner === null) throw thrown;
      return this.passOn(this.inner.throw(thrown));
    } catch (error) {
      return this.failed(error);
    }
  }

  return(value: unknown): Step {
    return { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  private passOn(step: Step): Step {
    if (step.done !== true) return step;
    if (!this.answering) return this.finish(step.value as Value);
    this.ended();
    return OVER;
  }

  /** The handler has given its answer. */
  private finish(value: Value): Step {
    if (!this.gone) {
      this.answering = true;
      const rest = answer(this, value ?? null);
      // Whoever sends the file calls `ended`.
      if (rest === LATER) return OVER;
      if (rest !== null) {
        this.inner = rest;
        return this.passOn(rest.next());
      }
    }
    this.ended();
    return OVER;
  }

  /** Static files, and what no route is for. */
  private fallback(): Value {
    const { match, req } = this;
    if (match !== null) return (match.route.target as StaticFolder).find(match, req);
    return this.server.noRoute(req);
  }

  /** Middleware in the order in which it was added; the last `next` is the handler. */
  private *through(index: number, req: RequestMap): Steps<Value> {
    const { middleware } = this.server;
    const layer = middleware[index];
    if (layer === undefined) {
      const target = this.match?.route.target;
      return typeof target === 'function' ? yield* called(target, req) : this.fallback();
    }
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a generator function has a `this` of its own
    const exchange = this;
    const next = function* next(): Steps<Value> {
      return asResponse(yield* exchange.through(index + 1, req));
    };
    return yield* called(layer, req, next);
  }

  // ---------------------------------------------------------------- the end

  private failed(thrown: unknown): Step {
    const error = caught(thrown);
    const { res, connection } = this;
    if (this.gone) {
      this.ended();
      throw error;
    }
    if (res.headersSent) {
      // The client learns from the missing end that it has not got all.
      connection.socket.destroySoon();
      this.ended();
      throw error;
    }
    if (error !== null && error === this.badJson) {
      answerWhole(this, 400, `400 Bad Request: the body is no JSON: ${this.badJson.message.replace(/^\w+: /, '')}\n`);
      this.ended();
      return OVER;
    }
    if (this.task?.cancelled === true) {
      res.shouldKeepAlive = false;
      answerWhole(this, 503, '503 Service Unavailable\n');
    } else {
      answerWhole(this, 500, '500 Internal Server Error\n');
    }
    this.ended();
    throw error;
  }

  /** The client has closed the connection: what answers it is cancelled at its next wait. */
  clientGone(): void {
    if (this.over) return;
    this.gone = true;
    if (this.task === null) this.ended();
    else cancelTask(this.task);
  }

  /** The answer is on its way, or there is nobody for it. */
  ended(): void {
    if (this.over) return;
    this.over = true;
    if (this.startedAt !== 0) this.report();
    this.connection.exchangeEnded(this);
  }

  private report(): void {
    const { req, res, gone } = this;
    const elapsedMs = performance.now() - this.startedAt;
    const status = gone && !res.headersSent ? null : res.statusCode;
    if (tap.on !== null) {
      const request = { direction: 'in', method: req.method!, url: req.url!, status, elapsedMs } as const;
      reportRequest(this.connection.subject, request, this.task, this.server.opened);
    }
    // As other servers write it where the client went before it was answered.
    this.server.access?.write(this, status ?? 499, elapsedMs);
  }

  /** Fields that the server adds by itself. */
  ownFields(): readonly string[] {
    const { cors } = this.server.options;
    return cors === null ? NONE : corsFields(cors, this.req.headers.origin ?? null);
  }
}

const NONE: readonly string[] = [];

function* called(f: FunctionValue, ...args: Value[]): Steps<Value> {
  const result = f(...args);
  return (f instanceof GeneratorFunction ? yield* result as Steps<Value> : result) as Value;
}

/** What `next()` gives to a middleware: always an answer that it can look at and change. */
function asResponse(value: Value): Value {
  if (isResponse(value)) return value;
  return response(value === null ? 204 : 200, value);
}
