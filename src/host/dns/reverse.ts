/** The names of addresses, for lists of hosts: asked all at once, and left out where nobody answers soon. */
import { Operation } from '../../runtime/operation';
import type { Steps } from '../../runtime/task';
import { node } from '../node';
import { askPermission } from '../permissions';
import { Reported } from '../reported';
import { resolverConfiguration } from './configuration';

/** Null for an address without a name, and where the name servers are silent. */
export function reverseNames(
  builtin: string,
  addresses: readonly string[],
  timeoutMs: number,
): Steps<ReadonlyMap<string, string | null>> {
  for (const address of addresses) askPermission(builtin, 'lookup', address);
  const resolver = new node.dns.Resolver({ timeout: Math.max(1, Math.round(timeoutMs)), tries: 1 });
  const names = new Map<string, string | null>();
  let left = addresses.length;
  const operation = new Operation<ReadonlyMap<string, string | null>>('for the names of addresses', () =>
    resolver.cancel(),
  );
  if (left === 0 || resolverConfiguration().servers.length === 0) operation.succeed(names);
  for (const address of addresses) {
    const seen = new Reported('lookup', 'dns', { host: address, port: null });
    resolver.reverse(address.split('%')[0]!, (error, found) => {
      if (error !== null) seen.failed(error);
      seen.closed();
      names.set(address, error === null ? (found[0] ?? null) : null);
      if (--left === 0) operation.succeed(names);
    });
  }
  return operation.wait();
}
