/**
 * Whether bytes that come in pieces are UTF-8, told at the first byte that cannot be: what the Unicode Standard's
 * table 3-7 says, so no surrogates, no overlong forms, nothing above U+10FFFF.
 */

/** Between two characters. */
export const WHOLE = 0;
export const NO_UTF8 = -1;

/** How many bytes are missing, and between which two values the next one has to be. */
function expecting(missing: number, low: number, high: number): number {
  return (missing << 16) | (low << 8) | high;
}

const ANY_ONE = expecting(1, 0x80, 0xbf);
const ANY_TWO = expecting(2, 0x80, 0xbf);
const ANY_THREE = expecting(3, 0x80, 0xbf);

function afterLead(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return NO_UTF8;
  if (lead < 0xe0) return ANY_ONE;
  if (lead === 0xe0) return expecting(2, 0xa0, 0xbf);
  if (lead === 0xed) return expecting(2, 0x80, 0x9f);
  if (lead < 0xf0) return ANY_TWO;
  if (lead === 0xf0) return expecting(3, 0x90, 0xbf);
  return lead === 0xf4 ? expecting(3, 0x80, 0x8f) : ANY_THREE;
}

/**
 * The state after these bytes: `WHOLE`, `NO_UTF8`, or another number where they end inside of a character. `state` is
 * that after the bytes before them.
 */
export function scanUtf8(state: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (state === WHOLE) {
      if (byte < 0x80) continue;
      state = afterLead(byte);
      if (state === NO_UTF8) return NO_UTF8;
    } else {
      if (byte < ((state >> 8) & 0xff) || byte > (state & 0xff)) return NO_UTF8;
      const missing = (state >> 16) - 1;
      state = missing === 0 ? WHOLE : expecting(missing, 0x80, 0xbf);
    }
  }
  return state;
}
