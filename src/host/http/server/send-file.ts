/**
 * A file as an answer: type by extension, ETag and Last-Modified with 304, ranges with 206 and 416, HEAD. The
 * library `send` does that; here a compressed form beside it (`.br`, `.gz`) is taken for who can read it, and a link
 * that leads out of the directory is refused. Memory is constant, whatever the size.
 */
import type * as Fs from 'node:fs';
import type * as Http from 'node:http';
import type * as MimeTypes from 'mime-types';
import type Send from 'send';
import { listElements } from '../../../wire/http/header-text';
import { node } from '../../node';
import { reportedAs } from '../../permissions';
import { reportReading } from '../../reported';
import type { Reported } from '../../reported';
import type { Exchange } from './exchange';
import { answerFailure } from './answer-failure';
import type { FileBody } from './response-map';
import { asksPlainly, smallFile } from './small-files';

/** What was found out about a path is taken to be so for this long. */
const KNOWN_MS = 1000;
const MAX_KNOWN = 2000;

interface Known {
  readonly until: number;
  /** It is where it may be. */
  readonly inside: boolean;
  readonly codings: readonly ('br' | 'gzip')[];
}

const known = new Map<string, Known>();
const EXTENSIONS = { br: '.br', gzip: '.gz' } as const;

let load: typeof Send | null = null;

function send(req: Http.IncomingMessage, path: string, options: Send.SendOptions): Send.SendStream {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the first file that is sent
  load ??= require('send') as typeof Send;
  return load(req, path, options);
}

export function sendFile(exchange: Exchange, status: number, fields: readonly string[], file: FileBody): void {
  const { path, root } = file;
  if (root === null) {
    transmit(exchange, status, fields, file, path, null);
    return;
  }
  const seen = known.get(path);
  if (seen !== undefined && seen.until > performance.now()) begin(exchange, status, fields, file, seen);
  else {
    lookAt(path, root, (found) => {
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(path, found);
      begin(exchange, status, fields, file, found);
    });
  }
}

/** Permission was asked for when the program named the file or its directory. */
function reading(exchange: Exchange, { root, by }: FileBody, path: string): Reported {
  const builtin = root === null ? 'http_stream_file' : 'http_server_static';
  return reportedAs(builtin, 'read', path, by ?? exchange.server.opened);
}

function begin(exchange: Exchange, status: number, fields: readonly string[], file: FileBody, found: Known): void {
  const { path } = file;
  if (exchange.gone) {
    exchange.ended();
    return;
  }
  if (!found.inside) {
    answerFailure(exchange, 404);
    exchange.ended();
    return;
  }
  if (found.codings.length === 0) {
    if (status === 200 && fields.length === 0 && asksPlainly(exchange.req)) {
      const seen = (): Reported => reading(exchange, file, path);
      smallFile(path, typeOf, seen, (small) => {
        if (exchange.gone) exchange.ended();
        else if (small === null) transmit(exchange, status, fields, file, path, null);
        else answerSmall(exchange, small.fields, small.content);
      });
    } else {
      transmit(exchange, status, fields, file, path, null);
    }
    return;
  }
  exchange.res.setHeader('Vary', 'Accept-Encoding');
  const coding = found.codings.find((each) => accepts(exchange.req, each)) ?? null;
  transmit(exchange, status, fields, file, coding === null ? path : path + EXTENSIONS[coding], coding);
}

function answerSmall(exchange: Exchange, fields: readonly string[], content: Buffer): void {
  const { req, res } = exchange;
  exchange.bodyBytes = content.length;
  res.writeHead(200, [...fields, ...exchange.ownFields(), 'Content-Length', String(content.length)]);
  if (req.method === 'HEAD') res.end();
  else res.end(content);
  exchange.ended();
}

/** Whether a coding is acceptable (RFC 9110, section 12.5.3). */
function accepts(req: Http.IncomingMessage, coding: string): boolean {
  const field = req.headers['accept-encoding'];
  if (typeof field !== 'string') return false;
  return listElements(field).some((element) => {
    const [name, ...parameters] = element.split(';').map((each) => each.trim());
    return name === coding && !parameters.some((each) => /^q=0(\.0{0,3})?$/.test(each));
  });
}

/** Follows all links of the path and of the compressed forms beside it. */
function lookAt(path: string, root: string, done: (found: Known) => void): void {
  const isInside = (real: string, realRoot: string): boolean =>
    real === realRoot || real.startsWith(realRoot.endsWith(node.path.sep) ? realRoot : realRoot + node.path.sep);
  node.fs.realpath.native(root, (noRoot, realRoot) => {
    const look = (each: string): Promise<boolean> =>
      new Promise((resolve) => {
        if (noRoot !== null) resolve(false);
        else node.fs.realpath.native(each, (error, real) => resolve(error === null && isInside(real, realRoot)));
      });
    void Promise.all([look(path), look(path + EXTENSIONS.br), look(path + EXTENSIONS.gzip)]).then(
      ([inside, br, gzip]) => {
        const codings = [...(br ? (['br'] as const) : []), ...(gzip ? (['gzip'] as const) : [])];
        done({ until: performance.now() + KNOWN_MS, inside, codings: inside ? codings : [] });
      },
    );
  });
}

function transmit(
  exchange: Exchange,
  status: number,
  fields: readonly string[],
  file: FileBody,
  actual: string,
  coding: string | null,
): void {
  const { req, res } = exchange;
  res.once('close', () => {
    exchange.bodyBytes = Number(res.getHeader('Content-Length') ?? 0);
    exchange.ended();
  });
  res.statusCode = status;
  for (let i = 0; i < fields.length; i += 2) res.appendHeader(fields[i]!, fields[i + 1]!);
  const own = exchange.ownFields();
  for (let i = 0; i < own.length; i += 2) res.appendHeader(own[i]!, own[i + 1]!);
  if (coding !== null) {
    res.setHeader('Content-Encoding', coding);
    if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', typeOf(file.path));
  }
  const name = '/' + encodeURIComponent(node.path.basename(actual));
  send(req, name, { root: node.path.dirname(actual), dotfiles: 'allow', index: false })
    .on('error', (error: Error & { status?: number }) => answerFailure(exchange, error.status ?? 500))
    .on('stream', (content: Fs.ReadStream) => reportReading(content, reading(exchange, file, actual)))
    .on('directory', () => redirectToFolder(exchange))
    .pipe(res);
}

function typeOf(path: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
  const mime = require('mime-types') as typeof MimeTypes;
  return mime.contentType(node.path.extname(path)) || 'application/octet-stream';
}

/** The path with a slash at its end; never "//host", which would be another host. */
function redirectToFolder(exchange: Exchange): void {
  const target = exchange.req.url!;
  if (!target.startsWith('/')) {
    answerFailure(exchange, 404);
    return;
  }
  const [path, query] = splitTarget(target);
  const location = `/${path.replace(/^\/+/, '')}/${query}`;
  answerFailure(exchange, 301, ['Location', location]);
}

function splitTarget(target: string): [path: string, query: string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at)];
}
