/**
 * Questions to one name server and its answers: over UDP, with one socket for those that are under way at the
 * same time, and over TCP.
 *
 * Always: an answer is taken only from the server that was asked (the socket is connected to it), with the
 * random number and the question of a query that waits for it. Whatever else arrives is ignored. A socket is
 * used for a bounded number of queries, so that its port is no better known than the number.
 */
import type * as Dgram from 'node:dgram';
import { decodeMessage, encodeQuery } from '../../wire/dns/message';
import type { DnsMessage } from '../../wire/dns/message';
import { sameName } from '../../wire/dns/names';
import { opening, reportBytes, reportClosed, reportOpened, tap } from '../events';
import type { Address, Opening, Subject } from '../events';
import { familyOf, formatAddress } from '../net/address';
import { failureOf } from '../net/failures';
import type { Failure } from '../net/failures';
import { newHandle } from '../net/handles';
import { node } from '../node';
import type { Nameserver } from './configuration';

/** Queries for which one socket, and so one source port, is used. */
const MAX_QUERIES = 200;
/** What fits into a packet on nearly every path (DNS Flag Day 2020). */
const UDP_BYTES = 1232;

/** What is asked. */
export interface Asked {
  readonly name: string;
  readonly type: string;
}

/** Told how one query ended, at most once. */
export interface Asker extends Asked {
  answered(message: DnsMessage, server: Nameserver): void;
  failed(failure: Failure, server: Nameserver): void;
}

/** An answer to this query and no other. */
function answers(message: DnsMessage | null, id: number, asked: Asked): message is DnsMessage {
  if (message === null || message.id !== id || !message.response || message.opcode !== 0) return false;
  const [question] = message.questions;
  // A server that cannot read a question may answer without it.
  if (question === undefined) return message.rcode !== 0 && message.answers.length === 0;
  return question.type === asked.type && question.class === 'IN' && sameName(question.name, asked.name);
}

class Channel implements Subject {
  readonly protocol: 'udp' | 'tcp';
  readonly role = 'socket';
  readonly handle: string;
  readonly local: Address | null = null;
  readonly remote: Address;
  readonly opened: Opening;

  constructor(server: Nameserver, protocol: 'udp' | 'tcp') {
    this.protocol = protocol;
    this.remote = server;
    this.handle = newHandle('dns', formatAddress(server.host, server.port));
    this.opened = opening();
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }
}

/** A query that waits for its answer. */
export interface Sent {
  /** Nobody wants the answer any more. */
  forget(): void;
}

class UdpExchange {
  private readonly socket: Dgram.Socket;
  private readonly channel: Channel;
  private readonly waiting = new Map<number, Asker>();
  /** Sent together once the tasks have had their turn: the name server then works without being woken for each. */
  private unsent: Uint8Array[] = [];
  private connected = false;
  private queries = 0;
  private closed = false;
  private closing = false;

  constructor(readonly server: Nameserver) {
    this.channel = new Channel(server, 'udp');
    this.socket = node.dgram.createSocket({
      type: familyOf(server.host) === 6 ? 'udp6' : 'udp4',
      lookup: (address, _options, done) => done(null, address, familyOf(address)),
    });
    this.socket.on('message', (bytes) => this.arrived(bytes));
    this.socket.on('error', (error) => this.failed(failureOf(error)));
    this.socket.connect(server.port, server.host, () => {
      this.connected = true;
      this.flush();
    });
  }

  get isUsable(): boolean {
    return !this.closed && this.queries < MAX_QUERIES;
  }

  send(asker: Asker, edns: boolean): Sent {
    this.queries++;
    const id = this.unusedId();
    this.waiting.set(id, asker);
    const bytes = encodeQuery(id, asker.name, asker.type, edns ? UDP_BYTES : 0);
    if (this.unsent.push(bytes) === 1 && this.connected) setImmediate(() => this.flush());
    return { forget: () => this.forget(id, asker) };
  }

