/**
 * One lookup from the name to its records: the names to ask for, aliases that lead on, and what the answers of the
 * servers mean. `query.ts` gets these answers.
 */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import { Wait } from '../../runtime/park';
import { resume } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import type { DnsRecord } from '../../wire/dns/message';
import { sameName } from '../../wire/dns/names';
import { rcodeName } from '../../wire/dns/numbers';
import type { Failure } from '../failure';
import { tap } from '../events';
import { askPermission } from '../permissions';
import { Reported } from '../reported';
import { resolverConfiguration } from './configuration';
import type { Nameserver } from './configuration';
import { NXDOMAIN, Query } from './query';
import type { Asking, Outcome } from './query';

export interface LookupOptions {
  /** Null asks those of the system. */
  readonly server: Nameserver | null;
  /** For the whole. */
  readonly timeoutMs: number;
  readonly tcp: boolean;
}

export interface RecordType {
  /** "MX", "TYPE1234" */
  readonly name: string;
  readonly number: number;
}

/** Aliases that are followed from one server's answer to another question. */
const MAX_ALIASES = 8;

const NONE: readonly DnsRecord[] = [];

/** What a lookup is to give. */
export interface Wanted<T> {
  /** For an answer that is nothing but these; null where whole records are wanted. */
  readonly ofAddresses: ((addresses: string[]) => T) | null;
  /** `records` are those of the type, `answer` all of it, with the aliases that led to them. */
  readonly ofRecords: (records: readonly DnsRecord[], answer: readonly DnsRecord[]) => T;
}

/**
 * Looks up the records of a type. None is no error. Errors: ENOTFOUND for a name that does not exist, ESERVFAIL,
 * EREFUSED, ETIMEDOUT, ELOOP for aliases that lead in a circle, ECONNREFUSED where nobody answers.
 */
export function lookUp<T>(
  builtin: string,
  name: string,
  type: RecordType,
  options: LookupOptions,
  wanted: Wanted<T>,
): Steps<T> {
  const { server, tcp } = options;
  askPermission(builtin, 'lookup', name);
  if (server !== null) askPermission(builtin, tcp ? 'connect' : 'datagram', server.text);
  return new Lookup(builtin, name, type, options, wanted).steps();
}

/** A look-up that takes no question: permitted and reported as the others. */
export function knownLocally(builtin: string, name: string): void {
  askPermission(builtin, 'lookup', name);
  if (tap.on !== null) new Reported('lookup', 'dns', { host: name, port: null }).closed();
}

/** The names to ask for: short ones with the suffixes of the system first (resolv.conf(5)). */
function candidates(name: string): string[] {
  if (name.endsWith('.')) return [name];
  const { search, ndots } = resolverConfiguration();
  const dots = name.split('.').length - 1;
  return dots < ndots ? [...search.map((suffix) => `${name}.${suffix}`), name] : [name];
}

/** A task's wait for the records of a name. */
class Lookup<T> extends Wait<T> implements Asking {
  readonly external = true;
  readonly servers: readonly Nameserver[];
  readonly tcp: boolean;
  readonly type: string;
  readonly typeNumber: number;
  readonly addressesDo: boolean;
  readonly timeoutMs: number;
  readonly end: number;
  private query: Query;
  /** Names to go on with where the present one does not exist. */
  private readonly others: string[] | null;
  /** All that was answered about the present name. */
  private answer: DnsRecord[] = [];
  private aliases = 0;
  private addresses: string[] | null = null;
  private records: readonly DnsRecord[] = NONE;
  private failure: (() => ErrorValue) | null = null;

  constructor(
    readonly builtin: string,
    /** As the program wrote it. */
    readonly name: string,
    { name: type, number }: RecordType,
    options: LookupOptions,
    private readonly wanted: Wanted<T>,
  ) {
    super();
    this.servers = options.server === null ? resolverConfiguration().servers : [options.server];
    this.tcp = options.tcp;
    this.type = type;
    this.typeNumber = number;
    this.addressesDo = wanted.ofAddresses !== null;
    this.timeoutMs = options.timeoutMs;
    const now = performance.now();
    this.end = now + options.timeoutMs;
    // With a server of its own the name is taken as it is.
    this.others = options.server === null ? candidates(name) : null;
    this.query = new Query(this.others?.shift() ?? name, this, now);
  }

