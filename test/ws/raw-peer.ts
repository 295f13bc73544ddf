/**
 * The other side of a WebSocket over raw TCP, of either role, so that it can say anything: frames are made and read
 * here by the letter of RFC 6455, with none of the code under test. Sentra's side echoes every message.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { MapValue } from '../../src/runtime/values';
import type { Value } from '../../src/runtime/values';
import type { Steps } from '../../src/runtime/task';
import { builtin, field, join, options, run, spawn } from '../support/run-tasks';

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: Buffer | string;
  readonly fin?: boolean;
  /** RSV1, RSV2, RSV3 as 4, 2, 1. */
  readonly rsv?: number;
  /** Else as the role has it. */
  readonly masked?: boolean;
  /** The bytes of the length: 0 for the shortest form. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** In place of the payload's length. */
  readonly claims?: number;
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame(role: 'client' | 'server', parts: FrameParts): Buffer {
  const payload = Buffer.from(parts.payload ?? '');
  const masked = parts.masked ?? role === 'client';
  const length = parts.claims ?? payload.length;
  const form = parts.lengthBytes ?? (length < 126 ? 0 : length < 65536 ? 2 : 8);
  const head = Buffer.alloc(2 + form + (masked ? 4 : 0));
  head[0] = ((parts.fin ?? true) ? 0x80 : 0) | ((parts.rsv ?? 0) << 4) | parts.opcode;
  head[1] = (masked ? 0x80 : 0) | (form === 0 ? length : form === 2 ? 126 : 127);
  if (form === 2) head.writeUInt16BE(length, 2);
  if (form === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, payload]);
  MASK.copy(head, 2 + form);
  return Buffer.concat([head, Buffer.from(payload.map((byte, i) => byte ^ MASK[i & 3]!))]);
}

export function closePayload(code: number, reason = ''): Buffer {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(reason));
  bytes.writeUInt16BE(code, 0);
  bytes.write(reason, 2);
  return bytes;
}

export interface Received {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** Reads frames out of a stream; checks what holds for all frames that Sentra may send. */
class FrameReader {
  private rest: Buffer = Buffer.alloc(0);
  /** What has come since a frame was last complete, and how much has to be there before the next one can be. */
  private readonly pieces: Buffer[] = [];
  private gathered = 0;
  private needed = 0;

  constructor(private readonly masked: boolean) {}

  push(piece: Buffer): Received[] {
    this.pieces.push(piece);
    this.gathered += piece.length;
    if (this.rest.length + this.gathered < this.needed) return [];
    this.rest = Buffer.concat([this.rest, ...this.pieces.splice(0)]);
    this.gathered = 0;
    this.needed = 0;
    const frames: Received[] = [];
    for (let one = this.next(); one !== null; one = this.next()) frames.push(one);
    return frames;
  }

  private next(): Received | null {
    const { rest } = this;
    if (rest.length < 2) return null;
    const short = rest[1]! & 0x7f;
    const form = short === 126 ? 2 : short === 127 ? 8 : 0;
    const masked = (rest[1]! & 0x80) !== 0;
    const start = 2 + form + (masked ? 4 : 0);
    if (rest.length < start) return null;
    const length = form === 0 ? short : form === 2 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    // RFC 6455, section 5.2: "the minimal number of bytes MUST be used".
    assert.ok(form === 0 || (form === 2 ? length >= 126 : length >= 65536), 'the length is in its shortest form');
    assert.equal(masked, this.masked, 'section 5.1: a client masks, a server does not');
    this.needed = start + length;
    if (rest.length < this.needed) return null;
    this.needed = 0;
    const payload = Buffer.from(rest.subarray(start, start + length));
    if (masked) payload.forEach((byte, i) => (payload[i] = byte ^ rest[start - 4 + (i & 3)]!));
    this.rest = rest.subarray(start + length);
    return {
      opcode: rest[0]! & 15,
      fin: (rest[0]! & 0x80) !== 0,
      rsv: (rest[0]! >> 4) & 7,
      masked,
      payload,
    };
  }
}

/** One side of a connection, after the handshake. */
export class RawPeer {
  readonly frames: Received[] = [];
  /** Sentra's side has ended the connection. */
  ended = false;
  private wake: () => void = () => {};

