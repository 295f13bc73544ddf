/** Why a WebSocket connection ends: the codes of RFC 6455, section 7.4, and of IANA's registry. */

const MEANINGS: Readonly<Record<number, string>> = {
  1000: 'normal end',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'a kind of data that is not accepted',
  1005: 'closed without a code',
  1006: 'the connection broke off without a closing handshake',
  1007: 'text that is no UTF-8',
  1008: 'against the rules of the other side',
  1009: 'message too large',
  1010: 'a needed extension is missing',
  1011: 'failure on the other side',
  1012: 'the server starts again',
  1013: 'try again later',
  1014: 'bad answer from behind the server',
};

export const NORMAL = 1000;
export const GOING_AWAY = 1001;
export const PROTOCOL_ERROR = 1002;
export const NO_STATUS = 1005;
export const ABNORMAL = 1006;
export const NO_TEXT = 1007;
export const TOO_LARGE = 1009;
export const FAILED = 1011;
export const TRY_AGAIN_LATER = 1013;

/** Longest reason, in bytes of UTF-8: a control frame carries 125 and the code takes two (section 5.5). */
export const MAX_REASON_BYTES = 123;

/** May be sent in a close frame (section 7.4.2 and the registry): not those that only say what happened. */
export function maySendCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== NO_STATUS && code !== ABNORMAL) ||
    (code >= 3000 && code <= 4999)
  );
}

/** What a close frame carries (section 5.5.1); `NO_STATUS` for nothing. */
export function closePayload(code: number, reason: string): Buffer {
  if (code === NO_STATUS) return Buffer.alloc(0);
  const text = Buffer.from(reason);
  const bytes = Buffer.allocUnsafe(2 + text.length);
  bytes.writeUInt16BE(code, 0);
  bytes.set(text, 2);
  return bytes;
}

/** "1001, going away" */
export function describeCode(code: number): string {
  const meaning = MEANINGS[code];
  return meaning === undefined ? String(code) : `${code}, ${meaning}`;
}
