/** What a program sends as a body: text, bytes, JSON, a form, or parts of which some are files. */
import { fault } from '../../../runtime/errors';
import { describe } from '../../../runtime/describe-value';
import { MapValue, str } from '../../../runtime/values';
import type { Value } from '../../../runtime/values';
import { closingDelimiter, mayBeBoundary, partHead } from '../../../wire/http/multipart';
import { node } from '../../node';
import { opening } from '../../events';
import type { Opening } from '../../events';
import { atOnce, reportedAs } from '../../permissions';
import { reportReading } from '../../reported';
import { bytesOf, encode } from '../../text';
import { jsonText } from '../json-text';
import { encodeFields } from './place';
import type { RequestBody } from './request';

const JSON_TYPE = 'application/json';
/** Longer text is not looked at whether it is JSON. */
const MAX_LOOKED_AT = 10 * 1024 * 1024;

/** Null for no body. */
export function bodyOf(builtin: string, value: Value): RequestBody | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    const content = encode(value);
    return { content, length: content.length, type: isJson(value) ? JSON_TYPE : 'text/plain; charset=utf-8' };
  }
  if (Array.isArray(value) || value instanceof MapValue) {
    const content = encode(jsonText.write(value));
    return { content, length: content.length, type: JSON_TYPE };
  }
  throw fault('ETYPE', `${builtin}: body must be a string, a map or an array, got ${describe(value)}`, {
    function: builtin,
  });
}

function isJson(text: string): boolean {
  if (text.length > MAX_LOOKED_AT || !/^\s*[[{"\-\dtfn]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function formBody(form: MapValue): RequestBody {
  const content = encode(encodeFields(form));
  return { content, length: content.length, type: 'application/x-www-form-urlencoded' };
}

/** One part: its head and its content, or the file that holds it. */
interface Part {
  readonly head: Buffer;
  readonly content: Buffer | SentFile;
}

/** Its bytes are read when the body is sent, again for each attempt. */
interface SentFile {
  readonly path: string;
  readonly size: number;
  readonly by: Opening;
}

/** Parts by name (RFC 7578): a string, or a map of file, data, filename and type; an array for several of a name. */
export function multipartBody(builtin: string, parts: MapValue): RequestBody {
  const all = parts
    .entries()
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => ({ name, value: each })));
  const boundary = newBoundary(all.map(({ value }) => value));
  const made = all.map(({ name, value }) => partOf(builtin, boundary, name, value));
  const end = encode(closingDelimiter(boundary));
  const length = made.reduce(
    (sum, { head, content }) => sum + head.length + (Buffer.isBuffer(content) ? content.length : content.size) + 2,
    end.length,
  );
  const type = `multipart/form-data; boundary=${boundary}`;
  const stream = async function* (): AsyncGenerator<Buffer> {
    for (const { head, content } of made) {
      yield head;
      if (Buffer.isBuffer(content)) yield content;
      else yield* fileContent(builtin, content);
      yield CRLF;
    }
    yield end;
  };
  return { content: stream, length, type };
}

const CRLF = Buffer.from('\r\n');

/** Exactly as many bytes as were announced, or an error. */
async function* fileContent(builtin: string, { path, size, by }: SentFile): AsyncGenerator<Buffer> {
  let sent = 0;
  const stream = node.fs.createReadStream(path, size === 0 ? { end: 0 } : { end: size - 1 });
  reportReading(stream, reportedAs(builtin, 'read', path, by));
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      sent += piece.length;
      yield piece;
    }
  } catch (error) {
    throw bodyFailure(`${path} could not be read while it was sent: ${(error as Error).message}`);
  }
  if (sent !== size) throw bodyFailure(`${builtin}: ${path} changed while it was sent`);
}

function bodyFailure(message: string): Error {
  return Object.assign(new Error(message), { code: 'EREQUESTBODY' });
}

function newBoundary(values: readonly Value[]): string {
  for (;;) {
    const boundary = `sentra-${node.crypto.randomBytes(16).toString('hex')}`;
    if (values.every((value) => mayBeBoundary(boundary, typeof value === 'string' ? value : ''))) return boundary;
  }
}

const KEYS = ['file', 'data', 'filename', 'type'];

function partOf(builtin: string, boundary: string, name: string, value: Value): Part {
  if (!(value instanceof MapValue)) {
    if (value === null || typeof value === 'object' || typeof value === 'function')
      throw badPart(builtin, name, describe(value));
    return { head: encode(partHead({ boundary, name, filename: null, type: null })), content: encode(str(value)) };
  }
  const unknown = value.keys().find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw badPart(builtin, name, `the unknown entry ${describe(unknown)}`);
  const text = (key: string): string | null => {
    const given = value.get(key) ?? null;
    if (given !== null && (typeof given !== 'string' || /[\r\n\0]/.test(given))) {
      throw badPart(builtin, name, `${describe(given)} as its ${key}`);
    }
    return given;
  };
  const path = text('file');
  const data = value.get('data') ?? null;
  if ((path === null) === (data === null))
    throw badPart(builtin, name, path === null ? 'neither file nor data' : 'both file and data');
  const filename = text('filename') ?? (path === null ? null : node.path.basename(path));
  const type = text('type') ?? (filename === null ? null : 'application/octet-stream');
  const head = encode(partHead({ boundary, name, filename, type }));
  if (path === null) {
    const bytes = typeof data === 'string' || Array.isArray(data) ? bytesOf(data as string | number[]) : null;
    if (bytes === null) throw badPart(builtin, name, `${describe(data)} as its data`);
    return { head, content: bytes };
  }
  return { head, content: { path, size: sizeOf(builtin, path), by: opening() } };
}

function sizeOf(builtin: string, path: string): number {
  const look = (): number => {
    const stat = node.fs.statSync(path);
    if (stat.isFile()) return stat.size;
    throw Object.assign(new Error('it is no file'), { code: stat.isDirectory() ? 'EISDIR' : 'EINVAL' });
  };
  return atOnce(builtin, 'read', path, look, ({ code = 'EIO', message }) => {
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : message;
    return fault(code, `${builtin}: cannot read ${path}: ${why} (${code})`, { function: builtin, fields: { path } });
  });
}

function badPart(builtin: string, name: string, got: string): unknown {
  return fault(
    'ETYPE',
    `${builtin}: the part ${describe(name)} of option "multipart" must be a string or a map of file or data, filename and type, got ${got}`,
    { function: builtin },
  );
}
