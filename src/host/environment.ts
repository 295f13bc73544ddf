/** The variables of the environment. */
import { atOnce } from './permissions';
import { givenVariable } from './thread-pool';

/** Null for one that is not set. */
export function env(name: string, builtin = 'env'): string | null {
  return atOnce(builtin, 'env', name, () => givenVariable(name) ?? null);
}
