/**
 * What reads the streams of TCP connections: HTTP/1 messages, the hello of TLS, DNS messages, and the lines that a
 * client sends to a mail or file server. Each keeps no more than one head or message.
 */
import type { HttpHead } from '../packet/http-head';
import { decodeWholeHead, headEnd } from '../packet/http-head';
import type { Hello } from '../packet/tls-hello';
import { helloOf } from '../packet/tls-hello';
import type { StreamReader } from './stream';

const MAX_HEAD = 65536;
const MAX_HELLO = 65536;
const MAX_LINE = 1024;
/** Credentials come at the beginning of a session. */
const MAX_SESSION = 16384;

/** Gathers bytes up to a bound. */
class Gathered {
  bytes = new Uint8Array(0);
  length = 0;

  add(bytes: Uint8Array, start: number, end: number, most: number): boolean {
    const count = end - start;
    if (this.length + count > most) return false;
    if (this.length + count > this.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count, 512));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(bytes.subarray(start, end), this.length);
    this.length += count;
    return true;
  }

  clear(): void {
    this.length = 0;
  }
}

/** What both directions of an HTTP connection have to know of each other. */
export class HttpExchange {
  /** Methods of requests that wait for their response. */
  readonly methods: string[] = [];
}

const MAX_PIPELINED = 64;

/** The heads of one direction; bodies are passed over. */
export class HttpReader implements StreamReader {
  done = false;
  private readonly head = new Gathered();
  /** Bytes of the body still to come; Infinity up to the end of the connection; -1 where chunks follow. */
  private body = 0;
  private chunkLine = '';
  /** Inside of a chunk: its bytes and the line end behind it. */
  private chunk = 0;
  private trailer = false;

  constructor(
    private readonly exchange: HttpExchange,
    private readonly found: (head: HttpHead, time: number) => void,
  ) {}

  data(bytes: Uint8Array, start: number, end: number, time: number): void {
    let at = start;
    while (at < end && !this.done) {
      if (this.body === Infinity) return;
      if (this.body > 0) {
        const taken = Math.min(this.body, end - at);
        this.body -= taken;
        at += taken;
      } else if (this.body < 0) {
        at = this.chunked(bytes, at, end);
      } else {
        at = this.readHead(bytes, at, end, time);
      }
    }
  }

  gap(count: number, time: number): void {
    if (this.body > 0) {
      // Of a body whose length is known nothing is missed.
      if (count <= this.body) {
        this.body -= count;
        return;
      }
    } else if (this.body < 0 && this.chunk >= count) {
      this.chunk -= count;
      return;
    }
    // The snap length has cut a head: what there is of it is told.
    const cut = this.head.length === 0 ? null : decodeWholeHead(this.head.bytes, 0, this.head.length, true);
    this.head.clear();
    this.body = 0;
    this.chunk = 0;
    this.chunkLine = '';
    if (cut === null) return;
    this.found(cut, time);
    if (cut.method !== null && this.exchange.methods.length < MAX_PIPELINED) this.exchange.methods.push(cut.method);
    if (cut.method === null) this.exchange.methods.shift();
  }

  private readHead(bytes: Uint8Array, start: number, end: number, time: number): number {
    let at = start;
    // Empty lines before a request are passed over (RFC 9112, section 2.2).
    while (this.head.length === 0 && at < end && (bytes[at] === 0x0d || bytes[at] === 0x0a)) at++;
    if (at >= end) return end;
    let source = bytes;
    let from = at;
    let to = end;
    const before = this.head.length;
    if (before > 0) {
      if (!this.head.add(bytes, at, end, MAX_HEAD)) {
        this.done = true;
        return end;
      }
      source = this.head.bytes;
      from = 0;
      to = this.head.length;
    }
    const limit = headEnd(source, from, to);
    if (limit < 0) {
      if (before === 0 && !this.head.add(bytes, at, end, MAX_HEAD)) this.done = true;
      return end;
    }
    const head = decodeWholeHead(source, from, limit);
    this.head.clear();
    const used = before > 0 ? at + (limit - before) : limit;
    if (head === null) {
      // No message begins here: the next packet may bring one.
      return end;
    }
    this.found(head, time);
    this.expectBody(head);
    return used;
  }

