/**
 * One lookup from the question to the records: which servers to ask and when to ask again, answers that were cut,
 * aliases that lead on. What a server says is judged here; the bytes are `exchange.ts`'s affair.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Operation } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import type { DnsMessage, DnsRecord } from '../../wire/dns/message';
import { sameName } from '../../wire/dns/names';
import { rcodeName } from '../../wire/dns/numbers';
import { formatAddress } from '../net/address';
import type { Failure } from '../net/failures';
import { askPermission } from '../permissions';
import { resolverConfiguration } from './configuration';
import type { Nameserver } from './configuration';
import { askOverTcp, askOverUdp } from './exchange';
import type { Asker, Sent } from './exchange';

export interface LookupOptions {
  /** Null asks those of the system. */
  readonly server: Nameserver | null;
  /** For the whole. */
  readonly timeoutMs: number;
  readonly tcp: boolean;
}

/** How long to wait before the next try, as parts of the time for all of them; then the rest. */
const TRIES = [0.2, 0.4];
/** Aliases that are followed from one server's answer to another question. */
const MAX_ALIASES = 8;

const NXDOMAIN = 3;
const FORMERR = 1;
const NOTIMP = 4;

/** What the servers said to one question, or why they said nothing. */
type Outcome =
  | { readonly kind: 'message'; readonly message: DnsMessage; readonly server: Nameserver }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly server: Nameserver };

/** Asks one question of the servers in turn until one of them answers it. */
class Query implements Asker {
  private attempt = 0;
  private sent: Sent[] = [];
  private firstBad: Outcome | null = null;
  /** Servers that have said that they cannot answer. */
  private readonly bad = new Set<Nameserver>();
  /** Over TCP: those that have been asked. */
  private readonly asked = new Set<Nameserver>();
  private edns = true;
  /** Whichever comes first: the next try, or the end of the time. */
  private readonly timer = new Timeout(() => this.timeIsUp());
  readonly operation: Operation<Outcome>;

  constructor(
    readonly name: string,
    readonly type: string,
    private readonly servers: readonly Nameserver[],
    private readonly options: LookupOptions,
    private readonly deadline: number,
  ) {
    this.operation = new Operation(`for the ${type} records of ${name}`, () => this.stop());
    this.next();
  }

  private timeIsUp(): void {
    if (performance.now() >= this.deadline - 1) this.finish(this.outOfTime());
    else this.next();
  }

  /** Until the next try, if there is time for one. */
  private arm(waitMs: number): void {
    clearTimer(this.timer);
    setTimer(this.timer, Math.min(waitMs, this.deadline - performance.now()));
  }

  private outOfTime(): Outcome {
    return this.firstBad ?? { kind: 'failure', failure: { code: 'ETIMEDOUT', message: '' }, server: this.servers[0]! };
  }

  /** Asks the next server that has not refused, or the same one again. */
  private next(): void {
    const open = this.bad.size === 0 ? this.servers : this.servers.filter((server) => !this.bad.has(server));
    if (open.length === 0) return this.finish(this.firstBad!);
    const part = TRIES[this.attempt];
    if (this.options.tcp) {
      // A connection has its own repetitions; only another server is worth a second try.
      const unasked = open.find((server) => !this.asked.has(server));
      if (unasked === undefined) return this.arm(Infinity);
      this.asked.add(unasked);
      this.sent.push(askOverTcp(unasked, this));
    } else {
      this.sent.push(askOverUdp(open[this.attempt % open.length]!, this, this.edns));
    }
    this.attempt++;
    this.arm(part === undefined ? Infinity : part * this.options.timeoutMs);
  }

  answered(message: DnsMessage, server: Nameserver): void {
    if (message.truncated && !this.options.tcp) {
      this.arm(Infinity);
      this.sent.push(askOverTcp(server, this));
      return;
    }
    const { rcode } = message;
    if ((rcode === FORMERR || rcode === NOTIMP) && this.edns && !this.options.tcp) {
      // A server from before EDNS.
      this.edns = false;
      this.sent.push(askOverUdp(server, this, false));
      return;
    }
    if (message.problem !== null) {
      this.turnedDown({ kind: 'failure', failure: { code: 'EBADRESP', message: message.problem }, server }, server);
    } else if (rcode !== 0 && rcode !== NXDOMAIN) {
      this.turnedDown({ kind: 'message', message, server }, server);
    } else {
      this.finish({ kind: 'message', message, server });
    }
  }

  failed(failure: Failure, server: Nameserver): void {
    this.turnedDown({ kind: 'failure', failure, server }, server);
  }

  /** Another server may know better. */
  private turnedDown(outcome: Outcome, server: Nameserver): void {
    this.firstBad ??= outcome;
    this.bad.add(server);
    this.next();
  }

  private finish(outcome: Outcome): void {
    this.stop();
    this.operation.succeed(outcome);
  }

  private stop(): void {
    clearTimer(this.timer);
    for (const sent of this.sent) sent.forget();
    this.sent = [];
  }
}

/** What a lookup gave: the records of the type, and all of the answer with the aliases that led there. */
export interface Found {
  readonly records: readonly DnsRecord[];
  readonly answer: readonly DnsRecord[];
}

/** The names to ask for: short ones with the suffixes of the system first (resolv.conf(5)). */
function candidates(name: string, options: LookupOptions): string[] {
  if (options.server !== null || name.endsWith('.')) return [name];
  const { search, ndots } = resolverConfiguration();
  const dots = name.split('.').length - 1;
  return dots < ndots ? [...search.map((suffix) => `${name}.${suffix}`), name] : [name];
}

