/**
 * What a server says to a request that it does not serve, and which requests those are. Node's parser (llhttp in its
 * strict form) refuses most of what is no HTTP/1.1; the rest is looked at here: what Node lets through although
 * two readers could understand it differently.
 */
import type * as Http from 'node:http';
import { isHostField } from '../../../wire/http/header-text';
import { node } from '../../node';

export interface Refusal {
  readonly status: number;
  /** For the person at the other end: one sentence, nothing of what the program does. */
  readonly reason: string;
}

const refusals = {
  host: { status: 400, reason: 'HTTP/1.1 needs exactly one valid Host field' },
  target: { status: 400, reason: 'the request target is not valid' },
  length: { status: 400, reason: 'the length of the body is not clear' },
  version: { status: 505, reason: 'only HTTP/1.0 and HTTP/1.1 are spoken here' },
  coding: { status: 501, reason: 'the only transfer coding here is chunked' },
  method: { status: 501, reason: 'there is no such method in HTTP' },
  expectation: { status: 417, reason: 'the only expectation that is met here is 100-continue' },
} as const satisfies Record<string, Refusal>;

/** What is wrong with a request that Node's parser took, null for nothing. */
export function refusalOf(req: Http.IncomingMessage): Refusal | null {
  const minor = req.httpVersionMinor;
  if (req.httpVersionMajor !== 1 || minor > 1) return refusals.version;
  if (FOREIGN.has(req.method!)) return refusals.method;
  const raw = req.rawHeaders;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    // By length first: hardly any other name has these.
    if (name.length === 4) {
      if (name.toLowerCase() !== 'host') continue;
      if (++hosts > 1 || !isKnownHost(raw[i + 1]!)) return refusals.host;
    } else if (name.length === 17) {
      if (name.toLowerCase() !== 'transfer-encoding') continue;
      if (minor === 0) return refusals.length;
      if (raw[i + 1]!.toLowerCase() !== 'chunked') return refusals.coding;
    }
  }
  if (hosts === 0 && minor === 1) return refusals.host;
  const target = req.url!;
  if (target.charCodeAt(0) === 0x2f ? target.includes('#') : !isOtherTarget(req.method!, target)) {
    return refusals.target;
  }
  return null;
}

/** Methods of RTSP and ICE, which Node's parser reads too. */
const FOREIGN: ReadonlySet<string> = new Set([
  ...['DESCRIBE', 'ANNOUNCE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'GET_PARAMETER', 'SET_PARAMETER', 'REDIRECT'],
  ...['RECORD', 'FLUSH', 'SOURCE'],
]);

/** The last one that was valid: nearly all requests name the same. */
let lastHost = '';

function isKnownHost(value: string): boolean {
  if (value === lastHost) return true;
  if (!isHostField(value)) return false;
  lastHost = value;
  return true;
}

/** The absolute form (as proxies get it), or "*" for OPTIONS (RFC 9112, section 3.2). */
function isOtherTarget(method: string, target: string): boolean {
  if (target === '*') return method === 'OPTIONS';
  const [, authority] = /^https?:\/\/([^/?#]+)(?:[/?][^#]*)?$/i.exec(target) ?? [];
  return authority !== undefined && isHostField(authority);
}

export { refusals };

/** The answer to what Node's parser or its timers refuse; null where the peer is simply gone. */
export function refusalOfParser(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer; reason?: string },
): Refusal | null {
  const { code } = error;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return isLongTarget(error.rawPacket)
        ? { status: 414, reason: 'the request target is too long' }
        : { status: 431, reason: 'the header fields are too large' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, reason: 'the chunk extensions are too large' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, reason: 'the request did not come in time' };
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return /present/.test(error.reason ?? '') ? refusals.length : refusals.coding;
    case 'HPE_INVALID_VERSION':
      return /Invalid HTTP version/.test(error.reason ?? '')
        ? refusals.version
        : { status: 400, reason: 'the request line is not valid' };
    case 'HPE_PAUSED_H2_UPGRADE':
      return refusals.version;
    default:
      if (code === undefined || !code.startsWith('HPE_')) return null;
      // The peer's end came in the midst of a message.
      if (code === 'HPE_INVALID_EOF_STATE') return { status: 400, reason: 'the request is not complete' };
      return { status: 400, reason: 'the request is not valid HTTP/1.1' };
  }
}

/** Whether the piece at which the parser gave up is the first line of a request and does not end. */
function isLongTarget(packet: Buffer | undefined): boolean {
  return packet !== undefined && !packet.includes(10) && /^[A-Z]+ \S+$/.test(packet.toString('latin1', 0, 256));
}

/** A whole answer that closes the connection. */
export function refusalText({ status, reason }: Refusal): string {
  const body = `${status} ${node.http.STATUS_CODES[status] ?? ''}: ${reason}\n`;
  return [
    `HTTP/1.1 ${status} ${node.http.STATUS_CODES[status] ?? 'Refused'}`,
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
