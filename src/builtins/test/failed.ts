/** How an assertion fails: the function, what the program says it was about, and what was wrong. */
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import type { Value } from '../../runtime/values';
import { string } from '../types';

/** The last parameter of all assertions. */
export const messageParam = {
  name: 'message',
  type: string,
  about: 'What it is about: stands in front of the failure',
  optional: true,
} as const;

export const EASSERT = 'It does not hold';

export function failed(
  builtin: string,
  message: string | null,
  what: string,
  fields: Readonly<Record<string, Value>>,
): ErrorValue {
  const about = message === null ? '' : `${message}: `;
  return fault('EASSERT', `${builtin}: ${about}${what}`, { function: builtin, fields });
}
