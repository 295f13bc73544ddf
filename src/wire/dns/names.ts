/**
 * Names in DNS messages (RFC 1035, section 4.1.4) and as text: labels between dots, without the final dot; the
 * root is ".". A byte that is no printable ASCII, a dot or a backslash inside a label is written `\DDD` or `\.`
 * as in zone files, so the text is always printable ASCII and stands for exactly one name.
 */
import type { ByteReader, ByteWriter } from '../bytes';
import { WireError } from '../bytes';

const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
/** Where a compressed name can point to: 14 bits. */
const MAX_POINTER = 0x3fff;

/** Reads a name at the reader's place. A pointer has to lead further back than all before it, so there are no loops. */
export function readName(reader: ByteReader): string {
  const { bytes } = reader;
  const labels: string[] = [];
  let length = 1;
  let at = reader.at;
  let end = reader.end;
  let after = -1;
  let lowest = reader.at;
  for (;;) {
    if (at >= end) throw new WireError('a name ends too early', at);
    const size = bytes[at]!;
    if (size === 0) {
      reader.at = after >= 0 ? after : at + 1;
      return labels.length === 0 ? '.' : labels.join('.');
    }
    if ((size & 0xc0) === 0xc0) {
      if (at + 1 >= end) throw new WireError('a name ends too early', at);
      const target = ((size & 0x3f) << 8) | bytes[at + 1]!;
      if (target >= lowest) throw new WireError('a compressed name does not point back', at);
      if (after < 0) after = at + 2;
      lowest = target;
      at = target;
      // What it points to may lie outside of the record, yet not of the message.
      end = bytes.length;
      continue;
    }
    if ((size & 0xc0) !== 0) throw new WireError('a label of an unknown kind', at);
    length += size + 1;
    if (length > MAX_NAME_BYTES) throw new WireError('a name is longer than 255 bytes', at);
    if (at + 1 + size > end) throw new WireError('a name ends too early', at);
    labels.push(labelText(bytes, at + 1, at + 1 + size));
    at += size + 1;
  }
}

function labelText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x2e || byte === 0x5c) text += '\\' + String.fromCharCode(byte);
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += '\\' + String(byte).padStart(3, '0');
  }
  return text;
}

/** The labels of a name as text; null for what is none: an empty or too long label, a bad escape, a byte above ASCII. */
export function parseName(text: string): Uint8Array[] | null {
  if (text === '' || text === '.') return [];
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  let length = 1;
  const close = (): boolean => {
    if (label.length === 0 || label.length > MAX_LABEL_BYTES) return false;
    length += label.length + 1;
    labels.push(Uint8Array.from(label));
    label = [];
    return length <= MAX_NAME_BYTES;
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7e) return null;
    if (unit === 0x2e) {
      if (!close()) return null;
    } else if (unit === 0x5c) {
      const digits = /^\d{3}/.exec(text.slice(i + 1, i + 4))?.[0];
      if (digits !== undefined) {
        if (Number(digits) > 255) return null;
        label.push(Number(digits));
        i += 3;
      } else {
        if (i + 1 >= text.length || text.charCodeAt(i + 1) > 0x7e) return null;
        label.push(text.charCodeAt(++i));
      }
    } else label.push(unit);
  }
  // A dot at the end stands for the root and adds no label.
  return text.endsWith('.') && label.length === 0 ? labels : close() ? labels : null;
}

/** Names that were written before, by their text in lower case, and where. */
export type Written = Map<string, number>;

/** Writes a name; with `written` the end of a name that stands there already is pointed to. Throws for what is no name. */
export function writeName(writer: ByteWriter, text: string, written: Written | null = null): void {
  const labels = parseName(text);
  if (labels === null) throw new WireError(`"${text}" is no name`, writer.length);
  for (let i = 0; i < labels.length; i++) {
    if (written === null) {
      writer.u8(labels[i]!.length).put(labels[i]!);
      continue;
    }
    const key = labels.slice(i).map(keyOf).join('.');
    const before = written.get(key);
    if (before !== undefined) {
      writer.u16(0xc000 | before);
      return;
    }
    if (writer.length <= MAX_POINTER) written.set(key, writer.length);
    writer.u8(labels[i]!.length).put(labels[i]!);
  }
  writer.u8(0);
}

/** Names are compared without regard to the case of ASCII letters. */
function keyOf(label: Uint8Array): string {
  return labelText(label, 0, label.length).toLowerCase();
}

/** Whether two names in text form are the same (RFC 4343). */
export function sameName(a: string, b: string): boolean {
  if (a === b) return true;
  const bare = (text: string): string =>
    text !== '.' && text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text;
  return bare(a).toLowerCase() === bare(b).toLowerCase();
}
