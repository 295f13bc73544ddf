/** From a host as a program names it to addresses, the way the system does it: /etc/hosts, then name servers. */
import type * as Dns from 'node:dns';
import { operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { clearTimer, setTimer, Timeout } from '../../runtime/timers';
import { node } from '../node';
import { tap } from '../events';
import { askPermission } from '../permissions';
import { libc } from '../native/libc';
import { leaveBy } from '../process';
import { Reported } from '../reported';
import { familyOf } from './address';
import { failureOf } from '../failure';
import { networkError } from './failures';
import type { Failure } from '../failure';
import type { Attempt } from './failures';

export interface Resolved {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * The addresses of a host in the order in which to try them; at least one. `deadline` is a time of the monotonic clock.
 * Errors: ENOTFOUND, EAI_AGAIN, ETIMEDOUT.
 */
export function* addressesOf(attempt: Attempt, host: string, deadline = Infinity): Steps<readonly Resolved[]> {
  const family = familyOf(host);
  if (family !== 0) return [{ address: host, family }];
  askPermission(attempt.builtin, 'lookup', host);
  return yield* operation<readonly Resolved[]>(`for the address of ${host}`, (succeed, fail) => {
    const failed = (failure: Failure): void => fail(() => networkError(attempt, failure));
    const limit = new Timeout(() => failed({ code: 'ETIMEDOUT', message: '', isLookup: true }));
    if (deadline !== Infinity) setTimer(limit, deadline - performance.now());
    const ended = (): void => clearTimer(limit);
    lookUp(
      host,
      (addresses) => {
        ended();
        succeed(addresses);
      },
      (failure) => {
        ended();
        failed(failure);
      },
    );
    return ended;
  });
}

/** The same for whoever waits in no task, and has asked for permission. One of the two is called. */
export function lookUp(
  host: string,
  found: (addresses: readonly Resolved[]) => void,
  failed: (failure: Failure) => void,
): void {
  const family = familyOf(host);
  if (family !== 0) {
    found([{ address: host, family }]);
    return;
  }
  const seen = tap.on === null ? null : new Reported('lookup', 'dns', { host, port: null });
  begun();
  node.dns.lookup(host, { all: true, verbatim: true }, (error, addresses: readonly Dns.LookupAddress[]) => {
    underWay--;
    if (error !== null) seen?.failed(error);
    seen?.closed();
    if (error !== null) failed(reasonOf(failureOf(error)));
    else if (addresses.length === 0) failed({ code: 'ENOTFOUND', message: 'no address' });
    else found(alternate(addresses.map(({ address, family: kind }) => ({ address, family: kind === 6 ? 6 : 4 }))));
  });
}

/** Without a descriptor for /etc/hosts and the name servers, the resolver says that there is no such name. */
function reasonOf(failure: Failure): Failure {
  if (failure.code !== 'ENOTFOUND') return failure;
  try {
    node.fs.closeSync(node.fs.openSync('/dev/null', 'r'));
  } catch (error) {
    const real = failureOf(error);
    if (real.code === 'EMFILE' || real.code === 'ENFILE') return real;
  }
  return failure;
}

let underWay = 0;
let isWatched = false;

function begun(): void {
  underWay++;
  if (isWatched) return;
  isWatched = true;
  leaveBy((status) => {
    if (underWay > 0) leaveAtOnce(status);
  });
}

/** The usual end of the process waits for lookups under way, which nothing can stop: silent servers hold it up for long. */
function leaveAtOnce(status: number): void {
  try {
    libc('exit', 'ending while a name is looked up').leave(status);
  } catch {
    // Then it waits.
  }
}

/** The two families in turn, beginning with that of the first address (RFC 8305, section 4). */
function alternate(addresses: readonly Resolved[]): Resolved[] {
  const firstFamily = addresses[0]!.family;
  const one = addresses.filter(({ family }) => family === firstFamily);
  const other = addresses.filter(({ family }) => family !== firstFamily);
  const result: Resolved[] = [];
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    if (i < one.length) result.push(one[i]!);
    if (i < other.length) result.push(other[i]!);
  }
  return result;
}
