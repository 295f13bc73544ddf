/**
 * What was asked for and offered, each kind with how often: names, servers of TLS, requests of HTTP. What is kept apart
 * is bounded; all of it is counted.
 */
import type { DnsMessage } from '../dns/message';
import type { HttpHead } from '../packet/http-head';
import type { Hello } from '../packet/tls-hello';
import { versionName } from '../packet/tls-hello';
import type { SessionEvent } from './rule';

const MAX_NAMES = 100_000;
const MAX_REQUESTS = 100_000;
/** Handshakes of which only the client's half was seen. */
const MAX_HELLOS = 20_000;

/** A name that was asked for. */
export interface AskedName {
  readonly name: string;
  readonly type: string;
  queries: number;
  answers: number;
  failures: number;
}

export interface TlsServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly ja4: string;
  version: string;
  connections: number;
}

export interface HttpRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly client: string;
  readonly server: string;
  readonly port: number;
  requests: number;
}

export class Seen {
  readonly names = new Map<string, AskedName>();
  readonly tlsServers = new Map<string, TlsServer>();
  readonly httpRequests = new Map<string, HttpRequest>();
  /** Also those that are not kept apart. */
  requests = 0;
  /** By connection. */
  private readonly hellos = new Map<string, TlsServer>();

  /** `recent`: the request before it on its connection, which is often the same and then needs no look-up. */
  request(
    head: HttpHead,
    { source, target, targetPort }: SessionEvent,
    recent: HttpRequest | null,
  ): HttpRequest | null {
    this.requests++;
    const host = head.header('host') ?? '';
    const method = head.method!;
    const path = head.target;
    if (recent?.path === path && recent.host === host && recent.method === method) {
      recent.requests++;
      return recent;
    }
    const key = `${source} ${target} ${targetPort} ${method} ${host} ${path}`;
    let found = this.httpRequests.get(key);
    if (found === undefined) {
      if (this.httpRequests.size >= MAX_REQUESTS) return null;
      found = { method, host, path, client: source, server: target, port: targetPort, requests: 0 };
      this.httpRequests.set(key, found);
    }
    found.requests++;
    return found;
  }

  /** `key` stands for the connection. */
  hello(hello: Hello, key: string, event: SessionEvent): void {
    const { client, server } = hello;
    if (client !== null) {
      const name = `${client.serverName} ${event.target} ${event.targetPort} ${client.ja4}`;
      let found = this.tlsServers.get(name);
      if (found === undefined && this.tlsServers.size < MAX_NAMES) {
        found = { name: client.serverName, address: event.target, port: event.targetPort, ja4: client.ja4, version: '', connections: 0 }; // prettier-ignore
        this.tlsServers.set(name, found);
      }
      if (found === undefined) return;
      found.connections++;
      if (this.hellos.size >= MAX_HELLOS) this.hellos.delete(this.hellos.keys().next().value!);
      this.hellos.set(key, found);
    } else if (server !== null) {
      const found = this.hellos.get(key);
      if (found !== undefined) found.version = versionName(server.version);
      this.hellos.delete(key);
    }
  }

  message(message: DnsMessage, protocol: string): void {
    for (const { name, type } of message.questions) {
      const key = `${protocol} ${type} ${name}`;
      let found = this.names.get(key);
      if (found === undefined) {
        if (this.names.size >= MAX_NAMES) break;
        this.names.set(key, (found = { name, type, queries: 0, answers: 0, failures: 0 }));
      }
      if (!message.response) found.queries++;
      else if (message.rcode === 0) found.answers++;
      else found.failures++;
    }
  }
}
