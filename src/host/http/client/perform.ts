/**
 * A request from the program's point of view: redirects, cookies, credentials, retries, and the body unpacked.
 *
 * Always: what belongs to one origin (Authorization, Cookie and Proxy-Authorization that the program gave) goes to
 * no other, wherever a server redirects to; an unprotected place is not followed from a protected one unless the
 * program allows it; a request is sent again only where that cannot do a thing twice.
 */
import type { Steps } from '../../../runtime/task';
import { sleep } from '../../../runtime/timers';
import { retryAfterMs } from '../../../wire/http/retry-after';
import type { Subject } from '../../events';
import { opening, reportRequest, tap } from '../../events';
import { familyOf, showAddress } from '../../net/address';
import { askPermission } from '../../permissions';
import { headerMapOfBytes } from '../header-map';
import { latin1OfText, textOfLatin1 } from '../latin1';
import { acceptedCodings, codingsOf, DecodeFailure, decodeWhole } from './decoding';
import { Exchange, showPlace } from './exchange';
import type { BodyMode, ExchangeFailure } from './exchange';
import { addressOf, placeFrom } from './place';
import type { Place } from './place';
import { plainProxy } from './pools';
import { fieldOf } from './request';
import type { ClientRequest, RequestBody, ResponseHead } from './request';
import { decodeError, exchangeError, redirectError } from './request-errors';

export interface Answer {
  readonly head: ResponseHead;
  /** Of the last request, after redirects. */
  readonly place: Place;
  /** Unpacked; null where it was taken piece by piece. */
  readonly body: Buffer | null;
  readonly elapsedMs: number;
}

/** Takes a body piece by piece; runs in the task of the request. */
export interface Consumer {
  /** Whether it takes the body of this answer; else it is given as a whole. */
  readonly wants: (head: ResponseHead) => boolean;
  readonly take: (exchange: Exchange, head: ResponseHead, place: Place, startedAt: number) => Steps<null>;
}

const USER_AGENT = 'Sentra/0.1';
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Asking twice does no more than asking once (RFC 9110, section 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);
/** What may be over after a while. */
const TEMPORARY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;

/** What the next hop is sent with. */
interface Next {
  readonly method: string;
  readonly place: Place;
  readonly body: RequestBody | null;
  readonly fields: readonly string[];
  readonly authorization: string | null;
  readonly cookies: string | null;
}

export function* perform(request: ClientRequest, consumer: Consumer | null = null): Steps<Answer> {
  const startedAt = performance.now();
  const deadline = startedAt + request.timeoutMs;
  const { method, place, body, fields, authorization, cookies } = request;
  let next: Next = { method, place, body, fields, authorization, cookies };
  let retriesLeft = request.retries;
  for (let redirects = 0; ;) {
    askPermissions(request, next.place);
    const exchange = yield* attempt(request, next, deadline, consumer, redirects);
    const { failure, head } = exchange;
    if (tap.on !== null) report(next, head, startedAt);
    if (failure !== null && (head === null || failure.error.code !== 'ECANCELED')) {
      const pause = retriesLeft > 0 ? pauseAfter(request, next.method, failure, null, retriesLeft, deadline) : null;
      if (pause === null) throw exchangeError(request, next.place, failure, startedAt);
      retriesLeft--;
      yield* sleep(pause);
      continue;
    }
    const answerHead = head!;
    keepCookies(request, next.place, answerHead);
    const location = followed(request, answerHead, redirects);
    if (location !== null) {
      next = redirected(request, next, answerHead.status, location, startedAt);
      redirects++;
      continue;
    }
    if (
      REDIRECTS.has(answerHead.status) &&
      request.maxRedirects > 0 &&
      redirects >= request.maxRedirects &&
      fieldOf(answerHead, 'location') !== undefined
    ) {
      throw redirectError(
        request,
        next.place,
        `more than ${request.maxRedirects} redirects: they probably go round in a circle`,
        startedAt,
        'option "redirects" says how many are followed',
      );
    }
    if (retriesLeft > 0 && TEMPORARY.has(answerHead.status)) {
      const pause = pauseAfter(request, next.method, null, answerHead, retriesLeft, deadline);
      if (pause !== null) {
        exchange.stop();
        retriesLeft--;
        yield* sleep(pause);
        continue;
      }
    }
    let whole: Buffer | null = null;
    if (consumer !== null && consumer.wants(answerHead)) {
      try {
        yield* consumer.take(exchange, answerHead, next.place, startedAt);
      } finally {
        exchange.stop();
      }
      // Set while the pieces came.
      const late = exchange.failure;
      if (late !== null && late.error.code !== 'ECANCELED') throw exchangeError(request, next.place, late, startedAt);
    } else {
      whole = yield* unpacked(request, next, exchange, answerHead, startedAt);
    }
    return { head: answerHead, place: next.place, body: whole, elapsedMs: performance.now() - startedAt };
  }
}

