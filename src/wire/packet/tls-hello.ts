/**
 * The hellos that begin a TLS connection (RFC 8446, section 4.1; RFC 5246): versions, the server's name, ALPN, and
 * the fingerprint JA4 of a client. Decoding never throws; null for what is no hello.
 */
import { ascii, ByteReader, hex, latin1, WireError } from '../bytes';
import { sha256 } from './sha256';

export interface ClientHello {
  /** The highest version that it takes, as on the wire: 0x0304. */
  readonly version: number;
  /** Empty where it names none. */
  readonly serverName: string;
  readonly alpn: readonly string[];
  readonly ciphers: readonly number[];
  readonly extensions: readonly number[];
  readonly ja4: string;
}

export interface ServerHello {
  /** The version that both will speak. */
  readonly version: number;
  readonly cipher: number;
  readonly alpn: string;
}

const SERVER_NAME = 0;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/** "TLS 1.3" for 0x0304. */
export function versionName(version: number): string {
  if (version === 0x0300) return 'SSL 3.0';
  if (version > 0x0300 && version <= 0x0304) return `TLS 1.${(version & 0xff) - 1}`;
  if (version === 0xfeff) return 'DTLS 1.0';
  if (version === 0xfefd) return 'DTLS 1.2';
  return `0x${version.toString(16).padStart(4, '0')}`;
}

/** Values that are there to keep servers tolerant (RFC 8701). */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

