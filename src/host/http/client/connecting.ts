/**
 * Making a connection for a pool: name, addresses, TCP (Happy Eyeballs), the proxy's tunnel, TLS. Each failure knows
 * how far it had come. It waits in no task, since a connection may serve another request than the one that wanted it.
 */
import type * as Net from 'node:net';
import type * as Tls from 'node:tls';
import type { Address, Opening, Subject } from '../../events';
import { reportBytes, reportClosed, reportOpened, tap } from '../../events';
import { plainAddress } from '../../net/address';
import { connectFirst } from '../../net/dial';
import { failureOf } from '../../failure';
import type { Failure } from '../../failure';
import type { Doing } from '../../net/failures';
import { newHandle } from '../../handle-names';
import { formatAddress } from '../../net/address';
import { lookUp } from '../../net/lookup';
import type { Resolved } from '../../net/lookup';
import type { ClientSetup } from '../../net/tls';
import type { Place } from './place';
import type { Profile } from './profile';
import { openTunnel } from './proxy';
import { isPublic } from './public-address';
import type { Phase } from './request';

/** Why there is no connection. */
export class ConnectFailure extends Error {
  constructor(
    readonly phase: Phase,
    readonly doing: Doing,
    readonly target: Address,
    readonly failure: Failure,
    /** In place of the usual words for the failure. */
    readonly words: string | null = null,
  ) {
    super(failure.code);
  }
}

export interface Outcome {
  connected(socket: Net.Socket): void;
  failed(error: Error): void;
}

export class Connecting {
  phase: Phase = 'name';
  private over = false;
  private socket: Net.Socket | null = null;
  private stopDialing: () => void = () => {};
  /** Where the bytes go: the proxy, or the place itself. */
  private readonly target: Place;

  constructor(
    private readonly place: Place,
    private readonly profile: Profile,
    private readonly setup: ClientSetup | null,
    private readonly proxySetup: ClientSetup | null,
    private readonly opened: Opening | null,
    private readonly outcome: Outcome,
  ) {
    this.target = profile.proxy?.place ?? place;
  }

  begin(): void {
    const { host } = this.target;
    const instead = this.profile.resolve.get(host);
    lookUp(
      instead ?? host,
      (addresses) => this.dial(addresses),
      (failure) => this.fail('name', 'connect', failure),
    );
  }

  private dial(addresses: readonly Resolved[]): void {
    if (this.over) return;
    const allowed = this.profile.publicOnly ? addresses.filter(({ address }) => isPublic(address)) : addresses;
    if (allowed.length < addresses.length) {
      const bad = addresses.find((each) => !allowed.includes(each))!.address;
      const words = `${this.target.host} is ${bad}, which is no public address, and option "private" is false`;
      this.fail('name', 'connect', { code: 'EPRIVATE', message: '' }, words);
      return;
    }
    this.phase = 'connect';
    this.stopDialing = connectFirst(this.address(), allowed, {
      connected: (socket) => this.connected(socket),
      failed: (failure) => this.fail('connect', 'connect', failure),
    });
  }

  private address(): Address {
    return { host: this.target.host, port: this.target.port };
  }

  private connected(socket: Net.Socket): void {
    if (this.over) {
      socket.destroy();
      return;
    }
    this.socket = socket;
    if (this.profile.proxy === null) {
      if (this.setup === null) this.done(socket);
      else this.secure(this.setup, socket, this.place, (secured) => this.done(secured));
    } else if (this.target.secure) {
      this.secure(this.proxySetup!, socket, this.target, (secured) => this.tunnel(secured));
    } else {
      this.tunnel(socket);
    }
  }

  /** Plain requests go to the proxy itself, which gets the whole URL. */
  private tunnel(socket: Net.Socket): void {
    const { setup, profile } = this;
    if (setup === null) {
      this.done(socket);
      return;
    }
    openTunnel(socket, this.place, profile.proxy!, (problem) => {
      if (this.over) return;
      if (problem === null) this.secure(setup, socket, this.place, (secured) => this.done(secured));
      else this.fail('connect', 'connect', { code: 'EPROXY', message: '' }, problem);
    });
  }

  private secure(setup: ClientSetup, socket: Net.Socket, place: Place, then: (socket: Tls.TLSSocket) => void): void {
    this.phase = 'tls';
    const secured = setup.begin(socket, place.host);
    this.socket = secured;
    const failed = (error: Error): void => this.fail('tls', 'secure', failureOf(error), null, place);
    const closed = (): void => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    secured.on('error', failed).on('close', closed);
    secured.once('secureConnect', () => {
      secured.off('error', failed).off('close', closed);
      // An alert that comes later is why it ends; without this it would be the end alone.
      secured.on('error', (error: Error) => secured.destroy(error));
      then(secured);
    });
  }

  private done(socket: Net.Socket): void {
    if (this.over) {
      socket.destroy();
      return;
    }
    this.over = true;
    socket.on('error', ignore);
    if (tap.on !== null) this.watch(socket);
    this.outcome.connected(socket);
  }

  private fail(phase: Phase, doing: Doing, failure: Failure, words: string | null = null, place = this.target): void {
    if (this.over) return;
    this.stop();
    this.outcome.failed(new ConnectFailure(phase, doing, { host: place.host, port: place.port }, failure, words));
  }

  /** Gives up; nothing is called any more. */
  stop(): void {
    this.over = true;
    this.stopDialing();
    this.socket?.on('error', ignore).destroy();
  }

  private watch(socket: Net.Socket): void {
    const remote = plainAddress(socket.remoteAddress, socket.remotePort);
    const protocol = this.setup === null ? 'http' : 'https';
    const subject: Subject = {
      handle: newHandle(protocol, formatAddress(remote.host, remote.port)),
      protocol,
      role: 'socket',
      local: plainAddress(socket.localAddress, socket.localPort),
      remote,
    };
    const { opened } = this;
    reportOpened(subject, null, opened);
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    socket.read = (size?: number) => {
      const piece = read(size);
      if (piece !== null) reportBytes(subject, 'in', piece, null, opened);
      return piece;
    };
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]) => {
      const [piece, encoding] = args;
      const bytes = typeof piece === 'string' ? Buffer.from(piece, encoding as BufferEncoding) : (piece as Buffer);
      reportBytes(subject, 'out', bytes, null, opened);
      return write(...args);
    };
    socket.once('close', () => reportClosed(subject, opened));
  }
}

function ignore(): void {}