  constructor(
    readonly role: 'client' | 'server',
    readonly socket: net.Socket,
    first: Buffer,
  ) {
    const reader = new FrameReader(role === 'server');
    const take = (piece: Buffer): void => {
      this.frames.push(...reader.push(piece));
      this.wake();
    };
    socket.on('data', take);
    socket.on('end', () => {
      this.ended = true;
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
    if (first.length > 0) take(first);
  }

  raw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  send(parts: FrameParts): void {
    this.raw(frame(this.role, parts));
  }

  /** The next frame; fails when the connection ends or after 5 seconds. */
  async next(): Promise<Received> {
    const found = await this.nextOrEnd();
    assert.ok(found !== null, 'the connection ended without another frame');
    return found;
  }

  /** Null at the end of the connection. */
  async nextOrEnd(): Promise<Received | null> {
    const deadline = Date.now() + 5000;
    for (;;) {
      const found = this.frames.shift();
      if (found !== undefined) return found;
      if (this.ended) return null;
      assert.ok(Date.now() < deadline, 'no frame in 5 seconds');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The next frame is a message. */
  async message(opcode: number): Promise<Buffer> {
    const got = await this.next();
    assert.equal(got.opcode, opcode, `got opcode ${got.opcode} with ${got.payload.toString('hex').slice(0, 80)}`);
    assert.equal(got.fin, true);
    assert.equal(got.rsv, 0);
    return got.payload;
  }

  /** Sentra's side closes with this code and then ends the connection (section 7.1). */
  async closes(code: number | null, reason?: string): Promise<void> {
    const got = await this.next();
    assert.equal(got.opcode, OP.close, `expected a close frame, got opcode ${got.opcode}`);
    assert.equal(got.fin, true);
    if (code === null) assert.equal(got.payload.length, 0);
    else assert.equal(got.payload.readUInt16BE(0), code, got.payload.subarray(2).toString());
    if (reason !== undefined) assert.equal(got.payload.subarray(2).toString(), reason);
    // The server closes first (section 7.1.1); as a server, this side does.
    if (this.role === 'server') this.socket.end();
    assert.equal(await this.nextOrEnd(), null, 'nothing may follow a close frame (section 5.5.1)');
    this.socket.destroy();
  }
}

/** A pair of Sentra's echo, in one role, and this side, in the other. */
export interface Pair {
  readonly peer: RawPeer;
  /** Ends both sides and Sentra's server. */
  done(): Promise<void>;
}

export type Role = 'server' | 'client';

/** Sentra in this role echoes; `settings` are options of ws_listen or ws_connect. */
export function echoing(sentra: Role, settings: Record<string, Value> = {}, extensions?: string): Promise<Pair> {
  return sentra === 'server' ? echoServer(settings, extensions) : echoClient(settings, extensions);
}

function* echo(connection: Value): Steps<null> {
  for (;;) {
    const message = yield* builtin('ws_receive_message', connection);
    if (!(message instanceof MapValue)) return null;
    try {
      yield* builtin(message.get('binary') === true ? 'ws_send_binary' : 'ws_send', connection, message.get('data')!);
    } catch {
      return null;
    }
  }
}

async function echoServer(settings: Record<string, Value>, extensions?: string): Promise<Pair> {
  const server = await run(() => builtin('ws_listen', '127.0.0.1', 0, options(settings)));
  const serving = spawn(() => acceptAndEcho(server));
  const { peer } = await openRaw(field(server, 'port') as number, extensions);
  return {
    peer,
    done: async () => {
      peer.socket.destroy();
      await run(function* () {
        yield* builtin('ws_server_stop', server);
        yield* join(serving);
        return null;
      });
    },
  };
}

function* acceptAndEcho(server: Value): Steps<null> {
  const client = yield* builtin('ws_server_accept', server);
  return yield* echo(client);
}

export interface RawHandshake {
  readonly peer: RawPeer;
  /** The head of Sentra's answer. */
  readonly answer: string;
}

/** Opens a WebSocket by hand. */
export async function openRaw(port: number, extensions?: string): Promise<RawHandshake> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.write(
    [
      'GET / HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
      '',
      '',
    ].join('\r\n'),
  );
  const { head, rest } = await readHead(socket);
  assert.match(head, /^HTTP\/1\.1 101 /);
  // RFC 6455, section 1.3: the example's accept value.
  assert.match(head, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/i);
  return { peer: new RawPeer('client', socket, rest), answer: head };
}

export async function readHead(socket: net.Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const onData = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      socket.pause();
      resolve({ head: bytes.subarray(0, end + 4).toString('latin1'), rest: bytes.subarray(end + 4) });
    };
    socket.on('data', onData);
    socket.resume();
    socket.once('error', reject);
    socket.once('end', () => reject(new Error(`ended after ${bytes.toString('latin1')}`)));
  }).then((result) => {
    socket.resume();
    return result as { head: string; rest: Buffer };
  });
}

async function echoClient(settings: Record<string, Value>, extensions?: string): Promise<Pair> {
  const { peer, task, close } = await rawServerFor(settings, extensions);
  return {
    peer,
    done: async () => {
      peer.socket.destroy();
      await run(() => join(task));
      await close();
    },
  };
}

/** A raw server, and Sentra's client connected to it as an echo. */
async function rawServerFor(settings: Record<string, Value>, extensions?: string) {
  const server = net.createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const arrived = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const task = spawn(function* () {
    const connection = yield* builtin('ws_connect', `ws://127.0.0.1:${port}/`, options(settings));
    return yield* echo(connection);
  });
  const socket = (await arrived).setNoDelay();
  const { head } = await readHead(socket);
  const key = /\r\nSec-WebSocket-Key: (\S+)\r\n/i.exec(head)![1]!;
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptFor(key)}`,
      ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
      '',
      '',
    ].join('\r\n'),
  );
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { peer: new RawPeer('server', socket, Buffer.alloc(0)), task, close };
}

export function acceptFor(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