/**
 * Looks up the records of a type. None is no error. Errors: ENOTFOUND for a name that does not exist, ESERVFAIL,
 * EREFUSED, ETIMEDOUT, ELOOP for aliases that lead in a circle, ECONNREFUSED where nobody answers.
 */
export function* lookUp(builtin: string, name: string, type: string, options: LookupOptions): Steps<Found> {
  askPermission(builtin, 'lookup', name);
  const servers = options.server === null ? resolverConfiguration().servers : [options.server];
  if (options.server !== null) {
    askPermission(
      builtin,
      options.tcp ? 'connect' : 'datagram',
      formatAddress(options.server.host, options.server.port),
    );
  }
  const lookup = { builtin, name, type, options, servers, deadline: performance.now() + options.timeoutMs };
  const names = candidates(name, options);
  for (const candidate of names) {
    const found = yield* follow(lookup, candidate);
    if (found !== null) return found;
  }
  throw notFound(lookup);
}

interface Lookup {
  readonly builtin: string;
  /** As the program wrote it. */
  readonly name: string;
  readonly type: string;
  readonly options: LookupOptions;
  readonly servers: readonly Nameserver[];
  readonly deadline: number;
}

/** The records of one name, also behind aliases. Null where it does not exist. */
function* follow(lookup: Lookup, first: string): Steps<Found | null> {
  const { type } = lookup;
  const answer: DnsRecord[] = [];
  let name = first;
  for (let step = 0; step < MAX_ALIASES; step++) {
    const query = new Query(name, type, lookup.servers, lookup.options, lookup.deadline);
    const outcome = yield* query.operation.wait();
    if (outcome.kind === 'failure') throw noAnswer(lookup, outcome.failure, outcome.server);
    const { message, server } = outcome;
    answer.push(...message.answers);
    const end = endOfAliases(lookup, name, answer);
    if (message.rcode !== 0 && message.rcode !== NXDOMAIN) throw refused(lookup, message.rcode, server);
    const records = answer.filter((record) => sameName(record.name, end) && (type === 'ANY' || record.type === type));
    if (records.length > 0) return { records, answer };
    if (message.rcode === NXDOMAIN) return null;
    // A server that does not look further itself has told where to go on; one that does has told all.
    if (sameName(end, name) || message.recursionAvailable) return { records, answer };
    name = end;
  }
  throw aliasLoop(lookup);
}

/** Where the aliases lead from a name. Errors: ELOOP. */
function endOfAliases(lookup: Lookup, name: string, answer: readonly DnsRecord[]): string {
  if (lookup.type === 'CNAME' || lookup.type === 'ANY') return name;
  if (!answer.some((record) => record.type === 'CNAME')) return name;
  const seen = new Set<string>();
  let at = name;
  for (;;) {
    const key = at.toLowerCase();
    if (seen.has(key)) throw aliasLoop(lookup);
    seen.add(key);
    const here = at;
    const alias = answer.find((record) => record.type === 'CNAME' && sameName(record.name, here));
    if (alias?.data.kind !== 'name') return at;
    at = alias.data.name;
  }
}

function lookupError(lookup: Lookup, code: string, words: string, hint?: string): ErrorValue {
  return fault(code, `${lookup.builtin}: ${words} (${code})`, {
    function: lookup.builtin,
    fields: { host: lookup.name, type: lookup.type },
    ...(hint === undefined ? {} : { hint }),
  });
}

function notFound(lookup: Lookup): ErrorValue {
  return lookupError(lookup, 'ENOTFOUND', `the name '${lookup.name}' does not exist`, 'is it spelt right?');
}

function aliasLoop(lookup: Lookup): ErrorValue {
  return lookupError(lookup, 'ELOOP', `the aliases of '${lookup.name}' lead in a circle or are too many`);
}

function where(server: Nameserver): string {
  return `the name server ${formatAddress(server.host, server.port)}`;
}

function refused(lookup: Lookup, rcode: number, server: Nameserver): ErrorValue {
  const name = rcodeName(rcode);
  switch (name) {
    case 'REFUSED':
      return lookupError(
        lookup,
        'EREFUSED',
        `${where(server)} refuses to look up '${lookup.name}'`,
        'it may serve only its own names or its own network; ask another one with the option "server"',
      );
    case 'SERVFAIL':
      return lookupError(
        lookup,
        'ESERVFAIL',
        `${where(server)} failed to look up '${lookup.name}'`,
        'the servers of that name do not answer it, or its signatures (DNSSEC) are wrong',
      );
    default:
      return lookupError(lookup, 'ESERVFAIL', `${where(server)} answers '${lookup.name}' with the error ${name}`);
  }
}

function noAnswer(lookup: Lookup, failure: Failure, server: Nameserver): ErrorValue {
  const seconds = lookup.options.timeoutMs / 1000;
  switch (failure.code) {
    case 'ETIMEDOUT':
      return lookupError(
        lookup,
        'ETIMEDOUT',
        `no answer for '${lookup.name}' from ${where(server)} after ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
        'is this machine online, and is its name server right?',
      );
    case 'ECONNREFUSED':
      return lookupError(lookup, 'ECONNREFUSED', `${where(server)} cannot be asked: nothing is listening there`);
    case 'EBADRESP':
      return lookupError(lookup, 'ESERVFAIL', `the answer of ${where(server)} is broken: ${failure.message}`);
    default:
      return lookupError(lookup, failure.code, `${where(server)} cannot be asked: ${failure.message || failure.code}`);
  }
}
