/**
 * Questions to name servers over UDP, and their answers. Queries that are under way at the same time share a
 * socket, as opening one costs more than all the rest of a query.
 *
 * Always: an answer is taken only from the server that was asked (the socket is connected to it), with the random
 * number and the question of a query that waits for it. Whatever else arrives is ignored. A socket, and so a port,
 * is used for a bounded number of queries: whoever wants to forge an answer has to guess both (RFC 5452).
 */
import { decodeMessage } from '../../wire/dns/message';
import { plainAddresses, writeQuery } from '../../wire/dns/query';
import { reportBytes, reportClosed, tap } from '../events';
import type { Failure } from '../failure';
import { answers, Channel, randomNumber, UDP_BYTES } from './asked';
import type { Asker, Sent } from './asked';
import type { Nameserver } from './configuration';
import { MAX_ANSWER_BYTES, openDatagrams } from './datagrams';
import type { DatagramSocket, DatagramUser } from './datagrams';

/** Queries for which one socket, and so one source port, is used. */
const MAX_QUERIES = 200;

class UdpQuery implements Sent {
  constructor(
    private readonly exchange: UdpExchange,
    readonly id: number,
    readonly asker: Asker,
    /** The size of answers that are offered to be taken (RFC 6891); 0 for a server from before that. */
    readonly udpBytes: number,
  ) {}

  forget(): void {
    this.exchange.forget(this);
  }
}

class UdpExchange implements DatagramUser {
  private readonly channel: Channel;
  /** Opened for the first queries, when their number is known. */
  private socket: DatagramSocket | null = null;
  private readonly waiting = new Map<number, UdpQuery>();
  /** Sent together once the tasks have had their turn: the name server then works without being woken for each. */
  private unsent: UdpQuery[] = [];
  private queries = 0;
  private closed = false;
  private closing = false;

  constructor(readonly server: Nameserver) {
    this.channel = new Channel(server, 'udp');
  }

  get isUsable(): boolean {
    return !this.closed && this.queries < MAX_QUERIES;
  }

  ask(asker: Asker, edns: boolean): Sent {
    this.queries++;
    let id = randomNumber();
    while (this.waiting.has(id)) id = randomNumber();
    const query = new UdpQuery(this, id, asker, edns ? UDP_BYTES : 0);
    this.waiting.set(id, query);
    if (this.unsent.push(query) === 1) setImmediate(flush, this);
    return query;
  }

  writable(): void {
    if (this.closed || this.unsent.length === 0) return;
    this.socket ??= openDatagrams(this.server, this, this.unsent.length);
    const went = this.socket.send(this.unsent.length);
    this.unsent = went === this.unsent.length ? [] : this.unsent.slice(went);
  }

  write(index: number, into: Uint8Array): number {
    const { id, asker, udpBytes } = this.unsent[index]!;
    const length = writeQuery(into, id, asker.name, asker.typeNumber, udpBytes);
    if (tap.on !== null) reportBytes(this.channel, 'out', into.subarray(0, length), null, this.channel.opened);
    return length;
  }

  arrived(bytes: Uint8Array, length: number): void {
    if (tap.on !== null) reportBytes(this.channel, 'in', bytes.subarray(0, length), null, this.channel.opened);
    const query = this.waiting.get((bytes[0]! << 8) | bytes[1]!);
    if (query === undefined || length < 2) return;
    const { asker } = query;
    const isWhole = length < MAX_ANSWER_BYTES;
    const addresses = asker.addressesDo && isWhole ? plainAddresses(bytes, length, asker.name, asker.typeNumber) : null;
    if (addresses !== null) {
      this.forget(query);
      asker.found(addresses);
      return;
    }
    // A copy: parts of the message are kept, and the memory is used again.
    const message = decodeMessage(Uint8Array.prototype.slice.call(bytes, 0, length));
    if (message === null || !answers(message, asker)) return;
    this.forget(query);
    asker.answered(isWhole ? message : { ...message, truncated: true }, this.server);
  }

  failed(failure: Failure): void {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.close();
    for (const { asker } of all) asker.failed(failure, this.server);
  }

  forget(query: UdpQuery): void {
    if (this.waiting.get(query.id) !== query) return;
    this.waiting.delete(query.id);
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
    if (exchanges.get(this.server.text) === this) exchanges.delete(this.server.text);
    if (latest === this) latest = null;
    this.socket?.close();
    if (tap.on !== null) reportClosed(this.channel, this.channel.opened);
  }
}

function flush(exchange: UdpExchange): void {
  exchange.writable();
}

/** The one to use for new queries, by server. */
const exchanges = new Map<string, UdpExchange>();

/** The one that was used last. */
let latest: UdpExchange | null = null;

/** `edns` offers to take long answers. */
export function askOverUdp(server: Nameserver, asker: Asker, edns: boolean): Sent {
  if (latest?.server === server && latest.isUsable) return latest.ask(asker, edns);
  let exchange = exchanges.get(server.text);
  if (exchange?.isUsable !== true) {
    exchange = new UdpExchange(server);
    exchanges.set(server.text, exchange);
  }
  latest = exchange;
  return exchange.ask(asker, edns);
}
