/** From a host as a program names it to addresses, the way the system does it: /etc/hosts, then name servers. */
import type * as Dns from 'node:dns';
import { operation } from '../../runtime/scheduler';
import type { Steps } from '../../runtime/task';
import { node } from '../node';
import { tap } from '../events';
import { askPermission } from '../permissions';
import { Reported } from '../reported';
import { familyOf } from './address';
import { failureOf, networkError } from './failures';
import type { Attempt, Failure } from './failures';

export interface Resolved {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The addresses of a host in the order in which to try them; at least one. Errors: ENOTFOUND, EAI_AGAIN. */
export function* addressesOf(attempt: Attempt, host: string): Steps<readonly Resolved[]> {
  const family = familyOf(host);
  if (family !== 0) return [{ address: host, family }];
  askPermission(attempt.builtin, 'lookup', host);
  return yield* operation<readonly Resolved[]>(`for the address of ${host}`, (succeed, fail) => {
    lookUp(host, succeed, (failure) => fail(() => networkError(attempt, failure)));
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
  node.dns.lookup(host, { all: true, verbatim: true }, (error, addresses: readonly Dns.LookupAddress[]) => {
    if (error !== null) seen?.failed(error);
    seen?.closed();
    if (error !== null) failed(failureOf(error));
    else if (addresses.length === 0) failed({ code: 'ENOTFOUND', message: 'no address' });
    else found(alternate(addresses.map(({ address, family: kind }) => ({ address, family: kind === 6 ? 6 : 4 }))));
  });
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
