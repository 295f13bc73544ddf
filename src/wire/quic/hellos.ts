/**
 * The hellos of QUIC connections: CRYPTO frames of Initial packets put in order, however many packets and datagrams
 * they come in. Bounded in connections and in bytes for each.
 */
import { decodeClientHello, decodeServerHello } from '../packet/tls-hello';
import type { Hello } from '../packet/tls-hello';
import { initialKeys, longHeader, openInitial, variable } from './initial';
import type { InitialKeys, InitialPacket, QuicCrypto } from './initial';

const MAX_CONNECTIONS = 2_000;
/** Bytes; hellos have some thousand at most. */
const MAX_HELLO = 16_384;
/** Of one handshake, with what comes again before the hello is whole. */
const MAX_STORED = 2 * MAX_HELLO;
const MAX_PIECES = 200;
/** Packets with a long header that cannot be opened: then the two ends are left alone. */
const MAX_FAILURES = 8;

const PADDING = 0;
const PING = 1;
const ACK = 2;
const ACK_ECN = 3;
const CRYPTO = 6;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The handshake bytes of one direction. */
class Handshake {
  done = false;
  private pieces: Piece[] = [];
  private stored = 0;

  /** The hello, when these frames complete it. */
  add(frames: Uint8Array): Hello | null {
    if (this.done) return null;
    for (const piece of cryptoFrames(frames)) {
      this.pieces.push(piece);
      this.stored += piece.bytes.length;
    }
    if (this.pieces.length > MAX_PIECES || this.stored > MAX_STORED) {
      this.done = true;
      this.pieces = [];
      return null;
    }
    const message = this.message();
    if (message === null) return null;
    this.done = true;
    this.pieces = [];
    const body = message.subarray(4);
    if (message[0] === CLIENT_HELLO) return { client: decodeClientHello(body, 'q'), server: null };
    if (message[0] === SERVER_HELLO) return { client: null, server: decodeServerHello(body) };
    return null;
  }

  /** The first handshake message, when all of it is there. */
  private message(): Uint8Array | null {
    const sorted = this.pieces.sort((a, b) => a.offset - b.offset);
    let reached = 0;
    for (const { offset, bytes } of sorted) {
      if (offset > reached) break;
      reached = Math.max(reached, offset + bytes.length);
    }
    if (reached < 4) return null;
    const all = new Uint8Array(reached);
    for (const { offset, bytes } of sorted) if (offset < reached) all.set(bytes.subarray(0, reached - offset), offset);
    const length = 4 + ((all[1]! << 16) | (all[2]! << 8) | all[3]!);
    return length > reached ? null : all.subarray(0, length);
  }
}

/** Up to the first frame that does not belong into an Initial packet. */
function cryptoFrames(frames: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  const end = frames.length;
  let at = 0;
  const number = (): number => {
    const read = variable(frames, at, end);
    at = read === null ? end + 1 : read.next;
    return read?.value ?? 0;
  };
  while (at < end) {
    const type = frames[at++]!;
    if (type === PADDING || type === PING) continue;
    if (type === ACK || type === ACK_ECN) {
      number();
      number();
      const ranges = number();
      number();
      for (let i = 0; i < 2 * ranges && at <= end; i++) number();
      if (type === ACK_ECN) for (let i = 0; i < 3; i++) number();
      continue;
    }
    if (type !== CRYPTO) break;
    const offset = number();
    const length = number();
    if (at + length > end || offset + length > MAX_HELLO) break;
    pieces.push({ offset, bytes: frames.slice(at, at + length) });
    at += length;
  }
  return pieces;
}

class Connection {
  failures = 0;
  private keys: { readonly client: InitialKeys; readonly server: InitialKeys } | null = null;
  private client = new Handshake();
  private server = new Handshake();

  fromClient(crypto: QuicCrypto, bytes: Uint8Array, packet: InitialPacket): Hello | null {
    let frames = this.keys === null ? null : openInitial(crypto, this.keys.client, bytes, packet);
    if (frames === null) {
      // A new connection, or the one that a Retry asked for: its id makes other keys (RFC 9001, section 5.2).
      const keys = initialKeys(crypto, packet.version, packet.destination);
      frames = keys === null ? null : openInitial(crypto, keys.client, bytes, packet);
      if (frames === null) {
        this.failures++;
        return null;
      }
      // What the server has not answered begins again with the same hello: after a Retry, or in another version.
      if (this.server.done) {
        this.client = new Handshake();
        this.server = new Handshake();
      }
      this.keys = keys;
    }
    return this.client.add(frames);
  }

  fromServer(crypto: QuicCrypto, bytes: Uint8Array, packet: InitialPacket): Hello | null {
    if (this.keys === null || this.server.done) return null;
    const frames = openInitial(crypto, this.keys.server, bytes, packet);
    return frames === null ? null : this.server.add(frames);
  }

  get isOpen(): boolean {
    return this.keys !== null;
  }
}

export class QuicHellos {
  private readonly connections = new Map<string, Connection>();

  constructor(private readonly crypto: QuicCrypto) {}

  /**
   * The hellos that a datagram completes. `from` and `to` name its two ends; a hello of a server comes in the other
   * direction than that of its client.
   */
  add(bytes: Uint8Array, start: number, end: number, from: string, to: string): Hello[] {
    const found: Hello[] = [];
    let at = start;
    while (at < end) {
      const header = longHeader(bytes, at, end);
      if (header === null) break;
      if (header.initial !== null) {
        const hello = this.initial(bytes, header.initial, from, to);
        if (hello !== null) found.push(hello);
      }
      at = header.next;
    }
    return found;
  }

  private initial(bytes: Uint8Array, packet: InitialPacket, from: string, to: string): Hello | null {
    const answered = this.connections.get(`${to} ${from}`);
    if (answered?.isOpen === true) return answered.fromServer(this.crypto, bytes, packet);
    const key = `${from} ${to}`;
    let connection = this.connections.get(key);
    if (connection === undefined) {
      if (this.connections.size >= MAX_CONNECTIONS) this.connections.delete(this.connections.keys().next().value!);
      this.connections.set(key, (connection = new Connection()));
    }
    return connection.failures >= MAX_FAILURES ? null : connection.fromClient(this.crypto, bytes, packet);
  }
}