/** The body of a ClientHello, without the header of the handshake message. `transport`: "t" for TCP, "q" for QUIC. */
export function decodeClientHello(body: Uint8Array, transport: 't' | 'q' = 't'): ClientHello | null {
  try {
    return readClientHello(new ByteReader(body), transport);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function readClientHello(reader: ByteReader, transport: 't' | 'q'): ClientHello {
  const legacy = reader.u16();
  reader.take(32);
  reader.take(reader.u8());
  const ciphers = u16s(reader.take(reader.u16())).filter((cipher) => !isGrease(cipher));
  reader.take(reader.u8());
  const extensions: number[] = [];
  let version = legacy;
  let serverName = '';
  let hasName = false;
  let alpn: string[] = [];
  let signatures: number[] = [];
  const list = reader.left >= 2 ? new ByteReader(reader.take(reader.u16())) : new ByteReader(new Uint8Array(0));
  while (list.left > 0) {
    const type = list.u16();
    const data = new ByteReader(list.take(list.u16()));
    if (isGrease(type)) continue;
    extensions.push(type);
    switch (type) {
      case SERVER_NAME:
        hasName = true;
        if (data.left >= 5) {
          data.take(3);
          serverName = latin1(data.take(data.u16()));
        }
        break;
      case ALPN:
        alpn = names(data);
        break;
      case SIGNATURE_ALGORITHMS:
        signatures = u16s(data.take(data.u16())).filter((each) => !isGrease(each));
        break;
      case SUPPORTED_VERSIONS:
        version = Math.max(0, ...u16s(data.take(data.u8())).filter((each) => !isGrease(each)));
        break;
      default:
    }
  }
  const start = ja4Start({
    transport,
    version,
    hasName,
    ciphers: ciphers.length,
    extensions: extensions.length,
    alpn: alpn[0] ?? '',
  });
  return {
    version,
    serverName,
    alpn,
    ciphers,
    extensions,
    ja4: `${start}_${hashOf(ciphers)}_${ja4Extensions(extensions, signatures)}`,
  };
}

function names(data: ByteReader): string[] {
  const found: string[] = [];
  const list = new ByteReader(data.take(data.u16()));
  while (list.left > 0) found.push(latin1(list.take(list.u8())));
  return found;
}

function u16s(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) found.push((bytes[i]! << 8) | bytes[i + 1]!);
  return found;
}

const VERSIONS: Readonly<Record<number, string>> = { 0x0304: '13', 0x0303: '12', 0x0302: '11', 0x0301: '10', 0x0300: 's3', 0x0002: 's2' }; // prettier-ignore

interface Ja4Parts {
  readonly transport: 't' | 'q';
  readonly version: number;
  readonly hasName: boolean;
  readonly ciphers: number;
  readonly extensions: number;
  readonly alpn: string;
}

/** The first of JA4's three parts, as its specification says (github.com/FoxIO-LLC/ja4). */
function ja4Start({ transport, version, hasName, ciphers, extensions, alpn }: Ja4Parts): string {
  const two = (count: number): string => String(Math.min(count, 99)).padStart(2, '0');
  return `${transport}${VERSIONS[version] ?? '00'}${hasName ? 'd' : 'i'}${two(ciphers)}${two(extensions)}${alpnEnds(alpn)}`;
}

function alpnEnds(alpn: string): string {
  if (alpn === '') return '00';
  const first = alpn[0]!;
  const last = alpn.at(-1)!;
  if (/[0-9A-Za-z]/.test(first) && /[0-9A-Za-z]/.test(last)) return first + last;
  const digits = hex(ascii(alpn));
  return digits[0]! + digits.at(-1)!;
}

const four = (value: number): string => value.toString(16).padStart(4, '0');

function hashOf(values: readonly number[], more = ''): string {
  if (values.length === 0 && more === '') return '000000000000';
  return sha256(ascii(values.map(four).sort().join(',') + more)).slice(0, 12);
}

function ja4Extensions(extensions: readonly number[], signatures: readonly number[]): string {
  const hashed = extensions.filter((type) => type !== SERVER_NAME && type !== ALPN);
  if (extensions.length === 0) return '000000000000';
  return hashOf(hashed, signatures.length === 0 ? '' : `_${signatures.map(four).join(',')}`);
}

/** The body of a ServerHello. */
export function decodeServerHello(body: Uint8Array): ServerHello | null {
  try {
    const reader = new ByteReader(body);
    let version = reader.u16();
    reader.take(32);
    reader.take(reader.u8());
    const cipher = reader.u16();
    reader.u8();
    let alpn = '';
    const list = reader.left >= 2 ? new ByteReader(reader.take(reader.u16())) : new ByteReader(new Uint8Array(0));
    while (list.left > 0) {
      const type = list.u16();
      const data = new ByteReader(list.take(list.u16()));
      if (type === SUPPORTED_VERSIONS && data.left >= 2) version = data.u16();
      if (type === ALPN) alpn = names(data)[0] ?? '';
    }
    return { version, cipher, alpn };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** What a TLS stream says in its handshake before it is encrypted: the hello, from whole records. */
export interface Hello {
  readonly client: ClientHello | null;
  readonly server: ServerHello | null;
}

const HANDSHAKE = 22;
const MAX_HELLO = 65536;

/** The hello at the beginning of a stream of records. "more" while it is not whole; null for what is none. */
export function helloOf(bytes: Uint8Array, start = 0, end = bytes.length): Hello | 'more' | null {
  const handshake: number[] = [];
  let at = start;
  for (;;) {
    if (handshake.length >= 4) {
      const type = handshake[0]!;
      const length = (handshake[1]! << 16) | (handshake[2]! << 8) | handshake[3]!;
      if ((type !== 1 && type !== 2) || length > MAX_HELLO) return null;
      if (handshake.length >= 4 + length) {
        const body = Uint8Array.from(handshake.slice(4, 4 + length));
        return type === 1
          ? { client: decodeClientHello(body), server: null }
          : { client: null, server: decodeServerHello(body) };
      }
    }
    if (at + 5 > end) return 'more';
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (bytes[at] !== HANDSHAKE || bytes[at + 1] !== 3 || length === 0 || length > 18432) return null;
    const from = at + 5;
    const to = Math.min(from + length, end);
    for (let i = from; i < to; i++) handshake.push(bytes[i]!);
    at = from + length;
    if (at > end) {
      // The record is not whole; perhaps the hello in it is.
      if (
        handshake.length >= 4 &&
        handshake.length >= 4 + ((handshake[1]! << 16) | (handshake[2]! << 8) | handshake[3]!)
      )
        continue;
      return 'more';
    }
  }
}
