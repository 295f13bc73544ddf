/**
 * Between texts of programs and the strings in which Node takes and gives what stands in the head of a message: a
 * character for each byte.
 */
import { decode, encode } from '../text';

// eslint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** The text of a header value, target or name that came over the wire. */
export function textOfLatin1(bytes: string): string {
  return ASCII.test(bytes) ? bytes : decode(Buffer.from(bytes, 'latin1'));
}

/** What to give to Node for a text, so that its bytes go over the wire. */
export function latin1OfText(text: string): string {
  return ASCII.test(text) ? text : encode(text).toString('latin1');
}
