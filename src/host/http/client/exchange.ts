/**
 * One request and its answer on the wire. It is the handler that `undici` calls as the answer comes, and wakes the
 * task when there is something for it: the whole answer, or its head and then the pieces of its body.
 *
 * Always: each exchange ends once, in success or failure, and after that nothing more is taken from the network; a
 * body that the task does not take as fast as it comes holds up the server, not the memory.
 */
import type { Dispatcher } from 'undici';
import { Operation } from '../../../runtime/operation';
import type { Steps } from '../../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../../runtime/timers';
import { opening, tap } from '../../events';
import { formatAddress } from '../../net/address';
import { ConnectFailure } from './connecting';
import type { Place } from './place';
import { GIVEN_UP, plainProxy, poolOf } from './pools';
import type { PlacePool } from './pools';
import type { ClientRequest, Phase, ResponseHead } from './request';

/** What becomes of a body: all of it at once, piece by piece, or nothing since nobody wants it. */
export type BodyMode = 'whole' | 'pieces' | 'none';

export interface Hop {
  readonly method: string;
  readonly place: Place;
  readonly fields: readonly string[];
  readonly body: Dispatcher.DispatchOptions['body'];
  /** Decides when the head is there. */
  readonly mode: (head: ResponseHead) => BodyMode;
}

/** What ended an exchange before its time. */
export class ExchangeFailure {
  constructor(
    readonly phase: Phase,
    /** Of undici, of the system, or one of ours: ETIMEDOUT, EOVERFLOW, ECANCELED. */
    readonly error: Error & { code?: string },
    /** Bytes of the body that had come, and should. */
    readonly received: number,
    readonly expected: number | null,
    /** It was sent over a connection that had served others before. */
    readonly reused: boolean,
  ) {}
}

/** Pieces that wait for the task, in bytes; then the server has to. */
const MAX_AHEAD = 256 * 1024;
/** Of a body that nobody wants so much is read, so that the connection can serve again. */
const MAX_DRAINED = 64 * 1024;

export class Exchange {
  head: ResponseHead | null = null;
  failure: ExchangeFailure | null = null;
  readonly pieces: Buffer[] = [];
  /** Bytes of the body that have come. */
  received = 0;
  complete = false;
  private mode: BodyMode = 'whole';
  private waitingForConnection = true;
  private abort: ((error?: Error) => void) | null = null;
  private resume: () => void = () => {};
  private paused = false;
  private kept = 0;
  private readonly limit: Timeout;
  /** What the task waits at, if it does. */
  private operation: Operation<null>;
  private readonly pool: PlacePool;
  private readonly madeBefore: number;
  private reused = false;

  constructor(
    private readonly request: ClientRequest,
    private readonly hop: Hop,
    /** Of the monotonic clock. */
    private readonly deadline: number,
    private readonly where: string,
  ) {
    this.pool = poolOf(request.builtin, hop.place, request.profile);
    this.madeBefore = this.pool.made;
    this.limit = new Timeout(() => this.timedOut());
    this.operation = this.newOperation();
  }

  private newOperation(): Operation<null> {
    return new Operation<null>(`for the answer of ${this.where}`, () => this.stop());
  }

  /** Sends the request; waits for what the mode says: the end of the answer, or its head. */
  run(): Steps<null> {
    const { request, deadline } = this;
    const now = performance.now();
    const firstMs = Math.min(deadline - now, request.connectMs);
    if (firstMs !== Infinity) setTimer(this.limit, firstMs);
    if (tap.on !== null) this.pool.opened = opening();
    this.send();
    return this.operation.wait();
  }

  private send(): void {
    const { hop, request } = this;
    const proxy = plainProxy(hop.place, request.profile);
    this.pool.dispatch(
      {
        method: hop.method,
        path: proxy === null ? hop.place.target : hop.place.origin + hop.place.target,
        headers: hop.fields as string[],
        body: hop.body ?? null,
      },
      this,
    );
  }

  /** The next piece, null at the end. Only in the mode `pieces`. */
  *nextPiece(): Steps<Buffer | null> {
    while (this.pieces.length === 0) {
      if (this.over) return null;
      this.operation = this.newOperation();
      yield* this.operation.wait();
    }
    const piece = this.pieces.shift()!;
    this.kept -= piece.length;
    if (this.paused && this.kept <= MAX_AHEAD / 2) {
      this.paused = false;
      this.resume();
    }
    return piece;
  }

  /** All of the body. */
  whole(): Buffer {
    return this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces, this.received);
  }

  // ---------------------------------------------------------------- called by undici

  onConnect(abort: (error?: Error) => void): void {
    this.connected();
    if (this.over) {
      abort();
      return;
    }
    this.abort = abort;
    this.reused = this.pool.made === this.madeBefore;
    clearTimer(this.limit);
    if (this.deadline !== Infinity) setTimer(this.limit, this.deadline - performance.now());
  }

  private connected(): void {
    if (!this.waitingForConnection) return;
    this.waitingForConnection = false;
    this.pool.notWaiting();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (status < 200) return true;
    this.head = { status, statusText, raw };
    this.resume = resume;
    this.mode = this.hop.mode(this.head);
    if (this.mode !== 'whole') this.operation.succeed(null);
    return true;
  }

  onData(piece: Buffer): boolean {
    this.received += piece.length;
    if (this.mode === 'none') {
      if (this.received > MAX_DRAINED) this.stop();
      return true;
    }
    if (this.received > this.request.maxBodyBytes) {
      this.end(Object.assign(new Error('too large'), { code: 'EOVERFLOW' }));
      return false;
    }
    this.pieces.push(piece);
    if (this.mode === 'whole') return true;
    this.kept += piece.length;
    this.operation.succeed(null);
    if (this.kept < MAX_AHEAD) return true;
    this.paused = true;
    return false;
  }

  onComplete(): void {
    this.complete = true;
    this.pool.hasAnswered();
    clearTimer(this.limit);
    this.operation.succeed(null);
  }

  onError(error: Error & { code?: string }): void {
    if (error === GIVEN_UP && this.failure === null) {
      // The connection was to be another one's that has gone: this request asks for one again.
      this.pool.waiting--;
      this.send();
      return;
    }
    this.end(error);
  }

  // ---------------------------------------------------------------- the end

  private timedOut(): void {
    this.end(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
  }

  private get phase(): Phase {
    if (this.head !== null) return 'body';
    return this.abort !== null ? 'headers' : (this.pool.attempt?.phase ?? 'connect');
  }

  private end(error: Error & { code?: string }): void {
    if (this.over) return;
    const phase = error instanceof ConnectFailure ? error.phase : this.phase;
    this.failure = new ExchangeFailure(phase, error, this.received, this.expectedLength(), this.reused);
    clearTimer(this.limit);
    this.connected();
    this.abort?.();
    this.operation.succeed(null);
  }

  get over(): boolean {
    return this.complete || this.failure !== null;
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.over) return;
    this.end(Object.assign(new Error('given up'), { code: 'ECANCELED' }));
  }

  private expectedLength(): number | null {
    const raw = this.head?.raw ?? [];
    for (let i = 0; i < raw.length; i += 2) {
      if (raw[i]!.toString('latin1').toLowerCase() === 'content-length') return Number(raw[i + 1]!.toString('latin1'));
    }
    return null;
  }
}

/** Where a request goes, for the report of what a task waits for. */
export function showPlace({ host, port }: Place): string {
  return formatAddress(host, port);
}
