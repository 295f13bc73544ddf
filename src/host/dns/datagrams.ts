/**
 * Datagram sockets that are connected to a name server, so that only its answers come in. There are two: Node's own,
 * which is there everywhere and at once; and, for programs that ask hundreds of names, one that hands the system many
 * datagrams with one call and takes as many, in a third of the processor's time. That one needs Linux and a library
 * that takes some 10 ms to load, so nobody gets it who asks for a name or two.
 *
 * Always: the system chooses the port, at random. What arrives is valid only during the call that tells of it.
 */
import type * as Dgram from 'node:dgram';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { MAX_QUERY_BYTES } from '../../wire/dns/query';
import * as c from '../native/constants';
import { errorName, libc, watch } from '../native/libc';
import type { Libc, Watch } from '../native/libc';
import { isSupportedMachine, MessageBatch, socketAddress } from '../native/structures';
import { familyOf } from '../net/address';
import { failureOf } from '../failure';
import type { Failure } from '../failure';
import { node } from '../node';
import type { Nameserver } from './configuration';

/** Who uses the socket. Nothing of it is called before the constructor of the socket has returned. */
export interface DatagramUser {
  /** Writes datagram number `index` of those to send; gives its bytes. */
  write(index: number, into: Uint8Array): number;
  /** Sending has become possible. */
  writable(): void;
  arrived(bytes: Uint8Array, length: number): void;
  /** Nobody listens there, or there is no way: nothing that was sent will be answered. */
  failed(failure: Failure): void;
}

export interface DatagramSocket {
  /** Sends up to so many datagrams, which the user writes; gives how many went out. After fewer `writable` will follow. */
  send(count: number): number;
  close(): void;
}

/** Bytes that are taken of an answer: more than is ever offered to be taken. */
export const MAX_ANSWER_BYTES = 4096;
/** Queries for which the library for batches is worth its loading. */
const MANY_QUERIES = 100;
/** Datagrams of one system call. */
const BATCH = 64;
/** How long to wait while the system has no room for more, in milliseconds. */
const FULL_MS = 1;

let queriesSoFar = 0;

/** `count`: how many queries are about to be sent. */
export function openDatagrams(server: Nameserver, user: DatagramUser, count: number): DatagramSocket {
  const lib = queriesSoFar + count < MANY_QUERIES ? null : libraryForBatches();
  return lib === null ? new NodeDatagrams(server, user) : new BatchedDatagrams(server, user, lib);
}

let loaded: Libc | null | undefined;

/** Null where there is none. */
function libraryForBatches(): Libc | null {
  if (loaded === undefined) {
    try {
      loaded = isSupportedMachine() ? libc('dns_lookup', 'sending in batches') : null;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

class NodeDatagrams implements DatagramSocket {
  private readonly socket: Dgram.Socket;
  private connected = false;

  constructor(
    { host, port }: Nameserver,
    private readonly user: DatagramUser,
  ) {
    this.socket = node.dgram.createSocket({
      type: familyOf(host) === 6 ? 'udp6' : 'udp4',
      lookup: (address, _options, done) => done(null, address, familyOf(address)),
    });
    this.socket.on('message', (bytes) => user.arrived(bytes, bytes.length));
    this.socket.on('error', (error) => user.failed(failureOf(error)));
    // Without a way there Node calls this too, with the error, and has no event for it.
    this.socket.connect(port, host, (error?: unknown) => {
      if (error !== undefined) return user.failed(failureOf(error));
      this.connected = true;
      user.writable();
    });
  }

  send(count: number): number {
    if (!this.connected) return 0;
    queriesSoFar += count;
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.allocUnsafe(MAX_QUERY_BYTES);
      this.socket.send(bytes.subarray(0, this.user.write(i, bytes)));
    }
    return count;
  }

  close(): void {
    this.socket.close();
  }
}

/** Memory for the calls. One for all sockets, since it is in use only while a call runs and what came in is read. */
interface Batches {
  readonly out: MessageBatch;
  readonly outData: readonly Uint8Array[];
  readonly in: MessageBatch;
  readonly inData: readonly Uint8Array[];
}

let batches: Batches | null = null;

function memoryForBatches(): Batches {
  if (batches !== null) return batches;
  const all = (batch: MessageBatch): Uint8Array[] => Array.from({ length: BATCH }, (_none, i) => batch.data(i));
  const out = new MessageBatch(BATCH, MAX_QUERY_BYTES, 0);
  const incoming = new MessageBatch(BATCH, MAX_ANSWER_BYTES, 0);
  return (batches = { out, outData: all(out), in: incoming, inData: all(incoming) });
}

class BatchedDatagrams implements DatagramSocket {
  private readonly fd: number;
  private readonly memory = memoryForBatches();
  private readonly watch: Watch | null;
  private readonly full = new Timeout(() => this.user.writable());
  private closed = false;

  constructor(
    { host, port }: Nameserver,
    private readonly user: DatagramUser,
    private readonly lib: Libc,
  ) {
    const zone = host.split('%')[1];
    const address = socketAddress(host, port, zone === undefined ? 0 : lib.interfaceIndex(zone));
    this.fd = lib.socket(address[0]!, c.SOCK_DGRAM | c.SOCK_NONBLOCK | c.SOCK_CLOEXEC, 0);
    const result = this.fd < 0 ? this.fd : lib.connect(this.fd, address, address.length);
    this.watch = result < 0 ? null : watch(this.fd, () => this.receive());
    if (result < 0) setImmediate(() => this.fail(result));
  }

  private fail(result: number): void {
    if (!this.closed) this.user.failed({ code: errorName(result), message: '' });
  }

  send(count: number): number {
    const { out, outData } = this.memory;
    let went = 0;
    while (went < count && this.watch !== null && !this.closed) {
      const some = Math.min(BATCH, count - went);
      for (let i = 0; i < some; i++) out.setLength(i, this.user.write(went + i, outData[i]!));
      const result = this.lib.sendmmsg(this.fd, out.headers, some, c.MSG_NOSIGNAL);
      if (result === -c.EAGAIN || result === -c.ENOBUFS) {
        setTimer(this.full, FULL_MS);
        break;
      }
      if (result < 0) {
        setImmediate(() => this.fail(result));
        break;
      }
      went += result;
    }
    queriesSoFar += went;
    return went;
  }

  private receive(): void {
    const { in: incoming, inData } = this.memory;
    while (!this.closed) {
      const count = this.lib.recvmmsg(this.fd, incoming.headers, BATCH, c.MSG_DONTWAIT, null);
      if (count < 0) {
        if (count !== -c.EAGAIN && count !== -c.EINTR) this.fail(count);
        return;
      }
      for (let i = 0; i < count; i++) this.user.arrived(inData[i]!, incoming.length(i));
      if (count < BATCH) return;
    }
  }

  close(): void {
    this.closed = true;
    clearTimer(this.full);
    this.watch?.stop();
    if (this.fd >= 0) this.lib.close(this.fd);
  }
}
