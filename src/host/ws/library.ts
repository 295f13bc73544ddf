/**
 * The package `ws`, loaded when the first WebSocket is opened. It does the protocol's receiving side: the opening
 * handshake, reading frames, inflating, answering pings, and the closing handshake.
 */
import type * as Ws from 'ws';
import { POLICY, TOO_LARGE } from '../../wire/websocket/close-codes';

/** How long an end waits for the peer's close frame, and for the peer to close the connection. */
export const CLOSE_MS = 2000;
/**
 * What a fragment that is kept costs beside its bytes. A message may not cost more than it may be long, so that
 * a flood of tiny fragments is bounded; 65,536 fragments still fit into the 16 MiB of the default.
 */
const FRAGMENT_OVERHEAD = 128;

/** As `ws` has it; `closeWith` is the close of the program, `close` that of the protocol. */
export type Socket = Ws.WebSocket & {
  /** The code of the close frame that a violation of the protocol was answered with; null for none. */
  violation: number | null;
  closeWith(code: number, reason: string): void;
};

interface Library {
  readonly Socket: new (url: string | null, protocols: string[] | undefined, options: Ws.ClientOptions) => Socket;
  readonly Server: typeof Ws.WebSocketServer;
}

let loaded: Library | null = null;

export function library(): Library {
  loaded ??= load();
  return loaded;
}

function load(): Library {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use
  const { WebSocket, WebSocketServer } = require('ws') as typeof Ws;
  class ProtocolSocket extends WebSocket {
    violation: number | null = null;

    /** Called by `ws` itself, to answer a close frame or a violation; it knows too many fragments as 1008. */
    override close(code?: number, reason?: string | Buffer): void {
      const answered = code === POLICY && reason === undefined ? TOO_LARGE : code;
      if (reason === undefined && answered !== undefined) this.violation = answered;
      super.close(answered, reason);
    }

    closeWith(code: number, reason: string): void {
      super.close(code, reason);
    }
  }
  return { Socket: ProtocolSocket as unknown as Library['Socket'], Server: WebSocketServer };
}

/** The limits of both roles for messages of up to `maxMessage` bytes. */
export function limits(maxMessage: number) {
  return {
    maxPayload: maxMessage,
    maxFragments: Math.max(1, Math.floor(maxMessage / FRAGMENT_OVERHEAD)),
    closeTimeout: CLOSE_MS,
  };
}