function askPermissions({ builtin, profile }: ClientRequest, place: Place): void {
  askPermission(builtin, 'connect', showAddress(addressOf(place)));
  const target = profile.proxy?.place ?? place;
  if (target !== place) askPermission(builtin, 'connect', showAddress(addressOf(target)));
  if (familyOf(target.host) === 0) askPermission(builtin, 'lookup', target.host);
}

/** One exchange; once more where a connection that was kept turns out to be closed. */
function* attempt(
  request: ClientRequest,
  next: Next,
  deadline: number,
  consumer: Consumer | null,
  redirects: number,
): Steps<Exchange> {
  const mode = (head: ResponseHead): BodyMode => {
    if (willFollow(request, head, redirects)) return 'none';
    return consumer !== null && consumer.wants(head) ? 'pieces' : 'whole';
  };
  const where = showPlace(next.place);
  const send = (): Exchange => {
    const content = next.body?.content ?? null;
    const body = typeof content === 'function' ? content() : content;
    const hop = {
      method: next.method,
      place: next.place,
      fields: sentFields(request, next),
      body: body as Buffer | null,
      mode,
    };
    return new Exchange(request, hop, deadline, where);
  };
  let exchange = send();
  yield* exchange.run();
  const { failure } = exchange;
  if (
    failure !== null &&
    failure.phase === 'headers' &&
    failure.reused &&
    IDEMPOTENT.has(next.method) &&
    isClosed(failure)
  ) {
    exchange = send();
    yield* exchange.run();
  }
  return exchange;
}

function isClosed({ error }: ExchangeFailure): boolean {
  return error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

/** All fields that are sent: the program's, and those that go without saying. */
function sentFields(request: ClientRequest, { fields, body, place, authorization, cookies }: Next): string[] {
  const sent: string[] = [];
  let agent = true;
  let accept = true;
  let encoding = request.decompress;
  let type = body?.type ?? null;
  let credentials = authorization;
  const given: string[] = cookies === null ? [] : [cookies];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!;
    switch (name.toLowerCase()) {
      case 'user-agent':
        agent = false;
        break;
      case 'accept':
        accept = false;
        break;
      case 'accept-encoding':
        encoding = false;
        break;
      case 'content-type':
        type = null;
        break;
      case 'authorization':
        credentials = null;
        break;
      case 'cookie':
        given.push(fields[i + 1]!);
        continue;
      default:
    }
    sent.push(name, fields[i + 1]!);
  }
  if (agent) sent.push('User-Agent', USER_AGENT);
  if (accept) sent.push('Accept', '*/*');
  if (encoding) sent.push('Accept-Encoding', acceptedCodings());
  if (type !== null) sent.push('Content-Type', type);
  if (credentials !== null) sent.push('Authorization', credentials);
  const kept = request.jar?.field(place) ?? null;
  if (kept !== null) given.push(latin1OfText(kept));
  if (given.length > 0) sent.push('Cookie', given.join('; '));
  if (body !== null && body.length !== null && body.length > 0 && typeof body.content === 'function') {
    sent.push('Content-Length', String(body.length));
  }
  const proxy = plainProxy(place, request.profile);
  if (proxy !== null) {
    sent.push('Host', hostField(place));
    if (proxy.authorization !== null) sent.push('Proxy-Authorization', proxy.authorization);
  }
  return sent;
}

function hostField({ origin }: Place): string {
  return origin.slice(origin.indexOf('//') + 2);
}

function keepCookies({ jar }: ClientRequest, place: Place, head: ResponseHead): void {
  if (jar === null) return;
  const fields = headerMapOfBytes(head.raw).get('Set-Cookie');
  if (Array.isArray(fields)) for (const field of fields) jar.store(field as string, place);
}

