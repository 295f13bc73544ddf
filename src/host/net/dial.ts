/**
 * Connecting. A name with several addresses is tried the Happy Eyeballs way (RFC 8305): the next address is
 * begun when the one before has failed, or has not answered for `ATTEMPT_DELAY_MS`; the first connection that
 * stands is taken and all others are given up.
 */
import type * as Net from 'node:net';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import type { Address } from '../events';
import { reportError, tap } from '../events';
import { node } from '../node';
import { failureOf } from '../failure';
import type { Failure } from '../failure';
import { byteLength } from '../text';
import { familyOf, showAddress } from './address';
import { networkError } from './failures';
import type { Attempt } from './failures';
import { addressesOf } from './lookup';
import type { Resolved } from './lookup';

/** The system's limit for the path of a UNIX socket, in bytes. */
export const MAX_PATH = 107;

/** RFC 8305, section 8: "Connection Attempt Delay". */
const ATTEMPT_DELAY_MS = 250;

export interface DialOptions {
  /** Null takes what the system chooses. */
  readonly localHost: string | null;
  readonly localPort: number | null;
}

/** Connects to a host and port, or to a UNIX socket where the target's port is null. */
export function* dial(attempt: Attempt, options: DialOptions, deadline: number): Steps<Net.Socket> {
  const { host, port } = attempt.target;
  if (port === null) {
    // The system's own interface cuts a path that is too long, and connects to another socket.
    if (byteLength(host) > MAX_PATH) throw networkError(attempt, { code: 'ENAMETOOLONG', message: '' });
    return yield* race(attempt, [{ path: host }], deadline);
  }
  const { localHost, localPort } = options;
  const addresses = yield* addressesOf(attempt, host, deadline);
  const fitting = localHost === null ? addresses : addresses.filter(({ family }) => family === familyOf(localHost));
  if (fitting.length === 0) throw otherFamily(attempt, localHost!);
  return yield* race(
    localHost === null && localPort === null
      ? attempt
      : { ...attempt, from: { host: localHost ?? '', port: localPort } },
    fitting.map((address) => tcpTarget(address, port, options)),
    deadline,
  );
}

function otherFamily({ builtin, target }: Attempt, localHost: string): ErrorValue {
  const words = `${target.host} has no IPv${familyOf(localHost)} address, which the own address ${localHost} needs`;
  return fault('EAFNOSUPPORT', `${builtin}: connection to ${showAddress(target)} failed: ${words} (EAFNOSUPPORT)`, {
    function: builtin,
    fields: { ...target },
  });
}

function tcpTarget({ address, family }: Resolved, port: number, options: DialOptions): Net.SocketConnectOpts {
  return {
    host: address,
    port,
    family,
    autoSelectFamily: false,
    ...(options.localHost === null ? {} : { localAddress: options.localHost }),
    ...(options.localPort === null ? {} : { localPort: options.localPort }),
  };
}

function* race(attempt: Attempt, targets: readonly Net.SocketConnectOpts[], deadline: number): Steps<Net.Socket> {
  const operation = new Operation<Net.Socket>(`for the connection to ${showAddress(attempt.target)}`, () =>
    it.giveUp(),
  );
  const it = new Race(attempt.target, targets, {
    connected: (socket) => operation.succeed(socket),
    failed: (failure) => operation.fail(() => networkError(attempt, failure)),
  });
  it.begin(deadline);
  return yield* operation.wait();
}

/** Connects to the first of these addresses that answers, for whoever waits in no task. Gives what stops it. */
export function connectFirst(target: Address, addresses: readonly Resolved[], outcome: Outcome): () => void {
  const options = { localHost: null, localPort: null };
  const it = new Race(
    target,
    addresses.map((address) => tcpTarget(address, target.port!, options)),
    outcome,
  );
  it.begin(Infinity);
  return () => it.giveUp();
}

/** One of the two is called, once; none after it was stopped. */
export interface Outcome {
  connected(socket: Net.Socket): void;
  failed(failure: Failure): void;
}

/** `connect` itself would pass over `noDelay`, which the types of the constructor do not know. */
const SOCKET = { allowHalfOpen: true, noDelay: true };

class Race {
  private readonly open = new Set<Net.Socket>();
  private next = 0;
  private firstFailure: Failure | null = null;
  private readonly pace = new Timeout(() => this.start());
  private readonly limit = new Timeout(() => this.fail({ code: 'ETIMEDOUT', message: '' }));

  constructor(
    private readonly target: Address,
    private readonly targets: readonly Net.SocketConnectOpts[],
    private readonly outcome: Outcome,
  ) {}

  begin(deadline: number): void {
    if (deadline !== Infinity) setTimer(this.limit, deadline - performance.now());
    this.start();
  }

  private start(): void {
    clearTimer(this.pace);
    const target = this.targets[this.next++]!;
    const socket = new node.net.Socket(SOCKET);
    this.open.add(socket);
    socket.once('connect', () => this.connected(socket));
    socket.once('error', (error) => this.failed(socket, failureOf(error)));
    try {
      socket.connect(target);
    } catch (error) {
      this.failed(socket, failureOf(error));
      return;
    }
    if (this.next < this.targets.length) setTimer(this.pace, ATTEMPT_DELAY_MS);
  }

  private connected(socket: Net.Socket): void {
    if (isSelf(socket)) {
      this.failed(socket, { code: 'ECONNREFUSED', message: '' });
      return;
    }
    this.open.delete(socket);
    letGo(socket);
    this.giveUp();
    this.outcome.connected(socket);
  }

  private failed(socket: Net.Socket, failure: Failure): void {
    this.open.delete(socket);
    abandon(socket);
    this.firstFailure ??= failure;
    if (this.next < this.targets.length) this.start();
    else if (this.open.size === 0) this.fail(this.firstFailure);
  }

  private fail(failure: Failure): void {
    this.giveUp();
    if (tap.on !== null) reportFailedDial(this.target, failure);
    this.outcome.failed(failure);
  }

  giveUp(): void {
    clearTimer(this.pace);
    clearTimer(this.limit);
    for (const socket of this.open) abandon(socket);
    this.open.clear();
  }
}

/** What fails before somebody else listens shows in the socket's `errored`. */
function ignore(): void {}

function letGo(socket: Net.Socket): void {
  socket.removeAllListeners('error').removeAllListeners('connect');
  socket.on('error', ignore);
}

function abandon(socket: Net.Socket): void {
  letGo(socket);
  socket.destroy();
}

/**
 * A connection to a port of this machine that nobody listens on can meet itself when the system picks that very
 * port for its own end.
 */
function isSelf(socket: Net.Socket): boolean {
  return (
    socket.localPort !== undefined &&
    socket.localPort === socket.remotePort &&
    socket.localAddress === socket.remoteAddress
  );
}

function reportFailedDial(remote: Address, failure: Failure): void {
  const protocol = remote.port === null ? 'unix' : 'tcp';
  reportError({ handle: '', protocol, role: 'socket', local: null, remote }, failure.code, failure.message, null, null);
}
