/** Errors about a text that a program has given to be read: they say where in the text. */
import { positionAt } from '../../diagnostics/lines';
import { fault } from '../../runtime/errors';
import type { ErrorValue } from '../../runtime/errors';

/** The fields of such errors, for the reference. */
export const PLACE_FIELDS = 'The error has the place as text_line and text_column, counted from 1.';

/** `offset` is in UTF-16 units. The message says line and column, and so do the error's fields. */
export function failureAt(
  code: string,
  builtin: string,
  text: string,
  offset: number,
  message: string,
  hint?: string,
): ErrorValue {
  const { line, column } = positionAt({ name: '', text }, Math.min(offset, text.length));
  return fault(code, `${builtin}: line ${line}, column ${column}: ${message}`, {
    function: builtin,
    fields: { text_line: line, text_column: column },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** How a message names what stands at a place: its character, or the end of the text. */
export function characterAt(text: string, offset: number): string {
  if (offset >= text.length) return 'the end of the text';
  const point = text.codePointAt(offset)!;
  if (point === 10 || point === 13) return 'the end of the line';
  if (point === 9) return 'a tab';
  if (point === 39) return 'a single quote';
  if (point >= 0xdc80 && point <= 0xdcff) return `the byte 0x${(point & 0xff).toString(16)}, which is no UTF-8`;
  if (
    point < 32 ||
    (point >= 0x7f && point < 0xa1) ||
    (point >= 0xd800 && point <= 0xdfff) ||
    /[\p{Z}\p{Cf}]/u.test(String.fromCodePoint(point))
  ) {
    return point === 32 ? 'a space' : `the character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return `'${String.fromCodePoint(point)}'`;
}
