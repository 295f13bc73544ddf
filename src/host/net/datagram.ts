/**
 * UDP sockets. One that listens is bound and takes datagrams of anybody; one that was created for a peer is
 * connected, so that the system tells when nobody listens there. Datagrams that nobody receives are kept up to
 * a bound; what comes beyond it is dropped and counted, as the system's own buffer does it.
 *
 * Always: a datagram is given to one receiver, whole or cut at the size that was asked for; an empty one is "".
 */
import type * as Dgram from 'node:dgram';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation, operation } from '../../runtime/operation';
import { ready } from '../../runtime/park';
import type { Steps } from '../../runtime/task';
import { QueuedWait, TIMED_OUT } from '../../runtime/timed-wait';
import { WaitQueue } from '../../runtime/wait-queue';
import type { Address, Opening, Subject } from '../events';
import { opening, reportBytes, reportClosed, reportError, reportOpened, tap } from '../events';
import { node } from '../node';
import { askPermission } from '../permissions';
import { closeAtShutdown } from '../shutdown';
import { bytesOf, decode } from '../text';
import { asIPv6, familyOf, plainAddress, showAddress } from './address';
import { failureOf } from '../failure';
import { networkError } from './failures';
import type { Failure } from '../failure';
import type { Attempt, Doing } from './failures';
import { newHandle } from '../handle-names';
import { closedError, register, unregister } from './handles';
import type { Resource } from './handles';
import { addressesOf } from './lookup';

/** Of datagrams that wait to be received, each counted with this much on top. */
const MAX_KEPT = 4 * 1024 * 1024;
const DATAGRAM_OVERHEAD = 256;

interface Arrived {
  readonly bytes: Buffer;
  readonly from: Address;
}

export interface Datagram extends Address {
  readonly data: string;
  readonly host: string;
  readonly port: number;
}

class DatagramWait extends QueuedWait<Datagram | null> {
  override readonly external = true;
  constructor(
    private readonly socket: DatagramSocket,
    private readonly builtin: string,
    private readonly size: number,
    timeoutMs: number | null,
  ) {
    super(timeoutMs);
  }

  override result(given: unknown): Datagram | null {
    if (given === TIMED_OUT) return null;
    if (given !== null) return this.socket.handOut(given as Arrived, this.size);
    throw this.socket.endError(this.builtin);
  }

  describe(): string {
    return `for a datagram on ${this.socket.handle}`;
  }
}

export class DatagramSocket implements Resource, Subject {
  readonly kind = 'datagram socket';
  readonly protocol = 'udp';
  readonly handle: string;
  bytesIn = 0;
  bytesOut = 0;
  /** Datagrams that were dropped since too many waited. */
  dropped = 0;
  closed = false;
  /** For receives that name no timeout. */
  timeoutMs: number | null = null;
  /** Whom the datagram that was received last came from: an answer goes there. */
  lastPeer: Address | null = null;
  private readonly kept: Arrived[] = [];
  private keptWeight = 0;
  /** Something the system reported that no call has told the program yet. */
  private failure: Failure | null = null;
  private readonly receivers = new WaitQueue<DatagramWait>();
  private readonly opened: Opening;
  private readonly forget: () => void;

  constructor(
    readonly socket: Dgram.Socket,
    readonly family: 4 | 6,
    readonly local: Address,
    /** The peer of a connected socket; null for one that is bound. */
    readonly remote: Address | null,
  ) {
    this.opened = opening();
    this.handle = newHandle(remote === null ? 'udp-listen' : 'udp', showAddress(remote ?? local));
    socket.on('message', (bytes, info) => this.arrived(bytes, info));
    socket.on('error', (error) => this.failed(failureOf(error)));
    register(this);
    this.forget = remote === null ? closeAtShutdown(() => this.close()) : () => {};
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }

  get role(): 'server' | 'socket' {
    return this.remote === null ? 'server' : 'socket';
  }

