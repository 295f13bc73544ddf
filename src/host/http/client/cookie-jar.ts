/** The cookies of a session (RFC 6265): kept from answers, sent with the requests that they are for. */
import { familyOf } from '../../net/address';
import { cookieApplies, parseSetCookie } from '../../../wire/http/cookie';
import type { Cookie, RequestPlace } from '../../../wire/http/cookie';
import type { Place } from './place';

/** As browsers have it; beyond it the oldest goes. */
const MAX_PER_DOMAIN = 180;
const MAX_COOKIES = 3000;

export class CookieJar {
  /** By name, domain and path, in the order in which they were first set. */
  private readonly cookies = new Map<string, Cookie>();

  /** Keeps what a Set-Cookie field sets. */
  store(field: string, place: Place): void {
    const now = Date.now();
    const cookie = parseSetCookie(field, requestPlace(place), familyOf(place.host) !== 0, now);
    if (cookie === null) return;
    const key = `${cookie.name}\0${cookie.domain}\0${cookie.path}`;
    if (cookie.expires !== null && cookie.expires <= now) {
      this.cookies.delete(key);
      return;
    }
    this.cookies.set(key, cookie);
    this.bound(cookie.domain);
  }

  private bound(domain: string): void {
    const same = [...this.cookies].filter(([, cookie]) => cookie.domain === domain);
    if (same.length > MAX_PER_DOMAIN) this.cookies.delete(same[0]![0]);
    else if (this.cookies.size > MAX_COOKIES) this.cookies.delete(this.cookies.keys().next().value!);
  }

  /** The Cookie field for a request, null for none. Longer paths first (section 5.4). */
  field(place: Place): string | null {
    const now = Date.now();
    const at = requestPlace(place);
    const isAddress = familyOf(place.host) !== 0;
    const fitting = [...this.cookies.values()].filter((cookie) => cookieApplies(cookie, at, isAddress, now));
    if (fitting.length === 0) return null;
    fitting.sort((a, b) => b.path.length - a.path.length);
    return fitting.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  all(): readonly Cookie[] {
    const now = Date.now();
    return [...this.cookies.values()].filter(({ expires }) => expires === null || expires > now);
  }

  clear(): void {
    this.cookies.clear();
  }
}

function requestPlace({ host, path, secure }: Place): RequestPlace {
  return { host: host.toLowerCase(), path, secure };
}
