/** How a socket ends so that the peer gets all that was sent to it, or learns that it has not. */
import type * as Net from 'node:net';
import type { Steps } from '../../runtime/task';
import type { StreamProtocol } from './connection';
import { EventWait } from './waits';

/** How long a close waits for a peer that does not read what is left. */
const CLOSE_MS = 5000;
/** How long, after the last byte and the FIN, the peer's own end is awaited before the socket is given up. */
const LINGER_MS = 2000;

/** Of one whose end is on its way: waits while the peer reads what is left, at most `CLOSE_MS`, then resets it. */
export function* closeSocket(socket: Net.Socket, protocol: StreamProtocol, handle: string): Steps<void> {
  if (socket.destroyed) return;
  if (socket.writableLength > 0 && !socket.writableFinished) {
    const flushed = new EventWait(socket, ['finish', 'close'], `for ${handle} to send what is left`, CLOSE_MS);
    try {
      if ((yield* flushed.steps()) === 'timeout') reset(socket, protocol);
    } finally {
      linger(socket, protocol);
    }
  } else {
    linger(socket, protocol);
  }
}

/**
 * Reads and drops what the peer still sends until it closes too: closing a socket with unread data would reset
 * the connection, and the peer might lose what it has not read yet.
 */
function linger(socket: Net.Socket, protocol: StreamProtocol): void {
  if (socket.destroyed) return;
  socket.resume();
  const timer = setTimeout(() => giveUp(socket, protocol), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/** At once. A peer that has not got all must not take what it got for the whole. */
export function giveUp(socket: Net.Socket, protocol: StreamProtocol): void {
  if (socket.writableLength > 0) reset(socket, protocol);
  else socket.destroy();
}

/** The peer sees a reset; a UNIX or TLS socket has none and just ends. */
export function reset(socket: Net.Socket, protocol: StreamProtocol): void {
  if (protocol === 'tcp' && !socket.destroyed) socket.resetAndDestroy();
  else socket.destroy();
}
