/** Files that hold no program at all: data, or text in an encoding that is not ours. One finding says it for all. */
import type { Diagnostic, Source } from '../diagnostics/diagnostic';

/** That much of the beginning is looked at. */
const SAMPLE = 1024;
/** Less than this may be a slip in a short text. */
const MIN_STRANGE = 16;
/** Of text in another encoding that keeps ASCII, fewer characters are strange. */
const MAX_SHARE = 0.1;

/** Bytes that are no UTF-8, and control characters that no text has. */
// eslint-disable-next-line no-control-regex -- the control characters are what is counted
const STRANGE = /[\x00-\x08\x0e-\x1f\x7f\udc80-\udcff]/g;

/** How texts in UTF-16 begin. */
const UTF16_MARKS = ['\udcff\udcfe', '\udcfe\udcff'];

export function notText(source: Source): Diagnostic | null {
  const { text } = source;
  const utf16 = UTF16_MARKS.includes(text.slice(0, 2));
  const sample = text.slice(0, SAMPLE);
  const strange = utf16 ? 0 : (sample.match(STRANGE)?.length ?? 0);
  if (!utf16 && (strange < MIN_STRANGE || strange < sample.length * MAX_SHARE)) return null;
  const start = utf16 ? 0 : sample.search(STRANGE);
  return {
    code: 'not-text',
    severity: 'error',
    message: utf16
      ? 'the text is in UTF-16; programs are in UTF-8'
      : 'this is no program: it holds data that is no text',
    source,
    span: { start, end: start + (utf16 ? 2 : 1) },
    label: utf16 ? 'the mark of UTF-16' : 'no text',
    hint: utf16 ? 'save the file again, as UTF-8' : 'a program is text in UTF-8',
  };
}
