/**
 * Files of a directory under a prefix of the path. What is asked for is taken apart before any file is looked at:
 * a name that begins with a dot, a backslash, a NUL or a way up is never one of its files. That no link leads out
 * of it is looked at when the file is sent.
 */
import type * as Http from 'node:http';
import { node } from '../../node';
import type { Match } from './routes';
import { response } from './response-map';
import type { ResponseMap } from './response-map';

const INDEX = 'index.html';
const NOT_FOUND = '404 Not Found\n';

export class StaticFolder {
  constructor(
    /** Absolute. */
    readonly directory: string,
  ) {}

  /** The answer to a request whose path the prefix matches. */
  find(match: Match, _req: Http.IncomingMessage): ResponseMap {
    const rest = match.params?.['*'] ?? '';
    const parts = rest.split('/');
    const last = parts.pop()!;
    if (!parts.every(isPlainName) || !(last === '' || isPlainName(last))) return response(404, NOT_FOUND);
    const path = node.path.join(this.directory, ...parts, last === '' ? INDEX : last);
    return response(200, null, [], { path, root: this.directory, by: null });
  }
}

function isPlainName(part: string): boolean {
  // eslint-disable-next-line no-control-regex -- no control character has a place in a file's name
  return part !== '' && !part.startsWith('.') && !/[\\\x00-\x1f\x7f]/.test(part);
}
