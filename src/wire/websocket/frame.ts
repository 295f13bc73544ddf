/**
 * A WebSocket frame as bytes (RFC 6455, section 5.2): what stands before the payload, and the masking of what a
 * client sends. Always whole messages: fragments are made by nobody here.
 */

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

/** Masks bytes in place (RFC 6455, section 5.3). */
export function applyMask(bytes: Uint8Array, mask: Uint8Array): void {
  const [a, b, c, d] = [mask[0]!, mask[1]!, mask[2]!, mask[3]!];
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    bytes[i]! ^= a;
    bytes[i + 1]! ^= b;
    bytes[i + 2]! ^= c;
    bytes[i + 3]! ^= d;
  }
  for (let i = whole; i < bytes.length; i++) bytes[i]! ^= mask[i & 3]!;
}
