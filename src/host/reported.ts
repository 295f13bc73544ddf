/**
 * What the program does without a socket of its own, for the stream of events: what looks at networks, from captures
 * to single questions, and what is done to files, other programs and the environment.
 *
 * Always: `opened` is reported first and `closed` once, whichever way it ends, at the latest with the process. Bytes
 * are those that the program or the other side has given to the protocol: of TLS what is inside of it, of raw packets
 * the packet, of files what the system has read or written.
 */
import type * as Fs from 'node:fs';
import type * as Net from 'node:net';
import { running } from '../runtime/errors';
import type { Address, Opening, Subject } from './events';
import { opening, reportBytes, reportClosed, reportCopied, reportError, reportOpened, tap } from './events';
import { failureOf } from './failure';
import { newHandle } from './handle-names';
import { onExit } from './process';

export class Reported implements Subject {
  readonly local: Address | null = null;
  private name: string | null = null;
  private over = false;

  /** `what` begins the handle: "ping", "capture", "file_read". */
  constructor(
    private readonly what: string,
    readonly protocol: Subject['protocol'],
    readonly remote: Address,
    private readonly by: Opening = opening(),
    readonly role: Subject['role'] = 'socket',
  ) {
    if (tap.on === null) return;
    reportOpened(this, running.task, by);
    watch(this);
  }

  /** Made when it is first asked for: while nobody listens, nobody asks. */
  get handle(): string {
    return (this.name ??= newHandle(this.what, this.remote.host));
  }

  sent(data: Uint8Array | string, peer: Address | null = null): void {
    if (tap.on !== null) reportBytes(this, 'out', data, null, this.by, peer);
  }

  received(data: Uint8Array, peer: Address | null = null): void {
    if (tap.on !== null) reportBytes(this, 'in', data, null, this.by, peer);
  }

  /** Bytes that the system read from it, or wrote to it, without showing them. */
  copied(direction: 'in' | 'out', count: number): void {
    if (tap.on !== null && count > 0) reportCopied(this, direction, count, this.by);
  }

  /** `error` is one of the system or of the language. */
  failed(error: unknown): void {
    if (tap.on === null || this.over) return;
    const { code, message } = failureOf(error);
    reportError(this, code, message, null, this.by);
  }

  closed(how: { readonly code?: number } = {}): void {
    if (this.over) return;
    this.over = true;
    if (tap.on !== null) reportClosed(this, this.by, how);
    open.delete(this);
  }

  /** All of it, where that takes no wait. */
  during<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.failed(error);
      throw error;
    } finally {
      this.closed();
    }
  }
}

/** Those that somebody who listens knows of. */
const open = new Set<Reported>();
let exitWatched = false;

function watch(one: Reported): void {
  open.add(one);
  if (exitWatched) return;
  exitWatched = true;
  onExit(() => {
    for (const each of open) each.closed();
  });
}

/** Reports what is read from a file, and its end. */
export function reportReading(file: Fs.ReadStream, seen: Reported): void {
  onPieces(file, (piece) => seen.received(piece));
  file.once('error', (error) => seen.failed(error));
  file.once('close', () => seen.closed());
}

/** Reports a connection that is being made, and what passes it; of TLS, from the end of the handshake. */
export function reportSocket(socket: Net.Socket, what: string, remote: Address, by: Opening): void {
  if (tap.on === null) return;
  const isTls = 'encrypted' in socket;
  const protocol = isTls ? 'tls' : 'tcp';
  let seen: Reported | null = null;
  socket.once(isTls ? 'secureConnect' : 'connect', () => (seen = new Reported(what, protocol, remote, by)));
  socket.once('error', (error) => {
    const { code, message } = failureOf(error);
    reportError(seen ?? { handle: '', protocol, role: 'socket', local: null, remote }, code, message, null, by);
  });
  socket.once('close', () => seen?.closed());
  onPieces(socket, (piece) => seen?.received(piece));
  const write: (data: Uint8Array | string) => boolean = socket.write.bind(socket);
  socket.write = (data: Uint8Array | string) => {
    seen?.sent(data);
    return write(data);
  };
}

/** Calls `seen` with each piece that comes, without taking part in when it comes. */
function onPieces(stream: Fs.ReadStream | Net.Socket, seen: (piece: Buffer) => void): void {
  const push = stream.push.bind(stream);
  stream.push = (piece: Buffer | null) => {
    if (piece !== null) seen(piece);
    return push(piece);
  };
}
