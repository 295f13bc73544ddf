/**
 * Bytes in fixed layouts, in the manner of Python's module struct: a format such as "!HHI4s" says which fields
 * follow each other, how large each is, in which order its bytes stand, and (with "@") where gaps are.
 *
 * "@" means what it means to Python on a 64-bit machine with little-endian numbers, wherever this runs: a
 * program gives the same bytes everywhere.
 */

/** What a field holds. */
export type FieldKind = 'integer' | 'float' | 'boolean' | 'char' | 'bytes' | 'pascal';

export interface Field {
  /** The letter of the format. */
  readonly code: string;
  readonly kind: FieldKind;
  /** Of one value, in bytes. */
  readonly size: number;
  readonly signed: boolean;
  /** Where it begins. */
  readonly offset: number;
}

export interface Layout {
  readonly littleEndian: boolean;
  /** One for each value: those of "3H" are three, "3s" is one. Padding is none. */
  readonly fields: readonly Field[];
  /** In bytes. */
  readonly size: number;
}

/** What a format asks for and cannot have; `at` is the place in it. */
export interface FormatProblem {
  readonly problem: string;
  readonly at: number;
}

interface Code {
  readonly kind: FieldKind | 'padding';
  readonly standard: number | null;
  readonly native: number;
  readonly signed?: true;
}

const CODES: Readonly<Record<string, Code>> = {
  x: { kind: 'padding', standard: 1, native: 1 },
  c: { kind: 'char', standard: 1, native: 1 },
  b: { kind: 'integer', standard: 1, native: 1, signed: true },
  B: { kind: 'integer', standard: 1, native: 1 },
  '?': { kind: 'boolean', standard: 1, native: 1 },
  h: { kind: 'integer', standard: 2, native: 2, signed: true },
  H: { kind: 'integer', standard: 2, native: 2 },
  i: { kind: 'integer', standard: 4, native: 4, signed: true },
  I: { kind: 'integer', standard: 4, native: 4 },
  l: { kind: 'integer', standard: 4, native: 8, signed: true },
  L: { kind: 'integer', standard: 4, native: 8 },
  q: { kind: 'integer', standard: 8, native: 8, signed: true },
  Q: { kind: 'integer', standard: 8, native: 8 },
  n: { kind: 'integer', standard: null, native: 8, signed: true },
  N: { kind: 'integer', standard: null, native: 8 },
  f: { kind: 'float', standard: 4, native: 4 },
  d: { kind: 'float', standard: 8, native: 8 },
  s: { kind: 'bytes', standard: 1, native: 1 },
  p: { kind: 'pascal', standard: 1, native: 1 },
};

/** Larger layouts, and those of more values, are refused. */
const MAX_SIZE = 1 << 28;
const MAX_FIELDS = 1 << 22;

export function parseFormat(format: string): Layout | FormatProblem {
  const mark = format[0] ?? '';
  const marked = mark !== '' && '<>!=@'.includes(mark);
  const native = !marked || mark === '@';
  const fields: Field[] = [];
  let offset = 0;
  let at = marked ? 1 : 0;
  while (at < format.length) {
    const start = at;
    while (isDigit(format, at)) at++;
    const count = at === start ? 1 : Number(format.slice(start, at));
    const letter = format[at] ?? '';
    if (letter === '') return { problem: 'a count stands at its end with no letter behind it', at: start };
    if (/\s/.test(letter) && at === start) {
      at++;
      continue;
    }
    const code = Object.hasOwn(CODES, letter) ? CODES[letter]! : null;
    if (code === null) return { problem: `there is no field '${letter}'`, at };
    const size = native ? code.native : code.standard;
    if (size === null) return { problem: `'${letter}' has a size only with '@'`, at };
    if (native) offset = Math.ceil(offset / size) * size;
    if (offset + size * count > MAX_SIZE) return { problem: `it takes more than ${MAX_SIZE} bytes`, at: start };
    const { kind, signed = false } = code;
    if (kind === 'bytes' || kind === 'pascal') {
      fields.push({ code: letter, kind, size: count, signed, offset });
    } else if (kind !== 'padding') {
      if (fields.length + count > MAX_FIELDS) return { problem: `it has more than ${MAX_FIELDS} values`, at: start };
      for (let i = 0; i < count; i++) fields.push({ code: letter, kind, size, signed, offset: offset + i * size });
    }
    offset += size * count;
    at++;
  }
  return { littleEndian: mark !== '>' && mark !== '!', fields, size: offset };
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** The least and the greatest whole number of a field. */
export function rangeOf({ size, signed }: Field): readonly [bigint, bigint] {
  const bits = BigInt(8 * size);
  return signed ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** What a field of each kind takes: whole numbers in its range, of 8 bytes as bigint. */
export type Packed = number | bigint | boolean | Uint8Array;

/** Writes a value into its field. Bytes are cut or filled up with zeros. */
export function writeField(
  view: DataView,
  { offset, kind, size, signed }: Field,
  value: Packed,
  little: boolean,
): void {
  switch (kind) {
    case 'integer':
      writeInteger(view, offset, size, signed, value as number | bigint, little);
      break;
    case 'float':
      if (size === 4) view.setFloat32(offset, value as number, little);
      else view.setFloat64(offset, value as number, little);
      break;
    case 'boolean':
      view.setUint8(offset, value === true ? 1 : 0);
      break;
    case 'char':
    case 'bytes':
      bytesAt(view, offset, size).set((value as Uint8Array).subarray(0, size));
      break;
    case 'pascal': {
      if (size === 0) break;
      const bytes = (value as Uint8Array).subarray(0, Math.min(size - 1, 255));
      view.setUint8(offset, bytes.length);
      bytesAt(view, offset + 1, size - 1).set(bytes);
      break;
    }
  }
}

function bytesAt(view: DataView, offset: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, size);
}

function writeInteger(
  view: DataView,
  offset: number,
  size: number,
  signed: boolean,
  value: number | bigint,
  little: boolean,
): void {
  switch (size) {
    case 1:
      view.setUint8(offset, value as number);
      break;
    case 2:
      view.setUint16(offset, value as number, little);
      break;
    case 4:
      view.setUint32(offset, value as number, little);
      break;
    default:
      if (signed) view.setBigInt64(offset, value as bigint, little);
      else view.setBigUint64(offset, value as bigint, little);
  }
}

/** Reads a field. Integers of 8 bytes come as bigint. */
export function readField(view: DataView, { offset, kind, size, signed }: Field, little: boolean): Packed {
  switch (kind) {
    case 'integer':
      return readInteger(view, offset, size, signed, little);
    case 'float':
      return size === 4 ? view.getFloat32(offset, little) : view.getFloat64(offset, little);
    case 'boolean':
      return view.getUint8(offset) !== 0;
    case 'char':
    case 'bytes':
      return bytesAt(view, offset, size);
    case 'pascal': {
      if (size === 0) return new Uint8Array(0);
      return bytesAt(view, offset + 1, Math.min(view.getUint8(offset), size - 1));
    }
  }
}

function readInteger(view: DataView, offset: number, size: number, signed: boolean, little: boolean): number | bigint {
  switch (size) {
    case 1:
      return signed ? view.getInt8(offset) : view.getUint8(offset);
    case 2:
      return signed ? view.getInt16(offset, little) : view.getUint16(offset, little);
    case 4:
      return signed ? view.getInt32(offset, little) : view.getUint32(offset, little);
    default:
      return signed ? view.getBigInt64(offset, little) : view.getBigUint64(offset, little);
  }
}
