/**
 * One question to the servers in turn, until one of them answers it: when to ask again, and whom; answers that were
 * cut, servers that refuse. What the answer means is `resolve.ts`'s affair, how it travels that of `over-udp.ts` and
 * `over-tcp.ts`.
 *
 * Always: the user is told once, and never before the constructor has returned.
 */
import type { DnsMessage } from '../../wire/dns/message';
import type { Failure } from '../failure';
import type { Asker, Sent } from './asked';
import type { Nameserver } from './configuration';
import { askOverTcp } from './over-tcp';
import { askOverUdp } from './over-udp';
import { startWaiting, stopWaiting, Waiting } from './patience';

/** How long to wait before the next try, as parts of the time for all of them; then the rest. */
const FIRST_TRY = 0.2;
const TRIES = [FIRST_TRY, 0.4];

export const NXDOMAIN = 3;
const FORMERR = 1;
const NOTIMP = 4;

/** What a server said, or why it said nothing. */
export type Outcome =
  | { readonly kind: 'message'; readonly message: DnsMessage; readonly server: Nameserver }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly server: Nameserver };

/** How to ask, the same for all questions of a lookup. */
export interface Asking {
  readonly servers: readonly Nameserver[];
  readonly tcp: boolean;
  readonly typeNumber: number;
  readonly type: string;
  /** Nothing but the addresses is wanted of an answer that has nothing else. */
  readonly addressesDo: boolean;
  /** For the whole lookup, in milliseconds, and when that is over. */
  readonly timeoutMs: number;
  readonly end: number;
  found(addresses: string[]): void;
  ended(outcome: Outcome): void;
}

export class Query extends Waiting implements Asker {
  readonly type: string;
  readonly typeNumber: number;
  readonly addressesDo: boolean;
  private attempt = 0;
  /** Which of the servers was asked last. */
  private turn = -1;
  private sent: Sent | null = null;
  private sentBefore: Sent[] | null = null;
  private firstBad: Outcome | null = null;
  /** Servers that have said that they cannot answer. */
  private bad: Nameserver[] | null = null;
  private askedOverTcp: Nameserver[] | null = null;
  private edns = true;

  /** `now` on the monotonic clock. */
  constructor(
    readonly name: string,
    private readonly asking: Asking,
    now: number,
  ) {
    super();
    this.type = asking.type;
    this.typeNumber = asking.typeNumber;
    this.addressesDo = asking.addressesDo;
    if (asking.tcp) this.next(now);
    else this.begin(now);
  }

  /** The first try, nearly always the only one, without the search for whom to ask. */
  private begin(now: number): void {
    const { servers, timeoutMs, end } = this.asking;
    this.turn = 0;
    this.attempt = 1;
    this.sent = askOverUdp(servers[0]!, this, true);
    const waitMs = FIRST_TRY * timeoutMs;
    const left = end - now;
    startWaiting(this, now, waitMs < left ? waitMs : left);
  }

  override timeIsUp(): void {
    const now = performance.now();
    if (now >= this.asking.end - 1) this.finish(this.outOfTime());
    else this.next(now);
  }

  private outOfTime(): Outcome {
    const server = this.asking.servers[0]!;
    return this.firstBad ?? { kind: 'failure', failure: { code: 'ETIMEDOUT', message: '' }, server };
  }

  /** Until the next try, if there is time for one. */
  private arm(now: number, waitMs: number): void {
    stopWaiting(this);
    const left = this.asking.end - now;
    startWaiting(this, now, waitMs < left ? waitMs : left);
  }

  /** Asks the next server that has not refused, or the same one again. */
  private next(now: number): void {
    const { servers, tcp, timeoutMs } = this.asking;
    const { bad } = this;
    if (bad !== null && bad.length === servers.length) return this.finish(this.firstBad!);
    const part = TRIES[this.attempt];
    if (tcp) {
      // A connection has its own repetitions; only another server is worth a second try.
      const unasked = servers.find((server) => this.askedOverTcp?.includes(server) !== true);
      if (unasked === undefined) return this.arm(now, Infinity);
      this.connect(unasked);
    } else {
      do {
        this.turn = (this.turn + 1) % servers.length;
      } while (bad?.includes(servers[this.turn]!) === true);
      this.keep(askOverUdp(servers[this.turn]!, this, this.edns));
    }
    this.attempt++;
    this.arm(now, part === undefined ? Infinity : part * timeoutMs);
  }

  private connect(server: Nameserver): void {
    (this.askedOverTcp ??= []).push(server);
    this.keep(askOverTcp(server, this));
  }

  private keep(sent: Sent): void {
    if (this.sent !== null) (this.sentBefore ??= []).push(this.sent);
    this.sent = sent;
  }

  found(addresses: string[]): void {
    this.stop();
    this.asking.found(addresses);
  }

  answered(message: DnsMessage, server: Nameserver): void {
    // Over TCP nothing has to be cut: what is cut there is all there is.
    if (message.truncated && this.askedOverTcp?.includes(server) !== true) {
      this.arm(performance.now(), Infinity);
      this.connect(server);
      return;
    }
    const { rcode } = message;
    if ((rcode === FORMERR || rcode === NOTIMP) && this.edns && !this.asking.tcp) {
      // A server from before EDNS.
      this.edns = false;
      this.keep(askOverUdp(server, this, false));
      return;
    }
    if (message.problem !== null) {
      this.turnedDown({ kind: 'failure', failure: { code: 'EBADRESP', message: message.problem }, server });
    } else if (rcode !== 0 && rcode !== NXDOMAIN) {
      this.turnedDown({ kind: 'message', message, server });
    } else {
      this.finish({ kind: 'message', message, server });
    }
  }

  failed(failure: Failure, server: Nameserver): void {
    this.turnedDown({ kind: 'failure', failure, server });
  }

  /** Another server may know better. */
  private turnedDown(outcome: Outcome): void {
    this.firstBad ??= outcome;
    (this.bad ??= []).push(outcome.server);
    this.next(performance.now());
  }

  private finish(outcome: Outcome): void {
    this.stop();
    this.asking.ended(outcome);
  }

  /** Nobody wants the answer any more. */
  stop(): void {
    stopWaiting(this);
    this.sent?.forget();
    this.sent = null;
    if (this.sentBefore === null) return;
    for (const sent of this.sentBefore) sent.forget();
    this.sentBefore = null;
  }
}
