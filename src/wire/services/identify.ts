/** From what a port said to the service behind it, and to a text that can be shown anywhere. */
import { latin1 } from '../bytes';
import { RULES } from './rules';

export interface Identified {
  readonly service: string;
  /** The program and its version: "OpenSSH 9.2p1 Debian-2"; null where it does not say. */
  readonly version: string | null;
}

/** Bytes that rules look at. */
const MAX_LOOK = 4096;
/** Characters of a banner that are shown. */
const MAX_BANNER = 300;

/** Null where no rule knows what was said. */
export function identify(said: Uint8Array): Identified | null {
  const text = latin1(said.subarray(0, MAX_LOOK));
  for (const { service, fits, version } of RULES) {
    const found = fits.exec(text);
    if (found === null) continue;
    const words = version?.replace(/\$(\d)/g, (_all, group: string) => found[Number(group)] ?? '');
    const shown = words === undefined ? '' : printable(ascii(words)).replace(/\s+/g, ' ').trim();
    return { service, version: shown === '' ? null : shown };
  }
  return null;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A TLS record with an alert or a handshake message: what a server of TLS says to what is no TLS. */
export function isTlsRecord(said: Uint8Array): boolean {
  return said.length >= 3 && (said[0] === 0x15 || said[0] === 0x16) && said[1] === 3 && said[2]! <= 4;
}

/** A complaint of a web server that it was spoken to without TLS. */
export function wantsTls(said: Uint8Array): boolean {
  return /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled|HTTP request to an HTTPS server/i.test(
    latin1(said.subarray(0, MAX_LOOK)),
  );
}

/**
 * The bytes as text without any character that a terminal or a page would take for a command: bytes that are no
 * printable ASCII are `\n`, `\t`, `\xNN`, a backslash is doubled. Line ends at the end are left out.
 */
export function printable(said: Uint8Array): string {
  let end = said.length;
  while (end > 0 && (said[end - 1] === 0x0a || said[end - 1] === 0x0d)) end--;
  let text = '';
  for (let i = 0; i < end; i++) {
    const byte = said[i]!;
    if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else if (byte === 0x0d && said[i + 1] === 0x0a) continue;
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x09) text += '\\t';
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
    if (text.length >= MAX_BANNER) return `${text.slice(0, MAX_BANNER)}...`;
  }
  return text;
}