  private expectBody(head: HttpHead): void {
    const encoding = head.header('transfer-encoding')?.toLowerCase() ?? '';
    const length = Number(head.header('content-length') ?? NaN);
    if (head.method !== null) {
      if (this.exchange.methods.length < MAX_PIPELINED) this.exchange.methods.push(head.method);
      if (head.method === 'CONNECT' || head.header('upgrade')?.toLowerCase() === 'websocket') this.done = true;
      else if (encoding.includes('chunked')) this.beginChunks();
      else this.body = length > 0 ? length : 0;
      return;
    }
    const status = head.status!;
    if (status >= 100 && status < 200) {
      if (status === 101) this.done = true;
      return;
    }
    const method = this.exchange.methods.shift() ?? 'GET';
    if (method === 'HEAD' || status === 204 || status === 304) return;
    if (method === 'CONNECT') this.done = true;
    else if (encoding.includes('chunked')) this.beginChunks();
    else this.body = Number.isNaN(length) ? Infinity : length > 0 ? length : 0;
  }

  private beginChunks(): void {
    this.body = -1;
    this.chunk = 0;
    this.chunkLine = '';
    this.trailer = false;
  }

  private chunked(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.chunk > 0) {
      const taken = Math.min(this.chunk, end - at);
      this.chunk -= taken;
      return at + taken;
    }
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte !== 0x0a) {
        if (this.chunkLine.length > MAX_LINE) {
          this.done = true;
          return end;
        }
        this.chunkLine += String.fromCharCode(byte);
        continue;
      }
      const line = this.chunkLine.trim();
      this.chunkLine = '';
      if (this.trailer) {
        if (line === '') this.body = 0;
        if (this.body === 0) return at + 1;
        continue;
      }
      const size = /^[0-9a-f]{1,8}/i.exec(line);
      if (size === null) {
        this.body = 0;
        return at + 1;
      }
      if (Number.parseInt(size[0], 16) === 0) {
        this.trailer = true;
        continue;
      }
      this.chunk = Number.parseInt(size[0], 16) + 2;
      return at + 1;
    }
    return at;
  }
}

/** The first hello of one direction. */
export class HelloReader implements StreamReader {
  done = false;
  private readonly gathered = new Gathered();

  constructor(private readonly found: (hello: Hello, time: number) => void) {}

  data(bytes: Uint8Array, start: number, end: number, time: number): void {
    if (this.done) return;
    if (!this.gathered.add(bytes, start, end, MAX_HELLO)) {
      this.done = true;
      return;
    }
    const hello = helloOf(this.gathered.bytes, 0, this.gathered.length);
    if (hello === 'more') return;
    this.done = true;
    if (hello !== null) this.found(hello, time);
  }

  gap(): void {
    this.done = true;
  }
}

/** DNS over TCP: each message behind its length (RFC 1035, section 4.2.2). */
export class DnsReader implements StreamReader {
  done = false;
  private readonly gathered = new Gathered();

  constructor(private readonly found: (bytes: Uint8Array, start: number, end: number, time: number) => void) {}

  data(bytes: Uint8Array, start: number, end: number, time: number): void {
    if (this.done) return;
    // A message and its length are 65537 bytes at most; what follows is added piece by piece.
    let at = start;
    while (at < end) {
      const taken = Math.min(end - at, 65536);
      if (!this.gathered.add(bytes, at, at + taken, 4 * 65536)) {
        this.done = true;
        return;
      }
      at += taken;
      this.messages(time);
    }
  }

  private messages(time: number): void {
    const { gathered } = this;
    let at = 0;
    while (at + 2 <= gathered.length) {
      const length = (gathered.bytes[at]! << 8) | gathered.bytes[at + 1]!;
      if (at + 2 + length > gathered.length) break;
      if (length >= 12) this.found(gathered.bytes, at + 2, at + 2 + length, time);
      at += 2 + length;
    }
    if (at === 0) return;
    gathered.bytes.copyWithin(0, at, gathered.length);
    gathered.length -= at;
  }

  gap(): void {
    this.done = true;
  }
}

/** The lines at the beginning of a session, as text. */
export class LineReader implements StreamReader {
  done = false;
  private line = '';
  private seen = 0;

  /** `found` gives false when it wants no more. */
  constructor(private readonly found: (line: string, time: number) => boolean) {}

  data(bytes: Uint8Array, start: number, end: number, time: number): void {
    for (let i = start; i < end && !this.done; i++) {
      if (++this.seen > MAX_SESSION) {
        this.done = true;
        return;
      }
      if (bytes[i] !== 0x0a) {
        if (this.line.length < MAX_LINE) this.line += String.fromCharCode(bytes[i]!);
        continue;
      }
      const line = this.line.replace(/\r$/, '');
      this.line = '';
      if (!this.found(line, time)) this.done = true;
    }
  }

  gap(): void {
    this.line = '';
  }
}
