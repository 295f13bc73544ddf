/**
 * Looks at packets one after the other and tells at the end what they were: counted (counting.ts), with the names that
 * were asked for, the servers and requests that were seen, and the findings of the rules.
 *
 * Always: no packet, whatever its bytes, makes this throw, and what is kept is bounded.
 */
import { decodeMessage } from '../dns/message';
import { decodeDhcp } from '../packet/dhcp';
import { Layers } from '../packet/layers';
import { ACK, FIN, P, protocolName, RST, SYN } from '../packet/protocols';
import type { Hello } from '../packet/tls-hello';
import { QuicHellos } from '../quic/hellos';
import type { QuicCrypto } from '../quic/initial';
import { arpEvent, icmpEvent } from './control-messages';
import { Counting } from './counting';
import type { FlowTable } from './flows';
import { STREAM, word } from './flows';
import { Fragments } from './fragments';
import { DnsReader, HelloReader, HttpExchange, HttpReader, LineReader } from './readers';
import type { Finding, Rule, SessionEvent } from './rule';
import { allRules } from './rules';
import { Seen } from './seen';
import type { HttpRequest } from './seen';
import { Stream } from './stream';
import type { StreamReader } from './stream';
import { addressAt } from './totals';

/** Streams that are followed at once; beyond that the oldest are given up. */
const MAX_STREAMS = 20_000;
const MAX_FINDINGS = 1_000;
const LINE_PROTOCOLS: readonly number[] = [P.ftp, P.pop, P.imap, P.smtp];
const SERVER_PORTS: ReadonlySet<number> = new Set([21, 25, 110, 143, 587]);

export interface AnalysisOptions {
  /** False counts only: names, servers, requests and findings are left out. */
  readonly decode: boolean;
  /** Without it the beginnings of QUIC connections stay closed. */
  readonly quic?: QuicCrypto;
}

export class Analysis {
  readonly counting = new Counting();
  readonly layers = new Layers();
  readonly seen = new Seen();
  retransmitted = 0;
  private readonly rules: readonly Rule[];
  private readonly fragments = new Fragments();
  /** By table and place in it. */
  private streams4 = new Map<number, Stream>();
  private streams6 = new Map<number, Stream>();
  /** By both ends, client first. */
  private readonly exchanges = new Map<string, HttpExchange>();
  private readonly quicHellos: QuicHellos | null;

  constructor(private readonly options: AnalysisOptions = { decode: true }) {
    this.rules = options.decode ? allRules() : [];
    this.quicHellos = options.quic === undefined ? null : new QuicHellos(options.quic);
    this.counting.onClear = () => {
      for (const streams of [this.streams4, this.streams6]) {
        for (const stream of streams.values()) stream.end();
        streams.clear();
      }
    };
  }

  /** A packet; `time` in seconds since 1970. */
  add(bytes: Uint8Array, start: number, end: number, wireLength: number, linkType: number, time: number): void {
    const { layers, counting } = this;
    layers.find(bytes, start, end, wireLength, linkType);
    counting.add(layers, time);
    if (layers.isFragment && layers.ipCount > 0 && !layers.cut && layers.problem === 0) {
      this.reassemble(time);
      return;
    }
    counting.hierarchy.add(layers);
    if (this.options.decode) this.inspect(time);
  }

  /** A fragment. The one that completes its packet counts as what the whole is, as in tshark. */
  private reassemble(time: number): void {
    const { layers, counting } = this;
    const at = layers.ipAt[layers.ipCount - 1]!;
    const whole = this.fragments.add(
      this.fragmentKey(at),
      time,
      layers.fragmentOffset,
      layers.moreFragments,
      layers.bytes,
      layers.payloadAt,
      layers.payloadEnd,
    );
    if (whole === null) {
      counting.hierarchy.add(layers);
      return;
    }
    counting.noteHeader(layers);
    const { wireLength } = layers;
    layers.findReassembled(whole, whole.length, layers.ipCarries[layers.ipCount - 1]!);
    layers.wireLength = wireLength;
    counting.hierarchy.add(layers);
    counting.addReassembled(layers, time);
    if (this.options.decode) this.inspect(time);
  }

  private fragmentKey(at: number): string {
    const { bytes } = this.layers;
    const carries = this.layers.ipCarries[this.layers.ipCount - 1]!;
    if (bytes[at]! >> 4 === 4)
      return `${word(bytes, at + 12)} ${word(bytes, at + 16)} ${(bytes[at + 4]! << 8) | bytes[at + 5]!} ${carries}`;
    // The identification stands in the fragment header, right before the payload.
    let key = String(word(bytes, this.layers.payloadAt - 4));
    for (let i = 0; i < 8; i++) key += ` ${word(bytes, at + 8 + 4 * i)}`;
    return key;
  }