// ---------------------------------------------------------------- redirects

function willFollow(request: ClientRequest, head: ResponseHead, redirects: number): boolean {
  return REDIRECTS.has(head.status) && redirects < request.maxRedirects && fieldOf(head, 'location') !== undefined;
}

function followed(request: ClientRequest, head: ResponseHead, redirects: number): string | null {
  return willFollow(request, head, redirects) ? textOfLatin1(fieldOf(head, 'location')!) : null;
}

/** What was given for one origin. */
const PERSONAL: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'host']);

/** The request that follows a redirect (the Fetch standard, section 4.4; RFC 9110, section 15.4). */
function redirected(request: ClientRequest, from: Next, status: number, location: string, startedAt: number): Next {
  const place = placeFrom(request.builtin, from.place, location);
  if (from.place.secure && !place.secure && !request.downgrade) {
    throw redirectError(
      request,
      from.place,
      `it redirects to ${place.shown}, which is not protected by TLS`,
      startedAt,
      'option "downgrade": true follows there',
    );
  }
  const becomesGet =
    (status === 303 && from.method !== 'HEAD') || ((status === 301 || status === 302) && from.method === 'POST');
  const isForeign = place.origin !== from.place.origin;
  const fields = without(
    from.fields,
    (name) => (isForeign && PERSONAL.has(name)) || (becomesGet && name.startsWith('content-')),
  );
  return {
    method: becomesGet ? 'GET' : from.method,
    place,
    body: becomesGet ? null : from.body,
    fields,
    authorization: isForeign ? null : from.authorization,
    cookies: isForeign ? null : from.cookies,
  };
}

function without(fields: readonly string[], unwanted: (lowerName: string) => boolean): string[] {
  return fields.filter((_field, i) => !unwanted(fields[i & ~1]!.toLowerCase()));
}

// ---------------------------------------------------------------- retries

/** Milliseconds until the request is sent again; null where it is not. */
function pauseAfter(
  request: ClientRequest,
  method: string,
  failure: ExchangeFailure | null,
  head: ResponseHead | null,
  retriesLeft: number,
  deadline: number,
): number | null {
  if (failure !== null && !mayFailAgain(method, failure)) return null;
  if (failure === null && !IDEMPOTENT.has(method)) return null;
  const round = request.retries - retriesLeft;
  const usual = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round) * (0.5 + Math.random() / 2);
  const wanted = head === null ? null : retryAfterMs(fieldOf(head, 'retry-after'), Date.now());
  const pause = wanted ?? usual;
  return performance.now() + pause < deadline ? pause : null;
}

/** Whether trying again may help, and does nothing twice. */
function mayFailAgain(method: string, { phase, error }: ExchangeFailure): boolean {
  if (phase === 'name' || phase === 'connect') return true;
  if (!IDEMPOTENT.has(method) || phase === 'tls') return false;
  return error.code !== 'EOVERFLOW' && error.code !== 'ECANCELED';
}

// ---------------------------------------------------------------- the body

function* unpacked(
  request: ClientRequest,
  { place, method }: Next,
  exchange: Exchange,
  head: ResponseHead,
  startedAt: number,
): Steps<Buffer> {
  const body = exchange.whole();
  const field = request.decompress ? fieldOf(head, 'content-encoding') : undefined;
  if (field === undefined || method === 'HEAD' || body.length === 0) return body;
  const codings = codingsOf(field);
  if (typeof codings === 'string') throw decodeError(request, place, codings, startedAt);
  try {
    return yield* decodeWhole(body, codings, request.maxBodyBytes);
  } catch (failure) {
    if (failure instanceof DecodeFailure) throw decodeError(request, place, failure, startedAt);
    throw failure;
  }
}

function report({ method, place }: Next, head: ResponseHead | null, startedAt: number): void {
  const subject: Subject = {
    handle: '',
    protocol: place.secure ? 'https' : 'http',
    role: 'socket',
    local: null,
    remote: addressOf(place),
  };
  const status = head?.status ?? null;
  const elapsedMs = performance.now() - startedAt;
  reportRequest(subject, { direction: 'out', method, url: place.shown, status, elapsedMs }, null, opening());
}
