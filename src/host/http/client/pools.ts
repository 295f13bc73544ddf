/**
 * The connections of the program's client, by origin and profile: `undici` keeps them alive and gives each request
 * one of its own. Idle ones do not keep the program alive.
 */
import type { Dispatcher, Pool } from 'undici';
import type { Opening } from '../../events';
import type { Place } from './place';
import type { Profile } from './profile';
import { Connecting } from './connecting';

/** Bytes that the head of an answer may have. */
export const MAX_HEAD = 64 * 1024;
/** How long an idle connection is kept where the server does not say. */
const IDLE_MS = 4000;
/** Origins and profiles whose connections are kept; beyond it those used longest ago are closed. */
const MAX_POOLS = 256;

type PoolConstructor = new (origin: string, options: object) => Pool;

let loaded: PoolConstructor | null = null;

function poolConstructor(): PoolConstructor {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the first request, and no more of it than is needed
  loaded ??= require('undici/lib/dispatcher/pool.js') as PoolConstructor;
  return loaded;
}

/** Why a request was failed that waited for a connection which another one had given up. */
export const GIVEN_UP = new Error('the connection was given up');

export class PlacePool {
  /** Connections that were made. */
  made = 0;
  /** Requests that wait for a connection. */
  waiting = 0;
  private readonly attempts = new Map<Connecting, () => void>();
  private readonly pool: Pool;

  constructor(
    private readonly place: Place,
    private readonly profile: Profile,
    private readonly builtin: string,
  ) {
    const origin = plainProxy(place, profile)?.place.origin ?? place.origin;
    this.pool = new (poolConstructor())(origin, {
      connect: (_options: object, callback: (error: Error | null, socket: unknown) => void) => this.connect(callback),
      pipelining: 1,
      // The request's own limits count.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEAD,
      keepAliveTimeout: IDLE_MS,
    });
  }

  /** The latest of the connections being made; null for none. */
  get attempt(): Connecting | null {
    return [...this.attempts.keys()].at(-1) ?? null;
  }

  /** For the connections that are made from now on. */
  opened: Opening | null = null;

  /** An answer came to its end in this turn of the event loop; its connection can be used in the next. */
  private answered = false;

  dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler & { readonly over: boolean },
  ): void {
    this.waiting++;
    if (!this.answered) {
      this.pool.dispatch(options, handler);
      return;
    }
    // Asked now, the pool would make a connection for it.
    setImmediate(() => {
      if (!handler.over) this.pool.dispatch(options, handler);
    });
  }

  /** The whole answer to a request has come. */
  hasAnswered(): void {
    if (this.answered) return;
    this.answered = true;
    setImmediate(() => (this.answered = false));
  }

  /** A request that waited for a connection waits no more; one that nobody needs is given up. */
  notWaiting(): void {
    this.waiting--;
    if (this.attempts.size <= this.waiting) return;
    const giveUp = [...this.attempts.values()].at(-1)!;
    // Later, since the pool may be in the midst of handing it out.
    queueMicrotask(giveUp);
  }

  private connect(callback: (error: Error | null, socket: unknown) => void): void {
    const { place, profile, builtin } = this;
    const setup = place.secure ? profile.setup(builtin) : null;
    const proxySetup = profile.proxy?.place.secure === true ? profile.setup(builtin) : null;
    const attempt = new Connecting(place, profile, setup, proxySetup, this.opened, {
      connected: (socket) => {
        this.attempts.delete(attempt);
        this.made++;
        callback(null, socket);
      },
      failed: (error) => {
        this.attempts.delete(attempt);
        callback(error, null);
      },
    });
    this.attempts.set(attempt, () => {
      if (!this.attempts.delete(attempt)) return;
      attempt.stop();
      callback(GIVEN_UP, null);
    });
    attempt.begin();
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  /** Lets what is under way end. */
  retire(): void {
    void this.pool.close();
  }
}

/** The proxy that gets the requests themselves, not a tunnel: for places without TLS. */
export function plainProxy(place: Place, profile: Profile): Profile['proxy'] {
  return place.secure ? null : profile.proxy;
}

const pools = new Map<string, PlacePool>();
let lastKey = '';
let lastPool: PlacePool | null = null;

export function poolOf(builtin: string, place: Place, profile: Profile): PlacePool {
  const key = profile.key === '' ? place.origin : `${place.origin} ${profile.key}`;
  if (key === lastKey && lastPool !== null) return lastPool;
  let pool = pools.get(key);
  if (pool === undefined) {
    if (pools.size >= MAX_POOLS) {
      const [oldest, unused] = pools.entries().next().value!;
      pools.delete(oldest);
      unused.retire();
    }
    // What the settings name is looked at before anything is connected.
    if (place.secure || profile.proxy?.place.secure === true) profile.setup(builtin);
    pool = new PlacePool(place, profile, builtin);
  } else {
    pools.delete(key);
  }
  pools.set(key, pool);
  lastKey = key;
  lastPool = pool;
  return pool;
}

/** Closes all connections; for tests that look for what is left. */
export async function closePools(): Promise<void> {
  const all = [...pools.values()];
  pools.clear();
  lastPool = null;
  await Promise.all(all.map((pool) => pool.close()));
}
