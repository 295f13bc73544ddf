/** Cookies (RFC 6265): the Cookie field of a request, and the Set-Cookie field of a response as browsers read it. */

/** Names and values of a Cookie field, in order. A value in quotes is given without them. */
export function parseCookieField(field: string): [name: string, value: string][] {
  const cookies: [string, string][] = [];
  for (const part of field.split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const name = part.slice(0, at).trim();
    const value = part.slice(at + 1).trim();
    if (name === '') continue;
    cookies.push([name, value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value]);
  }
  return cookies;
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Without a leading dot, in lower case. */
  readonly domain: string;
  /** Sent to that host alone, not to hosts below it. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: string | null;
  /** Milliseconds since 1970; null until the session ends. */
  readonly expires: number | null;
}

export interface RequestPlace {
  /** In lower case, without a port. */
  readonly host: string;
  /** Begins with "/", without a query. */
  readonly path: string;
  readonly secure: boolean;
}

const MAX_COOKIE = 4096;

/**
 * The cookie that a Set-Cookie field from `place` sets (section 5.3), null where it is to be ignored: no name, too
 * long, or for a domain that the host does not belong to. `isAddress`: the host is an address, which has no domains.
 */
export function parseSetCookie(field: string, place: RequestPlace, isAddress: boolean, now: number): Cookie | null {
  if (field.length > MAX_COOKIE) return null;
  const [pair, ...attributes] = field.split(';');
  const at = pair!.indexOf('=');
  const name = at < 0 ? '' : pair!.slice(0, at).trim();
  const value = at < 0 ? '' : pair!.slice(at + 1).trim();
  // eslint-disable-next-line no-control-regex -- control characters make a cookie invalid
  if (name === '' || /[\x00-\x08\x0a-\x1f\x7f]/.test(name + value)) return null;
  let domain = place.host;
  let hostOnly = true;
  let path = defaultPath(place.path);
  let secure = false;
  let httpOnly = false;
  let sameSite: string | null = null;
  let expires: number | null = null;
  let maxAge: number | null = null;
  for (const attribute of attributes) {
    const equals = attribute.indexOf('=');
    const key = (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase();
    const text = equals < 0 ? '' : attribute.slice(equals + 1).trim();
    switch (key) {
      case 'domain': {
        const wanted = text.replace(/^\./, '').toLowerCase();
        if (wanted === '') break;
        if (!domainMatches(place.host, wanted, isAddress) || isPublicSuffix(wanted, place.host)) return null;
        domain = wanted;
        hostOnly = wanted === place.host && isAddress;
        break;
      }
      case 'path':
        if (text.startsWith('/')) path = text;
        break;
      case 'secure':
        secure = true;
        break;
      case 'httponly':
        httpOnly = true;
        break;
      case 'samesite':
        sameSite = text;
        break;
      case 'max-age':
        if (/^-?\d+$/.test(text)) maxAge = Number(text);
        break;
      case 'expires': {
        const date = Date.parse(text.replace(/(\d)-(\w{3})-(\d)/, '$1 $2 $3'));
        if (!Number.isNaN(date)) expires = date;
        break;
      }
      default:
    }
  }
  // A cookie that is for secure connections alone cannot come over another (RFC 6265bis).
  if (secure && !place.secure) return null;
  if (name.startsWith('__Host-') && !(secure && hostOnly && path === '/')) return null;
  if (name.startsWith('__Secure-') && !secure) return null;
  if (maxAge !== null) expires = maxAge <= 0 ? 0 : now + maxAge * 1000;
  return { name, value, domain, hostOnly, path, secure, httpOnly, sameSite, expires };
}

/** A single label ("com") would be sent to everybody below it. */
function isPublicSuffix(domain: string, host: string): boolean {
  return !domain.includes('.') && domain !== host;
}

function domainMatches(host: string, domain: string, isAddress: boolean): boolean {
  return host === domain || (!isAddress && host.endsWith('.' + domain));
}

/** Section 5.1.4: up to the last slash of the request's path. */
function defaultPath(path: string): string {
  const end = path.lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

/** Whether a cookie is sent with a request (section 5.4). */
export function cookieApplies(cookie: Cookie, place: RequestPlace, isAddress: boolean, now: number): boolean {
  if (cookie.expires !== null && cookie.expires <= now) return false;
  if (cookie.secure && !place.secure) return false;
  const hostFits = cookie.hostOnly ? place.host === cookie.domain : domainMatches(place.host, cookie.domain, isAddress);
  if (!hostFits) return false;
  if (place.path === cookie.path) return true;
  return place.path.startsWith(cookie.path) && (cookie.path.endsWith('/') || place.path[cookie.path.length] === '/');
}
