/**
 * The first packets of QUIC connections (RFC 9000, RFC 9001 section 5; version 2: RFC 9369): encrypted with keys that
 * follow from what they show, so that whoever sees them can read them. The ciphers themselves come from outside.
 *
 * Always: whatever the bytes are, nothing throws; what cannot be opened is null.
 */
import { ascii, ByteWriter } from '../bytes';

/** What is needed of cryptography. */
export interface QuicCrypto {
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** One block of 16 bytes with AES-128-ECB. */
  aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** AES-128-GCM with the tag of 16 bytes at the end; null where it does not fit. */
  openGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, additional: Uint8Array): Uint8Array | null;
}

/** Of one direction. */
export interface InitialKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly headerKey: Uint8Array;
}

/** An Initial packet in a datagram. */
export interface InitialPacket {
  readonly version: number;
  readonly destination: Uint8Array;
  readonly start: number;
  /** Where the packet number stands, and where the packet ends. */
  readonly numberAt: number;
  readonly end: number;
}

export const VERSION_2 = 0x6b3343cf;
const MAX_ID = 20;
const TAG = 16;
const SAMPLE_AT = 4;

const bytesOf = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length / 2 }, (_none, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
const SALT_1 = bytesOf('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
const SALT_2 = bytesOf('0dede3def700a6db819381be6e269dcbf9bd2ed9');
const SALT_DRAFT_22 = bytesOf('7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a');
const SALT_DRAFT_29 = bytesOf('afbfec289993d24c9e9786f19c6111e04390a899');
const SALT_DRAFT_23 = bytesOf('c3eef712c72ebb5a11a7d2432bb46365bef9f502');

/** Null for versions whose salt is not known. */
function saltOf(version: number): Uint8Array | null {
  if (version === 1) return SALT_1;
  if (version === VERSION_2) return SALT_2;
  const draft = draftOf(version);
  if (draft >= 33) return SALT_1;
  if (draft >= 29) return SALT_DRAFT_29;
  if (draft >= 23) return SALT_DRAFT_23;
  return draft === 22 ? SALT_DRAFT_22 : null;
}

/** The draft of the standard that a version follows; 0 for none. Facebook had numbers of its own. */
function draftOf(version: number): number {
  if (version >>> 8 === 0xff0000) return version & 0xff;
  if (version === 0xfaceb001) return 22;
  if (version === 0xfaceb002 || version === 0xfaceb00e) return 27;
  // Reserved ones do not tell; those who sent them followed the last drafts.
  return isReserved(version) ? 29 : 0;
}

/** Versions that are spoken, or were while the standard was made; also those that ask for a negotiation. */
export function isVersion(version: number): boolean {
  return (
    version === 1 ||
    version === VERSION_2 ||
    version >>> 8 === 0xff0000 ||
    // Google's T05x and Q05x, Facebook's, and the reserved ones (RFC 9000, section 15).
    version >>> 8 === 0x543035 ||
    version >>> 8 === 0x513035 ||
    version >>> 4 === 0xfaceb00 ||
    isReserved(version)
  );
}

function isReserved(version: number): boolean {
  return (version & 0x0f0f0f0f) === 0x0a0a0a0a;
}

/** The keys of client and server, from the connection id that the client's first packet goes to. */
export function initialKeys(
  crypto: QuicCrypto,
  version: number,
  id: Uint8Array,
): { readonly client: InitialKeys; readonly server: InitialKeys } | null {
  const salt = saltOf(version);
  if (salt === null) return null;
  const secret = crypto.hmacSha256(salt, id);
  const prefix = version === VERSION_2 ? 'quicv2' : 'quic';
  const of = (side: string): InitialKeys => {
    const own = expand(crypto, secret, side, 32);
    return {
      key: expand(crypto, own, `${prefix} key`, 16),
      iv: expand(crypto, own, `${prefix} iv`, 12),
      headerKey: expand(crypto, own, `${prefix} hp`, 16),
    };
  };
  return { client: of('client in'), server: of('server in') };
}

/** HKDF-Expand-Label (RFC 8446, section 7.1) for at most 32 bytes. */
function expand(crypto: QuicCrypto, secret: Uint8Array, label: string, length: number): Uint8Array {
  const full = ascii(`tls13 ${label}`);
  const info = new ByteWriter(64).u16(length).u8(full.length).put(full).u8(0).u8(1).done();
  return new Uint8Array(crypto.hmacSha256(secret, info).subarray(0, length));
}

/** The Initial packet that begins at `start`, or null; `next` is where the one after a long header begins. */
export function longHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly initial: InitialPacket | null; readonly next: number } | null {
  if (end - start < 7 || (bytes[start]! & 0xc0) !== 0xc0) return null;
  const version = ((bytes[start + 1]! << 24) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 8) | bytes[start + 4]!) >>> 0; // prettier-ignore
  const type = (bytes[start]! >> 4) & 3;
  const isVersion2 = version === VERSION_2;
  // Version 2 counts the types from one further (RFC 9369, section 3.2): Initial, 0-RTT, Handshake, Retry.
  const kind = isVersion2 ? (type + 3) & 3 : type;
  if (kind === 3) return null;
  let at = start + 5;
  const destinationLength = bytes[at++]!;
  if (destinationLength > MAX_ID || at + destinationLength >= end) return null;
  const destination = new Uint8Array(bytes.subarray(at, at + destinationLength));
  at += destinationLength;
  const sourceLength = bytes[at++]!;
  at += sourceLength;
  if (sourceLength > MAX_ID || at >= end) return null;
  if (kind === 0) {
    const token = variable(bytes, at, end);
    if (token === null) return null;
    at = token.next + token.value;
  }
  const length = variable(bytes, at, end);
  if (length === null || length.next + length.value > end) return null;
  const next = length.next + length.value;
  if (kind !== 0 || length.value < SAMPLE_AT + TAG) return { initial: null, next };
  return { initial: { version, destination, start, numberAt: length.next, end: next }, next };
}

/** RFC 9000, section 16. */
export function variable(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly next: number } | null {
  if (at >= end) return null;
  const length = 1 << (bytes[at]! >> 6);
  if (at + length > end) return null;
  let value = bytes[at]! & 0x3f;
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!;
  return value > Number.MAX_SAFE_INTEGER ? null : { value, next: at + length };
}

/** The frames in an Initial packet; null where these are not its keys. */
export function openInitial(
  crypto: QuicCrypto,
  keys: InitialKeys,
  bytes: Uint8Array,
  { start, numberAt, end }: InitialPacket,
): Uint8Array | null {
  const sampleAt = numberAt + SAMPLE_AT;
  if (sampleAt + 16 > end) return null;
  const mask = crypto.aesBlock(keys.headerKey, bytes.subarray(sampleAt, sampleAt + 16));
  const first = bytes[start]! ^ (mask[0]! & 0x0f);
  const numberLength = (first & 3) + 1;
  // Copies, also of what shares its memory when it is sliced.
  const header = new Uint8Array(bytes.subarray(start, numberAt + numberLength));
  header[0] = first;
  const nonce = new Uint8Array(keys.iv);
  for (let i = 0; i < numberLength; i++) {
    const byte = bytes[numberAt + i]! ^ mask[1 + i]!;
    header[numberAt - start + i] = byte;
    // Numbers of the first packets have no more bytes than are sent.
    nonce[12 - numberLength + i]! ^= byte;
  }
  const sealed = bytes.subarray(numberAt + numberLength, end);
  return sealed.length < TAG ? null : crypto.openGcm(keys.key, nonce, sealed, header);
}
