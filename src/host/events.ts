/**
 * What the program does to the world outside as one stream of events: sockets, files and other programs opened and
 * closed, bytes in and out, requests, errors. An inspector, a recorder or a capture is a listener here and needs
 * nothing else.
 *
 * An operation is told of when a policy could refuse it: all that asks a permission reports. What a program has from
 * its start is none: its text, its arguments, its standard streams, the clock, signals, what machine it runs on. Neither
 * is what Sentra reads for itself: /etc/hosts, the system's certificates.
 *
 * Always: for each handle `opened` comes first and `closed` last, and the counts of the `bytes` events between
 * them add up to all that the peer sent and that was sent to it. While nobody listens, whoever reports tests
 * `tap.on` against null and does no more: no trace is taken, nothing is built.
 */
import type { Site, Trace } from '../runtime/errors';
import { running } from '../runtime/errors';
import { traceHere } from '../runtime/park';
import { waitTrace } from '../runtime/wait-trace';
import type { Task } from '../runtime/task';

/** One end of a connection. `host` is a path, and `port` null, for a UNIX socket or a file. */
export interface Address {
  readonly host: string;
  readonly port: number | null;
}

/** What is done to files ("read", "write"), to other programs ("run") and to the environment ("env"). */
export type Work = 'read' | 'write' | 'run' | 'env';

/** What an event is about. */
export interface Subject {
  /**
   * Of a socket as the program has it: "tcp:127.0.0.1:54321#3"; empty where opening failed. Of anything else by what
   * was called and for what: "file_read:/etc/hosts#4".
   */
  readonly handle: string;
  readonly protocol:
    | 'tcp'
    | 'tls'
    | 'unix'
    | 'udp'
    | 'ws'
    | 'wss'
    | 'http'
    | 'https'
    | 'icmp'
    | 'arp'
    /** A name that the system looks up: how, it does not tell, so there are no bytes. */
    | 'dns'
    /** Packets of an interface, which is the remote host. */
    | 'capture'
    /** A file or directory, which is the remote host; to ask about it or to change its name has no bytes. */
    | 'file'
    /** Another program, whose command is the remote host. */
    | 'process'
    /** What the system says without bytes that pass: the environment, the interfaces. */
    | 'system';
  /** A listener, or a connection or datagram socket; of anything else, the permission that was asked for. */
  readonly role: 'server' | 'socket' | Work;
  readonly local: Address | null;
  readonly remote: Address | null;
}

interface Common {
  readonly subject: Subject;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** The task that asked for it: that called, that waits for the data, or else that opened the socket. Null for none. */
  readonly task: number | null;
  /** Where in the program that was; null where it was not the program that acted. */
  readonly site: Site | null;
}

export type FrameType = 'text' | 'binary' | 'ping' | 'pong' | 'close';

export type HostEvent = Common &
  (
    | { readonly kind: 'opened' }
    | {
        readonly kind: 'bytes';
        readonly direction: 'in' | 'out';
        /** Bytes. */
        readonly count: number;
        /**
         * The bytes, or the ASCII text that was sent as it is. Valid only during the call. Null where the system
         * copied them by itself.
         */
        readonly data: Uint8Array | string | null;
        /** The other end of a datagram; of another program which of its streams, as host: "stdin", "stdout", "stderr". */
        readonly peer: Address | null;
      }
    /** A request of HTTP is over, whichever side it was sent from. */
    | {
        readonly kind: 'request';
        /** `in` for one that a server of the program got. */
        readonly direction: 'in' | 'out';
        readonly method: string;
        /** The target for a server, the whole URL for a client. */
        readonly url: string;
        /** Of the answer; null where there was none. */
        readonly status: number | null;
        readonly elapsedMs: number;
      }
    | {
        /** A WebSocket message or control frame; `bytes` events are not made for these connections. */
        readonly kind: 'frame';
        readonly direction: 'in' | 'out';
        readonly type: FrameType;
        /** Bytes of the message, before compression. */
        readonly count: number;
      }
    | {
        readonly kind: 'closed';
        /**
         * Of a WebSocket connection: the close code (RFC 6455, section 7.4) and the reason. Of another program: its
         * exit status, 128 and the signal's number for one that a signal ended.
         */
        readonly code?: number;
        readonly reason?: string;
      }
    | { readonly kind: 'error'; readonly code: string; readonly message: string }
  );