  private arrived(bytes: Buffer, info: Dgram.RemoteInfo): void {
    const from = plainAddress(info.address, info.port);
    const weight = bytes.length + DATAGRAM_OVERHEAD;
    const receiver = this.receivers.first;
    if (receiver === null && this.keptWeight + weight > MAX_KEPT) {
      this.dropped++;
      return;
    }
    this.bytesIn += bytes.length;
    if (tap.on !== null) reportBytes(this, 'in', bytes, receiver?.task ?? null, this.opened, from);
    if (receiver === null) {
      this.kept.push({ bytes, from });
      this.keptWeight += weight;
    } else {
      this.receivers.next()!.wake({ bytes, from });
    }
  }

  private failed(failure: Failure): void {
    if (this.closed) return;
    if (tap.on !== null)
      reportError(this, failure.code, failure.message, this.receivers.first?.task ?? null, this.opened);
    this.failure = failure;
    this.receivers.next()?.wake(null);
  }

  /** What ended a receive without a datagram. */
  endError(builtin: string): ErrorValue {
    if (this.closed) return closedError(builtin, this.handle);
    return (
      this.takeFailure(builtin, 'receive') ??
      networkError(this.attempt(builtin, 'receive'), { code: 'EIO', message: '' })
    );
  }

  /** Told once: the socket itself goes on. */
  private takeFailure(builtin: string, doing: Doing): ErrorValue | null {
    const { failure } = this;
    this.failure = null;
    return failure === null ? null : networkError(this.attempt(builtin, doing), failure);
  }

  private attempt(builtin: string, doing: Doing, target: Address = this.remote ?? this.local): Attempt {
    return { builtin, doing, target };
  }

  /** The next datagram, null at the timeout; several receivers are served in turn. Errors: ECONNREFUSED, ECLOSED. */
  receive(builtin: string, size: number, timeoutMs: number | null): Steps<Datagram | null> {
    const first = this.kept.shift();
    if (first !== undefined) {
      this.keptWeight -= first.bytes.length + DATAGRAM_OVERHEAD;
      return ready(this.handOut(first, size));
    }
    const failure = this.takeFailure(builtin, 'receive');
    if (failure !== null) throw failure;
    const wait = new DatagramWait(this, builtin, size, timeoutMs ?? this.timeoutMs);
    this.receivers.join(wait);
    return wait.steps();
  }

  handOut({ bytes, from }: Arrived, size: number): Datagram {
    this.lastPeer = from;
    return { data: decode(bytes, 0, Math.min(bytes.length, size)), host: from.host, port: from.port! };
  }

  /** Sends one datagram to the connected peer, or to the one that the last receive came from. Gives its bytes. */
  send(builtin: string, data: string | readonly number[]): Steps<number> {
    const { remote, lastPeer } = this;
    if (remote === null && lastPeer === null) {
      throw fault(
        'EDESTADDRREQ',
        `${builtin}: ${this.handle} has received nothing yet, so there is nobody to send to (EDESTADDRREQ)`,
        {
          function: builtin,
          fields: { ...this.local },
          hint: 'socket_send_to(socket, data, host, port) names the receiver',
        },
      );
    }
    const failure = this.takeFailure(builtin, 'send');
    if (failure !== null) throw failure;
    const to = remote ?? lastPeer!;
    askPermission(builtin, 'datagram', showAddress(to));
    return this.transmit(this.attempt(builtin, 'send', to), bytesOf(data), remote === null ? to : null);
  }

  /** Sends one datagram to a host and port. Errors: EISCONN, EMSGSIZE, ENOTFOUND, EACCES for a broadcast. */
  *sendTo(builtin: string, data: string | readonly number[], target: Address): Steps<number> {
    if (this.remote !== null) {
      throw fault('EISCONN', `${builtin}: ${this.handle} is connected: it sends to that peer alone (EISCONN)`, {
        function: builtin,
        fields: { ...this.remote },
        hint: 'socket_send(socket, data) does; for several peers use a socket that socket_listen gives',
      });
    }
    askPermission(builtin, 'datagram', showAddress(target));
    const attempt = this.attempt(builtin, 'send', target);
    const addresses = yield* addressesOf(attempt, target.host);
    const fitting =
      addresses.find(({ family }) => family === this.family) ?? (this.family === 6 ? addresses[0] : undefined);
    if (fitting === undefined) throw networkError(attempt, { code: 'EAFNOSUPPORT', message: '' });
    if (this.closed) throw closedError(builtin, this.handle);
    return yield* this.transmit(attempt, bytesOf(data), { host: fitting.address, port: target.port });
  }

