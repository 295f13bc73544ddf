/**
 * What the functions that look at networks do, for the stream of events: they reach out without a socket of the
 * program's, from captures to single questions.
 *
 * Always: `opened` is reported first and `closed` once, whichever way it ends. Bytes are those that the program or the
 * other side has given to the protocol: of TLS what is inside of it, of raw packets the packet.
 */
import type * as Net from 'node:net';
import { running } from '../runtime/errors';
import type { Address, Opening, Subject } from './events';
import { opening, reportBytes, reportClosed, reportError, reportOpened, tap } from './events';
import { failureOf } from './failure';
import { newHandle } from './handle-names';

export class Reported implements Subject {
  readonly role = 'socket';
  readonly handle: string;
  readonly local: Address | null = null;
  private over = false;

  /** `what` begins the handle: "ping", "capture". */
  constructor(
    what: string,
    readonly protocol: Subject['protocol'],
    readonly remote: Address,
    private readonly by: Opening = opening(),
  ) {
    this.handle = newHandle(what, remote.host);
    if (tap.on !== null) reportOpened(this, running.task, by);
  }

  sent(data: Uint8Array | string, peer: Address | null = null): void {
    if (tap.on !== null) reportBytes(this, 'out', data, null, this.by, peer);
  }

  received(data: Uint8Array, peer: Address | null = null): void {
    if (tap.on !== null) reportBytes(this, 'in', data, null, this.by, peer);
  }

  /** `error` is one of the system or of the language. */
  failed(error: unknown): void {
    if (tap.on === null) return;
    const { code, message } = failureOf(error);
    reportError(this, code, message, null, this.by);
  }

  closed(): void {
    if (!this.over && tap.on !== null) reportClosed(this, this.by);
    this.over = true;
  }
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
  const push = socket.push.bind(socket);
  socket.push = (piece: Buffer | null) => {
    if (piece !== null) seen?.received(piece);
    return push(piece);
  };
  const write: (data: Uint8Array | string) => boolean = socket.write.bind(socket);
  socket.write = (data: Uint8Array | string) => {
    seen?.sent(data);
    return write(data);
  };
}
