/**
 * A WebSocket frame as bytes (RFC 6455, section 5.2): what stands before the payload, and the masking of what a
 * client sends. Always whole messages: fragments are made by nobody here.
 */

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** Set on the first frame of a message that permessage-deflate compressed (RFC 7692, section 7.2.3.1). */
const RSV1 = 0x40;
const FIN = 0x80;
const MASKED = 0x80;
export const MASK_BYTES = 4;

/** How many bytes stand before a payload of `length` bytes. */
export function headerLength(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 65536 ? 4 : 10) + (masked ? MASK_BYTES : 0);
}

/** Writes the header of a frame at the start of `target`; the four bytes of the mask, if any, are its last ones. */
export function writeHeader(
  target: Uint8Array,
  opcode: number,
  length: number,
  compressed: boolean,
  mask: Uint8Array | null,
): void {
  target[0] = FIN | opcode | (compressed ? RSV1 : 0);
  const flag = mask === null ? 0 : MASKED;
  let end = 2;
  if (length < 126) {
    target[1] = flag | length;
  } else if (length < 65536) {
    target[1] = flag | 126;
    target[2] = length >>> 8;
    target[3] = length;
    end = 4;
  } else {
    target[1] = flag | 127;
    // A length beyond 2^53 does not exist here; the division keeps what 32 bits do not hold.
    let rest = length;
    for (let i = 9; i >= 2; i--) {
      target[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    end = 10;
  }
  if (mask !== null) target.set(mask, end);
}

/** From so many bytes on, four of them are masked at once. */
const WORDWISE_BYTES = 512;

/** Masks or unmasks bytes in place (RFC 6455, section 5.3). `phase`: which byte of the mask is for the first of them. */
export function applyMask(bytes: Uint8Array, mask: Uint8Array, phase = 0): void {
  let i = 0;
  if (bytes.length >= WORDWISE_BYTES) {
    for (; ((bytes.byteOffset + i) & 3) !== 0; i++) bytes[i]! ^= mask[(i + phase) & 3]!;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (bytes.length - i) >> 2);
    const four = maskWord(mask, i + phase);
    for (let w = 0; w < words.length; w++) words[w]! ^= four;
    i += 4 * words.length;
  }
  for (; i < bytes.length; i++) bytes[i]! ^= mask[(i + phase) & 3]!;
}

const word = new Int32Array(1);
const wordBytes = new Uint8Array(word.buffer);

/** The four bytes of the mask from `phase` on, as this machine has a number in memory. */
function maskWord(mask: Uint8Array, phase: number): number {
  for (let i = 0; i < 4; i++) wordBytes[i] = mask[(i + phase) & 3]!;
  return word[0]!;
}