  abandon(): void {
    this.query.stop();
  }

  describe(): string {
    return `for the ${this.type} records of ${this.name}`;
  }

  found(addresses: string[]): void {
    this.addresses = addresses;
    resume(this.task, null);
  }

  ended(outcome: Outcome): void {
    const { server } = outcome;
    if (outcome.kind === 'failure') return this.fail(() => noAnswer(this, outcome.failure, server));
    const { rcode, recursionAvailable, answers } = outcome.message;
    this.answer.push(...answers);
    const { answer, type } = this;
    const { name } = this.query;
    const end = endOfAliases(type, name, answer);
    // A server that went round the circle itself may say no more than that it failed.
    if (end === null) return this.fail(() => aliasLoop(this));
    if (rcode !== 0 && rcode !== NXDOMAIN) return this.fail(() => refused(this, rcode, server));
    const records = answer.filter((record) => sameName(record.name, end) && (type === 'ANY' || record.type === type));
    if (records.length > 0) return this.succeed(records);
    if (rcode === NXDOMAIN) return this.nextName();
    // A server that does not look further itself has told where to go on; one that does has told all.
    if (sameName(end, name) || recursionAvailable) return this.succeed(records);
    if (++this.aliases >= MAX_ALIASES) return this.fail(() => aliasLoop(this));
    this.query = new Query(end, this, performance.now());
  }

  private nextName(): void {
    const next = this.others?.shift();
    if (next === undefined) return this.fail(() => notFound(this));
    this.answer = [];
    this.aliases = 0;
    this.query = new Query(next, this, performance.now());
  }

  private succeed(records: readonly DnsRecord[]): void {
    this.records = records;
    resume(this.task, null);
  }

  /** The error is made in the task, where its stack shows the program. */
  private fail(makeError: () => ErrorValue): void {
    this.failure = makeError;
    resume(this.task, null);
  }

  override result(): T {
    if (this.failure !== null) throw this.failure();
    const { wanted, addresses } = this;
    return addresses === null ? wanted.ofRecords(this.records, this.answer) : wanted.ofAddresses!(addresses);
  }
}

/** Where the aliases lead from a name; null for a circle. */
function endOfAliases(type: string, name: string, answer: readonly DnsRecord[]): string | null {
  if (type === 'CNAME' || type === 'ANY') return name;
  if (!answer.some((record) => record.type === 'CNAME')) return name;
  const seen = new Set<string>();
  let at = name;
  for (;;) {
    const key = at.toLowerCase();
    if (seen.has(key)) return null;
    seen.add(key);
    const here = at;
    const alias = answer.find((record) => record.type === 'CNAME' && sameName(record.name, here));
    if (alias?.data.kind !== 'name') return at;
    at = alias.data.name;
  }
}

function lookupError(lookup: Lookup<unknown>, code: string, words: string, hint?: string): ErrorValue {
  return fault(code, `${lookup.builtin}: ${words} (${code})`, {
    function: lookup.builtin,
    fields: { host: lookup.name, type: lookup.type },
    ...(hint === undefined ? {} : { hint }),
  });
}

function notFound(lookup: Lookup<unknown>): ErrorValue {
  return lookupError(lookup, 'ENOTFOUND', `the name '${lookup.name}' does not exist`, 'is it spelt right?');
}

function aliasLoop(lookup: Lookup<unknown>): ErrorValue {
  return lookupError(lookup, 'ELOOP', `the aliases of '${lookup.name}' lead in a circle or are too many`);
}

function where(server: Nameserver): string {
  return `the name server ${server.text}`;
}

function refused(lookup: Lookup<unknown>, rcode: number, server: Nameserver): ErrorValue {
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

function noAnswer(lookup: Lookup<unknown>, failure: Failure, server: Nameserver): ErrorValue {
  const seconds = lookup.timeoutMs / 1000;
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
    case 'ENETUNREACH':
    case 'EHOSTUNREACH': {
      const hint = 'is this machine online, and is its name server right?';
      return lookupError(lookup, failure.code, `${where(server)} cannot be asked: there is no way to it`, hint);
    }
    case 'EBADRESP':
      return lookupError(lookup, 'ESERVFAIL', `the answer of ${where(server)} is broken: ${failure.message}`);
    default:
      return lookupError(lookup, failure.code, `${where(server)} cannot be asked: ${failure.message || failure.code}`);
  }
}
