/** Lines of an access log. What came from outside is escaped, so that nobody can put a line of their own into it. */

export interface Access {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly remoteHost: string;
  readonly method: string;
  readonly target: string;
  /** "1.1" */
  readonly version: string;
  readonly status: number;
  /** Bytes of the answer's body; null where it is not known. */
  readonly bytes: number | null;
  readonly elapsedMs: number;
  readonly referer: string;
  readonly userAgent: string;
}

export type AccessFormat = 'common' | 'combined' | 'json';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line without its end. */
export function accessLine(format: AccessFormat, access: Access): string {
  if (format === 'json') {
    const { time, remoteHost, method, target, version, status, bytes, elapsedMs, referer, userAgent } = access;
    const entry = {
      time: new Date(time).toISOString(),
      remote_host: remoteHost,
      method,
      url: target,
      http_version: version,
      status,
      bytes,
      elapsed_ms: Math.round(elapsedMs * 1000) / 1000,
      referer,
      user_agent: userAgent,
    };
    return JSON.stringify(entry);
  }
  const { method, target, version } = access;
  const line = `${access.remoteHost || '-'} - - [${commonDate(access.time)}] "${escaped(`${method} ${target} HTTP/${version}`)}" ${access.status} ${access.bytes ?? '-'}`;
  return format === 'common'
    ? line
    : `${line} "${escaped(access.referer) || '-'}" "${escaped(access.userAgent) || '-'}"`;
}

/** "10/Oct/2000:13:55:36 +0000" */
function commonDate(time: number): string {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]!}/${date.getUTCFullYear()}`;
  return `${day}:${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** Quotes, backslashes and all that is no printable ASCII as Apache's log has it: \xhh. */
function escaped(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/gu, (char) => {
    if (char === '"' || char === '\\') return '\\' + char;
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
