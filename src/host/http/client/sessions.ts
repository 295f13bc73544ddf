/** The sessions of the program: cookie jars by id. */
import { describe } from '../../../runtime/describe-value';
import { fault } from '../../../runtime/errors';
import { MapValue } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { CookieJar } from './cookie-jar';

/** As long as the program has the map of a session, its jar lives; nothing else keeps it. */
const jars = new WeakMap<MapValue, CookieJar>();
let count = 0;

export function newSession(): MapValue {
  const session = MapValue.from({ id: `session#${++count}` });
  jars.set(session, new CookieJar());
  return session;
}

/** Null for a map that is none. */
export function jarOf(value: MapValue): CookieJar | null {
  return jars.get(value) ?? null;
}

/** Error: EBADF. */
export function sessionJar(builtin: string, session: Value): CookieJar {
  const jar = session instanceof MapValue ? jarOf(session) : null;
  if (jar !== null) return jar;
  throw fault('EBADF', `${builtin}: ${describe(session)} is no session (EBADF)`, {
    function: builtin,
    hint: 'http_session() makes one',
  });
}