  private inspect(time: number): void {
    const { layers } = this;
    if (layers.problem !== 0) return;
    const last = layers.count === 0 ? -1 : layers.protocol[layers.count - 1]!;
    if (layers.transport === P.tcp) this.tcp(time);
    else if (layers.transport === P.udp) this.udp(time);
    else if (last === P.arp) {
      const event = arpEvent(layers, time);
      if (event !== null) for (const rule of this.rules) rule.arp?.(event);
    } else if (last === P.icmp || last === P.icmpv6) {
      const event = icmpEvent(layers, this.counting, last === P.icmp ? 4 : 6, time);
      if (event !== null) for (const rule of this.rules) rule.icmp?.(event);
    }
  }

  // ---------------------------------------------------------------- TCP

  private tcp(time: number): void {
    const { layers, counting } = this;
    if (counting.flow < 0) return;
    const flags = layers.tcpFlags;
    const { flowTable: table, flow } = counting;
    if ((flags & (SYN | RST | FIN)) !== 0 || (flags & ACK) === 0 || !this.isSettled(table, flow))
      this.tcpEvent(time, flags);
    if (layers.payloadLength > 0 && table.stream[flow] !== STREAM.ignored) this.segment(time, table, flow);
  }

  /** Whether the rules know already that the handshake was completed: bit 4 of `opening` says so. */
  private isSettled(table: FlowTable, flow: number): boolean {
    if ((table.opening[flow]! & 4) !== 0) return true;
    table.opening[flow]! |= 4;
    return false;
  }

  private tcpEvent(time: number, flags: number): void {
    const { layers, counting } = this;
    const { flowTable: table, flow } = counting;
    const event = {
      time,
      source: addressAt(table, flow, 0),
      target: addressAt(table, flow, 1),
      sourcePort: layers.sourcePort,
      targetPort: layers.destinationPort,
      flags,
      payload: layers.payloadLength,
    };
    for (const rule of this.rules) rule.tcp?.(event);
  }

  private segment(time: number, table: FlowTable, flow: number): void {
    const { layers } = this;
    const streams = table === this.counting.v4 ? this.streams4 : this.streams6;
    const sequence = word(layers.bytes, layers.transportAt + 4);
    let stream = streams.get(flow);
    if (stream !== undefined && (layers.tcpFlags & SYN) !== 0) {
      // The ports are used anew.
      stream.end();
      streams.delete(flow);
      stream = undefined;
    }
    // After STARTTLS, lines are followed by a handshake.
    if (stream?.reader instanceof LineReader && layers.application === P.tls) stream = undefined;
    if (stream === undefined) {
      const reader = this.readerFor(table, flow);
      if (reader === null) return;
      // Data in a SYN begins one behind its number.
      stream = new Stream((sequence + ((layers.tcpFlags & SYN) !== 0 ? 1 : 0)) | 0, reader);
      if (streams.size >= MAX_STREAMS) this.giveUpOldest(streams, table);
      streams.set(flow, stream);
      table.stream[flow] = STREAM.followed;
    }
    const from = (sequence + ((layers.tcpFlags & SYN) !== 0 ? 1 : 0)) | 0;
    const before = stream.retransmitted;
    stream.segment(from, layers.bytes, layers.payloadAt, layers.payloadEnd, layers.payloadLength, time);
    this.retransmitted += stream.retransmitted - before;
    if (stream.reader.done) {
      streams.delete(flow);
      table.stream[flow] = STREAM.ignored;
    }
  }

  private giveUpOldest(streams: Map<number, Stream>, table: FlowTable): void {
    const [oldest, stream] = streams.entries().next().value!;
    stream.end();
    streams.delete(oldest);
    table.stream[oldest] = STREAM.undecided;
  }

  /** What reads the stream that begins with this segment; null while nothing of interest is seen in it. */
  private readerFor(table: FlowTable, flow: number): StreamReader | null {
    const { layers } = this;
    const { application, sourcePort, destinationPort } = layers;
    if (application === P.http) return this.httpReader(table, flow);
    if (application === P.tls) {
      // 22: a handshake; anything else comes too late for a hello.
      if (layers.bytes[layers.payloadAt] !== 22) return null;
      return this.helloReader(table, flow);
    }
    if (application === P.dns) {
      const event = this.session(table, flow, destinationPort === 53);
      return new DnsReader((bytes, start, end, time) => this.dnsMessage(bytes, start, end, { ...event, time }, 'dns'));
    }
    if (LINE_PROTOCOLS.includes(application) && SERVER_PORTS.has(destinationPort) && !SERVER_PORTS.has(sourcePort)) {
      const event = this.session(table, flow, true);
      const protocol = protocolName(application);
      return new LineReader((line, time) => {
        for (const rule of this.rules) rule.line?.(protocol, line, { ...event, time });
        return true;
      });
    }
    return null;
  }

