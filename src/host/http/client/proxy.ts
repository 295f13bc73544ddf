/**
 * Proxies: which one a request goes through, and the tunnel through one (CONNECT, RFC 9110, section 9.3.6). The
 * environment names them as for other programs: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, in either case.
 */
import type * as Net from 'node:net';
import { contains, parseIp, parseNetwork } from '../../../wire/ip-address';
import { familyOf, formatAddress } from '../../net/address';
import { encode } from '../../text';
import { placeOf } from './place';
import type { Place } from './place';

export interface ProxyPlace {
  readonly place: Place;
  /** The Proxy-Authorization field. */
  readonly authorization: string | null;
}

export function proxyOf(builtin: string, url: string): ProxyPlace {
  const place = placeOf(builtin, url.includes('://') ? url : `http://${url}`);
  const authorization =
    place.user === '' ? null : `Basic ${encode(`${place.user}:${place.password}`).toString('base64')}`;
  return { place, authorization };
}

function variable(name: string): string {
  // HTTP_PROXY in capitals may come from a header of a request (CGI): there the other spelling counts.
  const capitals =
    name === 'http_proxy' && process.env['REQUEST_METHOD'] !== undefined ? undefined : process.env[name.toUpperCase()];
  return process.env[name] ?? capitals ?? '';
}

interface Surroundings {
  readonly http: string;
  readonly https: string;
  readonly except: string;
}

/** Read once: asking the environment takes longer than all the rest of choosing a proxy. */
let surroundings: Surroundings | null = null;

/** For tests that change the environment. */
export function readProxiesAnew(): void {
  surroundings = null;
}

/** What the environment names for this place; null for none. */
export function proxyFromEnvironment(builtin: string, place: Place): ProxyPlace | null {
  surroundings ??= {
    http: variable('http_proxy') || variable('all_proxy'),
    https: variable('https_proxy') || variable('all_proxy'),
    except: variable('no_proxy'),
  };
  const url = place.secure ? surroundings.https : surroundings.http;
  return url === '' || isExcepted(surroundings.except, place) ? null : proxyOf(builtin, url);
}

/** NO_PROXY: names with all below them, addresses, networks ("10.0.0.0/8"), each with a port or without, or "*". */
function isExcepted(list: string, place: Place): boolean {
  return list.split(/[\s,]+/).some((each) => each === '*' || (each !== '' && isMeant(each, place)));
}

function isMeant(entry: string, { host, port }: Place): boolean {
  const address = parseIp(host);
  if (entry.includes('/')) {
    const network = parseNetwork(entry);
    return address !== null && network !== null && contains(network, address.bytes);
  }
  const [, bracketed, name = bracketed ?? entry, at] =
    familyOf(entry) === 6 ? [] : (/^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []);
  if (at !== undefined && Number(at) !== port) return false;
  const meant = parseIp(name);
  if (meant !== null) return address !== null && Buffer.compare(meant.bytes, address.bytes) === 0;
  const domain = name.toLowerCase().replace(/^\*?\./, '');
  return host === domain || (address === null && host.endsWith(`.${domain}`));
}

const MAX_HEAD = 16 * 1024;

/** Asks a proxy for a tunnel on a connected socket; `done` gets null, or what went wrong in words. */
export function openTunnel(
  socket: Net.Socket,
  { host, port }: Place,
  { authorization }: ProxyPlace,
  done: (problem: string | null) => void,
): void {
  const target = formatAddress(host, port);
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`];
  if (authorization !== null) lines.push(`Proxy-Authorization: ${authorization}`);
  let head = Buffer.alloc(0);
  const over = (problem: string | null): void => {
    socket.off('data', read).off('end', ended).off('error', failed);
    socket.pause();
    done(problem);
  };
  const ended = (): void => over('the proxy closed the connection');
  const failed = (error: Error): void => over(`the connection to the proxy failed: ${error.message}`);
  const read = (piece: Buffer): void => {
    head = Buffer.concat([head, piece]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (head.length > MAX_HEAD) over('the proxy answers with something else than HTTP');
      return;
    }
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 64))?.[1];
    if (status === undefined) over('the proxy answers with something else than HTTP');
    else if (!status.startsWith('2')) over(`the proxy refuses the connection with status ${status}`);
    // The other side of a TLS connection never speaks first.
    else if (head.length > end + 4) over('the proxy sends data before the handshake');
    else over(null);
  };
  socket.on('data', read).on('end', ended).on('error', failed);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
