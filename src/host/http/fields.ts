/**
 * Header fields that a program wants to send. None leaves that was not looked at: neither CR, LF and NUL nor the
 * fields by which messages are told apart come from a program.
 */
import { describe } from '../../runtime/describe-value';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';
import type { MapValue, Value } from '../../runtime/values';
import { inspect, str } from '../../runtime/values';
import { badCharacter, isToken } from '../../wire/http/header-text';
import { latin1OfText } from './latin1';

export const NO_FIELDS: readonly string[] = [];

/** Fields that say where a message ends and what becomes of the connection: not the program's affair. */
export const RESPONSE_OWN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'trailer',
  'te',
]);
/** The same for requests; `content-length` is worked out. */
export const REQUEST_OWN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'trailer',
  'te',
  'expect',
  'proxy-connection',
]);

/** The fields of a program's map, looked at. Errors: EHEADER. */
export function checkedFields(builtin: string, headers: MapValue | null, own: ReadonlySet<string>): readonly string[] {
  if (headers === null || headers.size === 0) return NO_FIELDS;
  const fields: string[] = [];
  for (const [name, value] of headers.entries()) {
    if (!isToken(name)) throw badHeader(builtin, `${inspect(name)} cannot be the name of a header`);
    if (own.has(name.toLowerCase())) {
      throw badHeader(builtin, `the header ${name} cannot be set: what it says follows from how the message is sent`);
    }
    for (const each of Array.isArray(value) ? value : [value]) fields.push(name, checkedValue(builtin, name, each));
  }
  return fields.length > 2 ? withoutRepeats(fields) : fields;
}

function checkedValue(builtin: string, name: string, value: Value): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw badHeader(
      builtin,
      `the header ${name} must be a string, a number or an array of strings, got ${describe(value)}`,
    );
  }
  const text = str(value);
  const bad = badCharacter(text);
  if (bad !== null) throw badHeader(builtin, `the header ${name} holds ${bad}, which cannot be sent`);
  return latin1OfText(text);
}

function badHeader(builtin: string, why: string): ErrorValue {
  return fault('EHEADER', `${builtin}: ${why} (EHEADER)`, { function: builtin });
}

/** Of a name in several spellings the last counts, except for cookies. */
function withoutRepeats(fields: string[]): string[] {
  const last = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) last.set(fields[i]!.toLowerCase(), fields[i]!);
  return fields.filter((_field, i) => last.get(fields[i & ~1]!.toLowerCase()) === fields[i & ~1]!);
}