  /** Client and server of the flow; `isFromClient` tells which of them sends. */
  private session(table: FlowTable, flow: number, isFromClient: boolean): Omit<SessionEvent, 'time'> {
    const from = addressAt(table, flow, 0);
    const to = addressAt(table, flow, 1);
    return isFromClient
      ? { source: from, target: to, targetPort: this.layers.destinationPort }
      : { source: to, target: from, targetPort: this.layers.sourcePort };
  }

  private sessionKey(isFromClient: boolean, event: Omit<SessionEvent, 'time'>): string {
    const { sourcePort, destinationPort } = this.layers;
    return `${event.source} ${isFromClient ? sourcePort : destinationPort} ${event.target} ${event.targetPort}`;
  }

  private httpReader(table: FlowTable, flow: number): StreamReader {
    const { bytes, payloadAt } = this.layers;
    // "HTTP/" begins a response; no method has a slash there.
    const isFromClient = !(bytes[payloadAt] === 0x48 && bytes[payloadAt + 4] === 0x2f);
    const event = this.session(table, flow, isFromClient);
    const key = this.sessionKey(isFromClient, event);
    let exchange = this.exchanges.get(key);
    if (exchange === undefined) {
      if (this.exchanges.size >= MAX_STREAMS) this.exchanges.delete(this.exchanges.keys().next().value!);
      this.exchanges.set(key, (exchange = new HttpExchange()));
    }
    // One event for all messages of the connection: rules take from it what they need.
    const current = { ...event, time: 0 };
    let recent: HttpRequest | null = null;
    return new HttpReader(exchange, (head, time) => {
      current.time = time;
      if (head.method !== null) recent = this.seen.request(head, current, recent);
      for (const rule of this.rules) rule.http?.(head, current);
    });
  }

  private helloReader(table: FlowTable, flow: number): StreamReader {
    const { layers } = this;
    // Behind the header of the record: 1 a client's hello, 2 a server's.
    const isFromClient = layers.payloadAt + 5 >= layers.payloadEnd || layers.bytes[layers.payloadAt + 5] !== 2;
    const event = this.session(table, flow, isFromClient);
    const key = this.sessionKey(isFromClient, event);
    return new HelloReader((hello, time) => this.hello(hello, key, { ...event, time }));
  }

  private hello(hello: Hello, key: string, event: SessionEvent): void {
    for (const rule of this.rules) rule.hello?.(hello, event);
    this.seen.hello(hello, key, event);
  }

  // ---------------------------------------------------------------- UDP

  private udp(time: number): void {
    const { layers, counting } = this;
    const { application } = layers;
    if (application === 0 || counting.flow < 0) return;
    if (application === P.dns || application === P.mdns || application === P.llmnr) {
      const isQuery = layers.destinationPort === 53 || application !== P.dns;
      const event = { ...this.session(counting.flowTable, counting.flow, isQuery), time };
      this.dnsMessage(layers.bytes, layers.payloadAt, layers.payloadEnd, event, protocolName(application));
    } else if (application === P.quic) {
      // A long header; what has a short one shows nothing.
      if (this.quicHellos !== null && (layers.bytes[layers.payloadAt]! & 0xc0) === 0xc0)
        this.quic(this.quicHellos, time);
    } else if (application === P.dhcp) {
      const message = decodeDhcp(layers.bytes, layers.payloadAt, layers.payloadEnd);
      if (message === null) return;
      const event = { time, source: addressAt(counting.flowTable, counting.flow, 0), target: addressAt(counting.flowTable, counting.flow, 1) }; // prettier-ignore
      for (const rule of this.rules) rule.dhcp?.(message, event);
    }
  }

  private quic(hellos: QuicHellos, time: number): void {
    const { layers, counting } = this;
    const from = this.session(counting.flowTable, counting.flow, true);
    const source = `${from.source} ${layers.sourcePort}`;
    const target = `${from.target} ${layers.destinationPort}`;
    for (const hello of hellos.add(layers.bytes, layers.payloadAt, layers.payloadEnd, source, target)) {
      const isFromClient = hello.client !== null;
      const event = this.session(counting.flowTable, counting.flow, isFromClient);
      this.hello(hello, `quic ${this.sessionKey(isFromClient, event)}`, { ...event, time });
    }
  }

  private dnsMessage(bytes: Uint8Array, start: number, end: number, event: SessionEvent, protocol: string): void {
    const message = decodeMessage(bytes, start, end);
    if (message === null) return;
    this.seen.message(message, protocol);
    if (protocol !== 'dns') return;
    for (const rule of this.rules) rule.dns?.(message, event);
  }

  /** What the rules have found, the gravest first. */
  findings(): Finding[] {
    const order = { high: 0, medium: 1, low: 2 };
    return this.rules
      .flatMap((rule) => rule.finish())
      .sort((a, b) => order[a.severity] - order[b.severity] || a.first - b.first)
      .slice(0, MAX_FINDINGS);
  }
}
