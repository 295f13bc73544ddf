/** What was agreed on about compression, from the `Sec-WebSocket-Extensions` of the answer (RFC 7692, section 7.1). */

/** zlib's largest window, in force where the answer names none. */
const MAX_BITS = 15;

/** Bits of the window in which `side` may compress what it sends; 0 where no compression was agreed on. */
export function compressionWindow(answer: string | undefined, side: 'client' | 'server'): number {
  const [name, ...parameters] = (answer ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (name !== 'permessage-deflate') return 0;
  const prefix = `${side}_max_window_bits=`;
  const given = parameters.find((each) => each.startsWith(prefix));
  return given === undefined ? MAX_BITS : Number(given.slice(prefix.length).replaceAll('"', ''));
}