export type Listener = (event: HostEvent) => void;

/** `on` is null while nobody listens: the one test that every operation makes. */
export const tap: { on: Listener | null } = { on: null };

const listeners: Listener[] = [];

/** Calls `listener` for each event from now on. Gives the function that ends that. */
export function listen(listener: Listener): () => void {
  listeners.push(listener);
  update();
  return () => {
    const index = listeners.indexOf(listener);
    if (index >= 0) listeners.splice(index, 1);
    update();
  };
}

function update(): void {
  const all = [...listeners];
  tap.on =
    all.length === 0
      ? null
      : (event) => {
          for (const each of all) each(event);
        };
}

/** The task and place of what happens now; `waiting` is the task that is parked for it, if any. */
function actor(waiting: Task | null, opened: Opening | null): { task: number | null; site: Site | null } {
  if (running.task !== null) return { task: running.task.id, site: traceHere().site };
  if (waiting?.state === 'waiting') return { task: waiting.id, site: waitTrace(waiting)?.site ?? null };
  return { task: opened?.task ?? null, site: opened?.trace?.site ?? null };
}

/** By which task, and where, a socket was opened. */
export interface Opening {
  readonly task: number | null;
  /** Null where nobody listened at that time. */
  readonly trace: Trace | null;
}

/** The same for all that come from outside while nobody listens: there may be many of them. */
const BY_NOBODY: Opening = { task: null, trace: null };

/** Notes who opens a socket now. */
export function opening(): Opening {
  if (running.task === null) return BY_NOBODY;
  return { task: running.task.id, trace: tap.on === null ? null : traceHere() };
}

export function reportOpened(subject: Subject, waiting: Task | null, opened: Opening | null): void {
  tap.on?.({ kind: 'opened', subject, at: performance.now(), ...actor(waiting, opened) });
}

export function reportBytes(
  subject: Subject,
  direction: 'in' | 'out',
  data: Uint8Array | string,
  waiting: Task | null,
  opened: Opening | null,
  peer: Address | null = null,
): void {
  reportData(subject, direction, data.length, data, waiting, opened, peer);
}

/** The same where the system copied bytes without showing them. */
export function reportCopied(subject: Subject, direction: 'in' | 'out', count: number, opened: Opening | null): void {
  reportData(subject, direction, count, null, null, opened, null);
}

function reportData(
  subject: Subject,
  direction: 'in' | 'out',
  count: number,
  data: Uint8Array | string | null,
  waiting: Task | null,
  opened: Opening | null,
  peer: Address | null,
): void {
  tap.on?.({ kind: 'bytes', subject, direction, count, data, peer, at: performance.now(), ...actor(waiting, opened) });
}

export function reportRequest(
  subject: Subject,
  request: Pick<Extract<HostEvent, { kind: 'request' }>, 'direction' | 'method' | 'url' | 'status' | 'elapsedMs'>,
  waiting: Task | null,
  opened: Opening | null,
): void {
  tap.on?.({ kind: 'request', subject, ...request, at: performance.now(), ...actor(waiting, opened) });
}

export function reportFrame(
  subject: Subject,
  direction: 'in' | 'out',
  type: FrameType,
  count: number,
  opened: Opening | null,
): void {
  tap.on?.({ kind: 'frame', subject, direction, type, count, at: performance.now(), ...actor(null, opened) });
}

export function reportClosed(
  subject: Subject,
  opened: Opening | null,
  how: { readonly code?: number; readonly reason?: string } = {},
): void {
  tap.on?.({ kind: 'closed', subject, at: performance.now(), ...actor(null, opened), ...how });
}

export function reportError(
  subject: Subject,
  code: string,
  message: string,
  waiting: Task | null,
  opened: Opening | null,
): void {
  tap.on?.({ kind: 'error', subject, code, message, at: performance.now(), ...actor(waiting, opened) });
}
