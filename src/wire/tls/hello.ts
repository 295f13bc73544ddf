/**
 * The greeting of TLS up to version 1.2 (RFC 5246, section 7.4.1), as far as it takes to learn what a server takes:
 * a client's greeting with any version and suites, also those that no library of today offers any more.
 */
import { ascii, ByteReader, ByteWriter, WireError } from '../bytes';

export type OldVersion = 'SSLv3' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2';

const NUMBERS: Readonly<Record<OldVersion, number>> = {
  SSLv3: 0x0300,
  TLSv1: 0x0301,
  'TLSv1.1': 0x0302,
  'TLSv1.2': 0x0303,
};

/** Suites that nobody should take any more, by number: no encryption, no authentication, export, RC4, DES, 3DES... */
export const WEAK_SUITES: ReadonlyMap<number, string> = new Map([
  [0x0001, 'TLS_RSA_WITH_NULL_MD5'],
  [0x0002, 'TLS_RSA_WITH_NULL_SHA'],
  [0x003b, 'TLS_RSA_WITH_NULL_SHA256'],
  [0xc010, 'TLS_ECDHE_RSA_WITH_NULL_SHA'],
  [0xc006, 'TLS_ECDHE_ECDSA_WITH_NULL_SHA'],
  [0x0034, 'TLS_DH_anon_WITH_AES_128_CBC_SHA'],
  [0x003a, 'TLS_DH_anon_WITH_AES_256_CBC_SHA'],
  [0x006c, 'TLS_DH_anon_WITH_AES_128_CBC_SHA256'],
  [0x00a6, 'TLS_DH_anon_WITH_AES_128_GCM_SHA256'],
  [0x00a7, 'TLS_DH_anon_WITH_AES_256_GCM_SHA384'],
  [0xc018, 'TLS_ECDH_anon_WITH_AES_128_CBC_SHA'],
  [0xc019, 'TLS_ECDH_anon_WITH_AES_256_CBC_SHA'],
  [0x0003, 'TLS_RSA_EXPORT_WITH_RC4_40_MD5'],
  [0x0008, 'TLS_RSA_EXPORT_WITH_DES40_CBC_SHA'],
  [0x0014, 'TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA'],
  [0x0004, 'TLS_RSA_WITH_RC4_128_MD5'],
  [0x0005, 'TLS_RSA_WITH_RC4_128_SHA'],
  [0xc011, 'TLS_ECDHE_RSA_WITH_RC4_128_SHA'],
  [0xc007, 'TLS_ECDHE_ECDSA_WITH_RC4_128_SHA'],
  [0x0007, 'TLS_RSA_WITH_IDEA_CBC_SHA'],
  [0x0009, 'TLS_RSA_WITH_DES_CBC_SHA'],
  [0x0015, 'TLS_DHE_RSA_WITH_DES_CBC_SHA'],
  [0x000a, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0x0016, 'TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0xc012, 'TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA'],
  [0xc008, 'TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA'],
  [0x0096, 'TLS_RSA_WITH_SEED_CBC_SHA'],
]);

/** What servers may have in common with a client, the usual suites of all these versions first. */
export const ALL_SUITES: readonly number[] = [
  0xc02f, 0xc030, 0xc02b, 0xc02c, 0xcca8, 0xcca9, 0x009e, 0x009f, 0xccaa, 0xc027, 0xc028, 0xc023, 0xc024, 0xc013, 0xc014,
  0xc009, 0xc00a, 0x0033, 0x0039, 0x0067, 0x006b, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x0041, 0x0084, 0x0032, 0x0038,
  ...WEAK_SUITES.keys(),
]; // prettier-ignore

const HANDSHAKE = 22;
const ALERT = 21;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019];
const SIGNATURES = [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203];

/** A record with a client's greeting. `random`: 32 bytes; `name`: the host, null for an address. */
export function clientHello(
  version: OldVersion,
  suites: readonly number[],
  name: string | null,
  random: Uint8Array,
): Uint8Array {
  const number = NUMBERS[version];
  const writer = new ByteWriter().u8(HANDSHAKE).u16(Math.min(number, 0x0301)).u16(0).u8(CLIENT_HELLO).u24(0);
  writer.u16(number).put(random).u8(0);
  writer.u16(suites.length * 2);
  for (const suite of suites) writer.u16(suite);
  writer.u8(1).u8(0);
  if (version !== 'SSLv3') writeExtensions(writer, version, name);
  const bytes = writer.length;
  writer.setU16(3, bytes - 5);
  writer.setU24(6, bytes - 9);
  return writer.done();
}

function writeExtensions(writer: ByteWriter, version: OldVersion, name: string | null): void {
  const start = writer.u16(0).length;
  if (name !== null) {
    writer.u16(0).u16(name.length + 5).u16(name.length + 3).u8(0).u16(name.length).put(ascii(name)); // prettier-ignore
  }
  writer.u16(10).u16(GROUPS.length * 2 + 2).u16(GROUPS.length * 2); // prettier-ignore
  for (const group of GROUPS) writer.u16(group);
  writer.u16(11).u16(2).u8(1).u8(0);
  if (version === 'TLSv1.2') {
    writer.u16(13).u16(SIGNATURES.length * 2 + 2).u16(SIGNATURES.length * 2); // prettier-ignore
    for (const signature of SIGNATURES) writer.u16(signature);
  }
  writer.setU16(start - 2, writer.length - start);
}

export interface ServerHello {
  readonly version: OldVersion | null;
  readonly suite: number;
}

/** What a server greets with; 'refused' for an alert and for what is no TLS, 'more' while it is not all there. */
export function readServerHello(bytes: Uint8Array): ServerHello | 'refused' | 'more' {
  const reader = new ByteReader(bytes);
  try {
    const kind = reader.u8();
    const major = reader.u8();
    if (kind === ALERT || kind !== HANDSHAKE || major !== 3) return 'refused';
    reader.u8();
    const record = reader.u16();
    const message = new ByteReader(bytes, reader.at, Math.min(bytes.length, reader.at + record));
    if (message.u8() !== SERVER_HELLO) return 'refused';
    message.take(3);
    const version = message.u16();
    message.take(32);
    message.take(message.u8());
    const suite = message.u16();
    const name = (Object.keys(NUMBERS) as OldVersion[]).find((each) => NUMBERS[each] === version) ?? null;
    return { version: name, suite };
  } catch (error) {
    if (error instanceof WireError) return 'more';
    throw error;
  }
}
