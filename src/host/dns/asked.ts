/** A question to a name server as those who carry it and those who judge the answer share it. */
import { opening, reportOpened, tap } from '../events';
import type { Address, Opening, Subject } from '../events';
import type { Failure } from '../failure';
import { newHandle } from '../handle-names';
import { node } from '../node';
import type { DnsMessage } from '../../wire/dns/message';
import { sameName } from '../../wire/dns/names';
import type { Nameserver } from './configuration';

/** What fits into a packet on nearly every path (DNS Flag Day 2020). */
export const UDP_BYTES = 1232;

/** What is asked. */
export interface Asked {
  readonly name: string;
  readonly type: string;
  readonly typeNumber: number;
}

/** Told how one query ended, at most once. */
export interface Asker extends Asked {
  /** Nothing but the addresses is wanted of an answer that has nothing else. */
  readonly addressesDo: boolean;
  /** A whole answer without an error that consists of these. */
  found(addresses: string[]): void;
  answered(message: DnsMessage, server: Nameserver): void;
  failed(failure: Failure, server: Nameserver): void;
}

/** A query that waits for its answer. */
export interface Sent {
  /** Nobody wants the answer any more. */
  forget(): void;
}

/** An answer to this query and no other (RFC 5452, section 9.1). */
export function answers(message: DnsMessage, asked: Asked): boolean {
  if (!message.response || message.opcode !== 0) return false;
  const [question] = message.questions;
  // A server that cannot read a question may answer without it.
  if (question === undefined) return message.rcode !== 0 && message.answers.length === 0;
  return question.type === asked.type && question.class === 'IN' && sameName(question.name, asked.name);
}

let numbers = new Uint16Array(0);
let nextNumber = 0;

/** A number that nobody can guess. Made in stock: one by one they cost as much as the rest of a query. */
export function randomNumber(): number {
  if (nextNumber === numbers.length) {
    numbers = node.crypto.randomFillSync(new Uint16Array(256));
    nextNumber = 0;
  }
  return numbers[nextNumber++]!;
}

/** A socket to a name server, in the stream of events. */
export class Channel implements Subject {
  readonly protocol: 'udp' | 'tcp';
  readonly role = 'socket';
  readonly handle: string;
  readonly local: Address | null = null;
  readonly remote: Address;
  readonly opened: Opening;

  constructor(server: Nameserver, protocol: 'udp' | 'tcp') {
    this.protocol = protocol;
    this.remote = { host: server.host, port: server.port };
    this.handle = newHandle('dns', server.text);
    this.opened = opening();
    if (tap.on !== null) reportOpened(this, null, this.opened);
  }
}
