/**
 * Names and values of HTTP header fields (RFC 9110, section 5): what may stand in them, and how a name is shown.
 */

/** Written otherwise than with a capital at the start of each word. */
const CUSTOMARY: Readonly<Record<string, string>> = {
  etag: 'ETag',
  te: 'TE',
  dnt: 'DNT',
  dpr: 'DPR',
  'www-authenticate': 'WWW-Authenticate',
  'content-md5': 'Content-MD5',
  'x-xss-protection': 'X-XSS-Protection',
  'x-request-id': 'X-Request-ID',
  'sec-websocket-key': 'Sec-WebSocket-Key',
  'sec-websocket-accept': 'Sec-WebSocket-Accept',
  'sec-websocket-version': 'Sec-WebSocket-Version',
  'sec-websocket-protocol': 'Sec-WebSocket-Protocol',
  'sec-websocket-extensions': 'Sec-WebSocket-Extensions',
  'sec-ch-ua': 'Sec-CH-UA',
  'sec-gpc': 'Sec-GPC',
  'http2-settings': 'HTTP2-Settings',
};

const MAX_CACHED_NAMES = 4096;
const MAX_CACHED_LENGTH = 64;
const canonical = new Map<string, string>();

/** "content-type" to "Content-Type": a capital at the start of each word, except where custom has it otherwise. */
export function canonicalName(name: string): string {
  let result = canonical.get(name);
  if (result !== undefined) return result;
  const lower = name.toLowerCase();
  result = Object.hasOwn(CUSTOMARY, lower)
    ? CUSTOMARY[lower]!
    : lower.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase());
  if (name.length <= MAX_CACHED_LENGTH) {
    if (canonical.size >= MAX_CACHED_NAMES) canonical.clear();
    canonical.set(name, result);
  }
  return result;
}

/** A token (RFC 9110, section 5.6.2): names of fields and methods. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** What may never stand in a value: control characters except the tab. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

export function isFieldValue(text: string): boolean {
  return !CONTROL.test(text);
}

/** The first character of a value that may not stand there, in words. */
export function badCharacter(text: string): string | null {
  const found = CONTROL.exec(text)?.[0];
  if (found === undefined) return null;
  switch (found) {
    case '\r':
      return 'a carriage return (CR)';
    case '\n':
      return 'a line feed (LF)';
    case '\0':
      return 'a NUL';
    default:
      return `the control character 0x${found.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
}

/** The value of a Host field (RFC 9112, section 3.2): a name, an IPv4 or a bracketed IPv6 address, and a port. */
const HOST =
  /^(?:[A-Za-z0-9\-._~%!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+\])(?::\d{0,5})?$/;

export function isHostField(value: string): boolean {
  return HOST.test(value);
}

/** The media type of a Content-Type, in lower case and without its parameters. */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/** Elements of a comma-separated list (RFC 9110, section 5.6.1), in lower case. */
export function listElements(value: string): string[] {
  return value
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
}