  private transmit(attempt: Attempt, bytes: Buffer, to: Address | null): Steps<number> {
    const sent = new Operation<number>(`for ${this.handle} to send`);
    const done = (error: Error | null): void => {
      if (error === null) sent.succeed(bytes.length);
      else
        sent.fail(() =>
          this.closed ? closedError(attempt.builtin, this.handle) : networkError(attempt, failureOf(error)),
        );
    };
    try {
      if (to === null) this.socket.send(bytes, done);
      else this.socket.send(bytes, to.port!, this.family === 6 ? asIPv6(to.host) : to.host, done);
    } catch (error) {
      throw networkError(attempt, failureOf(error));
    }
    this.bytesOut += bytes.length;
    if (tap.on !== null) reportBytes(this, 'out', bytes, null, this.opened, to ?? this.remote);
    return sent.wait();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.forget();
    unregister(this);
    this.socket.close();
    for (let wait = this.receivers.next(); wait !== null; wait = this.receivers.next()) wait.wake(null);
    if (tap.on !== null) reportClosed(this, this.opened);
  }

  abandonNow(): void {
    this.close();
  }
}

export interface BindOptions {
  /** Other sockets may be bound to the same port: multicast receivers. */
  readonly reuse: boolean;
  /** "::" takes no IPv4. */
  readonly ipv6Only: boolean;
}

/** Binds a socket that takes datagrams of anybody. Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export function* bindDatagram(builtin: string, target: Address, options: BindOptions): Steps<DatagramSocket> {
  const attempt: Attempt = { builtin, doing: 'listen', target };
  askPermission(builtin, 'listen', showAddress(target));
  const [first] = yield* addressesOf(attempt, target.host);
  const { address, family } = first!;
  const socket = newSocket(family, options);
  yield* settled(attempt, socket, 'to bind', (done) => {
    socket.bind({ address, port: target.port!, exclusive: true }, done);
  });
  const bound = socket.address();
  return new DatagramSocket(socket, family, plainAddress(bound.address, bound.port), null);
}

/** Makes a socket for one peer. The name is looked up for at most so many seconds. Errors: ENOTFOUND, ETIMEDOUT, ENETUNREACH. */
export function* connectDatagram(builtin: string, target: Address, seconds: number): Steps<DatagramSocket> {
  const attempt: Attempt = { builtin, doing: 'connect', target, seconds };
  askPermission(builtin, 'datagram', showAddress(target));
  const [first] = yield* addressesOf(attempt, target.host, performance.now() + seconds * 1000);
  const { address, family } = first!;
  const socket = newSocket(family, { reuse: false, ipv6Only: false });
  yield* settled(attempt, socket, 'to connect', (done) => socket.connect(target.port!, address, done));
  const bound = socket.address();
  return new DatagramSocket(socket, family, plainAddress(bound.address, bound.port), {
    host: address,
    port: target.port,
  });
}

/** Names are looked up before: what comes here is an address. */
function addressAsIs(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, familyOf(address));
}

function newSocket(family: 4 | 6, options: BindOptions): Dgram.Socket {
  return node.dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    reuseAddr: options.reuse,
    ipv6Only: options.ipv6Only,
    lookup: addressAsIs,
  });
}

/** Waits until `start` calls back, or the socket fails; then it is closed. */
function settled(
  attempt: Attempt,
  socket: Dgram.Socket,
  what: string,
  start: (done: (error?: Error | null) => void) => void,
): Steps<null> {
  return operation<null>(what, (succeed, fail) => {
    let over = false;
    const failed = (error: Error): void => {
      if (over) return;
      over = true;
      socket.close();
      fail(() => networkError(attempt, failureOf(error)));
    };
    socket.once('error', failed);
    const done = (error?: Error | null): void => {
      socket.off('error', failed);
      if (error != null) failed(error);
      else succeed(null);
    };
    try {
      start(done);
    } catch (error) {
      failed(error as Error);
    }
    return () => {
      over = true;
      socket.close();
    };
  });
}