  private unusedId(): number {
    for (;;) {
      const id = node.crypto.randomInt(0x10000);
      if (!this.waiting.has(id)) return id;
    }
  }

  private flush(): void {
    const unsent = this.unsent;
    this.unsent = [];
    for (const bytes of unsent) this.transmit(bytes);
  }

  private transmit(bytes: Uint8Array): void {
    if (this.closed) return;
    if (tap.on !== null) reportBytes(this.channel, 'out', bytes, null, this.channel.opened);
    this.socket.send(bytes);
  }

  private arrived(bytes: Buffer): void {
    if (tap.on !== null) reportBytes(this.channel, 'in', bytes, null, this.channel.opened);
    const message = decodeMessage(bytes);
    const asker = message === null ? undefined : this.waiting.get(message.id);
    if (asker === undefined || !answers(message, message!.id, asker)) return;
    this.forget(message.id, asker);
    asker.answered(message, this.server);
  }

  /** Nobody listens there, or there is no way: that holds for all that wait. */
  private failed(failure: Failure): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.close();
    for (const asker of all) asker.failed(failure, this.server);
  }

  private forget(id: number, asker: Asker): void {
    if (this.waiting.get(id) !== asker) return;
    this.waiting.delete(id);
    if (this.waiting.size > 0 || this.closing) return;
    // The task that was answered may ask again at once.
    this.closing = true;
    setImmediate(() => {
      this.closing = false;
      if (this.waiting.size === 0) this.close();
    });
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    if (exchanges.get(keyOf(this.server)) === this) exchanges.delete(keyOf(this.server));
    this.socket.close();
    if (tap.on !== null) reportClosed(this.channel, this.channel.opened);
  }
}

/** The one to use for new queries, by server. */
const exchanges = new Map<string, UdpExchange>();

/** The one that was used last. */
let latest: UdpExchange | null = null;

function keyOf({ host, port }: Nameserver): string {
  return `${host} ${port}`;
}

/** Sends a query over UDP. `edns` offers to take long answers (RFC 6891). */
export function askOverUdp(server: Nameserver, asker: Asker, edns: boolean): Sent {
  if (latest?.server === server && latest.isUsable) return latest.send(asker, edns);
  const key = keyOf(server);
  let exchange = exchanges.get(key);
  if (exchange?.isUsable !== true) {
    exchange = new UdpExchange(server);
    exchanges.set(key, exchange);
  }
  latest = exchange;
  return exchange.send(asker, edns);
}

/** Sends a query over a TCP connection of its own (RFC 7766). */
export function askOverTcp(server: Nameserver, asker: Asker): Sent {
  const id = node.crypto.randomInt(0x10000);
  const channel = new Channel(server, 'tcp');
  const socket = node.net.connect({ host: server.host, port: server.port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let over = false;
  const end = (): void => {
    over = true;
    socket.destroy();
    if (tap.on !== null) reportClosed(channel, channel.opened);
  };
  const fail = (failure: Failure): void => {
    if (over) return;
    end();
    asker.failed(failure, server);
  };
  socket.on('connect', () => {
    const query = encodeQuery(id, asker.name, asker.type, UDP_BYTES);
    const framed = Buffer.concat([Uint8Array.of(query.length >> 8, query.length & 0xff), query]);
    if (tap.on !== null) reportBytes(channel, 'out', framed, null, channel.opened);
    socket.write(framed);
  });
  socket.on('data', (piece: Buffer) => {
    if (over) return;
    if (tap.on !== null) reportBytes(channel, 'in', piece, null, channel.opened);
    received = Buffer.concat([received, piece]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end_ = 2 + received.readUInt16BE(0);
      const message = decodeMessage(received, 2, end_);
      received = received.subarray(end_);
      if (!answers(message, id, asker)) continue;
      end();
      asker.answered(message, server);
      return;
    }
  });
  socket.on('error', (error) => fail(failureOf(error)));
  socket.on('close', () => fail({ code: 'ECONNRESET', message: '' }));
  return {
    forget: () => {
      if (!over) end();
    },
  };
}
